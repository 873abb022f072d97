"""What a plan may choose besides the headline, from the plan to the result: carry-over, secondary exposures, beats as
clusters, strata, sensitivities, a prior. Synthetic."""

import csv
import io
import itertools
import json
import math

import pytest
from django.core.management import call_command
from django.db import transaction

from analytics.evaluation.plan import parse_plan
from analytics.evaluation.running import Evaluation, evaluate
from analytics.models import Area
from analytics.police_data.beats import NoBeats, clusters_of
from analytics.police_data.catchments import catchments
from campaign_pages import activity
from tests.factories.evaluation import demo_world, small_demo

pytestmark = pytest.mark.django_db
VALUES = {
    "title": "Choices", "measure": "nte_assault", "from_week": "2023-W14", "to_week": "2024-W39", "unit": "catchment",
    "data": "synthetic", "placebos": [], "permutations": 199, "sensitivities": ["placebo_dates"],
}  # fmt: skip
OTHER = {
    "carry_over": 0.5, "clusters": "beat", "strata": "area_size_baseline", "sensitivities": ["rings", "reach_range"], "prior_sd": 0.1,
}  # fmt: skip
SECONDARY = ["handstamps", "likely_seen_share", "scans"]
SEEN = SECONDARY.index("likely_seen_share")


@pytest.fixture(scope="module")
def runs(tmp_path_factory, django_db_setup, django_db_blocker):
    """The demo, the same plan with everything chosen otherwise, and that with another first exposure; each run once."""
    with django_db_blocker.unblock():
        frame = transaction.atomic()
        frame.__enter__()
        small_demo(tmp_path_factory.mktemp("demo"))
        plain = evaluate(parse_plan(VALUES))
        strips_of_beats()
        carried = evaluate(parse_plan(VALUES | OTHER | {"secondary_exposures": SECONDARY}))
        seen = evaluate(parse_plan(VALUES | OTHER | {"exposure": SECONDARY[SEEN]}))
        transaction.set_rollback(True)
        frame.__exit__(None, None, None)
    return plain, carried, seen


def strips_of_beats() -> None:
    """Twelve invented beats from west to east."""
    longitudes = sorted(each.longitude for each in activity.venues())
    many = len(longitudes)
    borders = [longitudes[0] - 1, *(longitudes[many * k // 12] for k in range(1, 12)), longitudes[-1] + 1]
    for number, (west, east) in enumerate(itertools.pairwise(borders)):
        ring = [[west, 50], [east, 50], [east, 56], [west, 56], [west, 50]]
        Area.objects.create(
            code=f"BT{number:02d}", vintage="2024", kind="beat", name=f"Beat {number}",
            boundary={"type": "Polygon", "coordinates": [ring]},
        )  # fmt: skip


def cells(found: Evaluation) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["unit"], row["week"]): row for row in csv.DictReader(io.StringIO(found.panel.as_csv()))}


def test_last_weeks_reach_is_half_felt_in_every_cell(runs):
    plain, carried = (cells(found) for found in runs[:2])
    assert plain.keys() == carried.keys()
    weeks = sorted({week for _, week in plain})
    checked = 0
    for unit in {unit for unit, _ in plain}:
        felt = 0.0
        for week in weeks:
            own = plain[unit, week]["exposure"]
            felt = 0.5 * felt + (float(own) if own else 0.0)
            if own:
                assert float(carried[unit, week]["exposure"]) == pytest.approx(felt * 0.5, abs=1e-8)
                checked += felt > 0
            assert carried[unit, week]["assaults"] == plain[unit, week]["assaults"]
    assert checked > 100


def test_the_estimate_is_that_of_the_carried_exposure(runs, tmp_path, capsys):
    """evaluate_panel on the panel that evaluate kept comes to the same estimate, interval and p."""
    plain, carried, _ = runs
    assert carried.result["estimate"]["irr"] != plain.result["estimate"]["irr"]
    assert carried.result["plan_hash"] != plain.result["plan_hash"]
    rows = [row for row in csv.DictReader(io.StringIO(carried.panel.as_csv())) if row["exposure"]]
    path, spec = tmp_path / "panel.csv", tmp_path / "spec.toml"
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        out.writerows(rows)
    spec.write_text(
        '[data]\nunit = "unit"\ntime = "week"\noutcome = "assaults"\nexposure = ["exposure"]\ncluster = "cluster"\n'
        'area = "area"\n[model]\ninference = ["cv3", "permutation"]\npermutations = 199\nseed = 1\nbaseline_halves = true\n'
    )
    capsys.readouterr()
    call_command("evaluate_panel", str(path), str(spec), "--json")
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    estimate, own = carried.result["estimate"], again["estimates"][0]
    assert own["ratio"] == pytest.approx(estimate["irr"], rel=1e-6)
    assert own["ci"]["cv3"] == pytest.approx([estimate["ci_low"], estimate["ci_high"]], rel=1e-6)
    assert own["p"]["permutation"] == estimate["p_permutation"]


def test_each_secondary_exposure_has_a_model_of_its_own_and_a_p_after_holm(runs):
    plain, carried, _ = runs
    assert plain.result["diagnostics"]["secondary_exposures"] == []
    rows = carried.result["diagnostics"]["secondary_exposures"]
    assert [row["exposure"] for row in rows] == SECONDARY
    known = sorted((row for row in rows if row["p"] is not None), key=lambda row: row["p"])
    assert known, rows
    highest = 0.0
    for rank, row in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * row["p"]))
        assert row["p_holm"] == pytest.approx(highest, rel=1e-9)
        assert row["ci_low"] < row["irr"] < row["ci_high"]
        assert math.isfinite(row["events"])
    for row in rows:
        assert (row["irr"] is None) == bool(row.get("problem"))


