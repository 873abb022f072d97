"""The audit log: nobody edits, deletes, reorders or cuts it unnoticed, and writers keep their order."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from analytics.audit import guards
from analytics.audit.chain import record, verify
from analytics.models import AuditRecord, ImmutableRecord
from tests.integration.test_venues_races import START, Shared


def write(n: int) -> list[AuditRecord]:
    return [record("police.previewed", by="importer", about=f"file {i}", detail={"rows": i}) for i in range(n)]


def tamper(sql: str, *values: object) -> None:
    """What somebody with the database's own password could do."""
    guards.take_down()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    guards.put_up()


@pytest.mark.django_db
def test_rows_follow_each_other_and_the_log_verifies():
    rows = write(5)
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert [row.previous for row in rows] == ["", *(row.seal for row in rows[:-1])]
    found = verify()
    assert (found.ok, found.records, found.broken_at, found.head) == (True, 5, None, rows[-1].seal)
    assert found.guarded
    assert AuditRecord.objects.get(pk=3).detail == {"rows": 2}


@pytest.mark.django_db
def test_an_empty_log_verifies():
    assert (verify().ok, verify().records, verify().head) == (True, 0, "")
    assert not verify("ab" * 32).ok


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "2020-01-01 00:00:00"), ("action", "x.y"), ("by", "x"), ("about", "x"), ("detail_json", "{}")],
)
def test_an_edited_row_is_found(column, value):
    write(4)
    tamper(f'UPDATE {guards.TABLE} SET "{column}" = %s WHERE number = 2', value)
    assert (verify().ok, verify().broken_at) == (False, 2)
    assert "changed" in verify().problem


@pytest.mark.django_db
def test_an_edited_row_with_a_new_seal_of_its_own_is_found():
    from analytics.audit.chain import seal_of

    write(4)
    row = AuditRecord.objects.get(pk=2)
    row.by = "somebody else"
    tamper(f"UPDATE {guards.TABLE} SET by = %s, seal = %s WHERE number = 2", row.by, seal_of(row.previous, row))
    assert (verify().ok, verify().broken_at) == (False, 3)


@pytest.mark.django_db
def test_a_row_deleted_in_the_middle_or_at_the_beginning_is_found():
    write(4)
    tamper(f"DELETE FROM {guards.TABLE} WHERE number = 3")
    assert (verify().ok, verify().broken_at) == (False, 3)
    tamper(f"DELETE FROM {guards.TABLE} WHERE number = 1")
    assert (verify().ok, verify().broken_at) == (False, 1)


@pytest.mark.django_db
def test_two_rows_that_changed_places_are_found():
    write(4)
    tamper(f"UPDATE {guards.TABLE} SET number = 99 WHERE number = 2")
    tamper(f"UPDATE {guards.TABLE} SET number = 2 WHERE number = 3")
    tamper(f"UPDATE {guards.TABLE} SET number = 3 WHERE number = 99")
    assert (verify().ok, verify().broken_at) == (False, 2)


@pytest.mark.django_db
def test_a_cut_tail_is_found_with_a_head_kept_outside_and_only_with_it():
    rows = write(4)
    head = verify().head
    tamper(f"DELETE FROM {guards.TABLE} WHERE number > 2")
    assert verify().ok, "without a head kept outside nothing can tell"
    assert (verify(head).ok, verify(head).broken_at) == (False, 3)
    assert verify(rows[1].seal).ok
    write(3)
    assert not verify(head).ok, "new rows in place of the cut ones do not hide it"


