"""A role is raised by two people; taking one away needs one. Every change is a row of the audit log."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.models import AuditRecord
from campaign_pages.accounts import demo_people, roles
from campaign_pages.accounts.models import RoleRequest, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_people(settings: Any) -> None:
    settings.WALKAWAY_TWO_PERSON_ROLES = True
    demo_people.load(seed=1, say=lambda line: None)
    second = User.objects.create_user("second_administrator", "second_administrator@demo.example")
    second.groups.add(Group.objects.get(name=roles.ADMINISTRATOR))


def person(name: str) -> User:
    return User.objects.get(username=name)


def as_(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


def edit(client: Client, target: User, *names: str) -> str:
    form = {
        "username": target.username, "email": target.email, "first_name": target.first_name or "A",
        "last_name": target.last_name or "B", "is_active": "on",
        "groups": [Group.objects.get(name=name).pk for name in names],
    }  # fmt: skip
    answer = client.post(reverse("wagtailusers_users:edit", args=[target.pk]), form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def roles_of(name: str) -> set[str]:
    return set(person(name).groups.values_list("name", flat=True))


def actions() -> list[tuple[str, str, str]]:
    rows = AuditRecord.objects.filter(action__startswith="people.").order_by("number")
    return [(row.action, row.by, row.detail["role"]) for row in rows]


def test_a_role_waits_until_another_person_confirms_it() -> None:
    page = edit(as_("administrator"), person("author"), roles.AUTHOR, roles.IMPORTER)
    assert "waits for another person" in page
    assert roles_of("author") == {roles.AUTHOR}
    asked = RoleRequest.objects.get()
    edit(as_("administrator"), person("author"), roles.AUTHOR, roles.IMPORTER)
    assert RoleRequest.objects.count() == 1, "asked for once, however often"
    review = reverse("access_review")
    assert "Another person has to confirm." in as_("administrator").get(review).content.decode()
    as_("administrator").post(review, {"grant": asked.pk})
    assert roles_of("author") == {roles.AUTHOR}, "never who asked"
    assert "Data importer for Ashley Author" in as_("second_administrator").get(review).content.decode()
    as_("second_administrator").post(review, {"grant": asked.pk})
    assert roles_of("author") == {roles.AUTHOR, roles.IMPORTER}
    assert (
        "decided already"
        in as_("second_administrator").post(review, {"grant": asked.pk}, follow=True).content.decode()
    )
    assert actions() == [
        ("people.role_asked", "administrator", roles.IMPORTER),
        ("people.role_given", "second_administrator", roles.IMPORTER),
    ]


def test_nobody_raises_themselves_or_confirms_their_own_role() -> None:
    edit(as_("administrator"), person("administrator"), roles.ADMINISTRATOR, roles.IMPORTER)
    assert roles_of("administrator") == {roles.ADMINISTRATOR}
    edit(as_("second_administrator"), person("administrator"), roles.ADMINISTRATOR, roles.EVALUATOR)
    review = reverse("access_review")
    for asked in RoleRequest.objects.all():
        as_("administrator").post(review, {"grant": asked.pk})
    assert roles_of("administrator") == {roles.ADMINISTRATOR}
    for name in ("importer", "evaluator"):
        assert as_(name).post(review, {"grant": RoleRequest.objects.latest("pk").pk}).status_code in {302, 403}
    assert roles_of("administrator") == {roles.ADMINISTRATOR}


def test_declined_is_kept_and_gives_nothing() -> None:
    edit(as_("administrator"), person("author"), roles.AUTHOR, roles.APPROVER)
    as_("second_administrator").post(reverse("access_review"), {"decline": RoleRequest.objects.get().pk})
    assert RoleRequest.objects.get().granted is False
    assert roles_of("author") == {roles.AUTHOR}
    assert actions()[-1] == ("people.role_declined", "second_administrator", roles.APPROVER)


def test_taking_a_role_away_needs_one_person_and_is_written_down() -> None:
    edit(as_("administrator"), person("importer"))
    assert roles_of("importer") == set()
    assert actions() == [("people.role_taken_away", "administrator", roles.IMPORTER)]


def test_a_new_account_begins_without_roles() -> None:
    form = {
        "username": "new", "email": "new@demo.example", "first_name": "N", "last_name": "W",
        "password1": "a-long-and-odd-one-7", "password2": "a-long-and-odd-one-7", "is_active": "on",
        "groups": [Group.objects.get(name=roles.IMPORTER).pk],
    }  # fmt: skip
    as_("administrator").post(reverse("wagtailusers_users:add"), form)
    assert roles_of("new") == set()
    assert RoleRequest.objects.get().user == person("new")


def test_wagtails_bulk_action_gives_no_role() -> None:
    target, role = person("author"), Group.objects.get(name=roles.IMPORTER)
    path = reverse("wagtail_bulk_action", args=["accounts", "user", "assign_role"])
    answer = as_("administrator").post(f"{path}?id={target.pk}", {"role": role.pk}, follow=True)
    assert roles_of("author") == {roles.AUTHOR}
    assert "give a role on each person&#x27;s own page" in answer.content.decode()


def test_where_nobody_else_could_confirm_it_is_given_and_the_log_says_so() -> None:
    User.objects.filter(username="second_administrator").update(is_active=False)
    edit(as_("administrator"), person("author"), roles.AUTHOR, roles.APPROVER)
    assert roles_of("author") == {roles.AUTHOR, roles.APPROVER}
    row = AuditRecord.objects.get(action="people.role_given")
    assert row.detail["second"] == "nobody else manages people yet"


def test_without_the_setting_roles_are_given_at_once_and_written_down(settings: Any) -> None:
    settings.WALKAWAY_TWO_PERSON_ROLES = False
    edit(as_("administrator"), person("author"), roles.AUTHOR, roles.APPROVER)
    assert roles_of("author") == {roles.AUTHOR, roles.APPROVER}
    assert actions() == [("people.role_given", "administrator", roles.APPROVER)]


@pytest.mark.parametrize("wrong", ["administrator", "author"])
def test_the_database_refuses_one_person_too(wrong: str) -> None:
    asked = RoleRequest.objects.create(
        user=person("author"), role=Group.objects.get(name=roles.IMPORTER), asked_by=person("administrator")
    )
    asked.granted, asked.decided_by, asked.decided_at = True, person(wrong), timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        asked.save()
