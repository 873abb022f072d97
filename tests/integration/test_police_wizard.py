"""The mapping wizard: match columns, try, save, check, load; what is wrong is said beside its field."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.models import AuditRecord, Offence, ReceivedFile, SavedMapping
from analytics.police_data import receiving
from analytics.police_data.received_loading import load_due
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles

pytestmark = pytest.mark.django_db
EXTRACT = "Ref;When;Kind;East;North;Open space?;State\nA1;15.06.2024 23:30;Punch-up;458700;304500;yes;live\nA2;16.06.2024 00:10;Glassing;458650;304480;no;live\nA3;16.06.2024 01:00;Punch-up;458700;304500;yes;void\n"
GIVEN = {
    "name": "example-force", "force": "Example Police", "date_format": "%d.%m.%Y %H:%M", "timezone": "Europe/London",
    "coordinates": "osgb36", "offences": "Punch-up = 8N\nGlassing = 5D", "skip_column": "State", "skip_values": "void",
    "column_crime_reference": "Ref", "column_offence": "Kind", "column_committed_from": "When", "column_easting": "East",
    "column_northing": "North", "column_public_place": "Open space?",
}  # fmt: skip


@pytest.fixture
def wizard(client):
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    client.force_login(User.objects.get(username="importer"))
    upload = SimpleUploadedFile("strange.csv", EXTRACT.encode())
    client.post(reverse("police_data"), {"file": upload, "reason": "r"})
    return client, reverse("mapping_wizard", args=[ReceivedFile.objects.get().pk])


def test_a_file_that_no_mapping_fits_is_matched_tried_saved_and_loaded(wizard):
    client, address = wizard
    page = client.get(address).content.decode()
    assert '<option value="Ref" selected>' in page
    assert "%d.%m.%Y %H:%M" in page
    assert "Glassing = " in page
    page = client.post(address, GIVEN | {"try": "1"}).content.decode()
    assert "3 rows: 2 can be loaded, 1 would be rejected." in page
    assert not SavedMapping.objects.exists()
    page = client.post(address, GIVEN | {"save": "1"}, follow=True).content.decode()
    assert "example-force, version 1 is saved" in page
    assert "3 rows: 2 can be loaded" in page
    received = ReceivedFile.objects.get()
    receiving.approve(received, by=User.objects.get(username="second_importer"))
    assert load_due() == 1
    assert sorted(Offence.objects.values_list("offence_code", flat=True)) == ["5D", "8N"]


def test_its_first_rows_stand_beside_the_choices_and_what_nobody_reads_shows_its_shape(wizard):
    client, address = wizard
    page = client.get(address).content.decode()
    assert "<td>15.06.2024 23:30</td><td>Punch-up</td>" in page
    assert "<td>458700</td><td>304500</td>" in page, "East and North are known names"
    assert "<td>AAAA</td>" in page
    assert "live" not in page
    page = client.post(address, GIVEN | {"try": "1"}).content.decode()
    assert "<td>live</td>" in page, "the column that leaves rows out is read"
    looks = AuditRecord.objects.filter(action="police.first_rows_viewed", by="importer")
    assert looks.count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"offences": "Punch-up = 999"}, "999 is neither a code nor a group"),
        ({"column_offence": ""}, "columns.offence: needed"),
        ({"column_easting": ""}, "a place is needed"),
        ({"timezone": "Mars/Base"}, "not an IANA time zone"),
        ({"name": "two words"}, "valid “slug”"),
        ({"date_format": "%Y"}, "no row could be read"),
        ({"column_beat": "No such"}, "not one of the available choices"),
        ({"every_offence": "999"}, "neither a code nor a group"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(wizard, changes, said):
    client, address = wizard
    page = client.post(address, GIVEN | changes | {"save": "1"}, follow=True).content.decode()
    if said == "no row could be read":
        assert "0 can be loaded" in page
        return
    assert said.casefold() in page.casefold()
    assert not SavedMapping.objects.exists()


def test_only_who_may_import_sees_it_and_only_while_the_bytes_are_there(wizard, client):
    _, address = wizard
    receiving.refuse(ReceivedFile.objects.get(), by=User.objects.get(username="importer"), reason="wrong file")
    assert "bytes are deleted" in client.get(address, follow=True).content.decode()
    client.force_login(User.objects.get(username="evaluator"))
    assert client.get(address).status_code in (302, 403)


def test_day_numbers_are_ticked_and_read(wizard, client):
    client, _ = wizard
    rows = "Ref;When;Kind;East;North\nA1;45458.979166667;8N;458700;304500\nA2;45459;8N;458650;304480\n"
    client.post(reverse("police_data"), {"file": SimpleUploadedFile("numbers.csv", rows.encode()), "reason": "r"})
    address = reverse("mapping_wizard", args=[ReceivedFile.objects.latest("pk").pk])
    page = client.get(address).content.decode()
    assert 'name="day_numbers"' in page
    assert "checked" in page.split('name="day_numbers"')[1].split(">")[0]
    given = {
        key: GIVEN[key] for key in GIVEN if key.startswith("column_") or key in ("name", "timezone", "coordinates")
    }
    given.pop("column_public_place")
    page = client.post(address, given | {"day_numbers": "on", "try": "1"}).content.decode()
    assert "2 rows: 2 can be loaded" in page
