"""The editors' side: facts, help lines, and a little of the campaign's look."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from campaign_pages.campaign_home import CampaignToday
from campaign_pages.incidents import admin_views as incidents
from campaign_pages.models import (
    Creative,
    EvaluationPage,
    Fact,
    Feedback,
    Film,
    HelpLine,
    LanguageWords,
    PublishedEvaluation,
    TranslationCheck,
)
from campaign_pages.models.approval import OWN_WORK, SecondPersonTask, writers_of
from campaign_pages.reactions import admin_views as reactions
from campaign_pages.record_choosers import RecordViewSet
from campaign_pages.translating import reasons_against, translation_of


class FactViewSet(RecordViewSet):
    model = Fact
    icon = "info-circle"
    menu_label = "Facts"
    list_display = ["text", "figure", "strength", "as_of", "review_by"]
    list_filter = ["strength", "review_by"]
    search_fields = ["text", "source"]
    ordering = ["review_by"]
    list_export = ["figure", "text", "source", "as_of", "strength", "review_by"]


class HelpLineViewSet(RecordViewSet):
    model = HelpLine
    icon = "help"
    menu_label = "Help lines"
    list_display = ["name", "number", "hours", "emergency", "last_checked", "review_by"]
    list_filter = ["emergency", "last_checked", "review_by", "locale"]
    list_export = ["name", "number", "link", "hours", "what_for", "last_checked", "review_by"]


class PublishedEvaluationViewSet(RecordViewSet):
    model = PublishedEvaluation
    icon = "doc-full"
    menu_label = "Published evaluations"
    list_display = ["title", "published_on", "verdict"]


class TranslationCheckViewSet(RecordViewSet):
    model = TranslationCheck
    icon = "tick"
    menu_label = "Checks of translations"
    list_display = ["page", "checked_by", "checked_on"]


class LanguageWordsViewSet(RecordViewSet):
    model = LanguageWords
    icon = "globe"
    menu_label = "Words of languages"
    list_display = ["__str__", "checked_by", "checked_on"]


class CreativeViewSet(RecordViewSet):
    model = Creative
    icon = "pick"
    menu_label = "Creatives"
    list_display = ["name", "slug", "pre_tested_on", "pre_test_people", "flagged_at"]
    list_filter = ["flagged_at"]
    list_export = ["name", "slug", "pre_tested_on", "pre_test_people", "flagged_at", "flag_reason"]


class FilmViewSet(RecordViewSet):
    model = Film
    icon = "media"
    menu_label = "Films"
    list_display = ["title"]


class FeedbackViewSet(RecordViewSet):
    """Read only: nobody writes feedback for others, and it goes by itself after a year."""

    model = Feedback
    icon = "mail"
    menu_label = "Feedback"
    list_display = ["page", "text", "at"]
    list_filter = ["page", "at"]
    list_export = ["page", "text", "at"]
    inspect_view_enabled = True
    add_to_admin_menu = False


class EvidenceAndHelp(SnippetViewSetGroup):
    menu_label = "Facts and help"
    menu_icon = "info-circle"
    menu_order = 250
    items = (
        FactViewSet,
        HelpLineViewSet,
        CreativeViewSet,
        FilmViewSet,
        FeedbackViewSet,
        PublishedEvaluationViewSet,
        TranslationCheckViewSet,
        LanguageWordsViewSet,
    )


register_snippet(EvidenceAndHelp)


@hooks.register("insert_global_admin_css")
def campaign_colours() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


def evaluation_page_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF of a page that is not live yet, for who writes it and for who has to approve it."""
    page = get_object_or_404(EvaluationPage, pk=pk)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    shown: EvaluationPage = page.get_latest_revision_as_object()
    response = shown.pdf_response()
    response["Cache-Control"] = "private, no-store"
    return response


@hooks.register("register_admin_urls")
def reaction_addresses() -> list[Any]:
    return [
        path("incident-hold/", incidents.incident, name="incident_hold"),
        path("evaluation-pages/<int:pk>/report.pdf", evaluation_page_pdf, name="evaluation_page_pdf"),
        path("reactions/", reactions.overview, name="reactions"),
        path("reactions/<int:pk>/flag/", reactions.move_flag, name="reaction_flag"),
    ]


class ReactionsMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return bool(request.user.has_perm(reactions.SEE))


@hooks.register("register_admin_menu_item")
def reactions_menu() -> MenuItem:
    return ReactionsMenuItem("Reactions", reverse("reactions"), icon_name="comment", order=260)


class IncidentMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return bool(request.user.has_perm(incidents.START))


@hooks.register("register_admin_menu_item")
def incident_menu() -> MenuItem:
    return IncidentMenuItem("Incident hold", reverse("incident_hold"), icon_name="warning", order=235)


@hooks.register("before_serve_page")
def only_in_its_own_language(page: Any, request: HttpRequest, args: Any, kwargs: Any) -> None:
    """Where /pl/ has no page of its own yet, Wagtail would answer with the English one under the Polish address."""
    code = translation.get_language()
    if code != settings.LANGUAGE_CODE and page.locale.language_code != code:
        raise Http404


@hooks.register("construct_page_action_menu")
def nobody_publishes_alone(menu_items: list[Any], request: Any, context: dict[str, Any]) -> None:
    """What is written is submitted; the approval by a second person publishes it."""
    menu_items[:] = [item for item in menu_items if item.name != "action-publish"]


@hooks.register("before_edit_page")
def say_why_there_is_no_approval(request: HttpRequest, page: Any) -> None:
    """An approver who wrote some of it misses the button “Approve”, so the page says why."""
    task: Any = page.current_workflow_task
    user: Any = request.user
    if request.method != "GET" or not isinstance(task, SecondPersonTask):
        return
    if user.pk in writers_of(page) and task.groups.filter(user=user).exists():
        messages.info(request, OWN_WORK)


@hooks.register("before_edit_page", order=-1)  # before wagtail-localize takes the page over
def say_what_a_translation_wants(request: HttpRequest, page: Any) -> HttpResponse | None:
    if request.method != "POST" or request.POST.get("action") != "publish":
        return None
    translation = translation_of(page)
    reasons = reasons_against(translation, page, request.user) if translation is not None else []
    if not reasons:
        return None
    language = page.locale.get_display_name()
    lines = format_html_join("", "<li>{}</li>", ((reason,) for reason in reasons))
    messages.error(request, format_html("“{}” was not published in {}.<ul>{}</ul>", page, language, lines))
    return redirect(request.path)


@hooks.register("after_edit_page")
def say_what_an_approval_did(request: HttpRequest, page: Any) -> None:
    if request.POST.get("workflow-action-name") != "approve":
        return
    now = Page.objects.get(pk=page.pk)
    later = now.scheduled_revision
    if now.workflow_in_progress:
        messages.warning(request, f"“{now.title}” was changed after it was submitted: it needs one more approval.")
    elif later is not None:
        moment = timezone.localtime(later.approved_go_live_at)
        messages.success(request, f"“{now.title}” is approved. It goes live on {moment:%d %B %Y at %H:%M}.")
    elif now.live:
        messages.success(request, f"“{now.title}” is approved and live.")


@hooks.register("construct_homepage_panels")
def campaign_today(request: Any, panels: list[Any]) -> None:
    panels.append(CampaignToday(request))


@hooks.register("before_move_page")
def only_who_may_move_it(request: HttpRequest, page: Any, destination: Any) -> None:
    """Wagtail asks for the permission when a page is moved, not before it shows the page on which that is confirmed."""
    if not page.permissions_for_user(request.user).can_move_to(destination):
        raise PermissionDenied
