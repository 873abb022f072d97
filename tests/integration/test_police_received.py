"""Received files: two people, a lease, and the same numbers however often a worker died."""

import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from analytics.models import AuditRecord, ImportedFile, Offence, ReceivedFile, SavedMapping
from analytics.police_data import quarantine, receiving
from analytics.police_data import received_loading as loading
from analytics.police_data.consent import NotAgreed
from analytics.police_data.importing import import_paths
from analytics.police_data.mapping import MappingError, built_in_mappings, mapping_named
from analytics.police_data.receiving import CannotReceive, MovedOn
from analytics.police_data.saved_mappings import as_mapping, check_mapping, save_mapping
from analytics.police_data.sealed_upload import seals_upload
from analytics.tasks import load_received_files
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories import migrated
from tests.factories.police import STREET_HEADER, niche_row, street_row, write_rows

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
State = ReceivedFile.State
NICHE = (ROOT / "analytics/police_data/mappings/leicestershire_niche.toml").read_text()


@pytest.fixture(autouse=True)
def place(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    settings.WALKAWAY_TWO_PERSON_IMPORT = True
    (settings.VAR_DIR / "private").mkdir(parents=True)
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    return settings.VAR_DIR / "quarantine"


def person(name: str) -> User:
    return User.objects.get(username=name)


def extract(tmp_path, rows, name="extract.csv", **more) -> Path:
    return write_rows(tmp_path / name, rows, **more)


def given_in(tmp_path, rows=None, name="extract.csv", by="importer", mapping=None) -> ReceivedFile:
    path = extract(tmp_path, rows or [niche_row(1), niche_row(2)], name)
    with path.open("rb") as stream:
        return receiving.receive(stream, name=path.name, by=person(by), reason="March delivery", mapping=mapping)


def approved(received: ReceivedFile) -> ReceivedFile:
    return receiving.approve(received, by=person("second_importer"))


def archive(tmp_path, files: dict[str, list]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, rows in files.items():
            opened.writestr(name, write_rows(tmp_path / "entry.csv", rows).read_bytes())
    packed.seek(0)
    return packed


def acts(*actions: str) -> list[tuple[str, str, dict]]:
    found = AuditRecord.objects.order_by("number")
    return [(each.action, each.by, each.detail) for each in found if not actions or each.action in actions]


# --- receiving


def test_a_received_file_is_sealed_and_written_down(tmp_path, place):
    received = given_in(tmp_path)
    (kept,) = place.iterdir()
    assert kept.name == received.stored
    assert b"24*000001" not in kept.read_bytes()
    with quarantine.open_sealed(quarantine.path_of(received.stored)) as opened:
        plain = opened.read()
    assert (received.size, received.sha256) == (len(plain), acts()[0][2]["sha256"])
    assert (received.state, received.name) == (State.RECEIVED, "extract.csv")
    assert [(action, by, detail["reason"]) for action, by, detail in acts()] == [
        ("police.received", "importer", "March delivery")
    ]
    assert "extract" not in str(list(AuditRecord.objects.values())), "the file's name stands on its record only"
    assert not Offence.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"by": "evaluator"}, NotAgreed, "may not import"),
        ({"reason": "  "}, CannotReceive, "reason is needed"),
        ({"name": "extract.pdf"}, CannotReceive, "Give a"),
        ({"mapping": "nonesuch"}, CannotReceive, "no built-in mapping 'nonesuch'"),
    ],
)
def test_what_lacks_something_leaves_nothing(place, changes, error, words):
    wanted = {"name": "a.csv", "by": "importer", "reason": "why", "mapping": None} | changes
    sealed = quarantine.seal(io.BytesIO(b"x"))
    for given in (io.BytesIO(b"x"), sealed):
        with pytest.raises(error, match=words):
            receiving.receive(given, **wanted | {"by": person(wanted["by"])})
    assert list(place.iterdir()) == []
    assert not ReceivedFile.objects.exists()


