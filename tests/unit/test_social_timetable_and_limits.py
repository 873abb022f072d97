"""Wall time to instants over both clock changes, and limits that name themselves."""

from datetime import UTC, datetime

import pytest

from campaign_pages.social.platforms.contract import Picture
from campaign_pages.social.platforms.limits import broken_limits
from campaign_pages.social.timetable import NoSuchTime, TimeHappensTwice, instant_of


def london(*parts: int, second: bool | None = None) -> datetime:
    return instant_of(datetime(*parts), "Europe/London", second=second)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ((2027, 1, 15, 22, 0), (2027, 1, 15, 22, 0)),
        ((2027, 7, 15, 22, 0), (2027, 7, 15, 21, 0)),
        ((2027, 3, 28, 0, 59), (2027, 3, 28, 0, 59)),
        ((2027, 3, 28, 2, 0), (2027, 3, 28, 1, 0)),
        ((2027, 10, 31, 2, 0), (2027, 10, 31, 2, 0)),
        ((2028, 2, 29, 12, 0), (2028, 2, 29, 12, 0)),
    ],
)
def test_local_time_means_one_instant(local: tuple[int, ...], utc: tuple[int, ...]) -> None:
    assert london(*local) == datetime(*utc, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_the_hour_that_is_jumped_over_is_refused(minute: int) -> None:
    with pytest.raises(NoSuchTime, match="does not exist"):
        london(2027, 3, 28, 1, minute)


def test_the_hour_that_happens_twice_is_asked_about() -> None:
    with pytest.raises(TimeHappensTwice, match="happens twice"):
        london(2027, 10, 31, 1, 30)
    assert london(2027, 10, 31, 1, 30, second=False) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert london(2027, 10, 31, 1, 30, second=True) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(ValueError, match="Mars/Olympus"):
        instant_of(datetime(2027, 1, 1), "Mars/Olympus")


GOOD = {"name": "ring", "format": "JPEG", "width": 1080, "height": 1350, "bytes": 200_000}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"height": 1350, "width": 1080}, None),
        ({"height": 566, "width": 1080}, None),
        ({"format": "PNG"}, "JPEG only"),
        ({"bytes": 8_388_608}, None),
        ({"bytes": 8_400_000}, "at most 8 MB"),
        ({"width": 319, "height": 319}, "from 320 to 1440"),
        ({"width": 320, "height": 320}, None),
        ({"width": 1441, "height": 1441}, "1441 wide"),
        ({"width": 1080, "height": 1360}, "4:5 to 1.91:1"),
        ({"width": 1080, "height": 560}, "4:5 to 1.91:1"),
    ],
)
def test_instagram_pictures(changes: dict[str, object], words: str | None) -> None:
    issues = broken_limits("instagram", "Walk away.", Picture(**(GOOD | changes)))  # type: ignore[arg-type]
    if words is None:
        assert issues == []
    else:
        assert words in " ".join(issue.message for issue in issues)


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("a" * 2200, None),
        ("a" * 2201, "2200 characters"),
        (" ".join(f"#t{n}" for n in range(30)), None),
        (" ".join(f"#t{n}" for n in range(31)), "30 hashtags"),
        (" ".join(f"@t{n}" for n in range(21)), "20 mentions"),
        ("mail a@b.example and C#7", None),
    ],
)
def test_instagram_words(caption: str, words: str | None) -> None:
    issues = broken_limits("instagram", caption, Picture(**GOOD))  # type: ignore[arg-type]
    assert bool(issues) == (words is not None)
    assert words is None or words in issues[0].message


def test_instagram_needs_a_picture() -> None:
    assert "needs a picture" in broken_limits("instagram", "x", None)[0].message
