"""Forms of the police data screens."""

from typing import Any

from django import forms

from analytics.measures.catalogue import DEFAULT_MEASURE, measures
from analytics.police_data.areas import AREA_TYPES
from analytics.police_data.mapping import MappingError, built_in_mappings, parse_mapping
from analytics.police_data.sources import SUFFIXES
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


class ImportForm(forms.Form):
    file = forms.FileField(label="File", help_text="A .csv, .csv.gz, .xlsx or .zip file.")
    mapping = forms.ChoiceField(
        label="How to read it", required=False, help_text="By its header, if you are not sure."
    )
    mapping_file = forms.FileField(
        label="A mapping of your own", required=False, help_text="A TOML file; it wins over the choice above."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].choices = [  # type: ignore[attr-defined]
            ("", "By its header"),
            *((name, name) for name in built_in_mappings()),
        ]

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if not upload.name.lower().endswith(SUFFIXES):
            raise forms.ValidationError("Give a .csv, .csv.gz, .xlsx or .zip file.")
        return upload

    def clean_mapping_file(self) -> Any:
        upload = self.cleaned_data["mapping_file"]
        if not upload:
            return None
        try:
            return parse_mapping(upload.read(1 << 20), where=upload.name)
        except MappingError as error:
            raise forms.ValidationError(str(error)) from error
