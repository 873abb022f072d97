"""The demo's venues, plan and synthetic extract for tests: the same code as the demo, another state folder."""

from pathlib import Path

from django.test import override_settings

from analytics import demo_data
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.roles import set_up_roles
from campaign_pages.venues import demo_venues


def quiet(line: str) -> None:
    """Progress that nobody reads."""


def demo_world() -> None:
    """People and venues with eighteen months of check-ins."""
    set_up_roles()
    demo_people.load(seed=1, say=quiet)
    demo_venues.load(seed=1, say=quiet)


def small_demo(folder: Path, *, seed: int = 1, irr: float = demo_data.PLANTED_IRR) -> None:
    """People, venues, a locked plan, the imported extract and one stored run."""
    demo_world()
    with override_settings(VAR_DIR=folder):
        demo_data.load(seed=seed, say=quiet, irr=irr)
