"""Reach figures from files: read, checked, compared with what is in force, and loaded whole or not at all.

One file is one transaction. The same file again loads nothing: its rows count as duplicates. A figure that differs
from one in force is refused, unless the file is said to correct earlier ones: then the older figure stays as a
version, with the time and the file that ended it. Always: rows_read = loaded + duplicates + rejected.
"""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.models import ReachFigure, ReachFile
from analytics.police_data.staging import one_importer_at_a_time
from analytics.reach.check_in_files import CHECK_INS, load_check_ins, read_check_ins
from analytics.reach.corrections import note_figures
from analytics.reach.file_kinds import KINDS, Known, RowRefused
from analytics.reach.file_reports import (
    BATCH,
    COMMAND_LINE,
    Correction,
    Progress,
    ReachReport,
    Reading,
    Refusal,
    keep_rejects,
    saved_file,
    write_down_file,
)
from analytics.reach.file_rows import EXTRA, ReachSource, UnreadableReachFile
from analytics.reach.inputs import in_force
from analytics.reach.parameters import parameters
from campaign_pages import activity

__all__ = [
    "ALL_KINDS",
    "KINDS",
    "ReachReport",
    "UnreadableReachFile",
    "import_reach",
    "import_source",
    "read_file",
    "withdraw",
]
ALL_KINDS = (*KINDS, CHECK_INS)


Key = tuple[str, str, str, Any, str]


def _key(figure: ReachFigure) -> Key:
    return figure.metric, figure.venue_code, figure.area_code, figure.night, figure.detail


def _values(figure: ReachFigure) -> tuple[float, float | None, float | None, str]:
    return figure.value, figure.low, figure.high, figure.grade


def _same(one: ReachFigure, other: ReachFigure) -> bool:
    """Figures loaded before ranges were kept have none: then the value decides."""
    if one.low is None or other.low is None:
        return one.value == other.value and one.grade == other.grade
    return _values(one) == _values(other)


def _known() -> Known:
    venues, settings_ = activity.venues(), parameters()
    return Known(
        frozenset(each.code for each in venues),
        frozenset(each.area_code for each in venues),
        frozenset(settings_.zones) - {"unknown"},
        settings_,
        timezone.localdate(),
        {each.code: (each.venue_code, each.zone) for each in activity.places()},
    )


def read_file(
    source: ReachSource, kind: str, *, corrects: bool = False, progress: Progress | None = None
) -> Reading:
    """Judges every row; writes nothing. Raises UnreadableReachFile, and KeyError for an unknown kind."""
    known = _known()
    if kind == CHECK_INS:
        return read_check_ins(source, known, progress=progress)
    chosen = KINDS[kind]
    reading = Reading(ReachReport(source.name, source.sha256, kind))
    rows: list[tuple[int, list[ReachFigure]]] = []
    for line, row in source.rows(chosen.columns, chosen.optional):
        reading.report.rows_read += 1
        if progress and reading.report.rows_read % BATCH == 0:
            progress(reading.report.rows_read)
        try:
            if EXTRA in row:
                raise RowRefused("too_many_cells", "", "the row has more cells than the header")
            rows.append((line, chosen.read(row, known)))
        except RowRefused as error:
            reading.refusals.append(Refusal(line, error.code, error.field, error.reason))
    _judge(reading, rows, _there(kind, rows), corrects=corrects)
    reading.finish()
    return reading


def _there(kind: str, rows: list[tuple[int, list[ReachFigure]]]) -> dict[Key, ReachFigure]:
    nights = [each.night for _, figures in rows for each in figures]
    if not nights:
        return {}
    found = in_force().filter(kind=kind, night__gte=min(nights), night__lte=max(nights))
    return {_key(each): each for each in found.iterator(chunk_size=5000)}


