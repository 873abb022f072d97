"""Which pages rest while an incident hold is on, and what stands in their place."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from campaign_pages.models.incident import IncidentHold, ids_that_rest


def hold_of(request: HttpRequest) -> IncidentHold | None:
    """The hold that is on, asked once for each request."""
    if not hasattr(request, "_incident_hold"):
        request._incident_hold = IncidentHold.current()  # type: ignore[attr-defined]
    found: IncidentHold | None = request._incident_hold  # type: ignore[attr-defined]
    return found


def resting_page(request: HttpRequest, page: Any) -> HttpResponse:
    """A quiet page with help instead of the one that was asked for. Nobody keeps a copy, no search engine either."""
    response = TemplateResponse(request, "campaign_pages/resting.html", {"page": page, "self": page})
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def pages_that_rest() -> list[Any]:
    """Every live page that would rest, for the person who decides."""
    from wagtail.models import Page

    return list(Page.objects.live().filter(pk__in=ids_that_rest()).specific())
