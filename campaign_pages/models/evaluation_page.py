"""A published evaluation: findings that were signed elsewhere and sealed here. An editor can add words, not change them."""

import csv
import hashlib
import io
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField

from campaign_pages.blocks import article_blocks
from campaign_pages.models.base import BasePage
from campaign_pages.models.evaluations import PublishedEvaluation
from campaign_pages.spreadsheet_text import safe_cell


def sealed(findings: dict[str, Any]) -> str:
    """SHA-256 of findings in one canonical form."""
    text = json.dumps(findings, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class EvaluationPdf(models.Model):
    """A report of the public tier as it was put before the approver, byte for byte. The findings' seal holds its hash."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"report {self.sha256[:12]}"

    @classmethod
    def keep(cls, content: bytes) -> "EvaluationPdf":
        """Keeps the bytes under their own hash, once."""
        return cls.objects.get_or_create(
            sha256=hashlib.sha256(content).hexdigest(), defaults={"content": content}
        )[0]


class EvaluationPage(BasePage):
    """What was found, in the words of its verdict, with figures and tables of the public tier.

    ``findings`` come from a signed result and are in no form: they are made by the evaluation screens, shown here, and
    refused at publication when their seal does not fit.
    """

    findings = models.JSONField(default=dict, editable=False)
    seal = models.CharField(max_length=64, editable=False, default="")
    body = StreamField(article_blocks(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("body", help_text="Words beside the findings. They may not say more than the verdict."),
    ]

    parent_page_types = ["campaign_pages.HomePage", "campaign_pages.ArticlePage"]
    subpage_types: list[str] = []
    is_creatable = False

    class Meta:
        verbose_name = "published evaluation"

    @property
    def lead(self) -> str:
        """For the page's head and for links sent to others: the sentence itself, and what is invented says so."""
        return " ".join(filter(None, (self.findings.get("synthetic", ""), self.findings.get("sentence", ""))))

    @property
    def intact(self) -> bool:
        """Whether the findings are those that were signed."""
        return bool(self.findings) and sealed(self.findings) == self.seal

    def publish_problems(self) -> list[str]:
        problems = super().publish_problems()
        if not self.intact:
            problems.append(
                "The findings are not those that were signed. Ask for publication again from the evaluation."
            )
        return problems

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> Any:
        """Once it is live, the list of published evaluations names it, with the verdict's sentence unchanged."""
        done = super().publish(revision, *args, **kwargs)
        page = EvaluationPage.objects.get(pk=self.pk)
        plan = dict(page.findings["facts"]).get("Plan", "")
        if (
            page.live
            and page.full_url
            and not PublishedEvaluation.objects.filter(plan_hash=plan, verdict=page.lead).exists()
        ):
            PublishedEvaluation.objects.create(
                title=page.title[:120], verdict=page.lead, plan_hash=plan, published_on=timezone.localdate(),
                link=page.full_url,
            )  # fmt: skip
        return done

    def clean(self) -> None:
        super().clean()
        if self.findings and not self.intact:
            raise ValidationError("The findings were changed after they were signed.")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Before it is live, only who may edit or approve the page can read its PDF, by another address."""
        draft = getattr(request, "is_preview", False) and self.pk
        address = reverse("evaluation_page_pdf", args=[self.pk]) if draft else "?file=report.pdf"
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"pdf_url": address if self.findings.get("pdf") else ""}

    def pdf_response(self) -> HttpResponse:
        """The report as it was sealed. Raises Http404 where there is none, or not the sealed one."""
        sha256 = (self.findings.get("pdf") or {}).get("sha256", "")
        kept = EvaluationPdf.objects.filter(pk=sha256).first()
        content = bytes(kept.content) if kept else b""
        if not self.intact or hashlib.sha256(content).hexdigest() != sha256:
            raise Http404("there is no such report")
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{self.slug}.pdf"'
        return response

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("file") == "report.pdf":
            return self.pdf_response()
        wanted = request.GET.get("table", "")
        for figure in self.findings.get("figures", []):
            if wanted and wanted == figure["file"]:
                response = HttpResponse(_as_csv(figure), content_type="text/csv; charset=utf-8")
                response["Content-Disposition"] = f'attachment; filename="{figure["file"]}"'
                return response
        return super().serve(request, *args, **kwargs)


def _as_csv(figure: dict[str, Any]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([safe_cell(column["label"]) for column in figure["columns"]])
    writer.writerows([safe_cell(cell) for cell in row] for row in figure["rows"])
    return stream.getvalue()
