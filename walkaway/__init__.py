"""Wiring only: settings, addresses, the Celery app. Imports the others; nobody imports it."""

import os

# One thread for linear algebra, before numpy is loaded: the same sums in the same order give the same bytes, and small
# systems go faster than with threads that wait for each other.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from walkaway.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
