"""An archive of invented street files of any size, in the proportions of real ones. Deterministic, flat memory."""

import hashlib
import random
import zipfile
from io import TextIOWrapper
from pathlib import Path

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
KINDS = (
    "Violence and sexual offences",
    "Shoplifting",
    "Public order",
    "Vehicle crime",
    "Burglary",
    "Drugs",
    "Robbery",
)
WITHOUT_REFERENCE = 0.123  # anti-social behaviour, in 31 months of Leicestershire
WITHOUT_PLACE = 0.023
SAME_AGAIN = 0.24  # of the rows without a reference, those that repeat one of them to the letter
FORCE = "Synthetic Police"


def write_archive(path: Path, rows: int, *, rows_per_month: int = 50_000, seed: int = 1) -> Path:
    """A .zip of one file per month and force, ``rows`` in all; its references are invented and marked synthetic by force."""
    dice = random.Random(seed)
    points = [(f"{-1.5 + dice.random():.6f}", f"{52.4 + dice.random() * 0.5:.6f}", n % 611) for n in range(20_000)]
    draft = path.with_suffix(".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, start in enumerate(range(0, rows, rows_per_month)):
            month = f"{2001 + number % 300 // 12}-{number % 12 + 1:02d}"
            force = f"{FORCE} {number // 300 + 1}"
            with (
                archive.open(f"{month}/{month}-{force.replace(' ', '-').lower()}-street.csv", "w") as raw,
                TextIOWrapper(raw, encoding="utf-8", newline="") as text,
            ):
                text.write(f"{HEADER}\r\n")
                last = ""
                for n in range(start, min(start + rows_per_month, rows)):
                    last = _row(n, month, force, dice, points, last)
                    text.write(last)
    return draft.replace(path)


def _row(
    n: int, month: str, force: str, dice: random.Random, points: list[tuple[str, str, int]], last: str
) -> str:
    if dice.random() < WITHOUT_REFERENCE:
        if last.startswith(",") and dice.random() < SAME_AGAIN:
            return last
        reference, kind = "", "Anti-social behaviour"
    else:
        reference, kind = hashlib.sha256(b"%d" % n).hexdigest(), dice.choice(KINDS)
    place = ",,No Location,,"
    if dice.random() >= WITHOUT_PLACE:
        lon, lat, area = dice.choice(points)
        place = (
            f"{lon},{lat},On or near Synthetic Street,E0199{area:04d},Synthetic {area // 5:03d}{'ABCDE'[area % 5]}"
        )
    return f"{reference},{month},{force},{force},{place},{kind},Under investigation,\r\n"
