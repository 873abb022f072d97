"""R11: whatever the counts, they stand in exactly one unit each, or there is no panel."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.panel import PanelError, _check_sums, _rows
from analytics.police_data.counting import VenueWeekCounts
from analytics.reach.venue_weeks import VenueWeek

VENUES, WEEKS = ("A1", "A2", "B1"), ("2024-W01", "2024-W02")
CLUSTERS = {"A1": "A1", "A2": "A1", "B1": "B1"}
CELLS = [(venue, week) for venue in VENUES for week in WEEKS]


def reach() -> list[VenueWeek]:
    return [
        VenueWeek(
            venue=venue, venue_name=venue, area="E1", area_name="Town", capacity=100, week=week, trading_nights=3, nights_live=0,
            display_nights=0.0, live_share=0.0, admissions=None, opportunities=None, likely_seen=None, scans=0,
            unique_scans=None, downloads=0, handstamps=None, grade="none", reason="", synthetic=True,
        )
        for venue, week in CELLS
    ]  # fmt: skip


def counts_of(found: dict[tuple[str, str], float], *, unique: float | None = None, units: float | None = None):
    total = sum(found.values())
    return VenueWeekCounts(
        counts=found, events_in_units=total if units is None else units, unique_events=total if unique is None else unique,
        excluded={}, synthetic=True, file_hashes=(),
    )  # fmt: skip


COUNTS = st.dictionaries(st.sampled_from(CELLS), st.floats(0, 50, allow_subnormal=False), min_size=1)


@settings(max_examples=60, deadline=None)
@given(found=COUNTS, by_cluster=st.booleans())
def test_units_hold_what_was_matched(found, by_cluster):
    unit_of = CLUSTERS if by_cluster else {venue: venue for venue in VENUES}
    counts = counts_of(found)
    rows, _ = _rows(reach(), counts, "live_share", unit_of, CLUSTERS)
    _check_sums(rows, counts)
    assert sum(row.assaults for row in rows) == pytest.approx(counts.unique_events, abs=1e-6)
    assert len({(row.unit, row.week) for row in rows}) == len(rows) == (4 if by_cluster else 6)


@settings(max_examples=60, deadline=None)
@given(found=COUNTS, lost=st.floats(0.01, 5))
def test_an_offence_too_many_or_too_few_is_a_hard_error(found, lost):
    unit_of = {venue: venue for venue in VENUES}
    total = sum(found.values())
    for wrong in (
        counts_of(found, unique=total + lost),  # counted, but in no unit
        counts_of(found, unique=max(0.0, total - lost), units=total)
        if total > lost
        else counts_of(found, unique=total + lost),
        counts_of(found | {("Z9", "2024-W01"): lost}),  # at a venue that is in no unit
        counts_of(found | {("A1", "2023-W52"): lost}),  # in a week outside the panel
    ):
        rows, _ = _rows(reach(), wrong, "live_share", unit_of, CLUSTERS)
        with pytest.raises(PanelError, match="R11"):
            _check_sums(rows, wrong)
    rows, _ = _rows(reach(), counts_of(found), "live_share", unit_of, CLUSTERS)
    with pytest.raises(PanelError, match="R11"):
        _check_sums([*rows, rows[0]], counts_of(found))
