"""What a page asks people to do, what its links carry, how old its figures are."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from campaign_pages.link_checks import leaves_of

STEPPING_IN = (
    "step in", "get between", "get in between", "go between", "break it up", "split them", "pull him", "pull them",
    "hold him", "hold them", "grab him", "grab them", "move him", "walk him", "stop him", "calm him", "talk him",
)  # fmt: skip
TOLD_SAFE = "if it is safe"
OLD_FIGURE_YEARS = 2
_HREF = re.compile(r'href="(https?:[^"]+)"')
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def unguarded_tips(stream: Any) -> Iterator[str]:
    """Tips that ask people to step in and do not say “only if it is safe” (3.6 % of 417 people who did were hurt:
    Liebst and others 2020, doi 10.1037/vio0000299)."""
    lists = [child.value[child.block_type] for child in stream if child.block_type in ("tips", "steps")]
    for tip in (tip for tips in lists for tip in tips):
        name = tip.get("action") or tip.get("title")
        words = " ".join(str(tip.get(part) or "") for part in ("action", "say", "detail", "title", "text")).lower()
        phrase = next((phrase for phrase in STEPPING_IN if phrase in words), None)
        if phrase and not tip["only_if_safe"] and TOLD_SAFE not in words:
            yield (
                f"The tip “{name}” asks people to step in (“{phrase}”). Tick “Only if safe” in it: "
                "people who step in get hurt too."
            )


def tracking_links(stream: Any) -> Iterator[str]:
    """Links with utm words: they tell other sites who came from where, and nobody was asked."""
    for part in leaves_of(stream):
        source = getattr(part, "source", part)
        found = _HREF.findall(source) if hasattr(part, "source") else [source] if _is_address(source) else []
        for address in found:
            names = [name for name, _ in parse_qsl(urlsplit(address.replace("&amp;", "&")).query)]
            if any(name.lower().startswith("utm_") for name in names):
                host = urlsplit(address).netloc
                yield (
                    f"A link to {host} carries tracking words (utm_…). Paste the address again without them: "
                    "take out what follows the question mark."
                )


def old_figures(stream: Any, today: date) -> Iterator[str]:
    """Facts whose dates ended more than two years ago, by the last year that they name."""
    for fact in (child.value["fact"] for child in stream if child.block_type == "norm"):
        years = [int(year) for year in _YEAR.findall(fact.as_of)] if fact else []
        if years and max(years) < today.year - OLD_FIGURE_YEARS:
            yield (
                f"The figure “{fact.figure or fact.text[:40]}” is from {max(years)}: more than {OLD_FIGURE_YEARS} years "
                "old. Look for a newer one, or keep it and say why it still holds."
            )


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))
