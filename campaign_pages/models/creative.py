"""A creative: one piece of the campaign's work, with its pre-test and with what people say of it."""

from django.db import models
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

PRE_TEST_PEOPLE = 20  # at least so many of the people it is for (design: public site, section 14)


class Creative(models.Model):
    """One idea as people meet it: posts, a quiz or a story that carry it name it by its slug.

    Independent tests have found alcohol and anti-violence messages that made things worse. So each creative is
    tested on the people it is for before it is shown, and stopped when it winds people up.
    """

    name = models.CharField(max_length=80)
    slug = models.SlugField(
        unique=True, help_text="The campaign name of the posts that carry it. They are held when it is flagged."
    )
    what_it_is = models.CharField("what it is", max_length=300, blank=True)
    pre_tested_on = models.DateField("pre-tested on", null=True, blank=True)
    pre_test_people = models.PositiveSmallIntegerField(
        "people asked", null=True, blank=True, help_text=f"Men of 18 to 30, at least {PRE_TEST_PEOPLE} of them."
    )
    pre_test_liked = models.PositiveSmallIntegerField("liked it", null=True, blank=True)
    pre_test_talked_down = models.PositiveSmallIntegerField("felt talked down to", null=True, blank=True)
    pre_test_would_do = models.PositiveSmallIntegerField("would do what it says", null=True, blank=True)
    pre_test_notes = models.TextField("what they said", blank=True, help_text="No names.")
    flagged_at = models.DateTimeField(null=True, blank=True, editable=False)
    flag_reason = models.CharField(max_length=300, blank=True, editable=False)
    counted_from = models.DateTimeField(
        default=timezone.now, editable=False, help_text="Reactions before this have been dealt with by a person."
    )

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("slug")]),
        FieldPanel("what_it_is"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("pre_tested_on"), FieldPanel("pre_test_people")]),
                FieldRowPanel(
                    [
                        FieldPanel("pre_test_liked"),
                        FieldPanel("pre_test_talked_down"),
                        FieldPanel("pre_test_would_do"),
                    ]
                ),
                FieldPanel("pre_test_notes"),
            ],
            "Pre-test",
        ),
    ]

    class Meta:
        ordering = ["name"]
        permissions = [("flag_creative", "Can flag a creative and clear its flag")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pre_tested(self) -> bool:
        return self.pre_tested_on is not None and (self.pre_test_people or 0) >= PRE_TEST_PEOPLE

    def publish_problems(self) -> list[str]:
        """Why a page that carries this creative may not go live, in words for an editor; empty when it may."""
        problems = []
        if not self.is_pre_tested:
            problems.append(
                f"“{self.name}” has no pre-test with at least {PRE_TEST_PEOPLE} of the people it is for. "
                "Test it, and put the result under Facts and help > Creatives."
            )
        if self.flagged_at is not None:
            problems.append(f"“{self.name}” is flagged: {self.flag_reason} Look at it before you show it again.")
        return problems


class Reaction(models.Model):
    """How many people gave one answer in one UTC hour. No more is kept: nobody can be told apart.

    A UTC hour lies in exactly one night, so analytics can group by night; nothing here defines one.
    """

    class Answer(models.TextChoices):
        TALKING_TO_ME = "talking", "Talking to me"
        NOT_FOR_ME = "not-for-me", "Not for me"
        WINDS_ME_UP = "winds-up", "Winds me up"

    creative = models.ForeignKey(Creative, on_delete=models.CASCADE, related_name="reactions")
    hour = models.DateTimeField()
    answer = models.CharField(max_length=12, choices=Answer.choices)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["creative", "hour", "answer"], name="one_count_per_hour_and_answer")
        ]

    def __str__(self) -> str:
        return f"{self.creative}: {self.get_answer_display()} {self.count}"
