"""The mates' plan as a picture for a phone's lock screen."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import typst

from campaign_pages.artwork.design import ArtworkError
from campaign_pages.artwork.palette import typst_palette
from campaign_pages.artwork.setting import FONTS, TEMPLATES, characters

CARD_WIDTH, CARD_HEIGHT = 1080, 1920  # pixels


@dataclass(frozen=True)
class PlanCard:
    """Three choices: "If `when`, then I `say`. With `people`." """

    when: str
    say: str
    people: str

    @cached_property
    def fingerprint(self) -> str:
        words = json.dumps([self.when, self.say, self.people])
        return hashlib.sha256(words.encode()).hexdigest()[:32]


def plan_card(card: PlanCard) -> bytes:
    """PNG, 1080 x 1920 pixels. The top third stays empty: phones put their clock there.

    Raises ArtworkError when the typeface lacks a letter.
    """
    words = card.when + card.say + card.people
    missing = sorted({letter for letter in words if ord(letter) not in characters()})
    if missing:
        raise ArtworkError(f"The typeface has no {' '.join(missing)}. Write it without.")
    data = {"when": card.when, "say": card.say, "people": card.people, "palette": typst_palette("light")}
    try:
        compile_card: Any = typst.compile  # its overloads do not know that one page is one picture
        made = compile_card(
            (TEMPLATES / "plan_card.typ").read_bytes(),
            format="png",
            ppi=72.0,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"card": json.dumps(data)},
        )
    except RuntimeError as error:
        raise ArtworkError(f"The card could not be set: {error}") from error
    return made[0] if isinstance(made, list) else made