def test_a_name_is_only_a_name(tmp_path):
    for given, kept in (("../../etc/a.csv", "a.csv"), ("C:\\x\\a.CSV", "a.CSV"), ("a\r\nb\u202e.csv", "ab.csv")):
        received = receiving.receive(io.BytesIO(b"x"), name=given, by=person("importer"), reason="r")
        assert received.name == kept


def test_where_the_record_fails_the_bytes_go(place, monkeypatch):
    monkeypatch.setattr(receiving, "_write_down", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        receiving.receive(io.BytesIO(b"x"), name="a.csv", by=person("importer"), reason="r")
    assert list(place.iterdir()) == []


# --- two people


def test_nobody_approves_their_own_file(tmp_path):
    received = given_in(tmp_path)
    with pytest.raises(NotAgreed, match="their own"):
        receiving.approve(received, by=person("importer"))
    with pytest.raises(NotAgreed, match="may not approve"):
        receiving.approve(received, by=person("approver"))
    with pytest.raises(NotAgreed, match="another person"):
        receiving.release(received, by=person("importer"))
    received.approved_by = person("importer")
    with pytest.raises(IntegrityError), transaction.atomic():
        received.save()
    assert loading.load_received(received.pk) is None, "unapproved, it is not loaded"
    assert not Offence.objects.exists()


def test_a_closed_account_approves_nothing(tmp_path):
    received = given_in(tmp_path)
    second = person("second_importer")
    second.is_active = False
    second.save()
    with pytest.raises(NotAgreed):
        receiving.approve(received, by=second)


def test_approved_by_another_it_is_loaded_and_everybody_is_named(tmp_path):
    received = approved(given_in(tmp_path))
    report = loading.load_received(received.pk)
    assert (report.total("rows_read"), report.total("loaded")) == (2, 2)
    received.refresh_from_db()
    assert (received.state, received.error, received.synthetic, received.open_data) == ("loaded", "", False, False)
    (file,) = received.imported_files.all()
    assert (file.loaded, file.by) == (2, "importer")
    (detail,) = [each for action, by, each in acts("police.loaded")]
    assert (detail["reason"], detail["second"], detail["received"]) == (
        "March delivery",
        "second_importer",
        received.pk,
    )
    assert [action for action, _, _ in acts()] == [
        "police.received", "police.approved", "police.loaded", "police.loading_ended_loaded",
    ]  # fmt: skip
    assert loading.load_received(received.pk) is None, "once is enough"


def test_each_step_has_its_time(tmp_path):
    received = given_in(tmp_path)
    stale = ReceivedFile.objects.get(pk=received.pk)
    approved(received)
    for step in (
        lambda: receiving.approve(stale, by=person("second_importer")),
        lambda: receiving.note_preview(stale, by=person("importer"), preview={}, open_data=None, synthetic=None),
        lambda: receiving.choose_mapping(received, by=person("importer"), mapping=None),
    ):
        with pytest.raises(MovedOn, match="Approved"):
            step()
    loading.load_received(received.pk)
    received.refresh_from_db()
    with pytest.raises(MovedOn, match="Loaded"):
        receiving.refuse(received, by=person("second_importer"), reason="too late")


def test_what_was_changed_after_somebody_looked_is_not_approved_unseen(tmp_path):
    seen = given_in(tmp_path)
    receiving.choose_mapping(ReceivedFile.objects.get(pk=seen.pk), by=person("importer"), mapping="data.police.uk")
    with pytest.raises(MovedOn):
        receiving.approve(seen, by=person("second_importer"))


def test_another_mapping_needs_another_look(tmp_path):
    received = given_in(tmp_path)
    receiving.note_preview(received, by=person("importer"), preview={"rows": 2}, open_data=False, synthetic=False)
    assert received.state == State.PREVIEWED
    receiving.choose_mapping(received, by=person("importer"), mapping="leicestershire_niche")
    assert (received.state, received.preview, received.synthetic) == (State.RECEIVED, {}, None)


def test_refused_its_bytes_are_gone_at_once(tmp_path, place):
    received = given_in(tmp_path)
    with pytest.raises(NotAgreed):
        receiving.refuse(received, by=person("evaluator"), reason="no")
    receiving.refuse(received, by=person("importer"), reason="wrong month")
    assert list(place.iterdir()) == []
    assert (received.state, received.error, received.purged_at is None) == (State.REFUSED, "wrong month", False)
    with pytest.raises(MovedOn, match="bytes are deleted"):
        receiving.choose_mapping(received, by=person("importer"), mapping=None)


def test_open_data_and_synthetic_files_need_one_person(tmp_path):
    synthetic = given_in(tmp_path, [niche_row(1, **{"Crime No": "SYN-1"})])
    receiving.note_preview(synthetic, by=person("importer"), preview={}, open_data=False, synthetic=True)
    receiving.release(synthetic, by=person("importer"))
    assert loading.load_received(synthetic.pk).total("loaded") == 1
    path = write_rows(tmp_path / "2021-05-x-street.csv", [street_row()], header=STREET_HEADER)
    with path.open("rb") as stream:
        street = receiving.receive(stream, name=path.name, by=person("importer"), reason="open data")
    receiving.note_preview(street, by=person("importer"), preview={}, open_data=True, synthetic=False)
    receiving.release(street, by=person("importer"))
    assert loading.load_received(street.pk).total("loaded") == 1
    street.refresh_from_db()
    assert (street.open_data, street.synthetic) == (True, False)


def test_a_preview_that_was_wrong_does_not_let_force_data_in(tmp_path):
    received = given_in(tmp_path)
    receiving.note_preview(received, by=person("importer"), preview={}, open_data=True, synthetic=True)
    receiving.release(received, by=person("importer"))
    report = loading.load_received(received.pk)
    assert "two people are needed" in report.files[0].error
    received.refresh_from_db()
    assert (received.state, Offence.objects.count()) == (State.REFUSED, 0)


def test_a_mapping_that_only_says_so_opens_nothing(tmp_path):
    path = extract(tmp_path, [niche_row(1)])
    for more in ("open_data = true", 'constants = { synthetic = "true" }'):
        own = tmp_path / "own.toml"
        own.write_text(more + "\n" + NICHE.replace('name = "leicestershire_niche"', 'name = "own"'))
        (file,) = import_paths([path], mapping=str(own), by="importer").files
        assert "two people are needed" in file.error
    assert not Offence.objects.exists()
    own.write_text("open_data = true\n" + NICHE.replace('name = "leicestershire_niche"', 'name = "own"'))
    check_mapping(save_mapping(own.read_text(), by=person("importer")), by=person("second_importer"))
    assert import_paths([path], mapping=str(own)).total("loaded") == 1, "another person has checked it"


def test_where_the_setting_is_off_one_person_is_enough(tmp_path, settings):
    settings.WALKAWAY_TWO_PERSON_IMPORT = False
    received = receiving.release(given_in(tmp_path), by=person("importer"))
    assert loading.load_received(received.pk).total("loaded") == 2


# --- commands


def command(*words: str, capsys=None) -> dict:
    call_command("import_police_data", *words, "--json")
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_command_in_three_steps(tmp_path, capsys):
    path = str(extract(tmp_path, [niche_row(1)]))
    (kept,) = command(path, "--receive", "--by", "importer", "--reason", "March", capsys=capsys)["received"]
    pk = str(kept["id"])
    with pytest.raises(CommandError, match="'Received'"):
        call_command("import_police_data", "--received", pk)
    with pytest.raises(CommandError, match="their own"):
        call_command("import_police_data", "--approve", pk, "--by", "importer")
    assert command("--approve", pk, "--by", "second_importer", capsys=capsys)["state"] == "approved"
    report = command("--received", pk, capsys=capsys)
    assert (report["rows_read"], report["loaded"], report["duplicates"], report["rejected"]) == (1, 1, 0, 0)
    assert report["files"][0]["name"] == "extract.csv"


def test_the_command_keeps_a_mapping_of_ones_own(tmp_path, capsys):
    own = tmp_path / "own.toml"
    own.write_text(NICHE.replace('name = "leicestershire_niche"', 'name = "own"'))
    path = str(extract(tmp_path, [niche_row(1)]))
    words = (path, "--receive", "--mapping", str(own), "--by", "importer", "--reason", "March")
    (kept,) = command(*words, capsys=capsys)["received"]
    received = ReceivedFile.objects.get(pk=kept["id"])
    assert (received.saved_mapping.name, received.saved_mapping.version) == ("own", 1)
    loading.load_received(approved(received).pk)
    assert ImportedFile.objects.get().mapping_hash == mapping_named(str(own)).sha256


def test_straight_from_the_command_line_two_people_are_named(tmp_path, capsys):
    path = str(extract(tmp_path, [niche_row(1)]))
    with pytest.raises(CommandError, match="two people are needed"):
        call_command("import_police_data", path, "--by", "importer")
    wrong = (
        (("importer", "importer", "why"), "different people"),
        (("importer", "second_importer", ""), "reason is needed"),
        (("evaluator", "importer", "why"), "evaluator may not import"),
        (("importer", "evaluator", "why"), "evaluator may not approve"),
    )
    for (by, second, reason), words in wrong:
        with pytest.raises(CommandError, match=words) as error:
            call_command("import_police_data", path, "--by", by, "--second", second, "--reason", reason)
        assert error.value.returncode == 1
    with pytest.raises(CommandError, match="no user 'nobody'") as error:
        call_command("import_police_data", path, "--by", "importer", "--second", "nobody", "--reason", "x")
    assert error.value.returncode == 2
    assert not Offence.objects.exists()
    assert set(ImportedFile.objects.values_list("state", flat=True)) == {"refused"}
    call_command("import_police_data", path, "--by", "importer", "--second", "second_importer", "--reason", "May")
    assert Offence.objects.count() == 1
    (detail,) = [each for action, by, each in acts("police.loaded") if by == "importer"]
    assert (detail["second"], detail["reason"]) == ("second_importer", "May")


def test_paths_or_an_id_and_not_both(tmp_path):
    for words in ((), ("--receive",), ("a.csv", "--approve", "1"), ("a.csv", "--received", "1")):
        with pytest.raises(CommandError, match="Give files or folders, or the ID") as error:
            call_command("import_police_data", *words)
        assert error.value.returncode == 2


# --- loading


def test_an_archive_with_a_bad_entry_loads_the_others_and_says_so(tmp_path):
    packed = archive(tmp_path, {"a.csv": [niche_row(1)], "b.csv": [niche_row(2, **{"HO Offence": "zz"})]})
    received = approved(receiving.receive(packed, name="march.zip", by=person("importer"), reason="r"))
    report = loading.load_received(received.pk)
    assert [bool(each.error) for each in report.files] == [False, True]
    received.refresh_from_db()
    assert received.state == State.LOADED
    assert received.error.startswith("b.csv: ")
    assert received.progress["files"] == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.zip", b"PK no", "not a zip file"),
        ("a.csv", b"", "the file is empty"),
        ("2021-05-x-outcomes.csv", b"x", "holds no crimes"),
        ("a.csv", b"what,is,this\n1,2,3\n", "no built-in mapping fits"),
    ],
)
def test_what_cannot_be_read_ends_as_refused_and_can_be_tried_with_another_mapping(name, content, words):
    received = receiving.receive(io.BytesIO(content), name=name, by=person("importer"), reason="r")
    report = loading.load_received(approved(received).pk)
    assert len(report.refused) == 1
    received.refresh_from_db()
    assert received.state == State.REFUSED
    assert words in received.error
    assert receiving.choose_mapping(received, by=person("importer"), mapping=None).state == State.RECEIVED


