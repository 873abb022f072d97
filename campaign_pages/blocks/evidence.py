"""What we know, always with where it comes from."""

from typing import Any

from wagtail.blocks import CharBlock, StaticBlock, StructBlock, TextBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from campaign_pages.blocks.samples import sample_evaluations, sample_fact


class NormBlock(StructBlock):
    fact = SnippetChooserBlock("campaign_pages.Fact", help_text="Figure, source and dates come from the record.")
    meaning = CharBlock(max_length=200, required=False, help_text="What it means for the reader, in one sentence.")

    class Meta:
        icon = "info-circle"
        group = "Evidence"
        label = "Figure with its source"
        description = "A number or a norm in large type. It cannot be typed here: choose a recorded fact."
        template = "blocks/norm.html"

    def get_preview_value(self) -> Any:
        return self.normalize(
            {"fact": sample_fact(), "meaning": "Mates step in. You would not be the odd one out."}
        )


class QuoteBlock(StructBlock):
    quote = TextBlock(max_length=300)
    role = CharBlock(
        max_length=80, help_text="A role or unit, not a name: for example “Door supervisor, Leicester”."
    )

    class Meta:
        icon = "openquote"
        group = "Evidence"
        label = "Quote"
        description = "Somebody's words, given to a role and not to a named person."
        template = "blocks/quote.html"
        preview_value = {"quote": "The ones who walk are the ones I respect.", "role": "Door supervisor"}


class EvaluationsBlock(StaticBlock):
    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        from django.apps import apps

        context: dict[str, Any] = super().get_context(value, parent_context)
        model = apps.get_model("campaign_pages", "PublishedEvaluation")
        samples = context.get("sample_evaluations")
        context["evaluations"] = samples or list(model.objects.select_related("document"))
        return context

    def get_preview_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        return {**(parent_context or {}), "sample_evaluations": sample_evaluations()}

    class Meta:
        icon = "doc-full"
        group = "Evidence"
        label = "Published evaluations"
        admin_text = "Lists every published evaluation with its verdict, or says that there is none yet."
        description = "Every evaluation that we have published, good or bad."
        template = "blocks/evaluations.html"
