"""The form of the needs assessment's tables: a period, and which rows."""

from typing import Any

from django import forms


class PeriodForm(forms.Form):
    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To, inclusive", widget=forms.DateInput(attrs={"type": "date"}))
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
