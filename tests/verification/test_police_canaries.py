"""Thirty planted canaries: after an import, every screen, an error and the retention job, none is anywhere.

Real processes with a real database of their own: logs, standard output, every byte below the folder of the
installation (database, write-ahead log, cache, broker, private files) and, on PostgreSQL, a dump.
"""

import contextlib
import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import migrated
from tests.factories.police import NICHE_HEADER, niche_row, write_rows

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
NAMES = ("Jordan Canarysmith", "Robin Canaryjones", "Alexis Canarybrown", "Sam Canarypatel", "Kit Canarykhan",
         "Charlie Canarywood", "Max Canaryfield", "Lou Canaryhill")  # fmt: skip
REFERENCES = tuple(f"24*77{n}13{n}" for n in range(1, 9))
GRID = (("458713", "304519"), ("458727", "304541"), ("458733", "304553"))
DEGREES = ("52.634871", "-1.131597")
PHONES = ("07700900471", "07700 900 472", "+447700900473")
EMAILS = ("jordan@canary.example", "robin@canary.example", "officer.4711@canary.example")
CANARIES = (*NAMES, *REFERENCES, *(each for pair in GRID for each in pair), *DEGREES, *PHONES, *EMAILS)
EXTRA = ("Victim Name", "MO Text", "Contact", "OIC E-mail", "Lat Long")