def test_a_file_that_was_changed_in_quarantine_is_not_loaded(tmp_path):
    received = approved(given_in(tmp_path))
    path = quarantine.path_of(received.stored)
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    loading.load_received(received.pk)
    received.refresh_from_db()
    assert received.state == State.REFUSED
    assert "does not open" in received.error
    assert not Offence.objects.exists()


def lapse(received: ReceivedFile) -> None:
    ReceivedFile.objects.filter(pk=received.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_two_workers_never_hold_one_file(tmp_path):
    received = approved(given_in(tmp_path))
    first = loading.take(received.pk, "one")
    assert loading.take(received.pk, "two") is None
    assert loading.load_due(worker="two") == 0
    lapse(received)
    assert loading.load_due(worker="two") == 1
    with pytest.raises(loading.LostLease):
        first.hold()
    with pytest.raises(loading.LostLease):
        first.end(State.REFUSED)
    received.refresh_from_db()
    assert (received.state, received.lease_by) == (State.LOADED, "")


def test_a_worker_that_was_thought_dead_can_write_nothing(tmp_path, monkeypatch):
    """It is taken over while it reads; its rows must not appear, and the other's must, once."""
    received = approved(given_in(tmp_path))
    monkeypatch.setattr(loading, "BEAT_SECONDS", 1e9)  # it is stuck: it says nothing while it reads
    merged = loading.Claim.hold
    taken = []

    def taken_over(claim):
        if not taken:
            taken.append(1)
            lapse(received)
            with transaction.atomic():
                assert loading.take(received.pk, "two") is not None
        merged(claim)

    monkeypatch.setattr(loading.Claim, "hold", taken_over)
    assert loading.load_received(received.pk, worker="one") is None
    # The file's own transaction is rolled back with what the test did inside it.
    assert (Offence.objects.count(), ImportedFile.objects.count()) == (0, 0)


def test_progress_is_noted_and_a_lost_lease_is_noticed_while_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "BEAT_SECONDS", 0)
    monkeypatch.setattr("analytics.police_data.reading.BATCH", 2)
    received = approved(given_in(tmp_path, [niche_row(n) for n in range(7)]))
    seen = []
    beaten = loading.Claim.beat

    def beat(claim):
        beaten(claim)
        seen.append(ReceivedFile.objects.get(pk=received.pk).progress)
        if len(seen) > 3 and claim.progress.get("rows", 0) >= 4:
            ReceivedFile.objects.filter(pk=received.pk).update(fence=99)

    monkeypatch.setattr(loading.Claim, "beat", beat)
    assert loading.load_received(received.pk) is None
    assert {"file": 1, "files": 1, "rows": 4, "earlier": 0} in seen
    assert not Offence.objects.exists()


