"""The mapping wizard: columns matched by selects, tried on the whole file, saved as a version for another to check."""

from datetime import datetime
from hashlib import blake2b
from itertools import chain, islice
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from analytics.measures.catalogue import offence_list
from analytics.measures.location_types import LOCATION_TYPES, UNKNOWN, is_code, review_of_words
from analytics.measures.reviewed import warnings_of
from analytics.models import ReceivedFile
from analytics.police_data import receiving
from analytics.police_data.admin_views import IMPORT, allow, frame
from analytics.police_data.cell_text import read_or_shape, shape_of
from analytics.police_data.intake_views import CRUMB, WRONG, previewed, sources_of
from analytics.police_data.location_words import LocationWords, Word, location_words
from analytics.police_data.mapping import parse_mapping
from analytics.police_data.mapping_draft import TIMES_OF, WIZARD_FIELDS, MappingDraft, draft_for
from analytics.police_data.preview import preview
from analytics.police_data.saved_mappings import save_mapping
from analytics.police_data.sources import Rows, UnreadableFile
from campaign_pages.accounts.fresh_sign_in import needs_recent_sign_in

LABELS = {
    "crime_reference": "Reference of the crime", "offence": "Offence", "committed_from": "When it happened, or began",
    "committed_to": "When it ended", "month": "Month, if there is nothing more exact", "recorded_at": "When it was recorded",
    "as_at": "Date of the extract", "easting": "Easting (metres)", "northing": "Northing (metres)", "lon": "Longitude",
    "lat": "Latitude", "beat": "Beat", "npa": "Neighbourhood policing area", "district": "District", "lsoa": "LSOA code",
    "location_type": "Kind of location", "public_place": "In a public place?", "domestic": "Domestic?", "weapon": "Weapon?",
    "alcohol": "Alcohol?", "hate": "Hate crime?",
}  # fmt: skip
MATCHING = 60  # minutes that somebody may take to match columns
LOOKED_AT = 5_000  # rows for a draft
FIRST_ROWS = 8  # rows to look at while matching
COLUMN_OF_KINDS = "column_location_type"
KINDS = [
    ("", "Leave as unknown"),
    *((code, title) for code, title in LOCATION_TYPES.items() if code != UNKNOWN),
    (UNKNOWN, "The source does not say"),
]


