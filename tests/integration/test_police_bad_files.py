"""The corpus of bad files: the numbers reconcile, nothing is half-loaded, and the message says where."""

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analytics.models import ImportedFile, Offence, OffencePerson
from analytics.police_data.importing import FileReport, ImportReport, import_paths
from analytics.police_data.sources import UnreadableFile
from tests.factories.bad_files import Case, Loads, Refused, corpus

CASES = corpus()
pytestmark = pytest.mark.django_db
OF_THE_ROW = {"too_few_fields", "too_many_fields", "repeated_header", "total_row", "place_missing"}
TRACES = re.compile(r"Traceback|File \"|<class |object at 0x|Error\(")


def imported(case: Case, folder: Path) -> ImportReport | str:
    """What the import reports, or the words with which it refuses the path as a whole."""
    path = case.build(folder)
    if case.earlier:
        (folder / "earlier").mkdir()
        assert not import_paths([case.earlier(folder / "earlier")]).refused
    try:
        return import_paths([path], mapping=case.mapping)
    except UnreadableFile as error:
        return str(error)


def reconciled(report: ImportReport) -> None:
    for each in report.files:
        assert each.rows_read == each.loaded + each.duplicates + each.rejected
        assert sum(each.reasons.values()) == each.rejected
        assert sum(each.duplicate_reasons.values()) == each.duplicates
        if each.error:
            assert (each.rows_read, each.loaded) == (0, 0)


def test_there_are_at_least_three_hundred_files():
    assert len(CASES) >= 300


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file(name, tmp_path):
    case = CASES[name]
    before = Offence.objects.count()
    report = imported(case, tmp_path)
    if isinstance(report, str):
        assert isinstance(case.verdict, Refused), report
        said, loaded = report, 0
    else:
        reconciled(report)
        said = "\n".join(each.error or "" for each in report.files)
        loaded = report.total("loaded")
    assert not TRACES.search(said), said
    earlier = ImportedFile.objects.filter(name="first.csv").first()
    corrected = sum(each.corrected for each in report.files) if not isinstance(report, str) else 0
    assert Offence.objects.count() == before + loaded + (earlier.loaded if earlier else 0)
    assert Offence.objects.filter(current=True).count() == Offence.objects.count() - corrected
    assert not OffencePerson.objects.exists()
    if isinstance(case.verdict, Refused):
        assert isinstance(report, str) or report.refused, "it was loaded"
        for words in case.verdict.words:
            assert words.casefold() in said.casefold(), said
        return
    assert not isinstance(report, str)
    assert not report.refused, said
    wanted = case.verdict
    numbers = tuple(report.total(key) for key in ("rows_read", "loaded", "duplicates", "rejected"))
    assert numbers == (wanted.read, wanted.loaded, wanted.duplicates, sum(wanted.reasons.values()))
    found: dict[str, int] = {}
    for each in report.files:
        found |= each.reasons
        if each.rejects_file:
            _explains_itself(Path(each.rejects_file), each)
    assert found == wanted.reasons
    assert {flag for each in report.files for flag in each.flags} >= set(wanted.flags)
    if not wanted.flags and isinstance(wanted, Loads) and name.split("_")[0] in ("day", "time", "range", "place"):
        assert not {flag for each in report.files for flag in each.flags}


def _explains_itself(path: Path, each: FileReport) -> None:
    """Every refused row: file, line, code, reason, the field where one is at fault, and nothing a spreadsheet would run."""
    text = path.read_text(encoding="utf-8")
    assert not TRACES.search(text)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert dict(Counter(row["code"] for row in rows)) == each.reasons
    for row in rows:
        assert row["file"].lstrip("'") == each.name
        assert int(row["line"]) > 1, "the header stands on the first line"
        assert row["reason"].strip()
        assert row["field"] or row["code"] in OF_THE_ROW, row
        assert not any(cell.strip().startswith(tuple("=+-@|＝＋－＠")) for cell in row.values()), row


def test_the_command_says_what_is_wrong_and_with_which_code(tmp_path, capsys):
    """Each refused file by itself: exit code 1 and words on standard error, never a trace."""
    refused = [each for each in CASES.values() if isinstance(each.verdict, Refused) and not each.earlier]
    for case in refused[::4]:
        folder = tmp_path / case.name
        folder.mkdir()
        with pytest.raises(CommandError) as caught:
            call_command(
                "import_police_data", str(case.build(folder)), "--mapping", case.mapping or "leicestershire_niche"
            )
        assert caught.value.returncode == 1
        assert str(caught.value).strip()
        assert not TRACES.search(str(caught.value))
