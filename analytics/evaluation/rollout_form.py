"""The form of a roll-out's settings."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.utils import ErrorDict, ErrorList
from django.http import QueryDict

from analytics.evaluation.plain_words import DATA_CHOICES
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.plan_form import describe, number_of, shown_field
from analytics.evaluation.rollout_settings import DEFAULTS, next_start
from analytics.measures.catalogue import measures
from analytics.models import RolloutDeviation
from campaign_pages.activity import VenueFacts

NUMBERS = ("weeks", "waves", "seed", "before", "after", "never", "balance", "buffer_m")
TEXTS = ("title", "from_week", "measure", "data")
WORDS = {
    "title": "What the record will be called.",
    "from_week": "The study begins here, before anybody goes live. Choose a week to come.",
    "weeks": "How long the study lasts in all.",
    "waves": "How many steps. More steps spread the work; the simulation says how much can be seen with each number.",
    "seed": "Any whole number, chosen before you look and published. The same seed gives everybody the same draw.",
    "before": "Weeks in which nobody has material yet. Twelve at least are wise.",
    "after": "Weeks from the start of the last wave to the end.",
    "never": "Arms whose venues get nothing until the end. 0: everybody goes live.",
    "balance": "Empty: any draw is taken. A number such as 0.5: draws are thrown away until the arms’ levels before lie nearer than that many standard deviations. The chance test then draws by the same rule.",
    "buffer_m": "Clusters nearer than this to each other go live together, so that one’s material is not seen from the other. 0: no buffer.",
    "areas": "None ticked: all of them. Strata are area by level before.",
    "excluded": "One venue a line: its code, then the reason. Written down before the draw and shown with it.",
    "measure": "Level before and simulation are about this.",
    "data": "Synthetic is for trying out.",
}  # fmt: skip


class RolloutForm(forms.Form):
    title = forms.CharField(label="Title", max_length=120)
    from_week = forms.CharField(label="First week")
    weeks = forms.CharField(label="Weeks in all")
    waves = forms.CharField(label="Waves")
    seed = forms.CharField(label="Seed")
    before = forms.CharField(label="Weeks before the first wave")
    after = forms.CharField(label="Weeks after the last wave’s start")
    never = forms.CharField(label="Arms that stay without material")
    balance = forms.CharField(label="Largest difference between arms")
    buffer_m = forms.CharField(label="Buffer in metres")
    areas = forms.MultipleChoiceField(label="Areas", widget=forms.CheckboxSelectMultiple)
    excluded = forms.CharField(label="Venues left out", widget=forms.Textarea(attrs={"rows": 3}))
    measure = forms.ChoiceField(label="What is counted")
    data = forms.ChoiceField(label="Kind of data", choices=DATA_CHOICES)  # type: ignore[assignment]

    def __init__(
        self, values: dict[str, Any], *, venues: Sequence[VenueFacts], problems: Sequence[PlanError] = ()
    ) -> None:
        super().__init__(data=_as_data(values))
        self.fields["areas"].choices = sorted(  # type: ignore[attr-defined]
            {(each.area_code, each.area_name) for each in venues}, key=lambda each: each[1]
        )
        self.fields["measure"].choices = [  # type: ignore[attr-defined]
            (name, each.title) for name, each in sorted(measures().items()) if not each.open_data
        ]
        for name, field in self.fields.items():
            field.required, field.help_text = False, WORDS[name]
        self._errors = ErrorDict()
        for problem in problems:
            said = str(problem).partition(": ")[2] or str(problem)
            if problem.key in self.fields:
                self._errors.setdefault(problem.key, ErrorList()).append(
                    f"{said[:1].upper()}{said[1:].rstrip('.')}."
                )

        describe(self)

    def rows(self) -> list[dict[str, Any]]:
        """Fields, with whether each is a group of boxes."""
        return [shown_field(self, name, explained=()) for name in self.fields]


def named(problem: PlanError) -> str:
    """A problem by the label that stands on the form, not by its key."""
    field = RolloutForm.base_fields.get(problem.key)
    said = str(problem).partition(": ")[2] or str(problem)
    return f"{field.label}: {said}" if field is not None else str(problem)


class DeviationForm(forms.Form):
    cluster = forms.ChoiceField(label="Cluster")
    venue = forms.CharField(label="Venue code", required=False, help_text="Empty: the whole cluster.")
    kind = forms.ChoiceField(label="What happened", choices=RolloutDeviation.Kind.choices)
    week = forms.CharField(
        label="Week it really went live", required=False, help_text="Such as 2027-W12; empty if never."
    )
    reason = forms.CharField(label="Why", max_length=300)

    def __init__(self, *args: Any, clusters: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cluster"].choices = [(each, each) for each in clusters]  # type: ignore[attr-defined]


def settings_of(post: QueryDict) -> dict[str, Any]:
    """What was typed, as settings of a roll-out. What cannot be read stays as typed."""
    values: dict[str, Any] = {key: post.get(key, "").strip() for key in TEXTS if post.get(key, "").strip()}
    for key in NUMBERS:
        if post.get(key, "").strip():
            values[key] = number_of(str(post[key]))
    values["areas"] = sorted(post.getlist("areas"))
    values["excluded"] = [
        [code.strip().upper(), reason.strip(" :,=")]
        for line in post.get("excluded", "").splitlines()
        if line.strip()
        for code, _, reason in [line.strip().replace(",", " ").replace(":", " ").partition(" ")]
    ]
    return values


def _as_data(values: dict[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    said = DEFAULTS | values
    said["from_week"] = said["from_week"] or next_start()
    for key in (*TEXTS, *NUMBERS):
        data[key] = "" if said[key] is None else str(said[key])
    data.setlist("areas", list(said["areas"]))
    data["excluded"] = "\n".join(f"{code} {reason}" for code, reason in said["excluded"])
    return data
