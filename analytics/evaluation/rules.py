"""R1 to R14: when a verdict is refused, and why. Every rule that can be worked out is listed, fired or not.

One set of rules for a plan (``evaluate``) and for anybody's panel (``evaluate_panel``).
"""

import math
from dataclasses import dataclass, fields
from typing import Any

from analytics.evaluation.panel_spec import SpecError
from analytics.shown_numbers import amount_shown, p_says, ratio_shown

NOT_APPLICABLE = "not applicable"
MANY = 1_000_000  # arrangements of a permutation test: nobody needs to know how many more

# Where a limit may lie; a share or a probability of 0 or 1, or no number, would switch its rule off in silence.
# Counts may be lowered to 0, for panels of another kind: that is no silence, since the sentence names them.
OPEN = (1e-6, 1 - 1e-6)
RANGES = {
    "mde_min": OPEN, "lead_p": OPEN, "placebo_p": OPEN, "margin_low": OPEN, "margin_high": (1.0, 100.0),
    "residual_share_min": OPEN, "geocoded_min": OPEN, "placeholder_max": OPEN, "long_span_max": OPEN,
    "geocoded_gap_max": (0.0, 50.0), "completeness_min": OPEN, "top_cluster_max": OPEN, "rollout_broken_max": OPEN,
    "conley_ratio_max": (1e-6, 10.0),
}  # fmt: skip
LOOSER_UP = {
    "geocoded_gap_max", "placeholder_max", "long_span_max", "top_cluster_max", "conley_ratio_max", "rollout_broken_max",
    "margin_high",
}  # fmt: skip


@dataclass(frozen=True)
class Thresholds:
    """Limits, all of them fixed in a plan and part of its hash. Judgements, except where simulations stand behind them (R3, R6, R9, R13, R14)."""

    weeks_min: int = 26
    weeks_before_min: int = 12
    units_min: int = 10
    clusters_min: int = 8
    permutations_min: int = 1000
    events_min: int = 100
    exposed_events_min: int = 30
    residual_share_min: float = 0.05
    mde_min: float = 0.70
    geocoded_min: float = 0.85
    placeholder_max: float = 0.10
    long_span_max: float = 0.10
    geocoded_gap_max: float = 5.0
    completeness_min: float = 0.95
    weeks_trimmed: float = 8
    lead_p: float = 0.01
    placebo_p: float = 0.05
    top_cluster_max: float = 0.40
    margin_low: float = 0.90
    margin_high: float = 1.11
    conley_ratio_max: float = 1.5
    rollout_broken_max: float = 0.10

    @classmethod
    def from_table(cls, table: dict[str, float]) -> "Thresholds":
        """Raises SpecError naming the first limit that is not known or lies where it would switch its rule off."""
        known = {field.name for field in fields(cls)}
        for key in table:
            if key not in known:
                raise SpecError(f"rules.{key}", f"there is no such threshold; use {', '.join(sorted(known))}.")
            least, most = RANGES.get(key, (0.0, math.inf))
            if not (math.isfinite(table[key]) and least <= table[key] <= most):
                raise SpecError(
                    f"rules.{key}",
                    f"must be a number from {least:g} {'up' if math.isinf(most) else f'to {most:g}'}, not {table[key]:g}.",
                )
        whole = {key: int(value) for key, value in table.items() if float(value).is_integer()}  # 26, never "26.0"
        return cls(**table | whole)  # type: ignore[arg-type]

    def loosened(self) -> list[str]:
        """Limits that let through what the usual ones stop, as "lead_p 0.001 (usual 0.01)"."""
        usual, found = Thresholds(), []
        for field in fields(self):
            own, other = getattr(self, field.name), getattr(usual, field.name)
            looser = own > other if field.name in LOOSER_UP else own < other
            if looser:
                found.append(f"{field.name} {own:g} (usual {other:g})")
        return found


@dataclass(frozen=True)
class EvaluationContext:
    """What only a plan and an import can know. None: not applicable to a bare panel.

    ``placebo_p``: the smallest p after Holm among placebo outcomes that moved the same way as the main one.
    ``trimmed_weeks``: weeks left out because under 95 % of their offences are thought to be recorded (R8).
    ``conley_ratio``: spatial standard error over the jackknife's. ``venues``: behind the units, for "how many more".
    ``other_draws``: draws for the same venues and weeks that were made before the one that was kept.
    ``columns``: exposure and outcome of a bare panel, which its sentence names.
    """

    plan_locked_before_outcomes: bool | None = None
    geocoded_share: float | None = None
    geocoded_gap_points: float | None = None
    placeholder_share: float | None = None
    long_span_share: float | None = None
    completeness: float | None = None
    trimmed_weeks: int | None = None
    placebo_p: float | None = None
    events_in_units: float | None = None
    unique_events: float | None = None
    duplicate_references: int | None = None
    hashes_differ: bool | None = None
    conley_ratio: float | None = None
    randomised: bool | None = None
    rollout_broken_share: float | None = None
    other_draws: int = 0
    synthetic: bool = False
    venues: int | None = None
    unit_word: str = "units"
    columns: tuple[str, str] | None = None


