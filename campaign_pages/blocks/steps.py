"""One step of a story that people choose their way through, or one question of the quiz."""

from wagtail.blocks import BooleanBlock, CharBlock, ChoiceBlock, ListBlock, RichTextBlock, StructBlock
from wagtail.images.blocks import ImageBlock
from wagtail.snippets.blocks import SnippetChooserBlock

SCENES = [
    ("bar", "At the bar"),
    ("street", "On the street"),
    ("queue", "In the taxi queue"),
    ("chips", "Chips on the way home"),
    ("cell", "In a cell"),
    ("ward", "In hospital"),
    ("mates", "With your mates"),
]


class ChoiceOfStepBlock(StructBlock):
    label = CharBlock(max_length=90, help_text="What the reader does or answers.")
    leads_to = CharBlock(max_length=60, help_text="The name of the step that comes next, as it is written there.")

    class Meta:
        icon = "arrow-right"
        label = "Choice"


class StepBlock(StructBlock):
    name = CharBlock(max_length=60, help_text="Heading of the step. Choices name it. It also makes the address.")
    text = RichTextBlock(features=["bold", "ul", "link"])
    scene = ChoiceBlock(choices=SCENES, required=False, help_text="One of our own drawings.")
    picture = ImageBlock(required=False, help_text="Instead of a drawing.")
    film = SnippetChooserBlock(
        "campaign_pages.Film", required=False, help_text="Captions and transcript are there."
    )
    choices = ListBlock(ChoiceOfStepBlock(), min_num=0, max_num=4, default=[])
    is_ending = BooleanBlock(required=False, label="ending", help_text="Here the way through stops.")
    line = CharBlock(max_length=120, required=False, help_text="At an ending: the words a mate can say.")

    class Meta:
        icon = "list-ul"
        group = "Steps"
        label = "Step"
        description = "What happens, and the choices that lead on from here."
        template = "blocks/step.html"
        preview_value = {
            "name": "At the bar",
            "text": "<p>Someone knocks your arm. Half your pint goes down your shirt.</p>",
            "scene": "bar",
            "choices": [{"label": "Laugh it off", "leads_to": "Chips"}],
        }
