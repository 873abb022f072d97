"""Forms of the police data screens."""

from typing import Any

from django import forms

from analytics.measures.catalogue import DEFAULT_MEASURE, measures
from analytics.police_data.areas import AREA_TYPES
from analytics.police_data.summaries import BY

BY_WORDS = {
    "weekday": "Weekday by the calendar",
    "night": "Night (noon to noon)",
    "date": "Date",
    "hour": "Hour",
    "offence": "Offence",
    "area": "Area",
    "month": "Month",
    "location": "Kind of location",
}
AREA_WORDS = {"local_authority": "Local authority", "npa": "Neighbourhood policing area", "beat": "Beat"}


class SummaryForm(forms.Form):
    measure = forms.ChoiceField(label="What to count", initial=DEFAULT_MEASURE)
    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(
        label="To, inclusive", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    by = forms.ChoiceField(label="By", choices=[(key, BY_WORDS[key]) for key in BY], initial="night")
    area_type = forms.ChoiceField(
        label="Kind of area",
        choices=[(key, AREA_WORDS.get(key, key.upper())) for key in AREA_TYPES],
        required=False,
        help_text="Used when counting by area.",
    )
    kind = forms.ChoiceField(
        label="Rows",
        choices=[("", "Whatever is loaded"), ("real", "Real rows"), ("synthetic", "Synthetic rows")],
        required=False,
        help_text="Real and synthetic rows are never counted together.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.name, each.title) for each in measures().values()]
        self.fields["measure"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", "The period ends before it begins.")
        return found