@dataclass(frozen=True)
class Rule:
    """`fired`: True, False, or None when it does not apply. `effect`: what it does to the verdict."""

    code: str
    fired: bool | None
    detail: str
    effect: str

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "fired": bool(self.fired),
            "applies": self.fired is not None,
            "detail": self.detail,
            "effect": self.effect,
        }


@dataclass(frozen=True)
class Measured:
    """The numbers that rules look at. None where they could not be worked out."""

    periods: int
    median_before: float
    varying_units: int
    clusters: int
    distinct: float | None
    events: float
    exposed_events: float
    exposed_expected: float
    residual_share: float | None
    mde: float | None
    lead_p: float | None
    top_cluster: float | None
    sign_flips: bool
    jackknife_failed: bool
    cv3_excludes: bool | None
    permutation_p: float | None
    not_constant: bool | None
    not_constant_detail: str
    opposite_sides: bool


def apply_rules(m: Measured, context: EvaluationContext, t: Thresholds) -> list[Rule]:
    """All fourteen, in order. Sources: evaluation methods in docs/statistics.md; thresholds are a plan's to set."""
    short = m.periods < t.weeks_min or m.median_before < t.weeks_before_min
    few = m.varying_units < t.units_min or m.clusters < t.clusters_min or (m.distinct or 0) < t.permutations_min
    thin = min(m.exposed_events, m.exposed_expected) < t.exposed_events_min or m.events < t.events_min
    fixed = m.residual_share is None or m.residual_share < t.residual_share_min
    return [
        _context_rule(
            "R1", context.plan_locked_before_outcomes, lambda locked: not locked, "exploratory",
            "the plan was locked before outcomes came in, and is as it was locked",
            "the plan was not locked before outcomes came in, or is not as it was locked",
        ),
        Rule("R2", short, f"{m.periods} weeks, the middle exposed unit has {m.median_before:g} before its first live one; "
             f"at least {t.weeks_min:g} and {t.weeks_before_min:g}", "refused"),
        Rule("R3", few, f"{m.varying_units} units with varying reach, {m.clusters} clusters, {_number(m.distinct)} "
             f"arrangements; at least {t.units_min:g}, {t.clusters_min:g} and {t.permutations_min:,.0f}", "descriptive_only"),
        Rule("R4", thin, _events(m, t), "refused"),
        Rule("R5", fixed, f"{_percent(m.residual_share)} of the exposure varies apart from place and week; at least "
             f"{_percent(t.residual_share_min)}", "refused"),
        Rule("R6", m.mde is None or m.mde < t.mde_min, f"only a rate ratio of {_ratio(m.mde, t.mde_min)} or less could have "
             f"been seen; must be {t.mde_min:.2f} or nearer to 1", "cannot_tell"),
        _data_quality(context, t),
        _delay(context, t, short),
        Rule("R9", None if m.lead_p is None else m.lead_p < t.lead_p,
             NOT_APPLICABLE if m.lead_p is None else f"future reach against past assaults: {p_says(m.lead_p)}; below "
             f"{t.lead_p:g} reach followed trouble", "cannot_attribute"),
        _context_rule(
            "R10", context.placebo_p, lambda p: p < t.placebo_p, "cannot_attribute",
            f"no placebo outcome moved the same way by more than chance ({p_says(context.placebo_p, 'smallest p after Holm')})",
            f"a placebo outcome moved the same way ({p_says(context.placebo_p, 'p after Holm')}, below {t.placebo_p:g})",
        ),
        _same_events(context),
        Rule("R12", None if m.top_cluster is None else m.top_cluster > t.top_cluster_max or m.sign_flips or m.jackknife_failed,
             f"the largest cluster holds {_percent(m.top_cluster)} of the information, at most {_percent(t.top_cluster_max)}"
             + (", the sign turns when one cluster is left out" if m.sign_flips else "")
             + (", without one cluster nothing can be estimated" if m.jackknife_failed else ""), "cannot_tell"),
        _tests_agree(m, context, t),
        Rule("R14", m.not_constant, m.not_constant_detail, "cannot_tell" if m.opposite_sides else "note"),
    ]  # fmt: skip


