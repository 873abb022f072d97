"""What is deleted when: dates that the database decides, an audit row for each deletion, docs that stay true."""

import io
import json
import os
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import timezone

from analytics import retention
from analytics.audit.chain import verify
from analytics.models import AuditRecord, EvaluationPlan, ImportedFile, Offence, OffencePerson, ReceivedFile
from analytics.police_data.importing import import_paths
from analytics.police_data.quarantine import path_of
from analytics.police_data.receiving import receive
from analytics.retention import RULES, delete_expired, months_after
from analytics.tasks import delete_expired as woken_by_beat
from campaign_pages.accounts.models import User
from tests.factories.police import niche_row, write_rows

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def var_dir(tmp_path, settings):
    for name in ("quarantine", "private"):
        (tmp_path / "var" / name).mkdir(parents=True)
    settings.VAR_DIR = tmp_path / "var"
    return settings.VAR_DIR


def aged(path: Path, days: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("secret")
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))
    return path


def after(**delta: int):
    return timezone.now() + timedelta(**delta)


def loaded(tmp_path, rows, name="a.csv") -> ImportedFile:
    report = import_paths([write_rows(tmp_path / name, rows)])
    assert not report.refused
    return ImportedFile.objects.latest("pk")


def acts() -> list[tuple[str, str, dict]]:
    return [(each.action, each.about, each.detail) for each in AuditRecord.objects.filter(by="delete_expired")]


def received(days: int, state: str = "loaded", **more) -> ReceivedFile:
    """A sealed file that was given in so many days ago."""
    user, _ = User.objects.get_or_create(
        username="importer", defaults={"email": "i@x.example", "is_superuser": True}
    )
    file = receive(io.BytesIO(b"secret"), name="extract.csv", by=user, reason="monthly")
    then = timezone.now() - timedelta(days=days)
    ReceivedFile.objects.filter(pk=file.pk).update(received_at=then, state=state, **more)
    os.utime(path_of(file.stored), (then.timestamp(),) * 2)
    file.refresh_from_db()
    return file


def test_sealed_files_go_after_their_days_whatever_their_state(settings):
    days, later = settings.WALKAWAY_QUARANTINE_DAYS, timezone.now() + timedelta(hours=1)
    old = {
        state: received(days + 1, state) for state in ("received", "previewed", "approved", "loaded", "refused")
    }
    dead = received(days + 1, "loading", lease_until=timezone.now() - timedelta(days=9))
    busy = received(days + 1, "loading", lease_until=later)
    new = received(days - 1)
    assert delete_expired(dry_run=True)["quarantine"] == 6
    assert path_of(old["loaded"].stored).exists()
    assert delete_expired()["quarantine"] == 6
    for file in (*old.values(), dead, busy, new):
        file.refresh_from_db()
        gone = file not in (busy, new)
        assert path_of(file.stored).exists() != gone
        assert (file.purged_at is not None) == gone
    assert [file.state for file in old.values()] == ["expired", "expired", "expired", "loaded", "refused"]
    assert (dead.state, busy.state, new.state) == ("expired", "loading", "loaded")
    assert acts()[0] == ("police.quarantine_deleted", f"received file {old['received'].pk}", {"deleted": 1})
    assert delete_expired()["quarantine"] == 0, "a second run finds nothing"
    assert verify().ok


def test_what_no_record_names_goes_after_a_day(var_dir):
    quarantine = var_dir / "quarantine"
    kept = received(5)
    half = aged(quarantine / f"{'0' * 32}.part", 2)
    lost = aged(quarantine / f"{'1' * 32}.sealed", 2)
    nested = aged(quarantine / "tmpabc" / "extract.csv", 2)
    posing = aged(quarantine / "tmpabc" / kept.stored, 2)
    arriving = aged(quarantine / f"{'2' * 32}.part", 0)
    outside = aged(var_dir / "keep.txt", 900)
    (quarantine / "link").symlink_to(outside)
    assert delete_expired()["quarantine"] == 4
    assert not any(path.exists() for path in (half, lost, nested, posing, nested.parent))
    assert all(path.exists() for path in (path_of(kept.stored), arriving, outside))
    assert (
        acts() == [("police.quarantine_deleted", "a file in quarantine that no record names", {"deleted": 1})] * 4
    )
    assert delete_expired()["quarantine"] == 0


def test_a_purge_that_dies_halfway_is_made_up(settings):
    file = received(settings.WALKAWAY_QUARANTINE_DAYS + 1, "approved")
    path_of(file.stored).unlink()
    assert delete_expired()["quarantine"] == 1
    file.refresh_from_db()
    assert (file.state, file.purged_at is None) == ("expired", False)


def test_rejects_go_and_the_import_no_longer_offers_them(tmp_path, var_dir, settings):
    file = loaded(tmp_path, [niche_row(1), niche_row(2, **{"HO Offence": "zz"})])
    kept = var_dir / "private" / file.rejects_file
    assert kept.is_file()
    assert delete_expired(now=after(days=settings.WALKAWAY_REJECTS_DAYS - 1))["rejects"] == 0
    assert delete_expired(now=after(days=settings.WALKAWAY_REJECTS_DAYS + 1))["rejects"] == 1
    assert not kept.exists()
    file.refresh_from_db()
    assert file.rejects_file == ""
    assert (file.rejected, file.reasons) == (1, {"offence_unknown": 1}), "the numbers stay"
    assert acts() == [("police.rejects_deleted", f"file {file.pk}", {"deleted": 1})]


