"""Lookups of the Office for National Statistics between the LSOAs of 2011 and 2021; every code here is synthetic.

North was split into N1 and N2; East and West became EW; Kerb and Ring were cut up into P, Q and R ("irregular"), and
the best fit puts Kerb to P and Ring to Q. Same stayed as it was.
"""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from analytics.models import Area, AreaLookup, AreaPopulation
from analytics.police_data.areas import AreaFinder
from analytics.police_data.geography import GeographyError, load_geography
from analytics.police_data.importing import import_paths
from analytics.police_data.summaries import summarise
from analytics.police_data.vintages import residents
from analytics.publication.counting import ELSEWHERE, AreasOfPeriod
from tests.factories.police import STREET_HEADER, street_row, write_rows

pytestmark = pytest.mark.django_db
EXACT = """LSOA11CD,LSOA11NM,CHGIND,LSOA21CD,LSOA21NM,LAD22CD,LAD22NM,LAD22NMW,ObjectId
S1NORTH,Synthton 001A,S,S2N1,Synthton 001D,LA,Synthton,,1
S1NORTH,Synthton 001A,S,S2N2,Synthton 001E,LA,Synthton,,2
S1EAST,Synthton 001B,M,S2EW,Synthton 001F,LA,Synthton,,3
S1WEST,Synthton 001C,M,S2EW,Synthton 001F,LA,Synthton,,4
S1KERB,Synthton 002A,X,S2P,Synthton 002D,LA,Synthton,,5
S1KERB,Synthton 002A,X,S2R,Synthton 003D,LA,Synthton,,6
S1RING,Synthton 003A,X,S2Q,Synthton 003C,LA,Synthton,,7
S1RING,Synthton 003A,X,S2R,Synthton 003D,LA,Synthton,,8
S1SAME,Synthton 002B,U,S1SAME,Synthton 002B,LA,Synthton,,9
"""
BEST = """ObjectId,LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,LAD22CD,LAD22NM,LAD22NMW
1,S1NORTH,Synthton 001A,S2N1,Synthton 001D,LA,Synthton,
2,S1EAST,Synthton 001B,S2EW,Synthton 001F,LA,Synthton,
3,S1WEST,Synthton 001C,S2EW,Synthton 001F,LA,Synthton,
4,S1KERB,Synthton 002A,S2P,Synthton 002D,LA,Synthton,
5,S1RING,Synthton 003A,S2Q,Synthton 003C,LA,Synthton,
6,S1SAME,Synthton 002B,S1SAME,Synthton 002B,LA,Synthton,
"""
PEOPLE_2011 = """lsoa11_code,lsoa11_name,msoa11_code,msoa11_name,local_authority_code,local_authority_name,usual_residents
S1NORTH,Synthton 001A,M1,Synthton 001,LA,Synthton,1000
S1EAST,Synthton 001B,M1,Synthton 001,LA,Synthton,400
S1WEST,Synthton 001C,M1,Synthton 001,LA,Synthton,600
S1KERB,Synthton 002A,M2,Synthton 002,LA,Synthton,2000
S1SAME,Synthton 002B,M2,Synthton 002,LA,Synthton,1000
S1RING,Synthton 003A,M3,Synthton 003,LA,Synthton,500
"""
PEOPLE_2021 = """lsoa21cd,lsoa21nm,msoa21cd,msoa21nm,ladcd,ladnm,population
S2N1,Synthton 001D,M1,Synthton 001,LA,Synthton,700
S2N2,Synthton 001E,M1,Synthton 001,LA,Synthton,500
S2EW,Synthton 001F,M1,Synthton 001,LA,Synthton,1000
S2P,Synthton 002D,M2,Synthton 002,LA,Synthton,1000
S2Q,Synthton 003C,M3,Synthton 003,LA,Synthton,800
S2R,Synthton 003D,M3,Synthton 003,LA,Synthton,200
S1SAME,Synthton 002B,M2,Synthton 002,LA,Synthton,1000
"""
ALL_2021 = ("S2N1", "S2N2", "S2EW", "S2EW", "S2P", "S2P", "S2P", "S2Q", "S2R", "S1SAME", "S9ELSE", "")
ALL_2011 = ("S1NORTH", "S1EAST", "S1WEST", "S1KERB", "S1KERB", "S1RING", "S1SAME")


