"""Lists of a plan whose order says nothing: one hash whatever the order, and older plans keep the order they were locked in."""

import itertools

import pytest
from django.http import QueryDict

from analytics.evaluation import drafts
from analytics.evaluation.plan import as_locked, canonical_json, is_intact, lock, parse_plan, plan_of, read_plan
from analytics.evaluation.plan_checks import ANY_ORDER, DEFAULTS, PlanError
from analytics.evaluation.plan_form import PlanForm, values_of
from analytics.models import EvaluationPlan
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User

GOOD = {"title": "Spring", "measure": "nte_assault", "from_week": "2023-W14", "to_week": "2024-W39"}
LISTS = {
    "placebos": ["daytime_assault", "acquisitive", "domestic_dwelling"],
    "secondary_exposures": ["scans", "likely_seen_share", "downloads"],
    "sensitivities": ["rings", "delay", "multiverse"],
    "areas": ["E01000003", "E01000001", "E01000002"],
    "venues": ["SYN003", "SYN001", "SYN002"],
    "inference": ["permutation", "cv3", "crv1"],
}


def posted(values: dict) -> dict:
    """What the form makes of values that were shown in it and sent as they are: ticked boxes in the order of the page."""
    post = QueryDict(mutable=True)
    form = PlanForm(values, venues=[])
    for name, field in form.fields.items():
        ticked = form.data.getlist(name)
        on_page = [value for value, _ in getattr(field, "choices", ())]
        post.setlist(name, sorted(ticked, key=on_page.index) if set(ticked) <= set(on_page) else ticked)
    return values_of(post, {})


def test_a_plan_by_form_and_one_by_file_with_the_defaults_are_one_plan(db):
    typed = posted(GOOD)
    assert sorted(typed["placebos"]) == sorted(DEFAULTS["placebos"])
    assert parse_plan(typed).canonical == parse_plan(GOOD).canonical
    spelled = {key: DEFAULTS[key] for key in ANY_ORDER}
    assert parse_plan(GOOD | spelled).plan_hash == parse_plan(GOOD).plan_hash


def test_every_list_is_tried():
    assert LISTS.keys() == set(ANY_ORDER) == {key for key, value in DEFAULTS.items() if isinstance(value, list)}


@pytest.mark.parametrize("key", ANY_ORDER)
def test_any_order_of_choosing_gives_one_hash(db, key):
    orders = [list(each) for each in itertools.permutations(LISTS[key])]
    plans = [parse_plan(GOOD | {key: each}) for each in orders]
    if key in PlanForm(GOOD, venues=[]).fields:
        plans += [parse_plan(posted(GOOD | {key: each})) for each in orders]
    assert len({each.plan_hash for each in plans}) == 1
    assert sorted(getattr(plans[0], key)) == sorted(LISTS[key])
    assert parse_plan(GOOD | {key: orders[0][:2]} if key != "inference" else GOOD).plan_hash != plans[0].plan_hash


def test_another_order_in_a_draft_asks_for_no_new_simulation(db):
    made = drafts.EvaluationDraft(values=GOOD, simulation={"values": GOOD | {"placebos": LISTS["placebos"][::-1]}})
    assert drafts.simulated(made)
    made.values = GOOD | {"placebos": LISTS["placebos"][1:]}
    assert not drafts.simulated(made)
    made.values = GOOD | {"placebos": [5, "x"]}  # whatever was typed
    assert not drafts.simulated(made)


# --- plans that were locked when the order still counted

OLD = {
    "placebos": ["domestic_dwelling", "acquisitive", "daytime_assault"],
    "secondary_exposures": ["scans", "handstamps"],
}


@pytest.fixture
def locked(db):
    """A plan as it was locked with its lists in the order in which they were written."""
    demo_people.load(seed=1, say=lambda line: None)
    one, two = (User.objects.get(username=name) for name in ("evaluator", "second_evaluator"))
    new = parse_plan(GOOD | OLD)
    old = plan_of(EvaluationPlan(content=canonical_json(new.content() | OLD)))
    assert old.plan_hash != new.plan_hash
    return lock(old, by=one, second=two)


def test_it_is_intact_and_reads_back_to_its_own_hash(locked):
    assert is_intact(locked)
    plan = plan_of(locked)
    assert plan.canonical == locked.content
    assert plan.plan_hash == locked.plan_hash
    assert list(plan.placebos) == OLD["placebos"]


@pytest.mark.parametrize("turned", [False, True])
def test_its_file_still_finds_it(locked, tmp_path, turned):
    values = GOOD | {key: names[::-1] if turned else names for key, names in OLD.items()}
    path = tmp_path / "plan.toml"
    path.write_text(drafts.as_toml(values))
    assert read_plan(path) == plan_of(locked)
    path.write_text(drafts.as_toml(values | {"seed": 2}))
    assert read_plan(path) == parse_plan(values | {"seed": 2})


def test_it_cannot_be_locked_again_in_another_order(locked):
    again = parse_plan(GOOD | OLD)
    with pytest.raises(PlanError, match="is locked already"):
        lock(again, by=locked.locked_by, second=locked.second)
    assert as_locked(again) == plan_of(locked)


def test_a_plan_that_says_something_else_is_not_it(locked):
    other = parse_plan(GOOD | OLD | {"placebos": OLD["placebos"][:2]})
    assert as_locked(other) == other
