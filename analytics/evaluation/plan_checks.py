"""What a plan may say: every key, its default, and what is wrong with a value, named by its key."""

from collections.abc import Callable, Iterable
from typing import Any

from analytics import nights
from analytics.measures.catalogue import UnknownMeasure, measure_named
from analytics.models import Rollout
from analytics.panel import EXPOSURES, SECONDARY_EXPOSURES, UNITS
from analytics.police_data.matching import BANDS, NoSuchRadius, bands_within

DATA_KINDS = ("real", "synthetic")
TIME_RULES = ("aoristic", "start", "middle", "whole")
STRATA = ("area_size", "area_size_baseline")
CLUSTERS = ("catchment", "beat")
SENSITIVITIES = ("delay", "multiverse", "placebo_dates", "reach_range", "rings")
MOST_WEEKS = 520
FAMILIES = ("poisson", "quasipoisson")
DEFAULTS: dict[str, Any] = {
    "unit": "venue",
    "radius_m": 150,
    "exposure": "live_share",
    "secondary_exposures": [],
    "carry_over": 0,
    "time_rule": "aoristic",
    "areas": [],
    "venues": [],
    "rollout": "",
    "clusters": "catchment",
    "strata": "area_size",
    "sensitivities": list(SENSITIVITIES),
    "prior_sd": 0,
    "data": "real",
    "placebos": ["daytime_assault", "acquisitive", "domestic_dwelling"],
    "family": "poisson",
    "inference": ["cv3", "crv1", "model", "permutation"],
    "permutations": 9999,
    "seed": 1,
}
LATER_KEYS = (
    "secondary_exposures", "carry_over", "time_rule", "areas", "venues", "rollout", "clusters", "strata", "sensitivities",
    "prior_sd",
)  # fmt: skip
ANY_ORDER = (
    "placebos",
    "secondary_exposures",
    "sensitivities",
    "areas",
    "venues",
    "inference",
)  # lists that are sets
REQUIRED = ("title", "measure", "from_week", "to_week")


class PlanError(Exception):
    """A plan that cannot be used. ``key`` names the line to mend; it is empty for people and locking."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}" if key else message)
        self.key = key


def in_order(key: str, names: Iterable[str]) -> tuple[str, ...]:
    """Names of a list whose order says nothing, in the one order that is hashed: the default's, then others by name."""
    usual = {name: n for n, name in enumerate(DEFAULTS[key])}
    return tuple(sorted(set(names), key=lambda name: (usual.get(name, len(usual)), name)))


def problems_of(data: dict[str, Any]) -> list[PlanError]:
    """Everything that is wrong with a plan's keys, in order of the checks."""
    values = DEFAULTS | data
    problems: list[PlanError] = []
    for check in CHECKS:
        try:
            check(data if check is _check_known else values)
        except PlanError as error:
            problems.append(error)
    return problems


def _check_known(data: dict[str, Any]) -> None:
    known = {*REQUIRED, *DEFAULTS, "thresholds"}
    for key in data:
        if key not in known:
            raise PlanError(key, f"not a key of a plan; known are {', '.join(sorted(known))}")


def _needed(key: str) -> Callable[[dict[str, Any]], None]:
    def check(values: dict[str, Any]) -> None:
        value = values.get(key)
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            raise PlanError(key, "is needed")
        if not isinstance(value, str):
            raise PlanError(key, "must be text, in quotes")

    return check


def _check_title(values: dict[str, Any]) -> None:
    if len(str(values.get("title") or "")) > 120:
        raise PlanError("title", "at most 120 characters")


def _check_weeks(values: dict[str, Any]) -> None:
    given = [key for key in ("from_week", "to_week") if isinstance(values.get(key), str) and values[key].strip()]
    for key in given:
        try:
            nights.week_start(values[key])
        except ValueError as error:
            raise PlanError(key, str(error)) from None
    if len(given) < 2:
        return  # said already
    weeks = nights.weeks_between(values["from_week"], values["to_week"])
    if not 1 <= len(weeks) <= MOST_WEEKS:
        raise PlanError("to_week", f"must lie 0 to {MOST_WEEKS - 1} weeks after the first week")


def _check_measure(values: dict[str, Any]) -> None:
    if isinstance(values.get("measure"), str) and values["measure"].strip():
        _check_measure_names("measure", [values["measure"]])


def _check_placebos(values: dict[str, Any]) -> None:
    names = _texts(values, "placebos")
    _check_measure_names("placebos", names)
    if values.get("measure") in names:
        raise PlanError("placebos", f"{values['measure']} is what the plan counts; it cannot be its own placebo")
    if len(set(names)) < len(names):
        raise PlanError("placebos", "names something twice")


