"""An attacker's script: every published file against every other, by linear programming. Knows no product code.

    python -m tests.verification.published_tables_attack FOLDER [FOLDER …]

Give it folders of published tables, of one or both tiers, of one or several publications. It knows the printed
rules, every sum between rows, that two tables of one period have one total, and that counts are not negative.
It prints each small cell that it narrows down further than its label, and each cell that changed.
"""

import csv
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy
from scipy.optimize import linprog

ALL, SLACK = "All", 1e-6
Cell = tuple[str, ...]  # series, synthetic, period, then (table, label, …); totals: (total)


@dataclass(frozen=True)
class Finding:
    cell: Cell
    what: str
    low: float = 0
    high: float = float("inf")


def read(folders):
    """{tier: {cell: {texts}}} of every file."""
    found = defaultdict(lambda: defaultdict(set))
    for folder in folders:
        for path in sorted(Path(folder).glob("*.csv")):
            match = re.fullmatch(r"(.+?)-(by-.+)-(public|partner)(-synthetic)?\.csv", path.name)
            assert match, path.name
            series, table, tier, mark = match.groups()
            with path.open(newline="", encoding="utf-8") as stream:
                for row in csv.DictReader(stream):
                    labels = [
                        value
                        for name, value in row.items()
                        if name not in ("period_from", "period_to", "offences", "synthetic", "marking")
                    ]
                    place = ("total",) if set(labels) == {ALL} else (table, *labels)
                    cell = (series, mark or "", row["period_from"], *place)
                    found[tier][cell].add(row["offences"])
    return found


def says(tier, text):
    """(low, high) that a printed cell says by itself."""
    if text == "<5":
        return 1, 4
    if text == "fewer than 10":
        return 0, 9
    if text == "not shown":
        return 0, None
    number = int(text)
    return (number, number) if tier == "partner" else (max(number - 2, 10), number + 2)


def sums_between(cells):
    """[(total, parts)]: whole tables, and rows and columns of tables with two labels."""
    groups = defaultdict(set)
    for cell in cells:
        period, place = cell[:3], cell[3:]
        if place == ("total",):
            continue
        table, *labels = place
        if len(labels) == 1:
            groups[(*period, "total"), table].add(cell)
            continue
        for axis in (0, 1):
            if labels[axis] == ALL:
                groups[(*period, "total"), (table, axis)].add(cell)
            elif labels[1 - axis] != ALL:
                total = [ALL, ALL]
                total[1 - axis] = labels[1 - axis]
                groups[(*period, table, *total), (table, axis, "line")].add(cell)
    return [(total, sorted(parts)) for (total, _), parts in groups.items()]


def ranges(bounds, sums, wanted):
    """Least and greatest value of each wanted cell, period by period (periods share no cell)."""
    found = {}
    for period in sorted({cell[:3] for cell in wanted}):
        keys = [cell for cell in bounds if cell[:3] == period]
        place = {cell: n for n, cell in enumerate(keys)}
        own = [(total, parts) for total, parts in sums if total in place]
        matrix = numpy.zeros((len(own), len(keys)))
        for row, (total, parts) in enumerate(own):
            matrix[row, place[total]] = -1
            for part in parts:
                matrix[row, place[part]] += 1
        limits = [bounds[cell] for cell in keys]
        for cell in wanted:
            if cell[:3] != period:
                continue
            ends = []
            for sign in (1, -1):
                aim = numpy.zeros(len(keys))
                aim[place[cell]] = sign
                result = linprog(aim, A_eq=matrix, b_eq=numpy.zeros(len(own)), bounds=limits, method="highs")
                assert result.status in (0, 3), f"{cell}: {result.message}"
                ends.append(sign * result.fun if result.status == 0 else float("inf"))
            found[cell] = tuple(ends)
    return found


def attack(folders):
    """(findings, number of cells without a number that were attacked)."""
    published = read(folders)
    findings = [
        Finding(cell, f"changed between publications ({tier}): {sorted(texts)}")
        for tier, cells in published.items()
        for cell, texts in cells.items()
        if len(texts) > 1
    ]
    attacked = 0
    for tier in published:
        readable = ["public"] if tier == "public" else ["public", "partner"]  # partners read the public ones too
        bounds = {}
        for each in readable:
            for cell, texts in published.get(each, {}).items():
                for text in texts:
                    low, high = says(each, text)
                    before = bounds.get(cell, (0, None))
                    highs = [value for value in (before[1], high) if value is not None]
                    bounds[cell] = (max(before[0], low), min(highs) if highs else None)
        if any(high is not None and low > high for low, high in bounds.values()):
            continue  # contradictions between versions: reported above
        hidden = {cell: text for cell, texts in published[tier].items() for text in texts if not text.isdigit()}
        attacked += len(hidden)
        for cell, (low, high) in ranges(bounds, sums_between(bounds), hidden).items():
            wanted = says(tier, hidden[cell])
            if hidden[cell] != "not shown":
                if low > wanted[0] + SLACK or high < wanted[1] - SLACK:
                    findings.append(Finding(cell, f"{tier}: {hidden[cell]!r} narrowed down", low, high))
            elif high - low < 1 - SLACK:
                findings.append(Finding(cell, f"{tier}: hidden cell recovered", low, high))
    return findings, attacked


if __name__ == "__main__":
    results, count = attack(sys.argv[1:])
    lines = [f"{' | '.join(each.cell)} {each.what} {each.low:g} to {each.high:g}" for each in results]
    lines.append(f"{count} cells without a number attacked, {len(results)} given away")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(1 if results else 0)
