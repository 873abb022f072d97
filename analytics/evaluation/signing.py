"""The second person who stands for a result. Before that nothing of a run leaves the evaluator tier."""

from django.db import transaction
from django.utils import timezone

from analytics.audit.chain import record as record_act
from analytics.evaluation.plan_checks import PlanError
from analytics.evaluation.reproducing import checks_of, tampered
from analytics.models import EvaluationRun, ResultSignature
from campaign_pages.accounts.models import User

RUN = "analytics.run_evaluation"


def signature_of(run: EvaluationRun) -> ResultSignature | None:
    """The signature under exactly these bytes; None where nobody signed, or the result is not what was signed."""
    found = getattr(run, "signature", None)
    return found if found is not None and found.result_hash == run.result_hash else None


def why_not(run: EvaluationRun, person: User) -> str:
    """Why this person cannot sign; empty where they can."""
    if not person.is_active or not person.has_perm(RUN):
        return f"{person.get_username()} may not sign results (role Evaluator)."
    if not run.by:
        return "Nobody is named as who ran this, so nobody can be the second person. Run it from the admin, or with --by."
    if run.by == person.get_username():
        return "You ran it, so another person has to sign it."
    if hasattr(run, "signature"):
        return "It is signed already."
    return ""


def sign(run: EvaluationRun, *, by: User) -> ResultSignature:
    """Signs a result. Raises PlanError where the person may not, or what is stored was changed."""
    problem = why_not(run, by)
    if problem:
        raise PlanError("", problem)
    if tampered(checks_of(run)):
        raise PlanError("", "What is stored was changed after the run, so it cannot be signed. Run it again.")
    with transaction.atomic():
        made = ResultSignature.objects.create(
            run=run, result_hash=run.result_hash, ran_by=run.by, signed_by=by, signed_name=by.get_username(),
            signed_at=timezone.now(),
        )  # fmt: skip
        record_act(
            "evaluation.signed", by=by.get_username(), about=f"run {run.pk}", detail={"hash": run.result_hash}
        )
    return made
