"""Pages that change at night: Home and Tonight put the four tips first, dark and huge."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from campaign_pages.models.site_settings import CampaignSettings
from campaign_pages.night_switch import is_night, seconds_to_switch
from campaign_pages.resting import hold_of

LONGEST_SHARED_COPY = 300  # seconds that a cache between us and the phone may keep a page: corrections show soon


class NightFace:
    """Mixin for pages with a night face. Chosen on the server, so that it needs no script.

    A phone may keep its own copy until the next switch, so that the page opens again without a signal; caches in
    between may keep it five minutes.
    """

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [("", "By day"), ("night", "At night")]

    def at_night(self, request: HttpRequest) -> bool:
        return getattr(request, "preview_mode", "") == "night" or is_night(
            timezone.localtime(), **self._hours(request)
        )

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        context["night"] = self.at_night(request)
        return context

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().serve(request, *args, **kwargs)  # type: ignore[misc]
        if response.has_header("Cache-Control"):  # a page that rests during an incident hold is kept by nobody
            return response
        life = seconds_to_switch(timezone.localtime(), **self._hours(request))
        if not self.at_night(request) or hold_of(request) is not None:
            life = min(life, LONGEST_SHARED_COPY)
        patch_cache_control(response, public=True, max_age=life, s_maxage=min(life, LONGEST_SHARED_COPY))
        return response

    @staticmethod
    def _hours(request: HttpRequest) -> dict[str, int]:
        site = CampaignSettings.for_public(request)
        return {"starts": site.tonight_from_hour, "ends": site.tonight_until_hour}