def test_what_ends_the_worker_every_time_is_given_up(tmp_path):
    received = approved(given_in(tmp_path))
    for n in range(loading.MOST_ATTEMPTS):
        assert loading.take(received.pk, f"dies {n}") is not None
        lapse(received)
    assert loading.load_due() == 1
    received.refresh_from_db()
    assert received.state == State.REFUSED
    assert "begun 5 times" in received.error


def test_taken_up_after_some_entries_the_numbers_are_those_of_one_run(tmp_path):
    """Also where two entries are the same bytes, which count as loaded before."""
    packed = archive(tmp_path, {"a.csv": [niche_row(1)], "b.csv": [niche_row(1)], "c.csv": [niche_row(3)]})
    received = approved(receiving.receive(packed, name="march.zip", by=person("importer"), reason="r"))
    whole = loading.import_sources
    done = []

    def dies(*args, **kwargs):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return whole(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "import_sources", dies)
        with pytest.raises(KeyboardInterrupt):
            loading.load_received(received.pk)
    assert loading.load_due() == 0, "its lease still runs"
    lapse(received)
    report = loading.load_received(received.pk)
    assert [(each.name, each.loaded, each.duplicates) for each in report.files] == [
        ("a.csv", 1, 0), ("b.csv", 0, 1), ("c.csv", 1, 0),
    ]  # fmt: skip
    assert received.imported_files.count() == 3


