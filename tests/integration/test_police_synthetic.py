"""The synthetic extract: same seed, same bytes; targets held or reported; effects and dirt with known answers."""

import csv
import hashlib
import json
from collections import Counter
from datetime import date

import numpy
import pytest
from django.core.management import CommandError, call_command

from analytics import nights
from analytics.models import AreaPopulation, ImportedFile, Offence
from analytics.police_data.importing import import_paths
from analytics.police_data.places import nearest_within
from analytics.police_data.summaries import summarise
from analytics.police_data.synthetic import Effect, worst_first, write_extract
from analytics.police_data.synthetic_places import RADIUS_M, Places
from analytics.police_data.synthetic_quirks import EXPECTED
from analytics.police_data.synthetic_schedules import KINDS, schedule, synthetic_venues
from analytics.police_data.synthetic_targets import DEFAULT_FILE, targets
from tests.integration.test_police_counting import grid


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_same_seed_and_options_give_the_same_bytes(tmp_path, name):
    options = {"venues": grid(20), "offences": 1500, "quirks": {"midnight": 3, "corrected": 2}}
    found = []
    for folder, seed in (("one", 5), ("two", 5), ("three", 6)):
        (tmp_path / folder).mkdir()
        truth = write_extract(tmp_path / folder / name, seed=seed, street_files=tmp_path / folder / "s", **options)
        found.append([digest(path) for path in truth.files])
    assert found[0] == found[1]
    assert found[0][0] != found[2][0]
    assert len(found[0]) == 2 + 18


def test_a_quirk_or_an_effect_leaves_the_other_rows_alone(tmp_path):
    write_extract(tmp_path / "a", seed=5, venues=grid(5), offences=600)
    write_extract(tmp_path / "b", seed=5, venues=grid(5), offences=600, quirks={"missing_place": 4})
    one, two = ((tmp_path / name).read_text().splitlines() for name in "ab")
    assert sum(a != b for a, b in zip(one, two, strict=True)) == 4


def test_targets_that_contradict_each_other_are_reported_not_fudged(tmp_path):
    text = DEFAULT_FILE.read_text().replace('"8N" = 13445', '"8N" = 14445').replace('"34A" = 27', '"34A" = 900')
    own = tmp_path / "own.toml"
    own.write_text(text)
    truth = write_extract(tmp_path / "a.csv", seed=1, venues=grid(5), targets_file=own)
    broken = {name: (wanted, made) for name, wanted, made, ok in truth.margins if not ok}
    assert broken["sum of the offences"] == (45_373, 44_373)
    assert "offence 8N" in broken
    assert broken["night-time 34A"][0] == 900
    assert broken["night-time 34A"][1] <= 220
    assert "all" not in broken
    assert truth.rows == 44_373


@pytest.mark.django_db
def test_every_quirk_has_the_answer_that_the_side_file_gives(tmp_path):
    counts = {
        "clock_spring": 3, "clock_autumn": 2, "midnight": 5, "long_span": 4, "reversed_span": 6, "missing_place": 7,
        "repeated_reference": 8, "corrected": 9, "unknown_offence": 10, "cancelled": 11, "totals_row": 1,
        "old_area_code": 12,
    }  # fmt: skip
    path = tmp_path / "dirty.csv"
    truth = write_extract(path, seed=2, venues=grid(10), offences=2000, quirks=counts)
    assert {name: each["rows"] for name, each in truth.quirks.items()} == counts
    assert counts.keys() <= EXPECTED.keys()
    first = import_paths([path]).files[0]
    assert first.rows_read == 2000 + 8 + 1
    assert first.rejected == 10 + 11 + 1
    assert first.reasons["offence_unknown"] == 10
    assert first.reasons["total_row"] == 1
    assert sum(count for reason, count in first.reasons.items() if reason.startswith("skipped_by_mapping")) == 11
    assert first.duplicates == 8
    flags = ImportedFile.objects.get(name="dirty.csv").flags
    for flag, kind in (
        ("time_not_on_clock", "clock_spring"), ("time_twice", "clock_autumn"), ("range_reversed", "reversed_span"),
        ("span_over_limit", "long_span"),
    ):  # fmt: skip
        assert flags.get(flag) == counts[kind], flag
    second = import_paths([truth.files[1]]).files[0]
    assert (second.loaded, second.rejected) == (9, 0)
    assert Offence.objects.filter(current=True).count() == 2000 - 21


@pytest.mark.django_db
def test_a_clean_extract_has_no_rejects_no_flags_and_the_same_months_as_its_street_files(tmp_path):
    path = tmp_path / "clean.xlsx"
    truth = write_extract(path, seed=2, venues=grid(10), offences=2000, street_files=tmp_path / "streets")
    report = import_paths([path])
    assert (report.total("loaded"), report.total("rejected"), report.total("duplicates")) == (2000, 0, 0)
    assert not {"time_not_on_clock", "time_twice", "range_reversed"} & ImportedFile.objects.get().flags.keys()
    whole = {"first": date(2023, 4, 1), "last": date(2024, 9, 30), "by": "month"}
    timed = {row.key: row.count for row in summarise(measure="all_offences", **whole).rows}
    streets = Counter()
    for file in truth.files[1:]:
        with file.open(newline="") as stream:
            streets.update(row["Month"] for row in csv.DictReader(stream))
    assert dict(streets) == timed
    report = import_paths([tmp_path / "streets"])
    assert (report.total("rows_read"), report.total("rejected")) == (2000, 0)
    assert not Offence.objects.filter(synthetic=False).exists()


