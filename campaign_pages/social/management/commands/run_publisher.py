"""The publisher without Celery: the same ticks in one loop."""

from campaign_pages.rounds import RoundsCommand
from campaign_pages.social.publishing import tick


class Command(RoundsCommand):
    help = "Publishes what is due, until stopped; with --once, does every step that is due now and ends."
    seconds = 2.0
    things = "steps"

    def work(self) -> int:
        return tick()

    def work_once(self) -> int:
        steps = 0
        while taken := tick(seconds=60):
            steps += taken
        return steps
