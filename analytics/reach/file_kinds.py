"""What one row of each kind of reach file means. Values are checked here, against each other too; nothing is stored."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from analytics import nights
from analytics.models import ReachFigure
from analytics.reach.parameters import Parameters

PLATFORMS = ("instagram", "tiktok", "youtube", "snapchat")
ALL_AREAS = ""
EARLIEST = date(2000, 1, 1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SURVEY_QUESTIONS = ("seen_it", "where_venue", "where_street", "where_online", "talked_about_it", "seen_on_a_hand")
WEEK = re.compile(r"\d{4}-W\d\d")


class RowRefused(Exception):
    """One row cannot be used: ``code`` for counting, ``field`` of the row, and the reason for people."""

    def __init__(self, code: str, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.code, self.field, self.reason = code, field, reason


@dataclass(frozen=True)
class Known:
    """What a row may name. ``zones``: zone words; ``today``: nothing later has happened yet."""

    venues: frozenset[str]
    areas: frozenset[str]
    zones: frozenset[str]
    settings: Parameters
    today: date
    places: Mapping[str, tuple[str, str]]  # code -> venue, zone


Row = dict[str, str]


def _date(text: str, known: Known, field: str = "date") -> date:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            found = datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a date without a time
            break
        except ValueError:
            continue
    else:
        raise RowRefused("bad_date", field, f"{text!r} is not a date such as 2024-01-31")
    if not EARLIEST <= found <= known.today:
        raise RowRefused("date_out_of_range", field, f"{text} is before 2000 or has not come yet")
    return found


def _week(text: str, known: Known) -> date:
    try:
        found = nights.week_start(text.strip())
    except ValueError as error:
        raise RowRefused("bad_week", "week", str(error)) from None
    if not EARLIEST <= found <= known.today:
        raise RowRefused("date_out_of_range", "week", f"{text} is before 2000 or has not come yet")
    return found


def amount(row: Row, column: str, *, whole: bool = True, most: float = 1e12) -> float:
    """A number from 0 to ``most``. Raises RowRefused."""
    text = row.get(column, "").strip().replace(",", "")
    try:
        value = float(text)
    except ValueError:
        raise RowRefused("bad_number", column, f"{text!r} is not a number") from None
    if not 0 <= value < 1e12 or (whole and value != int(value)):
        raise RowRefused("bad_number", column, f"{text} is not a {'whole ' if whole else ''}number from 0 up")
    if value > most:
        raise RowRefused("bad_number", column, f"{text} is more than {most:g}")
    return value


def _given(row: Row, column: str) -> bool:
    return bool(row.get(column, "").strip())


def _venue(row: Row, known: Known) -> str:
    code = row["venue"].strip()
    if code not in known.venues:
        raise RowRefused("unknown_venue", "venue", f"{code!r} is not in the register")
    return code


def _area(row: Row, known: Known) -> str:
    code = row["area"].strip()
    if code.casefold() == "all areas":
        return ALL_AREAS
    if code not in known.areas:
        raise RowRefused("unknown_area", "area", f"{code!r} is not an area of the register, nor 'all areas'")
    return code


def _choice(row: Row, column: str, allowed: tuple[str, ...], default: str, code: str) -> str:
    word = row.get(column, "").strip().casefold() or default
    if word not in allowed:
        raise RowRefused(code, column, f"{word!r} is not one of {', '.join(allowed)}")
    return word


def _figure(kind: str, metric: str, value: float, **where: Any) -> ReachFigure:
    return ReachFigure(kind=kind, metric=metric, value=value, **where)


def _range(row: Row, mid: float, least: float, most: float) -> dict[str, float]:
    low = amount(row, "low", whole=False) if _given(row, "low") else least
    high = amount(row, "high", whole=False) if _given(row, "high") else most
    if not low <= mid <= high:
        raise RowRefused("bad_range", "low", f"needs low <= count <= high, not {low:g}, {mid:g}, {high:g}")
    return {"low": low, "high": high}


def _door_counts(row: Row, known: Known) -> list[ReachFigure]:
    grades = {"clicker": "A", "id_scan": "A", "till": "B"}
    method = _choice(row, "method", tuple(grades), "clicker", "bad_method")
    grade, count = grades[method], amount(row, "count")
    if _given(row, "transactions") or _given(row, "per_head"):
        sales, rate = amount(row, "transactions"), amount(row, "per_head", whole=False)
        if rate == 0 or abs(sales / rate - count) > 1:
            raise RowRefused(
                "figures_disagree", "count", f"{count:g} is not transactions / per_head ({sales:g} / {rate:g})"
            )
    least, most = known.settings.admissions[grade]
    where = {
        "venue_code": _venue(row, known), "night": _date(row["date"], known), "grade": grade,
        "source": f"till, {row['per_head'].strip()} per head"[:80] if _given(row, "per_head") else method,
    }  # fmt: skip
    return [
        _figure("door_counts", "admissions", count, **where, **_range(row, count, count * least, count * most))
    ]


def _handstamps(row: Row, known: Known) -> list[ReachFigure]:
    method = _choice(row, "method", ("clicker", "share"), "clicker", "bad_method")
    ink = _choice(row, "ink", ("visible", "uv"), "visible", "bad_ink")
    where = {
        "venue_code": _venue(row, known), "night": _date(row["date"], known),
        "grade": "A" if method == "clicker" else "C", "source": f"{method}, {ink}",
    }  # fmt: skip
    count = amount(row, "count")
    if ink == "uv":  # nobody sees them: kept, never counted as seen
        return [_figure("handstamps", "uv_stamps", count, **where)]
    found = [_figure("handstamps", "stamps", count, **where)]
    if _given(row, "issued") or _given(row, "left"):
        issued, left = amount(row, "issued"), amount(row, "left")
        if left > issued:
            raise RowRefused("figures_disagree", "left", f"{left:g} left of {issued:g} issued")
        found += [_figure("handstamps", "issued", issued, **where), _figure("handstamps", "left", left, **where)]
    return found


def _screens(row: Row, known: Known) -> list[ReachFigure]:
    where = {
        "venue_code": _venue(row, known), "night": _date(row["date"], known), "grade": "A",
        "detail": row.get("asset", "").strip()[:80], "source": "play log",
    }  # fmt: skip
    found = [_figure("screens", "plays", amount(row, "plays"), **where)]
    for column, metric in (("loop_seconds", "loop"), ("dwell_seconds", "dwell")):
        if _given(row, column):
            value = amount(row, column, whole=False, most=86_400)
            if value == 0:
                raise RowRefused("bad_number", column, "must be more than 0 seconds")
            found.append(_figure("screens", metric, value, **where))
    return found


def _out_of_home(row: Row, known: Known) -> list[ReachFigure]:
    where = {"area_code": _area(row, known), "night": _week(row["week"], known), "source": "media owner"}
    reach, impacts, people = (amount(row, name) for name in ("reach", "impacts", "population"))
    if not 0 < reach <= people:
        raise RowRefused("figures_disagree", "reach", "must be above 0 and at most the population")
    if impacts < reach:
        raise RowRefused("figures_disagree", "impacts", "must be at least the reach (frequency = impacts / reach)")
    cover = 100 * reach / people
    for column, right, rule in (
        ("frequency", impacts / reach, "impacts / reach"),
        ("cover", cover, "100 x reach / population"),
        ("grp", cover * impacts / reach, "cover x frequency"),
    ):
        if _given(row, column):
            given = amount(row, column, whole=False)
            if abs(given - right) > max(0.05, 0.02 * right):
                raise RowRefused("figures_disagree", column, f"{given:g} given, {right:.2f} by {rule}")
    values = (("reach", reach), ("impacts", impacts), ("population", people))
    return [_figure("out_of_home", metric, value, **where) for metric, value in values]


def _social(row: Row, known: Known) -> list[ReachFigure]:
    platform = _choice(row, "platform", PLATFORMS, "", "unknown_platform")
    paid = _choice(row, "type", ("paid", "organic", ""), "", "bad_type")
    zone = row.get("timezone", "").strip() or nights.LOCAL_ZONE
    try:
        nights.zone_named(zone)
    except (KeyError, ValueError, OSError):
        raise RowRefused(
            "bad_timezone", "timezone", f"{zone!r} is not a time zone such as Europe/London"
        ) from None
    where = {
        "area_code": _area(row, known), "night": _date(row["date"], known), "source": f"{zone}, platform-reported"[:80],
        "detail": f"{platform} {paid}".strip(),
    }  # fmt: skip
    names = ["impressions", *(each for each in ("reach", "plays", "completed_plays") if _given(row, each))]
    values = {name: amount(row, name) for name in names}
    for part, whole in (("reach", "impressions"), ("completed_plays", "plays")):
        if part in values and whole in values and values[part] > values[whole]:
            raise RowRefused("figures_disagree", part, f"{values[part]:g} is more than the {whole}")
    return [_figure("social", name, value, **where) for name, value in values.items()]


def _web(row: Row, known: Known) -> list[ReachFigure]:
    code = row["code"].strip()
    if not code:
        raise RowRefused("no_code", "code", "is empty")
    where = {"night": _date(row["date"], known), "detail": code[:80], "grade": "A"}
    return [_figure("web", "visitors", amount(row, "visitors"), **where)]


def _closures(row: Row, known: Known) -> list[ReachFigure]:
    is_open = _choice(row, "open", ("yes", "no"), "no", "bad_word") == "yes"
    where = {"venue_code": _venue(row, known), "night": _date(row["date"], known), "grade": "A"}
    return [_figure("closures", "open", float(is_open), **where)]


def _notice_counts(row: Row, known: Known) -> list[ReachFigure]:
    zone = _choice(row, "zone", tuple(sorted(known.zones)), "", "unknown_zone")
    where = {
        "venue_code": _venue(row, known), "night": _date(row["date"], known), "detail": zone, "grade": "A",
        "source": "observer",
    }  # fmt: skip
    passed, noticed = amount(row, "passed"), amount(row, "noticed")
    if noticed > passed:
        raise RowRefused("figures_disagree", "noticed", f"{noticed:g} of {passed:g} who passed")
    found = [
        _figure("notice_counts", "passed", passed, **where),
        _figure("notice_counts", "noticed", noticed, **where),
    ]
    if _given(row, "admitted"):
        admitted = amount(row, "admitted")
        if admitted < passed:
            raise RowRefused("figures_disagree", "admitted", f"{passed:g} passed of {admitted:g} let in")
        found.append(_figure("notice_counts", "admitted", admitted, **where))
    return found


def _mens_share(row: Row, known: Known) -> list[ReachFigure]:
    share = amount(row, "share", whole=False, most=1)
    bounds = _range(row, share, share, share)
    if bounds["high"] > 1:
        raise RowRefused("bad_range", "high", "a share is at most 1")
    where = {"venue_code": _venue(row, known), "night": _date(row["date"], known), "grade": "B", "source": row.get("source", "").strip()[:80]}  # fmt: skip
    return [_figure("mens_share", "share", share, **where, **bounds)]


def _occupancy(row: Row, known: Known) -> list[ReachFigure]:
    day = _choice(row, "weekday", WEEKDAYS, "", "bad_weekday")
    where = {
        "venue_code": _venue(row, known), "night": _date(row["date"], known), "detail": str(WEEKDAYS.index(day)), "grade": "C",
        "source": row.get("source", "").strip()[:80],
    }  # fmt: skip
    found = [_figure("occupancy", "share", amount(row, "share", whole=False, most=1.5), **where)]
    for name, most in (("hours", 24), ("mean_stay", 24)):
        value = amount(row, name, whole=False, most=most)
        if value == 0:
            raise RowRefused("bad_number", name, "must be more than 0 hours")
        found.append(_figure("occupancy", name, value, **where))
    return found


def _survey(row: Row, known: Known) -> list[ReachFigure]:
    question = _choice(row, "question", SURVEY_QUESTIONS, "", "unknown_question")
    where = {
        "area_code": _area(row, known), "night": _date(row["date"], known), "detail": question, "grade": "A",
        "source": row.get("source", "").strip()[:80],
    }  # fmt: skip
    asked, yes = amount(row, "asked"), amount(row, "yes")
    if asked == 0 or yes > asked:
        raise RowRefused("figures_disagree", "yes", f"{yes:g} of {asked:g} asked")
    return [_figure("survey", "asked", asked, **where), _figure("survey", "yes", yes, **where)]


@dataclass(frozen=True)
class Kind:
    """Columns that a file must have and may have, what it holds in words, and how one row becomes figures."""

    columns: tuple[str, ...]
    read: Callable[[Row, Known], list[ReachFigure]]
    words: str
    optional: tuple[str, ...] = ()


KINDS: dict[str, Kind] = {
    "door_counts": Kind(
        ("venue", "date", "count"), _door_counts, "People let in, by venue and night",
        ("method", "low", "high", "transactions", "per_head"),
    ),
    "screens": Kind(
        ("venue", "date", "plays"), _screens, "Proof of play, by venue and night",
        ("asset", "loop_seconds", "dwell_seconds"),
    ),
    "out_of_home": Kind(
        ("area", "week", "reach", "impacts", "population"), _out_of_home, "Street posters, by area and week",
        ("frequency", "cover", "grp"),
    ),
    "social": Kind(
        ("area", "date", "platform", "impressions"), _social, "Paid and organic social media, by area and day",
        ("type", "timezone", "reach", "plays", "completed_plays"),
    ),
    "web": Kind(("date", "code", "visitors"), _web, "Visitors of the site, by code and night"),
    "handstamps": Kind(
        ("venue", "date", "count"), _handstamps, "Stamps applied, by venue and night", ("method", "ink", "issued", "left")
    ),
    "closures": Kind(("venue", "date"), _closures, "Nights closed, or open out of turn", ("open",)),
    "notice_counts": Kind(
        ("venue", "zone", "date", "passed", "noticed"), _notice_counts, "Local counts of who looks", ("admitted",)
    ),
    "mens_share": Kind(("venue", "date", "share"), _mens_share, "Men among those let in", ("low", "high", "source")),
    "occupancy": Kind(
        ("venue", "date", "weekday", "share", "hours", "mean_stay"), _occupancy, "How full a venue is, by weekday", ("source",)
    ),
    "survey": Kind(("area", "date", "question", "asked", "yes"), _survey, "Answers of an awareness survey", ("source",)),
}  # fmt: skip
