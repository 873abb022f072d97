"""Reading a source's times: formats, zones, 24:00, clock changes and ranges. Local times stay naive."""

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from analytics import nights

LONGEST_RANGE = timedelta(hours=12)
OLDEST = date(1990, 1, 1)
PLACEHOLDER = "placeholder_time"
ISO = (("%Y-%m-%d %H:%M:%S", True), ("%Y-%m-%d", False))  # how a spreadsheet's own dates are handed on
MOST_KNOWN = 5_000  # texts remembered: an extract's date stands in every row
DIGITS = {
    "%Y": "(?P<year>[0-9]{4})", "%m": "(?P<month>[0-9]{2})", "%d": "(?P<day>[0-9]{2})", "%H": "(?P<hour>[0-9]{2})",
    "%M": "(?P<minute>[0-9]{2})", "%S": "(?P<second>[0-9]{2})",
}  # fmt: skip


class TimeRefused(ValueError):
    """A time that cannot be used: ``code`` is one of the reject codes, the message its reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Moment:
    """A local wall-clock time; ``has_time`` is False where only the date is known."""

    local: datetime
    has_time: bool
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """When an offence happened, with its weights under the time rules."""

    precision: str
    start: datetime
    end: datetime | None
    kind: str  # instant, range, reversed, long, unknown behind a placeholder, or "" without a time
    night: date | None
    night_weight: float
    day_weight: float
    weight_start: int = 0
    weight_middle: int = 0
    weight_whole: int = 0
    clock_mark: str = ""
    hour_shares: str = ""


def _date_part(form: str) -> str:
    return form.split("T")[0].split(" ")[0]


def _strict_pattern(form: str) -> re.Pattern[str] | None:
    """Texts with all digits written out that strptime reads by ``form``; None for a format with other parts."""
    pattern, rest = "", form
    while rest:
        directive = DIGITS.get(rest[:2])
        if rest[0] == "%" and directive is None:
            return None
        pattern, rest = (pattern + directive, rest[2:]) if directive else (pattern + re.escape(rest[0]), rest[1:])
    whole = re.compile(pattern) if pattern.count("(?P<") == len(set(re.findall(r"<\w+>", pattern))) else None
    return whole if whole and {"year", "month", "day"} <= set(whole.groupindex) else None


class MomentReader:
    """Reads times of one source. ``zone`` is what they are written in, ``local`` where things happened.

    ``placeholders`` are the clock times that the source writes, in ``zone``, where it does not know the time.
    """

    def __init__(
        self,
        formats: tuple[str, ...],
        *,
        zone: str,
        local: str,
        latest: date,
        placeholders: frozenset[time] = frozenset(),
    ) -> None:
        self.placeholders = placeholders
        timed = [(form, "%H" in form or "%I" in form or "%X" in form) for form in formats]
        extra = [(_date_part(form), False) for form, has_time in timed if has_time]
        iso = () if any(re.search("%Y.*%d.*%m", form) for form in formats) else ISO  # one order for a whole file
        self.formats = list(dict.fromkeys([*timed, *extra, *iso]))
        self.zone, self.local, self.latest = zone, local, latest
        self.usual = _strict_pattern(self.formats[0][0])
        self._read: dict[str, Moment] = {}

    def read(self, text: str) -> Moment:
        """The moment in local time. Raises TimeRefused with ``date_unreadable`` and the like."""
        known = self._read.get(text)
        if known is None:
            known = self._moment(text)
            if len(self._read) >= MOST_KNOWN:
                self._read.clear()
            self._read[text] = known
        return known

    def _moment(self, text: str) -> Moment:
        moment, flags = self._parse(text.strip())
        if moment[1] and moment[0].time() in self.placeholders:
            flags = (*flags, PLACEHOLDER)
        if moment[1] and (self.zone != self.local or moment[0].tzinfo is not None):
            aware = moment[0] if moment[0].tzinfo else moment[0].replace(tzinfo=nights.zone_named(self.zone))
            local = aware.astimezone(UTC).astimezone(nights.zone_named(self.local))
            moment = (local.replace(tzinfo=None), True)  # keeps the fold: no doubt in a converted time
        elif moment[1]:
            doubt = nights.clock_doubt(moment[0], self.local) if moment[0].hour < 4 else ""  # when clocks change
            flags = (*flags, doubt) if doubt else flags
        if moment[0].date() > self.latest:
            raise TimeRefused("date_in_future", "the date lies in the future")
        if moment[0].date() < OLDEST:
            raise TimeRefused("date_too_old", f"the date lies before {OLDEST.isoformat()}")
        return Moment(moment[0], moment[1], flags)

    def _parse(self, text: str) -> tuple[tuple[datetime, bool], tuple[str, ...]]:
        if not text:
            raise TimeRefused("date_unreadable", "there is no date")
        usual = self.usual.fullmatch(text) if self.usual else None
        if usual:
            with contextlib.suppress(ValueError):  # strptime says the same, ten times as slowly
                parts = {name: int(part) for name, part in usual.groupdict().items()}
                return (datetime(**parts), self.formats[0][1]), ()  # type: ignore[arg-type]  # noqa: DTZ001
        for form, has_time in self.formats:
            try:
                return (datetime.strptime(text, form), has_time), ()  # noqa: DTZ007 - wall-clock time
            except ValueError:
                continue
        if "24:00" in text:
            midnight = text.replace("24:00", "00:00", 1)
            for form, has_time in self.formats:
                try:
                    at = datetime.strptime(midnight, form)  # noqa: DTZ007 - wall-clock time
                except ValueError:
                    continue
                return (at + timedelta(days=1), has_time), ("time_24",)
        wanted = ", ".join(form for form, _ in self.formats[:3])
        raise TimeRefused("date_unreadable", f"does not read as {wanted}")


def span_of(
    start: Moment, end: Moment | None, zone: str, *, placeholder: bool = False
) -> tuple[Span, tuple[str, ...]]:
    """The span of an offence with its weights, and its flags.

    With ``placeholder``, or with a time that stands for "not known", only the date counts.
    """
    flags = start.flags + (end.flags if end else ()) + ((PLACEHOLDER,) if placeholder else ())
    if not start.has_time:
        return Span("date", start.local, None, "", None, 0.0, 0.0), flags
    last = end.local if end is not None and end.has_time else None
    if end is not None and not end.has_time:
        flags = (*flags, "end_without_time")
    begin = start.local
    mark = _clock_mark(begin)
    if PLACEHOLDER in flags:
        return Span("time", begin, last, "unknown", None, 0.0, 0.0, clock_mark=mark), flags
    if last is None or last == begin:
        night = nights.night_time_night(begin)
        inside = int(night is not None)
        return (
            Span(
                "time", begin, None, "instant", night or nights.night_of_local(begin), float(inside),
                nights.daytime_weight(begin, None, zone), inside, inside, inside, mark,
            ),
            flags,
        )  # fmt: skip
    begins, ends = nights.to_utc(begin, zone), nights.to_utc(last, zone)
    around = nights.night_of_local(begin)
    if ends < begins:
        return Span("time", begin, last, "reversed", around, 0.0, 0.0, clock_mark=mark), (*flags, "range_reversed")
    if ends - begins > LONGEST_RANGE:
        return Span("time", begin, last, "long", around, 0.0, 0.0, clock_mark=mark), (*flags, "span_over_limit")
    weights = nights.night_time_weight(begin, last, zone)
    # Windows lie 17 hours apart, so a range of at most 12 hours touches one of them only.
    night, weight = next(iter(weights.items()), (around, 0.0))
    middle = (begins + (ends - begins) / 2).astimezone(nights.zone_named(zone)).replace(tzinfo=None)
    return Span(
        "time", begin, last, "range", night, weight, nights.daytime_weight(begin, last, zone),
        int(nights.is_night_time(begin)), int(nights.is_night_time(middle)), int(weight > 1 - 1e-9), mark,
        _hour_shares(begin, last, zone),
    ), flags  # fmt: skip


def _clock_mark(local: datetime) -> str:
    """Exactly 00:00, 00:01 or 12:00, or on another full hour: where clocks tell of guesses (rule R7)."""
    if local.second or local.minute > 1 or (local.minute and local.hour):
        return ""
    exact = f"{local.hour:02d}{local.minute:02d}"
    return exact if exact in ("0000", "0001", "1200") else "hour"


def _hour_shares(start: datetime, end: datetime, zone: str) -> str:
    """ "22:0.25 23:0.75": hours since midnight of the first day, each with its share of the elapsed time."""
    shares: dict[int, float] = {}
    for day, hour, share in nights.hours_touched(start, end, zone):
        after_midnight = (day - start.date()).days * 24 + hour
        shares[after_midnight] = shares.get(after_midnight, 0.0) + share
    return " ".join(f"{hour}:{share:.10g}" for hour, share in sorted(shares.items()))
