"""Reach figures from files: door counts, handstamps, screens, street, social and web.

One file is one transaction. The same file again loads nothing: its rows count as duplicates.
Always: rows_read = loaded + duplicates + rejected; every rejected row is kept with its line and reason.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from analytics import nights
from analytics.models import ReachFigure, ReachFile
from campaign_pages import activity

BATCH = 1000
MOST_BYTES = 50_000_000
RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r")
PLATFORMS = ("instagram", "tiktok", "youtube", "snapchat")
ALL_AREAS = ""


class UnreadableReachFile(Exception):
    """The whole file is refused; nothing of it was loaded."""


class RowRefused(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Known:
    """Codes that a row may name."""

    venues: frozenset[str]
    areas: frozenset[str]


@dataclass
class ReachReport:
    """What became of one file."""

    name: str
    sha256: str
    format: str
    rows_read: int = 0
    loaded: int = 0
    duplicates: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    rejects_file: str | None = None

    def as_json(self) -> dict[str, Any]:
        numbers = {name: getattr(self, name) for name in ("rows_read", "loaded", "duplicates", "rejected")}
        return {"files": [dict(vars(self))], **numbers}


def _night(text: str) -> date:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a date without a time
        except ValueError:
            continue
    raise RowRefused("bad_date", f"date: {text!r} is not a date such as 2024-01-31")


def _week(text: str) -> date:
    try:
        return nights.week_start(text.strip())
    except ValueError as error:
        raise RowRefused("bad_week", f"week: {error}") from None


def _amount(row: dict[str, str], column: str, *, whole: bool = True) -> float:
    text = row.get(column, "").strip().replace(",", "")
    try:
        value = float(text)
    except ValueError:
        raise RowRefused("bad_number", f"{column}: {text!r} is not a number") from None
    if not 0 <= value < 1e12 or (whole and value != int(value)):
        raise RowRefused("bad_number", f"{column}: {text} is not a {'whole ' if whole else ''}number from 0 up")
    return value


def _venue(row: dict[str, str], known: Known) -> str:
    code = row["venue"].strip()
    if code not in known.venues:
        raise RowRefused("unknown_venue", f"venue: {code!r} is not in the register")
    return code


def _area(row: dict[str, str], known: Known) -> str:
    code = row["area"].strip()
    if code.casefold() == "all areas":
        return ALL_AREAS
    if code not in known.areas:
        raise RowRefused("unknown_area", f"area: {code!r} is not an area of the register, nor 'all areas'")
    return code


def _figure(kind: str, metric: str, value: float, **where: Any) -> ReachFigure:
    return ReachFigure(kind=kind, metric=metric, value=value, **where)


def _door_counts(row: dict[str, str], known: Known) -> list[ReachFigure]:
    method = row.get("method", "").strip().casefold() or "clicker"
    grades = {"clicker": "A", "id_scan": "A", "till": "B"}
    if method not in grades:
        raise RowRefused("bad_method", f"method: {method!r} is not clicker, id_scan or till")
    where = {"venue_code": _venue(row, known), "night": _night(row["date"]), "grade": grades[method]}
    return [_figure("door_counts", "admissions", _amount(row, "count"), **where)]


def _handstamps(row: dict[str, str], known: Known) -> list[ReachFigure]:
    where = {"venue_code": _venue(row, known), "night": _night(row["date"]), "grade": "A"}
    return [_figure("handstamps", "stamps", _amount(row, "count"), **where)]


def _screens(row: dict[str, str], known: Known) -> list[ReachFigure]:
    where = {"venue_code": _venue(row, known), "night": _night(row["date"]), "grade": "A"}
    return [_figure("screens", "plays", _amount(row, "plays"), detail=row.get("asset", "").strip()[:80], **where)]


def _out_of_home(row: dict[str, str], known: Known) -> list[ReachFigure]:
    where = {"area_code": _area(row, known), "night": _week(row["week"])}
    reach, impacts, people = (_amount(row, name) for name in ("reach", "impacts", "population"))
    if not 0 < reach <= people or impacts < reach:
        raise RowRefused(
            "figures_disagree",
            "reach must be above 0, at most the population and at most the impacts (frequency = impacts / reach)",
        )
    cover = 100 * reach / people
    for column, right in (("frequency", impacts / reach), ("cover", cover), ("grp", cover * impacts / reach)):
        if row.get(column, "").strip():
            given = _amount(row, column, whole=False)
            if abs(given - right) > max(0.05, 0.02 * right):
                raise RowRefused(
                    "figures_disagree", f"{column}: {given:g} given, {right:.2f} from the other columns"
                )
    values = (("reach", reach), ("impacts", impacts), ("population", people))
    return [_figure("out_of_home", metric, value, **where) for metric, value in values]


def _social(row: dict[str, str], known: Known) -> list[ReachFigure]:
    platform = row["platform"].strip().casefold()
    if platform not in PLATFORMS:
        raise RowRefused("unknown_platform", f"platform: {platform!r} is not one of {', '.join(PLATFORMS)}")
    where = {"area_code": _area(row, known), "night": _night(row["date"]), "detail": platform}
    optional = [name for name in ("reach", "plays", "completed_plays") if row.get(name, "").strip()]
    return [_figure("social", name, _amount(row, name), **where) for name in ("impressions", *optional)]


def _web(row: dict[str, str], known: Known) -> list[ReachFigure]:
    return [_figure("web", "visitors", _amount(row, "visitors"), night=_night(row["date"]), detail=row["code"].strip()[:80])]  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """Columns that a file must have, and how one row becomes figures."""

    columns: tuple[str, ...]
    read: Callable[[dict[str, str], Known], list[ReachFigure]]


KINDS: dict[str, Kind] = {
    "door_counts": Kind(("venue", "date", "count"), _door_counts),
    "screens": Kind(("venue", "date", "plays"), _screens),
    "out_of_home": Kind(("area", "week", "reach", "impacts", "population"), _out_of_home),
    "social": Kind(("area", "date", "platform", "impressions"), _social),
    "web": Kind(("date", "code", "visitors"), _web),
    "handstamps": Kind(("venue", "date", "count"), _handstamps),
}


def _key(figure: ReachFigure) -> tuple[Any, ...]:
    return figure.metric, figure.venue_code, figure.area_code, figure.night, figure.detail


def _lines(path: Path, kind: str) -> tuple[bytes, list[tuple[int, dict[str, str]]]]:
    """The file's bytes and its rows with their line numbers. Raises UnreadableReachFile."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableReachFile(f"{path}: cannot be read ({error.strerror})") from None
    if len(raw) > MOST_BYTES:
        raise UnreadableReachFile(f"{path.name}: larger than {MOST_BYTES // 1_000_000} MB; split it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableReachFile(
            f"{path.name}: not UTF-8 text at byte {error.start}; save it as CSV UTF-8"
        ) from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        header = [each.strip().casefold() for each in next(reader, [])]
        missing = [name for name in KINDS[kind].columns if name not in header]
        if missing:
            raise UnreadableReachFile(
                f"{path.name}, line 1: column {missing[0]!r} is missing; {kind} needs {', '.join(KINDS[kind].columns)}"
            )
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                padded = [*cells, *[""] * (len(header) - len(cells))]
                rows.append((reader.line_num, dict(zip(header, padded, strict=False))))
    except csv.Error as error:
        raise UnreadableReachFile(f"{path.name}, line {reader.line_num}: {error}") from None
    return raw, rows


