"""Makes a synthetic force extract: CSV or XLSX, with the truth behind it in side files of its own."""

import csv
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.police_data.mapping import MappingError
from analytics.police_data.synthetic import (
    DEFAULT_MAPPING,
    FIRST,
    LAST,
    Effect,
    SyntheticTruth,
    worst_first,
    write_extract,
)
from analytics.police_data.synthetic_populations import load_synthetic_populations
from analytics.police_data.synthetic_quirks import EXPECTED
from analytics.police_data.synthetic_schedules import KINDS, schedule, synthetic_venues
from analytics.police_data.synthetic_targets import DEFAULT_FILE, targets
from campaign_pages import activity
from campaign_pages.activity import VenueFacts


class Command(BaseCommand):
    help = "Writes a synthetic force extract. Never real, always labelled; same seed and options, same bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("file", type=Path, help="file to write, .csv or .xlsx; side files lie beside it")
        add("--seed", type=int, default=1)
        add("--from", dest="first", default=FIRST.isoformat(), help="from 2022-04-01 there is a year to compare")
        add("--to", dest="last", default=LAST.isoformat())
        add("--size", type=int, help="number of offences; as many as the targets say without it")
        add("--venues", default="150", help="number of invented venues, or: register")
        add("--irr", type=float, default=1.0, help="planted rate ratio of night-time assaults near live venues")
        add("--growing-weeks", type=int, default=0, help="weeks until the effect is whole; 0: constant")
        add("--displaced", type=float, default=0.0, help="share of prevented assaults moved 150 to 300 m away")
        add("--schedule", choices=KINDS, default="random", help="who goes live when, where an effect is planted")
        add("--quirk", action="append", default=[], metavar="NAME=ROWS", help=f"dirt: {', '.join(EXPECTED)}")
        add("--mapping", default=DEFAULT_MAPPING, help="write in the columns of this mapping (a name or a file)")
        add("--targets", type=Path, default=DEFAULT_FILE, help="another targets file")
        add("--street-files", type=Path, help="folder for the same offences as month-only street files")
        add("--populations", action="store_true", help="also load the invented residents that go with it")
        add("--json", action="store_true")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            truth, venues = self._make(file, options)
        except (ValueError, MappingError) as error:
            raise CommandError(str(error), returncode=2) from error
        except OSError as error:
            raise CommandError(f"{file}: cannot be written ({error.strerror})") from error
        side = self._side_files(file, truth, venues, options)
        if options["populations"]:
            load_synthetic_populations()
        found = {
            "path": str(file),
            "rows": truth.rows,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "files": [str(each) for each in [*truth.files, *side]],
            "targets": [
                {"target": name, "wanted": wanted, "made": made, "ok": ok}
                for name, wanted, made, ok in truth.margins
            ],
            "moved": [{"what": what, "before": one, "after": two} for what, one, two in truth.moved],
            "quirks": {name: each["rows"] for name, each in truth.quirks.items()},
        }
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            self._print(file, truth)

    def _make(self, file: Path, options: dict[str, Any]) -> tuple[SyntheticTruth, list[VenueFacts]]:
        first, last = _date(options["first"], "--from"), _date(options["last"], "--to")
        data = targets(options["targets"])
        if options["venues"] == "register":
            venues = [each for each in activity.venues() if each.synthetic]
        elif options["venues"].isdecimal():
            venues = synthetic_venues(
                int(options["venues"]), data["areas"], data.get("populations", {}), options["seed"]
            )
        else:
            raise ValueError(f"--venues: {options['venues']!r} is neither a number nor: register")
        effect = Effect(options["irr"], options["growing_weeks"], options["displaced"])
        common: dict[str, Any] = {
            "seed": options["seed"],
            "venues": venues,
            "start": first,
            "end": last,
            "offences": options["size"],
            "targets_file": options["targets"],
        }
        exposure: dict[tuple[str, str], float] = {}
        if effect.irr != 1 and venues:
            worst = worst_first(**common) if options["schedule"] == "reactive" else ()
            exposure = schedule(options["schedule"], venues, first, last, options["seed"], worst_first=worst)
        truth = write_extract(
            file,
            **common,
            exposure=exposure,
            effect=effect,
            quirks=_quirks(options["quirk"]),
            mapping=options["mapping"],
            street_files=options["street_files"],
        )
        truth.exposure = exposure
        return truth, venues

    def _side_files(
        self, file: Path, truth: SyntheticTruth, venues: list[VenueFacts], options: dict[str, Any]
    ) -> list[Path]:
        """What the product never reads: the truth, the quirks; and the invented venues, for import_venues."""
        written = [file.with_name(f"{file.stem}.truth.json")]
        starts: dict[str, str] = {}
        for venue, week in sorted(truth.exposure):
            starts[venue] = min(starts.get(venue, week), week)
        words = {
            "what": "synthetic: the truth behind the extract; no part of the product reads it",
            "seed": options["seed"],
            "schedule": options["schedule"] if starts else None,
            "live_from_week": starts,
            **{
                name: getattr(truth, name)
                for name in (
                    "irr",
                    "rows",
                    "night_public",
                    "night_assaults_near_venues",
                    "removed",
                    "added",
                    "displaced",
                )
            },
            "moved": truth.moved,
        }
        written[0].write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")
        if truth.quirks:
            written.append(file.with_name(f"{file.stem}.quirks.json"))
            written[-1].write_text(json.dumps(truth.quirks, indent=1) + "\n", encoding="utf-8")
        if options["venues"] != "register" and venues:
            written.append(file.with_name(f"{file.stem}.venues.csv"))
            with written[-1].open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(
                    ("code", "name", "kind", "area_code", "area_name", "latitude", "longitude", "capacity")
                )
                for each in venues:
                    writer.writerow(
                        (
                            each.code,
                            each.name,
                            each.kind,
                            each.area_code,
                            each.area_name,
                            each.latitude,
                            each.longitude,
                            each.capacity,
                        )
                    )
        return written

    def _print(self, file: Path, truth: SyntheticTruth) -> None:
        self.stdout.write(f"{file}: {truth.rows:,} synthetic offences")
        self.stdout.write(f"{'target':<52} {'wanted':>8} {'made':>8}  ok")
        for name, wanted, made, ok in truth.margins:
            self.stdout.write(f"{name:<52} {wanted:>8,} {made:>8,}  {'yes' if ok else 'NO'}")
        broken = [name for name, _, _, ok in truth.margins if not ok]
        if broken:
            self.stdout.write(f"{len(broken)} targets do not hold together with the others: {', '.join(broken)}")
        for what, before, after in truth.moved:
            self.stdout.write(f"moved by the planted effect: {what} {before:,} to {after:,}")
        for name, each in truth.quirks.items():
            self.stdout.write(f"quirk {name}: {each['rows']} rows, {each['expected']}")


def _quirks(given: list[str]) -> dict[str, int]:
    found = {}
    for each in given:
        name, _, count = each.partition("=")
        if not count.isdecimal():
            raise ValueError(f"--quirk: write it as NAME=ROWS, not {each!r}")
        found[name] = int(count)
    return found


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{option}: {text!r} is not a date such as 2024-01-31") from None
