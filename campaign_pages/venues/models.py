"""Venues, what hangs in them, and what happened there."""

from campaign_pages.venues.activity_models import CheckIn, CheckInLink, Download, ScanCount, ScanFile
from campaign_pages.venues.register_models import Area, PosterPlace, Venue

__all__ = ["Area", "CheckIn", "CheckInLink", "Download", "PosterPlace", "ScanCount", "ScanFile", "Venue"]
