"""Roll-outs: drawn and kept for ever, confirmed by two people in time, followed or not, and read by the evidence grade."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from pypdfium2 import PdfDocument

from analytics import nights
from analytics.audit import guards
from analytics.evaluation.plan import lock, parse_plan
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.randomisation import randomisation_of, why_it_does_not_count
from analytics.evaluation.report.rollout import rollout as section_of
from analytics.evaluation.rollout_drawing import (
    chosen_among,
    confirm,
    is_intact,
    keep_draw,
    note_deviation,
    other_draws,
)
from analytics.evaluation.rollout_files import letters, schedule, schedule_csv
from analytics.evaluation.rollout_schedule import allocated_by_venue, confirmed, following_of
from analytics.evaluation.rollout_settings import check_settings
from analytics.evaluation.running import evaluate
from analytics.models import ImmutableRecord, Rollout, RolloutConfirmation
from analytics.police_data.importing import import_paths
from analytics.police_data.synthetic import write_extract
from analytics.reach.snapshots import DIFFERS
from analytics.reach.venue_weeks import venue_weeks
from campaign_pages import activity
from campaign_pages.accounts.models import User
from campaign_pages.venues.models import CheckIn, PosterPlace, Venue
from tests.factories.evaluation import demo_world

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]
SETTINGS = {"title": "Spring", "waves": 4, "seed": 7, "weeks": 78, "from_week": "2023-W14", "data": "synthetic"}
BEFORE = datetime(2023, 3, 1, 12, tzinfo=UTC)  # the synthetic extract is of the 78 weeks from April 2023


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The demo's venues without their check-ins; each test works in a savepoint and everything is rolled back."""
    with django_db_blocker.unblock():
        frame = transaction.atomic()
        frame.__enter__()
        demo_world()
        CheckIn.objects.all()._raw_delete("default")
        yield
        transaction.set_rollback(True)
        frame.__exit__(None, None, None)


@pytest.fixture
def people(world, db):
    return {name: User.objects.get(username=name) for name in ("evaluator", "second_evaluator", "approver")}


def drawn(**changes):
    plan, problems = check_settings(SETTINGS | changes)
    assert plan is not None, problems
    return keep_draw(plan, by="evaluator")


def test_the_same_settings_and_seed_are_one_record_and_nobody_edits_it(people):
    one = drawn()
    assert drawn() == one
    assert drawn(seed=8) != one
    assert is_intact(one)
    one.title = "another"
    for change in (one.save, one.delete, Rollout.objects.all().delete, lambda: Rollout.objects.update(title="x")):
        with pytest.raises(ImmutableRecord):
            change()
    for sql in ("UPDATE analytics_rollout SET title = 'x'", "DELETE FROM analytics_rollout"):
        with pytest.raises(DatabaseError, match="drawn roll-outs are never changed"), transaction.atomic():
            connection.cursor().execute(sql)


def test_two_different_evaluators_confirm_and_only_before_the_first_wave_it_counts(people):
    kept, one, two = drawn(), people["evaluator"], people["second_evaluator"]
    with pytest.raises(PlanError, match="two different people"):
        confirm(kept, by=one, second=one)
    with pytest.raises(PlanError, match="no right"):
        confirm(kept, by=one, second=people["approver"])
    with pytest.raises(IntegrityError), transaction.atomic():
        RolloutConfirmation.objects.create(
            rollout=kept,
            rollout_hash=kept.rollout_hash,
            asked_by=one,
            confirmed_by=one,
            confirmed_at=timezone.now(),
        )
    with time_machine.travel(BEFORE, tick=False):
        confirm(kept, by=one, second=two)
    with pytest.raises(PlanError, match="confirmed already"):
        confirm(kept, by=one, second=two)
    assert confirmed(kept)
    late = drawn(seed=9)
    confirm(late, by=one, second=two)  # today, long after its first wave
    assert not confirmed(late)


