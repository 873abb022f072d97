"""Counts the scan files exactly once, however often it is killed or started twice.

The offset into a file and the counters change in one transaction; a line that is still being written waits.
"""

import logging
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from campaign_pages.venues.codes import normalise
from campaign_pages.venues.models import ScanCount, ScanFile
from campaign_pages.venues.scan_log import RESULTS, VERSION

logger = logging.getLogger(__name__)

BLOCK_BYTES = 8 * 1024 * 1024


class ScanFileShrank(Exception):
    """A scan file is shorter than what was counted of it: somebody swapped it. Nothing of it was counted."""


def count_scans(folder: Path | None = None) -> int:
    """Counts everything new in all scan files, oldest first. Returns the number of lines.

    Raises ScanFileShrank for the first swapped file, after all others were counted.
    """
    folder = folder or settings.VAR_DIR / "scans"
    total = 0
    swapped: list[ScanFileShrank] = []
    for path in sorted(folder.glob("*.scans")):
        try:
            while lines := _count_block(path):
                total += lines
        except ScanFileShrank as error:
            swapped.append(error)
    if swapped:
        raise swapped[0]
    return total


def _count_block(path: Path) -> int:
    ScanFile.objects.get_or_create(name=path.name)
    with transaction.atomic():
        kept = ScanFile.objects.select_for_update().get(name=path.name)
        size = path.stat().st_size
        if size < kept.offset:
            raise ScanFileShrank(f"{path.name} has {size} bytes, but {kept.offset} were counted already.")
        with path.open("rb") as file:
            file.seek(kept.offset)
            block = file.read(BLOCK_BYTES)
        if len(block) == BLOCK_BYTES and b"\n" not in block:
            block = block[:-1] + b"\n"  # no line of ours is that long: pass over it as one malformed line
        block = block[: block.rfind(b"\n") + 1]
        if not block:
            return 0
        counts: Counter[tuple[str, datetime, str]] = Counter()
        lines = malformed = 0
        for line in block.split(b"\n")[:-1]:
            lines += 1
            cell = _cell(line)
            if cell is None:
                malformed += 1
            else:
                counts[cell] += 1
        _add(counts)
        ScanFile.objects.filter(name=path.name).update(
            offset=F("offset") + len(block), lines=F("lines") + lines, malformed=F("malformed") + malformed
        )
    return lines


def _cell(line: bytes) -> tuple[str, datetime, str] | None:
    parts = line.decode("ascii", "replace").split(" ")
    if (
        len(parts) != 4
        or parts[0] != VERSION
        or parts[3] not in RESULTS
        or not re.fullmatch(r"[0-9]{1,12}", parts[2])
    ):
        return None
    code = "" if parts[1] == "-" else normalise(parts[1])
    seconds = int(parts[2])
    if code is None or seconds > 4_102_444_800:  # the year 2100
        return None
    return code, datetime.fromtimestamp(seconds - seconds % 3600, UTC), parts[3]


def _add(counts: Counter[tuple[str, datetime, str]]) -> None:
    """Adds to the counters, making missing ones; one statement for each cell, the same on both databases."""
    table = connection.ops.quote_name(ScanCount._meta.db_table)
    statement = (
        f"INSERT INTO {table} (code, hour, result, count) VALUES (%s, %s, %s, %s) "  # noqa: S608 - the table's own name
        f"ON CONFLICT (code, hour, result) DO UPDATE SET count = {table}.count + excluded.count"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                (code, connection.ops.adapt_datetimefield_value(hour), result, number)
                for (code, hour, result), number in sorted(counts.items())
            ],
        )
