"""Leaving fast without script: a plain link that redirects and asks the browser to forget what we stored."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from campaign_pages.models import CampaignSettings


@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=303)
    response["Location"] = CampaignSettings.for_public(request).exit_address
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["Clear-Site-Data"] = '"storage"'
    return response