def _judge(
    reading: Reading,
    rows: list[tuple[int, list[ReachFigure]]],
    there: dict[Key, ReachFigure],
    *,
    corrects: bool,
) -> None:
    report = reading.report
    for line, figures in rows:
        differing = [each for each in figures if _key(each) in there and not _same(there[_key(each)], each)]
        fresh = [each for each in figures if _key(each) not in there]
        in_file = any(there[_key(each)].pk is None for each in differing)
        if differing and (in_file or not corrects):
            where = "stands earlier in this file" if in_file else "is loaded; say that this file corrects it"
            code = "other_figure_in_file" if in_file else "other_figure_loaded"
            reason = f"another figure for the same place and date {where}"
            reading.refusals.append(Refusal(line, code, differing[0].metric, reason))
            continue
        if not fresh and not differing:
            report.duplicates += 1
            continue
        report.loaded += 1
        report.corrected += bool(differing)
        reading.corrections += [Correction(line, there[_key(each)], each) for each in differing]
        reading.new += fresh + differing
        for figure in fresh + differing:
            there[_key(figure)] = figure


def import_reach(
    path: str | Path,
    *,
    kind: str,
    by: str = "",
    corrects: bool = False,
    why: str = "",
    progress: Progress | None = None,
) -> ReachReport:
    """Loads one file of a kind. Raises UnreadableReachFile; KeyError for an unknown kind; ValueError without a why."""
    return import_source(ReachSource(Path(path)), kind=kind, by=by, corrects=corrects, why=why, progress=progress)


def import_source(
    source: ReachSource,
    *,
    kind: str,
    by: str = "",
    corrects: bool = False,
    why: str = "",
    progress: Progress | None = None,
) -> ReachReport:
    """The same from bytes that came another way. Readers of one kind wait for each other."""
    if corrects and not why.strip():
        raise ValueError("A correction needs a reason.")
    with one_importer_at_a_time():
        reading = read_file(source, kind, corrects=corrects, progress=progress)
        file = saved_file(source, reading, by=by, why=why)
        if kind == CHECK_INS:
            load_check_ins(reading.check_ins, by=by or COMMAND_LINE, why=why)
        else:
            _load(file, reading, by=by or COMMAND_LINE, why=why)
        write_down_file("reach.loaded", file, by)
        if reading.refusals:
            reading.report.rejects_file = keep_rejects(file, reading.refusals)
    return reading.report


def _load(file: ReachFile, reading: Reading, *, by: str, why: str) -> None:
    ended = [each.old.pk for each in reading.corrections]
    for start in range(0, len(ended), BATCH):
        ReachFigure.objects.filter(pk__in=ended[start : start + BATCH]).update(
            replaced_at=timezone.now(), replaced_by=file
        )
    for figure in reading.new:
        figure.file = file
    ReachFigure.objects.bulk_create(reading.new, batch_size=BATCH)
    note_figures(
        "reach.figures_corrected" if reading.corrections else "reach.figures_added",
        kind=file.kind,
        before=[each.old for each in reading.corrections],
        after=reading.new,
        by=by,
        why=why,
    )


def withdraw(file: ReachFile, *, by: str, why: str) -> int:
    """Ends every figure of a file that is still in force; nothing is deleted. Gives their number back.

    What the file had corrected does not come back by itself. Raises ValueError without a reason, or the second time.
    """
    if not why.strip():
        raise ValueError("A withdrawal needs a reason.")
    with transaction.atomic():
        locked = ReachFile.objects.select_for_update().get(pk=file.pk)
        if locked.withdrawn_at is not None:
            raise ValueError("This file is withdrawn already.")
        ended = list(in_force().filter(file=locked))
        locked.withdrawn_at, locked.why = timezone.now(), why.strip()[:200]
        locked.save()
        in_force().filter(file=locked).update(replaced_at=locked.withdrawn_at)
        note_figures("reach.figures_withdrawn", kind=locked.kind, before=ended, after=[], by=by, why=why)
        write_down_file("reach.withdrawn", locked, by)
    return len(ended)
