"""What we know, always with where it comes from."""

from wagtail.blocks import CharBlock, StructBlock, TextBlock
from wagtail.snippets.blocks import SnippetChooserBlock


class NormBlock(StructBlock):
    fact = SnippetChooserBlock("campaign_pages.Fact", help_text="Figure, source and dates come from the record.")
    meaning = CharBlock(max_length=200, required=False, help_text="What it means for the reader, in one sentence.")

    class Meta:
        icon = "info-circle"
        group = "Evidence"
        label = "Figure with its source"
        description = "A number or a norm in large type. It cannot be typed here: choose a recorded fact."
        template = "blocks/norm.html"


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
