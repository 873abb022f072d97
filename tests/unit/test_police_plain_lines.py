"""Lines without a quotation mark are split, not parsed: the rows and their lines must be those of csv.reader."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.police_data.sources import Rows, Source, UnreadableFile


def expected(text: str) -> list[tuple[int, list[str]]] | None:
    """(line on which the row starts, cells) by csv.reader alone; None where it refuses the file."""
    found, line = [], 0
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if cells:
                found.append((line + 1, cells))
            line = reader.line_num
    except csv.Error:
        return None
    return found


PIECES = st.sampled_from(
    [
        "a",
        "b c",
        "",
        ",",
        ",,",
        '"',
        '""',
        '"x,y"',
        '"x\ny"',
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "é",
        "\t",
        "\x1c",
        "\u2028",
        "\x85",
        " ",
    ]
)


@given(st.lists(PIECES, max_size=25))
@example(["a", ",", '"x\ny"', "\r\n", "b c", ",", "a", "\r\n"])
@example(["a", '"', ",", "\n"])
@example(["a", "\n", '"', "x"])
@settings(max_examples=300, deadline=None, derandomize=True)
def test_rows_and_lines_are_those_of_the_parser(pieces: list[str]) -> None:
    text = "one,two\n" + "".join(pieces)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_text(text, encoding="utf-8", newline="")
        try:
            found = list(Rows(Source(path), size=path.stat().st_size))
        except UnreadableFile:
            found = None
    assert found == expected(text)


def test_a_field_that_is_too_long_is_refused_without_a_quotation_mark_too(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(f"a,b\n{'x' * 120_000},y\n", encoding="utf-8")
    assert list(Rows(Source(path), size=path.stat().st_size))[1] == (2, ["x" * 120_000, "y"])
    path.write_text(f"a,b\n{'x' * 131_073},y\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="line 2: a field is longer than 131,072 characters"):
        list(Rows(Source(path), size=path.stat().st_size))