def test_an_effect_can_grow_and_can_move_people_on(tmp_path):
    places = grid(30)
    exposure = schedule("staggered", places, date(2023, 4, 1), date(2024, 9, 30), 1)
    made = {}
    for name, effect in (
        ("none", Effect()), ("constant", Effect(0.4)), ("growing", Effect(0.4, growing_weeks=30)),
        ("displaced", Effect(0.4, displaced=1.0)), ("more", Effect(1.5)),
    ):  # fmt: skip
        made[name] = write_extract(tmp_path / name, seed=3, venues=places, exposure=exposure, effect=effect)
    assert made["none"].moved == []
    assert 0 < made["growing"].removed < made["constant"].removed
    assert (made["displaced"].removed, made["displaced"].displaced) == (0, made["constant"].removed)
    assert made["displaced"].rows == 44_373
    assert made["more"].added > 0
    assert ("night-time public place", 3106, 3106 - made["constant"].removed) in made["constant"].moved
    with pytest.raises(ValueError, match="irr from 0 to 2"):
        Effect(3)


def test_displaced_assaults_lie_in_the_ring():
    places = Places(targets(), grid(6))
    rng = numpy.random.default_rng(1)
    points = numpy.array([places.ring(2, rng) for _ in range(200)])
    distance = numpy.hypot(*(points - places.sites[2]).T)
    assert distance.min() > 150
    assert distance.max() < 300
    assert (nearest_within(points, places.sites, RADIUS_M)[0] < 0).mean() > 0.9


def test_schedules_are_drawn_staggered_or_reactive():
    data = targets()
    venues = synthetic_venues(60, data["areas"], data["populations"], seed=4)
    assert len({venue.code for venue in venues}) == 60
    assert all(venue.synthetic for venue in venues)
    worst = worst_first(seed=4, venues=venues)
    assert set(worst) == {venue.code for venue in venues}
    starts = {}
    for kind in KINDS:
        dose = schedule(kind, venues, date(2023, 4, 1), date(2024, 9, 30), 4, worst_first=worst)
        assert dose == schedule(kind, venues, date(2023, 4, 1), date(2024, 9, 30), 4, worst_first=worst)
        starts[kind] = {code: min(week for each, week in dose if each == code) for code, _ in dose}
        weeks = nights.weeks_between("2023-W13", "2024-W40")
        assert all(week in weeks for _, week in dose)
    assert [len(starts[kind]) for kind in ("staggered", "reactive")] == [60, 36]
    assert starts["reactive"][worst[0]] == min(starts["reactive"].values())
    with pytest.raises(ValueError, match="none of random"):
        schedule("best", venues, date(2023, 4, 1), date(2024, 9, 30), 4)


@pytest.mark.django_db
def test_the_command_writes_the_extract_and_its_side_files(tmp_path, capsys):
    file = tmp_path / "out" / "extract.csv"
    call_command("make_synthetic_extract", str(file), "--size", "1000", "--irr", "0.5", "--quirk", "midnight=4",
                 "--populations", "--json")  # fmt: skip
    found = json.loads(capsys.readouterr().out)
    assert found["sha256"] == digest(file)
    assert found["quirks"] == {"midnight": 4}
    assert found["targets"][0] == {"target": "all", "wanted": 1000, "made": 1000, "ok": True}
    names = {"extract.csv", "extract.truth.json", "extract.quirks.json", "extract.venues.csv"}
    assert {path.name for path in file.parent.iterdir()} == names
    assert json.loads((file.parent / "extract.truth.json").read_text())["irr"] == 0.5
    assert AreaPopulation.objects.filter(age_band="all").count() == 9
    call_command("import_venues", str(file.parent / "extract.venues.csv"))
    assert "150 loaded" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--quirk", "dust=3"), "no such quirk: dust"),
        (("--quirk", "midnight"), "NAME=ROWS"),
        (("--size", "12"), "at least 100"),
        (("--from", "2024-01-01", "--to", "2023-01-01"), "ends after it begins"),
        (("--mapping", "nobody"), "neither a built-in mapping"),
        (("--mapping", "data.police.uk"), "ask for street files"),
        (("--irr", "7"), "irr from 0 to 2"),
        (("--venues", "many"), "nor: register"),
        (("--size", "200", "--quirk", "midnight=201"), "do not fit into 200"),
        (("--from", "2023-06-01", "--to", "2023-07-01", "--quirk", "clock_autumn=1"), "clock does not change"),
    ],
)
def test_the_command_says_what_it_cannot_do(tmp_path, arguments, words):
    with pytest.raises(CommandError, match=words) as caught:
        call_command("make_synthetic_extract", str(tmp_path / "x.csv"), *arguments)
    assert caught.value.returncode == 2
    assert not (tmp_path / "x.csv").exists()
