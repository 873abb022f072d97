"""Second looks at reach: what is still felt of last week counts in them as in the first, each on a scale of its own."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from analytics.evaluation.panel_analysis import Panel, PanelError
from analytics.evaluation.panel_spec import parse_spec
from analytics.evaluation.plain_words import explain
from analytics.evaluation.sensitivities import Base, reach_range, secondary_exposures
from analytics.panel import unit_exposures
from analytics.reach.venue_weeks import Range, VenueWeek
from analytics.statistics.carry_over import carried_over

WEEKS = [f"2024-W{n:02d}" for n in range(1, 9)]
LIVE = {"V1": [0, 0, 1, 1, 1, 0.5, 0, 0], "V2": [0, 1, 1, None, 1, 1, 1, 1]}
STAMPS = {"V1": [0, 0, 40, 40, 40, 20, 0, 0], "V2": [0, 10, 10, 5, 10, 10, 10, 10]}
SEEN = {"low": 20, "mid": 40, "high": 80}  # of 100 let in, where anything is up
SPEC = {
    "data": {
        "unit": "unit",
        "time": "week",
        "outcome": "assaults",
        "exposure": ["live_share"],
        "cluster": "cluster",
    },
    "model": {"family": "poisson", "effects": ["unit", "time"], "design": "regression", "inference": ["cv3"]},
}


def week_of(venue: str, n: int) -> VenueWeek:
    live = LIVE[venue][n]
    return VenueWeek(
        venue=venue, venue_name=venue, area="A", area_name="A", capacity=100, week=WEEKS[n], trading_nights=4,
        nights_live=round(4 * (live or 0)), display_nights=4 * (live or 0), live_share=live,
        admissions=Range(100, 100, 100), opportunities=None, likely_seen=Range(**SEEN), scans=0, unique_scans=None,
        downloads=0, handstamps=STAMPS[venue][n], grade="B", reason="", synthetic=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Seen(Base):
    """Keeps the columns that it was asked to fit, in order, and fits none."""

    asked: list[np.ndarray] = field(default_factory=list)

    def ratio(self, *, outcome=None, exposure=None, keep=None, exact=True):
        self.asked.append(exposure)
        raise PanelError("only the column is looked at")


def base_with(carry_over: float) -> Seen:
    reach = [week_of(venue, n) for venue in LIVE for n in range(len(WEEKS))]
    known = [each for each in reach if each.live_share is not None]
    unit, week = np.array([each.venue for each in known]), np.array([each.week for each in known])
    unit_of = {venue: venue for venue in LIVE}
    panel = Panel(time=week, outcome=np.ones(len(known)), exposures={"live_share": np.ones(len(known))}, unit=unit)
    raw = unit_exposures(reach, "live_share", unit_of)
    return Seen(panel, unit, week, WEEKS, unit_of, reach, parse_spec(SPEC), raw, carry_over)


def felt(values: list[float | None], share: float) -> list[float]:
    """S_t = x_t + share x S_(t-1), times (1 - share), by hand; weeks that nobody knows decay and are left out."""
    stock, found = 0.0, []
    for value in values:
        stock = share * stock + (value or 0.0)
        if value is not None:
            found.append(stock * (1 - share))
    return found


def test_the_stock_stays_inside_its_unit_and_unknown_weeks_decay_and_stay_unknown():
    exposure = np.array([[0, 1, 1, np.nan, 1], [5, 5, 5, 5, 5]])
    first, second = carried_over(exposure, 0.5).tolist()
    assert first == [0, 0.5, 0.75, pytest.approx(np.nan, nan_ok=True), 0.6875]
    assert second == [2.5, 3.75, 4.375, 4.6875, 4.84375]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_second_looks_carry_over_as_the_plan_does_each_on_its_own_scale(share):
    base = base_with(share)
    secondary_exposures(base, ("likely_seen_share", "handstamps"))
    seen, stamps = base.asked
    known = {venue: [None if live is None else live for live in LIVE[venue]] for venue in LIVE}
    assert seen == pytest.approx(
        [each for v in LIVE for each in felt([x if x is None else 0.4 * (x > 0) for x in known[v]], share)]
    )
    counted = {
        v: [None if live is None else many for live, many in zip(LIVE[v], STAMPS[v], strict=True)] for v in LIVE
    }
    own = [many for v in LIVE for many in counted[v] if many]
    usual = sum(own) / len(own)  # a week that has any is 1, also where its stock decays for weeks after
    assert stamps == pytest.approx([each / usual for v in LIVE for each in felt(counted[v], share)])


def test_low_mid_and_high_reach_are_one_stock():
    base = base_with(0.5)
    assert reach_range(base, ("live_share", "likely_seen_share")) is not None
    low, mid, high = base.asked
    assert mid == pytest.approx(2 * low)
    assert high == pytest.approx(2 * mid)
    last = [n for n, (unit, week) in enumerate(base.cells) if (unit, week) == ("V1", WEEKS[-1])]
    assert LIVE["V1"][-1] == 0
    assert mid[last] > 0  # what was seen weeks ago is still felt


def test_plain_words_say_it_beside_both_fields():
    said = {"carry_over": 0.5, "secondary_exposures": ["scans"]}
    found = explain(said, [])
    assert "and in every second look at reach" in found["carry_over"]
    assert "still felt of last week counts in them too" in found["secondary_exposures"]
    assert "still felt" not in explain(said | {"carry_over": 0}, [])["secondary_exposures"]
