"""The season of a simulation comes from the weeks that history has, also where it ends long before the study begins."""

import math

import pytest

from analytics import nights
from analytics.evaluation.planned import History, _season


@pytest.mark.parametrize("last", ["2025-W52", "2025-W26"], ids=["up to the study", "half a year before it"])
def test_the_peak_stays_where_it_was(last: str) -> None:
    named = nights.weeks_between("2024-W01", last)
    totals = tuple(40 + 10 * math.cos(2 * math.pi * (int(week[-2:]) - 50) / 52.18) for week in named)
    study = nights.weeks_between("2026-W01", "2026-W52")
    season = _season(History({}, totals, len(named), "", tuple(named)), study)
    assert abs(int(study[int(season.argmax())][-2:]) - 50) <= 1
