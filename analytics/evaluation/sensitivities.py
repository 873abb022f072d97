"""The same model asked otherwise: rings, placebos, other exposures, other dates, and every choice at once.

All of it stands on one panel's units, weeks and clusters; only outcome or exposure is exchanged. None of it moves the
verdict, except placebo outcomes (R10).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analytics.evaluation.panel_analysis import Ratio, ratio_of
from analytics.evaluation.panel_cells import Panel, PanelError
from analytics.evaluation.panel_spec import PanelSpec
from analytics.measures.catalogue import measure_named
from analytics.panel import LEVELS, PanelTable, unit_exposures
from analytics.police_data.counting import banded_counts
from analytics.police_data.matching import BANDS
from analytics.police_data.selection import NIGHT_RULES, NoSuchData
from analytics.reach.venue_weeks import VenueWeek
from analytics.statistics.carry_over import carried_over as stock_of
from analytics.statistics.fitting import NotIdentified
from analytics.statistics.fixed_effects import Array, DoesNotConverge
from analytics.statistics.multiplicity import holm

RINGS = {"0-150": (0, 150), "150-300": (150, 300), "300-600": (300, 600), "net": (0, 600)}  # metres
RADII = (100, 150, 250)
CARRY_OVERS = (0.0, 0.5, 0.8)
SHIFTS = (-26, -52)  # weeks
NORMAL_95 = 1.959963984540054
Counts = dict[tuple[str, str], float]


@dataclass(frozen=True)
class Base:
    """The panel's known cells in order of unit and week, and what is needed to exchange a column.

    ``reach``: of the kept weeks. ``spec``: the plan's model without permutation. ``raw``: exposure by (unit, week) before
    any carry-over. ``carry_over``: the plan's share of last week's exposure that is still felt.
    """

    panel: Panel
    unit: Array
    week: Array
    weeks: list[str]
    unit_of: dict[str, str]
    reach: list[VenueWeek]
    spec: PanelSpec
    raw: dict[tuple[str, str], float | None]
    carry_over: float = 0.0

    @property
    def cells(self) -> list[tuple[str, str]]:
        return list(zip(self.unit.tolist(), self.week.tolist(), strict=True))

    def outcome(self, counts: Counts) -> Array:
        """Counts by (venue, week) summed into the cells; what lies outside them is left out."""
        sums: Counts = {}
        for (venue, week), many in counts.items():
            unit = self.unit_of.get(venue)
            if unit is not None:
                sums[unit, week] = sums.get((unit, week), 0.0) + many
        return np.array([sums.get(cell, 0.0) for cell in self.cells])

    def stock(self, share: float, values: dict[tuple[str, str], float | None] | None = None) -> Array:
        """Exposure with a share of last week's still felt, scaled to stay between 0 and 1; NaN where not known."""
        return carried_over(self.raw if values is None else values, self.weeks, self.cells, share)

    def ratio(
        self, *, outcome: Array | None = None, exposure: Array | None = None, keep: np.ndarray | None = None,
        exact: bool = True,
    ) -> Ratio:  # fmt: skip
        """Fits with a column exchanged. Raises PanelError, NotIdentified, DoesNotConverge."""
        panel = self.panel
        x = next(iter(panel.exposures.values())) if exposure is None else exposure
        there = ~np.isnan(x) if keep is None else keep & ~np.isnan(x)
        if not there.any() or np.ptp(x[there]) == 0:
            raise PanelError("The exposure does not vary.")
        columns: dict[str, Any] = {
            name: None if (column := getattr(panel, name)) is None else np.asarray(column)[there]
            for name in ("time", "unit", "cluster", "area")
        }
        y = panel.outcome if outcome is None else outcome
        made = replace(panel, outcome=y[there], exposures={"exposure": x[there]}, **columns)
        return ratio_of(made, self.spec, exact=exact)


