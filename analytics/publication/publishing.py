"""Taking a copy of the published tables: freeze what is complete, mark the copy, write it into the audit log."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from analytics.audit.chain import record
from analytics.models import PublishedPeriod
from analytics.publication.freezing import Waiting, freeze_what_is_complete
from analytics.publication.tables import TableFile, mark_of, published_files


@dataclass(frozen=True)
class Publication:
    """One copy. ``copy`` is the number of its row in the audit log, and part of its watermark."""

    tier: str
    copy: int
    files: list[TableFile]
    frozen: list[PublishedPeriod]
    waiting: list[Waiting]

    @property
    def synthetic(self) -> bool:
        return any(each.synthetic for each in self.files)

    def as_json(self) -> dict[str, Any]:
        return {
            "tier": self.tier,
            "copy": self.copy,
            "synthetic": self.synthetic,
            "files": [
                {"path": each.name, "rows": each.rows, "sha256": each.sha256, "synthetic": each.synthetic}
                for each in self.files
            ],
            "periods_frozen": [
                {"series": each.series, "from": str(each.first_day), "to": str(each.last_day)}
                for each in self.frozen
            ],
            "waiting": [
                {
                    "series": each.series,
                    "from": str(each.first_day),
                    "to": str(each.last_day),
                    "reason": each.reason,
                }
                for each in self.waiting
            ],
        }


def publish(tier: str, *, by: str) -> Publication:
    """Freezes every complete period, then takes a copy. Raises LookupError for a tier that is not passed on."""
    frozen, waiting = freeze_what_is_complete(by=by)
    copy, files = take_copy(tier, by=by)
    return Publication(tier, copy, files, frozen, waiting)


def take_copy(tier: str, *, by: str) -> tuple[int, list[TableFile]]:
    """(audit number, files) of what is frozen already; who took it stands in every row and in the audit log."""
    with transaction.atomic():
        row = record("publication.copy_taken", by=by, about=f"{tier} tier")
        return row.number, published_files(tier, copy=mark_of(tier, by=by, at=row.at, number=row.number))
