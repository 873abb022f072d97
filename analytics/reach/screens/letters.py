"""The monthly letter to a venue, to read, print or send."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from analytics import nights
from analytics.reach.letters import letter_for
from analytics.reach.screens.frame import SUMMARY, VIEW, allow, framed
from campaign_pages import activity


@never_cache
@require_GET
def letter(request: HttpRequest, code: str) -> HttpResponse:
    """One venue and one month: as a page, or as plain text."""
    allow(request, VIEW, SUMMARY)
    month = request.GET.get("month", "").strip() or _last_whole_month()
    crumb = ("Reach", reverse("reach_start"))
    context = framed(request, "Letter to a venue", "", crumb) | {"month": month, "code": code}
    try:
        found = letter_for(code, month)
    except ValueError as error:
        return render(request, "analytics/reach/letter.html", context | {"problem": str(error)}, status=400)
    if found is None:
        raise Http404("There is no venue with this code.")
    if request.GET.get("format") == "txt":
        response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
        mark = "-synthetic" if found.synthetic else ""
        response["Content-Disposition"] = f'attachment; filename="walk-away-{code}-{month}{mark}.txt"'
        return response
    return render(
        request, "analytics/reach/letter.html", context | {"letter": found, "synthetic": found.synthetic}
    )


def _last_whole_month() -> str:
    last = nights.night_of(activity.last_check_in() or timezone.now())
    return f"{last.replace(day=1) - timedelta(days=1):%Y-%m}"
