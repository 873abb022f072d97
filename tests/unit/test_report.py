"""The report from result to page, PDF, CSV and SVG: verdict first, nothing stronger, every table downloadable as shown."""

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pikepdf
import pypdfium2
import pytest

from analytics.evaluation.report import contents, html, pdf, pictures, tables
from analytics.evaluation.report.beside import NOTHING, Beside, avoided, cost_of
from analytics.evaluation.report.parts import SHOWN
from analytics.evaluation.report.words import DOES_NOT_MEAN, MEANS, RULES, WORDS
from tests.factories.report import sample_result

VERDICTS = list(WORDS)
BESIDE = Beside(
    texts={"cost_pounds": "£12,500", "mechanism": "A man thinks first."},
    attempts=[{"run": 1, "verdict": "cannot_tell"}, {"run": 2, "verdict": "fewer"}],
    again="manage.py evaluate PLAN.toml --again",
)
# Nothing in a report may say these, whatever was found.
STRONGER = r"proves|proven|proved|works\b|effective|caused a|reduces|reduced|prevented|saved|no effect|significant"


class Words(HTMLParser):
    """Text of a page outside style sheets, and its tables by caption."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tables: list[list[list[str]]] = []
        self._silent = self._cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self._silent = tag == "style" or (self._silent and tag != "main")
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._silent = self._silent and tag != "style"
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)
        if self._cell:
            self.tables[-1][-1][-1] += data


def page_text(result, beside=BESIDE):
    return " ".join("".join(Words(html(result, beside)).text).split())


@pytest.fixture(scope="module")
def full():
    return sample_result()


@pytest.fixture(scope="module")
def printed(full):
    return pdf(full, BESIDE)


def test_the_verdict_stands_first_then_one_picture_then_what_it_means(full):
    page = html(full, BESIDE)
    order = ['class="verdict__word"', full["verdict_sentence"][:40], "Evidence grade 3 of 5", 'role="img"', "What this means",
             "What it does not mean", "What would be needed", "What was asked", "Every rule, fired or not"]  # fmt: skip
    places = [page.index(each) for each in order]
    assert places == sorted(places)
    assert page.index("Synthetic data.") < places[0]
    assert "<b>Acquisitive" not in page
    assert "<script" not in page


def test_every_part_of_a_whole_result_is_there(full):
    keys = {each.key for each in contents(full, BESIDE).sections}
    assert keys == {
        "asked", "sample", "main", "correlation", "power", "weeks", "chance", "rules", "lead", "event-study", "lags",
        "placebo-outcomes", "placebo-dates", "rings", "secondary", "leave-one-out", "multiverse", "other-models", "residuals",
        "its", "delay", "data-quality", "rollout", "corrections", "attempts", "logic", "emmie", "cost", "provenance", "limits",
    }  # fmt: skip
    text = page_text(full)
    for words in ("busy venues get more of both", "40.4 fewer recorded (95 % interval 22.1 to 55.0)", "CV3", "not filled in",
                  "A man thinks first.", "--again", "Of 4,200 venue-weeks, 3.7 % broke from the draw", "As delivered", "61 venue clusters would be needed", "Draws", "r_w = -0.061"):  # fmt: skip
        assert words.lower() in text.lower(), words
    assert text.index("r_w") < text.index("Raw rank correlation")


def test_what_is_still_felt_of_last_week_is_said_wherever_it_counts():
    text = page_text(sample_result(carry_over=0.125), NOTHING)
    assert re.search(r"Carried over ?12.5 % of last week's is still felt", text)
    assert "Each is carried over as the plan's own exposure is: 12.5 % of last week's is still felt." in text
    for end in ("low", "high"):
        assert f"Reach at its {end} end, carried over" in text
        assert f"Reach at its {end} end, carried over" not in page_text(sample_result(), NOTHING)
    assert "still felt" not in page_text(sample_result(), NOTHING)


def test_what_the_plan_left_out_and_its_cautious_reading_are_said():
    shrunk = {"prior_sd": 0.1, "irr": 0.94, "ci_low": 0.83, "ci_high": 1.06, "weight_of_the_data": 0.31}
    text = page_text(sample_result(not_asked_for=["rings"], shrunken=shrunk), NOTHING)
    for words in (
        "Next door: offences in the rings around",
        "rate ratio 0.94 (0.83 to 1.06)",
        "weigh 31%",
        "None of it moves the verdict",
    ):
        assert words in text
    assert "Chosen in advance" not in page_text(sample_result(), NOTHING)


def test_sections_are_there_only_with_their_data(full):
    optional = ["lead", "lags", "event_study", "imputation", "wild", "conley", "negative_binomial", "rings", "placebo_outcomes",
                "placebo_dates", "secondary_exposures", "leave_one_out", "multiverse", "delay", "residual_acf", "in_counts",
                "power", "reach_range", "corrections", "rollout", "interrupted_time_series", "permutation_null", "data_quality",
                "clock_times", "geocoded_share", "excluded"]  # fmt: skip
    bare = sample_result(**dict.fromkeys(optional))
    keys = {each.key for each in contents(bare, NOTHING).sections}
    assert keys == {"asked", "sample", "main", "correlation", "power", "weeks", "rules", "attempts", "logic", "emmie", "cost",
                    "provenance", "limits"}  # fmt: skip
    assert pdf(bare).startswith(b"%PDF")
    nothing = sample_result(verdict="refused", grade=1, problem="No event happened.", **dict.fromkeys(optional))
    nothing["estimate"] |= dict.fromkeys(("irr", "ci_low", "ci_high", "p_permutation"))
    nothing["correlation"] = dict.fromkeys(nothing["correlation"])
    nothing["mde_irr"] = None
    assert "No effect could be estimated. No event happened." in page_text(nothing, NOTHING)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_nothing_is_stronger_than_the_sentence(verdict):
    result = sample_result(verdict=verdict, grade=2)
    first = contents(result, BESIDE).first
    text = page_text(result)
    assert not re.search(STRONGER, text.replace(result["verdict_sentence"], ""), re.IGNORECASE)
    assert first.sentence == result["verdict_sentence"]
    assert (first.picture.name == "estimates") == (
        verdict in ("fewer", "more", "no_material_difference", "cannot_tell")
    )
    for svg in pictures(result, BESIDE).values():
        root = ElementTree.fromstring(svg)
        assert not re.search(STRONGER, "".join(root.itertext()), re.IGNORECASE)
        assert "synthetic" in root[0].text
    assert WORDS.keys() == MEANS.keys() == DOES_NOT_MEAN.keys()


@pytest.mark.parametrize("code", RULES)
def test_a_rule_that_fires_is_on_page_one_with_what_would_help(code):
    first = contents(sample_result(verdict="cannot_tell", fires=(code,)), NOTHING).first
    assert any(each.startswith(f"{code}, ") for each in first.reasons)
    assert code == "R14" or any(each.endswith(f"({code})") for each in first.needed)


def test_how_many_would_be_needed_is_on_page_one():
    first = contents(sample_result(verdict="cannot_tell", fires=("R6",)), NOTHING).first
    assert "About 61 venue clusters" in first.needed[0]
    assert "fall of 22 % or more" in first.could_see


def test_csv_and_page_show_the_same_numbers(full):
    report = contents(full, BESIDE)
    by_header = {tuple(table[0]): table[1:] for table in Words(html(full, BESIDE)).tables}
    files = tables(full, BESIDE)
    shown = [figure.table for figure in report.figures if figure.table]
    assert len(shown) == len(files) > 15
    for table in shown:
        rows = list(csv.reader(io.StringIO(files[table.file])))
        assert rows[0] == [*(column.key for column in table.columns), "synthetic"]
        assert {row[-1] for row in rows[1:]} == {"yes"}
        on_page = by_header[tuple(column.label for column in table.columns)]
        assert len(on_page) == len(rows) - 1
        for row, cells in zip(rows[1:], on_page, strict=True):
            for column, raw, cell in zip(table.columns, row[:-1], cells, strict=True):
                if column.kind == "text":
                    assert raw.removeprefix("'") == cell
                else:
                    assert cell == ("not known" if raw == "" else SHOWN[column.kind](float(raw)))
    assert "'=HYPERLINK" in files["corrections.csv"]


def test_the_pdf_is_tagged_titled_and_speaks(printed, full):
    with pikepdf.open(io.BytesIO(printed)) as opened:
        root = opened.Root
        assert bool(root.MarkInfo.Marked)
        assert "/Suspects" not in root.MarkInfo  # pdfinfo calls its "false" a wrong type
        assert str(root.Lang) == "en-GB"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with opened.open_metadata() as found:
            assert found["pdfuaid:part"] == "1"
            assert found["dc:title"] == f"{full['title']}: Fewer"
        kinds: dict[str, int] = {}
        silent = []

        def walk(node):
            if isinstance(node, pikepdf.Array):
                for each in node:
                    walk(each)
            elif isinstance(node, pikepdf.Dictionary):
                kind = str(node.get("/S", ""))
                kinds[kind] = kinds.get(kind, 0) + 1
                if kind == "/Figure" and not str(node.get("/Alt", "")):
                    silent.append(node)
                if "/K" in node and kind:
                    walk(node.K)

        walk(root.StructTreeRoot.K)
    drawn = len(pictures(full, BESIDE))
    assert silent == []
    assert kinds["/Figure"] == drawn
    assert kinds["/Table"] == len(tables(full, BESIDE))
    assert kinds["/TH"] > 60
    assert kinds["/H1"] == 1
    assert kinds["/H2"] > 20


def test_page_one_of_the_pdf_is_one_page_with_the_answer_on_it(printed, full):
    document = pypdfium2.PdfDocument(printed)
    first, second = (" ".join(document[n].get_textpage().get_text_range().split()) for n in (0, 1))
    document.close()
    assert "Synthetic data." in first
    assert "This does not show that the campaign caused it." in first
    assert "What would be needed to be able to tell" in first
    assert "What was asked" not in first
    assert second.index("Synthetic data") < second.index("What was asked, and when it was fixed")


def test_cost_for_each_assault_only_where_it_may_be_said(full):
    assert "£77" in page_text(full)  # 12,500 / (773.4 x 0.21)
    for changed in (sample_result(grade=2), sample_result(verdict="cannot_tell"), sample_result(verdict="more")):
        assert avoided(changed) is None
        assert "£77" not in page_text(changed)
    dose = sample_result(imputation=None)
    middle, low, high = avoided(dose)
    assert (middle, low, high) == pytest.approx((162.4, 88.8, 221.1), abs=0.1)
    assert str(cost_of("£ 1,250.50")) == "1250.50"
    assert cost_of(" ") is None
    for wrong in ("a lot", "-3", "NaN", "1e99"):
        with pytest.raises(ValueError, match="Write"):
            cost_of(wrong)


def test_the_headline_is_named_for_what_it_is_and_an_uneven_size_is_withheld():
    result = sample_result(two_way={"irr": 0.84, "ci_low": 0.75, "ci_high": 0.94, "se_method": "cv3"})
    result["estimate"] |= {"basis": "imputation", "irr": 0.79, "se_method": "jackknife"}
    result["diagnostics"]["delay"] |= {
        "trimmed_weeks": ["2023-W42", "2023-W43"],
        "recorded_early": {"irr": 0.8, "ci_low": 0.7, "ci_high": 0.9},
    }
    rows = [line.split(",")[1:3] for line in tables(result, NOTHING)["estimates.csv"].splitlines()[1:]]
    assert rows == [["observed against expected", "0.79"], ["two-way fit", "0.84"]]
    text = page_text(result)
    assert "2 weeks at the end were left out" in text
    assert "Only what was recorded within 28 days" in text
    for rule in result["rules"]:
        rule["fired"] = rule["code"] == "R14"
    assert "0.84" not in tables(result, NOTHING)["estimates.csv"]
    assert "0.840" not in page_text(result)


def test_a_rollout_that_was_not_followed_is_said_and_counted(full):
    drawn = full["diagnostics"]["rollout"]
    text = page_text(full)
    assert "That keeps to the draw." in text
    assert drawn["rollout_hash"] in text
    files = tables(full, NOTHING)
    assert files["rollout_followed.csv"].splitlines()[1] == "Should have been live and was not,120,yes"
    assert [line.split(",")[:2] for line in files["as_delivered.csv"].splitlines()[1:]] == [
        ["As drawn", "0.81"],
        ["As delivered", "0.84"],
    ]
    broken = sample_result(
        rollout=drawn | {"broken_share": 0.2, "as_delivered": {"irr": None, "ci_low": None, "ci_high": None}}
    )
    assert "too much for evidence grade 5" in page_text(broken)
    assert "as_delivered.csv" not in tables(broken, NOTHING)
