"""A plan in plain words: what each choice means, also while the plan is still incomplete."""

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from analytics import nights
from analytics.evaluation.plan_checks import DEFAULTS
from analytics.evaluation.rules import Thresholds
from analytics.measures.catalogue import UnknownMeasure, measure_named, measures
from analytics.police_data.catchments import catchments
from campaign_pages.activity import VenueFacts

LABELS = {
    "title": "Title", "measure": "What is counted", "from_week": "First week", "to_week": "Last week", "areas": "Areas",
    "venues": "Venues", "unit": "What one row is", "radius_m": "How near is near", "exposure": "What counts as reach",
    "secondary_exposures": "Second looks at reach", "carry_over": "Does last week still work?",
    "time_rule": "Offences whose time is not known exactly", "data": "Kind of data", "rollout": "Roll-out drawn by lot",
    "placebos": "Outcomes that the campaign cannot move", "family": "Model", "permutations": "Draws of the chance test",
    "clusters": "What hangs together", "strata": "Who may change places by lot", "sensitivities": "Other looks beside the result",
    "prior_sd": "Cautious reading", "seed": "Seed", "inference": "Standard errors", "thresholds": "Limits of the rules",
}  # fmt: skip
UNIT_CHOICES = (("catchment", "Venues that share their surroundings together"), ("venue", "Each venue by itself"))
EXPOSURE_CHOICES = (
    ("live_share", "Share of trading nights with something on show"),
    ("likely_seen_share", "Share of guests who likely saw it"),
)
TIME_CHOICES = (
    ("aoristic", "By the share of the span that lies at night"),
    ("start", "Whole, if the start lies at night"),
    ("middle", "Whole, if the middle lies at night"),
    ("whole", "Only if the whole span lies at night"),
)
CARRY_CHOICES = ((0, "No: a week works in that week"), (0.5, "Half of it"), (0.8, "Four fifths of it"))
CLUSTER_CHOICES = (("catchment", "Venues that share their surroundings"), ("beat", "Police beats"))
STRATA_CHOICES = (
    ("area_size", "Places of the same area and size"),
    ("area_size_baseline", "Places of the same area, size and level of offences before"),
)
SENSITIVITY_CHOICES = (
    ("rings", "Next door: offences in the rings around"),
    ("placebo_dates", "Starts moved half a year and a year earlier"),
    ("multiverse", "Other time rules, radii and carry-over, all at once"),
    ("reach_range", "Low and high estimate of who saw it"),
    ("delay", "Offences recorded within 28 days only"),
)
FAMILY_CHOICES = (("poisson", "Poisson"), ("quasipoisson", "Quasi-Poisson"))
INFERENCE_WORDS = (
    ("cv3", "jackknife by cluster (CV3)"),
    ("crv1", "sandwich by cluster (CRV1)"),
    ("model", "the model's own"),
    ("permutation", "chance test: roll-outs that change places by lot"),
)
DATA_CHOICES = (("real", "Real recorded offences"), ("synthetic", "Synthetic: invented, for trying out"))
THRESHOLD_WORDS = {
    "weeks_min": "fewest weeks (R2)", "weeks_before_min": "fewest weeks before going live (R2)",
    "units_min": "fewest places whose reach changes (R3)", "clusters_min": "fewest clusters (R3)",
    "permutations_min": "fewest different arrangements (R3)", "events_min": "fewest offences (R4)",
    "exposed_events_min": "fewest offences in weeks with reach (R4)",
    "residual_share_min": "least share of reach that varies apart from place and week (R5)",
    "mde_min": "smallest rate ratio that must be visible (R6)", "geocoded_min": "least share of offences with a place (R7)",
    "geocoded_gap_max": "largest gap of places between arms, points (R7)",
    "placeholder_max": "largest share of guessed times (R7)", "long_span_max": "largest share of long spans (R7)",
    "completeness_min": "least completeness of a week (R8)", "weeks_trimmed": "last weeks left out (R8)",
    "lead_p": "p below which reach followed trouble (R9)", "placebo_p": "p below which a placebo moved (R10)",
    "top_cluster_max": "largest share of information in one cluster (R12)",
    "margin_low": "lower end of no material difference", "margin_high": "upper end of no material difference",
    "conley_ratio_max": "largest spatial error against the jackknife's (R13)",
    "rollout_broken_max": "largest share of the roll-out not followed (grade 5)",
}  # fmt: skip