def _context_rule(code: str, value: Any, fires: Any, effect: str, fine: str, bad: str) -> Rule:
    if value is None:
        return Rule(code, None, NOT_APPLICABLE, effect)
    fired = bool(fires(value))
    return Rule(code, fired, bad if fired else fine, effect)


def _events(m: Measured, t: Thresholds) -> str:
    """What R4 saw. Expected events are of counts only; a measured outcome has none (infinite in ``Measured``)."""
    seen = f"{amount_shown(m.events)} events, {amount_shown(m.exposed_events)} in exposed cells"
    if math.isinf(m.exposed_expected):
        return f"{seen}; at least {t.events_min:g} and {t.exposed_events_min:g}"
    return (
        f"{seen}, {amount_shown(m.exposed_expected)} expected there; at least {t.events_min:g}, {t.exposed_events_min:g} "
        f"and {t.exposed_events_min:g}"
    )


def _data_quality(context: EvaluationContext, t: Thresholds) -> Rule:
    parts = []
    fired = False
    for value, limit, low_is_bad, words in (
        (context.geocoded_share, t.geocoded_min, True, "with a place"),
        (context.geocoded_gap_points, t.geocoded_gap_max, False, "points apart between exposed and other"),
        (context.placeholder_share, t.placeholder_max, False, "with a placeholder time"),
        (context.long_span_share, t.long_span_max, False, "with a span over 12 hours"),
    ):
        if value is None:
            continue
        bad = value < limit if low_is_bad else value > limit
        fired |= bad
        side = "at least" if low_is_bad else "at most"
        amount, most = (f"{value:.1f}", f"{limit:g}") if "points" in words else (_percent(value), _percent(limit))
        parts.append(f"{amount} {words}" + (f" ({side} {most})" if bad else ""))
    return Rule("R7", fired if parts else None, ", ".join(parts) or NOT_APPLICABLE, "refused")


def _delay(context: EvaluationContext, t: Thresholds, short: bool) -> Rule:
    """R8: incomplete weeks are trimmed, which is said; what is left must still pass R2."""
    if context.trimmed_weeks is None:
        return Rule("R8", None, NOT_APPLICABLE, "note")
    fired = context.trimmed_weeks > 0
    kept = (
        f"; the least complete week kept has {_percent(context.completeness)}"
        if context.completeness is not None
        else ""
    )
    detail = f"{context.trimmed_weeks} weeks under {_percent(t.completeness_min)} complete were left out{kept}"
    if fired and short:
        detail += "; what is left is too short (R2)"
    return Rule("R8", fired, detail, "refused" if fired and short else "note")


def _same_events(context: EvaluationContext) -> Rule:
    """R11: one offence, one unit, one reference; files as they were imported."""
    if context.events_in_units is None or context.unique_events is None:
        return Rule("R11", None, NOT_APPLICABLE, "error")
    apart = abs(context.events_in_units - context.unique_events) > 1e-6 * max(1.0, context.unique_events)
    twice = context.duplicate_references or 0
    detail = f"{amount_shown(context.events_in_units, 6)} events in units, {amount_shown(context.unique_events, 6)} unique"
    detail += f", references that stand twice: {twice}" if twice else ""
    detail += ", more rows of a file are here than were imported from it" if context.hashes_differ else ""
    return Rule("R11", apart or twice > 0 or bool(context.hashes_differ), detail, "error")


def _tests_agree(m: Measured, context: EvaluationContext, t: Thresholds) -> Rule:
    """R13: interval and permutation must agree; a much wider spatial error refuses (Conley 1999)."""
    if m.cv3_excludes is None or m.permutation_p is None:
        return Rule("R13", None, NOT_APPLICABLE, "cannot_tell")
    agree = m.cv3_excludes == (m.permutation_p <= 0.05)
    word = "excludes" if m.cv3_excludes else "includes"
    detail = f"the interval {word} 1, {p_says(m.permutation_p, 'permutation p')}"
    wide = context.conley_ratio is not None and context.conley_ratio > t.conley_ratio_max
    if wide:
        detail += f", the spatial error is {context.conley_ratio:.2f} times the jackknife's"
    return Rule("R13", not agree or wide, detail, "refused" if wide else "cannot_tell")


def _percent(value: float | None) -> str:
    return "not known" if value is None else f"{100 * value:.1f} %"


def _ratio(value: float | None, limit: float) -> str:
    """With as many more places as it takes to look other than the limit."""
    if value is None:
        return "not known"
    shown = ((ratio_shown(value, places), f"{limit:.{places}f}") for places in (2, 3, 4, 5))
    return next((words for words, limited in shown if words != limited), ratio_shown(value, 2))


def _number(value: float | None) -> str:
    if value is None:
        return "no"
    return f"{value:,.0f}" if value < MANY else f"over {MANY:,}"
