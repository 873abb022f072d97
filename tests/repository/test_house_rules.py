"""Rules of the house that import-linter and ruff cannot see."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("walkaway", "campaign_pages", "analytics")
SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
LAYER_OF_APP = {"accounts": 0, "campaign_pages": 1, "venues": 2, "social": 3, "analytics": 4}


def test_import_rules_hold() -> None:
    result = subprocess.run(
        [ROOT / ".venv/bin/lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_import_rules_have_no_exception() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text()


def test_files_are_named_for_what_they_do() -> None:
    nameless = {"utils", "util", "helpers", "services", "common", "misc"}
    assert [str(path) for path in SOURCES if nameless & {path.stem, *path.relative_to(ROOT).parts}] == []


def test_files_hold_one_subject() -> None:
    long = {str(path.relative_to(ROOT)): n for path in SOURCES if (n := path.read_text().count("\n")) > 420}
    assert long == {}


def test_foreign_keys_point_down_the_layers() -> None:
    """import-linter does not see foreign keys written as text."""
    wrong = []
    for label, layer in LAYER_OF_APP.items():
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                target = getattr(field, "remote_field", None) and field.many_to_one and field.related_model
                if target and LAYER_OF_APP.get(target._meta.app_label, -1) > layer:
                    wrong.append(f"{label}.{model.__name__}.{field.name} -> {target._meta.label}")
    assert wrong == []


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_beat_line_names_a_task_that_exists_and_never_a_delay() -> None:
    from walkaway.celery import app

    app.loader.import_default_modules()
    for name, line in app.conf.beat_schedule.items():
        assert line["task"] in app.tasks, name
    delayed = [str(path) for path in SOURCES if re.search(r"\b(countdown|eta)=[^=]", path.read_text())]
    assert delayed == []


def test_public_functions_of_pure_packages_are_documented() -> None:
    """Statistics and artwork are read by people who check them: no public function without a docstring."""
    bare = []
    for folder in ("analytics/statistics", "campaign_pages/artwork"):
        for path in sorted((ROOT / folder).glob("*.py")):
            for node in ast.parse(path.read_text()).body:
                if (
                    isinstance(node, ast.FunctionDef)
                    and not node.name.startswith("_")
                    and not ast.get_docstring(node)
                ):
                    bare.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert bare == []


def test_templates_have_no_inline_script_or_style() -> None:
    """The Content-Security-Policy would block them; find out here and not in a browser."""
    inline = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.S)
        if re.search(
            r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")", text
        ):
            inline.append(str(path.relative_to(ROOT)))
    assert inline == []


def test_nothing_names_a_registry_or_a_secret() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    registries = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
    found = []
    for name in tracked:
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".icc", ".pdf", ".webp", ".jpg", ".woff2"}:
            continue
        text = path.read_text(errors="replace")
        found += [f"{name}: {registry}" for registry in registries if registry in text]
        if "PRIVATE KEY" + "-----" in text:
            found.append(f"{name}: a private key")
    assert found == []


def test_the_fixed_app_labels() -> None:
    assert {"campaign_pages", "venues", "social", "analytics", "accounts"} <= set(apps.app_configs)
    assert settings.AUTH_USER_MODEL == "accounts.User"
