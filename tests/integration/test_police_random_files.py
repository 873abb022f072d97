"""A thousand files out of good rows and random damage: whatever comes, the numbers reconcile and nothing is half-loaded."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.models import ImportedFile, Offence, OffencePerson
from analytics.police_data.importing import import_paths
from analytics.police_data.mapping import Mapping, mapping_named, parse_mapping
from tests.factories.police import NICHE_HEADER, PERSON_HEADER, STREET_HEADER, niche_row, street_row

pytestmark = pytest.mark.django_db
TRACES = re.compile(r"Traceback|File \"|object at 0x")
SECRET = "Zebedee"  # a name that stands in some cells: it must stay out of every message
OWN = b"""
name = "own"
header_row = 2
timezone = "UTC"
coordinates = "wgs84"
date_formats = ["%Y-%m-%d %H:%M"]
require_place = true
[columns]
offence = "what"
committed_from = ["day", "clock"]
lon = "lon"
lat = "lat"
victim_age = "age"
[constants]
public_place = true
[values.offence]
"Hit" = "8N"
[skip]
"state" = ["void"]
"""
OWN_HEADER = ("what", "day", "clock", "lon", "lat", "age", "state")
OWN_ROW = ("Hit", "2024-06-15", "23:30", "-1.13", "52.63", "22", "")

odd_cells = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "", " ", "0", "-1", "1e400", "nan", "24:00", "31/02/2024", "15/06/2024", "01:30", "31/03/2024", "2999-01-01", "8N", "zz",
            "Total", "Cancelled", "void", SECRET, f"={SECRET}", "\x00", "\x1b[0m", "\r\n", '"', '""', ",", ";", "\t", "\ufeff", "Y", "N",
            "SYN-1", "24*000001", "2021-05", "2022-13", "52.63", "-1.13", "458700", "é", "e\u0301", "x" * 200, "😀", "\u202e",
        ]
    ),
)  # fmt: skip
damage = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 28), odd_cells), max_size=4)
row_kinds = st.lists(
    st.sampled_from([*["good"] * 6, "again", "short", "long", "header", "blank", "total"]), max_size=8
)
bytes_damage = (
    st.one_of(  # damage to the bytes mostly ends in a refusal of the whole file, so it is the rarer case
        st.none(),
        st.none(),
        st.none(),
        st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=3), st.booleans()),
    )
)


def _rows(kind: str, kinds: list[str]) -> tuple[tuple[str, ...], list[list[str]]]:
    header = {"niche": NICHE_HEADER + PERSON_HEADER, "street": STREET_HEADER, "own": OWN_HEADER}[kind]
    rows: list[list[str]] = []
    for n, each in enumerate(kinds):
        if kind == "niche":
            good = niche_row(n) | {"Victim No": f"V{n % 3}", "Victim Sex": "M", "Suspect Age": "19"}
        elif kind == "street":
            good = street_row(Crime_ID=f"{n:064x}" if n % 3 else "")
        else:
            good = dict(zip(OWN_HEADER, OWN_ROW, strict=True))
        cells = [good.get(name, "") for name in header]
        made = {
            "again": rows[-1] if rows else cells,
            "short": cells[:-2],
            "long": [*cells, "x"],
            "header": list(header),
            "blank": [],
            "total": ["Total", str(n)],
        }
        rows.append(list(made.get(each, cells)))
    return header, rows


def _file(kind: str, kinds: list[str], cells: list[tuple[int, int, str]], quoting: int) -> bytes:
    header, rows = _rows(kind, kinds)
    for row, column, text in cells:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    stream = io.StringIO(newline="")
    if kind == "own":
        stream.write("An extract\r\n")
    writer = csv.writer(stream, quoting=quoting)
    writer.writerows([list(header), *rows])
    return stream.getvalue().encode("utf-8", errors="surrogatepass")


def _mapping(kind: str) -> Mapping:
    return parse_mapping(OWN, where="own") if kind == "own" else mapping_named(
        {"niche": "leicestershire_niche", "street": "data.police.uk"}[kind]
    )  # fmt: skip


def _imported(path: Path, mapping: Mapping) -> tuple[int, int, int, int]:
    before = Offence.objects.count()
    each = import_paths([path], mapping=mapping).files[0]
    assert each.rows_read == each.loaded + each.duplicates + each.rejected
    assert sum(each.reasons.values()) == each.rejected
    assert Offence.objects.count() == before + each.loaded
    said = " ".join([each.error or "", *each.notes])
    assert not TRACES.search(said)
    assert SECRET not in said, said
    if each.error:
        assert (each.rows_read, each.loaded) == (0, 0)
    if each.rejects_file:
        said = Path(each.rejects_file).read_text(encoding="utf-8")
        assert SECRET not in said
        refused = list(csv.DictReader(io.StringIO(said)))
        assert len(refused) == each.rejected
        assert all(row["file"] == path.name and int(row["line"]) > 1 and row["reason"] for row in refused)
    return each.rows_read, each.loaded, each.duplicates, each.rejected


@pytest.mark.parametrize("kind", ["niche", "street", "own"])
@settings(
    max_examples=350,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_random_files(kind, tmp_path, data):
    OffencePerson.objects.all().delete()
    Offence.objects.all().delete()
    ImportedFile.objects.all().delete()
    raw = _file(
        kind,
        data.draw(row_kinds),
        data.draw(damage),
        data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    hurt = data.draw(bytes_damage)
    if hurt:
        at, more, instead = int(hurt[0] * len(raw)), hurt[1], hurt[2]
        raw = raw[:at] + more + raw[at + (len(more) if instead else 0) :]
    path = tmp_path / "random.csv"
    path.write_bytes(raw)
    read, _, _, rejected = _imported(path, _mapping(kind))
    again = _imported(path, _mapping(kind))
    assert again == ((read, 0, read, 0) if read else (0, 0, 0, 0))
    assert rejected <= read
    assert set(Offence.objects.values_list("current", flat=True)) <= {True}
