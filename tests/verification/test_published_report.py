"""An attacker with everything that is public about an evaluation, its PDF taken apart to the last string, finds no count.

Every count of the result is a number that stands nowhere else. The same attacker wins against the evaluators' own report.
"""

import io
import json
import re
from typing import Any

import pikepdf
import pypdfium2
import pytest

from analytics.evaluation.report import html, pdf
from analytics.evaluation.report.beside import Beside
from analytics.evaluation.report.public import public_findings
from analytics.evaluation.report.public_pdf import public_pdf
from tests.factories.report import sample_result

COUNTS = {
    "n_events", "n_obs", "observed", "expected", "exposed_cells", "no_comparison", "events", "assaults", "recorded",
    "live_unit_weeks", "per_100_live_unit_weeks", "events_in_units", "unique_events", "unit_weeks", "late_or_off", "early",
    "unknown",
}  # fmt: skip
TABLES_OF_COUNTS = {"dropped", "excluded", "counts"}
CANARY = "canary-in-a-text"


def strange(result: dict[str, Any]) -> tuple[dict[str, Any], set[int]]:
    """The result with every count replaced by a number of its own, and those numbers."""
    made: set[int] = set()

    def next_number() -> int:
        made.add(number := 41_017 + 13 * len(made))
        return number

    def walk(node: Any, inside: bool) -> Any:
        if isinstance(node, dict):
            return {
                key: next_number()
                if isinstance(value, int | float) and (inside or key in COUNTS)
                else walk(value, inside or key in TABLES_OF_COUNTS)
                for key, value in node.items()
            }
        if isinstance(node, list):
            return [
                next_number() if inside and isinstance(each, int | float) else walk(each, inside) for each in node
            ]
        return node

    return walk(result, False), made


def everything_in(content: bytes) -> str:
    """Every letter of a PDF: pages as they read, strings of every object, alternative texts, metadata, attachments."""
    document = pypdfium2.PdfDocument(content)
    found = [page.get_textpage().get_text_range() for page in document]
    document.close()
    with pikepdf.open(io.BytesIO(content)) as opened:
        for each in opened.objects:
            strings(each, found, set())
        found += [str(name) for name in opened.attachments]
    return re.sub(r"(?<=\d),(?=\d{3})", "", " ".join(found))


def strings(node: Any, found: list[str], seen: set[Any]) -> None:
    if isinstance(node, pikepdf.Stream):
        if node.get("/Type") == "/Metadata":
            found.append(node.read_bytes().decode())
        strings(pikepdf.Dictionary(dict(node.items())), found, seen)
    elif isinstance(node, pikepdf.Dictionary):
        for key, value in node.items():
            if not (hasattr(value, "is_indirect") and value.is_indirect):
                strings(value, found, seen)
            found.append(str(key))
    elif isinstance(node, pikepdf.Array):
        for value in node:
            if not (hasattr(value, "is_indirect") and value.is_indirect):
                strings(value, found, seen)
    elif isinstance(node, pikepdf.String):
        found.append(str(node))


def given_away(text: str, counts: set[int]) -> set[int]:
    return {number for number in counts if re.search(rf"(?<!\d){number}(?!\d)", text)}


def told(**changes: Any) -> tuple[dict[str, Any], set[int]]:
    """A result whose sentence, rules, places and texts hold counts too."""
    result, counts = strange(sample_result(**changes))
    some = sorted(counts)[:3]
    for rule in result["rules"]:
        if rule["code"] == "R4":
            rule |= {
                "fired": True,
                "detail": f"{some[0]} events, {some[1]} in exposed cells, {some[2]} expected there",
            }
            result["verdict_sentence"] += f" ({rule['code']}: {rule['detail']})"
    return result, counts


@pytest.mark.parametrize("verdict", ["fewer", "cannot_tell", "cannot_attribute", "refused", "exploratory"])
def test_nothing_public_holds_a_count_or_a_place(verdict):
    result, counts = told(verdict=verdict)
    assert len(counts) > 80, "the result has hardly any counts: mend this test"
    findings = public_findings(result, signed="Signed.", result_hash="f" * 64, attribution=["Made here."])
    printed = public_pdf(findings)
    text = everything_in(printed)
    assert "Every rule" in text
    assert findings["sentence"][:40] in " ".join(text.split())
    assert given_away(text, counts) == set()
    assert given_away(json.dumps(findings), counts) == set()
    assert not re.search(r"SYN\d|canary|2023-W17|HYPERLINK", text)


def test_every_number_of_the_pdf_is_on_the_public_page():
    result, _ = told(verdict="fewer")
    findings = public_findings(result, signed="Signed.", result_hash="f" * 64, attribution=[])
    document = pypdfium2.PdfDocument(public_pdf(findings))
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    numbers = {each for page in pages for each in re.findall(r"\d+\.\d+|\d{2,}", page)}
    page_numbers = {f"{n}" for n in range(len(pages) + 1)}
    shown = json.dumps(findings, ensure_ascii=False)
    drawn = " ".join(re.findall(r">([^<]*)<", " ".join(each["svg"] for each in findings["figures"])))
    assert {each for each in numbers - page_numbers if each not in shown and each not in drawn} == set()


def test_the_same_attacker_wins_against_the_evaluators_report():
    """Otherwise he would look in the wrong places."""
    result, counts = told(verdict="fewer")
    beside = Beside(texts={"mechanism": CANARY})
    text = everything_in(pdf(result, beside))
    assert len(given_away(text, counts)) > 0.8 * len(counts)
    assert re.search(r"SYN\d", text)
    assert CANARY in text
    assert CANARY in html(result, beside)
