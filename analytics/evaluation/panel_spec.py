"""What somebody asks of a panel: a checked specification, from TOML or from a plan. No web framework."""

import math
from dataclasses import dataclass, field
from typing import Any

FAMILIES = ("poisson", "quasipoisson", "negative_binomial", "gaussian", "log_gaussian")
INTERRUPTED = "interrupted"
DESIGNS = ("regression", "imputation", "event_study", "synthetic_control", "synthetic_did", INTERRUPTED)
SYNTHETIC = ("synthetic_control", "synthetic_did")
USUAL_FAMILY = dict.fromkeys(SYNTHETIC, "gaussian") | {INTERRUPTED: "quasipoisson"}
OF_A_SERIES = ("model", "quasi", "newey_west")
METHODS = ("cv3", "crv1", "model", "quasi", "newey_west", "permutation", "wild", "jackknife")
DATA_KEYS = {"unit", "time", "outcome", "exposure", "controls", "offset_log_of", "weights", "cluster", "area"}
MODEL_KEYS = {
    "family", "effects", "trend", "seasonality", "design", "inference", "permutations", "seed", "baseline_halves",
    "newey_west_lag", "slope",
}  # fmt: skip


class SpecError(ValueError):
    """The specification is wrong; `key` says where, the message what to do."""

    def __init__(self, key: str, message: str) -> None:
        self.key = key
        super().__init__(f"{key}: {message}")


@dataclass(frozen=True)
class PanelSpec:
    time: str
    outcome: str
    exposure: tuple[str, ...]
    unit: str | None = None
    controls: tuple[str, ...] = ()
    offset_log_of: str | None = None
    weights: str | None = None
    cluster: str | None = None
    area: str | None = None
    family: str = "poisson"
    effects: tuple[str, ...] = ("unit", "time")
    trend: bool = False
    period: float | None = None
    harmonics: int = 0
    design: str = "regression"
    inference: tuple[str, ...] = ("cv3", "crv1", "model", "permutation")
    permutations: int = 9999
    seed: int = 1
    slope: bool = False  # the interrupted design: the trend may change with the step
    newey_west_lag: int | None = None  # None: 4 (n / 100)^(2 / 9)
    baseline_halves: bool = False  # clusters change places only within halves of their baseline
    thresholds: dict[str, float] = field(default_factory=dict)


def parse_spec(table: dict[str, Any]) -> PanelSpec:
    """Checks every key. Raises SpecError naming the first wrong one."""
    for key in table:
        if key not in {"data", "model", "rules"}:
            raise SpecError(key, "there is no such section; use [data], [model] and [rules].")
    data, model = table.get("data"), table.get("model", {})
    if not isinstance(data, dict):
        raise SpecError("data", "the section [data] is missing.")
    _known("data", data, DATA_KEYS)
    _known("model", model, MODEL_KEYS)
    exposure = _exposures(data)
    unit = _text("data", data, "unit", needed=False)
    design = _one_of(model, "design", DESIGNS, "regression")
    effects = _effects(model, None if design == INTERRUPTED and "effects" not in model else unit)
    period, harmonics = _seasonality(model)
    _design_fits(design, data, model, unit, effects)
    permutations = _integer(model, "permutations", 9999, low=99, high=100_000)
    return PanelSpec(
        time=_text("data", data, "time") or "",
        outcome=_text("data", data, "outcome") or "",
        exposure=exposure,
        unit=unit,
        controls=_controls(data, exposure),
        offset_log_of=_text("data", data, "offset_log_of", needed=False),
        weights=_text("data", data, "weights", needed=False),
        cluster=_text("data", data, "cluster", needed=False),
        area=_text("data", data, "area", needed=False),
        family=_one_of(model, "family", FAMILIES, USUAL_FAMILY.get(design, "poisson")),
        effects=effects,
        trend=_boolean(model, "trend"),
        period=period,
        harmonics=harmonics,
        design=design,
        inference=_inference(model, None if design == INTERRUPTED else unit),
        permutations=permutations,
        seed=_integer(model, "seed", 1, low=0, high=2**31),
        slope=_boolean(model, "slope"),
        newey_west_lag=_integer(model, "newey_west_lag", 0, low=0, high=1000)
        if "newey_west_lag" in model
        else None,
        baseline_halves=_boolean(model, "baseline_halves"),
        thresholds=_thresholds(table.get("rules", {})),
    )


