"""The page types: Home, Tonight, stories and articles."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from campaign_pages.blocks import article_blocks, home_blocks, story_blocks, tonight_blocks
from campaign_pages.blocks.text import PICTURES
from campaign_pages.models.base import BasePage, rests_in_hold
from campaign_pages.models.languages import forget_other_languages
from campaign_pages.models.night_face import NightFace
from campaign_pages.models.paths import ChoicesStoryPage


class HomePage(NightFace, BasePage):
    """The front door: the message in the largest type there is, the tips, a way on for each reader.

    At night the Tonight page's tips stand before everything else.
    """

    headline = models.CharField(max_length=40, default="Walk away")
    lead = models.CharField(max_length=240)
    body = StreamField(home_blocks())

    content_panels = [
        *BasePage.content_panels,
        MultiFieldPanel([FieldPanel("headline"), FieldPanel("lead")], "Top of the page"),
        FieldPanel("body"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("lead"), index.SearchField("body")]

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "campaign_pages.TonightPage",
        "campaign_pages.StoryIndexPage",
        "campaign_pages.ArticlePage",
        "campaign_pages.PlanPage",
        "campaign_pages.QuizPage",
        "campaign_pages.ChoicesStoryPage",
        "campaign_pages.NewsIndexPage",
        "campaign_pages.PosterTextPage",
        "campaign_pages.EvaluationPage",
    ]
    reading_level_guarded = True

    class Meta:
        verbose_name = "home page"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["tonight"] = TonightPage.objects.child_of(self).live().first() if context["night"] else None
        return context

    def publish(self, *args: Any, **kwargs: Any) -> Any:
        result = super().publish(*args, **kwargs)
        forget_other_languages()
        return result

    def unpublish(self, *args: Any, **kwargs: Any) -> Any:
        result = super().unpublish(*args, **kwargs)
        forget_other_languages()
        return result

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        name = "home_page_night" if self.at_night(request) else "home_page"
        return f"campaign_pages/{name}.html"


class TonightPage(NightFace, BasePage):
    """Four tips on one screen of a phone, then help. What a scanned poster leads to."""

    lead = models.CharField(max_length=160, blank=True)
    body = StreamField(tonight_blocks())

    content_panels = [*BasePage.content_panels, FieldPanel("lead"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    parent_page_types = ["campaign_pages.HomePage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1
    needs_help_line = True
    reading_level_guarded = True

    class Meta:
        verbose_name = "tonight page"


class StoryIndexPage(BasePage):
    """All stories, newest first."""

    rests_in_hold = rests_in_hold(by_default=True)
    lead = models.CharField(max_length=240, blank=True)
    body = StreamField(article_blocks(), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("lead"), FieldPanel("body")]

    parent_page_types = ["campaign_pages.HomePage"]
    subpage_types = ["campaign_pages.StoryPage", "campaign_pages.ChoicesStoryPage"]

    class Meta:
        verbose_name = "list of stories"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["stories"] = (
            StoryPage.objects.child_of(self).live().order_by("-first_published_at").defer_streamfields()
        )
        context["ways_through"] = (
            ChoicesStoryPage.objects.child_of(self).live().order_by("-first_published_at").defer_streamfields()
        )
        return context


class StoryPage(BasePage):
    """What one punch did. Never alone: a content note before it, a line to use and help after it."""

    rests_in_hold = rests_in_hold(by_default=True)
    content_note = models.CharField(max_length=200, help_text="What is in the story, so that people can choose.")
    lead = models.CharField(max_length=240)
    body = StreamField(story_blocks())

    content_panels = [*BasePage.content_panels, FieldPanel("content_note"), FieldPanel("lead"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("lead"), index.SearchField("body")]

    parent_page_types = ["campaign_pages.StoryIndexPage"]
    subpage_types: list[str] = []
    needs_help_line = True
    needs_line_to_use = True
    reading_level_guarded = True

    class Meta:
        verbose_name = "story"


class ArticlePage(BasePage):
    """Advice, help, evidence, news and the pages that the law asks for."""

    lead = models.CharField(max_length=300, blank=True)
    body = StreamField(article_blocks())
    picture = models.CharField(
        max_length=10,
        choices=PICTURES,
        blank=True,
        help_text="A drawing beside the title. It says nothing in itself.",
    )
    reviewed_on = models.DateField(null=True, blank=True, help_text="When somebody last read it through.")

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("lead"),
        FieldPanel("picture"),
        FieldPanel("body"),
        FieldPanel("reviewed_on"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("lead"), index.SearchField("body")]

    parent_page_types = ["campaign_pages.HomePage", "campaign_pages.ArticlePage"]
    subpage_types = ["campaign_pages.ArticlePage", "campaign_pages.EvaluationPage"]

    class Meta:
        verbose_name = "article"
