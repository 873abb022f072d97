"""Draws a stepped roll-out by lot and keeps the draw for ever."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.rollout_drawing import confirm, keep_draw, power_by_waves
from analytics.evaluation.rollout_files import letters, schedule, schedule_csv, waves_of
from analytics.evaluation.rollout_schedule import confirmed
from analytics.evaluation.rollout_settings import check_settings
from analytics.management.commands.lock_plan import person_named
from analytics.models import Rollout


class Command(BaseCommand):
    help = (
        "Draws random start weeks by cluster (area by half of baseline), works out what could be seen, and keeps the draw: "
        "it cannot be edited. With --by and --second two people make it the roll-out that counts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--waves", type=int, required=True)
        parser.add_argument(
            "--seed", type=int, required=True, help="published with the roll-out; choose it before you look"
        )
        parser.add_argument("--weeks", type=int, default=52)
        parser.add_argument(
            "--from",
            dest="from_week",
            default="",
            metavar="WEEK",
            help="such as 2027-W02; default: in a fortnight",
        )
        parser.add_argument("--title", default="Roll-out")
        parser.add_argument(
            "--area",
            action="append",
            default=[],
            metavar="CODE",
            help="only venues of this area; may be given again",
        )
        parser.add_argument("--never", type=int, default=0, metavar="ARMS", help="arms that stay without material")
        parser.add_argument(
            "--exclude",
            action="append",
            default=[],
            metavar="CODE=REASON",
            help="leave a venue out, with a reason",
        )
        parser.add_argument(
            "--buffer-m", type=int, default=0, help="clusters nearer than this go live together (metres)"
        )
        parser.add_argument(
            "--balance", type=float, default=None, help="largest difference of baseline between arms, in SD"
        )
        parser.add_argument("--measure", default="nte_assault", help="of the baseline and of the simulation")
        parser.add_argument("--data", choices=("real", "synthetic"), default="real")
        parser.add_argument(
            "--panels", type=int, default=40, help="simulated panels for each number of waves; 0: none"
        )
        parser.add_argument("--by", metavar="USER", help="who asks for it; with --second it is confirmed at once")
        parser.add_argument("--second", metavar="USER", help="another person, who confirms it")
        parser.add_argument("--out", metavar="DIR", help="writes schedule.csv and letters.pdf here")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        loud = sys.stderr.isatty()
        plan, problems = check_settings(_settings(options))
        if plan is None:
            raise CommandError("; ".join(map(str, problems)), returncode=2)
        by = person_named(options["by"]) if options["by"] else None
        second = person_named(options["second"]) if options["second"] else None
        if second and not by:
            raise CommandError("--second needs --by: two people confirm a roll-out.", returncode=2)
        try:
            power = (
                power_by_waves(
                    plan, panels=options["panels"], say=lambda line: self.stderr.write(line) if loud else None
                )
                if options["panels"] > 0
                else []
            )
            kept = keep_draw(plan, by=by.get_username() if by else "", power=power)
            if by and second and not hasattr(kept, "confirmation"):
                confirm(kept, by=by, second=second)
        except (PlanError, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["out"]:
            folder = Path(options["out"])
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "schedule.csv").write_text(schedule_csv(kept), encoding="utf-8")
            (folder / "letters.pdf").write_bytes(letters(kept))
        self._say(kept, power, as_json=options["json"])

    def _say(self, kept: Rollout, power: list[dict[str, Any]], *, as_json: bool) -> None:
        design, rows = kept.design, schedule(kept)
        if as_json:
            answer = {
                "rollout_hash": kept.rollout_hash,
                "record": kept.pk,
                "title": kept.title,
                "seed": kept.seed,
                "from_week": kept.from_week,
                "to_week": kept.to_week,
                "waves": [
                    {key: row[key] for key in ("wave", "start_week", "clusters", "venues")}
                    | {"start_date": row["start"].isoformat() if row["start"] else None}
                    for row in waves_of(kept)
                ],
                "schedule": [
                    {"venue": row.code, "cluster": row.cluster, "wave": row.wave, "start_week": row.start_week}
                    for row in rows
                    if row.cluster
                ],
                "excluded": [{"venue": code, "reason": reason} for code, reason in design["settings"]["excluded"]],
                "strata": sorted({each["stratum"] for each in design["clusters"]}),
                "tries": int(design["tries"]),
                "imbalance": float(design["imbalance"]),
                "baseline": design["baseline"],
                "mde_by_waves": power,
                "confirmed": confirmed(kept),
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False, sort_keys=True))
            return
        for row in waves_of(kept):
            self.stdout.write(
                f"{row['label']:<9} {row['start_week'] or '-':<9} {row['clusters']:>4} clusters {row['venues']:>5} venues"
            )
        for each in power:
            fall = each.get("detectable_fall_percent")
            words = each.get("problem") or (
                f"a fall of {fall:g} % or more could be seen" if fall is not None else "not known"
            )
            self.stdout.write(f"{each['waves']:>3} waves: {words}")
        state = "not confirmed yet: name --by and --second, or use the admin"
        if hasattr(kept, "confirmation"):
            late = "confirmed too late: its first wave had begun, so it is no randomisation"
            state = "confirmed by two people" if confirmed(kept) else late
        self.stdout.write(f"Record {kept.pk}, {kept.rollout_hash}: {state}")


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    names = ("title", "from_week", "weeks", "waves", "seed", "never", "balance", "buffer_m", "measure", "data")
    return {name: options[name] for name in names} | {
        "areas": options["area"],
        "excluded": [list(each.partition("=")[::2]) for each in options["exclude"]],
    }
