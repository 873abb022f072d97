"""Who is signed in."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def evaluator(client: Client, db: None) -> Any:
    """The demo's evaluator, signed in with ``client``."""
    from campaign_pages.accounts import demo_people
    from campaign_pages.accounts.models import User
    from campaign_pages.accounts.roles import set_up_roles

    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    person = User.objects.get(username="evaluator")
    client.force_login(person)
    return person
