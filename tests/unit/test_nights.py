"""Nights, weeks and night-time: the vectors that were agreed, clock changes, and ranges."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import nights

VECTORS = [
    ("2024-06-16T01:30:00", "2024-06-15", "2024-W24"),
    ("2024-06-17T01:30:00", "2024-06-16", "2024-W24"),
    ("2024-06-16T21:59:59", None, None),
    ("2024-06-16T22:00:00", "2024-06-16", "2024-W24"),
    ("2024-06-17T04:59:59", "2024-06-16", "2024-W24"),
    ("2024-06-17T05:00:00", None, None),
    ("2025-01-01T00:30:00", "2024-12-31", "2025-W01"),
    ("2024-12-30T03:00:00", "2024-12-29", "2024-W52"),
    ("2024-10-27T01:30:00", "2024-10-26", "2024-W43"),
    ("2024-03-31T01:30:00", "2024-03-30", "2024-W13"),
]


@pytest.mark.parametrize(("local", "night", "week"), VECTORS)
@pytest.mark.parametrize("fold", [0, 1])
def test_night_time_vectors(local, night, week, fold):
    found = nights.night_time_night(datetime.fromisoformat(local).replace(fold=fold))
    assert found == (date.fromisoformat(night) if night else None)
    if found:
        assert nights.week_of(found) == week


def test_weekdays_of_the_vectors():
    assert nights.WEEKDAYS[nights.night_of_local(datetime(2024, 6, 16, 1, 30)).weekday()] == "sat"
    assert nights.WEEKDAYS[nights.night_of_local(datetime(2024, 6, 17, 1, 30)).weekday()] == "sun"


@pytest.mark.parametrize(
    ("instant", "night"),
    [
        (datetime(2024, 6, 15, 11, 0, tzinfo=UTC), "2024-06-15"),  # noon in London in summer
        (datetime(2024, 6, 15, 10, 59, 59, tzinfo=UTC), "2024-06-14"),
        (datetime(2024, 1, 15, 12, 0, tzinfo=UTC), "2024-01-15"),
        (datetime(2024, 1, 15, 11, 59, 59, tzinfo=UTC), "2024-01-14"),
    ],
)
def test_a_night_runs_from_local_noon(instant, night):
    assert nights.night_of(instant) == date.fromisoformat(night)


def test_night_of_in_another_zone():
    assert nights.night_of(datetime(2024, 6, 16, 5, 30, tzinfo=UTC), "America/Chicago") == date(2024, 6, 15)
    assert nights.night_of(datetime(2024, 6, 16, 17, 30, tzinfo=UTC), "America/Chicago") == date(2024, 6, 16)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        nights.night_of(datetime(2024, 6, 16, 1, 30))


def test_weeks():
    assert nights.week_start("2024-W52") == date(2024, 12, 23)
    assert nights.week_of(date(2021, 1, 3)) == "2020-W53"
    assert nights.weeks_between("2020-W52", "2021-W02") == ["2020-W52", "2020-W53", "2021-W01", "2021-W02"]
    assert nights.weeks_between("2021-W02", "2021-W01") == []
    assert nights.nights_of_week("2024-W24") == [date(2024, 6, 10) + timedelta(days=n) for n in range(7)]


@pytest.mark.parametrize("week", ["2024-53", "2024-W5", "2024-W54", "24-W05", "", "2024-w05", "2024-W5a"])
def test_what_is_not_a_week_is_refused(week):
    with pytest.raises(ValueError, match="week"):
        nights.week_start(week)


def local(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "end", "total"),
    [
        ("2024-06-15T20:00", "2024-06-15T23:00", 1 / 3),
        ("2024-06-15T23:30", "2024-06-16T01:30", 1),
        ("2024-06-16T03:00", "2024-06-16T11:00", 1 / 4),
        ("2024-06-15T18:00", "2024-06-16T06:00", 7 / 12),
        ("2024-06-15T12:00", "2024-06-15T18:00", 0),
    ],
)
def test_aoristic_examples(start, end, total):
    weights = nights.night_time_weight(local(start), local(end))
    assert sum(weights.values()) == pytest.approx(total)
    assert set(weights) <= {date(2024, 6, 15)}


def test_an_instant_weighs_one():
    at = local("2024-06-15T23:00")
    assert nights.night_time_weight(at, None) == {date(2024, 6, 15): 1.0}
    assert nights.night_time_weight(at, at) == {date(2024, 6, 15): 1.0}
    assert nights.night_time_weight(local("2024-06-15T12:00"), None) == {}


def test_a_range_over_two_nights_is_shared():
    weights = nights.night_time_weight(local("2024-06-15T04:00"), local("2024-06-15T23:00"))
    assert weights == {date(2024, 6, 14): pytest.approx(1 / 19), date(2024, 6, 15): pytest.approx(1 / 19)}


def test_a_reversed_range_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        nights.night_time_weight(local("2024-06-15T23:00"), local("2024-06-15T22:00"))


@pytest.mark.parametrize(("night", "hours"), [("2024-06-15", 7), ("2024-03-30", 6), ("2024-10-26", 8)])
def test_length_of_night_time(night, hours):
    opens, closes = nights.night_time_window(date.fromisoformat(night))
    assert closes - opens == timedelta(hours=hours)


def test_weights_use_elapsed_time_when_clocks_change():
    # 21:00 to 05:00 by the clock: 7 elapsed hours in spring, 6 of them in the window; 9 and 8 in autumn.
    assert nights.night_time_weight(local("2024-03-30T21:00"), local("2024-03-31T05:00")) == {
        date(2024, 3, 30): pytest.approx(6 / 7)
    }
    assert nights.night_time_weight(local("2024-10-26T21:00"), local("2024-10-27T05:00")) == {
        date(2024, 10, 26): pytest.approx(8 / 9)
    }


def test_the_fold_lengthens_a_range():
    first, second = local("2024-10-27T01:30"), local("2024-10-27T01:30").replace(fold=1)
    assert nights.to_utc(second) - nights.to_utc(first) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "doubt"),
    [
        ("2024-03-31T00:59", ""),
        ("2024-03-31T01:00", "time_not_on_clock"),
        ("2024-03-31T01:59", "time_not_on_clock"),
        ("2024-03-31T02:00", ""),
        ("2024-10-27T00:59", ""),
        ("2024-10-27T01:00", "time_twice"),
        ("2024-10-27T01:59", "time_twice"),
        ("2024-10-27T02:00", ""),
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_clock_doubt(at, doubt, fold):
    assert nights.clock_doubt(local(at).replace(fold=fold)) == doubt


@settings(max_examples=200, deadline=None)
@given(
    start=st.datetimes(min_value=datetime(2019, 1, 1), max_value=datetime(2030, 1, 1)),
    minutes=st.integers(1, 60 * 72),
)
def test_weights_never_pass_one_and_agree_with_counting_minutes(start, minutes):
    start = start.replace(second=0, microsecond=0)
    zone = nights.zone_named(nights.LOCAL_ZONE)
    begins = nights.to_utc(start)
    end = (begins + timedelta(minutes=minutes)).astimezone(zone).replace(tzinfo=None)
    if nights.to_utc(end) <= begins or nights.clock_doubt(end) or nights.clock_doubt(start):
        return
    counted: dict[date, int] = {}
    for minute in range(minutes):
        clock = (begins + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None)
        night = nights.night_time_night(clock)
        if night:
            counted[night] = counted.get(night, 0) + 1
    expected = {night: count / minutes for night, count in counted.items()}
    assert nights.night_time_weight(start, end) == pytest.approx(expected)
    assert sum(expected.values()) <= 1 + 1e-9