def test_a_second_look_at_reach_is_what_it_would_be_as_the_first(runs):
    """The stock of last weeks counts in each of them, and in the low and high figure of reach."""
    plain, carried, seen = (found.result["diagnostics"] for found in runs)
    first = runs[2].result["estimate"]
    assert first["basis"] == "two_way"
    second = carried["secondary_exposures"][SEEN]
    assert second["exposure"] == runs[2].result["exposure"]
    for row in (second, carried["reach_range"]["mid"], seen["reach_range"]["mid"]):
        assert [row[key] for key in ("irr", "ci_low", "ci_high")] == pytest.approx(
            [first[key] for key in ("irr", "ci_low", "ci_high")], rel=1e-6
        )
    assert (carried["carry_over"], seen["carry_over"]) == (0.5, 0.5)
    assert "carry_over" not in plain


def test_what_is_asked_besides_does_not_move_the_main_model(runs):
    plain = runs[0]
    reach = runs[1].result["diagnostics"]["reach_range"]
    assert plain.result["diagnostics"]["reach_range"] is None
    assert reach["exposure"] == "likely_seen_share"
    assert set(reach) == {"exposure", "low", "mid", "high"}
    mid = runs[1].result["diagnostics"]["secondary_exposures"][SEEN]
    assert reach["mid"]["irr"] == pytest.approx(mid["irr"], rel=1e-9)


def test_beats_stand_in_the_column_of_clusters_and_units_stay(runs):
    plain, carried = (cells(found) for found in runs[:2])
    assert {row["cluster"] for row in carried.values()} <= {f"BT{n:02d}" for n in range(12)}
    assert runs[1].result["estimate"]["clusters"] == len(
        {row["cluster"] for row in carried.values() if row["exposure"]}
    )
    assert runs[1].result["estimate"]["clusters"] < runs[0].result["estimate"]["clusters"]
    assert {row["cluster"] for row in plain.values()} == {row["unit"] for row in plain.values()}


def test_only_chosen_sensitivities_are_worked_out_and_the_others_are_named(runs):
    plain, carried = (found.result["diagnostics"] for found in runs[:2])
    assert plain["not_asked_for"] == ["delay", "multiverse", "reach_range", "rings"]
    assert (plain["rings"], plain["multiverse"]) == ([], [])
    assert len(plain["placebo_dates"]) == 2
    assert "delay" not in plain
    assert carried["not_asked_for"] == ["delay", "multiverse", "placebo_dates"]
    assert len(carried["rings"]) == 4
    assert carried["placebo_dates"] == []


def test_a_prior_gives_a_second_reading_between_the_estimate_and_no_effect(runs):
    assert "shrunken" not in runs[0].result["diagnostics"]
    found, estimate = runs[1].result["diagnostics"]["shrunken"], runs[1].result["estimate"]
    assert found["prior_sd"] == 0.1
    assert abs(math.log(found["irr"])) < abs(math.log(estimate["irr"]))
    assert math.log(found["irr"]) * math.log(estimate["irr"]) > 0
    assert 0 < found["weight_of_the_data"] < 1


def test_beats_need_boundaries_around_every_venue():
    demo_world()
    venues = activity.venues()
    with pytest.raises(NoBeats, match="No boundaries of beats are loaded"):
        clusters_of("beat", venues, 150)
    strips_of_beats()
    found, own = clusters_of("beat", venues, 150), catchments(venues, 150)
    place = {each.code: each.longitude for each in venues}
    for one, other in itertools.product(set(own.values()), repeat=2):
        if (
            place[one] < place[other] - 0.1
        ):  # borders are straight on the National Grid, so a little off their meridian
            assert found[one] <= found[other]
    assert all(found[each.code] == found[own[each.code]] for each in venues)
    assert len(set(found.values())) > 5
    Area.objects.get(code=found[venues[0].code]).delete()
    with pytest.raises(NoBeats, match="lie in no beat"):
        clusters_of("beat", venues, 150)
