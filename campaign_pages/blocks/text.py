"""Plain words, notes and links."""

from wagtail.blocks import CharBlock, PageChooserBlock, RichTextBlock, StructBlock
from wagtail.blocks import TextBlock as PlainTextBlock

FEATURES = ["h2", "h3", "bold", "ul", "ol", "link"]


class TextBlock(RichTextBlock):
    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("features", FEATURES)
        super().__init__(**kwargs)

    class Meta:
        icon = "pilcrow"
        group = "Words"
        label = "Text"
        description = "Headings, paragraphs, lists and links."
        template = "blocks/text.html"
        preview_value = "<h2>Step in early</h2><p>It is easier to stop a row than a fight.</p>"


class NoteBlock(StructBlock):
    text = PlainTextBlock(max_length=400)

    class Meta:
        icon = "warning"
        group = "Words"
        label = "Note"
        description = "A short note in a frame, for example what a page contains."
        template = "blocks/note.html"
        preview_value = {"text": "This page talks about a serious injury."}


class CallToActionBlock(StructBlock):
    text = CharBlock(max_length=60)
    page = PageChooserBlock()

    class Meta:
        icon = "link"
        group = "Words"
        label = "Button"
        description = "One large button to another page of this site."
        template = "blocks/call_to_action.html"
