"""Who may do what, and when they last signed in: the list that somebody goes through every quarter."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.utils import is_mfa_enabled
from django.utils import timezone

from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import ADMINISTRATOR, APPROVER, IMPORTER, ROLE_PERMISSIONS

UNUSED_AFTER = timedelta(days=90)
CLASHES = (
    (IMPORTER, APPROVER, "imports police data and can publish"),
    (IMPORTER, ADMINISTRATOR, "imports police data and manages people"),
)


@dataclass(frozen=True)
class Access:
    """One account. ``remarks`` are what the reviewer should look at; times are UTC."""

    user: str
    email: str
    active: bool
    roles: list[str]
    second_factor: bool
    last_sign_in: datetime | None
    remarks: list[str]


def access_list(now: datetime | None = None) -> list[Access]:
    """Every account, those that can still sign in first."""
    today = now or timezone.now()
    people = User.objects.prefetch_related("groups", "user_permissions").order_by("-is_active", "username")
    return [_access(person, today) for person in people]


def _access(person: User, now: datetime) -> Access:
    roles = sorted(group.name for group in person.groups.all())
    second_factor = is_mfa_enabled(person)
    remarks = []
    if person.is_active:
        if person.is_superuser:
            remarks.append("superuser: every permission, whatever the roles say")
        if person.user_permissions.all():
            remarks.append("has permissions outside the roles")
        if not roles and not person.is_superuser:
            remarks.append("has no role: close the account?")
        remarks += [f"{name} is not a role of this product" for name in roles if name not in ROLE_PERMISSIONS]
        remarks += [words for one, two, words in CLASHES if one in roles and two in roles]
        if not second_factor:
            remarks.append("has no second factor yet")
        if person.last_login is None:
            remarks.append("has never signed in")
        elif now - person.last_login > UNUSED_AFTER:
            remarks.append(f"has not signed in for {UNUSED_AFTER.days} days")
    elif roles:
        remarks.append("is closed and still has roles")
    return Access(
        person.username, person.email, person.is_active, roles, second_factor, person.last_login, remarks
    )
