"""Tables of the needs assessment from little data: what cannot be made is refused in words, nothing is mixed."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from analytics.police_data.importing import import_paths
from analytics.police_data.selection import NoSuchData
from analytics.police_data.sna_table import TOTAL
from analytics.police_data.sna_tables import sna_tables
from analytics.police_data.synthetic_populations import load_synthetic_populations
from tests.factories.police import STREET_HEADER, niche_row, street_row, write_rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--from", "2023-04-01", "--to", "2024-09-30", "--table", "T99"), 2, "no table 'T99'"),
        (("--from", "2024-04-01", "--to", "2023-09-30"), 2, "before it begins"),
        (("--from", "1.4.2023", "--to", "2023-09-30"), 2, "not a date"),
        (("--from", "2023-04-01", "--to", "2024-09-30"), 1, "No serious violence is loaded"),
    ],
)
def test_what_cannot_be_is_said(arguments, code, words):
    with pytest.raises(CommandError, match=words) as caught:
        call_command("sna_tables", *arguments)
    assert caught.value.returncode == code


def test_street_files_make_no_table(tmp_path):
    rows = [street_row(Crime_ID="a" * 64, Crime_type="Violence and sexual offences")]
    import_paths([write_rows(tmp_path / "x-street.csv", rows, header=STREET_HEADER)])
    with pytest.raises(NoSuchData, match="force extract"):
        sna_tables(date(2021, 5, 1), date(2021, 5, 31))


def test_a_small_extract_without_flags_people_or_populations(tmp_path):
    load_synthetic_populations()  # must not serve real rows
    rows = [niche_row(n, **{"PP Flag": "", "District": "" if n % 2 else "Leicester"}) for n in range(1, 6)]
    import_paths([write_rows(tmp_path / "a.csv", rows)])
    found = {table.id: table for table in sna_tables(date(2024, 6, 1), date(2024, 6, 30))}
    assert "public-place flag" in found["T4"].refusal
    assert found["T4"].sections == []
    areas = found["T2"].sections[0]
    assert areas.total.values["rate"] is None
    assert {row.key: row.values["count"] for row in areas.rows if row.part} == {"E06000016": 2, "unknown": 3}
    assert all(row.low_number for row in areas.rows if row.part)
    assert any("a change is given only where" in caveat for caveat in found["T1"].caveats)
    assert found["T1"].sections[0].rows[1].values["change"] is None
    assert found["T12"].refusal
    assert found["T1"].sections[0].total.key == TOTAL


def test_real_and_synthetic_rows_are_never_in_one_table(tmp_path):
    import_paths([write_rows(tmp_path / "a.csv", [niche_row(1)])])
    import_paths([write_rows(tmp_path / "b.csv", [niche_row(2, **{"Crime No": "SYN-2"})])])
    june = (date(2024, 6, 1), date(2024, 6, 30))
    with pytest.raises(NoSuchData, match="never counted together"):
        sna_tables(*june)
    for kind in ("real", "synthetic"):
        (table,) = sna_tables(*june, only="T1", data=kind)
        assert table.sections[0].rows[0].values["count"] == 1
        assert table.synthetic == (kind == "synthetic")
    (nights,) = sna_tables(*june, only="T5", data="real")
    assert nights.sections[0].total.values["count"] == 1
