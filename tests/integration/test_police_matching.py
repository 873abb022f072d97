"""What reaches the database of exact places, times and people, and what tables need instead."""

from datetime import date

import pytest
from django.db import connection

from analytics.models import ImportedFile, Offence, OffencePerson
from analytics.police_data import counting, matching
from analytics.police_data.importing import import_paths
from analytics.police_data.matching import NoSuchRadius, VenueMatcher, band_of, venue_list_version
from analytics.police_data.persons import band_of_age
from analytics.police_data.summaries import summarise
from tests.factories.police import NICHE_HEADER, PERSON_HEADER, niche_row, write_rows
from tests.integration.test_police_counting import CENTRE, Venue

pytestmark = pytest.mark.django_db
WEEKS = {"from_week": "2024-W20", "to_week": "2024-W30"}


@pytest.fixture
def venues(monkeypatch):
    def use(*found):
        monkeypatch.setattr(matching.activity, "venues", lambda: list(found))

    use(Venue("A", *CENTRE))
    return use


def person(role="Victim", number="P1", **fields):
    return {f"{role} No": number} | {f"{role} {name}": value for name, value in fields.items()}


def with_people(path, rows):
    return write_rows(path, rows, header=(*NICHE_HEADER, *PERSON_HEADER))


def times(begin, end):
    return {"From Date": "15/06/2024", "From Time": begin, "To Date": "16/06/2024", "To Time": end}


def test_exact_places_and_times_never_reach_the_database(tmp_path, venues):
    rows = [
        niche_row(1, X="458731", Y="304517", **{"From Time": "23:47"}),
        niche_row(2, **times("22:13", "00:41")),
    ]
    import_paths([write_rows(tmp_path / "a.csv", rows)])
    for row in Offence.objects.all():
        assert (row.longitude, row.latitude, row.easting, row.northing) == (None,) * 4
        assert (row.from_local, row.to_local) == ("", "")
        assert (row.placed, row.venue_code, row.distance_band) == (True, "A", "0-100")
        assert row.venue_list == VenueMatcher().version
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {Offence._meta.db_table}")
        everything = repr(cursor.fetchall())
    for exact in ("458731", "304517", "23:47", "22:13", "00:41"):
        assert exact not in everything


@pytest.mark.parametrize("by", ["hour", "weekday", "night", "date", "month", "location", "offence"])
def test_tables_are_the_same_with_and_without_exact_values(tmp_path, venues, settings, by):
    rows = [
        niche_row(1, **times("20:00", "00:30")), niche_row(2, **times("23:30", "01:30")),
        niche_row(3, **{"From Time": "22:05"}), niche_row(4, **{"From Time": "03:59"}),
    ]  # fmt: skip
    path = write_rows(tmp_path / "a.csv", rows)
    found = []
    for keep in (True, False):
        settings.WALKAWAY_KEEP_EXACT = keep
        import_paths([path])
        table = summarise(measure="nte_assault", first=date(2024, 6, 1), last=date(2024, 6, 30), by=by)
        found.append((table.total, [(row.key, row.count) for row in table.rows]))
        found.append(counting.assaults_by_venue_week(measure="nte_assault", **WEEKS).counts)
        assert bool(Offence.objects.exclude(from_local="").exists()) is keep
        Offence.objects.all().delete()
        ImportedFile.objects.all().delete()
    assert found[:2] == found[2:]
    assert found[0][0] > 3


def test_every_time_rule_has_its_weight(tmp_path, venues):
    rows = [
        niche_row(1, **times("20:00", "00:30")),  # begins before, middle 22:15: counts by share and middle
        niche_row(2, **times("23:30", "01:30")),  # all inside
        niche_row(3, **times("03:00", "11:00") | {"From Date": "16/06/2024"}),  # begins inside, middle 07:00
    ]
    import_paths([write_rows(tmp_path / "a.csv", rows)])
    sums = {
        rule: counting.assaults_by_venue_week(measure="nte_assault", rule=rule, **WEEKS).events_in_units
        for rule in ("aoristic", "start", "middle", "whole")
    }
    assert sums == {
        "aoristic": pytest.approx(2.5 / 4.5 + 1 + 2 / 8, abs=1e-6),
        "start": 2,
        "middle": 2,
        "whole": 1,
    }
    with pytest.raises(ValueError, match="time rule: 'end'"):
        counting.assaults_by_venue_week(measure="nte_assault", rule="end", **WEEKS)


