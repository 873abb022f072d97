"""Loading approved police files without Celery: what is due once, or in one loop."""

from analytics.police_data.received_loading import load_due
from campaign_pages.rounds import RoundsCommand


class Command(RoundsCommand):
    help = "Loads received police files that were approved, until stopped; with --once, those of now, and ends."
    seconds, things = 10.0, "files"

    def work(self) -> int:
        return load_due()
