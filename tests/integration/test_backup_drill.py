"""The drill: a backup under constant writes, restored on an empty box, counted again. And every way it may go wrong.

Installations of their own in processes of their own, on SQLite or beside the PostgreSQL database of DATABASE_URL.
"""

import hashlib
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.factories.installation import ON_POSTGRESQL, PREFIX, Installation, databases, up_to_date

pytestmark = pytest.mark.soak
FIELD_KEY, PEPPER, SECRET = (
    Fernet.generate_key().decode(),
    "pepper-of-the-drill",
    "secret-key-of-the-drill-" + "x" * 30,
)
KEYS = {"WALKAWAY_FIELD_KEYS": FIELD_KEY, "WALKAWAY_REFERENCE_PEPPER": PEPPER, "DJANGO_SECRET_KEY": SECRET}
TOKEN = "token-of-the-drill"
DUMP = "database.dump" if ON_POSTGRESQL else "database.sqlite3"

LIVED_IN = f"""
import io, time
from importlib import import_module
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
from django.core.files.images import ImageFile
from PIL import Image
from analytics.audit.chain import record
from analytics.police_data import receiving
from campaign_pages.accounts.models import User
from campaign_pages.models import CampaignImage
from campaign_pages.social import demo_posts
from campaign_pages.social.models import SocialAccount
from campaign_pages.venues import scan_log
from campaign_pages.venues.scan_counts import count_scans
from campaign_pages import demo_content
from campaign_pages.accounts import demo_people
demo_people.load(seed=1, say=lambda line: None)
demo_content.load(seed=1, say=lambda line: None)
demo_posts.load(seed=1, say=lambda line: None)
SocialAccount.objects.create(platform="instagram", handle="drill", access_token="{TOKEN}")
for n in range(5):
    picture = io.BytesIO()
    Image.new("RGB", (40, 40 + n), "#123").save(picture, "PNG")
    CampaignImage.objects.create(title=f"picture {{n}}", file=ImageFile(picture, name=f"drill-{{n}}.png"))
receiving.receive(io.BytesIO(b"sealed in the drill"), name="march.csv", by=User.objects.get(username="importer"), reason="drill")
rejects = Path(settings.VAR_DIR) / "private" / "rejects"
rejects.mkdir(parents=True, exist_ok=True)
(rejects / "1.csv").write_text("file,line,code\\n")
for n in range(300):
    scan_log.append(Path(settings.VAR_DIR) / "scans", "", "unknown_code")
count_scans()
for n in range(100):
    scan_log.append(Path(settings.VAR_DIR) / "scans", "", "bot")  # not counted yet
session = import_module(settings.SESSION_ENGINE).SessionStore()
session["for"] = "the drill"
session.create()
for n in range(20):
    record("drill.lived_in", by="drill", about=str(n))
print(json.dumps(session.session_key))
"""
WRITER = """
import io
from pathlib import Path
from django.conf import settings
from django.core.files.images import ImageFile
from PIL import Image
from analytics.audit.chain import record
from campaign_pages.models import CampaignImage
from campaign_pages.venues import scan_log
from campaign_pages.venues.scan_counts import count_scans
n = 0
while not os.path.exists(sys.argv[1]):
    n += 1
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "#456").save(picture, "PNG")
    image = CampaignImage.objects.create(title=f"meanwhile {n}", file=ImageFile(picture, name=f"meanwhile-{n}.png"))
    for _ in range(20):
        scan_log.append(Path(settings.VAR_DIR) / "scans", "", "bot")
    record("drill.meanwhile", by="drill", about=str(n))
    count_scans()
    if n % 3 == 0:
        image.delete()
    if n == 3:
        print("ready", flush=True)
print(json.dumps(n))
"""
FOUND = """
from pathlib import Path
from django.conf import settings
from django.db.models import Sum
from analytics.models import AuditRecord, ReceivedFile
from campaign_pages.models import CampaignImage
from campaign_pages.social.models import Dispatch, PublishingSwitch, SocialAccount
from campaign_pages.venues.models import ScanCount, ScanFile
from campaign_pages.venues.scan_counts import count_scans
from django.contrib.sessions.models import Session
scans = Path(settings.VAR_DIR) / "scans"
past = [f.name for f in ScanFile.objects.all() if f.offset > (scans / f.name).stat().st_size]
count_scans()
lines = sum(path.read_bytes().count(b"\\n") for path in scans.glob("*.scans"))
print(json.dumps({
    "images": CampaignImage.objects.filter(title__startswith="picture").count(),
    "missing": [i.file.name for i in CampaignImage.objects.all() if not i.file.storage.exists(i.file.name)],
    "past": past, "lines": lines, "counted": ScanCount.objects.aggregate(n=Sum("count"))["n"],
    "malformed": ScanFile.objects.aggregate(n=Sum("malformed"))["n"],
    "audit": AuditRecord.objects.filter(action__startswith="drill.").count(),
    "sessions": Session.objects.count(),
    "stopped": PublishingSwitch.objects.get(scope="global").on,
    "open": Dispatch.objects.filter(state__in=Dispatch.OPEN).exclude(state="held").count(),
    "received": list(ReceivedFile.objects.values_list("state", flat=True)),
    "rejects": sorted(p.name for p in (Path(settings.VAR_DIR) / "private" / "rejects").glob("*")),
}))
"""


