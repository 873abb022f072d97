"""Social in the admin: the timetable, one post from draft to live, the review tray, and the stop."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from campaign_pages.accounts.models import User
from campaign_pages.social.admin_forms import AddressForm, PostForm, StopForm
from campaign_pages.social.dispatch_models import Dispatch
from campaign_pages.social.media_checks import broken_limits_of
from campaign_pages.social.post_models import Post, PublishingSwitch
from campaign_pages.social.posts import (
    PostRefused,
    approve_post,
    cancel_dispatch,
    confirm_by_hand,
    declare_not_live,
    submit_post,
    what_is_approved,
    write_post,
)  # fmt: skip
from campaign_pages.social.stopping import (
    GLOBAL,
    StopRefused,
    ensure_switches,
    resume_publishing,
    stop_publishing,
)  # fmt: skip
from campaign_pages.social.watching import publisher_health

VIEW, WRITE, CHANGE, APPROVE = "social.view_post", "social.add_post", "social.change_post", "social.approve_post"
STOP, RESUME = "social.stop_publishing", "social.resume_publishing"
LONDON = ZoneInfo("Europe/London")
View = Callable[..., HttpResponse]
State = Dispatch.State


def allowed(*permissions: str) -> Callable[[View], View]:
    """The screen is for people who have one of these permissions; nothing of it is kept in caches."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.user.has_perm(each) for each in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(guarded)

    return wrap


def waiting_for_people() -> Any:
    """Dispatches that nothing but a person can move: the review tray."""
    now = timezone.now()
    return (
        Dispatch.objects.filter(
            Q(state__in=[State.NEEDS_HUMAN, State.AWAITING_HUMAN])
            | Q(state=State.HELD, due_at__lt=now)
            | Q(
                state__in=[State.EXPIRED, State.FAILED],
                due_at__gt=now - timedelta(days=14),
                post__state="approved",
            )
        )
        .select_related("post", "account")
        .order_by("due_at")
    )


def _frame(request: HttpRequest, title: str, *crumbs: tuple[str, str]) -> dict[str, Any]:
    home = {"url": reverse("wagtailadmin_home"), "label": "Home"}
    return {
        "page_title": title,
        "header_title": title,
        "header_icon": "calendar",
        "breadcrumbs_items": [home, *({"url": u, "label": x} for x, u in crumbs), {"url": "", "label": title}],
        "may_write": request.user.has_perm(WRITE),
        "may_stop": request.user.has_perm(STOP),
        "may_resume": request.user.has_perm(RESUME),
    }


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # every screen here asks for a permission, so nobody is anonymous
    return request.user


def _social() -> tuple[str, str]:
    return "Social", reverse("social_posts")


@allowed(VIEW)
@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """Every post by the day on which it is due, latest first, with the state of each dispatch."""
    state = request.GET.get("state", "")
    rows = Post.objects.select_related("written_by", "approved_by").prefetch_related(
        "dispatches__account", "accounts"
    )
    if state in Post.State.values:
        rows = rows.filter(state=state)
    elif state in State.values:
        rows = rows.filter(dispatches__state=state).distinct()
    page = Paginator(rows, 40).get_page(request.GET.get("p"))
    days = [
        (day, list(group))
        for day, group in groupby(
            page, key=lambda post: post.due_at.astimezone(LONDON).date() if post.due_at else None
        )
    ]
    ensure_switches()
    context = _frame(request, "Social") | {
        "days": days,
        "page": page,
        "state": state,
        "post_states": Post.State.choices,
        "dispatch_states": State.choices,
        "in_tray": waiting_for_people().count(),
        "health": publisher_health(),
        "switches": PublishingSwitch.objects.filter(on=True).select_related("by", "resume_asked_by"),
        "stop_form": StopForm(),
        "today": timezone.now().astimezone(LONDON).date(),
    }
    return render(request, "social/posts.html", context)


