"""The text twin of a poster: every word and picture of it, for people who cannot see or read it on the wall."""

from django.db import models
from django.http import HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.search import index

from campaign_pages.blocks import tonight_blocks
from campaign_pages.models.base import BasePage


class PosterTextPage(RoutablePageMixin, BasePage):
    """One poster in words. One page for each version of the artwork; each language has its own."""

    artwork_version = models.CharField(
        max_length=30, default="WA-EN-1", help_text="Printed small at the foot of the poster."
    )
    headline = models.CharField(max_length=60)
    line = models.CharField(max_length=160, help_text="The sentence below the headline.")
    ask_lines = models.TextField(
        help_text="The line about staff, one for each kind of venue, each on a line of its own."
    )
    help_line = models.CharField(max_length=120)
    picture = models.TextField(max_length=400, blank=True, help_text="What the poster shows, in words.")
    body = StreamField(tonight_blocks(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("artwork_version"),
                FieldPanel("headline"),
                FieldPanel("line"),
                FieldPanel("ask_lines"),
                FieldPanel("help_line"),
            ],
            "Words on the poster",
        ),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("line"), index.SearchField("body")]

    parent_page_types = ["campaign_pages.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = "poster in words"
        verbose_name_plural = "posters in words"

    @property
    def asks(self) -> list[str]:
        return [line.strip() for line in self.ask_lines.splitlines() if line.strip()]

    @path("large-print/", name="large_print")
    def large_print(self, request: HttpRequest) -> HttpResponse:
        """The same words in the largest type, made to be printed on A4 without a file to download."""
        return self.render(
            request, template="campaign_pages/poster_text_page.html", context_overrides={"large": True}
        )
