"""How the needs assessment's tables print numbers, and the whole numbers behind the synthetic extract."""

from datetime import date
from pathlib import Path

import numpy
import pytest

from analytics.measures.sna import HEALTH_TABLE, definitions, published
from analytics.police_data.sna_source import a_year_before, month_of
from analytics.police_data.sna_table import Column, Row, agrees, printed, printed_like
from analytics.police_data.sna_tables import MAKERS, TABLES
from analytics.police_data.synthetic_fitting import CannotHold, fitted, whole_table
from analytics.police_data.synthetic_targets import blocks, disagreements, targets
from campaign_pages.spreadsheet_text import safe_cell


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (44373, "count", "44,373"),
        (2.5833, "count", "2.5833"),
        (0.4625, "share", "46.3%"),
        (0.46249, "share", "46.2%"),
        (-0.09799, "change", "−9.8%"),
        (1.11628, "change", "+111.6%"),
        (0.0, "change", "0.0%"),
        (-0.0001, "change", "0.0%"),
        (55.599, "rate", "55.6"),
        (None, "rate", ""),
        ("22:00-01:59", "text", "22:00-01:59"),
    ],
)
def test_printed(value, kind, text):
    assert printed(value, kind) == text


@pytest.mark.parametrize(
    ("value", "given", "text", "same"),
    [
        (0.2704, "27%", "27%", True),
        (0.2704, "28%", "27%", False),
        (0.2704, "27.0%", "27.0%", True),
        (-0.15, "−15%", "−15%", True),
        (0.15, "−15%", "+15%", False),
        (0.7031, "about 70%", "70%", None),
        (0.29, "over a quarter", "29.0%", None),
        (None, "28%", "", None),
    ],
)
def test_ours_is_printed_like_the_published_figure(value, given, text, same):
    column = Column("share", "Share", "change" if "−" in given else "share")
    row = Row("x", "X", {"share": value}, published={"share": given})
    assert printed_like(row, column) == text
    assert agrees(row, column) is same


def test_every_table_has_its_words_and_its_maker():
    assert list(definitions().tables) == list(TABLES) == [*MAKERS, HEALTH_TABLE] == [f"T{n}" for n in range(1, 19)]
    for table in definitions().tables.values():
        assert table.caveats
        assert table.definition.endswith(".")
    assert len(published().health) == 7


def test_the_guide_names_every_table_in_the_words_of_the_tables():
    guide = (Path(__file__).resolve().parents[2] / "docs" / "police-tables.md").read_text()
    for table in definitions().tables.values():
        assert f"### {table.id} {table.title}\n{table.definition} Denominator: {table.denominator}" in guide
        assert all(f"- {caveat}" in guide for caveat in table.caveats), table.id


def test_dates():
    assert a_year_before(date(2024, 2, 29)) == date(2023, 2, 28)
    assert a_year_before(date(2025, 2, 28)) == date(2024, 2, 29)
    assert a_year_before(date(2024, 9, 30)) == date(2023, 9, 30)
    assert month_of(date(2024, 9, 30), 23) == date(2022, 10, 1)
    assert month_of(date(2024, 1, 5), 1) == date(2023, 12, 1)


@pytest.mark.parametrize(
    ("cell", "safe"), [("=1+1", "'=1+1"), ("  @x", "'  @x"), ("−9.8%", "−9.8%"), (-3, -3), ("＝1", "'＝1")]
)
def test_cells_run_as_no_formula(cell, safe):
    assert safe_cell(cell) == safe


def test_fitted_tables_meet_both_margins():
    rng = numpy.random.default_rng(3)
    for _ in range(20):
        whole = rng.integers(0, 40, (rng.integers(1, 12), rng.integers(1, 9)))
        rows, columns = whole.sum(axis=1), whole.sum(axis=0)
        made = whole_table(rng.random(whole.shape) + 0.01, rows, columns)
        assert (made.sum(axis=1) == rows).all()
        assert (made.sum(axis=0) == columns).all()
        assert (made >= 0).all()
    close = fitted([[1.0, 2.0], [3.0, 4.0]], [10, 20], [12, 18])
    assert close.sum(axis=0) == pytest.approx([12, 18])
    assert close[0, 0] * close[1, 1] / (close[0, 1] * close[1, 0]) == pytest.approx(4 / 6)  # the seed's odds stay


def test_margins_that_cannot_hold_are_refused():
    with pytest.raises(CannotHold, match="rows sum to 3"):
        fitted([[1.0]], [3], [4])
    with pytest.raises(CannotHold, match="stay empty"):
        whole_table([[1.0, 0.0], [1.0, 0.0]], [5, 5], [4, 6])


def test_targets_of_every_window_add_up():
    data = targets()
    assert disagreements(data) == []
    for start, end, size in (
        (date(2023, 4, 1), date(2024, 9, 30), None),
        (date(2022, 4, 1), date(2024, 9, 30), None),
        (date(2023, 6, 3), date(2023, 9, 9), 500),
        (date(2020, 1, 1), date(2020, 12, 31), None),
    ):
        made = blocks(data, start, end, size)
        assert size is None or sum(block.total for block in made) == size
        for block in made:
            assert sum(map(sum, block.table)) == block.total == sum(block.areas.values())
            assert sum(block.weekdays) == sum(block.night.values()) <= block.public <= block.total
    both = blocks(data, date(2022, 4, 1), date(2024, 9, 30), None)
    assert [block.total for block in both] == [33_961, 44_373]


def test_a_target_that_cannot_hold_is_reported():
    data = dict(targets())
    data["offences"] = data["offences"] | {"8N": 13_446}
    data["night_public_offences"] = data["night_public_offences"] | {"34A": 300}
    found = {what for what, *_ in disagreements(data)}
    assert {"sum of the offences", "sum of the night-time offences", "night-time 34A"} == found
