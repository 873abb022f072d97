"""Street files replace by force and month: what a re-issue lacks is not counted, and nothing is counted twice."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError

from analytics.models import AuditRecord, ImportedFile, Offence
from analytics.police_data import importing
from analytics.police_data.importing import import_paths, visible_offences
from analytics.police_data.sources import Source
from analytics.police_data.street_months import month_of_name
from analytics.police_data.summaries import summarise
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from tests.factories.police import STREET_HEADER, street_row, write_rows

pytestmark = pytest.mark.django_db
NAME = "2021-05-x-street.csv"


def crime(number: int, **changes: str) -> dict[str, str]:
    return street_row(Crime_ID=f"{number:064x}", Crime_type="Violence and sexual offences") | changes


def issue(folder: Path, rows: list[dict[str, str]], name: str = NAME):
    folder.mkdir(exist_ok=True, parents=True)
    report = import_paths([write_rows(folder / name, rows, header=STREET_HEADER)])
    (one,) = report.files
    assert not one.error, one.error
    assert one.rows_read == one.loaded + one.duplicates + one.rejected
    return one


def sums(one) -> tuple[int, int, int, int]:
    return one.rows_read, one.loaded, one.duplicates, one.replaced


def total(month: int = 5, measure: str = "open_violence") -> float:
    found = summarise(measure=measure, first=date(2021, month, 1), last=date(2021, month, 28), by="month")
    assert sum(row.count for row in found.rows) == found.total
    return found.total


def counted() -> int:
    return visible_offences().count()


def test_a_row_that_a_re_issue_lacks_is_not_counted_and_stays_for_audit(tmp_path):
    first = issue(tmp_path / "a", [crime(1), crime(2), crime(3)])
    assert (sums(first), total()) == ((3, 3, 0, 0), 3)
    second = issue(tmp_path / "b", [crime(1), crime(2), crime(4)])
    assert sums(second) == (3, 1, 2, 1)
    assert second.duplicate_reasons == {"already_loaded": 2}
    assert total() == counted() == 3
    old, new = ImportedFile.objects.order_by("pk")
    gone = Offence.objects.get(current=False)
    assert (gone.file, gone.superseded_by) == (old, new)
    (said,) = second.notes
    assert said.startswith("replaced the 3 rows of 2021-05 loaded on ")
    assert f"from {NAME} (file {old.pk}): 1 are not in this file and no longer count" in said
    assert "0 came with other content, 2 are the same" in said
    assert any(note.startswith(f"file {new.pk} replaced rows of this one on ") for note in old.notes)
    assert AuditRecord.objects.latest("number").detail["replaced"] == 1


def test_other_content_of_the_same_month_is_a_correction(tmp_path):
    issue(tmp_path / "a", [crime(1), crime(2)])
    second = issue(tmp_path / "b", [crime(1, Location="On or near Park"), crime(2, **{"Crime type": "Robbery"})])
    assert (sums(second), second.corrected) == ((2, 2, 0, 0), 2)
    assert "2 came with other content, 0 are the same" in second.notes[0]
    assert (total(), total(measure="all_offences")) == (1, 2)


def test_other_outcomes_change_nothing_and_say_nothing(tmp_path):
    issue(tmp_path / "a", [crime(1), street_row()])
    second = issue(tmp_path / "b", [crime(1, **{"Last outcome category": "Under investigation"}), street_row()])
    assert (sums(second), second.notes) == ((2, 0, 2, 0), [])


def test_incidents_without_an_id_are_replaced_by_number(tmp_path):
    issue(tmp_path / "a", [street_row()] * 3 + [street_row(Location="On or near Park")])
    second = issue(tmp_path / "b", [street_row()] * 2 + [street_row(Location="On or near Park")] * 2)
    assert sums(second) == (4, 1, 3, 1)
    assert counted() == 4


def test_the_same_bytes_again_are_all_duplicates_and_bring_nothing_back(tmp_path):
    issue(tmp_path / "a", [crime(1), crime(2)])
    issue(tmp_path / "b", [crime(1), crime(3)])
    for folder in ("b", "a"):
        again = import_paths([tmp_path / folder]).files[0]
        assert (sums(again), again.duplicate_reasons) == ((2, 0, 2, 0), {"same_file": 2})
    assert counted() == 2


def test_an_id_of_an_earlier_month_is_republished_and_that_month_is_not_touched(tmp_path):
    issue(tmp_path, [crime(1), crime(2)])
    june = issue(tmp_path, [crime(1, Month="2021-06"), crime(3, Month="2021-06")], "2021-06-x-street.csv")
    assert (sums(june), june.duplicate_reasons) == ((2, 1, 1, 0), {"republished": 1})
    again = issue(tmp_path / "b", [crime(1, Month="2021-06"), crime(4, Month="2021-06")], "2021-06-x-street.csv")
    assert (sums(again), again.duplicate_reasons) == ((2, 1, 1, 1), {"republished": 1})
    assert (total(5), total(6)) == (2, 1)


@pytest.mark.parametrize("to", [5, 7])
def test_an_id_that_moved_to_another_month_is_followed(tmp_path, to):
    """In an archive's order, months ascending: first loses and then brings it, or the other way round."""

    def months(folder: str, of_one: int) -> None:
        for month in (5, 6, 7):
            rows = [crime(month * 10 + n, Month=f"2021-0{month}") for n in range(3)]
            rows += (
                [crime(1, Month=f"2021-0{month}")]
                if month == of_one
                else [street_row(Month=f"2021-0{month}", Location=folder)]
            )
            issue(tmp_path / folder, rows, f"2021-0{month}-x-street.csv")

    months("a", 6)
    months("b", to)
    assert [total(month) for month in (5, 6, 7)] == [3 + (to == month) for month in (5, 6, 7)]
    assert counted() == 12


