"""Plain words, notes and links."""

from typing import Any

from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    ListBlock,
    PageChooserBlock,
    RichTextBlock,
    StructBlock,
    URLBlock,
)
from wagtail.blocks import TextBlock as PlainTextBlock

from campaign_pages.blocks.samples import sample_page

# Our own small drawings, templates/art/<name>.html.
PICTURES = [
    ("mates", "Two mates"),
    ("spill", "A spilled drink"),
    ("door", "Door staff"),
    ("phone", "A phone"),
    ("chips", "Chips"),
    ("poster", "A poster"),
    ("chart", "A chart"),
    ("news", "News"),
    ("talk", "Talking"),
]
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

    def get_preview_value(self) -> Any:
        return self.normalize({"text": "Get help", "page": sample_page()})


class DoorsBlock(StructBlock):
    heading = CharBlock(max_length=80, required=False)
    doors = ListBlock(
        StructBlock(
            [
                ("title", CharBlock(max_length=50)),
                ("text", CharBlock(max_length=140)),
                ("page", PageChooserBlock()),
                ("picture", ChoiceBlock(choices=PICTURES, default="mates")),
            ]
        ),
        min_num=2,
        max_num=6,
    )

    class Meta:
        icon = "list-ul"
        group = "Words"
        label = "Ways on"
        description = "Large cards with a drawing, each leading to another page of this site."
        template = "blocks/doors.html"

    def get_preview_value(self) -> Any:
        doors = [
            {
                "title": "Your mates",
                "text": "What to say, and when.",
                "page": sample_page("Mates"),
                "picture": "mates",
            },
            {"title": "Get help", "text": "Whom to call.", "page": sample_page("Help"), "picture": "phone"},
        ]
        return self.normalize({"heading": "Where to next?", "doors": doors})


class PartnersBlock(StructBlock):
    heading = CharBlock(max_length=80, required=False)
    partners = ListBlock(
        StructBlock(
            [
                ("name", CharBlock(max_length=100)),
                ("part", CharBlock(max_length=200, label="What they do", help_text="In one plain sentence.")),
                ("link", URLBlock(required=False)),
            ]
        ),
        min_num=1,
    )

    class Meta:
        icon = "group"
        group = "Words"
        label = "Partners"
        description = "Organisations and what each of them does."
        template = "blocks/partners.html"
        preview_value = {
            "heading": "Who is in it",
            "partners": [{"name": "Pubs and clubs", "part": "They show it where it counts.", "link": ""}],
        }


class StepsBlock(StructBlock):
    heading = CharBlock(max_length=80)
    steps = ListBlock(
        StructBlock(
            [
                ("title", CharBlock(max_length=60)),
                ("text", PlainTextBlock(max_length=300)),
                ("only_if_safe", BooleanBlock(required=False)),
            ]
        ),
        min_num=2,
        max_num=6,
    )

    class Meta:
        icon = "list-ol"
        group = "Words"
        label = "Steps"
        description = "Ways to act, in the order in which to try them."
        template = "blocks/steps.html"
        preview_value = {
            "heading": "In this order",
            "steps": [
                {"title": "Distract", "text": "Ask him about the taxi.", "only_if_safe": False},
                {"title": "Get door staff", "text": "They do this every night.", "only_if_safe": False},
                {"title": "Step in", "text": "Take your own mate away.", "only_if_safe": True},
            ],
        }
