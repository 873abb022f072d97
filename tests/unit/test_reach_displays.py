"""What a check-in proves, and for how long; how displays become people."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import nights
from analytics.reach.displays import add_plays, display_grid, displays_of, freshness
from analytics.reach.factors import Factors, factors_of
from analytics.reach.inputs import Inputs, stamp_gap
from analytics.reach.parameters import Range, parameters
from analytics.reach.plausibility import ALL_AT_ONCE, CLOSED, TOO_FAST, doubts
from analytics.reach.proportions import combined, wilson
from analytics.reach.venue_weeks import rows_of, two_figures
from campaign_pages.activity import VenueFacts
from tests.factories.reach import LAPSED, NOT_SHOWN, SHOWN, OneNight, local, on_night, report

SETTINGS = parameters().freshness
MONDAY = date(2024, 6, 3)
WEEK = "2024-W23"
VENUE = VenueFacts(
    "V1", "The Lamp", "bar", "E1", "Town", None, None, 100, frozenset({3, 4, 5}), None, None, synthetic=True
)


def grid_of(displays, first=MONDAY, days=7):
    return display_grid(displays, first, days, SETTINGS, parameters().proof_nights)


def status(reports, night):
    [display] = displays_of(reports)
    grid = grid_of([display], night, 1)
    if grid.lapsed[0, 0]:
        return OneNight(LAPSED)
    if not grid.shown[0, 0]:
        return OneNight(NOT_SHOWN)
    return OneNight(SHOWN, float(grid.credit[0, 0]), int(grid.count[0, 0]), int(grid.age[0, 0]))


def week(reports, venue=VENUE, name=WEEK, standing=(), plays=(), **more):
    screens = [("screens", metric, "V1", MONDAY, asset, value) for metric, asset, value in more.pop("screens", ())]
    inputs = Inputs(
        [venue],
        add_plays(displays_of(reports, doubts(reports, parameters().plausibility)), plays),
        factors_of(standing, {"V1": "bar", "V2": "bar", "V3": "club"}, parameters(), screens),
        **more,
    )
    [row] = rows_of(inputs, [name], parameters())
    return row


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


def test_up_counts_at_ten_in_the_evening_and_not_a_second_later():
    assert status([report(local(4, 22))], date(2024, 6, 4)).status == SHOWN
    assert status([report(local(4, 22, 0, 1))], date(2024, 6, 4)).status == NOT_SHOWN


def test_down_after_ten_leaves_that_night_and_ends_the_next():
    reports = [report(local(3, 15)), report(local(4, 23), "down")]
    assert status(reports, date(2024, 6, 4)).status == SHOWN
    assert status(reports, date(2024, 6, 5)).status == NOT_SHOWN


def test_down_without_a_place_takes_everything_down():
    reports = [report(local(3, 15)), report(local(3, 15), place="BBBBB"), report(local(4, 12), "down", place=None)]
    displays = displays_of(reports)
    assert len(displays) == 2
    assert not grid_of(displays, date(2024, 6, 5), 1).shown.any()
    assert grid_of(displays, date(2024, 6, 3), 1).shown.all()


def test_down_of_a_place_ends_whatever_hangs_there_when_the_asset_is_not_known():
    reports = [report(local(3, 15), asset="NEW"), report(local(4, 12), "down")]
    assert status(reports, date(2024, 6, 4)).status == NOT_SHOWN


def test_damaged_halves_until_replaced_and_more_changes_nothing():
    reports = [report(local(3, 15)), report(local(4, 15), "damaged"), report(local(5, 15), "more")]
    assert status(reports, date(2024, 6, 5)).credit == pytest.approx(0.5)
    assert status([*reports, report(local(6, 15))], date(2024, 6, 6)).credit == 1


def test_an_old_check_in_is_lapsed_not_gone():
    assert status([report(local(3, 15))], MONDAY + timedelta(days=15)).status == LAPSED
    assert status([report(local(3, 15))], MONDAY + timedelta(days=800)).status == LAPSED


moments = st.datetimes(datetime(2024, 3, 1), datetime(2024, 4, 30)).map(lambda each: each.replace(tzinfo=UTC))
REPORTS = st.lists(
    st.tuples(moments, st.sampled_from(("up", "down", "damaged", "more")), st.integers(1, 3)), min_size=1, max_size=12
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(REPORTS)
def test_the_grid_agrees_with_one_night_at_a_time(drawn):
    """Over the clock change of 31 March 2024, by a second way that shares only the freshness curve."""
    reports = sorted((report(at, state, count=count) for at, state, count in drawn), key=lambda each: each.at)
    displays = displays_of(reports)
    first = date(2024, 3, 11)
    if not displays:
        assert all(each.state == "more" for each in reports)
        return
    grid = grid_of(displays, first, 42)
    for n in range(42):
        slow = on_night(reports, first + timedelta(days=n), SETTINGS)
        assert bool(grid.lapsed[0, n]) == (slow.status == LAPSED)
        assert grid.credit[0, n] == pytest.approx(slow.credit)
        if slow.status == SHOWN:
            assert (grid.count[0, n], grid.age[0, n]) == (slow.count, slow.age)


def test_share_of_trading_nights_live():
    row = week([report(local(7, 15))])  # Friday afternoon
    assert (row.nights_live, row.trading_nights) == (2, 3)
    assert row.live_share == pytest.approx(2 / 3)


def test_the_best_of_two_assets_counts_once_in_the_share_and_both_in_display_nights():
    row = week([report(local(3, 15), count=3), report(local(3, 15), place="BBBBB")])
    assert row.live_share == 1
    assert row.display_nights == pytest.approx(12)


def test_missing_is_missing():
    reports = [report(local(3, 15))]
    closed = replace(VENUE, closed_on=date(2024, 1, 1))
    assert (week(reports, closed).live_share, week(reports, closed).reason) == (None, "did not trade")
    assert week([]).live_share == 0
    assert week([]).likely_seen_share == Range(0, 0, 0)
    assert week(reports, name="2024-W22").live_share == 0
    late = week(reports, name="2024-W26")
    assert (late.live_share, late.likely_seen_share) == (None, None)
    assert "no check-in" in late.reason
    unknown = week(reports, replace(VENUE, capacity=None))
    assert (unknown.live_share, unknown.likely_seen, unknown.likely_seen_share) == (1, None, None)
    assert unknown.reason == "no door count and no capacity"


def test_one_night_without_a_count_and_without_capacity_leaves_the_week_missing_not_low():
    door = {
        ("V1", date(2024, 6, 6)): (Range(95, 100, 105), "A"),
        ("V1", date(2024, 6, 7)): (Range(95, 100, 105), "A"),
    }
    row = week([report(local(3, 15))], replace(VENUE, capacity=None), door=door)
    assert (row.admissions, row.likely_seen) == (None, None)


def test_closed_for_one_night_and_open_for_another():
    closed = week([report(local(3, 15))], open_on={("V1", date(2024, 6, 6)): False})
    assert (closed.trading_nights, closed.nights_live) == (2, 2)
    extra = week([report(local(4, 15))], open_on={("V1", date(2024, 6, 3)): True})
    assert (extra.trading_nights, extra.nights_live) == (4, 3)
    unknown = week([report(local(3, 15))], replace(VENUE, open_nights=frozenset()))
    assert unknown.trading_nights == 7
    assert unknown.grade_parts["opening_nights"] == "C"


def test_people_are_not_contacts_and_never_more_than_came():
    reports = [report(local(3, 15), place=place, zone=zone, count=2) for place, zone in
               (("AAAAA", "bar"), ("BBBBB", "entrance"), ("CCCCC", "mens_toilet"))]  # fmt: skip
    row = week(reports)
    assert 0 < row.likely_seen.low < row.likely_seen.mid < row.likely_seen.high
    for level in ("low", "mid", "high"):
        assert getattr(row.likely_seen, level) <= getattr(row.opportunities, level)
        assert getattr(row.opportunities, level) <= getattr(row.admissions, level)
    assert row.contacts.mid > row.likely_seen.mid
    assert row.frequency == pytest.approx(row.contacts.mid / row.likely_seen.mid)
    assert 0 < row.likely_seen_share.low < row.likely_seen_share.mid < row.likely_seen_share.high <= 1
    z, q, people = parameters().zones, parameters().notice, row.admissions.mid
    missed = (1 - z["bar"].mid * q.mid) * (1 - z["entrance"].mid * q.mid) * (1 - z["mens_toilet"].mid * q.mid)
    assert row.likely_seen.mid == pytest.approx(people * (1 - missed))


def test_a_mens_toilet_reaches_men_only():
    reports = [report(local(3, 15), zone="mens_toilet")]
    few_men = [("mens_share", "share", "V1", MONDAY, "", 0.2, 0.1, 0.25)]
    row = week(reports, standing=few_men)
    assert row.opportunities.mid == pytest.approx(0.2 * row.admissions.mid)
    assert week(reports).opportunities.mid == pytest.approx(0.5 * row.admissions.mid)


def counted(passed=60, noticed=30, admitted=80, venue="V1"):
    return [("notice_counts", name, venue, MONDAY, "bar", value, None, None)
            for name, value in (("passed", passed), ("noticed", noticed), ("admitted", admitted))]  # fmt: skip


DOOR = {("V1", date(2024, 6, day)): (Range(95, 100, 105), "A") for day in (6, 7, 8)}


@pytest.mark.parametrize(
    ("source", "standing", "door", "grade"),
    [
        ("photo", counted(), DOOR, {"admissions": "A", "display": "A", "notice": "A"}),
        ("proof", counted(venue="V2"), DOOR, {"admissions": "A", "display": "A", "notice": "B"}),
        ("photo", counted(venue="V3"), DOOR, {"admissions": "A", "display": "A", "notice": "C"}),
        ("photo", counted(passed=49), DOOR, {"admissions": "A", "display": "A", "notice": "C"}),
        ("visit", counted(), DOOR, {"admissions": "A", "display": "B", "notice": "A"}),
        ("photo", counted(), {}, {"admissions": "C", "display": "A", "notice": "A"}),
        ("photo", counted(), dict(list(DOOR.items())[:2]), {"admissions": "C", "display": "A", "notice": "A"}),
    ],
)
def test_a_week_is_as_good_as_its_worst_part(source, standing, door, grade):
    row = week([report(local(3, 15), source=source)], standing=standing, door=door)
    assert row.grade_parts == grade
    assert row.grade == max(grade.values())


def test_a_proof_of_display_is_a_week_old_at_most():
    reports = [report(local(3, 15), source="photo"), report(local(12, 15))]
    row = week(reports, name="2024-W24", standing=counted(), door={
        ("V1", date(2024, 6, day)): (Range(95, 100, 105), "A") for day in (13, 14, 15)})  # fmt: skip
    assert row.grade_parts["display"] == "B"


def test_without_a_verified_display_there_is_no_grade_and_no_figure():
    row = week([])
    assert (row.grade, row.likely_seen, row.opportunities, row.contacts) == ("none", None, None, None)
    assert row.reason == "nothing reported up"


def test_counted_notice_replaces_the_assumption_with_its_interval():
    factor = factors_of(counted(), {"V1": "bar"}, parameters()).notice("V1", "bar")
    assert factor.share == wilson(30, 60)
    assert Factors(parameters()).notice("V1", "bar").share == parameters().notice


def test_a_play_log_speaks_for_its_night_and_overrules_reports():
    reports = [report(local(3, 15), zone="screen", asset="WA-1")]
    nights_ = [date(2024, 6, day) for day in (6, 7, 8)]
    row = week(reports, plays=[("V1", "WA-1", nights_[0], 0.0), ("V1", "", nights_[1], 40.0)])
    assert row.nights_live == 2
    alone = week([], plays=[("V1", "WA-1", nights_[1], 40.0)])
    assert (alone.nights_live, alone.grade_parts["display"]) == (1, "A")
    assert alone.live_share == pytest.approx(1 / 3)


def test_a_slide_is_met_by_dwell_over_loop():
    """Worked from the DPAA's terms: stay of 150 s in a loop of 600 s meets the slide for a quarter of people."""
    plays = [("V1", "WA-1", date(2024, 6, 7), 40.0)]
    row = week([], plays=plays, screens=[("loop", "WA-1", 600.0), ("dwell", "WA-1", 150.0)])
    friday = parameters().occupancy[4] * 100 * 2
    zone, notice = parameters().zones["screen"], parameters().notice
    assert row.likely_seen.mid == pytest.approx(friday * zone.mid * notice.mid * 0.25)
    long = week([], plays=plays, screens=[("loop", "WA-1", 60.0), ("dwell", "WA-1", 150.0)])
    assert long.likely_seen.mid == pytest.approx(friday * zone.mid * notice.mid)
    assert long.contacts.mid == pytest.approx(friday * zone.mid * notice.mid * 2.5)


