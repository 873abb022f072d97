"""Listens to the register and to check-ins, so that a change after outcomes were loaded is written down by itself.

The campaign knows nothing of this. Rows that are written in bulk send no signal: importers say what they did, and
the snapshots (snapshots.py) find the rest.
"""

from datetime import datetime
from typing import Any

from django.db.models.signals import post_delete, post_save, pre_save
from django.utils import timezone

from analytics import nights
from analytics.models import ImportedFile
from analytics.reach.corrections import FOR_EVER, nights_of_check_in, note
from analytics.reach.snapshots import take_for_file
from campaign_pages import activity

VENUE_FIELDS = ("kind", "capacity", "open_nights", "opened_on", "closed_on")
BEFORE = "_reach_before"
EDITED = "venue register"


def connect() -> None:
    """Called once, when the app is ready."""
    models = activity.watched_models()
    for name, facts in (("check_in", _check_in), ("venue", _venue), ("place", _place)):
        model = models[name]
        key = f"analytics.reach.{name}"
        pre_save.connect(_remember(facts), sender=model, weak=False, dispatch_uid=f"{key}.before")
        post_save.connect(_RECEIVERS[name], sender=model, weak=False, dispatch_uid=f"{key}.after")
    post_delete.connect(
        _check_in_deleted, sender=models["check_in"], dispatch_uid="analytics.reach.check_in.deleted"
    )
    post_save.connect(_outcomes, sender=ImportedFile, dispatch_uid="analytics.reach.outcomes")


def _remember(facts: Any) -> Any:
    def before(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
        old = None if raw or instance._state.adding else sender.objects.filter(pk=instance.pk).first()
        setattr(instance, BEFORE, facts(old) if old is not None else None)

    return before


def _check_in(instance: Any) -> dict[str, Any]:
    return {
        "state": instance.state,
        "place": instance.place.code if instance.place_id else None,
        "asset": instance.asset,
        "count": instance.count,
        "at": instance.at.isoformat(),
        "source": instance.source,
    }


def _venue(instance: Any) -> dict[str, Any]:
    return {name: _plain(getattr(instance, name)) for name in VENUE_FIELDS}


def _place(instance: Any) -> dict[str, Any]:
    return {"code": instance.code, "zone": instance.zone}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, str)) else str(value)


def _check_in_saved(instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if raw:
        return
    before, after = getattr(instance, BEFORE, None), _check_in(instance)
    _note_check_in("reach.check_in_added" if created else "reach.check_in_changed", instance, before, after)


def _check_in_deleted(instance: Any, **kwargs: Any) -> None:
    _note_check_in("reach.check_in_deleted", instance, _check_in(instance), None)


def _note_check_in(action: str, instance: Any, before: Any, after: Any) -> None:
    if instance.state == "more" and (before is None or before["state"] == "more"):
        return  # an order; nothing that hangs changed
    today = nights.night_of(timezone.now())
    spans = [
        nights_of_check_in(nights.night_of(datetime.fromisoformat(each["at"])), each["state"], today)
        for each in (before, after)
        if each is not None
    ]
    first, last = min(each[0] for each in spans), max(each[1] for each in spans)
    # Who edits the register is in its own history; a tap on a sticker is nobody in particular.
    by = f"check-in by {instance.get_source_display().lower()}" if before is None else EDITED
    note(action, by=by, venue=instance.venue.code, first=first, last=last, before=before, after=after)


def _venue_saved(instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        action = "reach.venue_added" if created else "reach.venue_changed"
        _note_for_ever(action, instance.code, getattr(instance, BEFORE, None), _venue(instance))


def _place_saved(instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    before = getattr(instance, BEFORE, None)
    if not raw and before is not None:  # a new place changes nothing until something is reported there
        _note_for_ever("reach.place_changed", instance.venue.code, before, _place(instance))


def _note_for_ever(action: str, venue: str, before: Any, after: Any) -> None:
    note(action, by=EDITED, venue=venue, first=FOR_EVER[0], last=FOR_EVER[1], before=before, after=after)


def _outcomes(instance: ImportedFile, **kwargs: Any) -> None:
    take_for_file(instance)


_RECEIVERS = {"check_in": _check_in_saved, "venue": _venue_saved, "place": _place_saved}
