"""Two people and two workers at the same moment, in threads of a process of its own. Prints what was found as JSON.

Usage: python -m tests.integration.racing_imports RACE ROUNDS FOLDER, with the database in RACE_DATABASE.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROWS = 40


def _set_up() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "walkaway.settings.test"
    from walkaway.settings import test

    test.DATABASES["default"].update(json.loads(os.environ["RACE_DATABASE"]))
    test.WALKAWAY_TWO_PERSON_IMPORT = True
    django.setup()
    from campaign_pages.accounts import demo_people
    from campaign_pages.accounts.models import User
    from campaign_pages.accounts.roles import set_up_roles

    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    second = User.objects.get(username="second_importer")
    third = User.objects.create(username="third_importer", email="third@example.org")
    third.groups.set(second.groups.all())


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What became of each act, all begun together: its answer, or the kind of its error with the words."""
    from django.db import connections

    start, found = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number: int) -> None:
        start.wait()
        try:
            found[number] = str(acts[number]())
        except Exception as error:
            found[number] = f"{type(error).__name__}: {error}"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def person(name: str) -> Any:
    from campaign_pages.accounts.models import User

    return User.objects.get(username=name)


def given_in(folder: Path, number: int, name: str = "extract.csv", extra: int = 0) -> Any:
    from analytics.police_data import receiving
    from tests.factories.police import niche_row, write_rows

    rows = [niche_row(number * 1000 + n) for n in range(ROWS + extra)]
    with write_rows(folder / name, rows).open("rb") as stream:
        return receiving.receive(stream, name=name, by=person("importer"), reason="r")


def state_of(received: Any) -> dict[str, Any]:
    from analytics.models import AuditRecord, ImportedFile, Offence

    received.refresh_from_db()
    acts = AuditRecord.objects.filter(about=str(received)).order_by("number")
    files = ImportedFile.objects.filter(received=received).order_by("pk")
    return {
        "state": received.state,
        "approved_by": received.approved_by.username if received.approved_by else "",
        "acts": [[each.action, each.by] for each in acts],
        "files": [[each.state, each.rows_read, each.loaded, each.duplicates] for each in files],
        "offences": Offence.objects.filter(file__in=files).count(),
        "strays": Offence.objects.exclude(file__state="loaded").count(),
    }


def approvals(folder: Path, number: int) -> dict[str, Any]:
    from analytics.police_data import receiving

    received = given_in(folder, number)
    copies = [type(received).objects.get(pk=received.pk) for _ in range(2)]
    people = [person("second_importer"), person("third_importer")]
    found = at_once(
        *(lambda copy=copy, by=by: receiving.approve(copy, by=by) for copy, by in zip(copies, people, strict=True))
    )
    return {"found": found} | state_of(received)


def approval_and_refusal(folder: Path, number: int) -> dict[str, Any]:
    from analytics.police_data import receiving

    received = given_in(folder, number)
    one, two = (type(received).objects.get(pk=received.pk) for _ in range(2))
    found = at_once(
        lambda: receiving.approve(one, by=person("second_importer")),
        lambda: receiving.refuse(two, by=person("third_importer"), reason="a wrong month"),
    )
    there = receiving.path_of(received.stored).exists()
    return {"found": found, "sealed": there} | state_of(received)


def approved(folder: Path, number: int, name: str = "extract.csv", extra: int = 0) -> Any:
    from analytics.police_data import receiving

    return receiving.approve(given_in(folder, number, name, extra), by=person("second_importer"))


def workers(folder: Path, number: int) -> dict[str, Any]:
    from analytics.police_data.received_loading import load_received

    received = approved(folder, number)

    def load(worker: str) -> str:
        report = load_received(received.pk, worker=worker)
        return "" if report is None else f"loaded {report.total('loaded')}"

    found = at_once(*(lambda name=name: load(name) for name in ("one", "two", "three")))
    return {"found": found} | state_of(received)


def withdrawal_and_load(folder: Path, number: int) -> dict[str, Any]:
    """A file is withdrawn while another is loaded that has all of its rows and more."""
    from analytics.models import ImportedFile
    from analytics.police_data.received_loading import load_received
    from analytics.police_data.withdrawing import ask_withdrawal, confirm_withdrawal

    first = approved(folder, number)
    load_received(first.pk)
    second = approved(folder, number, "more.csv", extra=2)
    asked = ask_withdrawal(ImportedFile.objects.get(received=first), by=person("importer"), reason="r")
    found = at_once(
        lambda: confirm_withdrawal(asked, by=person("second_importer")).withdrawal.offences,
        lambda: load_received(second.pk).total("loaded"),
    )
    return {"found": found, "first": state_of(first)} | state_of(second)


def withdrawals(folder: Path, number: int) -> dict[str, Any]:
    from analytics.models import ImportedFile
    from analytics.police_data.received_loading import load_received
    from analytics.police_data.withdrawing import ask_withdrawal, confirm_withdrawal

    received = approved(folder, number)
    load_received(received.pk)
    asked = ask_withdrawal(ImportedFile.objects.get(received=received), by=person("importer"), reason="r")
    people = [person("second_importer"), person("third_importer")]
    found = at_once(*(lambda by=by: confirm_withdrawal(asked, by=by).withdrawal.offences for by in people))
    return {"found": found} | state_of(received)


def main() -> None:
    name, rounds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    _set_up()
    race: Callable[[Path, int], dict[str, Any]] = globals()[name]
    for number in range(1, rounds + 1):
        sys.stdout.write(json.dumps(race(folder, number)) + "\n")


if __name__ == "__main__":
    main()
