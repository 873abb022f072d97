"""Wiring only: settings, addresses, the Celery app. Imports the others; nobody imports it."""

from walkaway.celery import app as celery_app

__all__ = ["celery_app"]
