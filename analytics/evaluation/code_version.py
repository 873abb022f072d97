"""Which code made a result: a hash of our own sources, which also an installation without git can tell."""

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("statistics", "evaluation", "reach", "police_data", "measures")


@lru_cache(maxsize=1)
def code_hash() -> str:
    """SHA-256 over every source and parameter file that a result depends on, in order of path."""
    digest = hashlib.sha256()
    files = [*ROOT.glob("*.py"), *(path for part in PARTS for path in (ROOT / part).rglob("*"))]
    for path in sorted(files):
        if path.suffix in {".py", ".toml"}:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Versions that numbers may depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in ("numpy", "pyproj", "scipy")}