@pytest.mark.django_db
def test_a_log_that_grew_still_holds_an_older_head():
    head = write(2)[-1].seal
    write(2)
    assert verify(head).ok


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql", [f"UPDATE {guards.TABLE} SET by = 'x'", f"DELETE FROM {guards.TABLE}", f"TRUNCATE {guards.TABLE}"]
)
def test_the_database_refuses_changes(sql):
    write(2)
    if sql.startswith("TRUNCATE") and connection.vendor != "postgresql":
        sql = f"DELETE FROM {guards.TABLE} WHERE number = 2"
    with pytest.raises(DatabaseError, match=guards.REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert (verify().ok, verify().records) == (True, 2)


@pytest.mark.django_db
def test_the_model_refuses_changes():
    row = write(1)[0]
    for attempt in (
        row.save,
        row.delete,
        AuditRecord.objects.all().delete,
        lambda: AuditRecord.objects.update(by="x"),
        lambda: AuditRecord.objects.bulk_update([row], ["by"]),
    ):
        with pytest.raises(ImmutableRecord):
            attempt()


@pytest.mark.django_db
def test_missing_guards_are_noticed_and_migrate_puts_them_back():
    assert guards.are_up()
    guards.take_down()
    assert not verify().guarded
    call_command("migrate", verbosity=0)
    assert verify().guarded


@pytest.mark.django_db
def test_hostile_text_is_sealed_as_it_is_kept():
    record(
        "police.refused",
        by="a\x00b\r\nc",
        about="\ud800" + "x" * 400,
        detail={"reason": "line\nline \u202e", "\x00": ["\x00", 1, None, True]},
    )
    kept = AuditRecord.objects.get()
    assert kept.by == "a b  c"
    assert len(kept.about) == 200
    assert kept.detail["reason"] == "line line  "
    assert verify().ok


@pytest.mark.django_db
def test_what_points_at_a_person_is_taken_out_of_free_text():
    reason = "asked for by jo@police.example.uk, 07700 900123, at 52.634876, -1.131592"
    row = record("police.received", by="importer", about="jo@police.example.uk.csv", detail={"reason": reason})
    assert row.detail == {"reason": "asked for by [e-mail], [phone], at 52.63, -1.13"}
    assert row.about == "[e-mail]"
    assert verify().ok


@pytest.mark.django_db
def test_what_cannot_be_sealed_is_refused_at_once():
    with pytest.raises(ValueError, match="dotted"):
        record("loaded", by="x")
    with pytest.raises(ValueError):
        record("police.loaded", by="x", detail={"share": float("nan")})
    with pytest.raises(TypeError):
        record("police.loaded", by="x", detail={"what": object()})
    assert verify().records == 0


@pytest.mark.django_db(transaction=True)
def test_the_row_goes_when_the_callers_transaction_goes():
    record("police.received", by="importer")

    def load_and_fail():
        record("police.loaded", by="importer")
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        load_and_fail()
    record("police.refused", by="importer")
    assert [row.action for row in AuditRecord.objects.order_by("number")] == ["police.received", "police.refused"]
    assert verify().ok


WRITE = (
    START
    + """
import random, sys
from django.db import transaction
from analytics.audit.chain import record
for n in range(25):
    try:
        with transaction.atomic():
            record("police.summary_viewed", by=sys.argv[1], detail={"n": n})
            if n % 5 == 4:
                raise KeyError  # its row must go and leave no gap
    except KeyError:
        pass
"""
)


@pytest.mark.django_db(transaction=True)
def test_processes_at_once_keep_one_unbroken_order(tmp_path):
    record("police.received", by="importer")
    shared = Shared(tmp_path)
    writers = [shared.start(WRITE, f"writer {n}") for n in range(4)]
    for process in writers:
        process.communicate(timeout=120)
    assert [process.returncode for process in writers] == [0] * 4
    shared.bring_back()
    found = verify()
    assert (found.ok, found.records) == (True, 81), found.problem
    for n in range(4):
        own = AuditRecord.objects.filter(by=f"writer {n}").order_by("number")
        assert [row.detail["n"] for row in own] == [n for n in range(25) if n % 5 != 4]


@pytest.mark.django_db
def test_the_command_prints_what_the_contract_says(capsys):
    write(3)
    call_command("verify_audit_log", json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["records"], said["broken_at"]) == (True, 3, None)
    assert said["head"] == AuditRecord.objects.first().seal
    tamper(f"UPDATE {guards.TABLE} SET about = 'x' WHERE number = 1")
    with pytest.raises(CommandError, match="row 1 was changed"):
        call_command("verify_audit_log", json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["broken_at"]) == (False, 1)
