"""What R7, R8 and R10 look at, on inputs so small that each answer is worked out by hand beside it."""

from datetime import date

import pytest

from analytics.evaluation.evidence import Delay, delay_of, early_p, gap_of
from analytics.evaluation.rules import Thresholds
from analytics.evaluation.sensitivities import same_sign_p
from analytics.panel import PanelRow, PanelTable
from analytics.police_data.recording import Recording
from analytics.reach.venue_weeks import VenueWeek

WEEKS = ["2024-W01", "2024-W02", "2024-W03", "2024-W04"]
DRAWN = date(2024, 1, 29)  # the Monday after them: the last lags that were over are 3, 2, 1 and 0


def filling_up() -> Recording:
    """Recorded by lag (whole weeks): 80, 20, 2; 40, 10, 1; 40, 10; 40."""
    counts = {WEEKS[0]: (80, 20, 2), WEEKS[1]: (40, 10, 1), WEEKS[2]: (40, 10), WEEKS[3]: (40,)}
    found = Recording(as_at=dict.fromkeys(WEEKS, DRAWN))
    for week, many in counts.items():
        for lag, number in enumerate(many):
            found.lags[week, lag] = number
    return found


def delay(recording: Recording, **limits: float) -> Delay:
    found = delay_of(recording, WEEKS, Thresholds(**limits))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_recent_weeks_lack_what_older_weeks_still_got_at_their_age():
    """From lag 0 to 1: (100 + 50 + 50) / (80 + 40 + 40) = 1.25. From 1 to 2: (102 + 51) / (100 + 50) = 1.02. Then 1."""
    found = delay(filling_up(), weeks_trimmed=0)
    assert [row["completeness"] for row in found.rows] == pytest.approx([1, 1, 1 / 1.02, 1 / (1.25 * 1.02)])
    assert [row["recorded"] for row in found.rows] == [102, 51, 50, 40]
    assert (found.incomplete, found.recent) == ((WEEKS[3],), ())
    assert found.lowest_kept == pytest.approx(1 / 1.02)


def test_the_last_weeks_are_trimmed_though_they_are_complete():
    """Under two weeks old are the last two, of which one is complete enough (98 %); both kept ones are whole."""
    found = delay(filling_up(), weeks_trimmed=2)
    assert (found.incomplete, found.recent) == ((WEEKS[3],), (WEEKS[2], WEEKS[3]))
    assert found.trimmed == {WEEKS[2], WEEKS[3]}
    assert found.lowest_kept == 1


def test_how_complete_is_enough_is_the_plans_limit():
    assert delay(filling_up(), weeks_trimmed=0, completeness_min=0.78).incomplete == ()
    assert delay(filling_up(), weeks_trimmed=0, completeness_min=0.79).incomplete == (WEEKS[3],)
    assert delay(filling_up(), weeks_trimmed=0, completeness_min=0.99).incomplete == (WEEKS[2], WEEKS[3])


def test_a_week_that_was_not_over_when_the_rows_were_drawn_holds_nothing_that_counts():
    early = filling_up()
    early.as_at = dict.fromkeys(WEEKS, date(2024, 1, 28))  # the Sunday: the fourth week lacks its last day
    assert delay(early, weeks_trimmed=0).rows[3]["completeness"] == 0


def test_a_week_without_rows_is_as_old_as_the_newest_extract():
    quiet = filling_up()
    del quiet.as_at[WEEKS[2]], quiet.lags[WEEKS[2], 0], quiet.lags[WEEKS[2], 1]
    assert quiet.seen_lags(WEEKS[2]) == 1
    assert delay(quiet, weeks_trimmed=0).rows[2] == {
        "week": WEEKS[2], "recorded": 0.0, "completeness": pytest.approx(1 / 1.02),
    }  # fmt: skip


def test_nothing_is_said_of_delay_where_no_record_has_a_date():
    assert delay_of(Recording(by_area={("Town", WEEKS[0]): (1, 1)}), WEEKS, Thresholds()) is None


def reached(area: str, week: str, share: float | None) -> VenueWeek:
    return VenueWeek(
        venue=f"V-{area}", venue_name="V", area=area, area_name={"E1": "Town", "E2": "Port"}[area], capacity=100, week=week,
        trading_nights=3, nights_live=0, display_nights=0.0, live_share=share, admissions=None, opportunities=None,
        likely_seen=None, scans=0, unique_scans=None, downloads=0, handstamps=None, grade="none", reason="", synthetic=True,
    )  # fmt: skip


REACH = [
    reached("E1", WEEKS[0], 0.5), reached("E1", WEEKS[1], 0.0), reached("E2", WEEKS[0], 0.0), reached("E2", WEEKS[1], None),
]  # fmt: skip


