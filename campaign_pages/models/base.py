"""What every public page shares. Abstract, so a page type is one table (docs/decisions/0002)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page

from campaign_pages.content_checks import blocking_problems
from campaign_pages.models.page_form import CheckedPageForm
from campaign_pages.resting import hold_of, resting_page


def rests_in_hold(*, by_default: bool) -> models.BooleanField:
    """The switch of a page that is out of place after a serious incident; story types have it on from the start."""
    return models.BooleanField(
        "rests during an incident hold",
        default=by_default,
        help_text="On for whatever would be out of place after a serious incident: stories, jokes, a quiz.",
    )


class BasePage(Page):
    """A public page: share text, exit button, and the guards that refuse a publication with a reason."""

    share_text = models.CharField(
        max_length=160, blank=True, help_text="One sentence for search results and for links sent to mates."
    )
    show_exit = models.BooleanField(
        "show the exit button",
        default=True,
        help_text="Off only where nobody could be in danger for reading the page.",
    )

    rests_in_hold = rests_in_hold(by_default=False)

    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("share_text")], "Search and sharing"
        ),
        MultiFieldPanel(
            [FieldPanel("show_in_menus"), FieldPanel("show_exit"), FieldPanel("rests_in_hold")], "On this site"
        ),
    ]

    base_form_class = CheckedPageForm

    # Which guards of content_checks hold for this page type.
    needs_help_line = False
    needs_line_to_use = False
    reading_level_guarded = False

    class Meta:
        abstract = True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.rests_in_hold and not getattr(request, "is_preview", False) and hold_of(request) is not None:
            return resting_page(request, self)
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return response

    @property
    def stream_fields(self) -> list[Any]:
        return [getattr(self, name) for name in ("body",) if hasattr(self, name)]

    def publish_problems(self) -> list[str]:
        """Every reason why this page may not go live, in words for an editor; empty when it may."""
        return blocking_problems(self)

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> Any:
        """The last gate, for schedules and workflows too. Raises ValidationError with every reason."""
        draft = revision.as_object() if revision is not None else self
        if problems := draft.publish_problems():
            raise ValidationError(problems)
        return super().publish(revision, *args, **kwargs)
