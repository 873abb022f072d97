"""The address on a poster: redirects always, keeps nothing about anybody, and is counted exactly once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from campaign_pages import activity
from campaign_pages.venues import scan_counts, scan_log
from campaign_pages.venues.models import ScanCount, ScanFile
from campaign_pages.venues.scan_counts import ScanFileShrank, count_scans
from tests.factories import venues

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1"
HOUR = 1_732_406_400  # 2024-11-24 00:00 UTC


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    (tmp_path / "scans").mkdir()
    cache.clear()
    return tmp_path / "scans"


def hit(path: str, **headers: str) -> Any:
    return Client().get(path, headers={"user-agent": PHONE} | headers, REMOTE_ADDR="203.0.113.77")


@pytest.mark.parametrize("path", ["/v/7K3Q9", "/V/7K3Q9", "/v/7k3q9", "/v/7k3q9/", "/v/7K3Q9?utm_source=x"])
def test_a_known_code_goes_to_a_plain_page(folder: Path, path: str) -> None:
    venues.place()
    answer = hit(path, referer="https://example.test/secret")
    assert answer.status_code == 302
    assert answer["Location"] == "/tonight/"
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    [file] = folder.iterdir()
    words = file.read_text().split()
    assert words[:2] == ["1", "7K3Q9"]
    assert words[3:] == ["counted"]


def test_look_alikes_are_forgiven(folder: Path) -> None:
    venues.place("01100")
    assert hit("/v/OilO0")["Location"] == "/tonight/"


@pytest.mark.parametrize("path", ["/v/ZZZZZ", "/v/nonsense", "/v/%F0%9F%8D%BA"])
def test_an_unknown_code_goes_home(folder: Path, path: str) -> None:
    answer = hit(path)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert count_scans() == 1
    assert ScanCount.objects.get().result == "unknown_code"
    assert ScanCount.objects.get().code == ""


def test_the_redirect_does_not_need_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venues.place()

    def refuse(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scan_log, "append", refuse)
    assert hit("/v/7K3Q9")["Location"] == "/tonight/"


def test_objectors_are_not_counted(folder: Path) -> None:
    venues.place()
    client = Client()
    client.cookies["do_not_count"] = "1"
    client.get("/v/7K3Q9", headers={"user-agent": PHONE})
    hit("/v/7K3Q9", **{"sec-gpc": "1"})
    client.head("/v/7K3Q9", headers={"user-agent": PHONE})
    assert count_scans() == 3
    assert dict(ScanCount.objects.values_list("result", "count")) == {"objected": 2, "head_or_prefetch": 1}


def test_counting_is_exactly_once(folder: Path) -> None:
    venues.place()
    file = folder / "2024-11-24.web1.scans"
    file.write_text(f"1 7K3Q9 {HOUR} counted\n" * 3 + f"1 7K3Q9 {HOUR + 3600} counted\n1 7K3Q9 17324")
    assert count_scans() == 4
    assert count_scans() == 0
    with file.open("a") as tail:
        tail.write("10001 counted\n")
    assert count_scans() == 1
    counts = dict(ScanCount.objects.values_list("hour", "count"))
    assert counts == {datetime(2024, 11, 24, tzinfo=UTC): 3, datetime(2024, 11, 24, 1, tzinfo=UTC): 2}
    hours = list(
        activity.scans(start=datetime(2024, 11, 24, tzinfo=UTC), end=datetime(2024, 11, 24, 1, tzinfo=UTC))
    )
    assert hours == [activity.ScanHour("V1", "7K3Q9", datetime(2024, 11, 24, tzinfo=UTC), 3, None)]


def test_malformed_lines_are_told_apart_and_stop_nothing(folder: Path) -> None:
    bad = [
        b"", b"nonsense", b"2 7K3Q9 1732406400 counted", b"1 7K3Q9 1732406400 invented", b"1 7K3Q9 -5 counted",
        b"1 7K3Q9 " + b"9" * 5000 + b" counted", b"1 7K3QU 1732406400 counted", b"\xff\xfe\x00",
        b"1 7K3Q9 99999999999 counted",
    ]  # fmt: skip
    good = b"1 7K3Q9 1732406400 counted"
    (folder / "2024-11-24.web1.scans").write_bytes(b"\n".join([*bad, good]) + b"\n")
    assert count_scans() == len(bad) + 1
    kept = ScanFile.objects.get()
    assert (kept.lines, kept.malformed) == (len(bad) + 1, len(bad))
    assert ScanCount.objects.get().count == 1


def test_a_shorter_file_is_refused(folder: Path) -> None:
    file = folder / "2024-11-24.web1.scans"
    file.write_text(f"1 7K3Q9 {HOUR} counted\n" * 2)
    count_scans()
    file.write_text(f"1 7K3Q9 {HOUR} counted\n")
    with pytest.raises(ScanFileShrank, match="were counted already"):
        count_scans()
    with pytest.raises(CommandError):
        call_command("count_scans")
    assert ScanCount.objects.get().count == 2


def test_a_swapped_file_does_not_hold_up_the_others(folder: Path) -> None:
    line = f"1 7K3Q9 {HOUR} counted\n"
    (folder / "2024-11-23.a.scans").write_text(line * 2)
    count_scans()
    (folder / "2024-11-23.a.scans").write_text(line)
    (folder / "2024-11-24.a.scans").write_text(line)
    with pytest.raises(ScanFileShrank):
        count_scans()
    assert ScanCount.objects.get().count == 3


def test_a_line_without_an_end_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_counts, "BLOCK_BYTES", 64)
    line = f"1 7K3Q9 {HOUR} counted\n"
    (folder / "2024-11-24.a.scans").write_text("x" * 200 + "\n" + line)
    count_scans()
    assert ScanCount.objects.get().count == 1
    kept = ScanFile.objects.get()
    assert kept.offset == 201 + len(line)
    assert kept.malformed == kept.lines - 1 > 0


def test_a_failure_in_mid_transaction_counts_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "2024-11-24.web1.scans").write_text(f"1 7K3Q9 {HOUR} counted\n" * 5)
    add = scan_counts._add

    def add_and_die(counts: Any) -> None:
        add(counts)
        raise KeyboardInterrupt

    monkeypatch.setattr(scan_counts, "_add", add_and_die)
    with pytest.raises(KeyboardInterrupt):
        count_scans()
    assert not ScanCount.objects.exists()
    monkeypatch.undo()
    assert count_scans(folder) == 5
    assert ScanCount.objects.get().count == 5
