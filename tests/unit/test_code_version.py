"""The hash of the code behind a result: everything that its numbers are made of is in it."""

from pathlib import Path

import pytest

from analytics.evaluation import code_version


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(code_version, "ROOT", tmp_path)
    code_version.code_hash.cache_clear()
    yield tmp_path
    code_version.code_hash.cache_clear()


def hash_now() -> str:
    code_version.code_hash.cache_clear()
    return code_version.code_hash()


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        ("analytics/panel.py", True),
        ("analytics/models/police.py", True),
        ("analytics/reach/displays.py", True),
        ("analytics/reach/data/notice.toml", True),
        ("analytics/statistics/fitting.py", True),
        ("campaign_pages/activity.py", True),
        ("campaign_pages/venues/activity_models.py", True),
        ("campaign_pages/venues/check_ins.py", True),
        ("campaign_pages/venues/admin_views.py", False),
        ("campaign_pages/social/steps.py", False),
    ],
)
def test_a_changed_source_changes_the_hash_if_numbers_are_made_of_it(root: Path, source: str, counts: bool):
    before = hash_now()
    (root / source).parent.mkdir(parents=True, exist_ok=True)
    (root / source).write_text("changed")
    assert (hash_now() != before) == counts


def test_every_part_that_is_named_is_there():
    assert all((code_version.ROOT / part).is_dir() for part in code_version.PARTS)
    assert all(list(code_version.ROOT.glob(one)) for one in code_version.SINGLE)
