"""The page behind the sticker: what happened, then where. Works without script."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from campaign_pages.venues.check_ins import LinkRefused, check_in, open_link
from campaign_pages.venues.models import CheckIn


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_in_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the buttons and uses nothing up (mail scanners follow links); POST records one tap."""
    try:
        link = open_link(token)
    except LinkRefused as error:
        return _private(render(request, "venues/check_in_refused.html", {"reason": str(error)}, status=410))
    places = list(link.venue.places.filter(retired=False))
    context = {"venue": link.venue, "places": places, "states": CheckIn.State.choices, "tap": secrets.token_hex(8)}
    if request.method != "POST":
        return _private(render(request, "venues/check_in.html", context))
    state, wanted = request.POST.get("state", ""), request.POST.get("place", "")
    place = next((place for place in places if place.code == wanted), None)
    if state not in CheckIn.State.values or (wanted and place is None):
        context["error"] = "Nothing was saved. Choose where, then press one of the four buttons."
        return _private(render(request, "venues/check_in.html", context, status=400))
    try:
        made = check_in(
            token=token, state=state, place=place, tap=request.POST.get("tap", "") or secrets.token_hex(8)
        )
    except LinkRefused as error:
        return _private(render(request, "venues/check_in_refused.html", {"reason": str(error)}, status=410))
    return _private(render(request, "venues/check_in_done.html", {"check_in": made, "venue": link.venue}))


def _private(response: HttpResponse) -> HttpResponse:
    """The secret in the address goes nowhere; no-referrer would break the form's own POST."""
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
