"""The feedback form: one box, keeps your place, works without script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaign_pages.form_guards import comes_from_us, filled_in_by_a_person, stamp, way_back, within_rate
from campaign_pages.models import Feedback
from campaign_pages.models.feedback import LONGEST

MOST_AN_HOUR = 5


@never_cache
@csrf_exempt  # no cookie on public pages; comes_from_us() holds instead
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """GET shows the form, POST keeps the words and says thank you. Everything wrong is said beside the box."""
    place = way_back(request, request.POST.get("page") or request.GET.get("page", "/"))
    if request.method != "POST":
        return _form(request, place)
    text = request.POST.get("text", "").strip()
    if not comes_from_us(request):
        return _form(
            request, place, text, "Nothing was sent: the form was not sent from this site. Try again here."
        )
    if not text:
        return _form(request, place, text, "Nothing was sent. Write what you want to tell us, then press Send.")
    if len(text) > LONGEST:
        return _form(
            request,
            place,
            text,
            f"Nothing was sent: that is {len(text)} letters. At most {LONGEST} fit. Cut it down.",
        )
    if not filled_in_by_a_person(request):
        return _form(request, place, text, "Nothing was sent. Wait a few seconds, then press Send again.")
    if not within_rate(request, "feedback", most=MOST_AN_HOUR, seconds=3600):
        return _form(
            request, place, text, "Nothing was sent: too many messages came from your network. Try in an hour."
        )
    Feedback.objects.create(page=place[:250], text=text)
    return redirect(f"{reverse('feedback_thanks')}?{urlencode({'page': place})}")


@never_cache
@require_http_methods(["GET", "HEAD"])
def thanks(request: HttpRequest) -> HttpResponse:
    return render(
        request, "campaign_pages/feedback_thanks.html", {"place": way_back(request, request.GET.get("page", "/"))}
    )


def _form(request: HttpRequest, place: str, text: str = "", error: str = "") -> HttpResponse:
    context = {"place": place, "text": text, "error": error, "shown": stamp(), "longest": LONGEST}
    return render(request, "campaign_pages/feedback.html", context, status=400 if error else 200)
