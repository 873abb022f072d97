"""Celery wakes the counting up; the files and their offsets are the record."""

from celery import shared_task

from campaign_pages.venues import scan_counts


@shared_task(name="venues.count_scans")
def count_scans() -> None:
    scan_counts.count_scans()
