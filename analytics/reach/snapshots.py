"""Reach as it was when a locked plan's outcomes came in, and what differs today.

Nobody has to call this for it to work: a file of outcomes that is loaded takes, in its own transaction, the reach of
its weeks for every locked plan that they belong to. A comparison of two sets of figures finds every change, also one
that went round every log.
"""

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from analytics import nights
from analytics.models import EvaluationPlan, ImportedFile, ReachChange, ReachSnapshot
from analytics.reach.parameters import Range, parameters
from analytics.reach.venue_weeks import VenueWeek, venue_weeks

LOADED, OPENED = "loaded", "opened"
Known = dict[tuple[str, str], list[VenueWeek]]
FIGURES = ("live_share", "likely_seen_share")
DIFFERS = "reach differs from what it was when outcomes came in"
WORDS = {
    "reach.check_in_added": "a check-in was added",
    "reach.check_in_changed": "a check-in was changed",
    "reach.check_in_deleted": "a check-in was deleted",
    "reach.check_ins_imported": "check-ins were imported",
    "reach.figures_added": "figures were imported",
    "reach.figures_corrected": "figures were corrected",
    "reach.figures_withdrawn": "figures were withdrawn",
    "reach.venue_added": "a venue was added to the register",
    "reach.venue_changed": "the register's entry of the venue was changed",
    "reach.place_changed": "a poster place was changed",
}


def reach_hash(rows: Sequence[VenueWeek]) -> str:
    """SHA-256 of the rows of the ``reach`` command: the same figures, the same hash."""
    return hashlib.sha256(json.dumps([row.as_json() for row in rows], sort_keys=True).encode()).hexdigest()


def take_for_file(record: ImportedFile) -> None:
    """A file of outcomes was loaded: reach of its weeks is kept for the plans that they belong to."""
    if record.state != ImportedFile.State.LOADED or not record.timed or record.first_day is None:
        return
    kind = "synthetic" if record.synthetic else "real"
    # A record that was just made holds its days as the text that they were read from.
    first, last = (
        date.fromisoformat(str(each)) for each in (record.first_day, record.last_day or record.first_day)
    )
    known: Known = {}
    for plan in EvaluationPlan.objects.filter(data_kind=kind):
        take(plan, first, last, LOADED, known)


def take(plan: EvaluationPlan, first: date, last: date, occasion: str, known: Known | None = None) -> int:
    """Keeps reach of the plan's weeks from ``first`` to ``last`` that are over and not kept yet; how many weeks.

    ``known`` is filled and read: plans of the same weeks need reach once.
    """
    known = {} if known is None else known
    content = json.loads(plan.content)
    wanted = set(nights.weeks_between(nights.week_of(first - timedelta(days=1)), nights.week_of(last)))
    kept = {
        week
        for each in snapshots_of(plan.plan_hash)
        for week in nights.weeks_between(each.from_week, each.to_week)
    }
    today = nights.night_of(timezone.now())
    weeks = [
        week
        for week in nights.weeks_between(content["from_week"], content["to_week"])
        if week in wanted and week not in kept and nights.nights_of_week(week)[-1] < today
    ]
    if weeks:
        key = weeks[0], weeks[-1]
        if key not in known:
            known[key] = venue_weeks(from_week=weeks[0], to_week=weeks[-1])
        rows = known[key]
        with transaction.atomic():
            for run in _runs(weeks):
                inside = set(run)
                _keep(plan.plan_hash, run, [row for row in rows if row.week in inside], occasion)
    return len(weeks)


def open_evaluation(plan_hash: str) -> int:
    """To be called before outcomes are read: keeps reach of every week of the plan that is not kept yet."""
    plan = EvaluationPlan.objects.filter(plan_hash=plan_hash).first()
    if plan is None:
        return 0
    content = json.loads(plan.content)
    first, last = nights.week_start(content["from_week"]), nights.nights_of_week(content["to_week"])[-1]
    return take(plan, first, last, OPENED)


def _runs(weeks: list[str]) -> list[list[str]]:
    runs: list[list[str]] = []
    for week in weeks:
        if runs and nights.week_start(week) - nights.week_start(runs[-1][-1]) == timedelta(weeks=1):
            runs[-1].append(week)
        else:
            runs.append([week])
    return runs


def _keep(plan_hash: str, weeks: list[str], rows: list[VenueWeek], occasion: str) -> None:
    text = json.dumps([row.as_json() for row in rows], sort_keys=True)
    settings = parameters()
    ReachSnapshot.objects.create(
        plan_hash=plan_hash,
        taken_at=timezone.now(),
        occasion=occasion,
        from_week=weeks[0],
        to_week=weeks[-1],
        reach_hash=hashlib.sha256(text.encode()).hexdigest(),
        parameters_version=settings.version,
        parameters_hash=settings.sha256,
        rows=zlib.compress(text.encode(), 6),
    )


def snapshots_of(plan_hash: str) -> QuerySet[ReachSnapshot]:
    """In order of weeks, without their rows."""
    return ReachSnapshot.objects.filter(plan_hash=plan_hash).defer("rows").order_by("from_week")


