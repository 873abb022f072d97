"""Ways to get help."""

from typing import Any

from wagtail.blocks import CharBlock, ListBlock, RichTextBlock, StructBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from campaign_pages.blocks.samples import sample_help_line, sample_help_lines


class HelpLinesBlock(StructBlock):
    heading = CharBlock(max_length=80, default="Get help")
    lines = ListBlock(SnippetChooserBlock("campaign_pages.HelpLine"), min_num=1)

    class Meta:
        icon = "help"
        group = "Help"
        label = "Help lines"
        description = "Numbers to call, from the register of help lines. Tips and stories must have this."
        template = "blocks/help_lines.html"

    def get_preview_value(self) -> Any:
        return self.normalize({"heading": "Get help", "lines": sample_help_lines()})


class SituationBlock(StructBlock):
    title = CharBlock(max_length=60, help_text="In the reader's own words, for example “I hit someone”.")
    first = CharBlock(max_length=160, help_text="The one thing to do first.")
    text = RichTextBlock(features=["bold", "ul", "ol", "link"])
    lines = ListBlock(SnippetChooserBlock("campaign_pages.HelpLine"), default=[])

    class Meta:
        icon = "user"
        label = "Situation"


class SituationsBlock(StructBlock):
    heading = CharBlock(max_length=80, default="What happened?")
    situations = ListBlock(SituationBlock(), min_num=1, max_num=6)

    class Meta:
        icon = "help"
        group = "Help"
        label = "Situations"
        description = "Big buttons in the reader's own words, each leading to what to do and whom to call."
        template = "blocks/situations.html"

    def get_preview_value(self) -> Any:
        example = {
            "title": "I hit someone",
            "first": "Call 999 if he does not wake up.",
            "text": "<p>Stay with him. Say what happened.</p>",
            "lines": [sample_help_line()],
        }
        other = {**example, "title": "I saw it", "first": "Call 999 if it is going on now.", "lines": []}
        return self.normalize({"heading": "What happened?", "situations": [example, other]})
