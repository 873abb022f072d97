"""The guide to mappings names every key, field, reject code and flag that the code has, and its example does what it says."""

import re
from pathlib import Path

import pytest

from analytics.models import Offence
from analytics.police_data.importing import import_paths
from analytics.police_data.mapping import FIELDS, KEYS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")
CODE = "".join(
    (ROOT / "analytics" / name).read_text(encoding="utf-8")
    for name in ("police_data/rows.py", "police_data/place_reading.py", "police_data/moments.py", "nights.py")
)
NAMED = set(re.findall(r"`(\w+)`", GUIDE))


def test_every_key_and_field_is_explained():
    headings = {"columns", "constants", "values", "skip"}
    assert set(KEYS - headings) <= NAMED
    assert all(f"## `[{heading}" in GUIDE for heading in headings)
    assert NAMED >= FIELDS


def test_every_reject_code_and_flag_is_explained():
    codes = set(re.findall(r'(?:RowRefused|TimeRefused)\(\s*f?"([a-z_]+)', CODE)) | {
        "too_few_fields",
        "too_many_fields",
    }
    assert len(codes) >= 10
    flags = set(re.findall(r'"((?:time|range|span|place|axes|end)_[a-z0-9_]+)"', CODE)) - FIELDS - codes
    assert len(flags) >= 8
    assert codes | flags <= NAMED


@pytest.mark.django_db
def test_the_example_does_what_the_guide_says(tmp_path):
    blocks = re.findall(r"```(\w*)\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "extract.csv").write_text(next(text for kind, text in blocks if not kind))
    (tmp_path / "my_force.toml").write_text(next(text for kind, text in blocks if kind == "toml"))
    (report,) = import_paths([tmp_path / "extract.csv"], mapping=str(tmp_path / "my_force.toml")).files
    assert (report.loaded, report.reasons) == (2, {"skipped_by_mapping:State=void": 1})
    assert sorted(Offence.objects.values_list("offence_code", "public_place")) == [("5D", "n"), ("8N", "y")]
