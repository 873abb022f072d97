"""An analysis as rows that can be written down: the same result has the same bytes."""

import math
from typing import Any

import numpy as np

from analytics.statistics.covariance import Errors
from analytics.statistics.fitting import Fit
from analytics.statistics.imputation import Imputed
from analytics.statistics.permutation import PermutationTest
from analytics.statistics.wild import WildTest

HISTOGRAM_BINS = 30
SAME_DRAW = 1e-12  # relative: draws that differ by less differ by rounding
STRICTEST_FIRST = ("cv3", "jackknife", "crv1", "newey_west", "quasi", "model", "placebo")


def rounded(value: Any) -> Any:
    """Floats to ten significant digits, not-a-number to None, so that the same result has the same bytes."""
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if isinstance(value, np.floating | float):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    return value


def imputation_json(imputed: Imputed | None) -> dict[str, Any] | None:
    """Observed against expected, for on/off exposures and counts."""
    if imputed is None or imputed.family in ("gaussian", "log_gaussian"):
        return None
    half = imputed.errors.critical() * float(imputed.errors.se[0])
    return {
        "irr": imputed.ratio,
        "ci": [math.exp(imputed.log_ratio - half), math.exp(imputed.log_ratio + half)],
        "observed": imputed.observed,
        "expected": imputed.expected,
        "cells": imputed.cells,
        "without_comparison": imputed.without_comparison,
    }


def interval_of(value: float, errors: Errors, position: int = 0) -> tuple[float, float]:
    """95 % interval on the scale of the coefficient."""
    half = errors.critical() * float(errors.se[position])
    return value - half, value + half


def permutation_json(test: PermutationTest | None) -> dict[str, Any] | None:
    """The test of the first exposure and its draws as a histogram."""
    if test is None:
        return None
    finite = test.null[np.isfinite(test.null)]
    if len(finite) and np.ptp(finite) <= SAME_DRAW * np.abs(finite).max():
        finite = np.full_like(finite, finite[0])  # one value but for rounding: too narrow to be cut into bins
    counts, edges = np.histogram(finite, bins=HISTOGRAM_BINS)
    null = {"counts": counts.tolist(), "edges": edges.tolist(), "observed": test.statistic}
    return {"draws": test.draws, "distinct": test.distinct, "statistic": test.statistic, "null": null}


def estimate_rows(
    fitted: Fit, errors: dict[str, Errors], permutations: dict[int, PermutationTest], wild: dict[int, WildTest], names: list[str]
) -> list[dict[str, Any]]:  # fmt: skip
    """One row for each exposure: coefficient, ratio, and by method its error, interval and p."""
    exponential = fitted.family != "gaussian"
    rows = []
    for j, name in enumerate(names):
        beta = float(fitted.beta[j])
        row: dict[str, Any] = {"exposure": name, "coef": beta, "ratio": math.exp(beta) if exponential else None}
        row |= {"se": {}, "ci": {}, "p": {}}
        for method, error in errors.items():
            row["se"][method] = float(error.se[j])
            ends = interval_of(beta, error, j)
            row["ci"][method] = [_exp(end) if exponential else end for end in ends]
            row["p"][method] = float(error.p(fitted.beta)[j])
        for method, tests in (("permutation", permutations), ("wild", wild)):
            if j in tests:
                row["p"][method] = tests[j].p
        rows.append(row)
    return rows


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def headline_method(estimates: list[dict[str, Any]]) -> str | None:
    """The strictest method that was worked out; of one series' methods the one with the wider interval."""
    if not estimates:
        return None
    errors = estimates[0]["se"]
    found = next((method for method in STRICTEST_FIRST if method in errors), None)
    if found == "newey_west":
        return max(
            (method for method in ("newey_west", "quasi", "model") if method in errors),
            key=lambda name: errors[name],
        )
    return found


def said_method(rows: list[dict[str, Any]], errors: dict[str, Errors]) -> str | None:
    """The headline's method by its full name: "cv3_one_step" where cv3 had too many clusters to refit without each."""
    method = headline_method(rows)
    return errors[method].method if method == "cv3" and method in errors else method


def interval_by(row: dict[str, Any], method: str | None) -> tuple[float | None, float | None]:
    """A row's interval by a method as ``said_method`` names it; (None, None) without one."""
    low, high = row.get("ci", {}).get("cv3" if method == "cv3_one_step" else method, (None, None))
    return low, high


def headline(
    estimates: list[dict[str, Any]], counts: bool, method: str | None = None
) -> tuple[float | None, float | None, float | None]:
    """Ratio and interval of the first exposure by ``method``, else by the strictest one."""
    if not estimates or not counts:
        return None, None, None
    first, method = estimates[0], method or headline_method(estimates)
    if method is None:
        return first["ratio"], None, None
    return first["ratio"], first["ci"][method][0], first["ci"][method][1]


def difference_sentence(row: dict[str, Any], method: str | None) -> str:
    """What a model of differences (or of logs) found, in words: verdict words are for counts."""
    size, unit = (row["coef"], "difference") if row["ratio"] is None else (row["ratio"], "ratio")
    words = f"The estimate is a {unit} of {size:.4g}"
    low, high = interval_by(row, method)
    if low is not None and high is not None:
        words += f" (95 % interval {low:.4g} to {high:.4g})"
    return words + "."