def test_beat_and_the_command_load_what_is_due(tmp_path, capsys):
    first, second = (approved(given_in(tmp_path, [niche_row(n)], f"{n}.csv")) for n in (1, 2))
    load_received_files()
    assert set(ReceivedFile.objects.values_list("state", flat=True)) == {State.LOADED}
    approved(given_in(tmp_path, [niche_row(3)], "3.csv"))
    call_command("load_received_files", "--once")
    assert capsys.readouterr().out == "1 files\n"
    assert Offence.objects.count() == 3
    assert first.pk < second.pk


# --- mappings that people saved


def own(title="own", **more) -> str:
    lines = "".join(f"{key} = {value}\n" for key, value in more.items())
    rest = "".join(line for line in NICHE.splitlines(keepends=True) if line.split(" = ")[0] not in more)
    return lines + rest.replace('name = "leicestershire_niche"', f'name = "{title}"')


def test_a_change_is_a_new_version_and_another_person_checks_it():
    first = save_mapping(own(), by=person("importer"), note="first")
    assert save_mapping(own(), by=person("importer")).pk == first.pk, "the same text is the same version"
    second = save_mapping(own(require_place="true"), by=person("importer"))
    assert [(each.version, as_mapping(each).require_place) for each in (first, second)] == [(1, False), (2, True)]
    assert as_mapping(first).sha256 == first.sha256
    with pytest.raises(NotAgreed, match="their own"):
        check_mapping(first, by=person("importer"))
    with pytest.raises(NotAgreed, match="may not check"):
        check_mapping(first, by=person("evaluator"))
    assert check_mapping(first, by=person("second_importer")).checker == "second_importer"
    with pytest.raises(NotAgreed, match="already"):
        check_mapping(first, by=person("second_importer"))
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedMapping.objects.filter(pk=second.pk).update(checker="importer", checked_at=timezone.now())


