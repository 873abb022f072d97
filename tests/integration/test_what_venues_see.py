"""A venue sees its own displays and nothing of what happened there: every page, file, letter and template is walked."""

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from analytics import models as outcome_models
from analytics.models import ImportedFile, Offence
from analytics.reach.letters import counted, letter_for, weeks_of_month
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from campaign_pages.venues import urls
from campaign_pages.venues.check_ins import make_link
from campaign_pages.venues.models import Area, CheckIn, CheckInLink, Venue
from tests.factories.venues import place as make_place

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
OWN, OTHER = "The Lamplighter", "The Neighbour"
# What must not stand on anything that a venue gets about itself. Codes and fields of the outcome come from the models.
FORBIDDEN = re.compile(
    r"hot\s?spots?|league table|\brank(ed|ing)\b|your rank|crime figures|crime rate|recorded (crime|assault|offence)s?|"
    r"offences? (near|at|in)|assaults? (near|at|in|recorded)|worst|safest|compared with other venues", re.I)  # fmt: skip
OUTCOME_FIELDS = {field.name for model in (Offence, outcome_models.OffencePerson, outcome_models.EvaluationRun)
                  for field in model._meta.get_fields()} - {"id", "file", "synthetic", "title", "venue_code", "by", "plan", "role",
                  "age", "gender", "place", "hour", "night", "source"}  # fmt: skip


@pytest.fixture
def venue(settings, tmp_path):
    """A venue with a month of check-ins, a neighbour, and recorded offences matched to both."""
    settings.VAR_DIR = tmp_path
    (tmp_path / "scans").mkdir()
    place = make_place(name=OWN)
    place.venue.capacity = 100
    place.venue.save()
    Venue.objects.create(code="V2", name=OTHER, area=Area.objects.get())
    for day in (4, 11, 18):
        CheckIn.objects.create(
            venue=place.venue, place=place, state="up", source="sticker", at=datetime(2024, 3, day, 16, tzinfo=UTC)
        )
    file = ImportedFile.objects.create(
        name="o.csv", sha256="0" * 64, state="loaded", timed=True, loaded=1, rows_read=1, first_day=date(2024, 3, 8),
        last_day=date(2024, 3, 9),
    )  # fmt: skip
    assert file.pk
    return place.venue


def addresses(venue):
    """One address for every name of the venues' urls; a new name without one fails the test below."""
    token = make_link(venue=venue, purpose=CheckInLink.Purpose.STICKER)
    return {
        "scan": ["7K3Q9"],
        "pack": [],
        "check_in": [token],
        "general_file": ["pub", "read-me.txt"],
        "venue_pack": [venue.code],
        "venue_file": [venue.code, "read-me.txt"],
    }


def walked(value, depth=0, seen=None):
    """Every object that a template could reach through containers and attributes of plain objects."""
    seen = set() if seen is None else seen
    if id(value) in seen or depth > 6:
        return
    seen.add(id(value))
    yield value
    if isinstance(value, dict):
        inside = list(value.values())
    elif isinstance(value, (list, tuple, set, frozenset)):
        inside = list(value)
    elif isinstance(value, Model) or type(value).__module__.startswith(("campaign_pages", "analytics")):
        inside = list(getattr(value, "__dict__", {}).values())
    else:
        return
    for each in inside:
        yield from walked(each, depth + 1, seen)


def test_every_page_of_a_venue_is_walked_and_none_reaches_an_outcome(venue):
    samples = addresses(venue)
    names = {pattern.name for pattern in urls.urlpatterns}
    assert names <= samples.keys(), f"give the test an address for {names - samples.keys()}"
    client = Client()
    for name in names:
        path = reverse(f"venues:{name}", args=samples[name])
        answers = [client.get(path)]
        if name == "check_in":
            answers.append(client.post(path, {"state": "up", "place": "7K3Q9", "tap": "t"}))
        for answer in answers:
            assert answer.status_code < 400 or name.endswith("file"), path
            for context in answer.context or []:
                for value in walked(context.flatten() if hasattr(context, "flatten") else context):
                    assert not type(value).__module__.startswith("analytics."), f"{path}: {type(value)}"
            if "text" in answer.get("Content-Type", ""):
                body = b"".join(answer) if answer.streaming else answer.content
                text = body.decode()
                assert OTHER not in text, path
                assert not FORBIDDEN.search(text), (path, FORBIDDEN.search(text))


def venue_templates():
    found = [each for each in (ROOT / "templates" / "venues").rglob("*") if each.is_file()]
    return [each for each in found if not each.name.startswith("admin_")]


def test_no_template_that_a_venue_gets_names_an_outcome_field():
    templates = [*venue_templates(), ROOT / "templates/analytics/reach/letter.html"]
    assert len(templates) >= 7
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert not FORBIDDEN.search(text), template
        for expression in re.findall(r"\{\{(.*?)\}\}|\{%(.*?)%\}", text, re.S):
            words = set(re.findall(r"[a-z_]+", "".join(expression)))
            assert not words & OUTCOME_FIELDS, (template.name, words & OUTCOME_FIELDS)


def test_the_fields_that_are_looked_for_are_the_outcomes():
    assert {"offence_code", "night_weight", "verdict", "panel_csv"} <= OUTCOME_FIELDS


def test_nothing_of_the_campaign_imports_the_outcomes():
    """The linter sees imports; strings, as in get_model, are seen here."""
    files = list((ROOT / "campaign_pages").rglob("*.py"))
    assert len(files) > 50
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                module = getattr(node, "module", "") or ""
                names = {module, *(alias.name for alias in node.names)}
                assert not any(name.split(".")[0] == "analytics" for name in names), file
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("get_model", "import_module"):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                assert not any(str(each).startswith("analytics") for each in texts), file


def test_the_letter_says_what_was_up_and_nothing_of_what_happened(venue):
    letter = letter_for(venue.code, "2024-03")
    text = letter.text
    assert "up on 12 of the 12 nights" in text or "up on 11 of the 12 nights" in text
    assert "no scans" in text
    assert OTHER not in text
    assert not FORBIDDEN.search(text)
    assert not set(vars(letter)) & OUTCOME_FIELDS
    source = (ROOT / "analytics/reach/letters.py").read_text()
    assert not re.search(r"from analytics\.(panel|evaluation|police_data|models)", source)
    assert letter_for("NOPE", "2024-03") is None


def test_small_counts_are_not_exact_and_months_are_checked():
    assert [counted(n, "scan", "scans") for n in (0, 1, 4, 5, 1200)] == [
        "no scans", "under 5 scans", "under 5 scans", "5 scans", "1,200 scans",
    ]  # fmt: skip
    assert weeks_of_month("2024-03") == ["2024-W10", "2024-W11", "2024-W12", "2024-W13"]
    for wrong in ("2024-3", "2024-13", "March", "2024/03"):
        with pytest.raises(ValueError, match="month"):
            weeks_of_month(wrong)


def test_the_letter_on_screen_and_as_text(venue):
    set_up_roles()
    user = User.objects.create_superuser("boss", "boss@example.test", "x")
    client = Client()
    client.force_login(user)
    address = reverse("reach_letter", args=[venue.code])
    page = client.get(address + "?month=2024-03")
    assert page.status_code == 200
    assert OWN in page.content.decode()
    text = client.get(address + "?month=2024-03&format=txt")
    assert text["Content-Type"].startswith("text/plain")
    assert text.content.decode() == letter_for(venue.code, "2024-03").text
    assert client.get(address + "?month=soon").status_code == 400
    assert client.get(reverse("reach_letter", args=["NOPE"]) + "?month=2024-03").status_code == 404
