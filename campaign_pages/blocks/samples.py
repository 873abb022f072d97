"""Invented records for previews in the block chooser. They are made in memory: no preview reads or writes a row.

A fact, a help line or a page is chosen from the register on a real page. A preview has none to choose, and showing a
real one would show its number or figure as if it belonged to the block.
"""

from datetime import date
from typing import Any

from django.apps import apps

FAR = date(2100, 1, 1)  # so that no sample is ever “being checked”


def sample_fact() -> Any:
    return apps.get_model("campaign_pages", "Fact")(
        figure="9 in 10",
        text="An example of a fact: in 9 of 10 rows, somebody steps in.",
        source="An example of a source",
        as_of="2019",
        strength="fact",
        review_by=FAR,
    )


def sample_help_line(name: str = "Emergency", number: str = "999") -> Any:
    return apps.get_model("campaign_pages", "HelpLine")(
        name=name,
        number=number,
        what_for="An example of when to use it.",
        hours="Day and night",
        emergency=number == "999",
        review_by=FAR,
    )


def sample_help_lines() -> list[Any]:
    return [sample_help_line(), sample_help_line("Not urgent", "101")]


def sample_page(title: str = "Help") -> Any:
    """A page that is live and leads nowhere."""
    page = apps.get_model("wagtailcore", "Page")(title=title, live=True)
    page.get_url = lambda *args, **kwargs: "#"
    return page


def sample_evaluations() -> list[dict[str, Any]]:
    return [
        {
            "title": "An example of an evaluation",
            "verdict": "We cannot tell.",
            "address": "#",
            "published_on": date(2026, 1, 5),
            "plan_hash": "",
        }
    ]
