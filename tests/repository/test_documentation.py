"""Documents that tests keep true."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "\n".join(path.read_text() for path in sorted((ROOT / "walkaway" / "settings").glob("*.py")))
READ_BY_SETTINGS = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z][A-Z0-9_]+)"', SETTINGS))


def test_every_variable_that_settings_read_is_documented() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert READ_BY_SETTINGS, "the pattern found no variable: mend this test"
    assert {name for name in READ_BY_SETTINGS if f"`{name}`" not in page} == set()


def test_every_documented_variable_is_read_somewhere() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    documented = {
        name
        for line in page.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", line.split("|")[1])
    }
    elsewhere = {
        "DJANGO_SETTINGS_MODULE",
        "WALKAWAY_REQUIRE_SERVICES",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }
    assert documented - elsewhere == READ_BY_SETTINGS


def test_documented_defaults_are_those_of_the_settings() -> None:
    rows = {}
    for line in (ROOT / "docs" / "configuration.md").read_text().splitlines():
        if line.startswith("| `"):
            names, default = line.split("|")[1:3]
            rows |= dict.fromkeys(re.findall(r"`([A-Z][A-Z0-9_]+)`", names), default)
    base = (ROOT / "walkaway" / "settings" / "base.py").read_text()
    numbers = re.findall(r'env\.int\("(\w+)", default=(\d+)\)', base)
    words = re.findall(r'env\.\w+\("(\w+)", default="([^"]+)"\)', base)
    switches = re.findall(r'env\.bool\("(\w+)", default=(True|False)\)', base)
    assert len(numbers) > 5
    assert len(words) > 3
    assert len(switches) > 2
    assert {name: rows[name] for name, number in numbers if not re.match(rf"{number}\b", rows[name].strip())} == {}
    assert {
        name: rows[name]
        for name, word in words
        if f"`{word}`" not in rows[name] and name not in {"EMAIL_URL", "CELERY_BROKER_URL"}  # said in words
    } == {}
    assert {
        name: rows[name]
        for name, on in switches
        if not rows[name].strip().startswith("on" if on == "True" else "off")
    } == {}
    production = (ROOT / "walkaway" / "settings" / "production.py").read_text()
    required = set(re.findall(r'env\.\w+\("(\w+)"\)', production))
    assert {"DJANGO_SECRET_KEY", "WALKAWAY_REFERENCE_PEPPER"} <= required
    assert {name for name in required if "**required** in production" not in rows[name]} == set()


def test_every_dependency_has_its_reason_beside_it() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    start, end = lines.index("dependencies = ["), lines.index("[project.optional-dependencies]")
    without = [line for line in lines[start + 1 : end] if line.strip().startswith('"') and "#" not in line]
    assert without == []


def test_pinned_requirements_hold_every_direct_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = {
        re.split(r"[=\[]", line)[0].lower().replace("_", "-")
        for line in (ROOT / "requirements" / "embedded.txt").read_text().splitlines()
    }
    direct = {re.split(r"[\[~><=!; ]", entry)[0].lower().replace("_", "-") for entry in project["dependencies"]}
    assert direct - pinned == set()


@pytest.mark.parametrize("name", ["embedded", "production", "development"])
def test_pinned_requirements_agree_and_name_no_index(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    assert [
        line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==[^ ]+( ; .+)?", line)
    ] == []
    every = set((ROOT / "requirements" / "development.txt").read_text().splitlines())
    assert set(lines) - every == set()


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not target.startswith(("http:", "https:", "mailto:")) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []


def test_links_to_headings_lead_to_one() -> None:
    broken, found = [], 0
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text()):
            there = page.parent / target if target else page
            if target.startswith("http") or there.suffix != ".md":
                continue
            found += 1
            headings = re.findall(r"^#+ (.+)$", there.read_text(), re.M)
            if anchor not in {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}:
                broken.append(f"{page.relative_to(ROOT)} -> {target}#{anchor}")
    assert found, "the pattern found no link: mend this test"
    assert broken == []


def test_decision_numbers_are_unique() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert sorted(numbers) == sorted(set(numbers))