def _cells(plan_hash: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for packed in ReachSnapshot.objects.filter(plan_hash=plan_hash).values_list("rows", flat=True):
        for row in json.loads(zlib.decompress(bytes(packed))):
            found[row["venue"], row["week"]] = row
    return found


def opened_reach(plan_hash: str, reach: Sequence[VenueWeek]) -> list[VenueWeek] | None:
    """``reach`` with the figures that were there when outcomes came in; None where nothing was kept.

    Weeks that were not kept are as they are today; venues that were not in the register then are left out.
    """
    cells = _cells(plan_hash)
    if not cells:
        return None
    weeks = {week for _, week in cells}
    found = []
    for row in reach:
        before = cells.get((row.venue, row.week))
        if before is None:
            if row.week not in weeks:
                found.append(row)
            continue
        ranges = {
            name: _range(before[name]) for name in ("admissions", "opportunities", "likely_seen", "contacts")
        }
        names = (
            "live_share",
            "nights_live",
            "trading_nights",
            "display_nights",
            "grade",
            "reason",
            "handstamps",
            "scans",
        )
        found.append(replace(row, **ranges, **{name: before[name] for name in names}))  # type: ignore[arg-type]
    return found


def _range(levels: dict[str, float | None]) -> Range | None:
    low, mid, high = levels["low"], levels["mid"], levels["high"]
    return None if low is None or mid is None or high is None else Range(low, mid, high)


def corrections(plan_hash: str, from_week: str, to_week: str, reach: Sequence[VenueWeek]) -> list[dict[str, Any]]:
    """Everything of the plan's weeks that changed after outcomes were there; for ``diagnostics.corrections``.

    First the venues whose figures differ from those kept, each with means of the changed weeks before and after
    and whether the log explains it; then the acts in order of time, each with its number in the audit log.
    """
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
    kept = list(snapshots_of(plan_hash))
    acts = ReachChange.objects.filter(first_night__lte=last, last_night__gte=first)
    if kept:
        acts = acts.filter(at__gte=min(each.taken_at for each in kept))
    acts = acts.filter(venue_code__in={"", *(row.venue for row in reach)})
    listed = [
        {
            "what": WORDS.get(act.action, act.action),
            "action": act.action,
            "venue": act.venue_code or None,
            "first_night": max(act.first_night, first).isoformat(),
            "last_night": min(act.last_night, last).isoformat(),
            "at": act.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "audit": act.audit_number,
            "was": _text(act.before),
            "became": _text(act.after),
        }
        for act in acts
    ]
    explained = {act.venue_code for act in acts}
    found = _assumptions(kept) if kept else []
    for venue, cells in sorted(_changed(plan_hash, reach).items()):
        weeks = sorted(week for week, _, _ in cells)
        found.append(
            {
                "what": DIFFERS,
                "venue": venue,
                "venue_weeks": len(cells),
                "from_week": weeks[0],
                "to_week": weeks[-1],
                "before": _means([before for _, before, _ in cells]),
                "after": _means([after for _, _, after in cells]),
                "logged": venue in explained or "" in explained,
            }
        )
    return found + listed


def figures_differ(listed: Sequence[dict[str, Any]]) -> bool:
    """Whether any entry of ``corrections`` is a venue whose exposure is another than what was kept."""
    return any(each["what"] == DIFFERS for each in listed)


def _text(values: Any) -> str:
    """Values of one side of an act as one line of words; the audit log has them as they are."""
    return "; ".join(f"{name}: {value}" for name, value in (values or {}).items() if value is not None)


def _assumptions(kept: list[ReachSnapshot]) -> list[dict[str, Any]]:
    settings = parameters()
    old = {
        each.parameters_hash: each.parameters_version for each in kept if each.parameters_hash != settings.sha256
    }
    return [
        {
            "what": "assumptions were changed",
            "venue": None,
            "was": f"version {version}, {digest[:12]}",
            "became": f"version {settings.version}, {settings.sha256[:12]}",
        }
        for digest, version in sorted(old.items())
    ]


Figures = dict[str, float | None]


def _changed(plan_hash: str, reach: Sequence[VenueWeek]) -> dict[str, list[tuple[str, Figures, Figures]]]:
    cells = _cells(plan_hash)
    found: dict[str, list[tuple[str, Figures, Figures]]] = defaultdict(list)
    weeks = {week for _, week in cells}
    for row in reach:
        if row.week not in weeks:
            continue
        before, after = cells.get((row.venue, row.week)), row.shares_json()
        if before is None or any(before[name] != after[name] for name in FIGURES):
            found[row.venue].append((row.week, _figures(before), _figures(after)))
    return found


def _figures(row: dict[str, Any] | None) -> Figures:
    if row is None:
        return dict.fromkeys(FIGURES)
    return {"live_share": row["live_share"], "likely_seen_share": row["likely_seen_share"]["mid"]}


def _means(rows: list[Figures]) -> Figures:
    found: Figures = {}
    for name in FIGURES:
        known = [value for row in rows if (value := row[name]) is not None]
        found[name] = round(fmean(known), 6) if known else None
    return found


def words_of(act: ReachChange, *, venue: bool = True) -> str:
    """An act as a clause, such as "a check-in was added (V1)"."""
    where = f" ({act.venue_code})" if venue and act.venue_code else ""
    return f"{WORDS.get(act.action, act.action)}{where}"


def changes_after(at: datetime, from_week: str, to_week: str) -> list[ReachChange]:
    """Acts of these weeks after a moment: what makes a stored result out of date."""
    first, last = nights.week_start(from_week), nights.week_start(to_week) + timedelta(days=6)
    return list(ReachChange.objects.filter(at__gt=at, first_night__lte=last, last_night__gte=first))
