"""Which code made a result: a hash of our own sources, which also an installation without git can tell."""

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "analytics/evaluation", "analytics/measures", "analytics/models", "analytics/police_data", "analytics/reach",
    "analytics/statistics",
)  # fmt: skip
SINGLE = (
    "analytics/*.py", "campaign_pages/activity.py", "campaign_pages/venues/*_models.py", "campaign_pages/venues/check_ins.py",
    "campaign_pages/venues/scan_counts.py",
)  # fmt: skip


@lru_cache(maxsize=1)
def code_hash() -> str:
    """SHA-256 over every source and parameter file that a result depends on, in order of path."""
    digest = hashlib.sha256()
    files = [path for one in SINGLE for path in ROOT.glob(one)]
    files += [path for part in PARTS for path in (ROOT / part).rglob("*") if "migrations" not in path.parts]
    for path in sorted(files):
        if path.suffix in {".py", ".toml"}:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Versions that numbers may depend on."""
    return {"python": platform.python_version()} | {
        name: version(name) for name in ("numpy", "pyproj", "scipy", "shapely")
    }
