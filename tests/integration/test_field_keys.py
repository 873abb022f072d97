"""Rotation of field keys: everything moves, readers never notice, a kill costs nothing, a wrong key shows nothing."""

import io
import json
import shutil
import signal

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models

from analytics import retention
from analytics.audit.chain import verify
from analytics.models import AuditRecord, ReceivedFile
from analytics.police_data import quarantine, receiving, resealing
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from campaign_pages.social.encrypted_field import CannotDecrypt
from campaign_pages.social.models import SocialAccount
from tests.factories.installation import Installation, databases, up_to_date
from walkaway import field_keys

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
CONTENT = b"Crime No,HO Offence\n" * 9


@pytest.fixture
def place(db, tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    (settings.VAR_DIR / "private").mkdir(parents=True)
    settings.WALKAWAY_FIELD_KEYS = [OLD]
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    return settings


def accounts(count: int) -> list[SocialAccount]:
    return [
        SocialAccount.objects.create(platform="instagram", handle=f"h{n}", access_token=f"token {n}")
        for n in range(count)
    ]


def stored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token FROM social_socialaccount ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def given_in() -> ReceivedFile:
    return receiving.receive(
        io.BytesIO(CONTENT), name="march.csv", by=User.objects.get(username="importer"), reason="March delivery"
    )


def rotated(*words: str) -> dict:
    out = io.StringIO()
    call_command("rotate_field_keys", *words, "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def read_sealed(received: ReceivedFile) -> bytes:
    with quarantine.open_sealed(quarantine.path_of(received.stored)) as opened:
        return opened.read()


def test_everything_moves_to_the_newest_key(place):
    accounts(5)
    received = given_in()
    place.WALKAWAY_FIELD_KEYS = [NEW, OLD]
    SocialAccount.objects.create(platform="instagram", handle="empty")
    SocialAccount.objects.create(platform="instagram", handle="new already", access_token="token n")
    before = stored()
    found = rotated("--by", "admin")
    assert (found["ok"], found["reencrypted"], found["already"], found["unreadable"]) == (True, 6, 1, 0)
    assert found["kinds"] == [
        {"what": "social.SocialAccount.access_token", "reencrypted": 5, "already": 1, "unreadable": 0, "gone": 0},
        {"what": "files in quarantine", "reencrypted": 1, "already": 0, "unreadable": 0, "gone": 0},
    ]
    place.WALKAWAY_FIELD_KEYS = [NEW]  # the old key is thrown away
    assert [a.access_token for a in SocialAccount.objects.order_by("pk")] == [
        *(f"token {n}" for n in range(5)), "", "token n",
    ]  # fmt: skip
    received.refresh_from_db()
    assert received.key_id == quarantine.key_id_of(NEW)
    assert read_sealed(received) == CONTENT
    assert [a == b for a, b in zip(before, stored(), strict=True)] == [False] * 5 + [True, True]
    row = AuditRecord.objects.get(action="system.field_keys_rotated")
    assert row.by == "admin"
    assert row.detail["files in quarantine"] == {"reencrypted": 1, "already": 0, "unreadable": 0, "gone": 0}
    assert verify().ok
    again = rotated()
    assert (again["reencrypted"], again["already"]) == (0, 7)


def test_every_encrypted_column_is_found(place):
    """Written from the database's side: no other text column holds a Fernet token after a rotation."""
    accounts(1)
    columns = {(model, column.name) for model, column in field_keys.encrypted_columns()}
    assert columns == {(SocialAccount, "access_token")}
    for model in apps.get_models():
        for column in model._meta.local_fields:
            if (model, column.name) in columns or not isinstance(column, models.CharField | models.TextField):
                continue
            assert not model._base_manager.filter(**{f"{column.name}__startswith": "gAAAA"}).exists(), column


def test_a_dry_run_writes_nothing(place):
    accounts(2)
    received = given_in()
    place.WALKAWAY_FIELD_KEYS = [NEW, OLD]
    before, sealed = stored(), quarantine.path_of(received.stored).read_bytes()
    found = rotated("--dry-run")
    assert (found["reencrypted"], found["dry_run"]) == (3, True)
    assert stored() == before
    assert quarantine.path_of(received.stored).read_bytes() == sealed
    assert not AuditRecord.objects.filter(action="system.field_keys_rotated").exists()


def test_what_no_key_opens_stays_and_is_an_error(place, capsys):
    place.WALKAWAY_FIELD_KEYS = [LOST]
    (lost,) = accounts(1)
    sealed = given_in()
    place.WALKAWAY_FIELD_KEYS = [OLD]
    SocialAccount.objects.create(platform="instagram", handle="good", access_token="token g")
    place.WALKAWAY_FIELD_KEYS = [NEW, OLD]
    before, out = stored(), io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("rotate_field_keys", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert (found["ok"], found["reencrypted"], found["unreadable"]) == (False, 1, 2)
    assert f"social.SocialAccount {lost.pk}" in str(error.value)
    assert f"received file {sealed.pk}" in str(error.value)
    assert stored()[0] == before[0]
    assert stored()[1] != before[1]
    for key in (OLD, NEW, LOST, before[0]):
        assert key not in str(error.value) + out.getvalue()


def test_a_wrong_key_gives_an_error_and_never_the_ciphertext(place):
    accounts(1)
    place.WALKAWAY_FIELD_KEYS = [NEW]
    with pytest.raises(CannotDecrypt) as error:
        SocialAccount.objects.get()
    assert stored()[0] not in str(error.value)


@pytest.mark.parametrize(("keys", "words"), [([], "not set"), ([NEW, "short"], "Key 2 of WALKAWAY_FIELD_KEYS")])
def test_without_usable_keys_nothing_happens(place, keys, words):
    place.WALKAWAY_FIELD_KEYS = keys
    with pytest.raises(CommandError, match=words) as error:
        call_command("rotate_field_keys")
    assert NEW not in str(error.value)


def test_a_writer_in_between_is_not_overwritten(place, monkeypatch):
    """Somebody connects the account anew just before its batch: the new token stays."""
    (account,) = accounts(1)
    place.WALKAWAY_FIELD_KEYS = [NEW, OLD]
    original = field_keys._rotate_column

    def late(*arguments):
        SocialAccount.objects.filter(pk=account.pk).update(access_token="connected anew")
        yield from original(*arguments)

    monkeypatch.setattr(field_keys, "_rotate_column", late)
    assert rotated()["already"] == 1
    assert SocialAccount.objects.get().access_token == "connected anew"


def test_a_file_that_is_deleted_meanwhile_does_not_come_back(place, monkeypatch):
    received = given_in()
    place.WALKAWAY_FIELD_KEYS = [NEW, OLD]
    path, original = quarantine.path_of(received.stored), quarantine.Sealing.finish

    def slow(self):
        sealed = original(self)
        retention._purge(path, received.pk, received.received_at)
        return sealed

    monkeypatch.setattr(quarantine.Sealing, "finish", slow)
    assert resealing.reseal(received.pk) == "gone"
    assert list(path.parent.iterdir()) == []


def test_a_file_that_was_exchanged_is_not_sealed_anew(place):
    received = given_in()
    ReceivedFile.objects.filter(pk=received.pk).update(sha256="0" * 64)
    place.WALKAWAY_FIELD_KEYS = [NEW, OLD]
    with pytest.raises(quarantine.QuarantineError, match="hash"):
        resealing.reseal(received.pk)
    assert [p.suffix for p in quarantine.folder().iterdir()] == [".sealed"]
    assert read_sealed(received) == CONTENT


def test_killed_between_rename_and_record_is_put_right(place):
    received = given_in()
    place.WALKAWAY_FIELD_KEYS = [NEW, OLD]
    resealing.reseal(received.pk)
    ReceivedFile.objects.filter(pk=received.pk).update(key_id=quarantine.key_id_of(OLD))
    quarantine.path_of(received.stored).with_suffix(".part").write_bytes(b"half")
    assert resealing.reseal(received.pk) == "already"
    received.refresh_from_db()
    assert received.key_id == quarantine.key_id_of(NEW)


def test_half_a_file_of_a_killed_run_is_in_nobodys_way(place):
    received = given_in()
    place.WALKAWAY_FIELD_KEYS = [NEW, OLD]
    quarantine.path_of(received.stored).with_suffix(".part").write_bytes(b"half")
    assert resealing.reseal(received.pk) == "reencrypted"
    assert [p.suffix for p in quarantine.folder().iterdir()] == [".sealed"]


# --- processes of their own

VALUES = 10_000
FILL = f"""
from django.db import connection
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.social.models import SocialAccount
from analytics.police_data import receiving
import io
demo_people.load(seed=1, say=lambda line: None)
SocialAccount.objects.bulk_create(
    [SocialAccount(platform="instagram", handle=f"h{{n}}", access_token=f"token {{n}}") for n in range({VALUES})],
    batch_size=500,
)
by = User.objects.get(username="importer")
for n in range(4):
    receiving.receive(io.BytesIO(bytes([65 + n]) * 3_000_000), name=f"{{n}}.csv", by=by, reason="test")
"""
READER = """
from campaign_pages.social.models import SocialAccount
from analytics.models import ReceivedFile
from analytics.police_data.quarantine import open_sealed, path_of
import random
print("ready", flush=True)
reads = 0
while not os.path.exists(sys.argv[1]):
    n = random.randrange(10_000)
    assert SocialAccount.objects.get(handle=f"h{n}").access_token == f"token {n}"
    if reads % 20 == 0:
        file = ReceivedFile.objects.order_by("?").first()
        with open_sealed(path_of(file.stored)) as opened:
            assert len(opened.read()) == 3_000_000
    reads += 1
print(json.dumps(reads))
"""
WRITER = """
from campaign_pages.social.models import SocialAccount
print("ready", flush=True)
writes = 0
while not os.path.exists(sys.argv[1]):
    account = SocialAccount.objects.get(handle=f"h{9_999 - writes % 50}")
    account.paused = not account.paused
    account.save()
    writes += 1
print(json.dumps(writes))
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    var = tmp_path_factory.mktemp("installation")
    with databases() as make:
        made = up_to_date(make, var, {"WALKAWAY_FIELD_KEYS": OLD})
        made.python(FILL)
        yield made, make


def copy(filled, tmp_path) -> Installation:
    made, make = filled
    var = tmp_path / "var"
    shutil.copytree(made.var, var)
    return Installation(var, make(var, template=made.database), {"WALKAWAY_FIELD_KEYS": f"{NEW},{OLD}"})


@pytest.mark.soak
def test_ten_thousand_values_rotated_while_others_read_and_write(filled, tmp_path):
    here, stop = copy(filled, tmp_path), tmp_path / "stop"
    others = [here.start("-c", "import json, os, sys\nimport django\ndjango.setup()\n" + script, str(stop))
              for script in (READER, READER, WRITER)]  # fmt: skip
    for process in others:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    found = here.answer("rotate_field_keys")
    stop.touch()
    for process in others:
        out, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
        assert json.loads(out) > 0
    assert found["ok"] is True
    assert found["reencrypted"] + found["already"] == VALUES + 4
    assert found["reencrypted"] > VALUES - 60  # all but what the writer was quicker with
    here.more = {"WALKAWAY_FIELD_KEYS": NEW}
    after = here.answer("rotate_field_keys")
    assert (after["already"], after["unreadable"]) == (VALUES + 4, 0)


KILLED = """
import signal
from analytics.police_data.quarantine import Sealing
from campaign_pages.social.encrypted_field import EncryptedTextField
from walkaway import field_keys
owner, name, left = {"value": EncryptedTextField, "chunk": Sealing, "kept": field_keys}[sys.argv[1]], sys.argv[2], int(sys.argv[3])
original = getattr(owner, name)
def counted(*arguments, **more):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **more)
setattr(owner, name, counted)
field_keys.rotate(by="test")
"""
POINTS = (("value", "get_prep_value", 150), ("value", "get_prep_value", 5_130), ("chunk", "write", 2),
          ("chunk", "finish", 2), ("kept", "record", 1))  # fmt: skip


@pytest.mark.soak
def test_killed_in_the_middle_and_begun_again(filled, tmp_path):
    here, moved = copy(filled, tmp_path), [0]
    for point in POINTS:
        process = here.start(
            "-c", "import json, os, sys\nimport django\ndjango.setup()\n" + KILLED, *map(str, point)
        )
        _, error = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, error
        left = here.answer("rotate_field_keys", "--dry-run")
        assert left["reencrypted"] + left["already"] == VALUES + 4
        moved.append(left["already"])
    assert moved == [0, 0, 5_000, VALUES, VALUES + 1, VALUES + 4]  # whole batches and whole files, never less
    found = here.answer("rotate_field_keys")
    assert (found["ok"], found["reencrypted"]) == (True, 0)
    here.more = {"WALKAWAY_FIELD_KEYS": NEW}
    assert here.answer("rotate_field_keys")["already"] == VALUES + 4
    assert here.manage("verify_audit_log")
    assert not list((here.var / "quarantine").glob("*.part"))