def test_forces_are_apart_and_strays_of_another_force_add_only(tmp_path):
    other = [crime(n, **{"Falls within": "West Midlands Police"}) for n in range(10, 16)]
    issue(tmp_path / "wm", other)
    issue(tmp_path / "a", [crime(1), crime(2)])
    assert counted() == 8, "two forces, one month: neither replaces the other"
    more = issue(
        tmp_path / "b", [crime(1), crime(3), other[0], crime(99, **{"Falls within": "West Midlands Police"})]
    )
    assert sums(more) == (4, 2, 2, 1)
    assert counted() == 9


def test_a_file_of_several_months_replaces_each_and_moves_between_them(tmp_path):
    may = [crime(n) for n in range(6)]
    june = [crime(n, Month="2021-06") for n in range(10, 16)]
    issue(tmp_path, may)
    issue(tmp_path, june, "2021-06-x-street.csv")
    moved = crime(0, Month="2021-06")
    both = issue(tmp_path, [*may[1:], *june[1:], moved], "both.csv")
    assert (sums(both), both.corrected) == ((11, 1, 10, 1), 1)
    assert (total(5), total(6)) == (5, 6)


def test_a_part_of_a_month_adds_only_and_says_so(tmp_path):
    rows = [crime(n) for n in range(10)]
    issue(tmp_path, rows)
    part = issue(tmp_path, [*rows[:3], crime(77)], "part.csv")
    assert sums(part) == (4, 1, 3, 0)
    assert part.notes[0].startswith("2021-05: 3 of the 10 rows that count are in this file")
    assert counted() == 11
    most = issue(tmp_path, [*rows[:8], crime(77)], "most.csv")
    assert (sums(most), counted()) == ((9, 0, 9, 2), 9)


