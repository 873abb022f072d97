"""Imports that die at chosen moments, in processes of their own. Prints what was found as JSON, one line for a point.

Usage: python -m tests.integration.crashing_imports WORK FOLDER POINTS SEED, with a migrated database in DATABASE_URL.
A child is forked for each import and killed with signal 9: by itself before its k-th row or statement, or from
outside after some milliseconds.
"""

import hashlib
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MAPPING = "leicestershire_niche"


def _set_up() -> None:
    import django

    django.setup()


def fingerprint() -> str:
    """Of everything that counts in the offence and person tables, whatever the order and the ids."""
    from analytics.models import Offence, OffencePerson

    offences = Offence.objects.order_by("row_key", "content_hash").values_list(
        "row_key", "content_hash", "current", "file__name", "offence_code", "night", "flags"
    )
    persons = OffencePerson.objects.order_by("offence__row_key", "role", "person_key").values_list(
        "offence__row_key", "role", "person_key", "sex"
    )
    return hashlib.sha256(repr((list(offences), list(persons))).encode()).hexdigest()


def state() -> dict[str, Any]:
    from django.db.models import Sum

    from analytics.models import ImportedFile, Offence

    loaded = ImportedFile.objects.filter(state="loaded")
    return {
        "files": loaded.count(),
        "offences": Offence.objects.count(),
        "said": loaded.aggregate(n=Sum("loaded"))["n"] or 0,
        "strays": Offence.objects.exclude(file__in=loaded).count(),
        "fingerprint": fingerprint(),
    }


def empty() -> None:
    from analytics.models import ImportedFile, Offence, OffencePerson

    for model in (OffencePerson, Offence, ImportedFile):
        model.objects.all().delete()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(kind: str, at: int) -> None:
    """Dies before the ``at``-th row is read, or the ``at``-th statement is executed."""
    from django.db import connection

    from analytics.police_data import reading

    left = [at]

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            _die()

    if kind == "row":
        whole = reading.FileReader._read

        def read(self: Any, line: int, cells: list[str]) -> Any:
            count()
            return whole(self, line, cells)

        reading.FileReader._read = read  # type: ignore[method-assign]
    elif kind == "statement":

        def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            count()
            return run(sql, params, many, context)

        connection.execute_wrappers.append(execute)


def in_a_child(work: Callable[[], None]) -> int:
    """The pid of a fork that does the work and ends with 0, or 1 after an error."""
    from django.db import connections

    connections.close_all()
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)


def ended(child: int) -> int:
    """0, 1 or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def load(folder: Path) -> None:
    from analytics.police_data.importing import import_paths

    report = import_paths([folder], mapping=MAPPING)
    assert not report.refused, report.refused


def kill_and_run_again(folder: Path, points: int, seed: int) -> None:
    """At each point: killed, looked at, run again, looked at."""
    dice = random.Random(seed)
    for n in range(points):
        empty()
        kind = ("row", "statement", "outside")[n % 3]
        at = dice.randrange({"row": 1200, "statement": 90, "outside": 400}[kind])

        def work(kind: str = kind, at: int = at) -> None:
            _arm(kind, at)
            load(folder)

        child = in_a_child(work)
        if kind == "outside":
            time.sleep(at / 1000)
            os.kill(child, signal.SIGKILL)
        code = ended(child)
        after = state()
        again = ended(in_a_child(lambda: load(folder)))
        sys.stdout.write(
            json.dumps({"kind": kind, "at": at, "code": code, "after": after, "again": again, "end": state()})
            + "\n"
        )


def taken_up(folder: Path, points: int) -> None:
    """Killed before the ``points``-th row, then run again: which rows were read the second time, by file."""
    empty()

    def dies() -> None:
        _arm("row", points)
        load(folder)

    code = ended(in_a_child(dies))
    after = state()
    said = folder.parent / "rows_read.json"

    def reads() -> None:
        from collections import Counter

        from analytics.police_data import reading

        whole, found = reading.FileReader._read, Counter[str]()

        def read(self: Any, line: int, cells: list[str]) -> Any:
            found[self.rejects.name] += 1
            return whole(self, line, cells)

        reading.FileReader._read = read  # type: ignore[method-assign]
        load(folder)
        said.write_text(json.dumps(found))

    again = ended(in_a_child(reads))
    found = {"code": code, "after": after, "again": again, "read": json.loads(said.read_text()), "end": state()}
    sys.stdout.write(json.dumps(found) + "\n")


def clean_run(folder: Path) -> None:
    empty()
    code = ended(in_a_child(lambda: load(folder)))
    sys.stdout.write(json.dumps({"code": code, "end": state()}) + "\n")


def many_at_once(folder: Path, points: int) -> None:
    """``points`` imports of the same folder at the same time."""
    empty()
    children = [in_a_child(lambda: load(folder)) for _ in range(points)]
    codes = [ended(child) for child in children]
    from analytics.models import ImportedFile

    states = list(
        ImportedFile.objects.order_by("state").values_list(
            "state", "rows_read", "loaded", "duplicates", "rejected"
        )
    )
    sys.stdout.write(json.dumps({"codes": codes, "states": states, "end": state()}) + "\n")


def full_disk(folder: Path, points: int) -> None:
    """No file may be written beyond its first ``points`` kB, the write-ahead log among them: as on a full disk."""
    empty()

    def work() -> None:
        from django.core.management import call_command

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (points * 1024, points * 1024))
        call_command("import_police_data", str(folder), mapping=MAPPING)

    code = ended(in_a_child(work))
    after = state()
    again = ended(in_a_child(lambda: load(folder)))
    sys.stdout.write(json.dumps({"code": code, "after": after, "again": again, "end": state()}) + "\n")


def main() -> None:
    work, folder, points, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    _set_up()
    if work == "kill":
        kill_and_run_again(folder, points, seed)
    elif work == "taken_up":
        taken_up(folder, points)
    elif work == "clean":
        clean_run(folder)
    elif work == "at_once":
        many_at_once(folder, points)
    else:
        full_disk(folder, points)


if __name__ == "__main__":
    main()
