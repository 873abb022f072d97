"""Files on their way in: received, previewed, approved by a second person; or refused.

    received -> previewed -> approved -> loading -> loaded -> withdrawn
        |           |            |          |                    |
        +-----------+------------+----------+--> refused         +--> approved (loaded again from quarantine)

Every move is a compare-and-set on the state, in one transaction with its row in the audit log. The moves from
*approved* on are the worker's (received_loading.py) and the withdrawal's (withdrawing.py). The steps keep to ids in the
audit log: a file's name may hold anything.
"""

from pathlib import PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analytics.audit.chain import record
from analytics.models import ReceivedFile, SavedMapping
from analytics.police_data.consent import APPROVE, IMPORT, NotAgreed, may
from analytics.police_data.mapping import Mapping, built_in_mappings, mapping_named
from analytics.police_data.quarantine import Sealed, path_of, seal
from analytics.police_data.saved_mappings import as_mapping
from analytics.police_data.sources import SUFFIXES

State = ReceivedFile.State
WAITING = (State.RECEIVED, State.PREVIEWED)


class CannotReceive(ValueError):
    """What was given in lacks something; the message says what."""


class MovedOn(Exception):
    """The file is not in a state for this, or somebody was faster; the message says where it stands."""


def receive(
    given: IO[bytes] | Sealed, *, name: str, by: Any, reason: str, mapping: str | SavedMapping | None = None
) -> ReceivedFile:
    """Puts a file into quarantine. ``mapping`` is a built-in name, a saved one, or nothing for "by the header".

    Raises NotAgreed, CannotReceive and QuarantineError; then nothing is kept, nor what had been sealed before.
    """
    try:
        shown, chosen = _checked(name, by, reason), _chosen(mapping)
    except (NotAgreed, CannotReceive):
        if isinstance(given, Sealed):
            given.drop()
        raise
    sealed = given if isinstance(given, Sealed) else seal(given)
    try:
        sealed = sealed.keep()
        with transaction.atomic():
            received = ReceivedFile.objects.create(
                name=shown,
                sha256=sealed.sha256,
                size=sealed.size,
                key_id=sealed.key_id,
                stored=sealed.path.name,
                reason=reason.strip()[:300],
                uploaded_by=by,
                **chosen,
            )
            detail = {
                "sha256": sealed.sha256,
                "size": sealed.size,
                "key": sealed.key_id,
                "reason": received.reason,
            }
            _write_down("received", received, by, **detail)
    except BaseException:
        sealed.drop()
        raise
    return received


def _checked(name: str, by: Any, reason: str) -> str:
    if not may(by, IMPORT):
        raise NotAgreed(f"{by.get_username()} may not import police data (role Data importer).")
    if not reason.strip():
        raise CannotReceive("A reason is needed: why are these data loaded?")
    shown = "".join(each for each in PurePosixPath(name.replace("\\", "/")).name if each.isprintable())[-255:]
    if not shown.lower().endswith(SUFFIXES):
        raise CannotReceive("Give a .csv, .csv.gz, .xlsx or .zip file.")
    return shown


def _chosen(mapping: str | SavedMapping | None) -> dict[str, Any]:
    if isinstance(mapping, SavedMapping):
        return {"saved_mapping": mapping, "mapping_name": ""}
    if mapping and mapping not in built_in_mappings():
        raise CannotReceive(f"There is no built-in mapping {mapping!r}.")
    return {"saved_mapping": None, "mapping_name": mapping or ""}


def mapping_of(received: ReceivedFile) -> Mapping | None:
    """The mapping that was chosen; None for "by the header". Raises MappingError."""
    if received.saved_mapping is not None:
        return as_mapping(received.saved_mapping)
    return mapping_named(received.mapping_name) if received.mapping_name else None


def choose_mapping(received: ReceivedFile, *, by: Any, mapping: str | SavedMapping | None) -> ReceivedFile:
    """Another way of reading the file; what was previewed or agreed before no longer holds."""
    if not may(by, IMPORT):
        raise NotAgreed(f"{by.get_username()} may not import police data (role Data importer).")
    chosen = _chosen(mapping)
    changes = chosen | _nothing_agreed() | {"preview": {}, "open_data": None, "synthetic": None}
    name = str(mapping or "by the header")
    return _move(received, (*WAITING, State.REFUSED), State.RECEIVED, "mapping_chosen", by, changes, mapping=name)


def note_preview(
    received: ReceivedFile, *, by: Any, preview: dict[str, Any], open_data: bool | None, synthetic: bool | None
) -> ReceivedFile:
    """Keeps what a preview found: counts and shapes, never values of rows."""
    if not may(by, IMPORT):
        raise NotAgreed(f"{by.get_username()} may not import police data (role Data importer).")
    changes = {"preview": preview, "open_data": open_data, "synthetic": synthetic}
    return _move(received, WAITING, State.PREVIEWED, "previewed", by, changes)