@dataclass
class Installation:
    """A product of its own: folder, database, everything that was printed."""

    var: Path
    environment: dict[str, str]
    said: str = ""

    def run(self, *words: str, script: str = "", ok: bool = True) -> str:
        command = [sys.executable, "-c", script] if script else [sys.executable, str(ROOT / "manage.py"), *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert (done.returncode == 0) == ok, done.stderr[-3000:]
        self.said += done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("WALKAWAY_", "DJANGO_", "CELERY_")) and key not in ("DATABASE_URL", "CACHE_URL")
    }
    var = tmp_path / "var"
    environment = kept | {
        "WALKAWAY_VAR_DIR": str(var),
        "DJANGO_SETTINGS_MODULE": "walkaway.settings.development",
        "PYTHONPATH": str(ROOT),
    }
    name = f"canary_{uuid.uuid4().hex[:12]}"
    if connection.vendor == "postgresql":
        at = connection.settings_dict
        server = f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT'] or 5432}"
        environment["DATABASE_URL"] = f"{server}/{name}"
        on_server(server, f"CREATE DATABASE {name} TEMPLATE {migrated.name_of(migrated.on_postgresql())}")
    else:
        var.mkdir()
        shutil.copyfile(migrated.on_sqlite(), var / "walkaway.sqlite3")
    yield Installation(var, environment)
    if connection.vendor == "postgresql":
        on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def on_server(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as opened:
        opened.execute(statement)


def extract(folder: Path) -> Path:
    """Good rows, rejected rows and a broken file's worth of personal data, where such data really turn up."""
    rows = []
    for n, reference in enumerate(REFERENCES):
        name = NAMES[n]
        x, y = GRID[n % len(GRID)]
        row = niche_row(n, **{"Crime No": reference, "X": x, "Y": y, "From Time": f"23:{n:02d}"})
        if n == 5:
            row["HO Offence"] = f"assault on {name}"
        if n == 6:
            row["From Date"] = f"ask {name} {PHONES[0]}"
        if n == 7:
            row["X"] = EMAILS[0]
        rows.append(
            row
            | dict(
                zip(
                    EXTRA,
                    (name, f"=cmd|{name} hit {name}\r\n2024 INFO root: {PHONES[1]}", PHONES[n % 3], EMAILS[n % 3],
                     ", ".join(DEGREES)),
                    strict=True,
                )
            )
        )  # fmt: skip
    return write_rows(folder / "extract.csv", rows, header=(*NICHE_HEADER, *EXTRA))


SCREENS = """
import os, sys, uuid
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from analytics.models import ImportedFile, ReceivedFile
from campaign_pages.accounts.models import User
from analytics.police_data.received_loading import load_due
shown = []
for name in ("importer", "evaluator", "approver", "administrator"):
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=name))
    asked = {"measure": "nte_assault", "first": "2024-06-01", "last": "2024-06-30"}
    pages = [(reverse(page), {}) for page in ("police_data", "audit_log", "published_tables", "police_mappings", "sna_tables")]
    pages += [(reverse("police_summary"), asked | {"by": by, "format": kind})
              for by in ("night", "hour", "area", "location", "offence") for kind in ("", "csv")]
    period = {"first": asked["first"], "last": asked["last"]}
    pages += [(reverse("sna_table", args=[table]), period | {"format": kind})
              for table in ("T2", "T4", "T7", "T10", "T13") for kind in ("", "csv")]
    if name == "importer":  # the same rows by upload, and a file that is refused
        with open(os.environ["EXTRACT"], "rb") as rows:
            content = rows.read()
        for upload in (content + b"\\n", content + b'"'):
            sent = {"file": ContentFile(upload, "x.csv"), "reason": "spring evaluation", "mapping": "leicestershire_niche"}
            answer = client.post(reverse("police_data"), sent, follow=True)
            assert answer.status_code == 200, answer.status_code
            shown.append(answer.content)
        for received in ReceivedFile.objects.all():
            answer = client.post(reverse("received_act", args=[received.pk, "release"]), follow=True)
            assert answer.status_code == 200
            shown.append(answer.content)
        assert load_due() == 2
    # The first rows and the mapping wizard show what is read to who may import: on purpose, and written down.
    pages += [(reverse("received_file", args=[file.pk]), {}) for file in ReceivedFile.objects.all()]
    pages += [(reverse("police_rejects", args=[file.pk]), {}) for file in ImportedFile.objects.exclude(rejects_file="")]
    for address, query in pages:
        answer = client.get(address, query)
        assert answer.status_code != 500, address
        shown.append(b"".join(answer.streaming_content) if answer.streaming else answer.content)
assert sorted(ReceivedFile.objects.values_list("state", flat=True)) == ["loaded", "refused"]
with open(sys.argv[1] if len(sys.argv) > 1 else os.environ["SHOWN"], "wb") as out:
    out.write(b"\\n".join(shown))
"""
FAILING = """
import os
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.test import Client
from django.urls import reverse
from analytics.police_data import summary_views
from campaign_pages.accounts.models import User
def fail(**wanted):
    with open(os.environ["EXTRACT"]) as rows:
        raise ValueError("cannot read " + rows.read())
summary_views.summarise = fail
fail.__code__ = fail.__code__.replace(co_filename=summary_views.__file__)
client = Client(raise_request_exception=False)
client.force_login(User.objects.get(username="evaluator"))
answer = client.get(reverse("police_summary"),
                    {"measure": "nte_assault", "first": "2024-06-01", "last": "2024-06-30", "by": "night"})
assert answer.status_code == 500
with open(os.environ["SHOWN"], "wb") as out:
    out.write(answer.content)
"""


def found_in(content: bytes) -> list[str]:
    """Canaries in any of the forms in which they might be written: as they are, folded, joined, without spaces."""
    folded = content.lower()
    texts = {folded, re.sub(rb"[\s_]+", b" ", folded), re.sub(rb"[\s_]+", b"", folded)}
    return [
        each
        for each in CANARIES
        if any(form.encode() in text for form in {each.lower(), each.lower().replace(" ", "")} for text in texts)
    ]


def leaks(folder: Path) -> dict[str, list[str]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if content[:2] == b"\x1f\x8b":
                content += gzip.decompress(content)
            if hits := found_in(content):
                found[str(path.relative_to(folder))] = hits
    return found


def dump_of(installation: Installation) -> bytes:
    """The whole database as text, as a backup tool writes it: numbers in binary are written out."""
    if address := installation.environment.get("DATABASE_URL"):
        done = subprocess.run(["pg_dump", "--dbname", address], capture_output=True, check=True)
        dump = done.stdout
    else:
        with contextlib.closing(sqlite3.connect(installation.var / "walkaway.sqlite3")) as database:
            dump = "\n".join(database.iterdump()).encode()
    assert b"analytics_offence" in dump
    return dump


def age(folder: Path) -> None:
    """A year goes by for files; rows of the database keep nothing that needs one."""
    then = time.time() - 400 * 86_400
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


def test_there_are_thirty_canaries_and_the_search_finds_each(tmp_path):
    assert len(set(CANARIES)) >= 30
    assert set(found_in(extract(tmp_path).read_bytes())) == set(CANARIES)
    assert leaks(tmp_path)
    assert found_in(b"JORDAN_CANARYSMITH +44 7700 900473") == ["Jordan Canarysmith", "+447700900473"]


def test_no_canary_is_left_anywhere(installation: Installation, tmp_path: Path):
    file, shown = extract(tmp_path), tmp_path / "shown"
    installation.environment |= {"EXTRACT": str(file), "SHOWN": str(shown)}
    people = "import django; django.setup()\nfrom campaign_pages.accounts import demo_people\n"
    installation.run(script=people + "demo_people.load(seed=1, say=print)")
    out = installation.run(
        "import_police_data", str(file), "--mapping", "leicestershire_niche", "--by", "importer", "--json"
    )
    assert json.loads(out)["loaded"] == 6
    # refused as a whole, with personal data at the place of the fault
    broken = tmp_path / "broken.csv"
    broken.write_bytes(file.read_bytes() + f'"{NAMES[0]}, {PHONES[0]}'.encode())
    installation.run("import_police_data", str(broken), "--mapping", "leicestershire_niche", ok=False)
    for by in ("night", "location"):
        period = ("--from", "2024-06-01", "--to", "2024-06-30", "--json")
        installation.run("police_summary", *period, "--by", by)
    for tier in ("public", "partner"):
        installation.run("publish_tables", "--tier", tier, "--out", str(tmp_path / tier))
    installation.run(script=SCREENS)
    assert found_in(shown.read_bytes()) == []
    installation.run(script=FAILING)
    assert "ValueError: [text withheld" in installation.said, "the error was not logged: mend this test"
    assert found_in(shown.read_bytes()) == []
    age(installation.var / "quarantine")
    age(installation.var / "private" / "rejects")
    installation.run("delete_expired")
    installation.run("verify_audit_log")
    assert found_in(installation.said.encode()) == []
    assert leaks(installation.var) == {}
    for tier in ("public", "partner"):
        assert leaks(tmp_path / tier) == {}
    assert found_in(dump_of(installation)) == []


def test_the_search_can_fail_where_exact_places_are_kept_they_are_found(
    installation: Installation, tmp_path: Path
):
    """Proof that the test above can fail: with the setting that keeps coordinates, the dump shows them."""
    installation.environment |= {"WALKAWAY_KEEP_EXACT": "1"}
    installation.run("import_police_data", str(extract(tmp_path)), "--mapping", "leicestershire_niche")
    assert set(found_in(dump_of(installation))) >= {"458727", "304541"}


NAMED_FILE = "Nominal Canaryname 4711.csv"
OPENED = """
import os, sys
import django
django.setup()
from analytics.models import ReceivedFile
from analytics.police_data.quarantine import open_sealed, path_of
with open(os.environ["SHOWN"], "wb") as out:
    for file in ReceivedFile.objects.all():
        with open_sealed(path_of(file.stored)) as plain:
            out.write(plain.read())
"""
TABLES_WITH_THE_NAME = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for table in connection.introspection.table_names(cursor):
        cursor.execute(f'SELECT * FROM "{table}"')
        if "canaryname" in str(cursor.fetchall()).lower():
            print(table)
"""
A_MONTH_LATER = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from analytics.retention import delete_expired
print(delete_expired(now=timezone.now() + timedelta(days=31))["quarantine"])
"""


def test_a_received_file_stays_sealed_and_its_name_on_its_records(installation: Installation, tmp_path: Path):
    """Received, approved, loaded by a worker, refused, changed on the disk, deleted: content nowhere, name where it is due."""
    installation.environment |= {"WALKAWAY_TWO_PERSON_IMPORT": "1", "SHOWN": str(tmp_path / "shown")}
    people = "import django; django.setup()\nfrom campaign_pages.accounts import demo_people\n"
    installation.run(script=people + "demo_people.load(seed=1, say=print)")
    good = extract(tmp_path).rename(tmp_path / NAMED_FILE)
    broken = tmp_path / f"Broken {NAMED_FILE}"
    broken.write_bytes(good.read_bytes() + f'"{NAMES[0]}, {PHONES[0]}'.encode())
    other = tmp_path / f"Other {NAMED_FILE}"
    other.write_bytes(good.read_bytes() + b"\n")
    words = ("--mapping", "leicestershire_niche", "--by", "importer", "--reason", "monthly delivery", "--json")
    out = installation.run("import_police_data", str(good), str(broken), str(other), "--receive", *words)
    received = json.loads(out)["received"]
    installation.said = ""  # who gave the files in was shown their names; nobody else is
    assert leaks(installation.var) == {}, "sealed from the first byte"
    installation.run(script=OPENED)
    assert set(found_in((tmp_path / "shown").read_bytes())) == set(CANARIES), "and it is in there"
    for each in received:
        installation.run("import_police_data", "--approve", str(each["id"]), "--by", "second_importer")
    sealed = sorted((installation.var / "quarantine").iterdir())
    assert len(sealed) == 3
    with sealed[0].open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1]))
    installation.run("load_received_files", "--once")
    installation.run("verify_audit_log")
    assert found_in(installation.said.encode()) == []
    assert "canaryname" not in installation.said.lower()
    assert leaks(installation.var) == {}
    tables = set(installation.run(script=TABLES_WITH_THE_NAME).split())
    assert tables == {"analytics_receivedfile", "analytics_importedfile"}
    rejects = {installation.var / "private" / "rejects"}  # it names the file it is about
    database = {path for path in installation.var.iterdir() if "sqlite3" in path.name}
    for path in installation.var.rglob("*"):
        assert "canaryname" not in path.name.lower()
        if path.is_file() and path not in database and path.parent not in rejects:
            assert b"canaryname" not in path.read_bytes().lower(), path
    assert found_in(dump_of(installation)) == []
    assert installation.run(script=A_MONTH_LATER).strip() == "3"
    assert list((installation.var / "quarantine").iterdir()) == []
    assert leaks(installation.var) == {}
    assert found_in(dump_of(installation)) == []
