"""The page types: Home, Tonight, stories and articles."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from campaign_pages.blocks import article_blocks, home_blocks, story_blocks, tonight_blocks
from campaign_pages.models.base import BasePage, rests_in_hold
from campaign_pages.models.paths import ChoicesStoryPage
from campaign_pages.models.site_settings import CampaignSettings
from campaign_pages.night_switch import is_night, seconds_to_switch

LONGEST_COPY = 300  # seconds a shared copy may live, so that a correction shows soon


class HomePage(BasePage):
    """The front door: the message in the largest type there is, the tips, a way on for each reader."""

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
    ]
    max_count = 1
    reading_level_guarded = True

    class Meta:
        verbose_name = "home page"


class TonightPage(BasePage):
    """Four tips on one screen of a phone, then help. What a scanned poster leads to."""

    lead = models.CharField(max_length=160, blank=True)
    body = StreamField(tonight_blocks())

    content_panels = [*BasePage.content_panels, FieldPanel("lead"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    parent_page_types = ["campaign_pages.HomePage"]
    subpage_types: list[str] = []
    max_count = 1
    needs_help_line = True
    reading_level_guarded = True

    class Meta:
        verbose_name = "tonight page"

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [("", "By day"), ("night", "At night")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["night"] = getattr(request, "preview_mode", "") == "night" or is_night(
            timezone.localtime(), **self._hours(request)
        )
        return context

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().serve(request, *args, **kwargs)
        life = min(LONGEST_COPY, seconds_to_switch(timezone.localtime(), **self._hours(request)))
        patch_cache_control(response, public=True, max_age=life)
        return response

    @staticmethod
    def _hours(request: HttpRequest) -> dict[str, int]:
        site = CampaignSettings.for_public(request)
        return {"starts": site.tonight_from_hour, "ends": site.tonight_until_hour}


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
        context["stories"] = StoryPage.objects.child_of(self).live().order_by("-first_published_at")
        context["ways_through"] = ChoicesStoryPage.objects.child_of(self).live().order_by("-first_published_at")
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
    reviewed_on = models.DateField(null=True, blank=True, help_text="When somebody last read it through.")

    content_panels = [*BasePage.content_panels, FieldPanel("lead"), FieldPanel("body"), FieldPanel("reviewed_on")]
    search_fields = [*BasePage.search_fields, index.SearchField("lead"), index.SearchField("body")]

    parent_page_types = ["campaign_pages.HomePage", "campaign_pages.ArticlePage"]
    subpage_types = ["campaign_pages.ArticlePage"]

    class Meta:
        verbose_name = "article"
