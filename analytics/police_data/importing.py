"""Importing police files: the one code path of the command, the admin screen and the demo.

Each file is one transaction: it is all there or not at all, and a killed run leaves nothing half-loaded.
Running it again takes up where it stopped, since files that are in count as duplicates.
Always: rows_read = loaded + duplicates + rejected.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from analytics.disclosure.tiers import PARTNER
from analytics.models import ImportedFile, Offence
from analytics.police_data.mapping import HeaderError, Mapping, detect_mapping, mapping_named
from analytics.police_data.matching import VenueMatcher, finish_batch
from analytics.police_data.rejects import RejectsFile
from analytics.police_data.rows import RowReader, RowRefused, shape_of
from analytics.police_data.sources import Rows, Source, UnreadableFile, find_sources
from analytics.police_data.staged import StagedOffence, StagedPerson
from analytics.police_data.staging import (
    BATCH,
    MergeResult,
    fill_staging,
    merge_staging,
    one_importer_at_a_time,
    rank_staging,
    staging_table,
)


@dataclass
class FileReport:
    """What became of one file. ``error`` is set when it was refused: then nothing of it was loaded."""

    name: str
    sha256: str = ""
    format: str = ""
    rows_read: int = 0
    loaded: int = 0
    corrected: int = 0
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


@dataclass
class _Reading:
    """Tallies of one file while it is read."""

    rows_read: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    first_refusal: str = ""
    days: tuple[str, str] = ("9999", "")
    timed: bool = False
    synthetic: int = 0
    forces: Counter[str] = field(default_factory=Counter)
    clock: Counter[str] = field(default_factory=Counter)
    venue_list: str = ""
    open_data: bool = False

    @property
    def rejected(self) -> int:
        return sum(self.reasons.values())

    def see(self, row: StagedOffence) -> None:
        self.days = (min(self.days[0], row.committed_on), max(self.days[1], row.committed_on))
        self.timed = self.timed or row.precision == "time"
        self.synthetic += row.synthetic
        self.open_data = row.open_data
        self.forces[row.force] += 1
        if row.flags:
            self.flags.update(row.flags.split())
        if row.night_weight > 0:
            self.clock["night"] += 1
            self.clock[row.clock_mark] += 1


def _pepper() -> bytes:
    pepper = settings.WALKAWAY_REFERENCE_PEPPER
    if not pepper:
        raise UnreadableFile(
            "WALKAWAY_REFERENCE_PEPPER is not set: crime references cannot be protected without it"
        )
    return str(pepper).encode()


def _staged_batches(
    rows: Iterator[tuple[int, list[str]]], reader: RowReader, reading: _Reading, rejects: RejectsFile
) -> Iterator[tuple[list[StagedOffence], list[StagedPerson]]]:
    matcher = VenueMatcher()
    reading.venue_list = matcher.version
    batch: list[StagedOffence] = []
    persons: list[StagedPerson] = []
    for line, cells in rows:
        reading.rows_read += 1
        try:
            row = reader.read(reading.rows_read, cells)
        except RowRefused as error:
            reading.reasons[error.code] += 1
            rejects.add(line, error)
            where = f", field {error.field}" if error.field else ""
            reading.first_refusal = reading.first_refusal or f"line {line}{where}: {error.reason}"
            continue
        reading.see(row)
        batch.append(row)
        persons += reader.persons_of(row, cells)
        if len(batch) >= BATCH:
            yield finish_batch(batch, matcher), persons
            batch, persons = [], []
    if batch:
        yield finish_batch(batch, matcher), persons


def _check_reading(reading: _Reading) -> None:
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


def _notes(mapping: Mapping, reader: RowReader, reading: _Reading) -> list[str]:
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
    heaped = reading.clock["0000"] + reading.clock["0001"]
    if reading.clock["night"] >= 50 and heaped > 0.1 * reading.clock["night"]:
        notes.append(
            f"{heaped} of {reading.clock['night']} night-time rows stand at exactly 00:00 or 00:01: the source may "
            "use midnight for an unknown time"
        )
    return notes


def _import_file(source: Source, mapping: Mapping | None, by: str, today: date) -> FileReport:
    report = FileReport(name=source.name)
    report.sha256, size = source.sha256_and_size()
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
        reader = RowReader(mapping, header, pepper=_pepper(), today=today)
        reading = _Reading()
        with staging_table():
            fill_staging(_staged_batches(iterator, reader, reading, rejects))
            _check_reading(reading)
            rank_staging()
            _finish(source, mapping, reader, reading, report, rejects, size=size, by=by)
    except HeaderError as error:
        raise UnreadableFile(f"header: {error}") from None
    finally:
        rejects.drop()
    return report


def _finish(
    source: Source,
    mapping: Mapping,
    reader: RowReader,
    reading: _Reading,
    report: FileReport,
    rejects: RejectsFile,
    *,
    size: int,
    by: str,
) -> None:
    """The one transaction of a file: its rows and its record appear together."""
    force = reading.forces.most_common(1)[0][0] if reading.forces else mapping.force
    record = ImportedFile(
        name=source.name[:255],
        sha256=report.sha256,
        size=size,
        format=mapping.name[:80],
        mapping_hash=mapping.sha256,
        force=force,
        by=by,
        rows_read=reading.rows_read,
        synthetic=reading.synthetic > 0,
        timed=reading.timed,
        notes=_notes(mapping, reader, reading),
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
            _count(record, merge_staging(record))
            if reading.rejected:
                record.rejects_file = rejects.keep(f"{report.sha256[:12]}-{record.pk}")
        record.save()
    for name in ("rows_read", "loaded", "corrected", "duplicates", "rejected", "reasons", "duplicate_reasons"):
        setattr(report, name, getattr(record, name))
    report.flags, report.notes, report.synthetic = record.flags, record.notes, record.synthetic
    if record.rejects_file:
        report.rejects_file = str(Path(settings.VAR_DIR) / "private" / record.rejects_file)


def _count(record: ImportedFile, merged: MergeResult) -> None:
    record.loaded, record.corrected, record.flagged = merged.loaded, merged.corrected, merged.flagged
    record.duplicate_reasons = merged.duplicates
    record.duplicates = sum(merged.duplicates.values())


def _loaded_before(sha256: str, mapping_hash: str) -> ImportedFile | None:
    return ImportedFile.objects.filter(
        sha256=sha256, mapping_hash=mapping_hash, state=ImportedFile.State.LOADED
    ).first()


def _repeated(source: Source, before: ImportedFile, sha256: str, by: str) -> FileReport:
    """The same bytes under the same mapping again: every row is a duplicate and nothing is read twice."""
    rows = before.rows_read
    ImportedFile.objects.create(
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
        by=by,
    )
    return FileReport(
        name=source.name,
        sha256=sha256,
        format=before.format,
        rows_read=rows,
        duplicates=rows,
        duplicate_reasons={"same_file": rows} if rows else {},
        synthetic=before.synthetic,
    )


def _known_already(source: Source, mapping: Mapping | None, by: str) -> FileReport | None:
    if not ImportedFile.objects.exists():
        return None
    sha256, size = source.sha256_and_size()
    candidates = ImportedFile.objects.filter(sha256=sha256, state=ImportedFile.State.LOADED)
    if not candidates:
        return None
    if mapping is None:
        iterator = iter(Rows(source, size=size))
        mapping = detect_mapping(next(iterator, (0, []))[1])
    before = candidates.filter(mapping_hash=mapping.sha256).first()
    return _repeated(source, before, sha256, by) if before else None


def import_paths(
    paths: Iterable[str | Path],
    *,
    mapping: str | Mapping | None = None,
    by: Any = None,
    progress: Callable[[str], None] | None = None,
) -> ImportReport:
    """Imports files, archives and folders; returns the numbers of each file, refused ones included.

    ``mapping`` is a built-in name, the path of a TOML file or a Mapping; without one the header decides.
    ``by`` is a user or a name. Raises FileNotFoundError and MappingError before anything is read.
    """
    chosen = mapping_named(mapping) if isinstance(mapping, str) else mapping
    person = by.get_username() if hasattr(by, "get_username") else str(by or "")
    sources = find_sources([Path(path) for path in paths])
    report = ImportReport()
    today = timezone.localdate()
    for number, source in enumerate(sources, start=1):
        try:
            result = _known_already(source, chosen, person) or _import_file(source, chosen, person, today)
        except (UnreadableFile, HeaderError) as error:
            result = FileReport(
                name=source.name, format=chosen.name if chosen else "", error=f"{source.name}: {error}"
            )
            with contextlib.suppress(OSError, UnreadableFile):
                result.sha256 = source.sha256_and_size()[0]
            ImportedFile.objects.create(
                name=source.name[:255],
                sha256=result.sha256,
                format=result.format[:80],
                state=ImportedFile.State.REFUSED,
                error=str(error),
                by=person,
            )
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