def test_check_ins_that_look_wrong():
    plausible = parameters().plausibility
    three = [report(local(4, 15, 0, second), place=place) for second, place in ((0, "A"), (20, "B"), (50, "C"))]
    assert doubts(three, plausible) == dict.fromkeys(range(3), ALL_AT_ONCE)
    slow = [report(local(4, 15, minute), place=place) for minute, place in ((0, "A"), (1, "B"), (3, "C"))]
    assert doubts(slow, plausible) == {}
    assert doubts([replace(each, source="visit") for each in three], plausible) == {}
    flip = [report(local(4, 15)), report(local(4, 15, 0, 10), "down")]
    assert set(doubts(flip, plausible).values()) == {TOO_FAST}
    assert doubts([report(local(4, 6))], plausible) == {0: CLOSED}
    assert doubts([report(local(4, 8))], plausible) == {}
    many = [report(local(4, 15, 3 * n), place="A") for n in range(13)]
    assert doubts(many, plausible) == {12: TOO_FAST}


def test_a_doubtful_check_in_lowers_the_grade_until_one_confirms_it():
    doubtful = [report(local(3, 6), source="sticker")]
    kwargs = {"standing": counted(), "door": DOOR}
    assert week(doubtful, **kwargs).grade_parts["display"] == "C"
    assert week([*doubtful, report(local(4, 15))], **kwargs).grade_parts["display"] == "B"


