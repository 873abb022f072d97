"""The visitor's own switch: whether they are counted."""

from wagtail.blocks import StaticBlock


class CountingSwitchBlock(StaticBlock):
    class Meta:
        icon = "view"
        group = "Words"
        label = "“Do not count my visits”"
        description = (
            "Says whether this visitor is counted, with the button that changes it. For the cookies page."
        )
        admin_text = "The switch “Do not count my visits”, with what is in force for whoever reads the page."
        template = "blocks/counting_switch.html"
        preview_value = ""  # it has nothing to fill in; without a value Wagtail shows no preview
