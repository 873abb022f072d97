"""Checks stored runs: was the plan, the result or a row changed, is the code another, would the same bytes come again?"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.evaluation.plan import plan_of
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.reproducing import Check, checks_of
from analytics.evaluation.running import EvaluationFailed, evaluate
from analytics.models import EvaluationRun


class Command(BaseCommand):
    help = "Says whether stored runs are what they were. With --again each is worked out anew and compared byte for byte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", nargs="*", type=int, help="numbers of runs; none: all")
        parser.add_argument("--again", action="store_true", help="work each out anew; this takes a while")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, run: list[int], again: bool, **options: Any) -> None:
        runs = EvaluationRun.objects.select_related("plan").order_by("pk")
        if run:
            runs = runs.filter(pk__in=run)
            missing = set(run) - set(runs.values_list("pk", flat=True))
            if missing:
                raise CommandError(f"There is no run {', '.join(map(str, sorted(missing)))}.", returncode=2)
        found: list[dict[str, Any]] = []
        for stored in runs.iterator(chunk_size=10):
            checks = [*checks_of(stored), *([_again(stored)] if again else [])]
            found.append(
                {"run": stored.pk, "title": stored.title, "checks": [check.as_json() for check in checks]}
            )
        bad = [check for each in found for check in each["checks"] if check["ok"] is False]
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not bad, "runs": found}, ensure_ascii=False, sort_keys=True))
        else:
            for each in found:
                self.stdout.write(f"Run {each['run']}: {each['title']}")
                for check in each["checks"]:
                    mark = {True: "fine", False: "NOT  ", None: "  -  "}[check["ok"]]
                    self.stdout.write(f"  {mark:<5} {check['what']}: {check['words']}")
        if bad:
            raise CommandError(f"{len(bad)} checks do not hold.")


def _again(run: EvaluationRun) -> Check:
    if run.plan is None:
        return Check("Again", None, "This run had no locked plan, so its plan is not kept.")
    try:
        same = evaluate(plan_of(run.plan)).text == run.result
    except (PlanError, EvaluationFailed) as error:
        return Check("Again", False, f"It cannot be worked out again: {error}")
    if same:
        return Check("Again", True, "Worked out again, it gives the same bytes.")
    return Check(
        "Again", False, "Worked out again, it gives other bytes: plan, data, code or libraries are not the same."
    )