def _check_measure_names(key: str, names: list[str]) -> None:
    for name in names:
        try:
            definition = measure_named(name)
        except UnknownMeasure as error:
            raise PlanError(key, str(error).strip("'\"")) from None
        if definition.open_data:
            raise PlanError(key, f"{name} is known by month only; an evaluation needs times and places")


def _one_of(key: str, allowed: tuple[str, ...]) -> Callable[[dict[str, Any]], None]:
    def check(values: dict[str, Any]) -> None:
        if values[key] not in allowed:
            raise PlanError(key, f"{values[key]!r} is not one of {', '.join(allowed)}")

    return check


def _numbered(key: str, low: float, high: float, *, whole: bool = False) -> Callable[[dict[str, Any]], None]:
    def check(values: dict[str, Any]) -> None:
        _number(values, key, low, high, whole=whole)

    return check


def _check_inference(values: dict[str, Any]) -> None:
    if not {"cv3", "permutation"} <= set(_texts(values, "inference")):
        raise PlanError("inference", "must hold cv3 and permutation: the decision rule needs both")


def _check_secondary(values: dict[str, Any]) -> None:
    for name in _texts(values, "secondary_exposures"):
        if name not in SECONDARY_EXPOSURES:
            raise PlanError("secondary_exposures", f"{name!r} is not one of {', '.join(SECONDARY_EXPOSURES)}")
        if name == values["exposure"]:
            raise PlanError("secondary_exposures", f"{name} is the primary exposure already")


def _check_sensitivities(values: dict[str, Any]) -> None:
    names = _texts(values, "sensitivities")
    for name in names:
        if name not in SENSITIVITIES:
            raise PlanError("sensitivities", f"{name!r} is not one of {', '.join(SENSITIVITIES)}")
    if len(set(names)) != len(names):
        raise PlanError("sensitivities", "names something twice")


def _check_places(values: dict[str, Any]) -> None:
    for key in ("areas", "venues"):
        names = _texts(values, key)
        if len(set(names)) != len(names):
            raise PlanError(key, "names something twice")


def _check_rollout(values: dict[str, Any]) -> None:
    given = values["rollout"]
    if not isinstance(given, str):
        raise PlanError("rollout", "must be the hash of a roll-out, as text")
    if given and not Rollout.objects.filter(rollout_hash=given).exists():
        raise PlanError("rollout", "there is no roll-out with this hash")


def _texts(values: dict[str, Any], key: str) -> list[str]:
    if not isinstance(values[key], list) or not all(isinstance(each, str) for each in values[key]):
        raise PlanError(key, "must be a list of names")
    return list(values[key])


def _number(values: dict[str, Any], key: str, low: float, high: float, *, whole: bool = False) -> float:
    value = values[key]
    right = isinstance(value, int) or (isinstance(value, float) and not whole)
    if isinstance(value, bool) or not right or not low <= value <= high:
        raise PlanError(key, f"must be a {'whole ' if whole else ''}number from {_bound(low)} to {_bound(high)}")
    return value


def _bound(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:g}"


def _check_radius(values: dict[str, Any]) -> None:
    try:
        bands_within(values["radius_m"])
    except (NoSuchRadius, TypeError):
        raise PlanError("radius_m", f"must be one of {', '.join(map(str, BANDS))} (metres)") from None


def _check_thresholds(values: dict[str, Any]) -> None:
    thresholds_of(values.get("thresholds", {}))


def thresholds_of(values: Any) -> dict[str, float]:
    if not isinstance(values, dict):
        raise PlanError("thresholds", "must be a table of numbers")
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise PlanError(f"thresholds.{name}", "must be a number")
    return dict(sorted(values.items()))


CHECKS: tuple[Callable[[dict[str, Any]], None], ...] = (
    _check_known,
    *map(_needed, REQUIRED),
    _one_of("unit", UNITS),
    _one_of("exposure", EXPOSURES),
    _one_of("data", DATA_KINDS),
    _one_of("family", FAMILIES),
    _one_of("time_rule", TIME_RULES),
    _one_of("clusters", CLUSTERS),
    _one_of("strata", STRATA),
    _check_title,
    _check_weeks,
    _check_measure,
    _check_placebos,
    _check_inference,
    _check_radius,
    _check_secondary,
    _numbered("carry_over", 0, 0.95),
    _check_sensitivities,
    _numbered("prior_sd", 0, 2),
    _check_places,
    _check_rollout,
    _numbered("permutations", 99, 99_999, whole=True),
    _numbered("seed", 0, 2**31, whole=True),
    _check_thresholds,
)
