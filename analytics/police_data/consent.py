"""On whose word police files are loaded: one person asks, another agrees, and both are written down.

With ``WALKAWAY_TWO_PERSON_IMPORT`` nothing of a force's own data becomes visible without two people. Open data and
synthetic files need one. What a file is, is decided from its rows and from mappings that somebody reviewed: a mapping
that only calls itself open, or its rows synthetic, counts for nothing here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from analytics.models import SavedMapping
from analytics.police_data.mapping import Mapping, built_in_mappings
from analytics.police_data.reading import Reading
from analytics.police_data.sources import UnreadableFile

TWO_PEOPLE = "these are a force's own data, and two people are needed to load them"
IMPORT, APPROVE = "analytics.import_police_data", "analytics.approve_police_import"


class NotAgreed(Exception):
    """The people named may not do this, or not together; the message says which rule."""


def _nothing() -> None:
    pass


def _no_rows(count: int) -> None:
    pass


@dataclass(frozen=True)
class Order:
    """Who imports, why, and who agreed.

    ``received`` is the ReceivedFile that is read, if it is one. ``hold`` is called in the transaction that writes a
    file's record and raises where somebody else has taken over; ``rows`` hears how many rows of the file were read.
    """

    by: str = ""
    reason: str = ""
    second: str = ""
    received: Any = None
    hold: Callable[[], None] = _nothing
    rows: Callable[[int], None] = _no_rows

    @property
    def words(self) -> dict[str, str]:
        """For the audit log."""
        return {key: value for key in ("reason", "second") if (value := getattr(self, key))}


def may(person: Any, permission: str) -> bool:
    return bool(person.is_active and person.has_perm(permission))


def agreed(*, by: Any, second: Any, reason: str) -> Order:
    """The order of two people. Raises NotAgreed naming what is missing."""
    if not reason.strip():
        raise NotAgreed("A reason is needed: why are these data loaded?")
    if by.pk == second.pk:
        raise NotAgreed("Two different people are needed: nobody approves their own import.")
    if not may(by, IMPORT):
        raise NotAgreed(f"{by.get_username()} may not import police data (role Data importer).")
    if not may(second, APPROVE):
        raise NotAgreed(f"{second.get_username()} may not approve an import (role Data importer).")
    return Order(by=by.get_username(), second=second.get_username(), reason=reason.strip()[:300])


def is_open(mapping: Mapping) -> bool:
    """Whether the mapping is one for open data that somebody reviewed: built in, or saved and checked."""
    if not mapping.open_data:
        return False
    built_in = {each.sha256 for each in built_in_mappings().values()}
    return (
        mapping.sha256 in built_in
        or SavedMapping.objects.filter(sha256=mapping.sha256).exclude(checker="").exists()
    )


def is_synthetic(mapping: Mapping, reading: Reading) -> bool:
    """Whether every row that was read is marked synthetic by the file itself, not by the mapping."""
    good = reading.rows_read - reading.rejected
    return bool(good) and reading.synthetic == good and not mapping.gives("synthetic")


def check_two_people(mapping: Mapping, reading: Reading, order: Order) -> None:
    """Refuses force data that only one person stands for. Raises UnreadableFile, before anything is visible."""
    if not settings.WALKAWAY_TWO_PERSON_IMPORT or (order.by and order.second):
        return
    if not is_open(mapping) and not is_synthetic(mapping, reading):
        raise UnreadableFile(
            f"{TWO_PEOPLE}: one gives the file in with a reason, another approves it. Nothing was loaded"
        )
