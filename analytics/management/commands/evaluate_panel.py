"""Anybody's panel through the same engine, without a database."""

import json
import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.evaluation.panel_analysis import PanelError, analyse
from analytics.evaluation.panel_file import read_panel
from analytics.evaluation.panel_spec import SpecError, parse_spec
from analytics.shown_numbers import p_says


class Command(BaseCommand):
    help = "Analyses a panel (CSV) as a specification (TOML) asks. Exit 0 whatever the verdict, 1 when it cannot, 2 for a bad spec."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("panel", type=Path, metavar="PANEL.csv")
        parser.add_argument("spec", type=Path, metavar="SPEC.toml")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, panel: Path, spec: Path, **options: Any) -> None:
        try:
            asked = parse_spec(tomllib.loads(spec.read_text()))
            result = analyse(read_panel(panel, asked), asked, diagnostics=True)
        except (SpecError, tomllib.TOMLDecodeError) as error:
            raise CommandError(f"{spec}: {error}", returncode=2) from error
        except OSError as error:
            raise CommandError(f"{spec}: {error.strerror}.", returncode=2) from error
        except PanelError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, sort_keys=True))
            return
        self.stdout.write(f"Verdict: {result['verdict']}\n{result['verdict_sentence']}\n")
        if result["problem"]:
            self.stdout.write(f"No estimate: {result['problem']}\n")
        for row in result["estimates"]:
            size = f"ratio {row['ratio']:.4f}" if row["ratio"] is not None else f"difference {row['coef']:.4f}"
            self.stdout.write(f"{row['exposure']}: {size}")
            for method, (low, high) in row["ci"].items():
                ends = "not known" if low is None or high is None else f"{low:.4f} to {high:.4f}"
                self.stdout.write(f"  {method:12} 95 % interval {ends}, {p_says(row['p'][method])}")
            if "permutation" in row["p"]:
                self.stdout.write(f"  permutation  {p_says(row['p']['permutation'])}")
        for rule in result["rules"]:
            self.stdout.write(f"{rule['code']:4}{'FIRED ' if rule['fired'] else '      '}{rule['detail']}")