def shown(key: str, value: Any) -> str:
    """A value as people read it: choices by their words, empty lists by what they stand for."""
    choices: dict[str, tuple[tuple[Any, str], ...]] = {
        "unit": UNIT_CHOICES, "exposure": EXPOSURE_CHOICES, "secondary_exposures": EXPOSURE_CHOICES,
        "time_rule": TIME_CHOICES, "carry_over": CARRY_CHOICES, "clusters": CLUSTER_CHOICES, "strata": STRATA_CHOICES,
        "sensitivities": SENSITIVITY_CHOICES, "family": FAMILY_CHOICES, "data": DATA_CHOICES, "inference": INFERENCE_WORDS,
    }  # fmt: skip
    words = dict(choices.get(key, ()))
    if key in ("measure", "placebos"):
        words = {name: each.title for name, each in measures().items()}
    if isinstance(value, dict):
        return (
            "; ".join(f"{THRESHOLD_WORDS.get(name, name)}: {number}" for name, number in value.items())
            or "as usual"
        )
    if isinstance(value, (list, tuple)):
        if key == "venues" and value:
            return f"{len(value)}, by name"
        return "; ".join(str(words.get(each, each)) for each in value) or (
            "all" if key in ("areas", "venues") else "none"
        )
    if isinstance(value, float) and value not in words:
        return f"{value:g}"
    return str(words.get(value, value)) or "none"


def threshold_names() -> list[str]:
    """Every limit that a plan may change."""
    return [each.name for each in fields(Thresholds)]


def explain(values: dict[str, Any], venues: Sequence[VenueFacts]) -> dict[str, str]:
    """Key -> what the choice means. Keys whose value cannot be read are left out."""
    said = DEFAULTS | values
    words: dict[str, str] = {}
    for key, explainer in EXPLAINERS.items():
        try:
            text = explainer(said, venues)
        except (ValueError, TypeError, KeyError, UnknownMeasure):
            continue
        if text:
            words[key] = text
    return words


def chosen(values: dict[str, Any], venues: Sequence[VenueFacts]) -> list[VenueFacts]:
    """The register's venues that the values name; empty lists mean all."""
    areas, codes = values.get("areas") or (), values.get("venues") or ()
    return [
        each for each in venues if (not areas or each.area_code in areas) and (not codes or each.code in codes)
    ]


