"""Log lines: nothing that points at a person or opens a door, and nobody forges an entry."""

import json
import logging

import numpy
import pytest

from analytics.disclosure.redaction import redacted
from analytics.police_data.places import metres_of
from walkaway.log_redaction import WITHHELD, JsonFormatter, RedactingFormatter


def written(message, *args, formatter=None, error=None):
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("a.b", logging.ERROR, __file__, 1, message, args, info)
    return (formatter or RedactingFormatter()).format(record)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("mail to jo.bloggs+x@police.example.uk now", "jo.bloggs"),
        ("call 07700 900123", "900123"),
        ("call +44 7700 900 123", "900 123"),
        ("call +44 (0)116 496 0123.", "496"),
        ("call (0116) 496 0123", "0123"),
        ("call 0044-7700-900123", "900123"),
        ("call 07700.900.123", "900.123"),
        ("at 52.634876, -1.131592", "52.634"),
        ("at 52.634876, -1.131592", "-1.131"),
        ("lat=52.634876&lon=-1.131592", "634876"),
        ("X 458712.5, 304533", "458712"),
        ("grid 458712 304533", "304533"),
        ("at SK 58712 04533", "58712"),
        ("easting: 458712", "458712"),
        ("Authorization: Bearer abcdefghijkl.mnop", "abcdefghijkl"),
        ("{'Authorization': 'Token 12345678'}", "12345678"),
        ("Cookie: sid=abc123; csrf=def456", "def456"),
        ("access_token=abc123&x=1", "abc123"),
        ('{"client_secret": "s3cr3t value"}', "s3cr3t"),
        ("password = hunter2", "hunter2"),
        ("GET /oauth?code=4%2F0abc&state=1", "4%2F0abc"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ", "eyJzdWIi"),
        ("postgres://walkaway:hunter2@db/walkaway", "hunter2"),
        ("GET /venues/check-in/4f9a8b7c6d5e/", "4f9a8b7c"),
        ("DETAIL:  Failing row contains (1, 24*000123, 458712).", "24*000123"),
        ("Key (row_key)=(rabc) already exists.", "rabc"),
    ],
)
def test_what_points_at_a_person_or_opens_a_door_is_taken_out(text, gone):
    assert gone in text
    for formatter in (RedactingFormatter(), JsonFormatter()):
        assert gone not in written("%s", text, formatter=formatter)


@pytest.mark.parametrize(
    "text",
    [
        "3 files, 44373 rows read, 44000 loaded, 373 duplicates",
        "week 2024-W07, 2024-06-16 23:30, 0.25 s",
        "plan 4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
        "dispatch 1017 of account 3 is live",
        "version 1.22.333",
        "no token was needed",
        "1,017,697 residents of E01013700",
    ],
)
def test_ordinary_lines_stay_readable(text):
    assert redacted(text) == text


def test_coordinates_keep_two_decimals():
    assert redacted("at 52.634876, -1.131592") == "at 52.63, -1.13"


def test_nobody_forges_an_entry():
    forged = "x\r\n2024-01-01T00:00:00 INFO root: all is well\x1b[2J\u2028\u202e"
    assert written(forged).count("\n") == 0
    assert "\\r\\n2024" in written(forged)
    line = written(forged, formatter=JsonFormatter())
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["level"] == "ERROR"


def test_a_traceback_is_redacted_and_cannot_forge_an_entry():
    try:
        raise ValueError("no account of jo@police.example.uk\n2024-01-01T00:00:00 INFO root: all is well")
    except ValueError as error:
        text = written("it failed", error=error)
    assert "jo@" not in text
    assert "test_log_redaction.py" in text
    assert all(line.startswith("  ") for line in text.splitlines()[1:])


def test_errors_from_reading_police_rows_keep_their_words_to_themselves():
    name = " ".join(("Jordan", "Example"))  # not in one piece, as a traceback quotes the source
    with pytest.raises(RuntimeError) as caught:
        read_a_row(name)
    assert name in str(caught.value)
    assert name in str(caught.value.__cause__)
    for formatter in (RedactingFormatter(), JsonFormatter()):
        text = written("import failed", error=caught.value, formatter=formatter)
        assert name not in text
        assert WITHHELD in text
        assert "places.py" in text


def read_a_row(name):
    try:
        metres_of(numpy.array([name]), numpy.array(["x"]))
    except ValueError as error:
        raise RuntimeError(f"while reading {name}") from error


def test_every_logger_writes_through_the_redaction(settings):
    logging_of = settings.LOGGING
    assert set(logging_of["handlers"]) == {"console"}
    assert "log_redaction" in logging_of["formatters"][logging_of["handlers"]["console"]["formatter"]]["()"]
    assert all(not each.get("handlers") for each in logging_of["loggers"].values())
    assert logging.getLogger("django").handlers == []
    assert logging.getLogger("django.server").propagate
