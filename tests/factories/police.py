"""Small police files made on the spot."""

import csv
from pathlib import Path

NICHE_HEADER = (
    "Crime No", "HO Offence", "From Date", "From Time", "To Date", "To Time", "Recorded", "X", "Y", "Loc Type",
    "PP Flag", "DA", "Beat", "NPA", "District", "Status", "Extract Date",
)  # fmt: skip
PERSON_HEADER = tuple(
    f"{role} {part}" for role in ("Victim", "Suspect") for part in ("No", "Age", "Age Band", "Sex", "NPA", "LSOA")
)
STREET_HEADER = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
    "LSOA name", "Crime type", "Last outcome category", "Context",
)  # fmt: skip


def niche_row(number: int = 1, **changes: str) -> dict[str, str]:
    row = dict(zip(NICHE_HEADER, [""] * len(NICHE_HEADER), strict=True))
    row |= {
        "Crime No": f"24*{number:06d}",
        "HO Offence": "8N",
        "From Date": "15/06/2024",
        "From Time": "23:30",
        "Recorded": "16/06/2024 09:00",
        "X": "458700",
        "Y": "304500",
        "Loc Type": "hospitality",
        "PP Flag": "Y",
        "DA": "N",
        "Beat": "LE1",
        "NPA": "Central",
        "District": "Leicester",
        "Status": "Recorded",
    }
    unknown = changes.keys() - row.keys() - set(PERSON_HEADER)
    assert not unknown, unknown
    return row | changes


def street_row(**changes: str) -> dict[str, str]:
    row = dict(zip(STREET_HEADER, [""] * len(STREET_HEADER), strict=True))
    row |= {
        "Month": "2021-05",
        "Reported by": "Leicestershire Police",
        "Falls within": "Leicestershire Police",
        "Longitude": "-1.130000",
        "Latitude": "52.630000",
        "Location": "On or near High Street",
        "LSOA code": "E01013700",
        "LSOA name": "Leicester 041E",
        "Crime type": "Anti-social behaviour",
    }
    return row | {key.replace("_", " "): value for key, value in changes.items()}


def write_rows(
    path: Path, rows: list[dict[str, str]], *, header: tuple[str, ...] = NICHE_HEADER, **dialect: str
) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, **dialect)
        writer.writerow(header)
        writer.writerows([row.get(name, "") for name in header] for row in rows)
    return path
