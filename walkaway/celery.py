"""The Celery app and the whole beat timetable, each line with its reason.

The database is the queue of record: every task below looks for due rows by itself, so a lost, late or
doubled message changes nothing but lateness. No ETA, no countdown (docs/decisions/0004).
"""

import os

from celery import Celery
from celery.schedules import crontab
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walkaway.settings.development")

TRANSPORT_ALIASES["filesystem"] = "walkaway.file_broker:Transport"  # kombu's own lets workers read half a message
app = Celery("walkaway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # Every 2 s, so that a due post is live within seconds; expires, so that a stalled queue never piles up ticks.
    "publish what is due": {"task": "social.tick", "schedule": 2.0, "options": {"queue": "publish", "expires": 4}},
    # Every 20 s: a scan shows in the counts soon, and the files stay short of a block.
    "count scans": {"task": "venues.count_scans", "schedule": 20.0, "options": {"expires": 20}},
    # Once a minute is soon enough to tell a person that something is ten minutes late.
    "watch for late posts": {"task": "social.watch", "schedule": 60.0, "options": {"expires": 60}},
    # Once a minute: a page that is due goes live within the minute that its editor chose.
    "publish scheduled pages": {
        "task": "campaign_pages.publish_scheduled",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Weekday mornings; the database sends one a week, so a missed Monday is made up on Tuesday.
    "remind of reviews": {
        "task": "campaign_pages.remind_of_reviews",
        "schedule": crontab(hour=8, minute=30, day_of_week="mon-fri"),
        "options": {"expires": 3600},
    },
    # Every 10 s: whoever approved a police file sees it being loaded soon. One load at a time; others find it taken.
    "load received police files": {
        "task": "analytics.load_received_files",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    # Every 5 s: whoever asked for a simulation or a run is looking at its page. A job that is held is left alone.
    "simulations and runs": {"task": "analytics.evaluation_jobs", "schedule": 5.0, "options": {"expires": 5}},
    # Daily, when nobody imports. A day that is missed is made up on the next: the dates are in the database.
    "delete what has expired": {
        "task": "analytics.delete_expired",
        "schedule": crontab(hour=4, minute=40),
        "options": {"expires": 3600},
    },
}
