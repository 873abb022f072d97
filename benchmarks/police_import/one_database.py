"""Timings and memory of the import in a fresh database; run in a process of its own for each database.

Usage: python -m benchmarks.police_import.one_database WORK ARCHIVE, where WORK is compare or memory. Prints JSON.
"""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

ROUNDS, BATCH = 5, 1_000


@contextmanager
def fresh_database() -> Iterator[None]:
    """A test database of the configured kind; SQLite's lies in a file, as it does in use."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walkaway.settings.test")
    django.setup()
    from django.db import connection

    if connection.vendor == "sqlite":
        place = Path(os.environ["WALKAWAY_VAR_DIR"]) / "benchmark.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(place)
        place.unlink(missing_ok=True)
    old = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(old, verbosity=0)


def empty() -> None:
    """Empty tables with fresh indexes: leftovers of one way must not slow the other down."""
    from django.db import connection

    from analytics.models import ImportedFile, Offence

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {Offence._meta.db_table}, {ImportedFile._meta.db_table} CASCADE")
            cursor.execute("CHECKPOINT")
        else:
            Offence.objects.all()._raw_delete("default")
            ImportedFile.objects.all()._raw_delete("default")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def processor_seconds() -> float:
    """Of this process and, where it can be seen, of the PostgreSQL process that serves it."""
    from django.db import connection

    spent = time.process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            schedule = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
        if schedule.exists():  # nanoseconds on a processor come first (Linux, proc(5))
            spent += int(schedule.read_text().split()[0]) / 1e9
    return spent


def by_import(archive: Path) -> int:
    from analytics.police_data.importing import import_paths

    report = import_paths([archive])
    assert report.total("rows_read") == sum(map(report.total, ("loaded", "duplicates", "rejected")))
    return report.total("loaded")


def by_bulk_create(archive: Path) -> int:
    """The baseline: the same rows, read and checked by the same code, into the same table with the same indexes and
    constraints, one transaction for a file, but written with Django's bulk_create. It gets everything that makes it
    quick: no look for duplicates, keys that never clash, and a batch size in the middle of 500 to 5,000, between which
    it changes by less than a tenth."""
    from django.db import transaction

    from analytics.models import ImportedFile, Offence
    from analytics.police_data.mapping import mapping_named
    from analytics.police_data.reading import FileReader
    from analytics.police_data.rejects import RejectsFile
    from analytics.police_data.rows import RowReader
    from analytics.police_data.sources import Rows, sources_in

    made = 0
    for source in sources_in(archive):
        lines = iter(Rows(source, size=1 << 40))
        reader = RowReader(
            mapping_named("data.police.uk"), next(lines)[1], pepper=b"benchmark", today=date(2026, 1, 1)
        )
        rejects = RejectsFile(source.name)
        file = FileReader(reader, rejects)
        staged_only = {"base_key", "has_reference", "severity", "row_no"}
        with transaction.atomic():
            record = ImportedFile.objects.create(
                name=source.name, sha256=source.sha256_and_size()[0], state=ImportedFile.State.LOADED
            )
            for rows, _persons in file.batches(lines):
                offences = []
                for row in rows:
                    values = dict(zip(file.narrow.columns, row, strict=True)) | file.narrow.constants
                    key = f"{values['base_key']}:{made}"
                    offences.append(
                        Offence(
                            file=record, row_key=key, **{k: v for k, v in values.items() if k not in staged_only}
                        )
                    )
                    made += 1
                Offence.objects.bulk_create(offences, batch_size=BATCH)
        rejects.drop()
    return made


def by_plain_read(archive: Path) -> int:
    from analytics.police_data.sources import Rows, sources_in

    return sum(1 for source in sources_in(archive) for _ in Rows(source, size=1 << 40))


def compare(archive: Path) -> dict[str, Any]:
    """Medians over rounds A B C A B C after a warm-up round.

    ``times`` and ``times_processor`` are how much longer bulk_create took than the import next to it, by the clock and
    in processor seconds; ``range`` the smallest and largest by the clock. Pairs, because other work on the machine
    comes and goes.
    """
    works = {"import": by_import, "bulk_create": by_bulk_create, "plain_read": by_plain_read}
    clock: dict[str, list[float]] = {name: [] for name in works}
    processor: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(ROUNDS + 1):
        for name, work in works.items():
            empty()
            spent, start = processor_seconds(), time.perf_counter()
            work(archive)
            taken = time.perf_counter() - start
            if turn:
                clock[name].append(taken)
                processor[name].append(processor_seconds() - spent)
    empty()

    def ratios(of: dict[str, list[float]], over: str, under: str) -> list[float]:
        return sorted(a / b for a, b in zip(of[over], of[under], strict=True))

    times = ratios(clock, "bulk_create", "import")
    return {
        "times": statistics.median(times),
        "range": [times[0], times[-1]],
        "times_processor": statistics.median(ratios(processor, "bulk_create", "import")),
        "over_plain_read": statistics.median(ratios(clock, "import", "plain_read")),
        "load": os.getloadavg()[0],
    }


def peak_mb() -> float:
    """Most memory that this process has held, in MB.

    From the kernel's own page where there is one: ru_maxrss begins at the size of whatever started the process.
    """
    page = Path("/proc/self/status")
    if page.exists():
        return int(page.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory(archive: Path, warm_up: Path) -> dict[str, Any]:
    """Growth of the process's peak over a small import, in MB, and whether a second run loads nothing."""
    from analytics.models import ImportedFile, Offence

    by_import(warm_up)
    empty()
    before = peak_mb()
    start = time.perf_counter()
    loaded = by_import(archive)
    seconds = time.perf_counter() - start
    again = by_import(archive)
    after = peak_mb()
    return {
        "grown_mb": after - before,
        "loaded": loaded,
        "kept": Offence.objects.count(),
        "files": ImportedFile.objects.filter(state=ImportedFile.State.LOADED).count(),
        "loaded_again": again,
        "seconds": seconds,
    }


def main() -> None:
    work, archive = sys.argv[1], Path(sys.argv[2])
    with fresh_database():
        found = compare(archive) if work == "compare" else memory(archive, Path(sys.argv[3]))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
