"""Simulations and runs that were asked for on a screen, without Celery: what is due once, or in one loop."""

from analytics.evaluation.jobs import work_due
from campaign_pages.rounds import RoundsCommand


class Command(RoundsCommand):
    help = (
        "Does the simulations and runs that people asked for, until stopped; with --once, those of now, and ends."
    )
    seconds, things = 3.0, "jobs"

    def work(self) -> int:
        return work_due()
