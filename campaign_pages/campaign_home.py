"""The first screen after signing in: what is live, due, waiting, used, and what failed."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.models import Page, TaskState

from campaign_pages.models import Creative, Feedback, IncidentHold
from campaign_pages.reviewing import due_for_review
from campaign_pages.social.models import Dispatch, Post
from campaign_pages.venues.models import CheckIn, Download, ScanCount
from campaign_pages.venues.scan_log import COUNTED

DAYS = 7
MOST = 6
_ENDED_BADLY = (Dispatch.State.FAILED, Dispatch.State.EXPIRED, Dispatch.State.NEEDS_HUMAN, Dispatch.State.UNKNOWN)


@dataclass
class Line:
    words: str
    address: str = ""
    note: str = ""


@dataclass
class Box:
    """One heading with its lines; `total` counts all of them, of which the first few are shown."""

    title: str
    empty: str
    lines: list[Line] = field(default_factory=list)
    total: int = 0
    urgent: bool = False


def boxes(request: HttpRequest) -> list[Box]:
    """What this person may see, each in one or two queries however much there is."""
    user: Any = request.user
    now = timezone.now()
    week = now - timedelta(days=DAYS)
    found = []
    if user.has_perm("social.view_post"):
        found += [_failed(week), _due(now), _waiting(), _live(week)]
    if user.has_perm("campaign_pages.view_fact"):
        found.append(_review())
    if user.has_perm("venues.view_venue"):
        found.append(_used(week))
    return found


def _failed(week: Any) -> Box:
    rows = Dispatch.objects.filter(state__in=_ENDED_BADLY, due_at__gte=week).select_related("post", "account")
    lines = [
        Line(
            f"{row.post.title} ({row.account.get_platform_display()})", _post(row.post_id), row.get_state_display()
        )
        for row in rows[:MOST]
    ]
    flagged = Creative.objects.filter(flagged_at__isnull=False)
    lines += [Line(f"“{creative}” is flagged", reverse("reactions"), creative.flag_reason) for creative in flagged]
    hold = IncidentHold.current()
    if hold is not None:
        lines.insert(0, Line("An incident hold is on", reverse("incident_hold"), hold.reason))
    return Box(
        "What failed or was stopped", "Nothing failed in the last seven days.", lines, len(lines), bool(lines)
    )


def _due(now: Any) -> Box:
    rows = (
        Dispatch.objects.filter(due_at__range=(now, now + timedelta(days=DAYS)))
        .exclude(state__in=[Dispatch.State.CANCELLED, Dispatch.State.REMOVED])
        .select_related("post", "account")
        .order_by("due_at")
    )
    pages = Page.objects.filter(_revisions__approved_go_live_at__isnull=False).distinct().order_by("go_live_at")
    lines = [
        Line(
            f"{row.post.title} ({row.account.get_platform_display()})",
            _post(row.post_id),
            f"{timezone.localtime(row.due_at):%a %d %b, %H:%M} · {row.get_state_display()}",
        )
        for row in rows[:MOST]
    ]
    lines += [
        Line(
            page.title,
            reverse("wagtailadmin_pages:edit", args=[page.pk]),
            f"page, {timezone.localtime(page.go_live_at):%a %d %b, %H:%M}" if page.go_live_at else "page",
        )
        for page in pages[:MOST]
    ]
    return Box("Due in the next seven days", "Nothing is due.", lines, rows.count() + pages.count())


def _waiting() -> Box:
    posts = Post.objects.filter(state=Post.State.IN_REVIEW)
    states = TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS).select_related("workflow_state")
    lines = [Line(post.title, _post(post.pk), "post") for post in posts[:MOST]]
    lines += [
        Line(
            str(state.workflow_state.content_object),
            reverse("wagtailadmin_pages:edit", args=[state.workflow_state.object_id]),
            "page",
        )
        for state in states[:MOST]
    ]
    return Box(
        "Waiting for a second person", "Nobody waits for an approval.", lines, posts.count() + states.count()
    )


def _live(week: Any) -> Box:
    rows = Dispatch.objects.filter(state=Dispatch.State.LIVE, live_at__gte=week).select_related("post", "account")
    pages = Page.objects.live().filter(last_published_at__gte=week).order_by("-last_published_at")
    lines = [
        Line(
            f"{row.post.title} ({row.account.get_platform_display()})",
            _post(row.post_id),
            "simulated" if row.simulated else "",
        )
        for row in rows[:MOST]
    ]
    lines += [
        Line(page.title, reverse("wagtailadmin_pages:edit", args=[page.pk]), "page") for page in pages[:MOST]
    ]
    return Box("Went live in the last seven days", "Nothing new.", lines, rows.count() + pages.count())


def _review() -> Box:
    due = due_for_review()
    new = Feedback.objects.filter(read_at=None).count()
    lines = [
        Line(
            each.title,
            each.address,
            f"{each.what}, due {each.since:%d %b %Y}" if each.since else f"{each.what}, never checked",
        )
        for each in due[:MOST]
    ]
    if new:
        lines.append(Line(f"{new} messages in the feedback box", "/admin/snippets/campaign_pages/feedback/"))
    return Box("To look at again", "Nothing is due for review.", lines, len(due) + bool(new))


def _used(week: Any) -> Box:
    downloads = Download.objects.filter(at__gte=week).aggregate(
        files=Count("pk"), venues=Count("venue", distinct=True)
    )
    scans = ScanCount.objects.filter(hour__gte=week, result=COUNTED).aggregate(total=Sum("count"))["total"] or 0
    states = dict(CheckIn.objects.filter(at__gte=week).order_by().values_list("state").annotate(total=Count("pk")))
    lines = [
        Line(f"{downloads['files']:,} files downloaded", "", f"by {downloads['venues']:,} known venues"),
        Line(f"{scans:,} scans of posters", "", "scans, not people"),
        *(
            Line(f"{states.get(state, 0):,} times “{label}”", "", "said by venues")
            for state, label in CheckIn.State.choices
        ),
    ]
    return Box("Downloaded and scanned in the last seven days", "", lines, len(lines))


def _post(pk: int) -> str:
    return reverse("social_post", args=[pk])


class CampaignToday(Component):
    """Wagtail's own panels follow below it."""

    order = 10
    template_name = "campaign_pages/admin/home_panel.html"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"boxes": boxes(self.request), "most": MOST}
