"""Imports police files: force extracts through a mapping, and street files of data.police.uk."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.models import ReceivedFile, SavedMapping
from analytics.police_data import receiving
from analytics.police_data.consent import TWO_PEOPLE, NotAgreed, Order, agreed
from analytics.police_data.importing import ImportStopped, import_paths
from analytics.police_data.mapping import NO_MAPPING_FITS, SEVERAL_MAPPINGS_FIT, MappingError, built_in_mappings
from analytics.police_data.quarantine import QuarantineError
from analytics.police_data.received_loading import load_received
from analytics.police_data.receiving import CannotReceive, MovedOn
from analytics.police_data.saved_mappings import save_mapping
from analytics.police_data.sources import SUFFIXES, UnreadableFile
from campaign_pages.accounts.models import User


class Command(BaseCommand):
    help = (
        "Imports .csv, .csv.gz, .xlsx, .zip files or a folder of them. Each file is loaded whole or not at all. With "
        "--receive files go into quarantine, to be approved (--approve) by another person and loaded (--received)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="*")
        parser.add_argument("--mapping", help="name of a built-in mapping, or a TOML file; default: by the header")
        parser.add_argument(
            "--by", default="", help="who imports, for the record; a user name where two are needed"
        )
        parser.add_argument("--second", default="", metavar="USER", help="another person, who agrees")
        parser.add_argument("--reason", default="", help="why the data are loaded")
        steps = parser.add_mutually_exclusive_group()
        steps.add_argument("--receive", action="store_true", help="put PATH into quarantine and load nothing")
        steps.add_argument("--approve", type=int, metavar="ID", help="agree that a received file be loaded")
        steps.add_argument("--received", type=int, metavar="ID", help="load a received file that was approved")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        step: Callable[..., None] = self._load_paths
        if options["receive"]:
            step = self._receive
        elif options["approve"] is not None:
            step = self._approve
        elif options["received"] is not None:
            step = self._load_received
        if bool(options["path"]) == (step in (self._approve, self._load_received)):
            raise CommandError("Give files or folders, or the ID of a received file.", returncode=2)
        try:
            step(**options)
        except (FileNotFoundError, MappingError) as error:
            raise CommandError(str(error), returncode=2) from error
        except (ImportStopped, UnreadableFile, NotAgreed, CannotReceive, MovedOn, QuarantineError) as error:
            raise CommandError(str(error)) from error

    def _load_paths(self, *, path: list[str], mapping: str | None, by: str, **options: Any) -> None:
        order = Order(by=by, reason=options["reason"].strip()[:300])
        if options["second"]:
            order = agreed(
                by=_person(by, "--by"), second=_person(options["second"], "--second"), reason=order.reason
            )
        self._say(import_paths(path, mapping=mapping, progress=self._progress(), order=order), options)

    def _receive(self, *, path: list[str], mapping: str | None, by: str, reason: str, **options: Any) -> None:
        person = _person(by, "--by")
        files = _files(path)
        chosen = _mapping(mapping, person)
        kept = []
        for each in files:
            with each.open("rb") as stream:
                kept.append(receiving.receive(stream, name=each.name, by=person, reason=reason, mapping=chosen))
        if options["json"]:
            found = [
                {"id": r.pk, "name": r.name, "sha256": r.sha256, "size": r.size, "state": r.state} for r in kept
            ]
            self.stdout.write(json.dumps({"received": found}, ensure_ascii=False))
            return
        for one in kept:
            self.stdout.write(
                f"{one.pk}: {one.name}, {one.size:,} bytes, sealed; waits for another person's approval"
            )

    def _approve(self, *, approve: int, by: str, **options: Any) -> None:
        received = receiving.approve(_received(approve), by=_person(by, "--by"))
        if options["json"]:
            self.stdout.write(json.dumps({"id": received.pk, "state": received.state}))
        else:
            self.stdout.write(
                f"{received.pk}: approved. A worker loads it soon, or: import_police_data --received {approve}"
            )

    def _load_received(self, *, received: int, **options: Any) -> None:
        file = _received(received)
        report = load_received(file.pk, progress=self._progress())
        if report is None:
            file.refresh_from_db()
            raise MovedOn(
                f"{str(file).capitalize()} is not loaded now: it is at {file.get_state_display()!r}"
                + (
                    f", held by {file.lease_by} until {file.lease_until:%H:%M:%S} UTC."
                    if file.lease_until
                    else "."
                )
            )
        self._say(report, options)

    def _progress(self) -> Any:
        return self.stderr.write if sys.stderr.isatty() else None

    def _say(self, report: Any, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._print(report)
        if report.refused:
            raise CommandError("\n".join(f"{each.error}{_hint(each.error or '')}" for each in report.refused))

    def _print(self, report: Any) -> None:
        self.stdout.write(f"{'file':<45} {'read':>9} {'loaded':>9} {'duplicate':>9} {'rejected':>9}")
        for each in report.files:
            if each.error:
                self.stdout.write(f"{each.name:<45} refused: {each.error}")
                continue
            self.stdout.write(
                f"{each.name:<45} {each.rows_read:>9} {each.loaded:>9} {each.duplicates:>9} {each.rejected:>9}"
                + (" synthetic" if each.synthetic else "")
            )
            for code, count in each.reasons.items():
                self.stdout.write(f"    {count} rejected: {code}")
            for note in each.notes:
                self.stdout.write(f"    note: {note}")
            if each.rejects_file:
                self.stdout.write(f"    rejected rows: {each.rejects_file}")
        total = report.total
        self.stdout.write(
            f"{'together':<45} {total('rows_read'):>9} {total('loaded'):>9} {total('duplicates'):>9} {total('rejected'):>9}"
        )


def _hint(error: str) -> str:
    """What to type, where the message, which the screens show too, says what to do there."""
    if NO_MAPPING_FITS in error or SEVERAL_MAPPINGS_FIT in error:
        return ". Name a mapping with --mapping NAME|FILE"
    if TWO_PEOPLE in error:
        return ". Give it in with --receive, and let another person --approve it; or name both: --by, --second and --reason"
    return ""


def _person(name: str, option: str) -> User:
    user = User.objects.filter(**{"email" if "@" in name else "username": name}).first() if name else None
    if user is None:
        raise CommandError(f"{option}: there is no user {name!r}.", returncode=2)
    return user


def _received(pk: int) -> ReceivedFile:
    found = ReceivedFile.objects.filter(pk=pk).first()
    if found is None:
        raise CommandError(f"There is no received file {pk}.", returncode=2)
    return found


def _mapping(given: str | None, person: User) -> str | SavedMapping | None:
    """A built-in name, or a file that is saved as the next version of its mapping."""
    if not given or given in built_in_mappings():
        return given
    if not Path(given).is_file():
        raise MappingError(
            f"{given!r} is neither a built-in mapping ({', '.join(built_in_mappings())}) nor a file"
        )
    try:
        text = Path(given).read_bytes().decode()
    except UnicodeDecodeError:
        raise MappingError(f"{given}: save the mapping as UTF-8") from None
    return save_mapping(text, by=person)


def _files(paths: list[str]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.name.lower().endswith(SUFFIXES))
            if not inside:
                raise UnreadableFile(f"{path}: no .csv, .csv.gz, .xlsx or .zip file in this folder")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(f"{path}: there is no such file or folder")
    return found
