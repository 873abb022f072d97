"""How every log line is written: redacted, on one line of its own, as plain text or JSON, times in UTC.

It is a formatter, not a filter: filters of the root logger do not see records of other loggers, a formatter
sees all that is written, tracebacks included.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path

from analytics.disclosure.redaction import one_line, redacted

# An error raised while police rows are read may quote a row: its text stays out, its place is enough.
ROW_READERS = str(Path(__file__).resolve().parents[1] / "analytics" / "police_data")
WITHHELD = "[text withheld: it may quote a police row]"


class RedactingFormatter(logging.Formatter):
    """Plain text for people: one line, then the traceback, if any."""

    def format(self, record: logging.LogRecord) -> str:
        message = one_line(redacted(record.getMessage()))
        line = f"{self._moment(record)} {record.levelname} {one_line(record.name)}: {message}"
        trace = self._trace(record)
        return f"{line}\n{trace}" if trace else line

    @staticmethod
    def _moment(record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    @staticmethod
    def _trace(record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        text = _told(error) if error is not None else record.exc_text or ""
        if record.stack_info:
            text = f"{text}\n{record.stack_info}".strip()
        # A traceback's own lines are kept; each is indented, so that none looks like an entry.
        return "\n".join(f"  {one_line(line)}" for line in redacted(text).split("\n")) if text else ""


class JsonFormatter(RedactingFormatter):
    """One JSON object a line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self._moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if trace := self._trace(record):
            entry["exception"] = trace
        return json.dumps(entry, ensure_ascii=True)  # escapes every line end and control character


def _told(error: BaseException) -> str:
    """The traceback, causes first; without the errors' own words where one came out of reading police rows."""
    chain = [error]
    while (before := chain[0].__cause__ or chain[0].__context__) is not None and before not in chain:
        chain.insert(0, before)
    traces = ["".join(traceback.format_tb(each.__traceback__)) for each in chain]
    withheld = any(ROW_READERS in trace for trace in traces)
    told = []
    for each, trace in zip(chain, traces, strict=True):
        words = WITHHELD if withheld else str(each)
        told.append(f"Traceback (most recent call last):\n{trace}{type(each).__qualname__}: {words}")
    return "\nand then:\n".join(told)