@allowed(WRITE)
def write(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Writing a draft, or changing one. A change voids an approval."""
    post = get_object_or_404(Post, pk=pk) if pk else None
    form = PostForm(request.POST or None, initial=PostForm.initial_of(post) if post else None)
    if request.method == "POST" and form.is_valid():
        found = dict(form.cleaned_data)
        second = form.second_of(found)
        found.pop("second")
        try:
            post = write_post(by=_person(request), post=post, second=second, **found)
        except PostRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved as a draft.")
            return redirect("social_post", post.pk)
    title = f"Change “{post.title}”" if post else "Write a post"
    context = _frame(request, title, _social()) | {"form": form, "post": post}
    return render(request, "social/write.html", context, status=422 if form.errors else 200)


@allowed(VIEW)
@require_GET
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """One post: preview, broken limits, what may be done next, and the whole history of every dispatch."""
    found = get_object_or_404(Post.objects.select_related("image", "written_by", "approved_by"), pk=pk)
    dispatches = list(found.dispatches.select_related("account").prefetch_related("events"))
    own = found.writers.contains(_person(request))
    context = _frame(request, found.title, _social()) | {
        "post": found,
        "due_local": found.due_at.astimezone(LONDON) if found.due_at else None,
        "issues": broken_limits_of(found),
        "accounts": found.accounts.all(),
        "simulated": found.accounts.filter(simulated=True).exists(),
        "dispatches": dispatches,
        "cancellable": Dispatch.CANCELLABLE,
        "sandbox_url": settings.WALKAWAY_SANDBOX_URL,
        "may_submit": request.user.has_perm(CHANGE) and found.state == Post.State.DRAFT,
        "may_approve": request.user.has_perm(APPROVE) and found.state == Post.State.IN_REVIEW and not own,
        "own": own,
        "seen": what_is_approved(found),
        "may_change": request.user.has_perm(CHANGE),
        "address_form": AddressForm(),
    }
    return render(request, "social/post.html", context)


@allowed(CHANGE)
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, "Sent to a second person for approval.", submit_post)


@allowed(APPROVE)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    # The page that was read, so that "exactly this" holds when the post changes under the reader's eyes.
    return _step(
        request, pk, "Approved. It goes out at its time.", partial(approve_post, seen=request.POST.get("seen"))
    )


def _step(request: HttpRequest, pk: int, done: str, act: Callable[..., Any]) -> HttpResponse:
    found = get_object_or_404(Post, pk=pk)
    try:
        act(post=found, by=_person(request))
    except PostRefused as error:
        for reason in error.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, done)
    return redirect("social_post", pk)


@allowed(VIEW)
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """What waits for a person."""
    context = _frame(request, "Waiting for a person", _social()) | {
        "rows": waiting_for_people(),
        "address_form": AddressForm(),
        "cancellable": Dispatch.CANCELLABLE,
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "social/review.html", context)


@allowed(CHANGE)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's word about one dispatch: cancel it, it is live at an address, or it is not live."""
    dispatch = get_object_or_404(Dispatch, pk=pk)
    what = request.POST.get("what")
    try:
        if what == "cancel":
            cancel_dispatch(dispatch=dispatch, by=_person(request))
            messages.success(request, "Cancelled. It will not be posted.")
        elif what == "live":
            form = AddressForm(request.POST)
            if not form.is_valid():
                raise PostRefused("Paste the whole address of the live post, beginning with https://.")
            confirm_by_hand(dispatch=dispatch, by=_person(request), permalink=form.cleaned_data["permalink"])
            messages.success(request, "Noted as live.")
        elif what == "not_live":
            declare_not_live(dispatch=dispatch, by=_person(request))
            messages.success(request, "Noted as not live. To send it again, change the post and have it approved.")
        else:
            raise PostRefused("There is no such action.")
    except PostRefused as error:
        messages.error(request, str(error))
    return redirect("social_post", dispatch.post_id)


@allowed(STOP)
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """One click by one person."""
    try:
        held = stop_publishing(
            reason=request.POST.get("reason", ""), scope=request.POST.get("scope", GLOBAL), by=_person(request)
        )
    except StopRefused as error:
        messages.error(request, str(error))
    else:
        sending = Dispatch.objects.filter(state=State.COMMITTING).count()
        messages.success(request, f"STOPPED. {held} posts are held; nothing more goes out.")
        if sending:
            messages.warning(request, f"{sending} were being sent at that moment and may still appear.")
    return redirect("social_posts")


@allowed(RESUME)
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """The first person asks, a second one lets it go on."""
    try:
        goes_on = resume_publishing(by=_person(request), scope=request.POST.get("scope", GLOBAL))
    except StopRefused as error:
        messages.error(request, str(error))
    else:
        if goes_on:
            messages.success(request, "Publishing goes on. What fell due meanwhile waits in the review tray.")
        else:
            messages.warning(request, "You asked to resume. A second person must confirm it.")
    return redirect("social_posts")


urlpatterns = [
    path("social/", posts, name="social_posts"),
    path("social/write/", write, name="social_write"),
    path("social/review/", review, name="social_review"),
    path("social/stop/", stop, name="social_stop"),
    path("social/resume/", resume, name="social_resume"),
    path("social/<int:pk>/", post, name="social_post"),
    path("social/<int:pk>/change/", write, name="social_change"),
    path("social/<int:pk>/submit/", submit, name="social_submit"),
    path("social/<int:pk>/approve/", approve, name="social_approve"),
    path("social/dispatch/<int:pk>/", decide, name="social_decide"),
]
