"""Forms of giving in a police file, of reading it another way, and of refusing it."""

from typing import Any

from django import forms

from analytics.models import SavedMapping
from analytics.police_data.mapping import MappingError, built_in_mappings, parse_mapping
from analytics.police_data.sources import SUFFIXES

BY_HEADER = "By its header"
SAVED = "saved:"
KINDS = "Give a .csv, .csv.gz, .tsv, .xlsx or .zip file."


def mapping_choices() -> list[tuple[str, str]]:
    """By the header, the built-in ones, and the newest version of each saved one."""
    saved: dict[str, SavedMapping] = {}
    for each in SavedMapping.objects.order_by("name", "-version"):
        saved.setdefault(each.name, each)
    return [
        ("", BY_HEADER),
        *((name, name) for name in built_in_mappings()),
        *(
            (f"{SAVED}{each.pk}", f"{each}{'' if each.checker else ' (not checked yet)'}")
            for each in saved.values()
        ),
    ]


def chosen_mapping(value: str) -> str | SavedMapping | None:
    """What a choice of ``mapping_choices`` stands for."""
    if value.startswith(SAVED):
        return SavedMapping.objects.get(pk=int(value.removeprefix(SAVED)))
    return value or None


class MappingChoice(forms.Form):
    """How to read a file: a choice, or a mapping of one's own, which is then saved."""

    mapping = forms.ChoiceField(
        label="How to read it", required=False, help_text="By its header, if you are not sure."
    )
    mapping_file = forms.FileField(
        label="A mapping of your own",
        required=False,
        help_text="A TOML file; it wins over the choice above and is saved for the next time.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].choices = mapping_choices()  # type: ignore[attr-defined]

    def clean_mapping_file(self) -> str:
        upload = self.cleaned_data["mapping_file"]
        if not upload:
            return ""
        raw = upload.read(1 << 20)
        try:
            parse_mapping(raw, where=upload.name)
        except MappingError as error:
            raise forms.ValidationError(str(error)) from error
        return str(raw.decode("utf-8-sig"))


class UploadForm(MappingChoice):
    file = forms.FileField(
        label="File", help_text=KINDS, error_messages={"required": "Choose the file that you give in."}
    )
    reason = forms.CharField(
        label="Why these data are loaded",
        max_length=300,
        error_messages={"required": "Say why these data are loaded."},
        help_text="Such as: extract for the evaluation of spring 2024, agreed on 3 May. It stays in the audit log.",
    )
    field_order = ("file", "reason", "mapping", "mapping_file")

    def __init__(self, *args: Any, sealing_error: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sealing_error = sealing_error

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if not upload.name.lower().endswith(SUFFIXES):
            raise forms.ValidationError(KINDS)
        return upload

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if self.sealing_error:
            self.add_error("file", self.sealing_error)
        return found


class RefuseForm(forms.Form):
    reason = forms.CharField(label="Why it is refused", max_length=300)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Why it is withdrawn", max_length=300)
