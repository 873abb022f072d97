"""Reading level, the hour at which Tonight turns dark: no database."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from campaign_pages.content_checks import reading_level
from campaign_pages.night_switch import is_night, seconds_to_switch

LONDON = ZoneInfo("Europe/London")


def test_lix_of_a_text_worked_out_by_hand() -> None:
    # 8 words, 2 sentences, 3 of more than six letters: 8/2 + 100 * 3/8 = 41.5
    reading = reading_level("Friends listen to you. Somebody usually helps out.")
    assert (reading.words, reading.sentences, reading.long_words) == (8, 2, 3)
    assert reading.lix == pytest.approx(41.5)


def test_an_empty_text_scores_nothing() -> None:
    assert reading_level("").lix == 0.0


@pytest.mark.parametrize(
    ("hour", "minute", "night"),
    [(21, 59, False), (22, 0, True), (0, 0, True), (4, 59, True), (5, 0, False), (12, 0, False)],
)
def test_night_holds_from_ten_to_five(hour: int, minute: int, night: bool) -> None:
    assert is_night(datetime(2026, 6, 5, hour, minute, tzinfo=LONDON), starts=22, ends=5) is night


def test_a_night_that_does_not_pass_midnight() -> None:
    assert is_night(datetime(2026, 6, 5, 2, tzinfo=LONDON), starts=1, ends=4)
    assert not is_night(datetime(2026, 6, 5, 23, tzinfo=LONDON), starts=1, ends=4)


def test_seconds_to_the_switch() -> None:
    assert seconds_to_switch(datetime(2026, 6, 5, 21, 58, 30, tzinfo=LONDON), starts=22, ends=5) == 90
    assert seconds_to_switch(datetime(2026, 6, 5, 5, 0, 0, tzinfo=LONDON), starts=22, ends=5) == 17 * 3600


def test_the_hour_that_happens_twice_counts_elapsed_time() -> None:
    # 25 October 2026, 01:30 BST: three and a half hours on the clock to 05:00, four and a half in truth.
    before_the_change = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON)
    assert seconds_to_switch(before_the_change, starts=22, ends=5) == int(4.5 * 3600)
