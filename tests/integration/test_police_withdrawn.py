"""Withdrawing a file: two people, its rows gone, what it corrected back, results and later files told."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from analytics import demo_data
from analytics.evaluation.out_of_date import changes_since
from analytics.evaluation.plan import outcomes_loaded, read_plan
from analytics.models import (
    AuditRecord,
    EvaluationRun,
    ImportedFile,
    Offence,
    OffencePerson,
    ReceivedFile,
    Withdrawal,
)
from analytics.police_data import received_loading, receiving
from analytics.police_data.consent import NotAgreed
from analytics.police_data.importing import import_paths, visible_offences
from analytics.police_data.received_loading import load_received
from analytics.police_data.withdrawing import (
    CannotWithdraw,
    ask_withdrawal,
    confirm_withdrawal,
    decline_withdrawal,
)
from analytics.retention import delete_expired
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories.police import NICHE_HEADER, PERSON_HEADER, niche_row, write_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def place(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    (settings.VAR_DIR / "private").mkdir(parents=True)
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    return settings.VAR_DIR


def person(name: str) -> User:
    return User.objects.get(username=name)


def loaded(tmp_path, *rows, name="a.csv", header=NICHE_HEADER) -> ImportedFile:
    report = import_paths([write_rows(tmp_path / name, list(rows), header=header)])
    assert not report.refused, report.refused[0].error
    return ImportedFile.objects.latest("pk")


def withdraw(file: ImportedFile):
    asked = ask_withdrawal(file, by=person("importer"), reason="sent by mistake")
    return confirm_withdrawal(asked, by=person("second_importer"))


def counted() -> list[tuple[str, int]]:
    return sorted(visible_offences().values_list("offence_code", "file"))


def test_its_rows_are_gone_and_its_record_stays(tmp_path, django_capture_on_commit_callbacks, place):
    row = niche_row(1, **{"Victim No": "77", "Victim Sex": "F"})
    kept = loaded(tmp_path, niche_row(9), name="kept.csv")
    file = loaded(
        tmp_path, row, niche_row(2), niche_row(3, **{"HO Offence": "zz"}), header=NICHE_HEADER + PERSON_HEADER
    )
    rejects = place / "private" / file.rejects_file
    assert (OffencePerson.objects.count(), rejects.is_file()) == (1, True)
    with django_capture_on_commit_callbacks(execute=True):
        done = withdraw(file)
    file.refresh_from_db()
    assert done.as_json() == {
        "ok": True, "file": file.pk, "offences": 2, "persons": 1, "restored": 0, "not_restored": 0, "also_affected": [],
    }  # fmt: skip
    assert (file.state, file.rows_read, file.loaded, file.rejected) == (ImportedFile.State.WITHDRAWN, 3, 2, 1)
    assert (OffencePerson.objects.count(), rejects.exists(), file.rejects_file) == (0, False, "")
    assert list(Offence.objects.values_list("file", flat=True)) == [kept.pk]
    actions = [(each.action, each.by) for each in AuditRecord.objects.order_by("number")][-2:]
    assert actions == [("police.withdrawal_asked", "importer"), ("police.withdrawn", "second_importer")]
    detail = AuditRecord.objects.first().detail
    assert (detail["reason"], detail["asked_by"], detail["offences"]) == ("sent by mistake", "importer", 2)


def test_the_same_file_can_come_again(tmp_path):
    withdraw(loaded(tmp_path, niche_row(1)))
    again = loaded(tmp_path, niche_row(1))
    assert (again.state, again.loaded) == (ImportedFile.State.LOADED, 1)


def test_what_it_corrected_counts_again(tmp_path):
    old = loaded(tmp_path, niche_row(1), niche_row(2), name="old.csv")
    correction = loaded(tmp_path, niche_row(1, **{"HO Offence": "5D"}), name="new.csv")
    assert counted() == [("5D", correction.pk), ("8N", old.pk)]
    assert withdraw(correction).withdrawal.restored == 1
    assert counted() == [("8N", old.pk), ("8N", old.pk)]
    assert not Offence.objects.exclude(superseded_by=None).exists()


def test_what_was_corrected_again_since_stays_corrected_and_the_chain_holds(tmp_path):
    first = loaded(tmp_path, niche_row(1), name="1.csv")
    second = loaded(tmp_path, niche_row(1, **{"HO Offence": "5D"}), name="2.csv")
    third = loaded(tmp_path, niche_row(1, **{"HO Offence": "5E"}), name="3.csv")
    done = withdraw(second).withdrawal
    assert (done.offences, done.restored, done.not_restored) == (1, 0, 0)
    assert counted() == [("5E", third.pk)]
    assert Offence.objects.get(file=first).superseded_by == third, "it waits behind the later correction now"
    assert withdraw(third).withdrawal.restored == 1
    assert counted() == [("8N", first.pk)]


def test_from_the_newest_to_the_oldest_as_from_the_oldest_to_the_newest(tmp_path):
    files = [
        loaded(tmp_path, niche_row(1, **{"HO Offence": code}), name=f"{code}.csv") for code in ("8N", "5D", "5E")
    ]
    assert withdraw(files[2]).withdrawal.restored == 1
    assert counted() == [("5D", files[1].pk)]
    assert withdraw(files[0]).withdrawal.offences == 1
    assert counted() == [("5D", files[1].pk)]
    last = withdraw(files[1]).withdrawal
    assert (last.offences, last.restored, Offence.objects.count()) == (1, 0, 0)


def test_what_was_deleted_on_schedule_cannot_come_back_and_is_counted(tmp_path, settings):
    loaded(tmp_path, niche_row(1), niche_row(2), name="old.csv")
    new = loaded(tmp_path, niche_row(1, **{"HO Offence": "5D"}), name="new.csv")
    delete_expired(now=timezone.now() + timedelta(days=settings.WALKAWAY_SUPERSEDED_DAYS + 1))
    done = withdraw(new).withdrawal
    assert (done.restored, done.not_restored, len(counted())) == (0, 1, 1)


def test_a_later_file_that_shared_rows_is_told(tmp_path):
    early = loaded(tmp_path, niche_row(1), niche_row(2), name="early.csv")
    later = loaded(tmp_path, niche_row(2), niche_row(3), name="later.csv")
    apart = loaded(tmp_path, niche_row(7), name="apart.csv")
    assert withdraw(early).also_affected == [later.pk]
    for file in (later, apart):
        file.refresh_from_db()
    assert any(f"file {early.pk} was withdrawn" in note for note in later.notes)
    assert not any("withdrawn" in note and "duplicates" in note for note in apart.notes)
    assert len(counted()) == 2, "the row that both had is gone, and the note says so"


# --- two people


def test_who_may_ask_and_who_decides(tmp_path):
    file = loaded(tmp_path, niche_row(1))
    with pytest.raises(NotAgreed, match="may not withdraw"):
        ask_withdrawal(file, by=person("evaluator"), reason="why")
    with pytest.raises(NotAgreed, match="reason"):
        ask_withdrawal(file, by=person("importer"), reason=" ")
    asked = ask_withdrawal(file, by=person("importer"), reason="why")
    with pytest.raises(CannotWithdraw, match="has been asked for"):
        ask_withdrawal(file, by=person("second_importer"), reason="me too")
    for decide in (confirm_withdrawal, decline_withdrawal):
        with pytest.raises(NotAgreed, match="asked for"):
            decide(asked, by=person("importer"))
        with pytest.raises(NotAgreed, match="may not decide"):
            decide(asked, by=person("administrator"))
    assert Offence.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Withdrawal.objects.update(confirmed=True, decided_by=person("importer"), decided_at=timezone.now())
    decline_withdrawal(asked, by=person("second_importer"))
    with pytest.raises(CannotWithdraw, match="decided already"):
        confirm_withdrawal(asked, by=person("second_importer"))
    assert (Offence.objects.count(), file.withdrawals.get().confirmed) == (1, False)
    withdraw(file)
    with pytest.raises(CannotWithdraw, match="'Withdrawn'"):
        ask_withdrawal(file, by=person("importer"), reason="again")


def test_a_withdrawal_that_fails_leaves_everything(tmp_path, monkeypatch):
    file = loaded(tmp_path, niche_row(1))
    asked = ask_withdrawal(file, by=person("importer"), reason="why")
    monkeypatch.setattr("analytics.police_data.withdrawing._others", lambda file: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        confirm_withdrawal(asked, by=person("second_importer"))
    asked.refresh_from_db()
    assert (Offence.objects.count(), asked.confirmed) == (1, None)


def test_the_command(tmp_path, capsys):
    file = loaded(tmp_path, niche_row(1))
    words = ("withdraw_police_data", str(file.pk), "--by", "importer", "--reason", "by mistake")
    with pytest.raises(CommandError, match="asked for"):
        call_command(*words, "--second", "importer")
    assert not Withdrawal.objects.exists(), "asking and confirming are one act here"
    for wrong in (
        (*words, "--second", "nobody"),
        ("withdraw_police_data", "0", *words[2:], "--second", "importer"),
    ):
        with pytest.raises(CommandError) as error:
            call_command(*wrong)
        assert error.value.returncode == 2
    call_command(*words, "--second", "second_importer", "--json")
    assert json.loads(capsys.readouterr().out)["offences"] == 1


def test_a_received_file_is_withdrawn_with_its_last_entry_and_can_be_loaded_again(tmp_path):
    path = write_rows(tmp_path / "a.csv", [niche_row(1)])
    with path.open("rb") as stream:
        received = receiving.receive(stream, name="a.csv", by=person("importer"), reason="r")
    receiving.approve(received, by=person("second_importer"))
    load_received(received.pk)
    withdraw(ImportedFile.objects.get())
    received.refresh_from_db()
    assert received.state == ReceivedFile.State.WITHDRAWN
    receiving.approve(received, by=person("second_importer"))
    report = load_received(received.pk)
    assert (len(report.files), report.total("loaded"), report.total("duplicates")) == (1, 1, 0)
    received.refresh_from_db()
    assert (received.state, Offence.objects.count()) == (ReceivedFile.State.LOADED, 1)


def test_what_is_withdrawn_before_its_loading_ends_is_withdrawn_and_not_stuck(tmp_path, monkeypatch):
    path = write_rows(tmp_path / "a.csv", [niche_row(1)])
    with path.open("rb") as stream:
        received = receiving.receive(stream, name="a.csv", by=person("importer"), reason="r")
    receiving.approve(received, by=person("second_importer"))
    ends = received_loading._end

    def meanwhile(*given):
        withdraw(ImportedFile.objects.get())
        ends(*given)

    monkeypatch.setattr(received_loading, "_end", meanwhile)
    received_loading.load_received(received.pk)
    received.refresh_from_db()
    assert (received.state, Offence.objects.count()) == (ReceivedFile.State.WITHDRAWN, 0)
    assert receiving.approve(received, by=person("second_importer")).state == ReceivedFile.State.APPROVED


# --- evaluations


def run_of(begin="2024-W01", end="2024-W30", synthetic=False, title="Assaults") -> EvaluationRun:
    return EvaluationRun.objects.create(
        title=title, plan_hash="p", data_hash="d", result_hash="r", verdict="fewer", panel_csv="", synthetic=synthetic,
        result=json.dumps({"from_week": begin, "to_week": end}), ran_at=timezone.now(),
    )  # fmt: skip


def test_results_on_withdrawn_data_are_out_of_date(tmp_path, client):
    file = loaded(tmp_path, niche_row(1))
    on_it, other_weeks, other_kind = (
        run_of(),
        run_of("2023-W01", "2023-W30", title="Others"),
        run_of(synthetic=True),
    )
    assert changes_since(on_it) == [], "loaded before it ran"
    withdraw(file)
    (sentence,) = changes_since(on_it)
    assert sentence.startswith(f"File {file.pk} was withdrawn on ")
    assert (changes_since(other_weeks), changes_since(other_kind), changes_since(run_of())) == ([], [], [])
    client.force_login(person("evaluator"))
    page = client.get(reverse("evaluation_runs")).content.decode()
    assert page.count('<span class="tag">out of date</span>') == 1


def test_results_before_a_correction_are_out_of_date(tmp_path):
    loaded(tmp_path, niche_row(1), name="old.csv")
    run = run_of()
    new = loaded(tmp_path, niche_row(1, **{"HO Offence": "5D"}), name="new.csv")
    (sentence,) = changes_since(run)
    assert sentence.startswith(f"File {new.pk} was loaded on ")
    assert sentence.endswith("offences in it: 1, of which corrections of older ones: 1.")


def test_outcomes_that_were_seen_and_withdrawn_are_not_unseen(tmp_path):
    """Otherwise a plan could be fitted to its outcomes: look, withdraw, lock, load again."""
    plan = read_plan(demo_data.PLAN_FILE)
    from analytics import nights

    day = nights.week_start(plan.from_week)
    assert isinstance(day, date)
    assert not outcomes_loaded(plan)
    reference = {"Crime No": "SYN-1"} if plan.data == "synthetic" else {}
    file = loaded(tmp_path, niche_row(1, **reference, **{"From Date": f"{day:%d/%m/%Y}"}))
    assert outcomes_loaded(plan)
    withdraw(file)
    assert not Offence.objects.exists()
    assert outcomes_loaded(plan)
