"""The quick way for street files and the general way must say the same of every row."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.police_data.mapping import built_in_mappings, mapping_named
from analytics.police_data.narrow_rows import ColumnMismatch, NarrowRows, constant_columns
from analytics.police_data.rows import RowReader, RowRefused
from analytics.police_data.street_rows import COLUMNS, QuickStreetRows

HEADER = [
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code", "LSOA name",
    "Crime type", "Last outcome category", "Context",
]  # fmt: skip
GOOD = [
    "a" * 64, "2025-01", "Leicestershire Police", "Leicestershire Police", "-1.131000", "52.634000", "On or near High Street",
    "E01013663", "Leicester 041E", "Violence and sexual offences", "Under investigation", "",
]  # fmt: skip


def reader() -> RowReader:
    return RowReader(mapping_named("data.police.uk"), HEADER, pepper=b"p", today=date(2026, 1, 1))


def changed(**cells: str) -> list[str]:
    return [cells.get(name.replace(" ", "_"), cell) for name, cell in zip(HEADER, GOOD, strict=True)]


odd_text = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "", " ", "\t", "a ", " a", "|", "a|b", "\u200b", "é", "e\u0301", "\x00", "\x1f", "SYN-1", "syn-2", "2022-12", "2023-01",
            "2026-02", "1989-12", "2025-13", "2025-1", "20250-01", "0", "0.0", "#N/A", "a#1", "nan", "inf", "1e400", "52.6", "-1.1", "1_0",
            "-0.0", "+1.5", "Robbery", "ROBBERY", "Violent crime", "Drugs", "No such crime", "x" * 81, "E0101366312345",
            "Total", "Month",
        ]
    ),
)  # fmt: skip


@given(st.dictionaries(st.integers(0, 11), odd_text, max_size=5), st.integers(0, 3))
@example({0: "", 4: "", 5: "", 7: "", 8: "", 9: "Anti-social behaviour"}, 0)
@example({4: "52.6", 5: "-1.1"}, 0)
@example({9: "Violent crime", 1: "2022-12"}, 0)
@settings(max_examples=600, deadline=None, derandomize=True)
def test_the_quick_way_gives_what_the_general_way_gives(odd: dict[int, str], cut: int) -> None:
    general = reader()
    quick = QuickStreetRows(reader())
    cells = [odd.get(n, cell) for n, cell in enumerate(GOOD)][: len(GOOD) - cut if cut == 3 else len(GOOD)]
    found = quick.read(7, cells)
    if found is None:
        return
    expected = general.read(7, cells)  # a refusal here would be a row that only the quick way accepts
    assert found == tuple(getattr(expected, name) for name in COLUMNS)
    constants = constant_columns(general.mapping, general.places, keep_exact=False)
    assert NarrowRows(constants).cut([expected]) == [found]


def test_an_ordinary_row_takes_the_quick_way_and_an_unknown_crime_does_not() -> None:
    quick = QuickStreetRows(reader())
    assert quick.read(1, GOOD) is not None
    assert quick.read(2, changed(Crime_ID="", Longitude="", Latitude="", LSOA_code="", LSOA_name="")) is not None
    for odd in ({"Crime_type": "No such crime"}, {"Month": "2026-02"}, {"Crime_ID": "SYN-1"}, {"LSOA_name": "é"}):
        assert quick.read(3, changed(**odd)) is None
    with pytest.raises(RowRefused):
        reader().read(3, changed(Crime_type="No such crime"))


def test_street_files_are_read_the_quick_way_and_nothing_else_is() -> None:
    """Were a column of the staging table to be forgotten here, every street file would take the slow way unseen."""
    street = reader()
    assert QuickStreetRows.can_read(street)
    for keep in (False, True):
        assert NarrowRows(constant_columns(street.mapping, street.places, keep_exact=keep)).columns == COLUMNS
    for mapping in built_in_mappings().values():
        if mapping.name != "data.police.uk":
            header = sorted({column for columns in mapping.columns.values() for column in columns})
            assert not QuickStreetRows.can_read(RowReader(mapping, header, pepper=b"p", today=date(2026, 1, 1)))
    own = replace(street.mapping, constants={"weapon": "true"})
    assert not QuickStreetRows.can_read(RowReader(own, HEADER, pepper=b"p", today=date(2026, 1, 1)))


def test_a_column_that_varies_after_all_stops_the_import() -> None:
    row = reader().read(1, GOOD)
    with pytest.raises(ColumnMismatch, match="row 1: weapon vary"):
        NarrowRows({"weapon": "u", "zone": "Europe/London"}).cut([row._replace(weapon="y")])