@pytest.fixture(scope="module")
def make():
    with databases() as made:
        yield made


@pytest.fixture(scope="module")
def old(make, tmp_path_factory) -> Installation:
    var = tmp_path_factory.mktemp("old")
    made = up_to_date(make, var, dict(KEYS))
    made.more["SESSION_KEY"] = made.python(LIVED_IN)
    return made


@pytest.fixture(scope="module")
def backup(old, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "one"
    found = old.answer("backup", str(folder), "--by", "admin")
    assert found["ok"] is True
    return folder


@pytest.fixture
def box(make, tmp_path) -> Installation:
    """An empty machine with the same keys."""
    var = tmp_path / "box"
    return Installation(var, make(var), dict(KEYS))


@pytest.fixture
def spoilt(backup, tmp_path) -> Path:
    return Path(shutil.copytree(backup, tmp_path / "spoilt"))


def sealed_again(folder: Path, **changes) -> None:
    """A manifest that says something else and is whole all the same."""
    content = json.loads((folder / "manifest.json").read_text()) | changes | {"seal": ""}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    content["seal"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(content))


def untouched(box: Installation) -> bool:
    tables = "from django.db import connection\nprint(json.dumps(connection.introspection.table_names()))"
    return not box.python(tables) and not list(box.var.glob("media/*")) and not list(box.var.glob("scans/*"))


def test_a_backup_under_constant_writes_is_restored_on_an_empty_box(old, box, tmp_path):
    stop, folder = tmp_path / "stop", tmp_path / "backup"
    writer = old.start("-c", PREFIX + WRITER, str(stop))
    assert writer.stdout.readline() == "ready\n", writer.stderr.read()
    made = old.answer("backup", str(folder))
    stop.touch()
    out, error = writer.communicate(timeout=60)
    assert writer.returncode == 0, error
    assert made["ok"] is True
    found = box.answer("restore", str(folder))
    assert found["ok"] is True
    assert (found["rows"], found["tables"]) == (made["rows"], made["tables"])
    assert {key["state"] for key in found["keys_needed"]} == {"here"}
    assert (found["unreadable_values"], found["migrated"]) == (0, [])
    assert found["lost_from_quarantine"] == 1
    there = box.python(FOUND)
    assert there["images"] == 5
    assert there["missing"] == there["past"] == []
    assert there["lines"] == there["counted"] > 400  # neither lost nor doubled
    assert there["malformed"] == 0
    assert 20 + 3 <= there["audit"] <= 20 + json.loads(out)
    assert (there["sessions"], there["stopped"], there["open"]) == (0, True, 0)
    assert there["received"] == ["expired"]
    assert there["rejects"] == ["1.csv"]
    log = box.answer("verify_audit_log")
    assert (log["ok"], log["guarded"]) == (True, True)
    token = "from campaign_pages.social.models import SocialAccount\nprint(json.dumps(SocialAccount.objects.get(handle='drill').access_token))"
    assert box.python(token) == TOKEN


DELETED_MEANWHILE = """
import io
from pathlib import Path
from django.core.files.images import ImageFile
from PIL import Image
from campaign_pages.models import CampaignImage
from walkaway.backups import making
source, pictures = making.database(), []
original = source.save
def save(folder, queries):
    if pictures:
        return original(folder, queries)
    content = io.BytesIO()
    Image.new("RGB", (40, 40)).save(content, "PNG")
    pictures.append(CampaignImage.objects.create(title="soon gone", file=ImageFile(content, name="soon-gone.png")))
    found = original(folder, queries)
    assert pictures[0].file.name in {name for (name,) in source.rows(folder, queries[-1])}
    pictures[0].delete()
    return found
source.save, making.database = save, lambda: source
making.make_backup(Path(sys.argv[1]), by="test")
"""


def test_a_picture_made_and_deleted_while_the_database_is_copied_is_in_neither(old, box, tmp_path):
    folder = tmp_path / "backup"
    old.run("-c", PREFIX + DELETED_MEANWHILE, str(folder))
    assert box.answer("restore", str(folder))["ok"] is True
    assert box.python(FOUND)["missing"] == []


def test_a_backup_holds_no_secret_and_is_its_owners_only(old, backup):
    names = {path.relative_to(backup).as_posix() for path in backup.rglob("*") if path.is_file()}
    assert {DUMP, "manifest.json", "files/rejects/1.csv"} < names
    assert not [name for name in names if "private" in name or "quarantine" in name or "cache" in name]
    hidden = [FIELD_KEY, PEPPER, SECRET, TOKEN, old.more["SESSION_KEY"], "sealed in the drill"]
    content = [path.read_bytes() for path in backup.rglob("*") if path.is_file()]
    if ON_POSTGRESQL:
        content.append(old_run(["pg_restore", "--file=-", str(backup / DUMP)]))  # the dump is compressed
        assert b"CREATE TABLE" in content[-1]
    for secret in hidden:
        assert not [True for each in content if secret.encode() in each], secret
    assert {path.stat().st_mode & 0o077 for path in (backup, *backup.rglob("*"))} == {0}


def old_run(words: list[str]) -> bytes:
    import subprocess

    return subprocess.run(words, capture_output=True, check=True).stdout


def test_the_backup_is_in_the_audit_log_of_what_goes_on(old, backup):
    rows = "from analytics.models import AuditRecord\nprint(json.dumps(list(AuditRecord.objects.filter(action='system.backed_up').values_list('by', flat=True))))"
    assert "admin" in old.python(rows)


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def media_of(folder: Path) -> Path:
    return next(path for path in sorted(folder.glob("files/media/**/*")) if path.is_file())


def manifest_changed(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"rows": 5', '"rows": 6', 1))


def named_outside(folder: Path) -> None:
    (folder.parent / "outside").write_bytes(b"x")
    kept = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    files = json.loads((folder / "manifest.json").read_text())["files"]
    sealed_again(folder, files=files | {"files/media/../../../outside": kept})


def newer(folder: Path) -> None:
    applied = json.loads((folder / "manifest.json").read_text())["migrations"]
    sealed_again(folder, migrations=[*applied, "social.0999_from_the_future"])


SPOILT = [
    ("a byte of the database", lambda f: flip(f / DUMP, (f / DUMP).stat().st_size // 2), f"{DUMP} is not as it was"),
    ("half the database", lambda f: os.truncate(f / DUMP, 5000), "5,000 bytes"),
    ("a byte of a picture", lambda f: flip(media_of(f), 3), "and another hash"),
    ("a picture gone", lambda f: media_of(f).unlink(), "cannot be read"),
    ("no manifest", lambda f: (f / "manifest.json").unlink(), "holds no whole backup"),
    ("half a manifest", lambda f: os.truncate(f / "manifest.json", 900), "is damaged"),
    ("a changed manifest", manifest_changed, "its seal does not fit"),
    ("a path that leads out", named_outside, "outside the backup"),
    ("a newer version", newer, "newer version of Walk Away"),
    ("another database", lambda f: sealed_again(f, engine="oracle"), "The backup is of oracle"),
    ("another format", lambda f: sealed_again(f, format=2), "format 2"),
]  # fmt: skip


RESTORED_EACH = """
from pathlib import Path
from walkaway.backups.manifest import BackupError
from walkaway.backups.restoring import restore
said = []
for folder in sorted(Path(sys.argv[1]).iterdir(), key=lambda path: int(path.name)):
    try:
        restore(folder / "backup", by="test")
        said.append("")
    except BackupError as error:
        said.append(str(error))
print(json.dumps(said))
"""


def test_a_spoilt_backup_is_refused_and_nothing_is_written(backup, box, tmp_path):
    spoilt = tmp_path / "spoilt"
    for number, (_, spoil, _) in enumerate(SPOILT):
        spoil(Path(shutil.copytree(backup, spoilt / str(number) / "backup")))
    process = box.start("-c", PREFIX + RESTORED_EACH, str(spoilt))
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    for (what, _, words), said in zip(SPOILT, json.loads(out.splitlines()[-1]), strict=True):
        assert words in said, what
    done = box.manage("restore", str(spoilt / "0" / "backup"), "--json", code=1)
    assert json.loads(done.stdout.splitlines()[-1])["ok"] is False
    assert "is not as it was" in done.stderr
    assert "Traceback" not in done.stderr
    assert untouched(box)


def test_tables_are_counted_again_after_restoring(spoilt, box):
    tables = json.loads((spoilt / "manifest.json").read_text())["tables"]
    tables["analytics_auditrecord"]["sha256"] = "0" * 64
    sealed_again(spoilt, tables=tables)
    assert "1 of" in (said := box.manage("restore", str(spoilt), code=1).stderr)
    assert "analytics_auditrecord" in said


def test_data_that_are_there_are_replaced_only_when_told(backup, box):
    box.answer("restore", str(backup))
    own = """
from pathlib import Path
from django.conf import settings
from analytics.audit.chain import record
from campaign_pages.venues import scan_log
record("drill.own", by="drill", about="of the box")
scan_log.append(Path(settings.VAR_DIR) / "scans", "", "bot", at=1_600_000_000)
(Path(settings.MEDIA_ROOT) / "own.png").write_bytes(b"own")
"""
    box.python(own)
    assert "not empty" in box.manage("restore", str(backup), code=1).stderr
    count = "from analytics.models import AuditRecord\nprint(json.dumps(AuditRecord.objects.filter(about='of the box').count()))"
    assert box.python(count) == 1
    assert box.answer("restore", str(backup), "--replace")["ok"] is True
    assert box.python(count) == 0
    assert not (box.var / "media" / "own.png").exists()
    assert box.python(FOUND)["audit"] >= 20
    assert (
        box.var / "scans" / next(p.name for p in box.var.glob("scans/2020-*"))
    ).exists()  # counted once it is seen


def test_scans_that_came_after_the_backup_are_counted_once(old, backup, make, tmp_path):
    """The database is lost, the disk with the scan files is not: they went on after the backup, and stay."""
    var = tmp_path / "var"
    shutil.copytree(old.var / "scans", var / "scans")
    box = Installation(var, make(var), dict(KEYS))
    before = sum(path.read_bytes().count(b"\n") for path in (var / "scans").glob("*.scans"))
    more = "from pathlib import Path\nfrom django.conf import settings\nfrom campaign_pages.venues import scan_log\nscan_log.append(Path(settings.VAR_DIR) / 'scans', '', 'bot')"
    box.python(more)
    box.answer("restore", str(backup), "--replace")
    found = box.python(FOUND)
    assert found["lines"] == found["counted"] == before + 1


def test_other_keys_are_named_and_nothing_is_shown(backup, make, tmp_path):
    var = tmp_path / "box"
    other = {
        "WALKAWAY_FIELD_KEYS": Fernet.generate_key().decode(),
        "WALKAWAY_REFERENCE_PEPPER": "pepper-of-somebody",
    }
    box = Installation(var, make(var), KEYS | other)
    done = box.manage("restore", str(backup), "--json")
    found = json.loads(done.stdout.splitlines()[-1])
    assert {key["name"]: key["state"] for key in found["keys_needed"]} == {
        "WALKAWAY_FIELD_KEYS": "missing",
        "WALKAWAY_REFERENCE_PEPPER": "another",
    }
    assert found["unreadable_values"] == 1
    assert "WALKAWAY_REFERENCE_PEPPER" in done.stderr
    for secret in (FIELD_KEY, PEPPER, *other.values()):
        assert secret not in done.stdout + done.stderr


KILLED = """
import signal
from pathlib import Path
from walkaway.backups import making, manifest, postgresql, restoring, sqlite, stored_files
owner, name, left = {"files": stored_files, "manifest": manifest.Manifest, "os": making.os, "sqlite": sqlite,
                     "shutil": postgresql.shutil}[sys.argv[1]], sys.argv[2], int(sys.argv[3])
original = getattr(owner, name)
def counted(*arguments, **more):
    global left
    left -= 1
    if left == 0:
        if name == "copyfileobj":
            arguments[1].write(arguments[0].read(400_000))
            arguments[1].flush()
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **more)
setattr(owner, name, counted)
if sys.argv[4] == "backup":
    making.make_backup(Path(sys.argv[5]), by="test")
else:
    if name == "_patience":
        setattr(owner, name, lambda path: lambda *progress: os.kill(os.getpid(), signal.SIGKILL))
        sqlite.PAGES = 50
    restoring.restore(Path(sys.argv[5]), by="test", replace=True)
"""


def killed(where: Installation, *words: str) -> None:
    process = where.start("-c", PREFIX + KILLED, *words)
    _, error = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, error


def test_a_backup_that_was_killed_is_none_and_can_be_made_again(old, box, tmp_path):
    folder = tmp_path / "backup"
    for point in (
        ("files", "copied", "3"),
        ("files", "hashed", "1"),
        ("os", "sync", "1"),
        ("manifest", "sealed", "1"),
    ):
        killed(old, *point, "backup", str(folder))
        assert "holds no whole backup" in box.manage("restore", str(folder), code=1).stderr
    assert untouched(box)
    assert old.answer("backup", str(folder))["ok"] is True
    assert "a backup already" in old.manage("backup", str(folder), code=1).stderr
    assert box.answer("restore", str(folder))["ok"] is True


def test_a_restore_that_was_killed_leaves_the_old_database(backup, box):
    box.answer("restore", str(backup))
    box.python("from analytics.audit.chain import record\nrecord('drill.own', by='drill', about='of the box')")
    killed(
        box,
        *(("shutil", "copyfileobj", "1") if ON_POSTGRESQL else ("sqlite", "_patience", "99")),
        "restore",
        str(backup),
    )
    count = "from analytics.models import AuditRecord\nprint(json.dumps(AuditRecord.objects.filter(about='of the box').count()))"
    assert box.python(count) == 1
    assert box.answer("verify_audit_log")["ok"] is True
    assert box.answer("restore", str(backup), "--replace")["ok"] is True


def test_a_folder_with_something_else_in_it_is_left_alone(old, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    assert "not empty" in old.manage("backup", str(tmp_path), code=1).stderr
    assert (tmp_path / "letter.txt").read_text() == "mine"
    assert "Choose another place" in old.manage("backup", str(old.var / "media" / "backup"), code=1).stderr


def test_an_older_backup_is_brought_up_to_this_version(backup, make, tmp_path):
    var = tmp_path / "older"
    older = Installation(var, make(var), dict(KEYS))
    older.answer("restore", str(backup))
    older.manage("migrate", "social", "0001", "--verbosity", "0")
    folder = tmp_path / "old backup"
    older.answer("backup", str(folder))
    again = tmp_path / "again"
    found = Installation(again, make(again), dict(KEYS)).answer("restore", str(folder))
    assert found["migrated"][0].startswith("social.0002")


def test_tools_of_postgresql_are_named_when_missing_and_sqlite_needs_none(old, backup, box, tmp_path):
    for where, words in ((old, ("backup", str(tmp_path / "new"))), (box, ("restore", str(backup)))):
        without = Installation(where.var, where.database, where.more | {"PATH": "/nowhere"})
        said = without.manage(*words, code=1 if ON_POSTGRESQL else 0).stderr
        assert ("was not found" in said and "postgresql-client" in said) == ON_POSTGRESQL


def test_media_in_a_bucket_are_named_and_not_copied(old, backup, tmp_path):
    there = Installation(old.var, old.database, old.more | {"WALKAWAY_MEDIA_BUCKET": "drill-media"})
    found = there.answer("backup", str(tmp_path / "new"))
    assert found["media_bucket"] == "drill-media"
    assert not (tmp_path / "new" / "files" / "media").exists()