def _title(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    return "The report will be headed with it." if said.get("title") else "Give it a name that says what is asked."


def _measure(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    return str(measure_named(said["measure"]).rule)


def _from(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    day = nights.week_start(said["from_week"])
    return (
        f"Begins on Monday {day.day} {day:%B %Y}. Leave weeks without the campaign before the first venue goes live (R2): "
        f"{Thresholds().weeks_before_min} or more, unless the plan sets another limit."
    )


def _to(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    weeks = nights.weeks_between(said["from_week"], said["to_week"])
    if not weeks:
        return "The last week must not lie before the first."
    day = nights.nights_of_week(said["to_week"])[-1]
    few = " Under 26 weeks the answer will be “refused” (R2)." if len(weeks) < 26 else ""
    return f"{len(weeks)} weeks, up to Sunday {day.day} {day:%B %Y}. The end is fixed: nobody may wait for a better moment.{few}"


def _areas(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    inside = chosen(said, venues)
    names = sorted({each.area_name for each in inside})
    which = "Every area of the register" if not said["areas"] else ", ".join(names)
    return f"{which}: {len(inside)} venues. Each is compared with others of its own area in the same week."


def _venues(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    if not said["venues"]:
        return f"All {len(chosen(said, venues))} venues of these areas. They are fixed by name when the plan is asked to be locked."
    return f"Exactly these {len(said['venues'])} venues, by name: {', '.join(said['venues'][:6])}{' …' if len(said['venues']) > 6 else ''}."


def _unit(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    inside, radius = chosen(said, venues), float(said["radius_m"])
    places = len(set(catchments(inside, radius).values()))
    if said["unit"] == "catchment":
        return (
            f"Venues nearer than {2 * radius:.0f} m to each other count as one place, because nobody can tell their offences "
            f"apart: {len(inside)} venues make {places} places."
        )
    close = len(inside) - places
    warn = (
        f" {close} of them stand nearer than {2 * radius:.0f} m to another: take places together instead."
        if close
        else ""
    )
    return f"{len(inside)} venues, each a row of its own.{warn}"


def _radius(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    return f"An offence counts for the nearest venue within {float(said['radius_m']):.0f} m, and for one venue only. Further away it does not count."


def _exposure(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    if said["exposure"] == "live_share":
        return "0 is a week with nothing on show, 1 a week with something on show on every trading night. It comes from check-ins and can be audited."
    return "It leans on assumptions about guests and notice, and grows with busy evenings, as assaults do. Better as a second look."


def _secondary(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    if not said["secondary_exposures"]:
        return "None: one question, one answer."
    felt = " What is still felt of last week counts in them too." if float(said["carry_over"]) else ""
    return (
        "Each is a model of its own beside the first. They are corrected together (Holm) and never become the headline."
        + felt
    )


def _carry(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    share = float(said["carry_over"])
    if share == 0:
        return (
            "Material works in the week in which it is up. Other choices are shown beside the result in any case."
        )
    return (
        f"{share:.0%} of last week’s reach is still felt this week, in the first model and in every second look at reach. It is "
        "fixed now and never tuned on results."
    )


def _time(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    return {
        "aoristic": "An offence between 21:00 and 23:00 counts half, because half of that span lies at night.",
        "start": "An offence counts whole when the earliest possible moment lies at night.",
        "middle": "An offence counts whole when the middle of its span lies at night.",
        "whole": "Only offences that surely happened at night count. Others are lost.",
    }[said["time_rule"]]


def _data(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    if said["data"] == "synthetic":
        return "Everything will be marked synthetic: it says nothing about the world."
    return "Real and synthetic rows are never counted together."


def _rollout(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    if said["rollout"]:
        return (
            "Start weeks were drawn by lot: evidence grade 5 if they were drawn once and delivery keeps to them, 4 if not. Analysis "
            "is as allocated."
        )
    return "Without a roll-out drawn by lot the evidence grade cannot be above 3 of 5: others can always say that places were picked."


def _placebos(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    if not said["placebos"]:
        return (
            "None. Then nothing warns when something else moved every offence at once, and without a roll-out drawn by lot "
            "the evidence grade cannot be above 2 of 5."
        )
    return "Posters in bars cannot change these. If one moves the same way as the assaults, the answer is “cannot attribute” (R10)."


def _family(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    return "Each place is compared with itself, each week with the other places of its area. Only the mean has to be right."


def _clusters(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    if said["clusters"] == "beat":
        return (
            "Standard errors take all places of a police beat together, and whole beats change places by lot. It needs boundaries "
            "of beats; wider than surroundings, so there are fewer of them (at least 8 are needed, R3)."
        )
    return "Standard errors take places together whose surroundings touch, because what happens there happens to all of them."


def _strata(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    if said["strata"] == "area_size_baseline":
        return "Busy places change with busy ones only. Fairer where reach went to busy places, but fewer arrangements are left (R3)."
    return "Whole paths of reach change places inside an area, among groups with as many places."


def _sensitivities(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    names = dict(SENSITIVITY_CHOICES)
    gone = [words for key, words in names.items() if key not in said["sensitivities"]]
    if not gone:
        return "All of them are shown beside the result. None moves the verdict."
    warn = (
        " Without the rings nobody sees whether offences only moved."
        if "rings" not in said["sensitivities"]
        else ""
    )
    return f"Left out, and the report says so: {'; '.join(gone)}.{warn}"


def _prior(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    sd = float(said["prior_sd"])
    if not sd:
        return "0: none. 0.1 would say beforehand that a campaign hardly ever moves offences by more than a fifth."
    low, high = 100 * (1 - math.exp(-1.96 * sd)), 100 * (math.exp(1.96 * sd) - 1)
    return (
        f"Beside the estimate stands what it comes to for somebody who expected no more than {low:.0f}% fewer to {high:.0f}% more "
        "beforehand. It never moves the verdict."
    )


def _permutations(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    draws = int(said["permutations"])
    return f"Whole roll-outs change places by lot {draws:,} times. The smallest p that can come out is 1 in {draws + 1:,}."


def _seed(said: dict[str, Any], venues: Sequence[VenueFacts]) -> str:
    return "Any whole number. With it everybody gets the same draws. It is printed with the result."


EXPLAINERS = {
    "title": _title, "measure": _measure, "from_week": _from, "to_week": _to, "areas": _areas, "venues": _venues,
    "unit": _unit, "radius_m": _radius, "exposure": _exposure, "secondary_exposures": _secondary, "carry_over": _carry,
    "time_rule": _time, "data": _data, "rollout": _rollout, "placebos": _placebos, "family": _family,
    "permutations": _permutations, "seed": _seed, "clusters": _clusters, "strata": _strata, "sensitivities": _sensitivities,
    "prior_sd": _prior,
}  # fmt: skip