def test_exclusions_buffers_areas_and_a_never_live_arm(people):
    kept = drawn(never=1, excluded=[["SYN003", "closing down"]], areas=["E06000016"])
    starts = allocated_by_venue(kept)
    assert "SYN003" not in starts
    area = {each.code: each.area_code for each in activity.venues()}
    assert {area[code] for code in starts} == {"E06000016"}
    assert "" in starts.values()
    design = drawn(buffer_m=900).design
    assert len(design["blocks"]) < len(design["clusters"])  # the buffer joined streets some 700 m apart
    for block in design["blocks"]:
        assert len({each["start_week"] for each in design["clusters"] if each["block"] == block["code"]}) == 1
    _, problems = check_settings(
        SETTINGS | {"waves": "x", "excluded": [["SYN001", " "], ["NOPE", "why"]], "colour": 1}
    )
    assert sorted(each.key for each in problems) == ["colour", "excluded", "excluded", "waves"]


def test_letters_name_a_date_and_no_crime_and_no_rank(people):
    kept = drawn(never=1)
    document = PdfDocument(letters(kept, only="SYN001"))
    text = " ".join(page.get_textpage().get_text_range() for page in document).lower()
    row = next(row for row in schedule(kept) if row.code == "SYN001")
    expected = f"{row.start:%A} {row.start.day} {row.start:%B %Y}".lower() if row.start else "no start date"
    assert expected in text
    assert "synthetic" in text
    everything = PdfDocument(letters(kept))
    assert len(everything) == 150
    words = " ".join(everything[n].get_textpage().get_text_range() for n in (0, 75, 149)).lower()
    for forbidden in (
        "assault",
        "crime",
        "violence",
        "hotspot",
        "rank",
        "police",
        "offence",
        "baseline",
        "cluster",
    ):
        assert forbidden not in words, forbidden
    with pytest.raises(LookupError):
        letters(kept, only="NOPE")
    lines = schedule_csv(kept).splitlines()
    assert len(lines) == 151
    assert all(line.endswith(",synthetic") for line in lines[1:])


def test_the_command(people, capsys, tmp_path):
    call_command(
        "design_rollout",
        "--waves",
        "3",
        "--seed",
        "5",
        "--weeks",
        "40",
        "--panels",
        "4",
        "--json",
        "--out",
        str(tmp_path),
    )
    answer = json.loads(capsys.readouterr().out)
    assert sum(row["venues"] for row in answer["waves"]) == 150
    assert {row["waves"] for row in answer["mde_by_waves"]} >= {2, 3, 4}
    assert 0 < next(row for row in answer["mde_by_waves"] if row["waves"] == 3)["mde_irr"] < 1
    assert not answer["confirmed"]
    assert Rollout.objects.get().rollout_hash == answer["rollout_hash"]
    assert (tmp_path / "letters.pdf").read_bytes().startswith(b"%PDF")
    call_command(
        "design_rollout", "--waves", "3", "--seed", "5", "--weeks", "40", "--panels", "0", "--json",
        "--by", "evaluator", "--second", "second_evaluator",
    )  # fmt: skip
    again = json.loads(capsys.readouterr().out)
    assert (again["record"], again["confirmed"]) == (answer["record"], True)
    with pytest.raises(CommandError) as error:
        call_command("design_rollout", "--waves", "40", "--seed", "5")
    assert error.value.returncode == 2
    with pytest.raises(CommandError, match="--second needs --by"):
        call_command("design_rollout", "--waves", "3", "--seed", "5", "--second", "evaluator")