def test_a_saved_mapping_is_not_a_built_in_one_and_not_changed_behind_our_back():
    with pytest.raises(MappingError, match="built-in mapping"):
        save_mapping(NICHE, by=person("importer"))
    with pytest.raises(MappingError, match="not TOML"):
        save_mapping("name = ", by=person("importer"))
    saved = save_mapping(own(), by=person("importer"))
    saved.text += "# more\n"
    with pytest.raises(MappingError, match="hash differs"):
        as_mapping(saved)
    assert saved.name not in built_in_mappings()


# --- uploads


def upload(content: bytes, field: str = "file", user: str = "importer", **more):
    seen = {}

    @seals_upload("analytics.import_police_data")
    def view(request):
        seen["files"] = {key: (type(each).__name__, each.read()) for key, each in request.FILES.items()}
        seen["disk"] = sorted(each.suffix for each in quarantine.folder().iterdir())
        seen["error"] = getattr(request, "sealed_upload_error", "")
        if "keep" in request.POST:
            receiving.receive(request.FILES["file"].claim(), name="a.csv", by=request.user, reason="r")
        return HttpResponse()

    request = RequestFactory().post("/", {field: SimpleUploadedFile("a.csv", content), **more})
    request.user, request._dont_enforce_csrf_checks = person(user), True
    response = view(request)
    request.close()
    assert response.status_code == 200
    return seen


