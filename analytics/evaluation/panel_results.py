"""An analysis as rows that can be written down: the same result has the same bytes."""

import math
from typing import Any

import numpy as np

from analytics.statistics.covariance import Errors
from analytics.statistics.fitting import Fit
from analytics.statistics.imputation import Imputed
from analytics.statistics.permutation import PermutationTest

BINS = 30


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


def permutation_json(test: PermutationTest | None) -> dict[str, Any] | None:
    """The design test with its draws as a histogram."""
    if test is None:
        return None
    counts, edges = np.histogram(test.null, bins=BINS)
    null = {"counts": counts.tolist(), "edges": edges.tolist(), "observed": test.statistic}
    return {"draws": test.draws, "distinct": test.distinct, "statistic": test.statistic, "null": null}


def imputation_json(imputed: Imputed | None) -> dict[str, Any] | None:
    """Observed against expected, for on/off exposures."""
    if imputed is None:
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


def estimate_rows(
    fitted: Fit | None, errors: dict[str, Errors], test: PermutationTest | None, names: list[str]
) -> list[dict[str, Any]]:
    """One row for each exposure: coefficient, ratio, and by method its error, interval and p."""
    if fitted is None:
        return []
    exponential = fitted.family != "gaussian"
    rows = []
    for j, name in enumerate(names):
        beta = float(fitted.beta[j])
        row: dict[str, Any] = {"exposure": name, "coef": beta, "ratio": math.exp(beta) if exponential else None}
        row |= {"se": {}, "ci": {}, "p": {}}
        for method, error in errors.items():
            se, half = float(error.se[j]), error.critical() * float(error.se[j])
            row["se"][method] = se
            ends = [beta - half, beta + half]
            row["ci"][method] = [math.exp(end) for end in ends] if exponential else ends
            row["p"][method] = float(error.p(fitted.beta)[j])
        if test is not None and j == 0:
            row["p"]["permutation"] = test.p
        rows.append(row)
    return rows


def headline_method(errors: dict[str, Errors]) -> str | None:
    """The strictest method that was worked out."""
    return next((method for method in ("cv3", "crv1", "newey_west", "quasi", "model") if method in errors), None)


def headline(estimates: list[dict[str, Any]], counts: bool) -> tuple[float | None, float | None, float | None]:
    """Ratio and interval of the first exposure by the strictest method at hand."""
    if not estimates or not counts:
        return None, None, None
    first = estimates[0]
    method = next((name for name in ("cv3", "crv1", "newey_west", "quasi", "model") if name in first["ci"]), None)
    if method is None:
        return first["ratio"], None, None
    return first["ratio"], first["ci"][method][0], first["ci"][method][1]
