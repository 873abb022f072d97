"""What a visitor chose about cookies and counting. Server-side forms; nothing is stored before somebody chose.

Law: Privacy and Electronic Communications Regulations as changed by the Data (Use and Access) Act 2025. A preference
that a person asked us to keep is "strictly necessary" for that request; everything else needs a yes.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from campaign_pages.form_guards import comes_from_us, way_back
from campaign_pages.models import CampaignSettings

CONSENT_COOKIE = "cookie_choice"
OBJECTION_COOKIE = "do_not_count"
YEAR = 365 * 24 * 3600
VERSION = "1"


@dataclass(frozen=True)
class Category:
    """Something that stores on the device, and the switch of the campaign's settings that offers it."""

    key: str
    setting: str
    title: str
    why: str


CATEGORIES = (
    Category(
        "offline",
        "offer_offline_copy",
        "A copy of Tonight on your phone",
        "So that the tips open when there is no signal. It is deleted when you leave with the exit button.",
    ),
)


@dataclass(frozen=True)
class Choices:
    """`asked`: categories on offer. `agreed`: those said yes to. `made`: whether anything was chosen at all."""

    asked: tuple[Category, ...]
    agreed: frozenset[str]
    made: bool

    @property
    def needs_banner(self) -> bool:
        return bool(self.asked) and not self.made

    @property
    def keeps_offline_copy(self) -> bool:
        return self.allows("offline")

    def allows(self, key: str) -> bool:
        return key in self.agreed and any(category.key == key for category in self.asked)


def choices_of(request: HttpRequest) -> Choices:
    """What this visitor chose, from their cookie; nothing on offer means nothing to choose."""
    site = CampaignSettings.for_public(request)
    asked = tuple(category for category in CATEGORIES if getattr(site, category.setting))
    version, _, agreed = request.COOKIES.get(CONSENT_COOKIE, "").partition(":")
    keys = frozenset(agreed.split(".")) & {category.key for category in CATEGORIES}
    return Choices(asked, keys if version == VERSION else frozenset(), version == VERSION)


def objects_to_counting(request: HttpRequest) -> bool:
    return bool(request.COOKIES.get(OBJECTION_COOKIE))


def asked_by_browser(request: HttpRequest) -> bool:
    """Global Privacy Control or Do Not Track: an objection without a cookie."""
    return request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1"


class VaryOnChoices:
    """Where a choice changes the page, a shared copy must not serve one visitor's page to another."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.get_response(request)
        if getattr(request, "page_depends_on_choices", False):
            patch_vary_headers(response, ["Cookie"])
            response["Cache-Control"] = "private, no-cache"
        return response


@csrf_exempt  # no cookie on public pages; comes_from_us() holds instead
@require_POST
def save_consent(request: HttpRequest) -> HttpResponse:
    """Accept, reject or the radios of the customise form; goes back to the page it was asked on."""
    back = way_back(request, request.POST.get("back", "/"))
    if not comes_from_us(request):
        return _back(back, "not-saved")
    answer = request.POST.get("choice", "")
    asked = choices_of(request).asked
    if answer == "accept":
        agreed = [category.key for category in asked]
    elif answer == "reject":
        agreed = []
    elif answer == "custom":
        agreed = [category.key for category in asked if request.POST.get(category.key) == "yes"]
    else:
        return _back(back, "not-saved")
    response = _back(back, "saved")
    _keep(response, CONSENT_COOKIE, f"{VERSION}:{'.'.join(agreed)}")
    return response


@csrf_exempt
@require_POST
def save_counting(request: HttpRequest) -> HttpResponse:
    """ "Do not count my visits": sets the one cookie that was asked for, or takes it away again."""
    back = way_back(request, request.POST.get("back", "/cookies/"))
    answer = request.POST.get("counting", "")
    if not comes_from_us(request) or answer not in {"stop", "count"}:
        return _back(back, "not-saved")
    response = _back(back, "saved")
    if answer == "stop":
        _keep(response, OBJECTION_COOKIE, "1")
    else:
        response.delete_cookie(OBJECTION_COOKIE)
    return response


@never_cache
@require_http_methods(["GET", "HEAD"])
def customise(request: HttpRequest) -> HttpResponse:
    back = way_back(request, request.GET.get("back", "/"))
    return render(request, "campaign_pages/cookie_choices.html", {"back": back, "choices": choices_of(request)})


def _back(path: str, said: str) -> HttpResponse:
    response = HttpResponseRedirect(f"{path}?cookies={said}#cookies-said")
    response.status_code = 303
    response["Cache-Control"] = "no-store"
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
