"""The demo's evaluation: a plan locked by two people, then a synthetic extract, then the run.

The extract is made with a planted effect. What was planted goes into a side file that the product never reads, so
that a reader can compare it with what the evaluation says.
"""

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from analytics.evaluation.plan import Plan, lock, read_plan
from analytics.evaluation.running import evaluate, locked_record, store
from analytics.models import EvaluationRun, ImportedFile
from analytics.police_data.importing import import_paths
from analytics.police_data.synthetic import write_extract
from analytics.police_data.synthetic_populations import load_synthetic_populations
from analytics.reach.venue_weeks import venue_weeks
from campaign_pages import activity
from campaign_pages.accounts.models import User

PLAN_FILE = Path(__file__).with_name("demo_plan.toml")
PLANTED_IRR = 0.75
NO_EFFECT = 1.0
EXTRACT = "synthetic_extract.csv"
TRUTH = "synthetic_truth.json"


def load(*, seed: int, say: Callable[[str], None], irr: float = PLANTED_IRR) -> None:
    """Makes, imports and evaluates the synthetic extract. Safe to run again; needs the demo's people and venues.

    ``irr`` is the planted rate ratio at a full week live; 1 plants nothing.
    """
    if not settings.WALKAWAY_DEMO:
        raise RuntimeError("Synthetic police data is made only with the demo's settings.")
    plan = read_plan(PLAN_FILE)
    if EvaluationRun.objects.filter(synthetic=True, title=plan.title).exists():
        say("  the synthetic extract and its evaluation are there already")
        return
    people = {name: User.objects.get(username=name) for name in ("evaluator", "approver", "importer")}
    if locked_record(plan) is None:
        lock(plan, by=people["evaluator"], second=people["approver"])
    _import_extract(plan, seed=seed, irr=irr, by=people["importer"].username, say=say)
    done = evaluate(plan)
    store(done, plan, by=people["evaluator"].username)
    say(f"  evaluation: {done.result['verdict_sentence']}")


def _import_extract(plan: Plan, *, seed: int, irr: float, by: str, say: Callable[[str], None]) -> None:
    if ImportedFile.objects.filter(name=EXTRACT, state=ImportedFile.State.LOADED).exists():
        return
    folder = Path(settings.VAR_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    reach = venue_weeks(from_week=plan.from_week, to_week=plan.to_week)
    dose = {(row.venue, row.week): row.live_share for row in reach if row.live_share}
    venues = [venue for venue in activity.venues() if venue.synthetic]
    truth = write_extract(folder / EXTRACT, seed=seed, venues=venues, exposure=dose, irr=irr)
    planted = {
        "what": "synthetic: the planted effect of the demo",
        "irr": irr,
        "removed": truth.removed,
        "seed": seed,
    }
    (folder / TRUTH).write_text(json.dumps(planted, indent=1) + "\n", encoding="utf-8")
    load_synthetic_populations()
    report = import_paths([folder / EXTRACT], by=by)
    if report.refused:
        raise RuntimeError(f"The synthetic extract was refused: {report.refused[0].error}")
    say(f"  {report.total('loaded'):,} synthetic offences")
