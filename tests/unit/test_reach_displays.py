"""What a check-in proves, and for how long."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.reach.displays import LAPSED, NOT_SHOWN, SHOWN, displays_of, freshness, on_night, week_shown
from analytics.reach.parameters import Range, parameters
from analytics.reach.venue_weeks import people_reached, two_figures
from campaign_pages.activity import CheckInRecord

SETTINGS = parameters().freshness
MONDAY = date(2024, 6, 3)


def report(at, state="up", place="AAAAA", zone="bar", asset="A3", count=1):
    return CheckInRecord("V1", place, zone, asset, state, count, at, "sticker")


def local(day, hour, minute=0):
    """June: one hour ahead of UTC."""
    return datetime(2024, 6, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def status(reports, night):
    [display] = displays_of(reports)["V1"]
    return on_night(display, night, SETTINGS)


@pytest.mark.parametrize(
    ("age", "credit"), [(-1, 0), (0, 1), (7, 1), (8, 1 - 0.5 / 7), (14, 0.5), (15, 0), (400, 0)]
)
def test_freshness_by_age(age, credit):
    assert freshness(age, SETTINGS) == pytest.approx(credit)


@given(st.integers(min_value=0, max_value=60))
def test_freshness_never_rises_with_age(age):
    assert 0 <= freshness(age + 1, SETTINGS) <= freshness(age, SETTINGS) <= 1


def test_a_check_in_in_the_morning_starts_with_the_coming_night():
    reports = [report(local(4, 8))]
    assert status(reports, date(2024, 6, 3)).status == NOT_SHOWN
    assert status(reports, date(2024, 6, 4)).status == SHOWN


def test_up_counts_at_ten_in_the_evening_and_not_a_minute_later():
    assert status([report(local(4, 22))], date(2024, 6, 4)).status == SHOWN
    assert status([report(local(4, 22, 1))], date(2024, 6, 4)).status == NOT_SHOWN


def test_down_after_ten_leaves_that_night_and_ends_the_next():
    reports = [report(local(3, 15)), report(local(4, 23), "down")]
    assert status(reports, date(2024, 6, 4)).status == SHOWN
    assert status(reports, date(2024, 6, 5)).status == NOT_SHOWN


def test_down_without_a_place_takes_everything_down():
    reports = [report(local(3, 15)), report(local(3, 15), place="BBBBB"), report(local(4, 12), "down", place=None)]
    displays = displays_of(reports)["V1"]
    assert len(displays) == 2
    assert {on_night(each, date(2024, 6, 5), SETTINGS).status for each in displays} == {NOT_SHOWN}


def test_damaged_halves_until_replaced_and_more_changes_nothing():
    reports = [report(local(3, 15)), report(local(4, 15), "damaged"), report(local(5, 15), "more")]
    assert status(reports, date(2024, 6, 5)).credit == pytest.approx(0.5)
    assert status([*reports, report(local(6, 15))], date(2024, 6, 6)).credit == 1


def test_an_old_check_in_is_lapsed_not_gone():
    assert status([report(local(3, 15))], MONDAY + timedelta(days=15)).status == LAPSED


def week_of_nights(first=MONDAY):
    return [first + timedelta(days=n) for n in (3, 4, 5)]


def test_share_of_trading_nights_live():
    displays = displays_of([report(local(7, 15))])["V1"]  # Friday afternoon
    shown = week_shown(displays, week_of_nights(), SETTINGS)
    assert (shown.nights_live, shown.trading_nights) == (2, 3)
    assert shown.live_share == pytest.approx(2 / 3)


def test_the_best_of_two_assets_counts_once_in_the_share_and_both_in_display_nights():
    displays = displays_of([report(local(3, 15), count=3), report(local(3, 15), place="BBBBB")])["V1"]
    shown = week_shown(displays, week_of_nights(), SETTINGS)
    assert shown.live_share == 1
    assert shown.display_nights == pytest.approx(12)


def test_missing_is_missing():
    displays = displays_of([report(local(3, 15))])["V1"]
    assert week_shown(displays, [], SETTINGS).live_share is None
    assert week_shown([], week_of_nights(), SETTINGS).live_share == 0
    assert week_shown(displays, week_of_nights(MONDAY - timedelta(days=7)), SETTINGS).live_share == 0
    late = week_shown(displays, week_of_nights(MONDAY + timedelta(days=21)), SETTINGS)
    assert late.live_share is None
    assert "no check-in" in late.reason


def test_people_reached_is_people_and_never_more_than_came():
    people = Range(100, 200, 400)
    could, did = people_reached(people, [("bar", 1.0), ("entrance", 1.0), ("mens_toilet", 1.0)], parameters())
    assert 0 < did.low < did.mid < did.high <= could.high <= people.high
    assert could.mid <= people.mid
    one, _ = people_reached(people, [("mens_toilet", 1.0)], parameters())
    assert one.mid == pytest.approx(100)  # half of 200: a men's toilet reaches men only


def test_a_range_must_be_in_order():
    with pytest.raises(ValueError, match="low <= mid <= high"):
        Range(2, 1, 3)


@pytest.mark.parametrize(
    ("value", "words"), [(None, ""), (0, "0"), (1234, "1,200"), (0.0456, "0.046"), (9.96, "10.0"), (57, "57")]
)
def test_two_significant_figures_on_screen(value, words):
    assert two_figures(value) == words
