"""What to do and what to say."""

from wagtail.blocks import BooleanBlock, CharBlock, ListBlock, StructBlock

TIP_EXAMPLE = {
    "action": "Watch for the mood to turn",
    "say": "Come on, let's get some air.",
    "detail": "Voices up, chests out, mates closing in. That is the moment.",
    "only_if_safe": True,
}


class TipBlock(StructBlock):
    action = CharBlock(max_length=60, help_text="Begin with a verb.")
    say = CharBlock(max_length=100, required=False, help_text="Words to say, without quotation marks.")
    detail = CharBlock(max_length=200, required=False)
    only_if_safe = BooleanBlock(
        required=False,
        default=True,
        help_text="Adds “Only if it is safe”. On for every tip that asks people to step in.",
    )

    class Meta:
        icon = "tick"
        label = "Tip"


class TipsBlock(StructBlock):
    heading = CharBlock(max_length=80, required=False)
    tips = ListBlock(TipBlock(), min_num=1, max_num=8)

    class Meta:
        icon = "list-ol"
        group = "Advice"
        label = "Tips"
        description = "Numbered tips: one action, words to say, and whether it must be safe first."
        template = "blocks/tips.html"
        preview_value = {"heading": "Four things to do", "tips": [TIP_EXAMPLE]}


class IfThenBlock(StructBlock):
    heading = CharBlock(max_length=80, required=False)
    pairs = ListBlock(
        StructBlock(
            [
                ("trigger", CharBlock(max_length=120, label="If")),
                ("line", CharBlock(max_length=120, label="Then I will")),
            ]
        ),
        min_num=1,
        max_num=8,
    )

    class Meta:
        icon = "arrow-right"
        group = "Advice"
        label = "If … then …"
        description = "A plan made before the night: when this happens, I do that."
        template = "blocks/if_then.html"
        preview_value = {
            "heading": "Make a plan",
            "pairs": [{"trigger": "someone spills my drink", "line": "say “no worries” and turn away"}],
        }


class LineToUseBlock(StructBlock):
    line = CharBlock(max_length=120)
    when = CharBlock(max_length=120, required=False, help_text="When to say it.")

    class Meta:
        icon = "openquote"
        group = "Advice"
        label = "Line to use"
        description = "The words a mate can say. Every story needs one."
        template = "blocks/line_to_use.html"
        preview_value = {"line": "It's not worth it. Walk with me.", "when": "Said quietly, to your own mate."}
