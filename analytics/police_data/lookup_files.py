"""Lookups between LSOAs of two censuses, as the Office for National Statistics publishes them.

Two files are of use, both from the Open Geography portal ("LSOA (2011) to LSOA (2021) to Local Authority District
(2022)"): the exact fit, with a row for each pair and a change indicator (CHGIND: U, S, M or X), and the best fit, with one
row for each older LSOA and no indicator. Load both: the exact one says what is certain, the other is used for X only.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from analytics.models import AreaLookup

CHANGE_COLUMNS = ("chgind", "chngind", "change", "change_indicator", "change_code")
BEST_FIT_COLUMNS = ("best_fit", "bestfit")
CHANGES = {"U": "unchanged", "S": "split", "M": "merged", "X": "irregular"}
YES = frozenset({"y", "yes", "true", "1"})
COMPARED = ("change", "best_fit", "to_name")
BATCH = 1000


class UnfitLookup(ValueError):
    """A row that cannot be used; the message names the line, the field and what to do."""


@dataclass(frozen=True)
class LookupColumns:
    """Names of the columns as the file writes them, and the two vintages."""

    older: str
    newer: str
    older_vintage: str
    newer_vintage: str
    newer_name: str = ""
    change: str = ""
    best_fit: str = ""

    @classmethod
    def of(cls, header: dict[str, str], lsoas: list[tuple[str, str]]) -> "LookupColumns":
        """``header``: column by its small letters; ``lsoas``: (small letters, vintage) of the LSOA codes."""
        (older, older_vintage), (newer, newer_vintage) = sorted(lsoas, key=lambda each: each[1])[:2]
        stem = re.sub(r"_?(code|cd)$", "", newer)

        def first(*names: str) -> str:
            return next((header[name] for name in names if name in header), "")

        return cls(
            header[older], header[newer], older_vintage, newer_vintage, first(f"{stem}_name", f"{stem}nm"),
            first(*CHANGE_COLUMNS), first(*BEST_FIT_COLUMNS),
        )  # fmt: skip


def load_lookup(rows: list[dict[str, str]], columns: LookupColumns, *, best_fit_file: bool) -> tuple[int, int]:
    """Writes the pairs; returns how many are new and how many best fits there are now. Raises UnfitLookup."""
    links = _links(rows, columns, best_fit_file=best_fit_file or not (columns.change or columns.best_fit))
    vintages = {"from_vintage": columns.older_vintage, "to_vintage": columns.newer_vintage}
    there = {(each.from_code, each.to_code): each for each in AreaLookup.objects.filter(**vintages)}
    fitted = {link.from_code for link in links.values() if link.best_fit}
    made, changed = [], []
    for pair, link in links.items():
        known = there.pop(pair, None)
        if known is None:
            made.append(link)
            continue
        link.change = link.change if columns.change else known.change or link.change
        link.best_fit = link.best_fit or (known.best_fit and link.from_code not in fitted)
        link.to_name = link.to_name or known.to_name
        if any(getattr(link, name) != getattr(known, name) for name in COMPARED):
            link.pk = known.pk
            changed.append(link)
    for known in there.values():  # a best fit that this file sees elsewhere
        if known.best_fit and known.from_code in fitted:
            known.best_fit = False
            changed.append(known)
    AreaLookup.objects.bulk_create(made, batch_size=BATCH)
    AreaLookup.objects.bulk_update(changed, COMPARED, batch_size=BATCH)
    return len(made), len(fitted)


def _links(
    rows: list[dict[str, str]], columns: LookupColumns, *, best_fit_file: bool
) -> dict[tuple[str, str], AreaLookup]:
    found: dict[tuple[str, str], AreaLookup] = {}
    partners: dict[str, list[int]] = defaultdict(list)
    for line, row in enumerate(rows, start=2):
        older, newer = (_code(row, name, line) for name in (columns.older, columns.newer))
        change = _change(row, columns.change, line)
        best = best_fit_file or (row.get(columns.best_fit) or "").strip().casefold() in YES
        if best_fit_file and not change and older == newer:
            change = CHANGES["U"]  # codes are given anew whenever an area changes
        if best:
            partners[older].append(line)
        found[older, newer] = AreaLookup(
            from_code=older, from_vintage=columns.older_vintage, to_code=newer, to_vintage=columns.newer_vintage,
            change=change, best_fit=best, to_name=(row.get(columns.newer_name) or "").strip()[:120],
        )  # fmt: skip
    for older, lines in partners.items():
        if len(lines) > 1:
            raise UnfitLookup(
                f"line {lines[1]}: {older} stands on line {lines[0]} too. A best fit names one area for each; a file "
                "that names all of them needs the column CHGIND of the exact fit"
            )
    return found


def _code(row: dict[str, str], column: str, line: int) -> str:
    code = (row.get(column) or "").strip()
    if not code:
        raise UnfitLookup(f"line {line}, field {column}: there is no code")
    if len(code) > 12:
        raise UnfitLookup(f"line {line}, field {column}: {code[:20]!r} is not an area's code")
    return code


def _change(row: dict[str, str], column: str, line: int) -> str:
    if not column:
        return ""
    said = (row.get(column) or "").strip()
    change = said.casefold() if said.casefold() in CHANGES.values() else CHANGES.get(said.upper())
    if change is None:
        raise UnfitLookup(f"line {line}, field {column}: {said[:20]!r} is none of U, S, M and X")
    return change
