"""The police import against Django's bulk_create of the same rows, its memory, and spreadsheets against openpyxl.

PostgreSQL is the server that DATABASE_URL names, or the local one that .ci/run starts; without either its lines say
that they were skipped. The archive of five million rows takes minutes for each database: BENCH=quick leaves it out.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measuring import Result, alternate
from benchmarks.police_import.street_archive import write_archive

ROWS = 40_000
LARGE = (1_000_000, 5_000_000)
LOCAL = "postgres://walkaway:walkaway@127.0.0.1:5432/walkaway"  # as in .ci/run
FASTER, GROWTH_MB, SPREADSHEET = 6.0, 80.0, 8.0


def _in_a_process(folder: Path, database: str, *arguments: str) -> dict[str, Any]:
    environment = {
        **os.environ,
        "WALKAWAY_VAR_DIR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "walkaway.settings.test",
    }
    environment.pop("DATABASE_URL", None)
    if database:
        environment["DATABASE_URL"] = database
    (folder / "var").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.police_import.one_database", *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _postgresql() -> str:
    """Address of a PostgreSQL server; empty where there is none."""
    import psycopg

    url = os.environ.get("DATABASE_URL", "") or LOCAL
    try:
        psycopg.connect(url.replace("postgres://", "postgresql://", 1), connect_timeout=3).close()
    except psycopg.Error:
        return ""
    return url


def _speed(folder: Path, name: str, url: str, archive: Path) -> list[Result]:
    found = _in_a_process(folder, url, "compare", str(archive))
    low, high = found["range"]
    met = found["times"] >= FASTER
    cause = (
        f"between {low:.1f} and {high:.1f} times in single rounds, {found['times_processor']:.1f} times in processor "
        f"seconds, at a load of {found['load']:.1f}: the database's own work on 50 columns and their indexes, the unique "
        "one above all, is most of the time"
    )
    start = f"police import on {name}: "
    return [
        Result(
            f"{start}times as fast as bulk_create of the same rows",
            found["times"], f"at least {FASTER:g}", met, "" if met else cause,
        ),
        Result(
            f"{start}the same in processor seconds, the database's included", found["times_processor"], "no goal", True
        ),
        Result(f"{start}time over a plain read of the file", found["over_plain_read"], "no goal", True),
    ]  # fmt: skip


def _large(folder: Path, name: str, url: str, rows: int, warm_up: Path) -> list[Result]:
    archive = write_archive(folder / f"{rows}.zip", rows)
    found = _in_a_process(folder, url, "memory", str(archive), str(warm_up))
    archive.unlink()
    whole = found["loaded"] == rows == found["kept"] and found["loaded_again"] == 0
    flat = found["grown_mb"] <= GROWTH_MB
    start = f"police import of {rows:,} rows on {name}: "
    return [
        Result(
            f"{start}growth of the process, MB", found["grown_mb"], f"at most {GROWTH_MB:g}", flat,
            "" if flat else "memory is not flat",
        ),
        Result(
            f"{start}rows that a second run loads", found["loaded_again"], "0, and every row kept once", whole,
            "" if whole else f"{found['loaded']:,} were loaded and {found['kept']:,} are kept",
        ),
    ]  # fmt: skip


def _not_run(name: str, goal: str, why: str) -> Result:
    return Result(f"police import {name}", None, goal, False, f"skipped: {why}")


def _spreadsheet(folder: Path) -> Result:
    import openpyxl

    from analytics.police_data.sources import Rows, Source

    path = folder / "sheet.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for n in range(30_000):
        sheet.append(
            [f"REF{n}", "Assault", "2024-06-15 23:10", n, n * 0.5, "Beat", "Y", "N", "", "Street", "A", n % 7]
        )
    book.save(path)

    def theirs() -> int:
        read = openpyxl.load_workbook(path, read_only=True)
        return sum(1 for _ in read.worksheets[0].iter_rows(values_only=True))

    def ours() -> int:
        return sum(1 for _ in Rows(Source(path), size=path.stat().st_size))

    assert ours() == theirs()
    ratio = 1 / alternate(ours, theirs, rounds=5)
    met = ratio >= SPREADSHEET
    cause = "" if met else "turning every cell into text"
    return Result(
        "spreadsheet: times as fast as openpyxl, read-only", ratio, f"at least {SPREADSHEET:g}", met, cause
    )


def run() -> list[Result]:
    results = []
    quick = os.environ.get("BENCH", "") == "quick"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        archive = write_archive(folder / "compared.zip", ROWS, rows_per_month=20_000)
        warm_up = write_archive(folder / "warm-up.zip", 12_000, rows_per_month=6_000, seed=2)
        results.append(_spreadsheet(folder))
        for name, url in {"SQLite": "", "PostgreSQL": _postgresql()}.items():
            if name == "PostgreSQL" and not url:
                results.append(_not_run(f"on {name}", f"at least {FASTER:g}", "no server answers at DATABASE_URL"))
                continue
            results += _speed(folder, name, url, archive)
            for rows in LARGE:
                if quick and rows > LARGE[0]:
                    results.append(
                        _not_run(f"of {rows:,} rows on {name}", f"at most {GROWTH_MB:g}", "BENCH=quick")
                    )
                    continue
                start = time.perf_counter()
                results += _large(folder, name, url, rows, warm_up)
                sys.stdout.write(f"  ({rows:,} rows twice on {name}: {time.perf_counter() - start:.0f} s)\n")
    return results
