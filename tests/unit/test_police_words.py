"""Messages that the screens show say what to do there: no option of a command, which nobody can type on a screen."""

import ast
import re
from pathlib import Path

import pytest

from analytics.management.commands.import_police_data import _hint

ROOT = Path(__file__).parents[2]
FOLDERS = ("police_data", "publication", "audit")
OPTION = re.compile(r"(?:^|[\s(`'\"])--[a-z]")


def texts(path: Path) -> list[tuple[int, str]]:
    """Every text of a module that is not a docstring, with its line."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_message_of_the_screens_names_an_option(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:80]}"
        for path in sorted((ROOT / "analytics" / folder).rglob("*.py"))
        for line, text in texts(path)
        if OPTION.search(text)
    ]
    assert found == []
    assert OPTION.search("choose one with --mapping")


def test_no_template_names_a_command() -> None:
    folder = ROOT / "templates" / "analytics" / "police"
    named = [each.name for each in sorted(folder.glob("*.html")) if "manage.py" in each.read_text()]
    assert named == []
    assert len(list(folder.glob("*.html"))) > 5


@pytest.mark.parametrize(
    ("error", "option"),
    [
        ("x.csv: header: no built-in mapping fits the columns (a): match", "--mapping NAME|FILE"),
        ("x.csv: more than one mapping fits (a, b): choose one of them", "--mapping NAME|FILE"),
        ("these are a force's own data, and two people are needed to load them: one", "--receive"),
        ("the file is damaged", ""),
    ],
)
def test_the_command_adds_what_to_type(error: str, option: str) -> None:
    assert option in _hint(error)
    assert bool(_hint(error)) is bool(option)
