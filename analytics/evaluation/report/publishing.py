"""From a signed result to a draft page of the public site, and into the workflow: a third person publishes it."""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowPage, WorkflowTask

from analytics.audit.chain import record
from analytics.evaluation.out_of_date import changes_since
from analytics.evaluation.report.public import public_findings
from analytics.evaluation.report.public_pdf import public_pdf
from analytics.evaluation.report.stored import attribution_of
from analytics.evaluation.reproducing import checks_of, tampered
from analytics.evaluation.signing import signature_of
from analytics.evaluation.typesetting import pages_of
from analytics.models import EvaluationRun
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import APPROVER
from campaign_pages.models import ArticlePage, EvaluationPage, EvaluationPdf, HomePage
from campaign_pages.models.evaluation_page import sealed

WORKFLOW = "Publication of evaluations"
RUN = "analytics.run_evaluation"
PARENT_SLUG = "about"


class NotPublishable(ValueError):
    """The result cannot go to the public site; the message says why and what to do."""


def why_not(run: EvaluationRun) -> str:
    """Why a result cannot be published; empty where it can."""
    if signature_of(run) is None:
        return "Nobody has signed this result. A second person has to stand for it first."
    if tampered(checks_of(run)):
        return "What is stored was changed after the run. Run it again."
    if changes_since(run):
        return "The data changed after this run, so it is out of date. Run the plan again."
    if run.synthetic and not settings.WALKAWAY_DEMO:
        return "Synthetic results are published in the demo only."
    if EvaluationPage.objects.filter(findings__result_hash=run.result_hash).exists():
        return "There is a page of this result already."
    return ""


def draft_of(run: EvaluationRun) -> EvaluationPage:
    """The page as it would be, not saved. Raises NotPublishable without a signature."""
    signature = signature_of(run)
    if signature is None:
        raise NotPublishable(why_not(run))
    result = json.loads(run.result)
    day = timezone.localtime(signature.signed_at)
    findings = public_findings(
        result,
        signed=f"Signed by a second person on {day.day} {day:%B %Y}.",
        result_hash=run.result_hash,
        attribution=attribution_of((result.get("inputs") or {}).get("files") or []),
    )
    title = result["title"]
    return EvaluationPage(
        title=title, slug=f"{slugify(title)[:40]}-{run.pk}", findings=findings, seal=sealed(findings), live=False
    )


def ask_to_publish(run: EvaluationRun, *, by: User) -> EvaluationPage:
    """Makes the draft below "About and evidence" and starts its workflow. Raises NotPublishable."""
    if not by.is_active or not by.has_perm(RUN):
        raise NotPublishable(f"{by.get_username()} may not ask for the publication of results.")
    if problem := why_not(run):
        raise NotPublishable(problem)
    parent: Page | None = ArticlePage.objects.filter(slug=PARENT_SLUG).first() or HomePage.objects.first()
    if parent is None:
        raise NotPublishable("The site has no page yet below which a report could stand.")
    page = draft_of(run)
    try:
        printed = public_pdf(page.findings)
    except RuntimeError as error:
        raise NotPublishable(f"The PDF of the public report could not be set: {error}") from error
    page.findings["pdf"] = {
        "sha256": hashlib.sha256(printed).hexdigest(), "bytes": len(printed), "pages": pages_of(printed),
    }  # fmt: skip
    page.seal = sealed(page.findings)
    page.owner = by
    with transaction.atomic():
        EvaluationPdf.keep(printed)
        parent.specific.add_child(instance=page)
        page.save_revision(user=by, changed=True)
        workflow = approval()
        WorkflowPage.objects.create(page=page, workflow=workflow)
        workflow.start(page, by)
        record(
            "evaluation.publication_asked", by=by.get_username(), about=f"run {run.pk}",
            detail={"page": page.pk, "hash": run.result_hash, "synthetic": run.synthetic},
        )  # fmt: skip
    return page


def approval() -> Workflow:
    """The workflow of published evaluations: one of the approvers agrees. Made where it is missing."""
    workflow, new = Workflow.objects.get_or_create(name=WORKFLOW, defaults={"active": True})
    if new or not workflow.workflow_tasks.exists():
        task, _ = GroupApprovalTask.objects.get_or_create(name="An approver agrees", defaults={"active": True})
        group, _ = Group.objects.get_or_create(name=APPROVER)
        task.groups.add(group)
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    return workflow
