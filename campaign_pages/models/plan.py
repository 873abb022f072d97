"""My mates' plan: pick a trigger, pick a line, get a card. Nothing is sent by the visitor but the choices themselves.

If-then plans chosen from a list did better than plans typed by hand in trials on drinking (Cooke and others 2022), and
did nothing for heavy nights. So it is a list, and no page claims an effect.
"""

from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from wagtail.admin.panels import FieldPanel
from wagtail.blocks import CharBlock
from wagtail.fields import StreamField
from wagtail.search import index
from wagtail.url_routing import RouteResult

from campaign_pages.artwork.plan_card import CARD_HEIGHT, CARD_WIDTH, PlanCard, plan_card
from campaign_pages.blocks import after_path_blocks
from campaign_pages.models.base import BasePage

MOST = 8
PICTURE = "card"
QUESTIONS = (("when", "triggers", "a trigger"), ("say", "lines", "a line"), ("with", "people", "who you are with"))


def _choices(text: str, example: str) -> StreamField:
    block = CharBlock(max_length=70, icon="pick", label=text)
    # Set afterwards: what is handed to a plain block is written into the migration, and words for editors are no schema.
    block.meta.group = "Choices"
    block.meta.description = "One choice on the card: a few words that finish the sentence."
    block.meta.preview_value = example
    return StreamField([("choice", block)], min_num=2, max_num=MOST)


class PlanPage(BasePage):
    """A card made from choices in the address: works without script, holds no identifier, keeps nothing."""

    lead = models.CharField(max_length=240)
    triggers = _choices("If …", "someone spills my drink")
    lines = _choices("… then I say or do", "say “no worries” and turn")
    people = _choices("With", "my mates")
    body = StreamField(after_path_blocks(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("lead"),
        FieldPanel("triggers", help_text="Finishes the sentence “If …”, for example: someone spills my drink"),
        FieldPanel("lines", help_text="Finishes the sentence “then I …”, for example: say “no worries” and turn"),
        FieldPanel("people", help_text="For example: my mates"),
        FieldPanel("body"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("lead")]

    parent_page_types = ["campaign_pages.HomePage"]
    subpage_types: list[str] = []
    max_count = 1
    needs_help_line = True
    reading_level_guarded = True

    class Meta:
        verbose_name = "mates' plan"

    @property
    def stream_fields(self) -> list[Any]:
        return [self.triggers, self.lines, self.people, self.body]

    def options(self, field: str) -> dict[str, str]:
        """What stands in the address for each choice, made from its words: no counter, no identifier."""
        return {slugify(child.value)[:50]: child.value for child in getattr(self, field)}

    def chosen(self, request: HttpRequest) -> dict[str, str]:
        """Question -> words of the choice, for the questions that the address answers with a known choice."""
        found = {}
        for name, field, _ in QUESTIONS:
            words = self.options(field).get(request.GET.get(name, ""))
            if words is not None:
                found[name] = words
        return found

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        chosen = self.chosen(request)
        asked = any(name in request.GET for name, _, _ in QUESTIONS)
        missing = [label for name, _, label in QUESTIONS if name not in chosen]
        context["questions"] = [
            (name, label, self.options(field), request.GET.get(name, ""))
            for (name, field, _), label in zip(QUESTIONS, ("If …", "then I …", "I go out with …"), strict=True)
        ]
        context["chosen"] = chosen if not missing else None
        context["missing"] = missing if asked else []
        if not missing:
            keys = {name: request.GET[name] for name, _, _ in QUESTIONS}
            context["card_address"] = f"{self.get_url(request)}{PICTURE}/?" + "&".join(
                f"{name}={key}" for name, key in keys.items()
            )
        return context

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        if path_components == [PICTURE] and self.live:
            return RouteResult(self, kwargs={"as_picture": True})
        result: RouteResult = super().route(request, path_components)
        return result

    def serve(self, request: HttpRequest, *args: Any, as_picture: bool = False, **kwargs: Any) -> HttpResponse:
        if not as_picture:
            return super().serve(request, *args, **kwargs)
        chosen = self.chosen(request)
        if len(chosen) != len(QUESTIONS):
            raise Http404
        from django.core.cache import cache

        card = PlanCard(when=chosen["when"], say=chosen["say"], people=chosen["with"])
        key = f"plan-card:{card.fingerprint}"
        png = cache.get(key)
        if png is None:  # at most 8 x 8 x 8 cards, each some tens of kB
            png = plan_card(card)
            cache.set(key, png, 24 * 3600)
        response = HttpResponse(png, content_type="image/png")
        response["Content-Disposition"] = 'inline; filename="my-mates-plan.png"'
        response["Cache-Control"] = "public, max-age=86400"
        return response

    @property
    def card_size(self) -> tuple[int, int]:
        return CARD_WIDTH, CARD_HEIGHT
