"""Prints a summary of a measure of police data."""

import getpass
import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from analytics.audit.chain import record
from analytics.measures.catalogue import DEFAULT_MEASURE, UnknownMeasure
from analytics.police_data.areas import AREA_TYPES
from analytics.police_data.selection import NEVER_TOGETHER, NoSuchData
from analytics.police_data.summaries import BY, summarise


class Command(BaseCommand):
    help = "Counts a measure by weekday, night, date, hour, offence, area, month or location. Dates are inclusive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, help="first date, such as 2024-01-01")
        parser.add_argument("--to", dest="last", required=True, help="last date, inclusive")
        parser.add_argument("--measure", default=DEFAULT_MEASURE)
        parser.add_argument("--by", required=True, choices=BY)
        parser.add_argument("--area-type", default="local_authority", choices=AREA_TYPES)
        parser.add_argument("--data", default="", choices=["real", "synthetic"], help="where both are loaded")
        parser.add_argument(
            "--by-whom", default="", help="who looks, for the audit log; your account here without it"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            summary = summarise(
                measure=options["measure"],
                first=_date(options["first"], "--from"),
                last=_date(options["last"], "--to"),
                by=options["by"],
                area_type=options["area_type"],
                data=options["data"] or "",
            )
        except UnknownMeasure as error:
            raise CommandError(str(error), returncode=2) from error
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        except NoSuchData as error:
            hint = " (--data real, or --data synthetic)" if NEVER_TOGETHER in str(error) else ""
            raise CommandError(f"{error}{hint}") from error
        detail = {
            "by": summary.by,
            "area_type": summary.area_type,
            "from": str(summary.first),
            "to": str(summary.last),
        }
        with transaction.atomic():
            record(
                "police.summary_viewed",
                by=options["by_whom"] or f"command line: {getpass.getuser()}",
                about=f"summary {summary.measure}",
                detail=detail,
            )
        if options["json"]:
            self.stdout.write(json.dumps(summary.as_json(), ensure_ascii=False))
            return
        mark = " - SYNTHETIC" if summary.synthetic else ""
        self.stdout.write(f"{summary.title}, {summary.first} to {summary.last}{mark}\n{summary.rule}\n")
        for row in summary.rows:
            share = f"{row.share:7.2%}" if row.share is not None else "      -"
            rate = (
                f" {row.rate_per_1000:9.4f} per 1,000, {row.rate_per_1000_year:.4f} a year"
                if row.rate_per_1000 is not None
                else ""
            )
            fit = f" ({row.fit_words})" if row.fit_words else ""
            self.stdout.write(f"{row.key:<12} {row.label[:48]:<48} {row.count:>12} {share}{rate}{fit}")
        self.stdout.write(f"{'total':<61} {summary.as_json()['total']:>12}")
        if summary.beside:
            self.stdout.write(f"the same offences by {summary.beside.by}:")
            for row in summary.beside.rows:
                share = f"{row.share:7.2%}" if row.share is not None else "      -"
                self.stdout.write(f"{row.key:<12} {row.label[:48]:<48} {row.count:>12} {share}")
        self.stdout.write(f"denominator: {summary.denominator}")
        for reason, count in summary.as_json()["excluded"].items():
            self.stdout.write(f"left out: {reason} {count}")
        for caveat in summary.caveats:
            self.stdout.write(f"note: {caveat}")


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{option}: {text!r} is not a date such as 2024-01-31") from None
