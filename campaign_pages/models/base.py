"""What every public page shares. Abstract, so a page type is one table (docs/decisions/0002)."""

from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin
from wagtail.models import Page, PageViewRestriction

from campaign_pages.content_checks import blocking_problems
from campaign_pages.models.approval import OwnWork, writers_of
from campaign_pages.models.languages import check_of, other_languages_are_live
from campaign_pages.models.page_form import CheckedPageForm
from campaign_pages.models.site_settings import CampaignSettings
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

    review_by = models.DateField(
        "look at it again by",
        null=True,
        blank=True,
        help_text="Every six months is a good rule. From this day on editors are reminded once a week.",
    )

    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("share_text")], "Search and sharing"
        ),
        MultiFieldPanel(
            [
                FieldPanel("show_in_menus"),
                FieldPanel("show_exit"),
                FieldPanel("rests_in_hold"),
                FieldPanel("review_by"),
            ],
            "On this site",
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

    @staticmethod
    def blaming_words() -> list[str]:
        """The campaign settings' own list, in lower case; empty where nobody made one."""
        lines = CampaignSettings.for_public_default().blaming_words.splitlines()
        return [line.strip().lower() for line in lines if line.strip()]

    def publish_problems(self) -> list[str]:
        """Every reason why this page may not go live, in words for an editor; empty when it may."""
        problems = blocking_problems(self)
        if not self.is_english and check_of(self) is None:
            problems.append(
                f"Nobody has checked this page in {self.locale.get_display_name()}. Ask somebody who reads the "
                "language, then record who and when under Facts and help > Checks of translations."
            )
        return problems

    @property
    def is_english(self) -> bool:
        return self.locale_id is None or self.locale.language_code == settings.LANGUAGE_CODE

    @property
    def summary(self) -> str:
        """One sentence about the page, for search results and for links sent to mates."""
        return self.share_text or getattr(self, "lead", "")

    def save(self, *args: Any, **kwargs: Any) -> Any:
        # Wagtail's own field, so that a list of pages of every kind needs one query for its summaries.
        self.search_description = self.summary
        return super().save(*args, **kwargs)

    def get_view_restrictions(self) -> Any:
        """Wagtail's rule in one query instead of two: this page and everything above it, found by path."""
        if self.alias_of_id is not None:
            return super().get_view_restrictions()
        above = [self.path[:end] for end in range(self.steplen, len(self.path) + 1, self.steplen)]
        aliases = Page.objects.filter(path__in=above, alias_of__isnull=False)
        return PageViewRestriction.objects.filter(
            models.Q(page__path__in=above) | models.Q(page__in=aliases.values("alias_of"))
        )

    def route(self, request: HttpRequest, path_components: list[str]) -> Any:
        """Finds a page below by its whole address at once: Wagtail's own way loads every page in between."""
        if path_components and not isinstance(self, RoutablePageMixin):
            addresses = {
                f"{self.url_path}{'/'.join(path_components[:count])}/": count
                for count in range(1, len(path_components) + 1)
            }
            page = Page.objects.filter(url_path__in=addresses, live=True).order_by("-depth").first()
            if page is not None:
                return page.specific.route(request, path_components[addresses[page.url_path] :])
        return super().route(request, path_components)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Adds `translations`: live pages in other languages; and `translation_check` where this one is translated."""
        context = super().get_context(request, *args, **kwargs)
        context["translations"] = []
        if other_languages_are_live():
            every = self.get_translations(inclusive=True).live().select_related("locale")
            context["translations"] = sorted(every, key=lambda page: page.locale.language_code)
        if translation.get_language() != settings.LANGUAGE_CODE:
            context["translation_check"] = check_of(self)
        return context

    def publish(self, revision: Any, user: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The last gate, for schedules and workflows too.

        Raises ValidationError with every reason, and OwnWork where somebody publishes what they wrote themselves.
        """
        draft = revision.as_object() if revision is not None else self
        if user is not None and user.pk in writers_of(self):
            raise OwnWork
        if problems := draft.publish_problems():
            raise ValidationError({NON_FIELD_ERRORS: problems})
        return super().publish(revision, user, *args, **kwargs)
