"""A police file on its way in, on the screens: given in, looked at, agreed by another person, loaded."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.models import AuditRecord, ImportedFile, Offence, ReceivedFile, SavedMapping
from analytics.police_data.quarantine import path_of
from analytics.police_data.received_loading import load_due
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories.police import NICHE_HEADER, STREET_HEADER, niche_row, street_row, write_rows

pytestmark = pytest.mark.django_db
OWN = b'name = "own"\ncoordinates = "osgb36"\ndate_formats = ["%d/%m/%Y %H:%M"]\n[columns]\noffence = "HO Offence"\ncommitted_from = ["From Date", "From Time"]\nbeat = "Beat"\n'
NAMES = [{"Beat": "Zebedee"}, {"HO Offence": "<b>zz</b>"}]


@pytest.fixture(autouse=True)
def two_people(settings):
    settings.WALKAWAY_TWO_PERSON_IMPORT = True
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)


@pytest.fixture
def as_(client):
    def sign_in(name):
        client.force_login(User.objects.get(username=name))
        return client

    return sign_in


def extract(tmp_path, *changes, name="march extract.csv"):
    rows = [niche_row(n, **change) for n, change in enumerate(changes or ({}, {}))]
    return SimpleUploadedFile(name, write_rows(tmp_path / "x.csv", rows).read_bytes())


def give_in(client, upload, **more):
    answer = client.post(
        reverse("police_data"), {"file": upload, "reason": "spring evaluation", **more}, follow=True
    )
    return answer, answer.content.decode()


def act(client, action, received=None, **data):
    received = received or ReceivedFile.objects.latest("pk")
    answer = client.post(reverse("received_act", args=[received.pk, action]), data, follow=True)
    return answer.content.decode()


def test_from_giving_in_to_loaded_by_two_people(as_, tmp_path):
    _, page = give_in(as_("importer"), extract(tmp_path, {}, *NAMES))
    received = ReceivedFile.objects.get()
    assert "3 rows: 2 can be loaded" in page
    assert "offence_unknown" in page
    assert "You gave it in, so somebody else has to approve it." in page
    assert "Zebedee" not in page
    assert page.count("<svg") >= 3
    assert not Offence.objects.exists()
    assert b"Zebedee" not in path_of(received.stored).read_bytes()
    assert "Nobody approves their own import" in act(as_("importer"), "approve")
    assert "another person must approve" in act(as_("importer"), "release")
    assert load_due() == 0
    assert "Approved. It is loaded within a minute" in act(as_("second_importer"), "approve")
    assert load_due() == 1
    page = as_("importer").get(reverse("received_file", args=[received.pk])).content.decode()
    record = ImportedFile.objects.get()
    assert (record.rows_read, record.loaded, record.rejected) == (3, 2, 1)
    assert "What became of it" in page
    fetched = as_("importer").get(reverse("police_rejects", args=[record.pk]))
    assert b"offence_unknown" in b"".join(fetched.streaming_content)
    trail = list(AuditRecord.objects.order_by("number").values_list("action", "by"))
    for step in (
        ("police.received", "importer"),
        ("police.previewed", "importer"),
        ("police.approved", "second_importer"),
    ):
        assert step in trail


def test_open_data_need_no_second_person(as_, tmp_path):
    path = write_rows(tmp_path / "2021-05-x-street.csv", [street_row()], header=STREET_HEADER)
    _, page = give_in(as_("importer"), SimpleUploadedFile(path.name, path.read_bytes()))
    assert "no second person is needed" in page
    assert "needs no second person" in act(as_("importer"), "release")
    assert load_due() == 1
    assert Offence.objects.count() == 1


def test_who_may_do_what(as_, tmp_path):
    assert b"Give in a file" not in as_("evaluator").get(reverse("police_data")).content
    answer = as_("evaluator").post(reverse("police_data"), {"file": extract(tmp_path), "reason": "r"})
    assert answer.status_code in (302, 403)
    assert not ReceivedFile.objects.exists()
    give_in(as_("importer"), extract(tmp_path))
    received = ReceivedFile.objects.get()
    for name in ("evaluator", "author", "approver", "venue_manager"):
        client = as_(name)
        for route in ("received_file", "received_rows"):
            assert client.get(reverse(route, args=[received.pk])).status_code in (302, 403)
        assert client.post(reverse("received_act", args=[received.pk, "approve"])).status_code in (302, 403)
    received.refresh_from_db()
    assert received.state == "previewed"
    assert as_("importer").get(reverse("received_act", args=[received.pk, "approve"])).status_code == 405


def test_what_is_wrong_with_an_upload_is_said_beside_its_field(as_, tmp_path):
    client = as_("importer")
    _, page = give_in(client, SimpleUploadedFile("a.exe", b"x"))
    assert "Give a .csv" in page
    answer = client.post(reverse("police_data"), {"file": extract(tmp_path)})
    assert answer.status_code == 422
    mapping = SimpleUploadedFile("m.toml", b"colour = 1")
    _, page = give_in(client, extract(tmp_path), mapping_file=mapping)
    assert "colour: not a key of a mapping" in page
    assert not ReceivedFile.objects.exists()
    _, page = give_in(client, SimpleUploadedFile("../../a.csv", b"x,y\n1,2\n"))
    assert "could not be read: header: no built-in mapping fits" in page
    assert ReceivedFile.objects.get().name == "a.csv"


def test_an_own_mapping_is_saved_and_checked_by_another(as_, tmp_path):
    give_in(as_("importer"), extract(tmp_path), mapping_file=SimpleUploadedFile("m.toml", OWN))
    saved = SavedMapping.objects.get()
    received = ReceivedFile.objects.get()
    assert (saved.author, received.saved_mapping) == ("importer", saved)
    page = as_("importer").get(reverse("police_mappings")).content.decode()
    assert "not yet" in page
    assert "I have checked" not in page
    page = (
        as_("second_importer").post(reverse("police_mapping_check", args=[saved.pk]), follow=True).content.decode()
    )
    assert "is checked by you" in page
    fetched = as_("importer").get(reverse("police_mapping_toml", args=[saved.pk]))
    assert fetched.content == OWN
    page = as_("importer").post(reverse("police_mapping_check", args=[saved.pk]), follow=True).content.decode()
    assert "Nobody checks their own mapping" in page


def test_it_can_be_read_another_way_and_agreement_starts_anew(as_, tmp_path):
    give_in(as_("importer"), extract(tmp_path))
    page = act(as_("importer"), "mapping", mapping_file=SimpleUploadedFile("m.toml", OWN))
    assert "read with the other mapping" in page
    received = ReceivedFile.objects.get()
    assert received.preview["mapping"] == "own"
    assert "there is no crime reference" not in page
    assert "Crime No" in page, "among the columns that are not read"
    assert "colour: not a key" in act(
        as_("importer"), "mapping", mapping_file=SimpleUploadedFile("m.toml", b"colour=1")
    )


def test_refusing_deletes_the_bytes_and_keeps_the_record(as_, tmp_path):
    give_in(as_("importer"), extract(tmp_path))
    received = ReceivedFile.objects.get()
    assert "A reason is needed" in act(as_("second_importer"), "refuse")
    assert "Its bytes are deleted" in act(as_("second_importer"), "refuse", reason="wrong force")
    assert not path_of(received.stored).exists()
    received.refresh_from_db()
    assert (received.state, received.error) == ("refused", "wrong force")
    assert "is at" in act(as_("second_importer"), "approve")
    page = as_("importer").get(reverse("received_rows", args=[received.pk])).content.decode()
    assert "bytes are deleted" in page


def test_the_first_rows_are_shown_escaped_and_the_look_is_written_down(as_, tmp_path):
    give_in(as_("importer"), extract(tmp_path, {"Beat": "<script>alert(1)</script>"}, {}))
    page = (
        as_("second_importer").get(reverse("received_rows", args=[ReceivedFile.objects.get().pk])).content.decode()
    )
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert AuditRecord.objects.filter(action="police.first_rows_viewed", by="second_importer").exists()


def test_while_it_is_loaded_the_page_says_how_far(as_, tmp_path):
    give_in(as_("importer"), extract(tmp_path, {}, {}, {}))
    act(as_("second_importer"), "approve")
    received = ReceivedFile.objects.get()
    ReceivedFile.objects.update(progress={"file": 1, "files": 1, "rows": 2})
    page = as_("importer").get(reverse("received_file", args=[received.pk])).content.decode()
    assert "2 of 3 rows read so far" in page
    assert '<progress class="police-progress" id="loading-rows" max="3" value="2"></progress>' in page


def test_columns_that_no_field_reads_show_their_shape_only(as_, tmp_path):
    rows = [niche_row(1) | {"Victim Name": "Jordan Canarysmith", "MO": "hit him, called 07700 900471"}]
    path = write_rows(tmp_path / "n.csv", rows, header=(*NICHE_HEADER, "Victim Name", "MO"))
    give_in(as_("importer"), SimpleUploadedFile("n.csv", path.read_bytes()))
    pk = ReceivedFile.objects.get().pk
    for name in ("received_rows", "received_file", "mapping_wizard"):
        page = as_("importer").get(reverse(name, args=[pk])).content.decode()
        assert "Victim Name" in page
        for word in ("Jordan", "Canarysmith", "07700"):
            assert word not in page, name
    page = as_("importer").get(reverse("received_rows", args=[pk])).content.decode()
    assert "AAAAAA AAAAAAAAAAA" in page
    assert rows[0]["Crime No"] in page


def test_where_no_mapping_fits_the_first_rows_lead_to_the_wizard(as_, tmp_path):
    give_in(as_("importer"), SimpleUploadedFile("odd.csv", b"What,When\nPunch,1/2/2024\n"))
    pk = ReceivedFile.objects.get().pk
    page = as_("importer").get(reverse("received_rows", args=[pk])).content.decode()
    assert reverse("mapping_wizard", args=[pk]) in page


def test_an_upload_without_a_key_or_a_token_leaves_nothing(as_, tmp_path, settings):
    from django.test import Client

    settings.WALKAWAY_FIELD_KEYS = []
    _, page = give_in(as_("importer"), extract(tmp_path))
    assert "WALKAWAY_FIELD_KEYS is not set" in page
    settings.WALKAWAY_FIELD_KEYS = ["x" * 43 + "="]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="importer"))
    answer = strict.post(reverse("police_data"), {"file": io.BytesIO(b"x"), "reason": "r"})
    assert answer.status_code == 403
    assert not ReceivedFile.objects.exists()


def test_a_loaded_file_is_withdrawn_by_two_people(as_, tmp_path):
    give_in(as_("importer"), extract(tmp_path))
    act(as_("second_importer"), "approve")
    assert load_due() == 1
    file = ImportedFile.objects.get()
    address = reverse("police_withdraw", args=[file.pk])
    assert address in as_("importer").get(reverse("police_data")).content.decode()
    assert "A reason is needed" in as_("importer").post(address, {"ask": "1"}, follow=True).content.decode()
    page = as_("importer").post(address, {"ask": "1", "reason": "wrong months"}, follow=True).content.decode()
    assert "You asked, so another person has to confirm." in page
    page = as_("importer").post(address, {"confirm": "1"}, follow=True).content.decode()
    assert "Nobody decides on a withdrawal that they asked for" in page
    assert Offence.objects.count() == 2
    page = as_("second_importer").post(address, {"decline": "1"}, follow=True).content.decode()
    assert "The file counts as before" in page
    as_("importer").post(address, {"ask": "1", "reason": "wrong months"})
    page = as_("second_importer").post(address, {"confirm": "1"}, follow=True).content.decode()
    assert "Withdrawn: 2 rows are deleted" in page
    assert not Offence.objects.exists()
    assert as_("evaluator").get(address).status_code in (302, 403)
    assert (
        "decided already" in as_("second_importer").post(address, {"confirm": "1"}, follow=True).content.decode()
    )
