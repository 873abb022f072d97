"""Addresses of the screens of reach. The screens are in analytics/reach/screens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from analytics.reach.screens import areas, coverage, files, letters, quality, summary, timelines, venue_weeks
from analytics.reach.screens.frame import IMPORT, SCREENS, SUMMARY, VIEW, allow

__all__ = ["IMPORT", "SUMMARY", "VIEW", "urlpatterns"]


def start(request: HttpRequest) -> HttpResponse:
    """The first screen that this person may see."""
    allow(request, VIEW, IMPORT, SUMMARY)
    if request.user.has_perm(VIEW):
        return redirect("reach")
    allowed = (
        name for name, _, permissions in SCREENS if any(request.user.has_perm(each) for each in permissions)
    )
    return redirect("reach_files" if request.user.has_perm(IMPORT) else next(allowed))


urlpatterns = [
    path("reach/", venue_weeks.reach, name="reach"),
    path("reach/start/", start, name="reach_start"),
    path("reach/summary/", summary.summary, name="reach_summary"),
    path("reach/map/", coverage.coverage, name="reach_map"),
    path("reach/areas/", areas.areas, name="reach_areas"),
    path("reach/quality/", quality.quality, name="reach_quality"),
    path("reach/venues/<str:code>/", timelines.venue, name="reach_venue"),
    path("reach/venues/<str:code>/letter/", letters.letter, name="reach_letter"),
    path("reach/files/", files.files, name="reach_files"),
    path("reach/files/<int:pk>/", files.preview, name="reach_file_preview"),
    path("reach/files/<int:pk>/load/", files.load, name="reach_file_load"),
    path("reach/files/<int:pk>/withdraw/", files.take_back, name="reach_file_withdraw"),
]