def test_the_screens(people, client):
    client.force_login(people["evaluator"])
    client.post(reverse("rollouts"), {"new": "1"})
    address = reverse("rollout_draft", args=[people["evaluator"].evaluation_drafts.get().pk])
    client.post(
        address, {"title": "Spring", "waves": "4", "seed": "11", "excluded": "SYN003: closing down", "draw": "1"}
    )
    kept = Rollout.objects.get()
    assert [tuple(each) for each in kept.design["settings"]["excluded"]] == [("SYN003", "closing down")]
    client.post(reverse("rollout", args=[kept.pk]), {"confirm": "1"})
    assert not RolloutConfirmation.objects.exists()  # who drew it
    client.force_login(people["second_evaluator"])
    client.post(reverse("rollout", args=[kept.pk]), {"confirm": "1"})
    assert confirmed(Rollout.objects.get())
    cluster = kept.design["clusters"][0]["code"]
    client.post(
        reverse("rollout", args=[kept.pk]),
        {"cluster": cluster, "kind": "late", "week": "soon", "reason": "printer"},
    )
    assert not kept.deviations.exists()
    client.post(
        reverse("rollout", args=[kept.pk]),
        {"cluster": cluster, "kind": "late", "week": "2027-W20", "reason": "printer"},
    )
    assert kept.deviations.get().noted_by == "second_evaluator"
    page = client.get(reverse("rollout", args=[kept.pk])).content.decode()
    assert 'role="img"' in page
    assert "printer" in page
    for name, status in (
        ("schedule.csv", 200),
        ("letter-SYN001.pdf", 200),
        ("letter-NOPE.pdf", 404),
        ("passwd", 404),
    ):
        assert client.get(reverse("rollout_file", args=[kept.pk, name])).status_code == status


def deliver(kept, *, late_weeks=0, skip=()):
    """Check-ins as drawn: every Monday afternoon from a venue's start on."""
    places = {
        each.venue.code: each for each in PosterPlace.objects.select_related("venue").order_by("-sort_order")
    }
    weeks = nights.weeks_between(kept.from_week, kept.to_week)
    rows = [
        CheckIn(
            venue=places[code].venue, place=places[code], state="up", source=CheckIn.Source.STICKER,
            at=datetime.combine(nights.week_start(week), time(15), tzinfo=UTC),
        )
        for code, start in allocated_by_venue(kept).items()
        if start and code not in skip
        for week in weeks
        if nights.week_start(week) >= nights.week_start(start) + timedelta(weeks=late_weeks)
    ]  # fmt: skip
    CheckIn.objects.all()._raw_delete("default")  # one statement, no signal for each of thousands
    CheckIn.objects.bulk_create(rows, batch_size=2000)


def test_a_draw_that_was_chosen_among_several_is_known_as_such(people):
    plan = {"title": "P", "measure": "nte_assault", "unit": "catchment", "data": "synthetic"}
    with time_machine.travel(BEFORE, tick=False) as clock:
        drawn(seed=8)
        kept = drawn()
        confirm(kept, by=people["evaluator"], second=people["second_evaluator"])
        clock.shift(timedelta(days=1))
        drawn(seed=9)  # too late to have been chosen among
    plan = parse_plan(plan | {"from_week": kept.from_week, "to_week": kept.to_week, "rollout": kept.rollout_hash})
    assert [each.seed for each in chosen_among(kept)] == [8]
    assert len(other_draws(kept)) == 2
    found = randomisation_of(plan, []).as_json()
    assert found["other_draws"] == 1
    said = section_of({"diagnostics": {"rollout": found}, "rules": [], "estimate": {}}).says
    assert any("one other draw" in each and "cannot be 5" in each for each in said)


def test_why_a_named_roll_out_does_not_count_is_said(people):
    plan = {"title": "P", "measure": "nte_assault", "unit": "catchment", "data": "synthetic"}

    def why(kept, digest=""):
        named = plan | {
            "from_week": kept.from_week, "to_week": kept.to_week, "rollout": digest or kept.rollout_hash
        }  # fmt: skip
        assert (randomisation_of(parse_plan(named), []) is None) == bool(why_it_does_not_count(parse_plan(named)))
        return why_it_does_not_count(parse_plan(named))

    with time_machine.travel(BEFORE, tick=False):
        kept = drawn()
        assert "two people did not confirm it" in why(kept)
        confirm(kept, by=people["evaluator"], second=people["second_evaluator"])
    assert why(kept) == ""
    guards.take_down()
    try:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE analytics_rollout SET content = content || ' ' WHERE id = %s", [kept.pk])
    finally:
        guards.put_up()
    assert "changed after it was drawn" in why(kept)
    said = section_of({"diagnostics": {"rollout_does_not_count": why(kept)}}).says
    assert "does not count: its record was changed after it was drawn" in said[0]