def test_the_gap_is_between_area_weeks_with_anything_live_and_all_others():
    """Live: Town in the first week, 45 of 50. Others: 48 + 19 + 30 of 50 + 20 + 30, so 97 %; 7 points apart."""
    placed = {
        ("Town", WEEKS[0]): (45.0, 50.0), ("TOWN", WEEKS[1]): (48.0, 50.0), ("e2", WEEKS[0]): (19.0, 20.0),
        ("Port", WEEKS[1]): (30.0, 30.0),
    }  # fmt: skip
    assert gap_of(Recording(by_area=placed), REACH) == pytest.approx(7.0)
    swapped = {key: (total - some, total) for key, (some, total) in placed.items()}
    assert gap_of(Recording(by_area=swapped), REACH) == pytest.approx(7.0)  # whichever side lacks more


def test_an_area_that_nobody_knows_counts_as_live_while_anything_is():
    """Live: 45 + 6 of 50 + 10, so 85 %. Others: 50 + 10 of 60, so 100 %."""
    placed = {
        ("Town", WEEKS[0]): (45.0, 50.0), ("Elsewhere", WEEKS[0]): (6.0, 10.0), ("Town", WEEKS[1]): (50.0, 50.0),
        ("", WEEKS[1]): (10.0, 10.0),
    }  # fmt: skip
    assert gap_of(Recording(by_area=placed), REACH) == pytest.approx(15.0)


def test_there_is_no_gap_without_offences_on_both_sides():
    assert gap_of(Recording(by_area={("Town", WEEKS[0]): (4.0, 5.0)}), REACH) is None
    assert gap_of(Recording(by_area={("Town", WEEKS[1]): (4.0, 5.0)}), REACH) is None
    assert gap_of(Recording(), REACH) is None


def placebo(p: float | None, p_holm: float | None = None, *, same: bool = True) -> dict[str, object]:
    return {"p": p, "same_sign": same} | ({} if p_holm is None else {"p_holm": p_holm})


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([], None),
        ([placebo(None, same=False)], None),  # none could be worked out
        ([placebo(0.01, 0.03), placebo(0.02, 0.04)], 0.03),
        ([placebo(0.01, 0.03, same=False), placebo(0.02, 0.04)], 0.04),  # the first moved the other way
        ([placebo(0.01, 0.03, same=False)], 1.0),
        ([placebo(None), placebo(0.2, 0.2)], 0.2),
    ],
)
def test_r10_looks_at_the_smallest_p_among_those_that_moved_the_same_way(rows, answer):
    assert same_sign_p(rows) == answer


def panel(exposures: list[float | None]) -> PanelTable:
    """One week, ten assaults in each unit, each unit a cluster of its own in one area."""
    names = [f"V{n}" for n in range(len(exposures))]
    return PanelTable(
        rows=tuple(PanelRow(name, WEEKS[0], "E1", name, 1, x, 10.0) for name, x in zip(names, exposures, strict=True)),
        measure="nte_assault", exposure="live_share", events_in_units=0.0, unique_events=0.0, excluded={}, geocoded_share=1.0,
        synthetic=True, file_hashes=(), reach_hash="", missing={}, unit_of={name: name for name in names},
    )  # fmt: skip


def quick(*many: float) -> Recording:
    return Recording(early={(f"V{n}", WEEKS[0]): number for n, number in enumerate(many)})


def test_quick_recording_where_posters_are_up_is_as_rare_as_chance_makes_it():
    """Two of the 20 ways to choose three of six units are as extreme: p = 0.1, drawn 999 times (error 0.0095)."""
    exposed = panel([1, 1, 1, 0, 0, 0])
    assert early_p(exposed, quick(10, 10, 10, 0, 0, 0), 1) == pytest.approx(0.1, abs=0.03)
    assert early_p(exposed, quick(0, 0, 0, 10, 10, 10), 1) == pytest.approx(0.1, abs=0.03)


def test_quick_recording_that_has_nothing_to_do_with_posters_is_no_sign():
    """The sum over exposed units is what a draw gives on average, so every draw is at least as far off: p = 1."""
    assert early_p(panel([1, 1, 0, 0]), quick(10, 0, 10, 0), 1) == 1.0


def test_there_is_nothing_to_test_without_a_difference():
    assert early_p(panel([1, 1, 0, 0]), quick(5, 5, 5, 5), 1) is None
    assert early_p(panel([1, 1, 1, 1]), quick(10, 0, 10, 0), 1) is None
    assert (
        early_p(panel([1, 1, 0, 0]), Recording(early={("elsewhere", WEEKS[0]): 3, ("V0", WEEKS[1]): 3}), 1) is None
    )


def test_offences_of_weeks_whose_exposure_nobody_knows_are_left_out():
    """Without the last two units the quick share is 5 in 10 everywhere; with them it would not be."""
    assert early_p(panel([1, 1, 0, 0, None, None]), quick(5, 5, 5, 5, 10, 0), 1) is None