def import_reach(path: str | Path, *, kind: str, by: str = "") -> ReachReport:
    """Loads one file of a kind. Raises UnreadableReachFile; KeyError for an unknown kind."""
    path = Path(path)
    raw, rows = _lines(path, kind)
    venues = activity.venues()
    known = Known(frozenset(each.code for each in venues), frozenset(each.area_code for each in venues))
    report = ReachReport(path.name, hashlib.sha256(raw).hexdigest(), kind, rows_read=len(rows))
    reasons: Counter[str] = Counter()
    rejects: list[tuple[int, str, str]] = []
    with transaction.atomic():
        record = ReachFile.objects.create(name=path.name[:255], sha256=report.sha256, kind=kind, by=by)
        there = {_key(each): each.value for each in ReachFigure.objects.filter(kind=kind)}
        new: list[ReachFigure] = []
        for line, row in rows:
            try:
                figures = KINDS[kind].read(row, known)
                fresh = [each for each in figures if _key(each) not in there]
                if any(there.get(_key(each), each.value) != each.value for each in figures):
                    raise RowRefused("other_figure_loaded", "another figure for the same place and date is loaded")
            except RowRefused as error:
                reasons[error.code] += 1
                rejects.append((line, error.code, str(error)))
                continue
            if not fresh:
                report.duplicates += 1
                continue
            report.loaded += 1
            for figure in fresh:
                figure.file = record
                there[_key(figure)] = figure.value
                new.append(figure)
        ReachFigure.objects.bulk_create(new, batch_size=BATCH)
        report.rejected, report.reasons = len(rejects), dict(sorted(reasons.items()))
        for name in ("rows_read", "loaded", "duplicates", "rejected", "reasons"):
            setattr(record, name, getattr(report, name))
        record.save()
    if rejects:
        report.rejects_file = _keep_rejects(record, rejects)
    return report


def _keep_rejects(record: ReachFile, rejects: list[tuple[int, str, str]]) -> str:
    """Line, code and reason of every refused row, below var/private, readable by the owner only."""
    folder = Path(settings.VAR_DIR) / "private" / "rejects"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"reach-{record.sha256[:12]}-{record.pk}.csv"
    with kept.open("w", newline="", encoding="utf-8") as stream:
        kept.chmod(0o600)
        writer = csv.writer(stream)
        writer.writerow(["line", "code", "reason"])
        writer.writerows((n, code, f"'{why}" if why.startswith(RISKY_STARTS) else why) for n, code, why in rejects)
    return str(kept)
