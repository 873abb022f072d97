"""The police import against Django's bulk_create of the same rows, its memory, and spreadsheets against openpyxl."""

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

ROWS = 100_000
LARGE = (1_000_000, 5_000_000)
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


def _databases() -> dict[str, str]:
    """SQLite always; PostgreSQL when DATABASE_URL names one."""
    url = os.environ.get("DATABASE_URL", "")
    return {"SQLite": ""} | ({"PostgreSQL": url} if url.startswith("postgres") else {})


def _speed(folder: Path, name: str, url: str, archive: Path) -> list[Result]:
    seconds = _in_a_process(folder, url, "compare", str(archive))
    against = seconds["bulk_create"] / seconds["import"]
    met = against >= FASTER
    cause = (
        ""
        if met
        else "the database's own work on 50 columns, six indexes and two foreign keys is most of the time"
    )
    reading = seconds["import"] / seconds["plain_read"]
    return [
        Result(
            f"police import on {name}: times as fast as bulk_create", against, f"at least {FASTER:g}", met, cause
        ),
        Result(f"police import on {name}: time over a plain read of the file", reading, "no goal", True),
    ]


def _memory(folder: Path, name: str, url: str, rows: int, warm_up: Path) -> list[Result]:
    archive = write_archive(folder / f"{rows}.zip", rows)
    found = _in_a_process(folder, url, "memory", str(archive), str(warm_up))
    archive.unlink()
    whole = found["loaded"] == rows == found["kept"] and found["loaded_again"] == 0
    met = found["grown_mb"] <= GROWTH_MB and whole
    cause = "" if met else ("rows went missing" if not whole else "memory is not flat")
    said = f"police import of {rows:,} rows on {name}: growth of the process, MB"
    return [Result(said, found["grown_mb"], f"at most {GROWTH_MB:g}", met, cause)]


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
    ratio = 1 / alternate(ours, theirs, rounds=3)
    met = ratio >= SPREADSHEET
    cause = "" if met else "turning every cell into text"
    return Result(
        "spreadsheet: times as fast as openpyxl, read-only", ratio, f"at least {SPREADSHEET:g}", met, cause
    )


def run() -> list[Result]:
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        archive = write_archive(folder / "compared.zip", ROWS, rows_per_month=20_000)
        warm_up = write_archive(folder / "warm-up.zip", 12_000, rows_per_month=6_000, seed=2)
        results.append(_spreadsheet(folder))
        for name, url in _databases().items():
            results += _speed(folder, name, url, archive)
            for rows in LARGE:
                start = time.perf_counter()
                results += _memory(folder, name, url, rows, warm_up)
                sys.stdout.write(f"  ({rows:,} rows twice on {name}: {time.perf_counter() - start:.0f} s)\n")
    return results
