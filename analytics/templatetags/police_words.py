"""What stands on the screens of police data in place of codes; the codes stay in files, commands and records."""

from typing import Any

from django import template

register = template.Library()

IN_WORDS = {
    # rows that are not loaded
    "too_few_fields": "Fewer fields than the header",
    "too_many_fields": "More fields than the header",
    "control_character": "A character that no text has",
    "repeated_header": "The header again",
    "total_row": "A line of totals",
    "date_unreadable": "A date that cannot be read",
    "date_in_future": "A date in the future",
    "date_too_old": "A date before 1990",
    "offence_unknown": "An offence that is not in the list",
    "place_missing": "No place",
    "reference_malformed": "A reference that cannot be one",
    "cell_error": "An error of the spreadsheet in a cell",
    # rows of the period that a measure does not count
    "other_offence": "Other offences",
    "no_time": "No time of day known",
    "reversed_range": "Ends before it begins",
    "long_range": "A range of more than 12 hours",
    "placeholder_time": "A time that stands for “not known”",
    "not_public_place": "Not in a public place",
    "public_place_unknown": "Not known whether in a public place",
    "domestic": "Domestic",
    "other_place_or_not_domestic": "Another kind of place, or not domestic",
    "outside_night_time": "Outside 22:00 to 04:59 (ranges by their share)",
    "outside_daytime": "Outside 06:00 to 17:59 (ranges by their share)",
    # duplicates
    "same_file": "The same file again",
    "already_loaded": "Loaded from another file",
    "older_version": "Older than what is loaded",
    "same_reference_in_file": "The same reference again in this file",
    "republished": "Published again in another month",
    "older_issue": "Only in an older issue of the month",
}
SKIPPED = "skipped_by_mapping:"
FLAGS = {"y": "yes", "n": "no", "u": "not known"}
ABBREVIATIONS = {"npa": "NPA", "lsoa": "LSOA", "lsoa_name": "LSOA name", "lsoa_vintage": "LSOA vintage"}
FLAG_FIELDS = frozenset({"public_place", "domestic", "weapon", "alcohol", "hate"})


@register.filter
def in_words(code: str) -> str:
    """The words for a code; the code itself where there are none."""
    if code.startswith(SKIPPED):
        return f"Left out by the mapping: {code.removeprefix(SKIPPED).replace('=', ' = ', 1)}"
    return IN_WORDS.get(code, code)


@register.filter
def field_name(name: str) -> str:
    return ABBREVIATIONS.get(name, name.replace("_", " ").capitalize())


@register.simple_tag
def field_value(name: str, value: Any) -> str:
    """A value of a row as it is loaded."""
    if value is None:
        return ""
    return FLAGS.get(str(value), str(value)) if name in FLAG_FIELDS else str(value)
