"""Is the publisher alive? Health asserts the age of the oldest overdue row, not that a process exists."""

import logging
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaign_pages.social.models import PublisherHeartbeat
from campaign_pages.social.publishing import overdue_seconds

logger = logging.getLogger(__name__)

UNHEALTHY_AFTER_SECONDS = 300
STALE_TICK_SECONDS = 60
ALERT_AFTER_SECONDS = 600


def publisher_health() -> dict[str, Any]:
    """Seconds since the last tick (None: never) and age of the oldest overdue post."""
    now = timezone.now()
    heartbeat = PublisherHeartbeat.objects.filter(name="publisher").first()
    overdue = overdue_seconds(now)
    silent = (now - heartbeat.at).total_seconds() if heartbeat else None
    if silent is None:
        tick = "never"
    else:
        tick = "recent" if silent < STALE_TICK_SECONDS else "stale"
    return {
        "ok": overdue < UNHEALTHY_AFTER_SECONDS,
        "tick": tick,
        "last_tick_at": heartbeat.at.isoformat() if heartbeat else None,
        "oldest_overdue_seconds": round(overdue),
        "seconds_since_last_tick": None if silent is None else round(silent),
    }


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    answer = publisher_health()
    return JsonResponse(answer, status=200 if answer["ok"] else 503)


def alert_about_late_posts() -> None:
    """No post is late in silence."""
    overdue = overdue_seconds()
    if overdue > ALERT_AFTER_SECONDS:
        logger.error("A post is %.0f minutes late. Look at the review tray.", overdue / 60)
