"""Staff sign in one way only, with a second factor wherever it is required."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client

from campaign_pages.accounts import demo_people, roles
from campaign_pages.accounts.models import User
from campaign_pages.accounts.second_factor import AUTHENTICATION_METHODS_KEY

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> None:
    demo_people.load(seed=1, say=lambda line: None)


def test_every_role_is_a_group_with_its_permissions() -> None:
    for role, wanted in roles.ROLE_PERMISSIONS.items():
        group = Group.objects.get(name=role)
        have = {
            f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")
        }
        assert have == wanted, role


def test_only_an_approver_or_administrator_may_publish_pages() -> None:
    may_publish = {role for role, codes in roles.ROLE_PAGE_PERMISSIONS.items() if "publish_page" in codes}
    assert may_publish == {roles.APPROVER, roles.ADMINISTRATOR}


def test_wagtails_own_sign_in_leads_to_ours(client: Client) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/")
    assert client.get("/admin/login/?next=/admin/pages/")["Location"] == "/accounts/login/?next=/admin/pages/"


def test_nobody_signs_up(client: Client) -> None:
    before = User.objects.count()
    client.post("/accounts/signup/", {"email": "a@b.example", "password1": "x" * 20, "password2": "x" * 20})
    assert User.objects.count() == before


@pytest.mark.usefixtures("people")
def test_a_demo_person_signs_in_by_e_mail(client: Client) -> None:
    response = client.post(
        "/accounts/login/", {"login": "author@demo.example", "password": demo_people.DEMO_PASSWORD}, follow=True
    )
    assert response.status_code == 200
    assert response.request["PATH_INFO"] == "/admin/"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("address", ["/admin/", "/admin/pages/", "/accounts/login/?next=/admin/"])
def test_a_venue_manager_is_told_that_the_admin_is_not_for_them(client: Client, address: str) -> None:
    """Not sent to sign in, and from there back again, for ever."""
    client.force_login(User.objects.get(username="venue_manager"))
    response = client.get(address, follow=True)
    assert response.status_code == 403
    assert len(response.redirect_chain) <= 1
    page = response.content.decode()
    assert "signed in as venue_manager" in page
    assert 'href="/accounts/logout/"' in page
    assert client.get("/admin/logout/", follow=True).status_code == 200


@pytest.mark.usefixtures("people")
def test_without_a_second_factor_staff_are_sent_to_set_one_up(client: Client, settings: Any) -> None:
    settings.WALKAWAY_REQUIRE_MFA = True
    client.force_login(User.objects.get(username="approver"))
    assert client.get("/admin/")["Location"] == "/accounts/2fa/totp/activate/"


@pytest.mark.usefixtures("people")
def test_a_session_that_did_not_pass_the_second_factor_is_asked_again(client: Client, settings: Any) -> None:
    settings.WALKAWAY_REQUIRE_MFA = True
    user = User.objects.get(username="approver")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(user)
    assert client.get("/admin/pages/")["Location"] == "/accounts/reauthenticate/?next=/admin/pages/"
    session = client.session
    session[AUTHENTICATION_METHODS_KEY] = [{"method": "mfa", "at": 0, "type": "totp"}]
    session.save()
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["/django-admin/", "/api/v2/pages/", "/api/v3/pages/", "/admin/searchpicks/"])
def test_what_is_not_mounted_answers_404(admin_client: Client, path: str) -> None:
    assert admin_client.get(path).status_code == 404
