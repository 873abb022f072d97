"""Freezing a period: suppressed once, for both tiers together, and never again."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from analytics.audit.chain import canonical, record
from analytics.disclosure.suppression import protect
from analytics.disclosure.tables import Counts, Key, Shown
from analytics.disclosure.tiers import PARTNER, PUBLIC
from analytics.measures.catalogue import measure_named
from analytics.models import PublishedPeriod
from analytics.police_data.importing import visible_offences
from analytics.police_data.selection import source_of
from analytics.publication.counting import TooFewVenues, counts_of
from analytics.publication.series import SERIES, Series, periods

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """A period that is not published yet, and why."""

    series: str
    first_day: date
    last_day: date
    synthetic: bool
    reason: str


def protected(counts: Counts) -> dict[str, dict[Key, Shown]]:
    """Both tiers of the same counts. Partners can read the public tables too, so theirs are made against those."""
    public = protect(counts, PUBLIC)
    partner = protect(counts, PARTNER, {key: PUBLIC.read(cell) for key, cell in public.items()})
    return {PUBLIC.name: public, PARTNER.name: partner}


def freeze_what_is_complete(*, by: str) -> tuple[list[PublishedPeriod], list[Waiting]]:
    """Publishes every complete period that is not published yet; each is one transaction with its audit row."""
    frozen, waiting = [], []
    for series in SERIES:
        for synthetic in (False, True):
            for first, last, reason in _open_periods(series, synthetic):
                done = None
                if not reason:
                    try:
                        done = _freeze(series, first, last, synthetic=synthetic, by=by)
                    except TooFewVenues as error:
                        reason = str(error)
                if done is not None:
                    frozen.append(done)
                elif reason:
                    waiting.append(Waiting(series.name, first, last, synthetic, reason))
    return frozen, waiting


def _open_periods(series: Series, synthetic: bool) -> list[tuple[date, date, str]]:
    """Periods that are not frozen, each with what it still waits for (empty: nothing)."""
    loaded = source_of(measure_named(series.measure), visible_offences()).filter(synthetic=synthetic)
    days = loaded.aggregate(first=Min("committed_on"), last=Max("committed_on"))
    if days["first"] is None:
        return []
    end = days["last"]
    if not series.by_night:  # months: the last one reaches to its end
        end = (end.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    known = set(
        PublishedPeriod.objects.filter(series=series.name, synthetic=synthetic).values_list("first_day", flat=True)
    )
    found = []
    for first, last in periods(series, days["first"], end):
        if first in known:
            continue
        reason = ""
        if last + timedelta(days=series.settles) > end:
            reason = f"late records may still come: it settles when data to {last + timedelta(days=series.settles)} are loaded"
        elif gap := _gap(series, loaded, first, last):
            reason = f"no row is loaded for {gap}"
        found.append((first, last, reason))
    return found


def _gap(series: Series, loaded: "object", first: date, last: date) -> str:
    """A week, or a month, of the period of which nothing at all is loaded."""
    days = set(loaded.filter(committed_on__range=(first, last)).values_list("committed_on", flat=True).distinct())  # type: ignore[attr-defined]
    if not series.by_night:
        months = {day.replace(day=1) for day in days}
        wanted = [day for day in _days(first, last) if day.day == 1]
        return next((f"{day:%B %Y}" for day in wanted if day not in months), "")
    weeks = {day - timedelta(days=day.weekday()) for day in days}
    wanted = [day for day in _days(first, last) if day.weekday() == 0]
    return next((f"the week of {day}" for day in wanted if day not in weeks), "")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _freeze(series: Series, first: date, last: date, *, synthetic: bool, by: str) -> PublishedPeriod | None:
    """None where somebody else froze it in the meantime."""
    measure = measure_named(series.measure)
    shown = protected(counts_of(series, first, last, synthetic=synthetic))
    cells = [
        {
            "key": list(key),
            PARTNER.name: PARTNER.text(shown[PARTNER.name][key]),
            PUBLIC.name: PUBLIC.text(shown[PUBLIC.name][key]),
        }
        for key in shown[PUBLIC.name]
    ]
    with transaction.atomic():
        made, is_new = PublishedPeriod.objects.get_or_create(
            series=series.name,
            synthetic=synthetic,
            first_day=first,
            defaults={
                "last_day": last,
                "definition": f"{measure.name} {measure.version} {measure.sha256[:16]}",
                "content": canonical({"cells": cells}),
                "frozen_at": timezone.now(),
                "frozen_by": by,
            },
        )
        if not is_new:
            return None
        record(
            "publication.period_frozen",
            by=by,
            about=f"{series.name} {first} to {last}",
            detail={"synthetic": synthetic, "definition": made.definition, "cells": len(cells)},
        )
    return made