def test_superseded_rows_go_and_current_ones_stay(tmp_path, settings):
    loaded(tmp_path, [niche_row(1), niche_row(2)])
    correction = loaded(tmp_path, [niche_row(1, **{"HO Offence": "5D"})], "b.csv")
    assert Offence.objects.count() == 3
    assert delete_expired(now=after(days=settings.WALKAWAY_SUPERSEDED_DAYS - 1))["superseded"] == 0
    assert delete_expired(now=after(days=settings.WALKAWAY_SUPERSEDED_DAYS + 1))["superseded"] == 1
    assert Offence.objects.filter(current=True).count() == Offence.objects.count() == 2
    assert acts() == [("police.superseded_deleted", f"rows that file {correction.pk} replaced", {"deleted": 1})]


def with_person(tmp_path) -> ImportedFile:
    file = loaded(tmp_path, [niche_row(1), niche_row(2)])
    for offence in file.offences.all():
        OffencePerson.objects.create(offence=offence, role="victim", age_band="18-21", person_key="k")
    return file


def test_persons_go_months_after_the_import_and_their_offences_stay(tmp_path, settings):
    file = with_person(tmp_path)
    due = months_after(timezone.localdate(), settings.WALKAWAY_PERSONS_MONTHS)
    days = (due - timezone.localdate()).days
    assert delete_expired(now=after(days=days - 1))["persons"] == 0
    assert delete_expired(now=after(days=days))["persons"] == 2
    assert Offence.objects.count() == 2
    assert not OffencePerson.objects.exists()
    assert ("police.persons_deleted", f"persons of file {file.pk}", {"deleted": 2}) in acts()


def lock_plan(kind: str, from_week: str, to_week: str) -> None:
    people = [User.objects.create(username=f"{kind}{n}", email=f"{kind}{n}@x.example") for n in (1, 2)]
    EvaluationPlan.objects.create(
        plan_hash=kind,
        title=kind,
        content=json.dumps({"from_week": from_week, "to_week": to_week}),
        data_kind=kind,
        outcomes_there=False,
        code_hash="",
        locked_at=timezone.now(),
        locked_by=people[0],
        second=people[1],
    )


def test_a_locked_plan_keeps_the_persons_of_its_period_until_months_after_its_end(tmp_path, settings):
    with_person(tmp_path)
    end = timezone.localdate() + timedelta(days=400)
    year, week, _ = end.isocalendar()
    lock_plan("synthetic", "2024-W01", f"{year + 3}-W01")
    lock_plan("real", "2024-W01", f"{year}-W{week:02d}")
    sunday = date.fromisocalendar(year, week, 7)
    days = (months_after(sunday, settings.WALKAWAY_PERSONS_MONTHS) - timezone.localdate()).days
    assert delete_expired(now=after(days=days - 1))["persons"] == 0
    assert delete_expired(now=after(days=days))["persons"] == 2


def test_months_end_where_the_month_does():
    assert months_after(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_after(date(2024, 2, 29), 24) == date(2026, 2, 28)
    assert months_after(date(2024, 11, 30), 3) == date(2025, 2, 28)
    assert months_after(date(2024, 12, 15), 24) == date(2026, 12, 15)


def test_a_deletion_that_fails_leaves_no_audit_row(var_dir, settings, monkeypatch):
    aged(var_dir / "quarantine" / "a.enc", 99)

    def refuse(self, missing_ok=False):
        raise PermissionError("no")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(PermissionError):
        delete_expired()
    assert acts() == []


def test_a_time_of_nought_is_refused(settings):
    settings.WALKAWAY_QUARANTINE_DAYS = 0
    with pytest.raises(ImproperlyConfigured, match="WALKAWAY_QUARANTINE_DAYS is 0"):
        delete_expired()


def test_the_command_says_what_is_due_and_prints_the_head(var_dir, capsys):
    aged(var_dir / "quarantine" / "a.enc", 99)
    call_command("delete_expired", dry_run=True, json=True)
    assert json.loads(capsys.readouterr().out)["deleted"]["quarantine"] == 1
    call_command("delete_expired", json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["dry_run"], said["deleted"]["quarantine"]) == (True, False, 1)
    call_command("verify_audit_log", expect_head=said["head"], json=True)
    call_command("delete_expired")
    assert "0 deleted (30 days after the receipt)" in capsys.readouterr().out


def test_beat_wakes_the_same_code(var_dir):
    aged(var_dir / "quarantine" / "a.enc", 99)
    woken_by_beat()
    assert len(acts()) == 1


def test_the_schedule_in_the_docs_is_what_runs(settings):
    page = (ROOT / "docs" / "data-protection" / "retention-schedule.md").read_text()
    rows = {}
    for line in page.splitlines():
        if match := re.match(r"\| (.+?) \| (\d+) (days|months) \| (.+?) \| `(\w+)` \|", line):
            rows[match[5]] = (match[1], int(match[2]), match[3], match[4])
    assert rows == {
        rule.setting: (rule.what, getattr(settings, rule.setting), rule.unit, rule.starts) for rule in RULES
    }
    assert retention.JOB in page


def test_feedback_goes_after_a_year_to_the_day() -> None:
    from campaign_pages.models import Feedback

    for days in (366, 364):
        row = Feedback.objects.create(page="/", text=f"{days} days old")
        Feedback.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(days=days))
    assert delete_expired()["feedback"] == 1
    assert Feedback.objects.get().text == "364 days old"
    assert acts()[-1][0] == "site.feedback_deleted"
    assert "days old" not in str(acts())
