"""A result with every part that a report can show, so that reports are tested before and apart from the engine."""

import copy
import hashlib
import json
from typing import Any

from django.utils import timezone

from analytics.models import EvaluationRun, ResultSignature
from campaign_pages.accounts.models import User

WEEKS = [f"2023-W{n:02}" for n in range(14, 44)]
_RULES = [
    ("R1", False, "the plan was locked before outcomes came in", "exploratory"),
    ("R2", False, "30 periods, the middle exposed unit has 14 before; at least 26 and 12", "refused"),
    ("R3", False, "27 units with varying reach, 27 clusters, over 1,000,000 arrangements", "descriptive_only"),
    ("R4", False, "1840 events, 611 in exposed cells, 702.3 expected there", "refused"),
    ("R5", False, "61.2 % of the exposure varies apart from place and week", "refused"),
    ("R6", False, "only a rate ratio of 0.78 or less could have been seen", "cannot_tell"),
    ("R7", None, "not applicable", "refused"),
    ("R8", False, "recorded offences are complete enough", "refused"),
    ("R9", False, "future reach against past assaults: p = 0.4120", "cannot_attribute"),
    ("R10", False, "placebo outcomes show nothing", "cannot_attribute"),
    ("R11", False, "1,840 events in units, 1,840 unique", "error"),
    ("R12", False, "the largest cluster holds 11.2 % of the information", "cannot_tell"),
    ("R13", False, "the interval excludes 1, permutation p = 0.0031", "cannot_tell"),
    ("R14", False, "imputation gives 0.79, the two-way fit 0.81", "note"),
]  # fmt: skip


def _size(irr: float, wide: float = 1.2) -> dict[str, float]:
    return {"irr": irr, "ci_low": irr / wide, "ci_high": irr * wide}


