"""Text in files that spreadsheets open: never run as a formula (ASVS 5.0 1.2.10).

A spreadsheet runs a cell that begins with =, +, - or @, in some also after blanks, a tab or a line end, and takes
the full-width twins for the same. Who can write a text that is exported (the feedback form of the site, an area's
name in a police file) could so run something on the machine of whoever opens the file. A leading apostrophe stops it.
"""

from typing import Any

from django.utils.encoding import force_str

RISKY = tuple("=+-@|\t\r\n\0＝＋－＠｜")
# What str.strip() leaves and a reader does not see: zero-width characters, direction marks and the byte order mark.
UNSEEN = "".join(map(chr, (0, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)))


def safe_text(text: str) -> str:
    """The text with a leading apostrophe where a spreadsheet might run it."""
    begins = text.strip().strip(UNSEEN).lstrip()
    return f"'{text}" if text.startswith(RISKY) or begins.startswith(RISKY) else text


def safe_cell(value: object) -> object:
    """A cell for a spreadsheet: text as ``safe_text`` has it; numbers stay numbers."""
    return safe_text(value) if isinstance(value, str) else value


def safe_export(value: Any) -> Any:
    """What Wagtail would write of any value, safe: text of models too, such as the title of a page."""
    if isinstance(value, list):
        value = ", ".join(map(force_str, value))
    return safe_cell(force_str(value, strings_only=True))


def protect_exports() -> None:
    """Every list that Wagtail exports, ours and its own reports. Its CSV has no such guard (7.4)."""
    from wagtail.admin.views.mixins import SpreadsheetExportMixin as Exports

    safe = {Exports.FORMAT_CSV: safe_export, Exports.FORMAT_XLSX: safe_export}
    known = {kind: ways for kind, ways in Exports.custom_value_preprocess.items() if kind is not list}
    Exports.custom_value_preprocess = {**known, object: safe}  # the last one, for what no other is for