def archive(path: Path, months: dict[str, list[dict[str, str]]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for month, rows in months.items():
            file = write_rows(path.parent / "one.csv", rows, header=STREET_HEADER)
            made.write(file, f"{month}/{month}-x-street.csv")
            file.unlink()
    return path


def june(number: int) -> dict[str, str]:
    return crime(number, Month="2021-06")


def test_overlapping_archives_never_count_twice(tmp_path):
    old = archive(tmp_path / "2021-05.zip", {"2021-05": [crime(1), crime(2), street_row()]})
    new = archive(
        tmp_path / "2021-06.zip", {"2021-05": [crime(1), street_row(), street_row()], "2021-06": [june(5)]}
    )
    report = import_paths([tmp_path])
    assert [each.issue for each in ImportedFile.objects.order_by("pk")] == ["2021-05", "2021-06", "2021-06"]
    assert report.total("rows_read") == report.total("loaded") + report.total("duplicates") == 7
    assert (total(5), total(6), counted()) == (1, 1, 4)
    assert import_paths([new, old]).total("loaded") == 0


def test_an_older_archive_that_comes_late_replaces_nothing(tmp_path):
    import_paths(
        [archive(tmp_path / "2021-07.zip", {"2021-05": [crime(1), crime(2, Location="On or near Park")]})]
    )
    newer = ImportedFile.objects.get()
    late = import_paths(
        [archive(tmp_path / "2021-06.zip", {"2021-05": [crime(1), crime(2), crime(3)], "2021-06": [june(5)]})]
    )
    may = late.files[0]
    assert (sums(may), may.duplicate_reasons) == (
        (3, 0, 3, 0),
        {"already_loaded": 1, "older_version": 1, "older_issue": 1},
    )
    assert f"file {newer.pk} of the later archive 2021-07 is loaded: nothing was replaced" in may.notes[0]
    assert (total(5), total(6)) == (2, 1)
    # A file whose archive is not known wins, as the later import.
    assert sums(issue(tmp_path / "c", [crime(3), crime(4)])) == (2, 2, 0, 2)
    assert total(5) == 2


@pytest.mark.parametrize(
    ("path", "entry", "wanted"),
    [
        ("2024-06.zip", "2024-03/2024-03-x-street.csv", "2024-06"),
        ("2024-03.zip", "2024-03-x-street.csv", ""),
        ("2024-02.zip", "2024-03/2024-03-x-street.csv", ""),
        ("a1b2.zip", "2024-03/2024-03-x-street.csv", ""),
        ("data/2024-06/2024-03/2024-03-x-street.csv", "", "2024-06"),
        ("2024-03/2024-03-x-street.csv", "", ""),
        ("2024-03-x-street.csv", "", ""),
    ],
)
def test_which_archive_a_file_is_of(path, entry, wanted):
    assert Source(Path(path), entry).issue == wanted


def test_which_names_are_those_of_a_whole_month():
    assert month_of_name("2024-03-west-midlands-street.csv.gz") == "2024-03"
    assert [month_of_name(name) for name in ("all.csv", "2024-03-x-outcomes.csv", "2024-03-x y-street.csv")] == [
        ""
    ] * 3


def test_a_re_issue_that_fails_leaves_the_month_as_it_was(tmp_path, monkeypatch):
    issue(tmp_path / "a", [crime(1), crime(2)])

    def fail(*given):
        raise IntegrityError("stop")

    monkeypatch.setattr(importing, "write_notes", fail)
    with pytest.raises(IntegrityError):
        issue(tmp_path / "b", [crime(1), crime(3)])
    assert (total(), counted(), Offence.objects.count(), ImportedFile.objects.count()) == (2, 2, 2, 1)


def test_a_synthetic_file_never_replaces_real_rows(tmp_path):
    issue(tmp_path / "a", [crime(1), crime(2)])
    made = [street_row(Crime_ID=f"SYN-{n}", Crime_type="Burglary") for n in range(2)]
    assert sums(issue(tmp_path / "b", made)) == (2, 2, 0, 0)
    assert visible_offences().filter(synthetic=False).count() == 2


# --- withdrawal


@pytest.fixture
def withdraw(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    (settings.VAR_DIR / "private").mkdir(parents=True)
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    from analytics.police_data.withdrawing import ask_withdrawal, confirm_withdrawal

    def work(file: ImportedFile):
        asked = ask_withdrawal(file, by=User.objects.get(username="importer"), reason="sent by mistake")
        return confirm_withdrawal(asked, by=User.objects.get(username="second_importer")).withdrawal

    return work


def test_what_a_withdrawn_re_issue_replaced_counts_again(tmp_path, withdraw):
    issue(tmp_path / "a", [crime(1), crime(2), crime(3, Location="On or near Park")])
    issue(tmp_path / "b", [crime(1), crime(3), crime(4)])
    old, new = ImportedFile.objects.order_by("pk")
    done = withdraw(new)
    assert (done.offences, done.restored, done.not_restored) == (2, 2, 0)
    assert set(visible_offences().values_list("file", flat=True)) == {old.pk}
    old.refresh_from_db()
    assert (total(), old.notes) == (3, [])


def test_what_a_still_later_issue_lacks_too_stays_out(tmp_path, withdraw):
    rows = [crime(n) for n in range(6)]
    issue(tmp_path / "a", rows)
    issue(tmp_path / "b", [*rows[1:], crime(8)])
    issue(tmp_path / "c", rows[1:])
    _, second, third = ImportedFile.objects.order_by("pk")
    done = withdraw(second)
    assert (done.restored, done.not_restored, total()) == (0, 0, 5)
    assert Offence.objects.get(current=False).superseded_by == third
    assert (withdraw(third).restored, total()) == (1, 6)


def test_a_row_that_came_back_is_counted_once_whatever_is_withdrawn(tmp_path, withdraw):
    rows = [crime(n) for n in range(6)]
    for folder, of in (("a", rows), ("b", rows[1:]), ("c", rows), ("d", rows[1:])):
        issue(tmp_path / folder, [*of, street_row(Location=folder)])
    a, b, c, d = ImportedFile.objects.order_by("pk")
    assert total() == 5
    withdraw(b)
    assert total() == 5
    withdraw(d)
    assert total() == 6
    withdraw(c)
    assert (total(), Offence.objects.filter(current=True).count()) == (6, 7)
    withdraw(a)
    assert not Offence.objects.exists()