def test_the_grade_reads_the_record_and_whether_it_was_followed(people, tmp_path):
    one, two = people["evaluator"], people["second_evaluator"]
    with time_machine.travel(BEFORE, tick=False):
        kept = drawn()
        confirm(kept, by=one, second=two)
    plan = parse_plan(
        {
            "title": "Drawn", "measure": "nte_assault", "from_week": kept.from_week, "to_week": kept.to_week, "unit": "catchment",
            "data": "synthetic", "placebos": [], "permutations": 199, "rollout": kept.rollout_hash,
            "thresholds": {"weeks_trimmed": 0},
        }
    )  # fmt: skip
    lock(plan, by=one, second=two)
    deliver(kept)
    reach = venue_weeks(from_week=kept.from_week, to_week=kept.to_week)
    followed = following_of(kept, reach)
    assert followed.share < 0.01
    dose = {(row.venue, row.week): row.live_share for row in reach if row.live_share}
    write_extract(
        tmp_path / "x.csv", seed=3, venues=list(activity.venues()), exposure=dose, irr=0.5, offences=30000
    )
    import_paths([tmp_path / "x.csv"], by="importer")
    result = evaluate(plan).result
    assert result["evidence_grade"] == 5
    lot = result["diagnostics"]["rollout"]
    assert lot["analysed"] == "as allocated"
    # A week that is live is not live on every night, so what was planted per full week is weaker as allocated.
    assert lot["as_delivered"]["irr"] < result["estimate"]["irr"] < 0.75
    assert lot["as_delivered"]["ci_low"] < 0.5 < lot["as_delivered"]["ci_high"]
    assert result["estimate"]["p_permutation"] <= 0.05
    assert not next(rule for rule in result["rules"] if rule["code"] == "R3")["fired"]
    assert "does not show that the campaign caused it" not in result["verdict_sentence"]
    # What was drawn is not what was delivered, and no correction either.
    assert result["diagnostics"]["corrections"] == []
    kept_reach = result["diagnostics"]["before_corrections"]
    assert kept_reach["before"] == kept_reach["after"]
    # Delivery that breaks from the draw: the analysis stays as allocated, the grade falls.
    deliver(kept, late_weeks=8)
    note_deviation(
        kept, by=one, cluster=kept.design["clusters"][0]["code"], kind="late", week="2024-W01", reason="printer"
    )
    broken = evaluate(plan).result
    assert broken["diagnostics"]["rollout"]["broken_share"] > 0.10
    assert broken["diagnostics"]["rollout"]["deviations_noted"] == 1
    assert broken["evidence_grade"] == 4
    assert broken["estimate"]["irr"] == result["estimate"]["irr"]
    changed = broken["diagnostics"]["corrections"]
    assert {each["what"] for each in changed} == {DIFFERS}
    assert {each["venue"] for each in changed} <= set(allocated_by_venue(kept))
    assert (
        broken["diagnostics"]["before_corrections"] == kept_reach
    )  # the lot is what is analysed, before and after
    # A roll-out that nobody confirmed in time is no randomisation.
    assert randomisation_of(parse_plan({**_toml(plan), "rollout": drawn(seed=99).rollout_hash}), reach) is None


def _toml(plan):
    names = ("title", "measure", "from_week", "to_week", "unit", "data", "permutations")
    return {name: getattr(plan, name) for name in names} | {"placebos": []}


def test_weeks_in_which_a_venue_is_shut_break_nothing(people):
    kept = drawn()
    Venue.objects.update(open_nights="")
    reach = venue_weeks(from_week=kept.from_week, to_week=kept.to_week, only={"SYN001"})
    trading = sum(row.trading_nights > 0 for row in reach)
    assert following_of(kept, reach).unit_weeks == trading
