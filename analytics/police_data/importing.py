"""Importing police files: the one code path of the command, the admin screen and the demo.

Each file is one transaction: it is all there or not at all, and a killed run leaves nothing half-loaded.
Running it again takes up where it stopped, since files that are in count as duplicates.
Always: rows_read = loaded + duplicates + rejected.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from analytics.audit.chain import record as write_down
from analytics.disclosure.tiers import PARTNER
from analytics.models import ImportedFile, Offence
from analytics.police_data.boundaries import box_of, ground_of
from analytics.police_data.cell_text import shape_of
from analytics.police_data.consent import Order, check_two_people
from analytics.police_data.mapping import HeaderError, Mapping, detect_mapping, mapping_named
from analytics.police_data.reading import Batch, FileReader, Reading
from analytics.police_data.rejects import RejectsFile
from analytics.police_data.rows import RowReader
from analytics.police_data.sources import Rows, Source, UnreadableFile, find_sources, printable
from analytics.police_data.staging import (
    MergeResult,
    Staging,
    one_importer_at_a_time,
    staging_tables,
)
from analytics.police_data.street_months import write_notes

COMMAND_LINE = "command line"  # in the audit log, where nobody was named


class ImportStopped(Exception):
    """The database or the disk gave up: nothing of this file was loaded, and running again takes it up."""


@dataclass
class FileReport:
    """What became of one file. ``error`` is set when it was refused: then nothing of it was loaded."""

    name: str
    sha256: str = ""
    format: str = ""
    rows_read: int = 0
    loaded: int = 0
    corrected: int = 0
    replaced: int = 0
    duplicates: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    duplicate_reasons: dict[str, int] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rejects_file: str | None = None
    synthetic: bool = False
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass
class ImportReport:
    files: list[FileReport] = field(default_factory=list)

    def total(self, name: str) -> int:
        return sum(getattr(each, name) for each in self.files)

    @property
    def refused(self) -> list[FileReport]:
        return [each for each in self.files if each.error]

    def as_json(self) -> dict[str, Any]:
        sums = {name: self.total(name) for name in ("rows_read", "loaded", "duplicates", "rejected")}
        return {"files": [each.as_json() for each in self.files], **sums}


def _pepper() -> bytes:
    pepper = settings.WALKAWAY_REFERENCE_PEPPER
    if not pepper:
        raise UnreadableFile(
            "WALKAWAY_REFERENCE_PEPPER is not set: crime references cannot be protected without it"
        )
    return str(pepper).encode()


def _check_reading(reading: Reading) -> None:
    """What refuses the whole file after it was read. Raises UnreadableFile."""
    good = reading.rows_read - reading.rejected
    if reading.synthetic and reading.synthetic != good:
        raise UnreadableFile(
            f"{reading.synthetic} of {good} rows are synthetic: synthetic and real rows never share a file"
        )
    wrong = {code: n for code, n in reading.reasons.items() if not code.startswith("skipped_by_mapping")}
    if reading.rows_read and wrong and not good:
        raise UnreadableFile(
            f"no row could be read; {reading.first_refusal} ({sum(wrong.values())} rows like this)"
        )


def _named(key: str, count: int) -> str:
    """A value that the mapping lacks; only its shape where few rows have it, as it may be somebody's name."""
    field_name, _, value = key.partition(": ")
    return (
        f"{field_name} of shape {shape_of(value)!r} ({count})" if PARTNER.is_small(count) else f"{key!r} ({count})"
    )