def _known(section: str, table: dict[str, Any], keys: set[str]) -> None:
    if not isinstance(table, dict):
        raise SpecError(section, "must be a section.")
    for key in table:
        if key not in keys:
            raise SpecError(f"{section}.{key}", f"there is no such key; use {', '.join(sorted(keys))}.")


def _text(section: str, table: dict[str, Any], key: str, *, needed: bool = True) -> str | None:
    value = table.get(key)
    if value is None and not needed:
        return None
    if not isinstance(value, str) or not value:
        raise SpecError(f"{section}.{key}", "name a column of the file.")
    return value


def _names(value: Any) -> bool:
    """A list of words and nothing else: what may be looked up in a set."""
    return isinstance(value, list) and all(isinstance(name, str) and name for name in value)


def _exposures(data: dict[str, Any]) -> tuple[str, ...]:
    value = data.get("exposure")
    names = [value] if isinstance(value, str) else value
    if not names or not _names(names):
        raise SpecError("data.exposure", 'name one or more columns, for example ["live_share"].')
    _each_once("data.exposure", names)
    if data.get("outcome") in names:
        raise SpecError("data.exposure", f"{data['outcome']} is the outcome; name another column.")
    return tuple(names)


def _controls(data: dict[str, Any], exposure: tuple[str, ...]) -> tuple[str, ...]:
    names = data.get("controls", [])
    if not _names(names):
        raise SpecError("data.controls", "give a list of column names.")
    _each_once("data.controls", names)
    for name in names:
        if name in exposure or name == data.get("outcome"):
            role = "an exposure" if name in exposure else "the outcome"
            raise SpecError("data.controls", f"{name} is {role}; take it out of the controls.")
    return tuple(names)


