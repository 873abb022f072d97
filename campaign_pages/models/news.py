"""News and press: what happened, with its date, for journalists and other forces."""

from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from campaign_pages.blocks import article_blocks
from campaign_pages.models.base import BasePage

ON_ONE_PAGE = 10


class NewsIndexPage(BasePage):
    """All news, newest first, ten at a time, and whom the press may ask."""

    lead = models.CharField(max_length=240, blank=True)
    body = StreamField(article_blocks(), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("lead"), FieldPanel("body")]

    parent_page_types = ["campaign_pages.HomePage"]
    subpage_types = ["campaign_pages.NewsPage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = "list of news"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        every = NewsPage.objects.child_of(self).live().order_by("-happened_on", "-pk").defer_streamfields()
        context["news"] = Paginator(every, ON_ONE_PAGE).get_page(request.GET.get("p"))
        return context


class NewsPage(BasePage):
    """One piece of news. The day is the day it happened, not the day it was typed."""

    happened_on = models.DateField(default=timezone.localdate)
    lead = models.CharField(max_length=300)
    body = StreamField(article_blocks())

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("happened_on"),
        FieldPanel("lead"),
        FieldPanel("body"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("lead"), index.SearchField("body")]

    parent_page_types = ["campaign_pages.NewsIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = "news"