class WizardForm(forms.Form):
    """A mapping as a form: one select for each field, and what cannot be selected as text."""

    name = forms.SlugField(
        label="Name of the mapping", help_text="Small letters, digits and hyphens, such as my-force."
    )
    force = forms.CharField(label="Force", required=False, max_length=80)
    date_format = forms.CharField(
        label="How dates are written",
        required=False,
        help_text="%d day, %m month, %Y year, %H hour, %M minute: 15/06/2024 23:30 is %d/%m/%Y %H:%M.",
    )
    day_numbers = forms.BooleanField(
        label="Dates are a spreadsheet's day numbers",
        required=False,
        help_text="45458.98 is 15 June 2024, 23:30. Dates written in the usual way are still read.",
    )
    timezone = forms.CharField(label="Time zone of the file", initial="Europe/London")
    coordinates = forms.ChoiceField(
        label="Coordinates",
        choices=[("osgb36", "National Grid, metres"), ("wgs84", "Longitude and latitude, degrees")],
    )
    offences = forms.CharField(
        label="What its offences are",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One to a line: what the file says = code, such as “Assault OABH = 8N”. Without a code it stays unknown.",
    )
    every_offence = forms.CharField(
        label="Every row is this offence", required=False, help_text="A code, such as 8N."
    )
    every_public = forms.BooleanField(label="Every row happened in a public place", required=False)
    skip_column = forms.ChoiceField(label="Leave out rows by this column", required=False)
    skip_values = forms.CharField(
        label="that say", required=False, help_text="Separated by commas: Cancelled, Transferred."
    )

    def __init__(self, *args: Any, header: list[str], words: LocationWords | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        choices = [("", "not in this file"), *((name, name) for name in dict.fromkeys(header) if name)]
        self.fields["skip_column"].choices = [("", "none"), *choices[1:]]  # type: ignore[attr-defined]
        for key in WIZARD_FIELDS:
            self.fields[f"column_{key}"] = forms.ChoiceField(label=LABELS[key], choices=choices, required=False)
            if key in TIMES_OF:
                label = f"{LABELS[key]}: its time, if in a column of its own"
                self.fields[f"clock_{key}"] = forms.ChoiceField(label=label, choices=choices, required=False)

        self.kind_fields = {_field_of(word): word for word in words.listed} if words else {}
        for name, word in self.kind_fields.items():
            self.fields[name] = forms.ChoiceField(
                label=word.text, choices=KINDS, required=False, initial=word.proposal
            )
        # words of a column that was chosen just now stood on no screen yet: each is sent as it is proposed
        self.unseen = [name for name in self.kind_fields if self.is_bound and name not in self.data]
        if self.unseen:
            proposed = {name: self.kind_fields[name].proposal for name in self.unseen}
            self.data = dict(self.data.items()) | proposed  # a copy of the last values, as Django reads them

    @property
    def columns(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith(("column_", "clock_"))]

    @property
    def others(self) -> list[Any]:
        return [
            self[name]
            for name in self.fields
            if not name.startswith(("column_", "clock_")) and name not in self.kind_fields
        ]

    @property
    def kinds(self) -> list[tuple[Word, Any]]:
        """The source's own words for kinds of location, each with its field."""
        return [(word, self[name]) for name, word in self.kind_fields.items()]

    @property
    def unmatched(self) -> list[Word]:
        """Words of a valid form that were left without a kind."""
        return [word for name, word in self.kind_fields.items() if not self.cleaned_data[name]]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if self.words and self.words.refused:
            self.add_error(
                COLUMN_OF_KINDS,
                f"“{self.words.column}” cannot be the kind of location: {self.words.refused}. Its values are not listed. "
                "Choose another column, or “not in this file”.",
            )
        elif self.unseen and "save" in self.data:
            self.add_error(
                None,
                "The file's words for kinds of location stand below, with a proposal for each that is in our list: look at "
                "them, then save.",
            )
        return found

    def _location_types(self) -> dict[str, str]:
        """Codes of the words; one left without a kind that is itself a code would be taken as that, so it is named."""
        chosen = {word: self.cleaned_data[name] for name, word in self.kind_fields.items()}
        return {word.text: code or UNKNOWN for word, code in chosen.items() if code or is_code(word.text)}

    def draft(self) -> MappingDraft:
        """The draft of a valid form."""
        given = self.cleaned_data
        columns = {
            key: [part for part in (given[f"column_{key}"], given.get(f"clock_{key}", "")) if part]
            for key in WIZARD_FIELDS
        }
        draft = MappingDraft(
            name=given["name"], force=given["force"], coordinates=given["coordinates"], timezone=given["timezone"],
            columns={key: parts for key, parts in columns.items() if parts},
            date_formats=[given["date_format"]] if given["date_format"] else [],
            offences=dict(self._offences()), day_numbers=given["day_numbers"],
            location_types=self._location_types(),
        )  # fmt: skip
        if given["every_offence"]:
            draft.constants["offence"] = given["every_offence"].strip()
            draft.columns.pop("offence", None)
        if given["every_public"]:
            draft.constants["public_place"] = "true"
            draft.columns.pop("public_place", None)
        values = [each.strip() for each in given["skip_values"].split(",") if each.strip()]
        if given["skip_column"] and values:
            draft.skip = {given["skip_column"]: values}
        return draft

    def _offences(self) -> list[tuple[str, str]]:
        found = []
        for line in self.cleaned_data["offences"].splitlines():
            said, sign, code = line.rpartition("=")
            if sign and said.strip() and code.strip():
                found.append((said.strip(), code.strip()))
        return found

    def clean_offences(self) -> str:
        self.cleaned_data["offences"] = text = str(self.cleaned_data["offences"])
        for said, code in self._offences():
            if offence_list().find(code) is None:
                raise forms.ValidationError(f"“{said}”: {code} is neither a code nor a group of the offence list.")
        return text


def _field_of(word: Word) -> str:
    """Made from the word, so that a choice stays with it when another column is chosen."""
    return f"kind_{blake2b(word.text.casefold().encode(), digest_size=8).hexdigest()}"


def initial_of(draft: MappingDraft) -> dict[str, Any]:
    """First values of the form."""
    found: dict[str, Any] = {
        "name": draft.name, "coordinates": draft.coordinates, "timezone": draft.timezone, "force": draft.force,
        "date_format": draft.date_formats[0] if draft.date_formats else "", "day_numbers": draft.day_numbers,
        "offences": "\n".join(f"{said} = {code}" for said, code in sorted(draft.offences.items())),
    }  # fmt: skip
    for key, parts in draft.columns.items():
        found[f"column_{key}"] = parts[0]
        if len(parts) > 1:
            found[f"clock_{key}"] = parts[1]
    return found


def _looked_at(received: ReceivedFile) -> tuple[list[str], list[list[str]], MappingDraft]:
    """The header, the first rows, and a draft made of the header and many rows."""
    if received.purged_at:
        raise receiving.MovedOn("The file's bytes are deleted.")
    source = sources_of(received)[0]
    lines = (cells for _, cells in Rows(source, size=received.size))
    header = [cell.strip().lstrip("\ufeff").strip() for cell in next(lines, [])]
    if not header:
        raise UnreadableFile("the file is empty; there is not even a header")
    first = list(islice(lines, FIRST_ROWS))
    rows = chain(first, islice(lines, LOOKED_AT))
    return header, first, draft_for(header, rows, name=f"file-{received.pk}")


def _words_of(received: ReceivedFile, header: list[str], column: str) -> LocationWords | None:
    """What the whole file says in a column; None where there is no such column."""
    if not column or column not in header:
        return None
    index = header.index(column)
    lines = islice(Rows(sources_of(received)[0], size=received.size), 1, None)
    return location_words(column, (cells[index] for _, cells in lines if len(cells) == len(header)))


def _as_shown(cells: list[str], header: list[str], read: set[int], words: LocationWords | None) -> list[str]:
    """A first row. In the column of kinds, what is not among the words that are listed shows its shape too."""
    shown = read_or_shape(cells, read)
    index = header.index(words.column) if words else len(cells)
    if words and index < len(cells) and not words.lists(cells[index]):
        shown[index] = shape_of(cells[index])
    return shown


def _chosen_columns(form: WizardForm) -> set[str]:
    """Names of the columns that the form, as it is shown, would read."""
    names = {str(each.value() or "") for each in form.columns} | {str(form["skip_column"].value() or "")}
    return names - {""}


@never_cache
@needs_recent_sign_in("GET", "POST", grace_minutes=MATCHING)
@require_http_methods(["GET", "POST"])
def wizard(request: HttpRequest, pk: int) -> HttpResponse:
    """Match columns, try the mapping on the whole file, save it."""
    allow(request, IMPORT)
    received = get_object_or_404(ReceivedFile, pk=pk)
    try:
        header, first, draft = _looked_at(received)
        guess = draft.columns.get("location_type", [""])[0]
        words = _words_of(received, header, request.POST.get(COLUMN_OF_KINDS, "") if request.POST else guess)
    except WRONG as error:
        messages.error(request, f"No mapping can be made for it: {error}")
        return redirect("received_file", pk=pk)
    if words and words.refused:
        draft.columns.pop("location_type", None)
    form = WizardForm(request.POST or None, header=header, words=words, initial=initial_of(draft))
    found, toml = None, ""
    if form.is_valid():
        toml = form.draft().to_toml()
        try:
            found = preview(sources_of(received)[0], parse_mapping(toml.encode(), where="the mapping"))
            if "save" in request.POST:
                return _saved(request, received, toml)
        except WRONG as error:
            form.add_error(None, str(error))
    read = {index for index, name in enumerate(header) if name in _chosen_columns(form)}
    receiving.note_look(received, by=request.user)
    context = frame(
        request, f"Mapping for received file {pk}", CRUMB,
        {"url": reverse("received_file", args=[pk]), "label": f"Received file {pk}"},
    ) | {
        "file": received, "form": form, "found": found, "toml": toml, "draft": draft,
        "header": header, "first": [_as_shown(cells, header, read, words) for cells in first],
        "words": words, "words_warnings": warnings_of([review_of_words()], timezone.localdate()) if form.kinds else [],
        "now": datetime(2024, 3, 4, 23, 30).strftime(draft.date_formats[0]) if draft.other_format else "",  # noqa: DTZ001
    }  # fmt: skip
    return render(request, "analytics/police/wizard.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, received: ReceivedFile, toml: str) -> HttpResponse:
    saved = save_mapping(toml, by=request.user, note=f"made for received file {received.pk}")
    chosen = receiving.choose_mapping(received, by=request.user, mapping=saved)
    previewed(chosen, request.user)
    messages.success(request, f"{saved} is saved, and the file was read with it. Another person should check it.")
    return redirect("received_file", pk=received.pk)


urlpatterns = [path("police-data/received/<int:pk>/mapping-wizard/", wizard, name="mapping_wizard")]
