"""Stories that people choose their way through, and the quiz. Both are steps that link to steps.

Every answer is a plain link from page to page. So no list of answers ever stands in an address, a log or a cookie.
"""

from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.search import index
from wagtail.url_routing import RouteResult

from campaign_pages import story_map
from campaign_pages.blocks import after_path_blocks
from campaign_pages.blocks.steps import StepBlock
from campaign_pages.models.base import BasePage, rests_in_hold
from campaign_pages.models.creative import Creative

TEMPLATE = "campaign_pages/path_page.html"  # named on each page type: Wagtail sets its own on every class


class PathPage(BasePage):
    """What they share: steps, the check for dead ends and circles, one address a step, the reaction at the end."""

    rests_in_hold = rests_in_hold(by_default=True)
    lead = models.CharField(max_length=240)
    content_note = models.CharField(
        max_length=200, blank=True, help_text="What is in it, so that people can choose. Needed for stories."
    )
    start_label = models.CharField(max_length=40, default="Start")
    steps = StreamField([("step", StepBlock())], help_text="The first step is where people start.")
    body = StreamField(after_path_blocks(), blank=True, help_text="Shown below every ending.")
    creative = models.ForeignKey(
        Creative,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Asks for one tap at the end: talking to me, not for me, or winds me up.",
    )

    content_panels = [
        *BasePage.content_panels,
        MultiFieldPanel(
            [FieldPanel("lead"), FieldPanel("content_note"), FieldPanel("start_label")], "Before the first step"
        ),
        FieldPanel("steps"),
        FieldPanel("body"),
        FieldPanel("creative"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("lead"), index.SearchField("steps")]

    subpage_types: list[str] = []
    needs_help_line = True
    reading_level_guarded = True

    class Meta:
        abstract = True

    @property
    def stream_fields(self) -> list[Any]:
        return [self.steps, self.body]

    @property
    def steps_of_map(self) -> list[story_map.Step]:
        return [
            story_map.Step(
                child.value["name"],
                bool(child.value["is_ending"]),
                tuple(story_map.Choice(each["label"], each["leads_to"]) for each in child.value["choices"]),
            )
            for child in self.steps
        ]

    def publish_problems(self) -> list[str]:
        found = [*super().publish_problems(), *story_map.problems(self.steps_of_map)]
        if self.creative is not None:
            found += self.creative.publish_problems()
        return found

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [
            ("", "The beginning"),
            ("map", "Map of the steps"),
            *((f"step:{step.key}", step.name) for step in self.steps_of_map if step.key),
        ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        request.is_preview = True  # type: ignore[attr-defined]
        if mode_name == "map":
            return self._map(request)
        if mode_name.startswith("step:"):
            return self.serve(request, step=mode_name.removeprefix("step:"))
        return self.serve(request)

    def _map(self, request: HttpRequest) -> HttpResponse:
        from django.shortcuts import render

        steps = self.steps_of_map
        wrong = story_map.problems(steps)
        drawing = story_map.picture(steps, wrong) if steps else ""
        context = {**self.get_context(request), "wrong": wrong, "drawing": drawing, "map_steps": steps}
        return render(request, "campaign_pages/path_map.html", context)

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """`/…/<step>/` is a step of this page; there are no pages below it."""
        if len(path_components) == 1 and self.live:
            if any(step.key == path_components[0] for step in self.steps_of_map):
                return RouteResult(self, kwargs={"step": path_components[0]})
            raise Http404
        result: RouteResult = super().route(request, path_components)
        return result

    def get_context(self, request: HttpRequest, *args: Any, step: str = "", **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        steps = list(self.steps)
        context["first_key"] = story_map.key_of(steps[0].value["name"]) if steps else ""
        context["step_block"] = next(
            (each for each in steps if story_map.key_of(each.value["name"]) == step), None
        )
        context["step"] = context["step_block"].value if context["step_block"] is not None else None
        context["thanked"] = request.GET.get("thanks", "")
        return context


class ChoicesStoryPage(PathPage):
    """Choose what happens: a story told to “you”, where each choice is a link."""

    parent_page_types = ["campaign_pages.HomePage", "campaign_pages.StoryIndexPage"]
    subpage_types: list[str] = []
    template = TEMPLATE

    class Meta:
        verbose_name = "choose what happens"

    def publish_problems(self) -> list[str]:
        found = super().publish_problems()
        if not self.content_note:
            found.append("Say what is in the story (content note), so that people can choose before they read.")
        if not any(child.value["is_ending"] and child.value["line"] for child in self.steps):
            found.append("A story never stands alone. Give at least one ending a line that a mate could say.")
        return found


class QuizPage(PathPage):
    """Which mate are you? Questions are steps; endings are results with the tips that fit."""

    parent_page_types = ["campaign_pages.HomePage"]
    subpage_types: list[str] = []
    template = TEMPLATE

    class Meta:
        verbose_name = "quiz"