@pytest.fixture
def load(tmp_path):
    def load(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.csv").write_text(text)
            load_geography([tmp_path / f"{name}.csv"])

    return load


@pytest.fixture
def offences(tmp_path):
    def offences(month, *codes):
        rows = [
            street_row(Month=month, Crime_ID=f"{month}{n:057x}", LSOA_code=code, LSOA_name="", Location="No Location")
            for n, code in enumerate(codes)
        ]  # fmt: skip
        import_paths([write_rows(tmp_path / f"{month}-x-street.csv", rows, header=STREET_HEADER)])

    return offences


def table(area_type="lsoa", first=date(2025, 1, 1), last=date(2025, 1, 31)):
    return summarise(measure="all_offences", first=first, last=last, by="area", area_type=area_type)


def rows(found):
    return {row.key: (row.count, row.rate_per_1000, row.fit) for row in found.rows}


def test_codes_of_2021_on_residents_of_2011_with_the_exact_lookup_only(load, offences):
    load(exact=EXACT, census_2011=PEOPLE_2011)
    offences("2025-01", *ALL_2021)
    found = table()
    assert rows(found) == {
        "S1NORTH": (2, 2.0, "exact"), "S2EW": (2, 2.0, "exact"), "S1SAME": (1, 1.0, ""),
        "S2P": (3, None, "irregular"), "S2Q": (1, None, "irregular"), "S2R": (1, None, "irregular"),
        "S9ELSE": (1, None, ""), "unknown": (1, None, ""),
    }  # fmt: skip
    assert sum(row.count for row in found.rows) == found.total == len(ALL_2021)
    said = " ".join(found.caveats)
    assert "5 of the offences have an LSOA that was cut up irregularly" in said
    assert "best fit: their" not in said
    assert {row.fit_words for row in found.rows} == {"", "cut up irregularly between censuses: no rate"}


def test_the_best_fit_is_used_for_irregular_ones_only_and_says_so(load, offences):
    load(exact=EXACT, best_fit=BEST, census_2011=PEOPLE_2011)
    offences("2025-01", *ALL_2021)
    found = table()
    assert rows(found) == {
        "S1NORTH": (2, 2.0, "exact"), "S2EW": (2, 2.0, "exact"), "S1SAME": (1, 1.0, ""),
        "S2P": (3, 1.5, "best_fit"), "S2Q": (1, 2.0, "best_fit"), "S2R": (1, None, "irregular"),
        "S9ELSE": (1, None, ""), "unknown": (1, None, ""),
    }  # fmt: skip
    said = " ".join(found.caveats)
    assert "4 of the offences stand, or their rate stands, on a best fit" in said
    assert "1 of the offences have an LSOA that was cut up irregularly" in said
    assert {row.key: row.fit_words for row in found.rows if row.by_best_fit} == {
        "S2P": "best fit",
        "S2Q": "best fit",
    }
    assert found.as_json()["rows"][0]["by_best_fit"] == 3


def test_both_vintages_in_one_period_stand_on_one_ground(load, offences):
    load(exact=EXACT, best_fit=BEST, census_2011=PEOPLE_2011)
    offences("2019-01", *ALL_2011)
    offences("2025-01", *ALL_2021)
    found = table(first=date(2019, 1, 1))
    assert rows(found) == {
        "S1NORTH": (3, 3.0, "exact"), "S2EW": (4, 4.0, "exact"), "S1SAME": (2, 2.0, ""),
        "S2P": (5, 2.5, "best_fit"), "S2Q": (2, 4.0, "best_fit"), "S2R": (1, None, "irregular"),
        "S9ELSE": (1, None, ""), "unknown": (1, None, ""),
    }  # fmt: skip
    assert found.total == len(ALL_2011) + len(ALL_2021)
    assert not any("not the same area throughout" in caveat for caveat in found.caveats)


def test_residents_of_2021_are_exact_for_every_area_of_2021(load, offences):
    load(exact=EXACT, best_fit=BEST, mid_2022=PEOPLE_2021)
    offences("2025-01", *ALL_2021)
    assert rows(table())["S2R"] == (1, 5.0, ""), "codes and residents are of one vintage: nothing to bridge"
    offences("2019-01", *ALL_2011)
    mixed = table(first=date(2019, 1, 1))
    assert rows(mixed) == {
        "S1NORTH": (3, 2.5, "exact"), "S2EW": (4, 4.0, "exact"), "S1SAME": (2, 2.0, ""),
        "S2P": (5, 5.0, "best_fit"), "S2Q": (2, 2.5, "best_fit"), "S2R": (1, None, "irregular"),
        "S9ELSE": (1, None, ""), "unknown": (1, None, ""),
    }  # fmt: skip
    p = next(row for row in mixed.rows if row.key == "S2P")
    assert (p.by_best_fit, p.fit_words) == (2, "best fit for 2 of them"), "its residents are its own"
    assert "3 of the offences stand" in " ".join(mixed.caveats)


def test_one_vintage_on_its_own_residents_is_left_alone(load, offences):
    load(exact=EXACT, best_fit=BEST, census_2011=PEOPLE_2011)
    offences("2019-01", *ALL_2011)
    found = table(first=date(2019, 1, 1), last=date(2019, 1, 31))
    assert rows(found)["S1EAST"] == (1, 2.5, "")
    assert rows(found)["S1KERB"] == (2, 1.0, "")
    assert {row.fit for row in found.rows} == {""}


def test_larger_areas_are_certain_where_every_part_lies_in_one(load, offences):
    load(exact=EXACT, best_fit=BEST, census_2011=PEOPLE_2011)
    offences("2025-01", *ALL_2021)
    found = table("msoa")
    # R has parts of Kerb (Synthton 002) and of Ring (003), and is nobody's best fit; nothing is known of it
    assert rows(found) == {
        "M1": (4, 2.0, "exact"), "M2": (4, 1.3333, "exact"), "M3": (1, 2.0, "exact"), "unknown": (3, None, ""),
    }  # fmt: skip
    assert rows(table("local_authority")) == {"LA": (10, 1.8182, "exact"), "unknown": (2, None, "")}


def test_residents_of_two_censuses_are_never_added_up(load):
    load(census_2011=PEOPLE_2011)
    assert residents()["LA"] == (5500, 2011, "census_2011.csv")
    load(mid_2022=PEOPLE_2021)
    assert residents()["LA"] == (5200, 2022, "mid_2022.csv"), "the vintage with most areas"
    assert residents()["M2"][0] == 2000
    load(mid_2023=PEOPLE_2021.replace(",700\n", ",800\n"))
    assert residents()["LA"] == (5300, 2023, "mid_2023.csv"), "of those the newest year"


def test_loading_again_changes_nothing_and_the_order_does_not_matter(load):
    load(exact=EXACT, best_fit=BEST)
    first = list(
        AreaLookup.objects.order_by("from_code", "to_code").values_list(
            "from_code", "to_code", "change", "best_fit"
        )
    )
    load(exact=EXACT, best_fit=BEST)
    load(exact=EXACT)
    fields = ("from_code", "to_code", "change", "best_fit")
    assert list(AreaLookup.objects.order_by("from_code", "to_code").values_list(*fields)) == first
    AreaLookup.objects.all().delete()
    load(best_fit=BEST)
    load(exact=EXACT)
    assert list(AreaLookup.objects.order_by("from_code", "to_code").values_list(*fields)) == first
    load(best_fit=BEST.replace("S1KERB,Synthton 002A,S2P,Synthton 002D", "S1KERB,Synthton 002A,S2R,Synthton 003D"))
    assert AreaLookup.objects.get(from_code="S1KERB", best_fit=True).to_code == "S2R", "a newer edition stands"


def test_a_best_fit_alone_is_never_taken_for_certain(load, offences):
    load(best_fit=BEST, mid_2022=PEOPLE_2021)
    offences("2019-01", *ALL_2011)
    found = table(first=date(2019, 1, 1), last=date(2019, 1, 31))
    assert rows(found)["S2N1"] == (1, 1.4286, "best_fit")
    assert rows(found)["S1SAME"] == (1, 1.0, ""), "the same code is the same area"


def test_codes_without_a_vintage_are_known_by_the_lookup(load, offences, settings):
    load(exact=EXACT, census_2011=PEOPLE_2011)
    offences("2025-01", *ALL_2021)
    from analytics.models import Offence

    Offence.objects.update(lsoa_vintage="")
    assert rows(table())["S1NORTH"] == (2, 2.0, "exact")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (EXACT.replace(",X,S2P", ",Z,S2P"), r"line 6, field CHGIND: 'Z' is none of U, S, M and X"),
        (EXACT.replace("S1KERB,Synthton 002A,X,S2P", "S1KERB,Synthton 002A,X,"), "line 6, field LSOA21CD: there is no code"),
        (BEST + "7,S1KERB,Synthton 002A,S2R,Synthton 003D,LA,Synthton,\n", "line 8: S1KERB stands on line 5 too"),
    ],
)  # fmt: skip
def test_a_lookup_that_cannot_be_used_names_its_line(tmp_path, text, says):
    path = tmp_path / "lookup.csv"
    path.write_text(text)
    with pytest.raises(GeographyError, match=says):
        load_geography([path])
    assert not AreaLookup.objects.exists()


