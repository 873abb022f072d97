"""The form of a plan. It takes whatever is typed, complete or not; what is wrong is said beside the field."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.forms.utils import ErrorDict, ErrorList
from django.http import QueryDict

from analytics.evaluation import plain_words as words
from analytics.evaluation.plan_checks import DEFAULTS, PlanError, in_order
from analytics.evaluation.rules import Thresholds
from analytics.measures.catalogue import measures
from analytics.models import Rollout
from analytics.police_data.matching import BANDS
from campaign_pages.activity import VenueFacts

TEXTS = (
    "title", "measure", "from_week", "to_week", "unit", "exposure", "time_rule", "data", "rollout", "family", "clusters",
    "strata",
)  # fmt: skip
NUMBERS = ("radius_m", "carry_over", "permutations", "seed", "prior_sd")
LISTS = ("areas", "secondary_exposures", "placebos", "sensitivities")
SECTIONS = (
    ("What is asked", ("title", "measure", "from_week", "to_week", "data")),
    ("Where", ("areas", "unit", "radius_m", "clusters")),
    ("What reach is", ("exposure", "secondary_exposures", "carry_over", "rollout")),
    ("How it is worked out", ("time_rule", "placebos", "family", "strata", "permutations", "seed")),
    ("What is shown besides", ("sensitivities", "prior_sd")),
)
MAP_OF = "thresholds_"


def _measure_choices() -> list[tuple[str, str]]:
    return [(name, each.title) for name, each in sorted(measures().items()) if not each.open_data]


class PlanForm(forms.Form):
    """Rendered from a draft's values; ``problems`` are shown beside their fields."""

    title = forms.CharField(max_length=120)
    measure = forms.ChoiceField()
    from_week = forms.CharField(help_text="Such as 2027-W02.")
    to_week = forms.CharField(help_text="Such as 2028-W01.")
    data = forms.ChoiceField(choices=words.DATA_CHOICES)  # type: ignore[assignment]
    areas = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, help_text="None ticked: all of them.")
    unit = forms.ChoiceField(choices=words.UNIT_CHOICES)
    radius_m = forms.ChoiceField(choices=[(band, f"{band} m") for band in BANDS])
    exposure = forms.ChoiceField(choices=words.EXPOSURE_CHOICES)
    secondary_exposures = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, choices=words.EXPOSURE_CHOICES
    )
    carry_over = forms.ChoiceField(choices=words.CARRY_CHOICES)
    rollout = forms.ChoiceField()
    time_rule = forms.ChoiceField(choices=words.TIME_CHOICES)
    placebos = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    family = forms.ChoiceField(choices=words.FAMILY_CHOICES)
    clusters = forms.ChoiceField(choices=words.CLUSTER_CHOICES)
    strata = forms.ChoiceField(choices=words.STRATA_CHOICES)
    sensitivities = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, choices=words.SENSITIVITY_CHOICES
    )
    prior_sd = forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    permutations = forms.CharField(widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    seed = forms.CharField(widget=forms.TextInput(attrs={"inputmode": "numeric"}))

    def __init__(
        self, values: dict[str, Any], *, venues: Sequence[VenueFacts], problems: Sequence[PlanError] = ()
    ) -> None:
        super().__init__(data=_as_data(values), prefix=None)
        self.values = values
        kinds = _measure_choices()
        given = {
            "measure": [("", "Choose"), *kinds],
            "placebos": kinds,
            "areas": sorted({(each.area_code, each.area_name) for each in venues}, key=lambda each: each[1]),
            "rollout": [("", "None"), *rollout_choices()],
        }
        for name, choices in given.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.required, field.label = False, words.LABELS[name]
        for name in words.threshold_names():
            self.fields[MAP_OF + name] = forms.CharField(
                required=False,
                label=_sentence(words.THRESHOLD_WORDS.get(name, name)),
                help_text=f"Empty: {getattr(Thresholds(), name):g}.",
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )
        self._errors = ErrorDict()
        for problem in problems:
            key = problem.key.replace("thresholds.", MAP_OF)
            said = str(problem).partition(": ")[2] or str(problem)
            if key in self.fields:
                self._errors.setdefault(key, ErrorList()).append(
                    said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")
                )

        describe(self, explained=words.EXPLAINERS)

    def sections(self, explained: dict[str, str]) -> list[dict[str, Any]]:
        """Fields by section, each with what its choice means."""
        return [
            {"title": title, "fields": [shown_field(self, name) | {"key": name, "words": explained.get(name, "")} for name in names]}
            for title, names in SECTIONS
        ]  # fmt: skip

    def limits(self) -> list[Any]:
        """Fields of the rules' limits."""
        return [self[name] for name in self.fields if name.startswith(MAP_OF)]

    def wrong_limits(self) -> bool:
        """Whether a limit has to be mended: they stand behind a fold."""
        return any(name.startswith(MAP_OF) for name in self._errors)


def describe(form: forms.Form, *, explained: Collection[str] = ()) -> None:
    """Ties to each field what stands beside it: who hears the form hears what is wrong, the hint and what a choice means.

    The admin's template shows errors and hints but leaves errors without a tie. Boxes are tied by their fieldset instead.
    """
    for bound in form:
        if not bound.use_fieldset and (ids := _beside(bound, explained)):
            bound.field.widget.attrs["aria-describedby"] = ids


def _beside(bound: Any, explained: Collection[str]) -> str:
    ids = (
        (bool(bound.errors), f"{bound.auto_id}-error"),
        (bool(bound.help_text), f"{bound.auto_id}-helptext"),
        (bound.name in explained, f"explain-{bound.name}"),
    )
    return " ".join(name for there, name in ids if there)


def shown_field(form: forms.Form, name: str, *, explained: Collection[str] = words.EXPLAINERS) -> dict[str, Any]:
    """A field for plan_fields.html: whether it is a group of boxes, and what is tied to that."""
    bound = form[name]
    return {
        "field": bound,
        "many": bound.use_fieldset,
        "beside": _beside(bound, explained) if bound.use_fieldset else "",
    }


def anchor_of(form: forms.Form, key: str) -> str:
    """The id on the page of the field that a problem is about; empty where the form does not show it."""
    name = key.replace("thresholds.", MAP_OF)
    if name not in form.fields:
        return ""
    bound = form[name]
    return f"{bound.auto_id}-group" if bound.use_fieldset else str(bound.auto_id)


def rollout_choices() -> list[tuple[str, str]]:
    """Roll-outs that two people confirmed."""
    rows = Rollout.objects.filter(confirmation__isnull=False).values_list(
        "rollout_hash", "title", "from_week", "to_week"
    )
    return [(digest, f"{title}, {first} to {last}") for digest, title, first, last in rows]


def values_of(post: QueryDict, before: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as keys of a plan. What cannot be read stays as it was typed, so that it can be mended.

    Keys that the form does not show (from a file) are kept from ``before``.
    """
    values = {key: value for key, value in before.items() if key in ("venues", "inference")}
    for key in TEXTS:
        text = post.get(key, "").strip()
        if text or key in ("rollout",):
            values[key] = text
    for key in NUMBERS:
        if post.get(key, "").strip():
            values[key] = number_of(str(post[key]))
    for key in LISTS:
        values[key] = list(in_order(key, post.getlist(key)))
    limits = {
        name: number_of(str(post[MAP_OF + name]))
        for name in words.threshold_names()
        if post.get(MAP_OF + name, "").strip()
    }
    if limits:
        values["thresholds"] = limits
    return values


def number_of(text: str) -> int | float | str:
    """A number as it was typed; the text itself where it is none."""
    text = text.strip().replace(",", "")
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if re.fullmatch(r"-?\d{0,9}\.\d{1,9}", text):
        return float(text)
    return text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _as_data(values: dict[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    said = DEFAULTS | values
    for key in (*TEXTS, *NUMBERS):
        value = said.get(key, "")
        data[key] = f"{value:g}" if isinstance(value, float) else str(value)
    for key in LISTS:
        data.setlist(key, [str(each) for each in said.get(key) or []])
    for name, value in (said.get("thresholds") or {}).items():
        data[MAP_OF + name] = f"{value:g}" if isinstance(value, float) else str(value)
    return data
