"""Ways to get help."""

from wagtail.blocks import CharBlock, ListBlock, StructBlock
from wagtail.snippets.blocks import SnippetChooserBlock


class HelpLinesBlock(StructBlock):
    heading = CharBlock(max_length=80, default="Get help")
    lines = ListBlock(SnippetChooserBlock("campaign_pages.HelpLine"), min_num=1)

    class Meta:
        icon = "help"
        group = "Help"
        label = "Help lines"
        description = "Numbers to call, from the register of help lines. Tips and stories must have this."
        template = "blocks/help_lines.html"