def test_a_smaller_radius_counts_the_same_venue_or_none(tmp_path, venues):
    rows = [niche_row(n, X=str(CENTRE[0] + metres)) for n, metres in enumerate((99, 149, 249, 299, 599, 601))]
    import_paths([write_rows(tmp_path / "a.csv", rows)])
    sums = [
        counting.assaults_by_venue_week(measure="nte_assault", radius_m=radius, **WEEKS).events_in_units
        for radius in (100, 150, 250, 300, 600)
    ]
    assert sums == [1, 2, 3, 4, 5]
    with pytest.raises(NoSuchRadius, match="use 100, 150, 250, 300, 600"):
        counting.assaults_by_venue_week(measure="nte_assault", radius_m=200, **WEEKS)


def test_a_border_belongs_to_the_nearer_band():
    assert [band_of(metres) for metres in (0, 100, 100.1, 150, 250, 300, 600)] == [
        "0-100", "0-100", "100-150", "100-150", "150-250", "250-300", "300-600",
    ]  # fmt: skip


def test_another_register_is_said(tmp_path, venues):
    import_paths([write_rows(tmp_path / "a.csv", [niche_row(1)])])
    assert counting.assaults_by_venue_week(measure="nte_assault", **WEEKS).notes == ()
    venues(Venue("A", *CENTRE), Venue("B", CENTRE[0] + 5000, CENTRE[1]))
    (note,) = counting.assaults_by_venue_week(measure="nte_assault", **WEEKS).notes
    assert note.startswith("1 of the offences were matched with another register")


def test_without_venues_the_import_says_what_to_do(tmp_path, venues):
    venues()
    (report,) = import_paths([write_rows(tmp_path / "a.csv", [niche_row(1)])]).files
    assert any("no venue is registered yet" in note for note in report.notes)
    assert Offence.objects.get().venue_list == ""


def test_the_version_of_a_register_knows_every_fact():
    one, moved = Venue("A", *CENTRE), Venue("A", CENTRE[0] + 1, CENTRE[1])
    closed = Venue("A", *CENTRE, closed_on=date(2024, 6, 9))
    assert len({venue_list_version(each) for each in ([one], [moved], [closed], [one, Venue("B", *CENTRE)])}) == 4
    assert venue_list_version([]) == ""


def test_people_are_bands_and_keyed_hashes_only(tmp_path, venues):
    row = niche_row(1, **person(Age="19", Sex="Male", NPA="West Leicester"), **person("Suspect", "P1", Sex="m"))
    import_paths([with_people(tmp_path / "a.csv", [row])])
    victim, suspect = OffencePerson.objects.order_by("-role")
    assert (victim.role, victim.age_band, victim.sex, victim.home_npa) == (
        "victim",
        "18-21",
        "m",
        "West Leicester",
    )
    assert (suspect.role, suspect.age_band, suspect.sex) == ("suspect", "", "m")
    assert victim.person_key == suspect.person_key, "one number is one person, in whatever role"
    assert len(victim.person_key) == 32
    assert "P1" not in victim.person_key


def test_further_rows_of_a_reference_add_their_people(tmp_path, venues):
    rows = [
        niche_row(1, **person(number="P1")),
        niche_row(1, **person(number="P2")),
        niche_row(1, **person(number="P2")),
        niche_row(1, **person(number="", Age="40")),  # no number: nobody knows whether it is P1 again
        niche_row(2),
    ]
    (report,) = import_paths([with_people(tmp_path / "a.csv", rows)]).files
    assert (report.loaded, report.duplicate_reasons) == (2, {"same_reference_in_file": 3})
    assert OffencePerson.objects.count() == 2


def test_a_correction_brings_its_own_people(tmp_path, venues):
    import_paths([with_people(tmp_path / "a.csv", [niche_row(1, **person(Age="19"))])])
    (report,) = import_paths([with_people(tmp_path / "b.csv", [niche_row(1, **person(Age="35"))])]).files
    assert (report.loaded, report.corrected) == (1, 1)
    assert list(OffencePerson.objects.filter(offence__current=True).values_list("age_band", flat=True)) == [
        "35-44"
    ]


def test_what_cannot_be_an_age_or_a_sex_is_unknown_and_said(tmp_path, venues):
    row = niche_row(1, **person(Age="minus four", Sex="robot"))
    (report,) = import_paths([with_people(tmp_path / "a.csv", [row])]).files
    found = OffencePerson.objects.get()
    assert (found.age_band, found.sex) == ("", "u")
    assert any(
        "victim_age of shape 'AAAAA AAAA'" in note and "victim_sex of shape 'AAAAA'" in note
        for note in report.notes
    )


@pytest.mark.parametrize(
    ("age", "band"), [(0, "0-9"), (9, "0-9"), (10, "10-14"), (17, "15-17"), (18, "18-21"), (24, "22-24"),
                      (64, "55-64"), (65, "65+"), (120, "65+"), (121, ""), (-1, "")],
)  # fmt: skip
def test_age_bands(age, band):
    assert band_of_age(age) == band
