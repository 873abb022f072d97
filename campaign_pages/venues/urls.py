"""Public addresses of the venue pack, check-ins and the poster places' QR codes."""

from django.urls import path, re_path

from campaign_pages.venues import check_in_views, pack_views, scanning

app_name = "venues"
urlpatterns = [
    re_path(r"^[vV]/(?P<code>[^/]{1,40})/?$", scanning.scan, name="scan"),
    path("venues/", pack_views.pack, name="pack"),
    path("venues/check-in/<str:token>/", check_in_views.check_in_page, name="check_in"),
    path("venues/files/<slug:kind>/<path:path>", pack_views.general_file, name="general_file"),
    path("venues/<slug:code>/", pack_views.venue_pack, name="venue_pack"),
    path("venues/<slug:code>/files/<path:path>", pack_views.venue_file, name="venue_file"),
]
