"""A panel that somebody uploads: read, analysed by the same engine as ``evaluate_panel``, and let go of.

The rows are deleted in the moment in which there is a result; what is left goes after ``WALKAWAY_PANEL_DAYS``.
"""

import csv
import hashlib
import io
import json
import re
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from analytics.audit.chain import record
from analytics.evaluation.panel_analysis import PanelError, analyse
from analytics.evaluation.panel_cells import Panel, prepare
from analytics.evaluation.panel_file import read_panel
from analytics.evaluation.panel_interrupted import series_of
from analytics.evaluation.panel_spec import INTERRUPTED, PanelSpec, SpecError, parse_spec
from analytics.evaluation.report.contents import Report
from analytics.evaluation.report.panel import panel_report
from analytics.models import PanelAnalysis
from campaign_pages.accounts.models import User

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_SPEC = 20_000


class PanelRefused(ValueError):
    """The upload or the question cannot be used; the message says what, where and what to do."""


def receive(content: bytes, *, name: str, by: User, synthetic: bool) -> PanelAnalysis:
    """Keeps an upload until it is analysed, at most a day. Raises PanelRefused."""
    if len(content) > MOST_BYTES:
        raise PanelRefused(
            f"The file has {len(content):,} bytes; here at most {MOST_BYTES:,}. Use manage.py evaluate_panel for larger ones."
        )
    shown = re.sub(r"[^\w .()-]", "_", Path(name).name)[:100] or "panel.csv"
    text = _decoded(content, shown)
    columns = _header(text)
    if len(columns) < 2 or len(columns) > MOST_COLUMNS:
        raise PanelRefused(
            f"{shown}: the first line has {len(columns)} columns; 2 to {MOST_COLUMNS} are needed, apart by comma, semicolon or tab."
        )
    if any(not column for column in columns) or len(set(columns)) != len(columns):
        raise PanelRefused(f"{shown}, line 1: every column needs a name of its own.")
    rows = text.count("\n") - 1 + (not text.endswith("\n"))
    if rows > MOST_ROWS:
        raise PanelRefused(
            f"{shown} has {rows:,} rows; here at most {MOST_ROWS:,}. Use manage.py evaluate_panel for more."
        )
    if rows < 1:
        raise PanelRefused(f"{shown}: no rows below the first line.")
    with transaction.atomic():
        made = PanelAnalysis.objects.create(
            name=shown, sha256=hashlib.sha256(content).hexdigest(), csv=text, synthetic=synthetic, by=by
        )
        record("evaluation.panel_received", by=by.get_username(), about=f"panel {made.pk}", detail={"rows": rows})
    return made


def _decoded(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PanelRefused(f"{name}, line {line}: not UTF-8. Save it as “CSV UTF-8”.") from None
    if "\0" in text:
        raise PanelRefused(f"{name}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: holds a NUL character.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _header(text: str) -> list[str]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    return [name.strip() for name in next(csv.reader(io.StringIO(first), delimiter=delimiter), [])]


def columns_of(panel: PanelAnalysis) -> list[str]:
    """Names of the columns of an upload that is still there."""
    return _header(panel.csv)


def parse(spec_text: str) -> PanelSpec:
    """A checked specification. Raises PanelRefused naming the key."""
    if len(spec_text) > MOST_SPEC:
        raise PanelRefused(f"The specification has {len(spec_text):,} characters; at most {MOST_SPEC:,}.")
    try:
        return parse_spec(tomllib.loads(spec_text))
    except tomllib.TOMLDecodeError as error:
        raise PanelRefused(f"The specification is not TOML: {error}.") from None
    except SpecError as error:
        raise PanelRefused(f"Specification, {error}") from None


def read(panel: PanelAnalysis, spec_text: str) -> Panel:
    """The rows as the engine takes them, with everything checked that can be said at once.

    Raises PanelRefused, which names row and column, or the key of the specification; the rows stay for another try.
    """
    if not panel.csv:
        raise PanelRefused("Its rows are deleted already. Upload the file again.")
    spec = parse(spec_text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / panel.name
        path.write_text(panel.csv, encoding="utf-8")
        try:
            found = read_panel(path, spec)
            cells = prepare(found, spec)
            if spec.design == INTERRUPTED:
                series_of(cells, spec)
        except (PanelError, SpecError) as error:
            raise PanelRefused(str(error)) from None
    return found


def analysed(rows: Panel, spec_text: str) -> dict[str, Any]:
    """The analysis, the same as by ``evaluate_panel``. Takes up to minutes. Raises PanelRefused."""
    try:
        return analyse(rows, parse(spec_text), diagnostics=True)
    except (PanelError, SpecError) as error:
        raise PanelRefused(str(error)) from None


def keep_result(panel: PanelAnalysis, rows: Panel, spec_text: str, found: dict[str, Any], *, by: User) -> None:
    """Keeps the result and lets go of the rows, inside the caller's transaction."""
    times = sorted(set(rows.time.tolist()))
    panel.result = json.dumps(found, sort_keys=True)
    first, last = (f"{end:.10g}" if isinstance(end, float) else str(end) for end in (times[0], times[-1]))
    panel.spec, panel.span, panel.csv = spec_text, f"{first} to {last}"[:120], ""
    panel.save(update_fields=["result", "spec", "span", "csv"])
    record(
        "evaluation.panel_analysed", by=by.get_username(), about=f"panel {panel.pk}", detail={"verdict": found["verdict"]}
    )  # fmt: skip


def report_of(panel: PanelAnalysis) -> tuple[dict[str, Any], Report]:
    """(result in its common shape, report) of an analysed panel."""
    return panel_report(
        json.loads(panel.result), parse(panel.spec), name=panel.name, sha256=panel.sha256, span=panel.span,
        synthetic=panel.synthetic,
    )  # fmt: skip


def spec_from(chosen: dict[str, Any]) -> str:
    """TOML of what was chosen in the form, for the same analysis by command."""

    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)  # a TOML basic string is written as a JSON one

    lines = ["[data]"]
    for key in ("unit", "time", "outcome"):
        if chosen.get(key):
            lines.append(f"{key} = {text(chosen[key])}")
    for key in ("exposure", "controls"):
        if chosen.get(key):
            lines.append(f"{key} = [{', '.join(text(each) for each in chosen[key])}]")
    for key in ("cluster", "area", "offset_log_of"):
        if chosen.get(key):
            lines.append(f"{key} = {text(chosen[key])}")
    design = chosen.get("design") or "regression"
    lines += ["[model]", f"design = {text(design)}", f"family = {text(chosen.get('family') or 'poisson')}"]
    if design != INTERRUPTED:  # has a level for each series, and no other effects
        effects = [effect for effect in ("unit", "time") if chosen.get(f"effect_{effect}")]
        lines.append(f"effects = [{', '.join(text(each) for each in effects)}]")
    if chosen.get("season"):
        lines.append(f"seasonality = {{ period = {chosen['season']}, harmonics = 2 }}")
    if chosen.get("slope"):
        lines.append("slope = true")
    lines.append(f"seed = {int(chosen.get('seed') or 1)}")
    return "\n".join(lines) + "\n"