def _notes(mapping: Mapping, reader: RowReader, reading: Reading) -> list[str]:
    notes = list(reader.notes)
    if not mapping.gives("crime_reference") and reading.rows_read:
        notes.append("there is no crime reference: rows seen before are found by their content only")
    if reader.unknown_values:
        worst = sorted(reader.unknown_values.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
        notes.append("values to add to the mapping: " + "; ".join(_named(key, n) for key, n in worst))
    if reading.timed and not reading.open_data and not reading.venue_list:
        notes.append(
            "no venue is registered yet, so no offence was matched to one; register the venues, withdraw this file and "
            "import it again"
        )
    if reader.own_location_types:
        notes.append(
            f"types of location stay in the source's own words ({len(reader.own_location_types)} of them are none of ours); "
            "[values.location_type] of the mapping says what they mean, and measures of dwellings need it"
        )
    heaped = reading.clock["0000"] + reading.clock["0001"]
    if reading.clock["night"] >= 50 and heaped > 0.1 * reading.clock["night"]:
        notes.append(
            f"{heaped} of {reading.clock['night']} night-time rows stand at exactly 00:00 or 00:01: the source may "
            "use midnight for an unknown time"
        )
    return notes


def _import_file(
    source: Source, mapping: Mapping | None, order: Order, today: date, digest: tuple[str, int]
) -> FileReport:
    report = FileReport(name=source.name)
    report.sha256, size = digest
    rejects = RejectsFile(source.name)
    try:
        lines = Rows(
            source,
            size=size,
            encoding=mapping.encoding if mapping else "",
            header_row=mapping.header_row if mapping else 1,
        )
        iterator = iter(lines)
        _, header = next(iterator, (0, []))
        if not header:
            raise UnreadableFile("the file is empty; there is not even a header")
        mapping = mapping or detect_mapping(header)
        report.format = mapping.name
        ground = ground_of(mapping)
        reader = RowReader(mapping, header, pepper=_pepper(), today=today, box=box_of(mapping, ground))
        file = FileReader(reader, rejects, ground)
        with staging_tables(file.narrow) as staging:
            staging.fill(_told(file.batches(iterator), file.reading, order))
            _check_reading(file.reading)
            check_two_people(mapping, file.reading, order)
            staging.rank()
            reader.notes += lines.notes
            _finish(source, staging, file, report, size=size, order=order)
    except HeaderError as error:
        raise UnreadableFile(f"header: {error}") from None
    finally:
        rejects.drop()
    return report


def _told(batches: Iterable[Batch], reading: Reading, order: Order) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        order.rows(reading.rows_read)


def _finish(
    source: Source, staging: Staging, file: FileReader, report: FileReport, *, size: int, order: Order
) -> None:
    """The one transaction of a file: its rows and its record appear together."""
    reader, reading, rejects = file.reader, file.reading, file.rejects
    mapping = reader.mapping
    force = reading.forces.most_common(1)[0][0] if reading.forces else mapping.force
    record = ImportedFile(
        name=source.name[:255],
        sha256=report.sha256,
        size=size,
        format=mapping.name[:80],
        mapping_hash=mapping.sha256,
        force=force,
        by=order.by,
        received=order.received,
        issue=source.issue,
        rows_read=reading.rows_read,
        synthetic=reading.synthetic > 0,
        timed=reading.timed,
        notes=[*_notes(mapping, reader, reading), *file.ground.notes(reading.flags)],
        first_day=reading.days[0] if reading.days[1] else None,
        last_day=reading.days[1] or None,
    )
    with one_importer_at_a_time():
        before = _loaded_before(report.sha256, mapping.sha256)
        if before is not None:
            record.state, record.duplicates = ImportedFile.State.REPEATED, reading.rows_read
            record.duplicate_reasons = {"same_file": reading.rows_read} if reading.rows_read else {}
        else:
            record.state = ImportedFile.State.LOADED
            record.rejected, record.reasons = reading.rejected, dict(sorted(reading.reasons.items()))
            record.flags = dict(sorted(reading.flags.items()))
            record.duplicates = reading.rows_read - reading.rejected  # until the merge has counted
            record.save()
            _count(record, staging.merge(record, any_flags=bool(reading.flags)))
            if reading.rejected:
                record.rejects_file = rejects.keep(f"{report.sha256[:12]}-{record.pk}")
        _keep(record, order)
    for name in (
        "rows_read",
        "loaded",
        "corrected",
        "replaced",
        "duplicates",
        "rejected",
        "reasons",
        "duplicate_reasons",
    ):
        setattr(report, name, getattr(record, name))
    report.flags, report.notes, report.synthetic = record.flags, record.notes, record.synthetic
    if record.rejects_file:
        report.rejects_file = str(Path(settings.VAR_DIR) / "private" / record.rejects_file)


def _keep(record: ImportedFile, order: Order) -> None:
    """Saves a file's record and what the audit log says of it, in one transaction, which this ends."""
    with transaction.atomic():
        order.hold()
        record.save()
        write_down(
            f"police.{record.state}",
            by=order.by or COMMAND_LINE,
            about=f"file {record.pk}",
            detail={
                "rows_read": record.rows_read, "loaded": record.loaded, "duplicates": record.duplicates,
                "rejected": record.rejected, "mapping": record.format, "synthetic": record.synthetic, **order.words,
                **({"replaced": record.replaced} if record.replaced else {}),
                **({"received": record.received_id} if record.received_id else {}),
            },
        )  # fmt: skip


def _count(record: ImportedFile, merged: MergeResult) -> None:
    record.loaded, record.corrected, record.flagged = merged.loaded, merged.corrected, merged.flagged
    record.duplicate_reasons = merged.duplicates
    record.duplicates = sum(merged.duplicates.values())
    write_notes(record, merged.months)


def _loaded_before(sha256: str, mapping_hash: str) -> ImportedFile | None:
    return ImportedFile.objects.filter(
        sha256=sha256, mapping_hash=mapping_hash, state=ImportedFile.State.LOADED
    ).first()


def _repeated(source: Source, before: ImportedFile, sha256: str, order: Order) -> FileReport:
    """The same bytes under the same mapping again: every row is a duplicate and nothing is read twice."""
    rows = before.rows_read
    record = ImportedFile(
        name=source.name[:255],
        sha256=sha256,
        size=before.size,
        format=before.format,
        mapping_hash=before.mapping_hash,
        force=before.force,
        state=ImportedFile.State.REPEATED,
        rows_read=rows,
        duplicates=rows,
        duplicate_reasons={"same_file": rows} if rows else {},
        synthetic=before.synthetic,
        timed=before.timed,
        first_day=before.first_day,
        last_day=before.last_day,
        by=order.by,
        received=order.received,
    )
    _keep(record, order)
    return FileReport(
        name=source.name,
        sha256=sha256,
        format=before.format,
        rows_read=rows,
        duplicates=rows,
        duplicate_reasons={"same_file": rows} if rows else {},
        synthetic=before.synthetic,
    )


def _known_already(
    source: Source, mapping: Mapping | None, order: Order, digest: tuple[str, int]
) -> FileReport | None:
    sha256, size = digest
    candidates = ImportedFile.objects.filter(sha256=sha256, state=ImportedFile.State.LOADED)
    if not candidates:
        return None
    if mapping is None:
        iterator = iter(Rows(source, size=size))
        mapping = detect_mapping(next(iterator, (0, []))[1])
    before = candidates.filter(mapping_hash=mapping.sha256).first()
    return _repeated(source, before, sha256, order) if before else None


def import_paths(
    paths: Iterable[str | Path],
    *,
    mapping: str | Mapping | None = None,
    by: Any = None,
    progress: Callable[[str], None] | None = None,
    order: Order | None = None,
) -> ImportReport:
    """Imports files, archives and folders; returns the numbers of each file, refused ones included.

    ``mapping`` is a built-in name, the path of a TOML file or a Mapping; without one the header decides.
    ``by`` is a user or a name. Raises FileNotFoundError and MappingError before anything is read.
    """
    chosen = mapping_named(mapping) if isinstance(mapping, str) else mapping
    return import_sources(
        find_sources([Path(path) for path in paths]), mapping=chosen, by=by, progress=progress, order=order
    )


def import_sources(
    sources: list[Source],
    *,
    mapping: Mapping | None = None,
    by: Any = None,
    progress: Callable[[str], None] | None = None,
    order: Order | None = None,
) -> ImportReport:
    """Imports sources one after the other; a file that is refused does not stop the next.

    ``order`` names two people and their reason (consent.py); without one ``by`` stands alone. Raises ImportStopped
    where the database or the disk fails.
    """
    chosen = mapping
    order = order or Order(by=by.get_username() if hasattr(by, "get_username") else str(by or ""))
    report = ImportReport()
    today = timezone.localdate()
    for number, source in enumerate(sources, start=1):
        try:
            digest = source.sha256_and_size()
            result = _known_already(source, chosen, order, digest)
            result = result or _import_file(source, chosen, order, today, digest)
        except (OperationalError, InterfaceError, OSError) as error:
            raise ImportStopped(
                f"{source.name}: stopped ({str(error).strip().splitlines()[0]}); nothing of it was loaded, {number - 1} of "
                f"{len(sources)} files are done. Mend that and run it again: files that are in are passed over"
            ) from error
        except (UnreadableFile, HeaderError) as error:
            result = FileReport(
                name=source.name,
                format=chosen.name if chosen else "",
                error=f"{source.name}: {printable(str(error))}",
            )
            with contextlib.suppress(OSError, UnreadableFile):
                result.sha256 = source.sha256_and_size()[0]
            record = ImportedFile(
                name=source.name[:255],
                sha256=result.sha256,
                format=result.format[:80],
                state=ImportedFile.State.REFUSED,
                error=printable(str(error)),
                by=order.by,
                received=order.received,
            )
            _keep(record, order)
        report.files.append(result)
        if progress:
            said = (
                result.error
                or f"{result.loaded} loaded, {result.duplicates} duplicates, {result.rejected} rejected"
            )
            progress(f"{number}/{len(sources)} {source.name}: {said}")
    return report


def visible_offences() -> Any:
    """Offences that may be counted: current rows of loaded files."""
    return Offence.objects.filter(current=True, file__state=ImportedFile.State.LOADED)