def sample_result(
    *, verdict: str = "fewer", grade: int = 3, fires: tuple[str, ...] = (), **changes: Any
) -> dict[str, Any]:
    """A whole result, synthetic. ``fires``: codes of rules that fire; ``changes``: keys of diagnostics, None removes."""
    sentence = {
        "fewer": "Places and weeks with more Walk Away activity had 21% fewer recorded assaults (95% CI 10% to 31%) than "
        "the same places in other weeks, after removing area-wide weekly changes. Evidence grade 3/5. This does not show "
        "that the campaign caused it.",
        "cannot_tell": "We cannot tell (R6: only a rate ratio of 0.49 or less could have been seen).",
        "cannot_attribute": "We cannot say that the campaign had anything to do with it (R9: p = 0.0001).",
    }.get(verdict, f"Sentence of {verdict}.")
    diagnostics: dict[str, Any] = {
        "n_obs": 810, "n_units": 27, "n_periods": 30, "n_events": 1840.0,
        "dropped": {"unit_without_events": 30, "exposure missing: closed": 12},
        "excluded": {"no_place": 41.5, "over_150_m_from_a_venue": 320.0},
        "dispersion": 1.21, "problem": "", "geocoded_share": 0.97,
        "clock_times": {"placeholder_share": 0.02, "long_share": 0.04},
        "lead": {"coef": 0.02, "se": 0.03, "p": 0.412},
        "imputation": {"observed": 611.0, "expected": 773.4, **_size(0.79, 1.14), "exposed_cells": 402, "no_comparison": 9},
        "wild": {"p": 0.004, "draws": 9999},
        "conley": {"bandwidth_m": 500, "se": 0.061, "ratio_to_cv3": 0.93},
        "negative_binomial": {**_size(0.80), "kappa": 0.11},
        "lags": [{"lag": n, **_size(0.85 + n / 60), "band_low": 0.6, "band_high": 1.3} for n in range(9)],
        "event_study": {
            "bins": [
                {"from_week": n, "to_week": n + 3, "events": 60 + n, **_size(1.0 if n < 0 else 0.8), "band_low": 0.62,
                 "band_high": 1.31} for n in range(-12, 24, 4)
            ],
            "pre_p": 0.62,
        },
        "rings": [
            {"ring": ring, "events": events, **_size(irr)}
            for ring, events, irr in (("0-150", 1840, 0.79), ("150-300", 900, 1.04), ("300-600", 1500, 0.99), ("net", 4240, 0.9))
        ],
        "placebo_outcomes": [
            {"measure": "daytime_assault", "title": "Daytime assaults", **_size(1.03), "p": 0.5, "p_holm": 1.0},
            {"measure": "acquisitive", "title": "<b>Acquisitive</b>", **_size(0.98), "p": 0.7, "p_holm": 1.0},
        ],
        "placebo_dates": [{"shift_weeks": -26, **_size(1.01), "p": 0.8}, {"shift_weeks": -52, **_size(0.97), "p": 0.6}],
        "secondary_exposures": [{"exposure": "likely_seen_share", **_size(0.83), "p": 0.01, "p_holm": 0.02}],
        "leave_one_out": [{"cluster": f"SYN{n:03}", "irr": 0.76 + n / 500, "information_share": 1 / 27} for n in range(27)],
        "multiverse": [
            {"time_rule": rule, "radius_m": radius, "carry_over": carry, **_size(0.7 + radius / 1000 + carry / 10)}
            for rule in ("aoristic", "start", "middle", "whole") for radius in (100, 150, 250) for carry in (0, 0.5)
        ],
        "delay": {
            "weeks": [{"week": week, "recorded": 40 + n, "completeness": min(1.0, 1.02 - n / 600)} for n, week in enumerate(WEEKS)],
            "trimmed_weeks": 3, "early_share_p": 0.31,
        },
        "residual_acf": [0.11, -0.04, 0.02, 0.01, -0.03, 0.0, 0.02, -0.01],
        "in_counts": {"per_100_live_unit_weeks": 40.4, "ci_low": 22.1, "ci_high": 55.0, "word": "fewer", "live_unit_weeks": 402},
        "power": {"mde_irr": 0.78, "detectable_fall_percent": 22.0, "units_needed": 61, "target_fall_percent": 30.0},
        "reach_range": {"low": _size(0.82), "high": _size(0.77)},
        "corrections": [{"venue": "SYN003", "week": WEEKS[3], "before": 0.5, "after": 0.0, "why": "=HYPERLINK(0)"}],
        "interrupted_time_series": {
            "controlled": True, "exposed": "Leicester", "control": "Derby", "starts": WEEKS[16], "periods_before": 16,
            "periods_after": 14, **_size(0.91), "se_method": "newey_west", "ci": {"quasi": [0.8, 1.03], "newey_west": [0.76, 1.09]},
            "newey_west_lag": 3, "dispersion": 1.4, "slope": _size(0.998, 1.01) | {"p": 0.42},
            "autocorrelation": [0.3, 0.1, -0.1, 0.0, 0.05, -0.02, 0.01, None],
            "series": [
                {"time": week, "observed": 60.0 - n % 9, "expected": 55.5 - n / 3, "expected_without_step": 55.5 - n / 5}
                for n, week in enumerate(WEEKS)
            ],
        },
        "data_quality": {"grade_a_share": 0.2, "weeks_guessed": 4},
        "permutation": {"draws": 9999, "distinct": 4.1e12, "statistic": -3.4},
        "permutation_null": {"counts": [1, 6, 20, 31, 18, 7, 2], "edges": [-3, -2, -1, -0.3, 0.3, 1, 2, 3.2], "observed": -3.4},
        "rollout": {
            "rollout_hash": "d" * 64, "seed": 7, "analysed": "as allocated", "deviations_noted": 3, "unit_weeks": 4200,
            "late_or_off": 120, "early": 4, "unknown": 33, "broken_share": 0.037381,
            "as_delivered": {"irr": 0.84, "ci_low": 0.74, "ci_high": 0.96},
        },
        "weeks": [
            {"week": week, "mean_exposure": None if n == 2 else min(1.0, n / 20), "assaults": 60 - n % 9} for n, week in enumerate(WEEKS)
        ],
    }  # fmt: skip
    diagnostics |= changes
    return copy.deepcopy(
        {
            "title": "Reach & night-time assaults <2023>", "measure": "nte_assault", "measure_title": "Night-time assaults",
            "rule": "Assaults with injury, public place, 22:00 to 04:59.", "from_week": WEEKS[0], "to_week": WEEKS[-1],
            "unit": "catchment", "exposure": "live_share", "plan_hash": "a" * 64, "plan_locked": True, "data_hash": "b" * 64,
            "synthetic": True, "verdict": verdict, "verdict_sentence": sentence, "evidence_grade": grade,
            "rules": [
                {"code": code, "fired": code in fires or bool(fired), "detail": detail, "effect": effect}
                for code, fired, detail, effect in _RULES
            ],
            "estimate": {"irr": 0.81, "ci_low": 0.71, "ci_high": 0.92, "p_permutation": 0.0031, "se_method": "cv3", "clusters": 27},
            "correlation": {"within_r": -0.061, "within_p": 0.004, "raw_spearman": 0.31}, "mde_irr": 0.78,
            "diagnostics": {key: value for key, value in diagnostics.items() if value is not None},
            "events_in_units": 1840.0, "unique_events": 1840.0,
            "made_by": {"code": "c" * 64, "libraries": {"numpy": "2.3.0", "scipy": "1.16.0"}, "seed": 1},
        }
    )  # fmt: skip


def stored_run(result: dict[str, Any], *, by: str = "evaluator", signed_by: str = "") -> EvaluationRun:
    """The result as a stored run whose hashes fit, signed where somebody is named."""
    rows = "unit,week\nSYN001,2023-W14\n"
    result["inputs"] = {"files": [], "reach": "e" * 64}
    result["data_hash"] = hashlib.sha256(
        json.dumps(result["inputs"] | {"rows": rows}, sort_keys=True).encode()
    ).hexdigest()
    text = json.dumps(result, sort_keys=True)
    run = EvaluationRun.objects.create(
        title=result["title"], plan_hash=result["plan_hash"], data_hash=result["data_hash"], verdict=result["verdict"],
        result_hash=hashlib.sha256(text.encode()).hexdigest(), result=text, panel_csv=rows, synthetic=result["synthetic"], by=by,
        ran_at=timezone.now(), from_week=result["from_week"], to_week=result["to_week"],
    )  # fmt: skip
    if signed_by:
        ResultSignature.objects.create(
            run=run, result_hash=run.result_hash, ran_by=by, signed_by=User.objects.get(username=signed_by),
            signed_name=signed_by, signed_at=timezone.now(),
        )  # fmt: skip
    return run
