"""What stands beside a stored run, from the database: texts, attempts, lock, signature, changes, attribution."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.audit.chain import record
from analytics.evaluation.attempts import attempts_of
from analytics.evaluation.out_of_date import changes_since
from analytics.evaluation.report.beside import BY_KEY, COST, MOST_TEXT, Beside, cost_of
from analytics.evaluation.report.words import WORDS
from analytics.models import EvaluationRun, ImportedFile, ReportText
from campaign_pages.accounts.models import User

OPEN_DATA = "Contains data from data.police.uk, Open Government Licence v3.0."


class TextRefused(ValueError):
    """A text cannot be kept; ``slot`` says which, the message what to do."""

    def __init__(self, slot: str, message: str) -> None:
        super().__init__(message)
        self.slot = slot


def texts_of(plan_hash: str) -> dict[str, str]:
    """Slot -> its newest text."""
    rows = ReportText.objects.filter(plan_hash=plan_hash).order_by("pk").values_list("slot", "text")
    return dict(rows)  # a later version takes the place of an earlier one


def keep_texts(*, plan_hash: str, texts: dict[str, str], by: User) -> int:
    """Keeps a new version of every text that changed and says how many. Raises TextRefused; then none is kept."""
    before = texts_of(plan_hash)
    changed = {}
    for slot, written in texts.items():
        if slot not in BY_KEY:
            raise TextRefused(slot, "There is no such text.")
        plain = written.replace("\r\n", "\n").strip()
        if len(plain) > MOST_TEXT:
            raise TextRefused(slot, f"At most {MOST_TEXT:,} characters; these are {len(plain):,}.")
        if slot == COST:
            try:
                cost_of(plain)
            except ValueError as error:
                raise TextRefused(slot, str(error)) from None
        if plain != before.get(slot, ""):
            changed[slot] = plain
    with transaction.atomic():
        for slot, plain in changed.items():
            ReportText.objects.create(plan_hash=plan_hash, slot=slot, text=plain, by=by)
        if changed:
            record(
                "evaluation.texts_changed", by=by.get_username(), about=f"plan {plan_hash[:12]}", detail={"slots": sorted(changed)}
            )  # fmt: skip
    return len(changed)


def attempts_listed(run: EvaluationRun) -> list[dict[str, Any]]:
    """Every plan that was ever run on these weeks, oldest first, whatever it said and whoever wished it away."""
    return [
        {
            "attempt": n + 1,
            "plan": f"{each.title} ({each.plan_hash[:12]})",
            "locked": each.locked,
            "runs": each.runs,
            "verdict": ", ".join(WORDS.get(verdict, verdict) for verdict in each.verdicts),
            "first_run": f"{timezone.localtime(each.first):%Y-%m-%d %H:%M}",
            "this_plan": each.same_plan,
        }
        for n, each in enumerate(attempts_of(run))
    ]


def beside_of(result: dict[str, Any], run: EvaluationRun) -> Beside:
    """Everything that stands beside the result of a stored run, the list of attempts with this one in it."""
    files = (result.get("inputs") or {}).get("files") or []
    locked = signed = ""
    if run.plan is not None:
        when = "after" if run.plan.outcomes_there else "before"
        locked = f"The plan was locked by two people on {_day(run.plan.locked_at)}, {when} outcomes were there."
    signature = getattr(run, "signature", None)
    if signature is not None and signature.result_hash == run.result_hash:
        signed = f"Signed by a second person on {_day(signature.signed_at)}."
    bytes_hash = f" result.json must then have the SHA-256 {run.result_hash}."
    return Beside(
        texts=texts_of(result["plan_hash"]),
        attempts=attempts_listed(run),
        locked=locked,
        signed=signed,
        changes=changes_since(run),
        again=f"manage.py evaluate PLAN.toml --out DIR, with the plan of the hash above.{bytes_hash}",
        attribution=attribution_of(files),
    )


def attribution_of(hashes: list[str]) -> list[str]:
    """Where the police data come from: the forces whose files were counted, and the licence of open data."""
    files = ImportedFile.objects.filter(sha256__in=hashes).values_list("force", "timed", "synthetic").distinct()
    said = set()
    for force, timed, synthetic in files:
        if synthetic:
            said.add("Offences: synthetic, made by this product.")
        else:
            said.add(f"Offences: recorded crime of {force or 'the force'}, supplied for this evaluation.")
        if not timed and not synthetic:
            said.add(OPEN_DATA)
    return [*sorted(said), "Reach: check-ins, contacts and files given to this product; see its page on reach."]


def _day(at: Any) -> str:
    day = timezone.localtime(at)
    return f"{day.day} {day:%B %Y}"