def test_the_commands_say_it(load, offences, tmp_path):
    load(census_2011=PEOPLE_2011)
    offences("2025-01", *ALL_2021)
    (tmp_path / "a_best_fit.csv").write_text(BEST)
    (tmp_path / "z_exact.csv").write_text(EXACT)
    out = StringIO()
    call_command("load_geography", tmp_path / "a_best_fit.csv", tmp_path / "z_exact.csv", json=True, stdout=out)
    assert json.loads(out.getvalue())["best_fits"] == 6
    out = StringIO()
    call_command(
        "police_summary", "--from", "2025-01-01", "--to", "2025-01-31", "--measure", "all_offences", "--by", "area",
        "--area-type", "lsoa", stdout=out,
    )  # fmt: skip
    line = next(line for line in out.getvalue().splitlines() if line.startswith("S2P"))
    assert line.endswith("(best fit)")
    with pytest.raises(CommandError):
        call_command("load_geography", tmp_path / "nothing.csv")


def test_no_area_is_made_by_a_lookup(load):
    """A lookup is national: its areas are not the force's."""
    load(exact=EXACT)
    assert not Area.objects.exists()
    assert not AreaPopulation.objects.exists()


def test_an_authority_by_best_fit_is_marked_and_never_published(load, offences):
    """Ring lay across what are two authorities in 2021."""
    across = PEOPLE_2021.replace(
        "S2R,Synthton 003D,M3,Synthton 003,LA,Synthton", "S2R,Otherham 003D,M4,Otherham 003,LB,Otherham"
    )
    load(exact=EXACT, best_fit=BEST, mid_2022=across)
    offences("2019-01", *ALL_2011)
    offences("2025-01", *ALL_2021)
    found = table("local_authority", first=date(2019, 1, 1))
    la = next(row for row in found.rows if row.key == "LA")
    assert (la.count, la.by_best_fit, la.label_with_fit) == (16, 3, "Synthton (best fit for 3 of them)")
    finder = AreaFinder.for_type("local_authority")
    published = AreasOfPeriod(finder, frozenset({"Synthton", "Otherham"}))
    row = {"lsoa": "S1RING", "lsoa_name": "", "lsoa_vintage": "2011", "district": "", "npa": "", "beat": ""}
    assert finder.find(row) == ("LA", "Synthton", "best_fit")
    assert published.name_of(row) == ELSEWHERE
    assert published.name_of(row | {"lsoa": "S1NORTH"}) == "Synthton"
    assert published.name_of(row | {"lsoa_name": "Otherham 003A"}) == "Otherham", (
        "an LSOA carries its authority's name"
    )


def test_the_lookup_knows_the_vintage_of_a_code_better_than_the_row(load, offences):
    """Files of 2023 count as 2021 codes by their month; one that still has a code of 2011 stands on the same ground."""
    load(exact=EXACT, census_2011=PEOPLE_2011)
    offences("2023-01", "S1EAST", "S2EW", "S1NORTH")
    found = table(first=date(2023, 1, 1), last=date(2023, 1, 31))
    assert rows(found) == {"S2EW": (2, 2.0, "exact"), "S1NORTH": (1, 1.0, "")}
