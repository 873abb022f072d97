"""Checks a message against a platform's limits, which are reviewed data (limits.toml)."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from campaign_pages.social.platforms.contract import Issue, Picture


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("limits.toml").read_text())


def broken_limits(platform: str, caption: str, picture: Picture | None, *, link: str = "") -> list[Issue]:
    """Every limit that is broken, each with the number allowed and the number found.

    `link` is added to the caption when it is published, so it counts towards the length.
    """
    limits = _tables()[platform]
    issues: list[Issue] = []
    counts = (
        ("caption_characters", len(caption) + len(link), "characters in the caption"),
        ("hashtags", len(re.findall(r"(?<!\w)#\w+", caption)), "hashtags"),
        ("mentions", len(re.findall(r"(?<!\w)@\w+", caption)), "mentions"),
    )
    for key, found, what in counts:
        if key in limits and found > limits[key]:
            of_which = (
                f", {len(link)} of them for the link that is added" if link and key == "caption_characters" else ""
            )
            issues.append(
                Issue("caption", f"{platform} allows at most {limits[key]} {what}; this has {found}{of_which}.")
            )
    if picture is None:
        if limits.get("image_required"):
            issues.append(Issue("image", f"{platform} needs a picture."))
        return issues
    name = f"“{picture.name}”"
    if "image_formats" in limits and picture.format not in limits["image_formats"]:
        allowed = " or ".join(limits["image_formats"])
        issues.append(Issue("image", f"{platform} takes {allowed} only; {name} is {picture.format}."))
    if "image_bytes" in limits and picture.bytes > limits["image_bytes"]:
        issues.append(
            Issue("image", f"{platform} takes at most {limits['image_bytes'] / 1_048_576:.0f} MB; {name} has "
                  f"{picture.bytes / 1_048_576:.1f} MB.")
        )  # fmt: skip
    low, high = limits.get("image_width_min", 0), limits.get("image_width_max", 10**9)
    if not low <= picture.width <= high:
        issues.append(
            Issue("image", f"{platform} takes widths from {low} to {high} pixels; {name} is {picture.width} wide.")
        )
    ratio = picture.width / picture.height
    if not limits.get("image_ratio_min", 0) - 1e-3 <= ratio <= limits.get("image_ratio_max", 10**9) + 1e-3:
        issues.append(
            Issue(
                "image",
                f"{platform} takes shapes from 4:5 to 1.91:1; {name} is {picture.width} x {picture.height}.",
            )
        )
    return issues
