"""The form of the needs assessment's tables: a period, and which rows."""

from typing import Any

from django import forms


def date_field(label: str) -> forms.DateField:
    """A browser's date field; it shows its value only when that is written as 2024-01-31, in every language."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class PeriodForm(forms.Form):
    first = date_field("From")
    last = date_field("To, inclusive")
    kind = forms.ChoiceField(
        label="Rows",
        choices=[("", "Whatever is loaded"), ("real", "Real rows"), ("synthetic", "Synthetic rows")],
        required=False,
        help_text="Real and synthetic rows are never counted together.",
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", "The period ends before it begins.")
        return found