def carried_over(
    values: dict[tuple[str, str], float | None], weeks: list[str], cells: list[tuple[str, str]], share: float
) -> Array:
    """Exposure by (unit, week) carried over, in the order of ``cells``; NaN where the week's own is not known."""
    units = sorted({unit for unit, _ in cells})
    own = np.array([[values.get((unit, week)) for week in weeks] for unit in units], dtype=float)  # None: nan
    stock = stock_of(own.reshape(len(units), len(weeks)), share)
    row, column = ({name: n for n, name in enumerate(names)} for names in (units, weeks))
    return np.array([stock[row[unit], column[week]] if week in column else np.nan for unit, week in cells])


def tried(attempt: Callable[[], Ratio]) -> dict[str, Any]:
    """The ratio as a row, or why there is none."""
    try:
        found = attempt()
    except (PanelError, NotIdentified, DoesNotConverge, NoSuchData) as error:
        return {"irr": None, "ci_low": None, "ci_high": None, "p": None, "problem": str(error)}
    return {
        "irr": found.ratio, "ci_low": found.low, "ci_high": found.high, "p": found.p, "events": found.events,
    }  # fmt: skip


def _with_holm(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = [row for row in rows if row["p"] is not None]
    for row, adjusted in zip(known, holm([row["p"] for row in known]), strict=True):
        row["p_holm"] = adjusted
    return rows


def within(banded: dict[str, Counts], low: int, high: int) -> Counts:
    """Counts of the bands that lie from ``low`` to ``high`` metres."""
    total: Counts = {}
    starts = dict(zip(BANDS, (0, *BANDS), strict=False))
    for end, band in BANDS.items():
        if starts[end] >= low and end <= high:
            for key, many in banded[band].items():
                total[key] = total.get(key, 0.0) + many
    return total


def placebo_outcomes(
    base: Base,
    placebos: tuple[str, ...],
    radius_m: float,
    main: float | None,
    counted: Callable[[str], dict[str, Counts]],
) -> list[dict[str, Any]]:
    """Outcomes that the campaign cannot move, p after Holm. ``main``: the headline's ratio, for the sign (R10)."""
    rows = []
    for name in placebos:
        title = measure_named(name).title

        def attempt(measure: str = name) -> Ratio:
            return base.ratio(outcome=base.outcome(within(counted(measure), 0, int(radius_m))))

        row = {"measure": name, "title": title, **tried(attempt)}
        row["same_sign"] = main is not None and row["irr"] is not None and (row["irr"] < 1) == (main < 1)
        rows.append(row)
    return _with_holm(rows)


def same_sign_p(placebos: list[dict[str, Any]]) -> float | None:
    """R10 looks at placebo outcomes that moved the same way; one that moved the other way is in the table."""
    known = [row for row in placebos if row["p"] is not None]
    if not known:
        return None
    return min((row["p_holm"] for row in known if row["same_sign"]), default=1.0)


def rings(base: Base, banded: dict[str, Counts]) -> list[dict[str, Any]]:
    """Here, next door, farther, and all together: what is prevented at the door may only have moved."""
    found = []
    for name, (low, high) in RINGS.items():
        outcome = base.outcome(within(banded, low, high))
        row = tried(lambda outcome=outcome: base.ratio(outcome=outcome))  # type: ignore[misc]
        found.append({"ring": name, **row, "events": float(outcome.sum())})
    return found


def placebo_dates(base: Base) -> list[dict[str, Any]]:
    """Every start moved half a year and a year earlier, on weeks before the true start only: nothing should be found."""
    x = next(iter(base.panel.exposures.values()))
    order = {week: n for n, week in enumerate(base.weeks)}
    at = np.array([order[week] for week in base.week.tolist()])
    names = np.unique(base.unit, return_inverse=True)[1]
    start = np.full(int(names.max()) + 1, len(base.weeks))
    np.minimum.at(start, names[x > 0], at[x > 0])
    table = np.zeros((len(start), len(base.weeks)))
    table[names, at] = np.where(np.isnan(x), 0.0, x)
    found = []
    for shift in SHIFTS:
        later = at - shift
        moved = np.where(later < len(base.weeks), table[names, np.minimum(later, len(base.weeks) - 1)], 0.0)
        keep = at < start[names]
        row = tried(lambda moved=moved, keep=keep: base.ratio(exposure=moved, keep=keep))  # type: ignore[misc]
        found.append({"shift_weeks": shift, **row})
    return found


def secondary_exposures(base: Base, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each in a model of its own, carried over as the plan's exposure is, p after Holm.

    Counts are scaled to the mean of the weeks that have any, before they are carried: 1 is such a week, kept up.
    """
    rows = []
    for name in names:
        values = unit_exposures(base.reach, name, base.unit_of)
        x, own = base.stock(base.carry_over, values), base.stock(0.0, values)
        if not name.endswith("_share") and (own > 0).any():
            x = x / np.nanmean(own[own > 0])
        rows.append({"exposure": name, **tried(lambda x=x: base.ratio(exposure=x))})  # type: ignore[misc]
    return _with_holm(rows)


def reach_range(base: Base, names: tuple[str, ...]) -> dict[str, Any] | None:
    """The low and the high figure of reach in place of the middle one, all carried over as the plan's exposure is.

    None where the plan looks at no reach that has a range.
    """
    name = next((each for each in names if each == "likely_seen_share"), None)
    if name is None:
        return None
    found: dict[str, Any] = {"exposure": name}
    for level in LEVELS:
        x = base.stock(base.carry_over, unit_exposures(base.reach, name, base.unit_of, level))
        found[level] = tried(lambda x=x: base.ratio(exposure=x))  # type: ignore[misc]
    return found


def multiverse(base: Base, counted: Callable[[str], dict[str, Counts]], *, rules: bool) -> list[dict[str, Any]]:
    """Time rule x radius x carry-over, intervals by the one-step jackknife. ``rules``: whether ranges of time matter."""
    found = []
    for time_rule in NIGHT_RULES if rules else ("aoristic",):
        banded = counted(time_rule)
        for radius in RADII:
            outcome = base.outcome(within(banded, 0, radius))
            for share in CARRY_OVERS:
                x = base.stock(share)
                row = tried(lambda y=outcome, x=x: base.ratio(outcome=y, exposure=x, exact=False))  # type: ignore[misc]
                found.append({"time_rule": time_rule, "radius_m": radius, "carry_over": share, **row})
    return found


def base_of(
    panel: Panel, table: PanelTable, reach: list[VenueWeek], weeks: list[str], spec: PanelSpec, carry_over: float
) -> Base:
    """``panel`` must be the known cells of ``table``, in its order, with its exposure carried over by ``carry_over``."""
    raw = unit_exposures(reach, table.exposure, table.unit_of)
    unit, week = np.asarray(panel.unit), np.asarray(panel.time)
    return Base(panel, unit, week, weeks, table.unit_of, reach, spec, raw, carry_over)


def counter(
    measure: str, *, from_week: str, to_week: str, data: str, by: str = "rule", rule: str = "aoristic"
) -> Callable[[str], dict[str, Counts]]:
    """Reads counts once for each time rule (``by`` rule) or for each measure (``by`` measure)."""
    seen: dict[str, dict[str, Counts]] = {}

    def counted(name: str) -> dict[str, Counts]:
        if name not in seen:
            what = {"measure": measure, "rule": name} if by == "rule" else {"measure": name, "rule": rule}
            seen[name] = banded_counts(from_week=from_week, to_week=to_week, data=data, **what)
        return seen[name]

    return counted


def shrunken(result: dict[str, Any], prior_sd: float) -> dict[str, Any] | None:
    """The estimate drawn towards no effect by a prior log rate ratio ~ Normal(0, prior_sd squared). None without one.

    A reading aid: the error is that of the printed interval as a normal one, and no rule and no verdict looks at it.
    """
    rows = result["estimates"]
    low, high = rows[0]["ci"].get("cv3", (None, None)) if rows else (None, None)
    if low is None or high is None or not 0 < low < high < np.inf:
        return None
    error = float(np.log(high / low)) / (2 * NORMAL_95)
    kept = prior_sd**2 / (prior_sd**2 + error**2)
    middle, half = kept * float(np.log(rows[0]["ratio"])), NORMAL_95 * error * kept**0.5
    return {
        "prior_sd": prior_sd, "irr": float(np.exp(middle)), "ci_low": float(np.exp(middle - half)),
        "ci_high": float(np.exp(middle + half)), "weight_of_the_data": kept,
    }  # fmt: skip
