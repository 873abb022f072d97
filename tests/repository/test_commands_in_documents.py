"""Commands as documents show them: they exist, take the options shown, and every command of ours is in a document."""

import argparse
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
OURS = {
    name
    for name, app in get_commands().items()
    if str(app).split(".")[0] in {"walkaway", "campaign_pages", "analytics"}
}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def shown(text: str) -> list[str]:
    """What stands behind ``manage.py`` in fences and in the line, and inline code that begins with a command of ours."""
    text = text.replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        found += [each.split("`")[0].split(" #")[0] for each in re.split(r"manage\.py ", line)[1:]]
        found += [code for code in re.findall(r"`([^`]+)`", line) if code.split()[0] in OURS]
    # Prose may say "manage.py help", or end a sentence; a command is lower case with underscores.
    return [each for each in found if re.match(r"[a-z_]+\b", each)]


@cache
def parser(name: str) -> argparse.ArgumentParser:
    return load_command_class(get_commands()[name], name).create_parser("manage.py", name)


def wrong_in(usage: str) -> list[str]:
    name = re.match(r"[a-z_]+", usage)[0]
    if name not in get_commands() and name != "help":
        return [f"there is no command {name}"]
    if name == "help":
        return []
    options = parser(name)._option_string_actions
    found = []
    for option, value in re.findall(r"(--[a-z][a-z-]*)[ =]?([a-z0-9_]+(?:\|[a-z0-9_|]+)+)?", usage):
        if option not in options:
            found.append(f"{name} has no option {option}")
        elif value and (strange := set(value.split("|")) - set(options[option].choices or value.split("|"))):
            found.append(f"{name} {option} does not take {sorted(strange)}")
    return found


def test_every_command_in_a_document_exists_and_takes_the_options_shown() -> None:
    wrong = [
        f"{page.relative_to(ROOT)}: {problem} ({usage[:60]})"
        for page in PAGES
        for usage in shown(page.read_text())
        for problem in wrong_in(usage)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "line",
    [
        "`manage.py no_such_command`",
        "manage.py backup DIR --no-such-option",
        "`restore --no-such-option`",
        "manage.py check_artwork FILE --kind poster|banner",
    ],
)
def test_the_check_above_finds_what_is_wrong(line: str) -> None:
    assert [problem for usage in shown(line) for problem in wrong_in(usage)]


def test_every_command_of_ours_is_in_a_document() -> None:
    pages = "\n".join(page.read_text() for page in PAGES)
    assert {name for name in OURS if not re.search(rf"\b{name}\b", pages)} == set()


def test_every_make_target_in_a_document_exists_and_every_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    named = {
        target for page in PAGES for target in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", page.read_text(), re.M)
    }
    assert named - targets == set()
    assert targets - set(re.findall(r"^([a-z-]+):.*##", makefile, re.M)) == set()
    phony = set(re.search(r"^\.PHONY:(.*)$", makefile, re.M)[1].split())
    assert targets - phony == set()
