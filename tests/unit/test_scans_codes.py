"""Codes as people type them, and which hits count as people. No database."""

from pathlib import Path

import pytest

from campaign_pages.venues import scan_log
from campaign_pages.venues.codes import ALPHABET, LENGTH, new_code, normalise

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("7k3q9", "7K3Q9"),
        (" 7K3Q9 ", "7K3Q9"),
        ("oilo0", "01100"),
        ("7K3QU", None),
        ("7K3Q", None),
        ("7K3Q99", None),
        ("", None),
    ],
)
def test_a_code_is_read_as_it_was_meant(typed: str, stored: str | None) -> None:
    assert normalise(typed) == stored


def test_new_codes_are_their_own_normal_form() -> None:
    for _ in range(200):
        code = new_code()
        assert len(code) == LENGTH
        assert set(code) <= set(ALPHABET)
        assert normalise(code.lower()) == code


@pytest.mark.parametrize(
    ("method", "headers", "known", "objected", "result"),
    [
        ("GET", {"User-Agent": PHONE}, True, False, "counted"),
        ("HEAD", {"User-Agent": PHONE}, True, False, "head_or_prefetch"),
        ("POST", {"User-Agent": PHONE}, True, False, "head_or_prefetch"),
        ("GET", {"User-Agent": PHONE, "Sec-Purpose": "prefetch;prerender"}, True, False, "head_or_prefetch"),
        ("GET", {"User-Agent": PHONE, "Purpose": "prefetch"}, True, False, "head_or_prefetch"),
        ("GET", {"User-Agent": PHONE, "Sec-GPC": "1"}, True, False, "objected"),
        ("GET", {"User-Agent": PHONE, "DNT": "1"}, True, False, "objected"),
        ("GET", {"User-Agent": PHONE}, True, True, "objected"),
        ("GET", {"User-Agent": PHONE}, False, False, "unknown_code"),
        ("GET", {"User-Agent": "WhatsApp/2.23.20.0"}, True, False, "link_preview"),
        ("GET", {"User-Agent": "facebookexternalhit/1.1"}, True, False, "link_preview"),
        ("GET", {"User-Agent": "Mozilla/5.0 HeadlessChrome/130.0"}, True, False, "headless"),
        ("GET", {"User-Agent": "Googlebot/2.1"}, True, False, "bot"),
        ("GET", {"User-Agent": "curl/8.5.0"}, True, False, "bot"),
        ("GET", {}, True, False, "bot"),
    ],
)
def test_every_hit_has_one_result(
    method: str, headers: dict[str, str], known: bool, objected: bool, result: str
) -> None:
    assert scan_log.result_of(method, headers, known=known, objected=objected) == result


def test_a_line_holds_code_time_and_result_only(tmp_path: Path) -> None:
    scan_log.append(tmp_path, "7K3Q9", "counted", at=1_732_406_400.9)
    scan_log.append(tmp_path, "", "unknown_code", at=1_732_406_401.0)
    [file] = tmp_path.iterdir()
    assert file.name.startswith("2024-11-24.")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == "1 7K3Q9 1732406400 counted\n1 - 1732406401 unknown_code\n"


def test_a_disk_that_refuses_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        scan_log.append(tmp_path / "missing", "7K3Q9", "counted")