def test_an_upload_of_any_size_is_sealed_while_it_arrives(place, tmp_path, monkeypatch):
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", lambda *a, **k: 1 / 0)
    for size in (0, 10, (1 << 20) * 3 + 7):
        content = b"canary," * (size // 7 + 1)
        seen = upload(content)
        assert seen["files"] == {"file": ("SealedUpload", content)}
        assert seen["disk"] == [".part"]
        assert list(place.iterdir()) == [], "nobody claimed it"
    upload(b"x,y\n1,2\n", keep="1")
    received = ReceivedFile.objects.get()
    with quarantine.open_sealed(quarantine.path_of(received.stored)) as opened:
        assert opened.read() == b"x,y\n1,2\n"


def test_other_fields_are_not_sealed(place):
    assert upload(b"name = 1", field="mapping_file")["files"]["mapping_file"][0] == "InMemoryUploadedFile"


def test_without_a_key_the_form_lacks_the_file_and_the_reason_is_there(settings):
    settings.WALKAWAY_FIELD_KEYS = []
    seen = upload(b"x")
    assert (seen["files"], "WALKAWAY_FIELD_KEYS is not set" in seen["error"]) == ({}, True)


def test_who_may_not_import_uploads_nothing(place):
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        upload(b"x", user="evaluator")
    assert not place.exists() or list(place.iterdir()) == []


def test_the_form_needs_its_token():
    @seals_upload("analytics.import_police_data")
    def view(request):
        return HttpResponse()

    request = RequestFactory(enforce_csrf_checks=True).post("/", {"file": SimpleUploadedFile("a.csv", b"x")})
    request.user, request._dont_enforce_csrf_checks = person("importer"), False
    assert view(request).status_code == 403


# --- kill -9, with processes of their own

ROWS, FILES = 2500, 4


def manage(var: Path, *words: str) -> subprocess.Popen:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "walkaway.settings.development",
        "WALKAWAY_VAR_DIR": str(var),
        "DATABASE_URL": f"sqlite:///{var / 'walkaway.sqlite3'}",
        "WALKAWAY_TWO_PERSON_IMPORT": "1",
        "WALKAWAY_IMPORT_LEASE_SECONDS": "1",
    }
    return subprocess.Popen(
        [sys.executable, ROOT / "manage.py", *words], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen) -> str:
    out, error = process.communicate(timeout=250)
    assert process.returncode == 0, error
    return out


def ask(var: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(var / "walkaway.sqlite3", timeout=30)) as database:
        return database.execute(question).fetchall()


@pytest.fixture(scope="module")
def with_people(tmp_path_factory):
    var = tmp_path_factory.mktemp("installation")
    shutil.copyfile(migrated.on_sqlite(), var / "walkaway.sqlite3")
    script = "from campaign_pages.accounts import demo_people; demo_people.load(seed=1, say=lambda line: None)"
    finish(manage(var, "shell", "--no-imports", "-c", script))
    return var


@pytest.mark.soak
@pytest.mark.once
def test_killed_at_random_then_taken_up_gives_the_totals_of_one_run(with_people, tmp_path):
    var = tmp_path / "installed"
    shutil.copytree(with_people, var)
    files = {f"{n}.csv": [niche_row(n * ROWS + k) for k in range(ROWS)] for n in range(FILES)}
    (tmp_path / "march.zip").write_bytes(archive(tmp_path, files).getvalue())
    words = (
        "import_police_data",
        str(tmp_path / "march.zip"),
        "--receive",
        "--by",
        "importer",
        "--reason",
        "r",
        "--json",
    )
    pk = json.loads(finish(manage(var, *words)))["received"][0]["id"]
    finish(manage(var, "import_police_data", "--approve", str(pk), "--by", "second_importer"))
    chance = random.Random(7)
    cut = set()
    for _ in range(6):
        process = manage(var, "load_received_files", "--once")
        time.sleep(1.2 + chance.random() * 2.5)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        ((loaded,),) = ask(var, "SELECT COUNT(*) FROM analytics_importedfile WHERE state = 'loaded'")
        ((rows,),) = ask(var, "SELECT COUNT(*) FROM analytics_offence")
        assert rows == loaded * ROWS
        cut.add(loaded)
        time.sleep(1.1)  # the lease of a second runs out
    both = [manage(var, "load_received_files", "--once") for _ in range(2)]
    for process in both:
        finish(process)
    if ask(var, "SELECT state FROM analytics_receivedfile") != [("loaded",)]:
        time.sleep(1.1)
        finish(manage(var, "load_received_files", "--once"))
    assert ask(var, "SELECT state, error FROM analytics_receivedfile") == [("loaded", "")]
    assert ask(var, "SELECT COUNT(*), COUNT(DISTINCT row_key) FROM analytics_offence") == [(ROWS * FILES,) * 2]
    assert ask(var, "SELECT name, state, loaded, duplicates FROM analytics_importedfile ORDER BY id") == [
        (f"{n}.csv", "loaded", ROWS, 0) for n in range(FILES)
    ]
    finish(manage(var, "verify_audit_log"))