def note_look(received: ReceivedFile, *, by: Any) -> None:
    """Somebody looked at the first rows as they are: a row of the audit log."""
    _write_down("first_rows_viewed", received, by)


def approve(received: ReceivedFile, *, by: Any) -> ReceivedFile:
    """A second person agrees; a worker may load it now. Raises NotAgreed and MovedOn."""
    if not may(by, APPROVE):
        raise NotAgreed(f"{by.get_username()} may not approve an import (role Data importer).")
    if by.pk == received.uploaded_by_id:
        raise NotAgreed("Nobody approves their own import: another person is needed.")
    changes = _ready(received) | {"approved_by": by, "approved_at": timezone.now()}
    detail = {"given_in_by": received.uploaded_by.get_username(), "reason": received.reason}
    return _move(received, (*WAITING, State.WITHDRAWN), State.APPROVED, "approved", by, changes, **detail)


def needs_second_person(received: ReceivedFile) -> bool:
    """Whether it waits for somebody else. What a preview found is believed here and checked again while loading."""
    return bool(settings.WALKAWAY_TWO_PERSON_IMPORT) and not received.open_data and not received.synthetic


def release(received: ReceivedFile, *, by: Any) -> ReceivedFile:
    """One person lets open data or a synthetic file be loaded. Raises NotAgreed where a second one is needed."""
    if not may(by, IMPORT):
        raise NotAgreed(f"{by.get_username()} may not import police data (role Data importer).")
    if needs_second_person(received):
        raise NotAgreed("These are a force's own data, as far as is known: another person must approve them.")
    changes = _ready(received) | {"approved_by": None, "approved_at": timezone.now()}
    return _move(
        received, (*WAITING, State.WITHDRAWN), State.APPROVED, "released", by, changes, reason=received.reason
    )


def refuse(received: ReceivedFile, *, by: Any, reason: str) -> ReceivedFile:
    """It will not be loaded: said by somebody who may approve, or by who gave it in. Its bytes go at once."""
    if not may(by, APPROVE) and not (by.pk == received.uploaded_by_id and may(by, IMPORT)):
        raise NotAgreed(f"{by.get_username()} may not refuse this file (role Data importer).")
    if not reason.strip():
        raise CannotReceive("A reason is needed: why is this file refused?")
    now = timezone.now()
    changes = {"refused_by": by, "error": reason.strip()[:300], "ended_at": now, "purged_at": now}
    path = path_of(received.stored)
    with transaction.atomic():
        moved = _move(
            received,
            (*WAITING, State.APPROVED),
            State.REFUSED,
            "file_refused",
            by,
            changes,
            reason=reason.strip()[:300],
        )
        path.unlink(missing_ok=True)
    return moved


def _ready(received: ReceivedFile) -> dict[str, Any]:
    """Counters of a new run. ``earlier`` are the imports of runs before it, which it does not go on from."""
    return _nothing_agreed() | {"progress": {"earlier": received.imported_files.count()}, "attempts": 0}


def _nothing_agreed() -> dict[str, Any]:
    return {
        "approved_by": None, "approved_at": None, "refused_by": None, "error": "", "ended_at": None, "progress": {},
    }  # fmt: skip


def _move(
    received: ReceivedFile,
    before: tuple[str, ...],
    after: str,
    action: str,
    by: Any,
    changes: dict[str, Any],
    **detail: Any,
) -> ReceivedFile:
    with transaction.atomic():
        found = ReceivedFile.objects.filter(
            pk=received.pk, state__in=before, purged_at__isnull=True, fence=received.fence
        )
        if not found.update(state=after, fence=received.fence + 1, **changes):
            received.refresh_from_db()
            gone = "; its bytes are deleted" if received.purged_at else ""
            raise MovedOn(
                f"{str(received).capitalize()} is at {received.get_state_display()!r} now{_whose(received)}{gone}. "
                "Nothing more was done; look at it again."
            )
        _write_down(action, received, by, **detail)
    received.refresh_from_db()
    return received


def _whose(received: ReceivedFile) -> str:
    """Who brought it where it stands, where that was a person's decision."""
    who = {State.APPROVED: received.approved_by, State.REFUSED: received.refused_by}.get(State(received.state))
    return f", by {who.get_username()}" if who else ""


def _write_down(action: str, received: ReceivedFile, by: Any, **detail: Any) -> None:
    record(f"police.{action}", by=by.get_username(), about=str(received), detail=detail)
