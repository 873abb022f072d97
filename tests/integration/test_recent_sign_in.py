"""Raw police data, people and roles ask for a recent sign-in; nothing of a request is read or done before."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from analytics.models import ImportedFile, ReceivedFile
from analytics.police_data.importing import import_paths
from campaign_pages.accounts import demo_people, roles
from campaign_pages.accounts.models import User
from campaign_pages.accounts.second_factor import AUTHENTICATION_METHODS_KEY
from tests.factories.police import niche_row, write_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fifteen_minutes(settings: Any) -> None:
    settings.WALKAWAY_FRESH_SIGN_IN_MINUTES = 15
    demo_people.load(seed=1, say=lambda line: None)


def signed_in(name: str, *, minutes_ago: float) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    session = client.session
    session[AUTHENTICATION_METHODS_KEY] = [{"method": "password", "at": time.time() - 60 * minutes_ago}]
    session.save()
    return client


def upload(tmp_path: Any) -> dict[str, Any]:
    data = write_rows(tmp_path / "x.csv", [niche_row(1)]).read_bytes()
    return {"file": SimpleUploadedFile("march.csv", data), "reason": "spring"}


def test_giving_in_asks_for_a_recent_sign_in_and_reads_nothing_before(tmp_path: Any, settings: Any) -> None:
    settings.VAR_DIR = tmp_path / "var"
    stale = signed_in("importer", minutes_ago=31)
    page = stale.get(reverse("police_data")).content.decode()
    assert "Sign in again to give in a file" in page
    assert 'type="file"' not in page
    answer = stale.post(reverse("police_data"), upload(tmp_path))
    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Fadmin%2Fpolice-data%2F"
    assert not ReceivedFile.objects.exists()
    assert not list((tmp_path / "var").rglob("quarantine/*")), "not a byte was kept"
    fresh = signed_in("importer", minutes_ago=14)
    assert 'type="file"' in fresh.get(reverse("police_data")).content.decode()
    slow = signed_in("importer", minutes_ago=25)  # saw the form while it was recent, and took ten minutes
    assert slow.post(reverse("police_data"), upload(tmp_path)).status_code == 302
    assert ReceivedFile.objects.count() == 1


def test_looking_approving_refusing_and_withdrawing_ask_too(tmp_path: Any, settings: Any) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.WALKAWAY_TWO_PERSON_IMPORT = True
    signed_in("importer", minutes_ago=1).post(reverse("police_data"), upload(tmp_path))
    received = ReceivedFile.objects.get()
    here, again = reverse("received_file", args=[received.pk]), "/accounts/reauthenticate/?next="
    stale = signed_in("second_importer", minutes_ago=61)
    assert stale.get(here).status_code == 200, "counts and shapes are no raw data"
    for name in ("received_rows", "mapping_wizard"):
        path = reverse(name, args=[received.pk])
        assert stale.get(path)["Location"] == again + path.replace("/", "%2F")
    for action in ("approve", "refuse"):
        answer = stale.post(reverse("received_act", args=[received.pk, action]), {"reason": "x"})
        assert answer["Location"] == again + here.replace("/", "%2F")
    received.refresh_from_db()
    assert received.state == ReceivedFile.State.PREVIEWED
    assert "Nothing was done yet" in stale.get(here).content.decode()
    fresh = signed_in("second_importer", minutes_ago=1)
    fresh.post(reverse("received_act", args=[received.pk, "approve"]))
    received.refresh_from_db()
    assert received.state == ReceivedFile.State.APPROVED


def test_withdrawing_asks_too(tmp_path: Any, settings: Any) -> None:
    settings.WALKAWAY_TWO_PERSON_IMPORT = False
    import_paths([write_rows(tmp_path / "x.csv", [niche_row(1)])])
    path = reverse("police_withdraw", args=[ImportedFile.objects.get().pk])
    stale = signed_in("importer", minutes_ago=16)
    assert stale.get(path).status_code == 200
    stale.post(path, {"ask": "1", "reason": "wrong file"})
    assert not ImportedFile.objects.get().withdrawals.exists()
    signed_in("importer", minutes_ago=1).post(path, {"ask": "1", "reason": "wrong file"})
    assert ImportedFile.objects.get().withdrawals.exists()


def test_people_and_roles_ask_too() -> None:
    person = User.objects.get(username="author")
    path = reverse("wagtailusers_users:edit", args=[person.pk])
    form = {
        "username": "author", "email": person.email, "first_name": "A", "last_name": "B", "is_active": "on",
        "groups": [Group.objects.get(name=roles.AUTHOR).pk],
    }  # fmt: skip
    stale = signed_in("administrator", minutes_ago=16)
    assert stale.get(path).status_code == 200
    assert stale.post(path, form)["Location"].startswith("/accounts/reauthenticate/?next=")
    person.refresh_from_db()
    assert person.first_name == "Ashley"
    signed_in("administrator", minutes_ago=1).post(path, form)
    person.refresh_from_db()
    assert person.first_name == "A"


def test_a_session_without_any_proof_counts_as_old_and_nought_asks_nobody(settings: Any) -> None:
    client = Client()
    client.force_login(User.objects.get(username="importer"))
    assert "Sign in again" in client.get(reverse("police_data")).content.decode()
    settings.WALKAWAY_FRESH_SIGN_IN_MINUTES = 0
    assert "Sign in again" not in client.get(reverse("police_data")).content.decode()


def test_signing_in_again_with_the_password_leads_back(tmp_path: Any) -> None:
    client = signed_in("importer", minutes_ago=40)
    asked = client.get(client.get(reverse("police_data")).context["sign_in_again"])
    assert asked.status_code == 200
    path = client.get(reverse("police_data")).context["sign_in_again"]
    answer = client.post(path, {"password": demo_people.DEMO_PASSWORD})
    assert answer["Location"] == reverse("police_data")
    assert 'type="file"' in client.get(reverse("police_data")).content.decode()