def _each_once(key: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise SpecError(key, f"{name} stands there twice; name each column once.")


def _seasonality(model: dict[str, Any]) -> tuple[float | None, int]:
    """(periods of a season, harmonics); (None, 0) without one."""
    value = model.get("seasonality", {})
    if not isinstance(value, dict) or set(value) - {"period", "harmonics"}:
        raise SpecError("model.seasonality", "give { period = 12, harmonics = 2 }.")
    if not value:
        return None, 0
    period, harmonics = value.get("period"), value.get("harmonics")
    if not isinstance(period, int | float) or isinstance(period, bool) or not 1 < period < math.inf:
        raise SpecError("model.seasonality", "period must be a number over 1, for example period = 12.")
    if not isinstance(harmonics, int) or isinstance(harmonics, bool) or not 1 <= harmonics <= 10:
        raise SpecError("model.seasonality", "harmonics must be a whole number from 1 to 10.")
    return float(period), harmonics


def _one_of(table: dict[str, Any], key: str, allowed: tuple[str, ...], default: str) -> str:
    value = table.get(key, default)
    if value not in allowed:
        raise SpecError(f"model.{key}", f"must be one of {', '.join(allowed)}.")
    return str(value)


def _design_fits(
    design: str, data: dict[str, Any], model: dict[str, Any], unit: str | None, effects: tuple[str, ...]
) -> None:
    """Designs other than the regression stand on units and periods alone."""
    if design == INTERRUPTED:
        _interrupted_fits(data, model, effects)
        return
    if model.get("slope"):
        raise SpecError("model.slope", f"a change of slope is for the design {INTERRUPTED}.")
    if design == "regression":
        return
    if unit is None:
        raise SpecError("data.unit", f"the design {design} compares units: name their column.")
    if effects != ("unit", "time"):
        raise SpecError("model.effects", f'the design {design} has unit and time effects: use ["unit", "time"].')
    for section, table, keys in (("data", data, ("controls",)), ("model", model, ("trend", "seasonality"))):
        for key in keys:
            if table.get(key):
                raise SpecError(
                    f"{section}.{key}", f"the design {design} takes none; use the regression for that."
                )
    if design in SYNTHETIC:
        if model.get("family", "gaussian") not in ("gaussian", "log_gaussian"):
            raise SpecError(
                "model.family", f"the design {design} works on differences: use gaussian or log_gaussian."
            )
        for key in ("offset_log_of", "weights"):
            if data.get(key):
                raise SpecError(f"data.{key}", f"the design {design} takes none; divide the outcome first.")
    elif model.get("family") in ("gaussian", "log_gaussian") and data.get("offset_log_of"):
        raise SpecError("data.offset_log_of", "an offset is for counts; divide the outcome first.")


def _interrupted_fits(data: dict[str, Any], model: dict[str, Any], effects: tuple[str, ...]) -> None:
    """One or two series, each with its own level and trend: nothing else of a panel has a place in it."""
    if effects:
        raise SpecError(
            "model.effects", f"the design {INTERRUPTED} gives each series its own level: use [], or leave it out."
        )
    for key in ("controls", "weights", "cluster", "area"):
        if data.get(key):
            raise SpecError(f"data.{key}", f"the design {INTERRUPTED} takes none; use the regression for that.")
    exposure = data.get("exposure")
    if isinstance(exposure, list) and len(exposure) > 1:
        raise SpecError(
            "data.exposure", f"the design {INTERRUPTED} takes one column, the step, not {len(exposure)}."
        )
    if model.get("family", "quasipoisson") not in ("poisson", "quasipoisson"):
        raise SpecError("model.family", f"the design {INTERRUPTED} counts events: use quasipoisson or poisson.")
    if model.get("trend") is False:
        raise SpecError("model.trend", f"the design {INTERRUPTED} always has one for each series: leave it out.")
    season = model.get("seasonality") or {}
    if season and 2 * int(season["harmonics"]) >= float(season["period"]):
        raise SpecError(
            "model.seasonality",
            f"{season['period']:g} periods carry fewer harmonics than half of that; {season['harmonics']} are too many.",
        )
    asked = model.get("inference", OF_A_SERIES)
    if _names(asked) and not set(asked) <= set(OF_A_SERIES):
        raise SpecError("model.inference", f"the design {INTERRUPTED} has {', '.join(OF_A_SERIES)} and no other.")


def _boolean(table: dict[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise SpecError(f"model.{key}", "must be true or false.")
    return value


def _integer(table: dict[str, Any], key: str, default: int, *, low: int, high: int) -> int:
    value = table.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise SpecError(f"model.{key}", f"must be a whole number from {low} to {high}.")
    return value


def _effects(model: dict[str, Any], unit: str | None) -> tuple[str, ...]:
    value = model.get("effects", ["unit", "time"] if unit else [])
    if not _names(value) or not set(value) <= {"unit", "time"}:
        raise SpecError("model.effects", 'must be a list of "unit" and "time", or [] for none.')
    if "unit" in value and unit is None:
        raise SpecError("model.effects", "unit effects need data.unit.")
    return tuple(effect for effect in ("unit", "time") if effect in value)


def _inference(model: dict[str, Any], unit: str | None) -> tuple[str, ...]:
    value = model.get(
        "inference", ["cv3", "crv1", "model", "permutation"] if unit else ["model", "quasi", "newey_west"]
    )
    if not value or not _names(value) or not set(value) <= set(METHODS):
        raise SpecError("model.inference", f"must be a list of {', '.join(METHODS)}.")
    return tuple(value)


def _thresholds(table: Any) -> dict[str, float]:
    if not isinstance(table, dict) or not all(isinstance(v, int | float) for v in table.values()):
        raise SpecError("rules", "give numbers, for example lead_p = 0.01.")
    return {str(key): float(value) for key, value in table.items()}
