"""Every address of the product, asked for by every role. What each may do stands in who_may_open_what.txt beside this file.

A cell is two letters: what GET answers and what POST answers. ``r`` and ``w``: the role may read, may act (it got a page, a
file, a redirect onward, or was told what is wrong with an empty form). ``-``: refused (403, or sent to sign in). ``0``:
nothing there (404). ``x``: no such method (405). Addresses of Wagtail and of other packages that we do not change are asked
with GET alone; their second letter is a space.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import transaction

from campaign_pages.accounts.models import User
from tests.factories.every_address import build, every_pattern, is_ours, signed_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:Pagination may yield"),  # of wagtail-localize's report
    # Wagtail's preview of a picture leaves its temporary file to the garbage collector.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file <_io.BufferedRandom:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TABLE = Path(__file__).with_name("who_may_open_what.txt")
REVIEW = Path(__file__).resolve().parents[2] / "docs" / "data-protection" / "access-review.md"
ROLES = ("anyone", "author", "approver", "evaluator", "importer", "venue_manager", "administrator")


def table() -> dict[str, list[str]]:
    rows = [
        re.split(r" +\| *", line) for line in TABLE.read_text().splitlines() if line and not line.startswith("#")
    ]
    assert [cell.strip() for cell in rows[0]] == ["address", *ROLES]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows[1:]}


def test_every_address_has_its_line() -> None:
    there, written = {address for address, _ in every_pattern()}, table().keys()
    assert not there - written, (
        f"New addresses without a line in {TABLE.name}: {sorted(there - written)}. Say for each role what GET and POST "
        f"answer ({', '.join(ROLES)}), and keep docs/data-protection/access-review.md true."
    )
    assert not written - there, f"Lines of {TABLE.name} for addresses that are gone: {sorted(written - there)}."


def test_the_access_review_says_the_same() -> None:
    written = table()
    order = [ROLES.index(role) for role in ("author", "approver", "evaluator", "importer", "administrator")]
    lines = re.findall(r"^\| [^|]+ \| `(admin/[^`]+)` \|(.*)\|$", REVIEW.read_text(), re.MULTILINE)
    assert len(lines) > 25
    for address, rest in lines:
        may = [set("rw") & set(written[address][place]) != set() for place in order]
        assert [cell.strip() == "yes" for cell in rest.split("|")] == may, f"{REVIEW.name}: {address}"


def test_nobody_gets_into_the_admin_without_a_role_for_it() -> None:
    """Only the pages that lead out of it, and none at all."""
    outside = {"admin/login/", "admin/logout/", "admin/password_reset/", "admin/sprite/", "admin/jsi18n/"}
    for address, cells in table().items():
        if (
            address.startswith("admin/")
            and address not in outside
            and not address.startswith("admin/password_reset/")
        ):
            for role in ("anyone", "venue_manager"):
                assert not set("rw") & set(cells[ROLES.index(role)]), f"{role} may open {address}"


def letter(response: Any, yes: str) -> str:
    """What an answer means, in one letter."""
    status, where = response.status_code, response.headers.get("Location", "")
    if status >= 500:
        return str(status)
    if status == 403 or (status in {301, 302} and where.startswith(("/accounts/login/", "/admin/login/"))):
        return "-"
    if (
        status == 302
        and where == "/admin/"
        and any("permission" in str(m) for m in get_messages(response.wsgi_request))
    ):
        return "-"
    return {404: "0", 405: "x"}.get(status, yes)


def test_every_role_may_open_what_the_table_says() -> None:
    world = build()
    people = [None, *(User.objects.get(username=role) for role in ROLES[1:])]
    browsers = [signed_in(person) for person in people]
    written, found = table(), {}
    for address, view in every_pattern():
        path, ours = world.fill(address), is_ours(address, view)
        cells = []
        for browser in browsers:
            cell = ""
            for ask, yes in ((browser.get, "r"), *([(browser.post, "w")] if ours else [])):
                cookies = browser.cookies.copy()
                with transaction.atomic():  # nothing that is done here stays
                    answer = ask(path)
                    cell += letter(answer, yes)
                    if answer.streaming:
                        b"".join(answer)  # to the end, where its file is closed
                    transaction.set_rollback(True)
                browser.cookies = cookies
            cells.append(cell)
        found[address] = cells
    if os.environ.get("WRITE_ACCESS_TABLE"):  # a first draft for whoever adds addresses; read every changed line
        width = max(map(len, found))
        lines = [f"{'address':{width}} | {' | '.join(ROLES)}"] + [
            f"{address:{width}} | " + " | ".join(f"{c:{len(r)}}" for c, r in zip(cells, ROLES, strict=True))
            for address, cells in found.items()
        ]
        TABLE.write_text("\n".join(line.rstrip() for line in lines) + "\n")
    wrong = [
        f"{world.fill(address)} as {role}: the table says {expected!r}, the answer is {cell!r}"
        for address, cells in found.items()
        for role, expected, cell in zip(ROLES, written.get(address, ["no line"] * len(ROLES)), cells, strict=True)
        if cell != expected
    ]
    assert not wrong, "\n".join(wrong)
