"""No offence without its file: by foreign keys on SQLite, by triggers that look once a statement on PostgreSQL."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from analytics.models import ImportedFile, Offence

pytestmark = pytest.mark.django_db(transaction=True)


def file_of(letter):
    return ImportedFile.objects.create(name=letter, sha256=letter * 64, size=1, format="x", state="loaded")


def offence(number, file_id, **changes):
    return Offence(
        file_id=file_id, row_key=f"r{number}", content_hash="c", offence_group="violence", precision="date",
        committed_on=date(2024, 6, 15), **changes,
    )  # fmt: skip


def test_an_offence_needs_a_file_that_exists():
    there = file_of("a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Offence.objects.bulk_create([offence(1, there.pk), offence(2, there.pk + 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        offence(3, there.pk, superseded_by_id=there.pk + 1).save()
    assert not Offence.objects.exists()
    Offence.objects.bulk_create([offence(1, there.pk), offence(2, there.pk, superseded_by_id=there.pk)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Offence.objects.update(superseded_by_id=there.pk + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offence.objects.filter(row_key="r1").update(file_id=there.pk + 1)
    assert Offence.objects.filter(file=there).count() == 2


@pytest.mark.parametrize("way", ["file", "superseded_by"])
def test_a_file_does_not_vanish_from_under_its_offences(way):
    one, two = file_of("a"), file_of("b")
    offence(1, one.pk if way == "file" else two.pk, superseded_by=one if way == "superseded_by" else None).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportedFile.objects.filter(pk=one.pk)._raw_delete("default")
    assert ImportedFile.objects.count() == 2
    one.delete()  # Django takes the offences with it, or lets go of them
    assert Offence.objects.count() == (0 if way == "file" else 1)


def test_a_file_that_another_connection_deletes_meanwhile_is_missed():
    if connection.vendor != "postgresql":
        return  # SQLite has one writer at a time: nothing can happen meanwhile
    there = file_of("a")
    said = []

    def add():
        try:
            with transaction.atomic():
                offence(1, there.pk).save()
        except IntegrityError as error:
            said.append(str(error))
        finally:
            connection.close()

    with transaction.atomic():
        ImportedFile.objects.filter(pk=there.pk)._raw_delete("default")
        adding = threading.Thread(target=add)
        adding.start()
        while not _somebody_waits():
            assert adding.is_alive(), "it did not wait for the deletion"
    adding.join()
    close_old_connections()
    assert said
    assert "does not exist" in said[0]
    assert not Offence.objects.exists()


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0
