"""Offences by venue and week, catchments, and the synthetic extract behind the demo."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

import numpy
import pytest

from analytics import nights
from analytics.police_data import counting, matching
from analytics.police_data.catchments import catchments
from analytics.police_data.importing import import_paths
from analytics.police_data.places import degrees_of, nearest_within
from analytics.police_data.summaries import summarise
from analytics.police_data.synthetic import whole_numbers, write_extract
from tests.factories.police import niche_row, write_rows


@dataclass(frozen=True)
class Venue:
    code: str
    easting: float
    northing: float
    opened_on: date | None = None
    closed_on: date | None = None
    area_name: str = "Leicester"
    capacity: int | None = 200
    synthetic: bool = True

    @property
    def longitude(self):
        return float(degrees_of(self.easting, self.northing)[0, 0])

    @property
    def latitude(self):
        return float(degrees_of(self.easting, self.northing)[0, 1])


CENTRE = (458_700, 304_500)


@pytest.fixture
def venues(monkeypatch):
    def use(*found):
        monkeypatch.setattr(matching.activity, "venues", lambda: list(found))
        return list(found)

    return use


def grid(count):
    rng = numpy.random.default_rng(3)
    return [
        Venue(f"V{n:03d}", CENTRE[0] + float(rng.normal(0, 900)), CENTRE[1] + float(rng.normal(0, 900)))
        for n in range(count)
    ]


@pytest.mark.django_db
def test_one_offence_in_one_unit(tmp_path, venues):
    venues(Venue("B", *CENTRE), Venue("A", CENTRE[0] + 100, CENTRE[1]))
    offsets = {1: 10, 2: 90, 3: 51, 4: 249, 5: 251}  # metres east of B
    rows = [niche_row(n, X=str(CENTRE[0] + metres)) for n, metres in offsets.items()]
    rows += [
        niche_row(6, X="", Y=""),
        niche_row(7, **{"HO Offence": "46"}),
        niche_row(8, **{"From Time": "12:00"}),
    ]
    import_paths([write_rows(tmp_path / "a.csv", rows)])
    found = counting.assaults_by_venue_week(measure="nte_assault", from_week="2024-W24", to_week="2024-W24")
    assert found.counts == {("A", "2024-W24"): 3.0, ("B", "2024-W24"): 1.0}
    assert found.events_in_units == found.unique_events == 4.0
    assert found.excluded == {"no_place": 1.0, "over_150_m_from_a_venue": 1.0}
    assert (found.synthetic, len(found.file_hashes), found.geocoded_share) == (False, 1, pytest.approx(5 / 6))
    empty = counting.assaults_by_venue_week(measure="nte_assault", from_week="2024-W25", to_week="2024-W30")
    assert empty.counts == {}


@pytest.mark.django_db
def test_only_venues_open_in_the_week_take_offences(tmp_path, venues):
    venues(Venue("A", *CENTRE, closed_on=date(2024, 6, 9)), Venue("B", CENTRE[0] + 100, CENTRE[1]))
    import_paths([write_rows(tmp_path / "a.csv", [niche_row(1), niche_row(2, **{"From Date": "08/06/2024"})])])
    found = counting.assaults_by_venue_week(measure="nte_assault", from_week="2024-W20", to_week="2024-W30")
    assert found.counts == {("A", "2024-W23"): 1.0, ("B", "2024-W24"): 1.0}


def test_nearest_agrees_with_trying_every_pair():
    rng = numpy.random.default_rng(1)
    points, sites = rng.uniform(0, 2000, (500, 2)), rng.uniform(0, 2000, (60, 2))
    index, distance = nearest_within(points, sites, 150)
    every = numpy.linalg.norm(points[:, None] - sites[None], axis=2)
    expected = numpy.where(every.min(axis=1) <= 150, every.argmin(axis=1), -1)
    assert (index == expected).all()
    assert numpy.allclose(distance[index >= 0], every.min(axis=1)[index >= 0])


def test_ties_go_to_the_site_that_comes_first():
    sites = numpy.array([(0.0, 0.0), (100.0, 0.0), (0.0, 100.0)])
    index, _ = nearest_within(numpy.array([(50.0, 0.0), (100.0, 100.0), (500.0, 500.0), (150.0, 0.0)]), sites, 150)
    assert index.tolist() == [0, 1, -1, 1]


def test_catchments_are_single_link():
    line = [Venue(f"V{n}", CENTRE[0] + 290 * n, CENTRE[1]) for n in range(4)]
    far = Venue("X", CENTRE[0] + 290 * 3 + 310, CENTRE[1])
    assert catchments([far, *line]) == {"V0": "V0", "V1": "V0", "V2": "V0", "V3": "V0", "X": "X"}
    assert catchments([]) == {}


def test_whole_numbers_keep_the_total():
    assert whole_numbers([1, 1, 1], 100) == [34, 33, 33]
    assert sum(whole_numbers([0.3, 2.7, 9.1], 17)) == 17


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    found = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_extract(tmp_path / name, seed=seed, venues=grid(20), offences=2000)
        found.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert found[0] == found[1] != found[2]


@pytest.mark.django_db
def test_published_figures_come_out_of_the_synthetic_extract(tmp_path, venues):
    path = tmp_path / "extract.csv"
    truth = write_extract(path, seed=1, venues=venues(*grid(40)))
    assert (truth.rows, truth.night_public) == (44_373, 3_106)
    assert [each for each in truth.margins if not each[3]] == []
    report = import_paths([path], mapping="leicestershire_niche")
    assert (report.total("loaded"), report.files[0].synthetic) == (44_373, True)
    whole = {"first": date(2023, 4, 1), "last": date(2024, 9, 30)}
    weekday = summarise(measure="nte_serious_violence", by="weekday", **whole)
    assert weekday.synthetic
    assert [row.count for row in weekday.rows] == [257, 256, 256, 256, 466, 776, 839]
    offence = {row.key: row.share for row in summarise(measure="nte_serious_violence", by="offence", **whole).rows}
    assert round(100 * (offence["8N"] + offence["5D"] + offence["8P"] + offence["5E"])) == 66
    assert (round(100 * offence["66"]), round(100 * offence["34B"])) == (17, 10)
    area = {row.key: row.share for row in summarise(measure="serious_violence", by="area", **whole).rows}
    assert [round(100 * area[name], 1) for name in ("Leicester", "Charnwood", "Rutland")] == [46.2, 13.4, 1.9]
    hour = {row.key: row.count for row in summarise(measure="nte_serious_violence", by="hour", **whole).rows}
    assert set(sorted(hour, key=lambda key: -hour[key])[:4]) == {"22", "23", "00", "01"}
    found = counting.assaults_by_venue_week(
        measure="nte_serious_violence", from_week="2023-W13", to_week="2024-W40", data="synthetic"
    )
    assert found.events_in_units == found.unique_events
    assert found.events_in_units == pytest.approx(0.8 * 3106, abs=1)


def test_a_planted_effect_thins_exposed_venue_weeks_only(tmp_path):
    places = grid(30)
    weeks = nights.weeks_between("2023-W40", "2024-W39")
    exposure = {(venue.code, week): 1.0 for venue in places[:15] for week in weeks}
    none = write_extract(tmp_path / "a", seed=4, venues=places, irr=1.0, exposure=exposure)
    half = write_extract(tmp_path / "b", seed=4, venues=places, irr=0.5, exposure=exposure)
    assert (none.removed, none.added) == (0, 0)
    assert half.rows == 44_373 - half.removed
    exposed_share = 0.5 * len(weeks) / ((date(2024, 9, 30) - date(2023, 4, 1)) / timedelta(weeks=1))
    assert 0.2 < half.removed / (half.night_assaults_near_venues * exposed_share) < 0.8