def test_stamps_against_stock():
    assert stamp_gap({"stamps": 80}) is None
    assert stamp_gap({"stamps": 80, "issued": 200, "left": 100}) == pytest.approx(0.25)
    assert stamp_gap({"stamps": 0, "issued": 10, "left": 0}) == 1


def test_channels_of_one_population_are_bounded_without_independence():
    found = combined([Range(0.1, 0.2, 0.3), Range(0.25, 0.3, 0.4)])
    assert (found.low, found.high) == (0.25, pytest.approx(0.7))
    assert found.mid == pytest.approx(1 - 0.8 * 0.7)
    assert combined([Range(0.5, 0.8, 0.9), Range(0.5, 0.8, 0.9)]).high == 1
    with pytest.raises(ValueError, match="one and the same population"):
        combined([Range(0.1, 0.2, 1.3)])


def test_wilson_interval():
    """Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3: 81/263, 15/148, 0/20, 1/29."""
    for yes, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)):  # fmt: skip
        found = wilson(yes, n)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    with pytest.raises(ValueError, match="somebody asked"):
        wilson(1, 0)


def test_a_range_must_be_in_order():
    with pytest.raises(ValueError, match="low <= mid <= high"):
        Range(2, 1, 3)


@pytest.mark.parametrize(
    ("value", "words"), [(None, ""), (0, "0"), (1234, "1,200"), (0.0456, "0.046"), (9.96, "10.0"), (57, "57")]
)
def test_two_significant_figures_on_screen(value, words):
    assert two_figures(value) == words


def test_slices_of_venues_change_nothing(monkeypatch):
    from analytics.reach import venue_weeks

    venues = [replace(VENUE, code=f"V{n}", capacity=50 + n) for n in range(7)]
    reports = [report(local(3 + n % 3, 15), venue=f"V{n}") for n in range(0, 7, 2)]
    inputs = Inputs(venues, displays_of(reports), Factors(parameters()))
    weeks = nights.weeks_between("2024-W22", "2024-W24")
    whole = rows_of(inputs, weeks, parameters())
    monkeypatch.setattr(venue_weeks, "VENUES_AT_ONCE", 2)
    assert rows_of(inputs, weeks, parameters()) == whole
    assert len({row.venue for row in whole if row.nights_live}) == 4
    assert np.isfinite([row.live_share for row in whole]).all()
