"""A role is raised by two people: whoever manages people asks, another confirms; both are in the audit log.

Wagtail's own screens give roles at once. With ``WALKAWAY_TWO_PERSON_ROLES`` what they would add is taken out of the form
and becomes a request; taking a role away, and closing an account, need one person. Where nobody else
manages people (the first account of an installation) the role is given at once, and the log says so.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from analytics.audit.chain import record
from campaign_pages.accounts.models import RoleRequest, User

MANAGE = "accounts.change_user"
BEFORE, ADDED = "_roles_before", "_roles_added"


class CannotDecide(Exception):
    """The request cannot be decided, or not by this person; the message says why."""


def may_confirm(person: User, *, asked_by: User, target: User) -> bool:
    """Whether a person may decide: active, manages people, and is neither who asked nor who would get the role."""
    return bool(person.is_active and person.has_perm(MANAGE) and person.pk not in (asked_by.pk, target.pk))


def _alone(asked_by: User) -> bool:
    """Whether nobody else manages people. Of two who do, neither raises the other: a third comes first."""
    staff = User.objects.filter(is_active=True).exclude(pk=asked_by.pk)
    return not any(each.has_perm(MANAGE) for each in staff)


def hold_back(request: HttpRequest, target: User | None = None) -> None:
    """Before the form is read: remembers the roles there were, and takes out of it what would be added."""
    if request.method != "POST":
        return
    before = set(target.groups.values_list("pk", flat=True)) if target else set()
    asked = {int(each) for each in request.POST.getlist("groups") if each.isdecimal()}
    added = asked - before if settings.WALKAWAY_TWO_PERSON_ROLES else set()
    setattr(request, BEFORE, before)
    setattr(request, ADDED, added)
    if added:
        form = request.POST.copy()
        form.setlist("groups", [each for each in request.POST.getlist("groups") if int(each or 0) not in added])
        request.POST = form  # type: ignore[assignment]


def write_down(request: HttpRequest, target: User) -> None:
    """After the form was saved: asks for what was held back, and writes down what changed."""
    by = request.user
    assert isinstance(by, User)
    for role in Group.objects.filter(pk__in=getattr(request, ADDED, ())).order_by("name"):
        messages.info(request, ask(role, target=target, by=by))
    before, now = getattr(request, BEFORE, set()), set(target.groups.values_list("pk", flat=True))
    names = dict(Group.objects.values_list("pk", "name"))
    for pk in sorted((before ^ now) - getattr(request, ADDED, set())):
        action = "people.role_given" if pk in now else "people.role_taken_away"
        record(action, by=by.get_username(), about=f"user {target.pk}", detail={"role": names[pk]})


@transaction.atomic
def ask(role: Group, *, target: User, by: User) -> str:
    """Asks for a role, or gives it where nobody else could confirm. Returns what happened, in words."""
    if _alone(by):
        target.groups.add(role)
        detail = {"role": role.name, "second": "nobody else manages people yet"}
        record("people.role_given", by=by.get_username(), about=f"user {target.pk}", detail=detail)
        return f"{target} has the role {role} now: there is nobody else yet who could confirm it."
    made = RoleRequest.objects.get_or_create(
        user=target, role=role, granted=None, defaults={"asked_by": by}
    )[1]  # fmt: skip
    if made:
        record("people.role_asked", by=by.get_username(), about=f"user {target.pk}", detail={"role": role.name})
    return f"{role} for {target} waits for another person who manages people: Audit log, Who has access."


@transaction.atomic
def decide(request_id: int, *, by: User, grant: bool) -> RoleRequest:
    """Gives the role, or declines. Raises CannotDecide."""
    asked = RoleRequest.objects.select_for_update(of=("self",)).filter(pk=request_id, granted=None).first()
    if asked is None:
        raise CannotDecide("This was decided already.")
    if not may_confirm(by, asked_by=asked.asked_by, target=asked.user):
        raise CannotDecide("Another person is needed: neither who asked nor who would get the role.")
    asked.granted, asked.decided_by, asked.decided_at = grant, by, timezone.now()
    asked.save()
    if grant:
        asked.user.groups.add(asked.role)
    record(
        "people.role_given" if grant else "people.role_declined",
        by=by.get_username(),
        about=f"user {asked.user_id}",
        detail={"role": asked.role.name, "asked_by": asked.asked_by.get_username()},
    )
    return asked


def open_requests(viewer: Any) -> list[dict[str, Any]]:
    """Requests that wait, each with whether the viewer may decide it."""
    waiting = RoleRequest.objects.filter(granted=None).select_related("user", "role", "asked_by")
    return [
        {"asked": each, "may_decide": may_confirm(viewer, asked_by=each.asked_by, target=each.user)}
        for each in waiting
    ]


def refuse_bulk_roles(request: HttpRequest, action: str, objects: Any, view: Any) -> HttpResponse | None:
    """Wagtail's bulk action would give a role past the second person."""
    if action != "assign_role" or not settings.WALKAWAY_TWO_PERSON_ROLES:
        return None
    messages.error(
        request, "Nothing was done: give a role on each person's own page, so that another can confirm it."
    )
    return redirect("wagtailusers_users:index")
