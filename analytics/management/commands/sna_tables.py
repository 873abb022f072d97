"""Prints the tables of the strategic needs assessment, and writes them as CSV files."""

import getpass
import json
import textwrap
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from analytics.audit.chain import record
from analytics.measures.sna import definitions
from analytics.police_data.selection import NEVER_TOGETHER, NoSuchData
from analytics.police_data.sna_export import file_name, table_as_csv
from analytics.police_data.sna_table import Row, Section, SnaTable, agrees, column, printed_like
from analytics.police_data.sna_tables import TABLES, UnknownTable, sna_tables


class Command(BaseCommand):
    help = (
        "Rebuilds the tables T1 to T18 of a strategic needs assessment from a force extract. Dates are inclusive."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, help="first date, such as 2023-04-01")
        parser.add_argument("--to", dest="last", required=True, help="last date, inclusive")
        parser.add_argument("--table", default="", help=f"one of {', '.join(TABLES)}; all without it")
        parser.add_argument("--data", default="", choices=["real", "synthetic"], help="where both are loaded")
        parser.add_argument("--out", default="", help="folder for one CSV file per table")
        parser.add_argument("--by", default="", help="who takes the tables out; your account here without it")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tables = sna_tables(
                _date(options["first"], "--from"),
                _date(options["last"], "--to"),
                only=options["table"].upper(),
                data=options["data"] or "",
            )
        except (UnknownTable, ValueError) as error:
            raise CommandError(str(error), returncode=2) from error
        except NoSuchData as error:
            hint = " (--data real, or --data synthetic)" if NEVER_TOGETHER in str(error) else ""
            raise CommandError(f"{error}{hint}") from error
        by = options["by"] or f"command line: {getpass.getuser()}"
        files = self._export(tables, Path(options["out"]), by) if options["out"] else []
        self._audit(tables, by, exported=bool(files))
        if options["json"]:
            found = {"tables": [each.as_json() for each in tables], "files": [str(each) for each in files]}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            for table in tables:
                self._print(table)
        if options["table"] and tables[0].refusal:
            raise CommandError(tables[0].refusal)

    def _export(self, tables: list[SnaTable], folder: Path, by: str) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for table in tables:
            path = folder / file_name(table)
            path.write_text(table_as_csv(table, by=by), encoding="utf-8")
            written.append(path)
        return written

    def _audit(self, tables: list[SnaTable], by: str, *, exported: bool) -> None:
        action = "police.summary_exported" if exported else "police.summary_viewed"
        first, last = tables[0].first.isoformat(), tables[0].last.isoformat()
        with transaction.atomic():
            record(
                action,
                by=by,
                about="tables of the needs assessment",
                detail={"tables": [each.id for each in tables], "from": first, "to": last},
            )

    # --- for reading

    def _print(self, table: SnaTable) -> None:
        mark = " - SYNTHETIC" if table.synthetic else ""
        self.stdout.write(f"\n{table.id} {table.title}, {table.first} to {table.last}{mark}")
        self._note("", table.definition)
        if table.refusal:
            self._note("no number can be given: ", table.refusal)
        for section in table.sections:
            self.stdout.write(f"\n  {section.title}")
            for row in section.all_rows():
                self._row(row, section)
            if any(row.low_number for row in section.rows):
                self.stdout.write(
                    f"    * fewer than {definitions().low_number}: a share or change of so few says little"
                )
        self._note("denominator: ", table.denominator)
        self._note("basis: ", table.basis)
        for reason, count in table.as_json()["excluded"].items():
            self.stdout.write(f"  left out: {reason} {count}")
        for caveat in table.caveats:
            self._note("note: ", caveat)

    def _row(self, row: Row, section: Section) -> None:
        parts = []
        for each in section.columns:
            text = printed_like(row, each)
            if text:
                parts.append(f"{each.label} {text}")
        for key, text in row.published.items():
            same = agrees(row, column(section, key))
            word = "" if same is None else " (same)" if same else " (DIFFERS)"
            parts.append(f"published {text}{word}")
        mark = "*" if row.low_number else " "
        self.stdout.write(f"   {mark}{row.label[:60]:<60} {' | '.join(parts)}")

    def _note(self, before: str, text: str) -> None:
        if text:
            self.stdout.write(textwrap.fill(f"{before}{text}", 112, initial_indent="  ", subsequent_indent="    "))


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{option}: {text!r} is not a date such as 2024-01-31") from None
