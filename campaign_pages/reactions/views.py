"""The pulse: a form of three buttons without script, cookie or identifier."""

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaign_pages.form_guards import comes_from_us, way_back, within_rate
from campaign_pages.models import Creative, Reaction
from campaign_pages.reactions.harm_gate import react
from campaign_pages.visitor_choices import asked_by_browser, objects_to_counting

logger = logging.getLogger(__name__)

MOST = 12  # taps from one network in ten minutes: a table of mates, not a script
SECONDS = 600


@csrf_exempt  # no cookie on public pages; comes_from_us() holds instead
@require_POST
def reaction(request: HttpRequest) -> HttpResponse:
    """Counts the tap and goes back with thanks. Whoever objects to counting is thanked and not counted."""
    back = way_back(request, request.POST.get("back", "/"))
    answer = request.POST.get("answer", "")
    creative = Creative.objects.filter(slug=request.POST.get("creative", "")).first()
    if creative is None or answer not in Reaction.Answer.values or not comes_from_us(request):
        return _to(back, "none")
    counts = not objects_to_counting(request) and not asked_by_browser(request)
    if counts and not within_rate(request, "reaction", most=MOST, seconds=SECONDS):
        return _to(back, "later")
    if counts:
        react(creative, answer)
    return _to(back, "yes" if counts else "uncounted")


def _to(path: str, thanks: str) -> HttpResponse:
    response = HttpResponseRedirect(f"{path}?thanks={thanks}#pulse")
    response.status_code = 303
    response["Cache-Control"] = "no-store"
    return response
