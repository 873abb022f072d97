"""Faults that the sandbox makes on purpose, from a TOML file: which platform, which step, how often."""

import random
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path

KINDS = {
    "drop_after_commit", "500_after_commit", "hang", "late_commit", "429", "500", "html", "expired_token",
    "rotated_token", "eventual_listing", "processing_forever",
}  # fmt: skip
STEPS = {"prepare", "poll", "commit", "probe", "token", "metrics"}
PLATFORMS = {"*", "instagram", "tiktok", "youtube", "snapchat"}


class BadFaultFile(ValueError):
    """The fault file cannot be used; the message names the entry and the key."""


@dataclass(frozen=True)
class Fault:
    platform: str
    step: str
    kind: str
    probability: float = 1.0
    seconds: float = 5.0


class Faults:
    """Draws faults with a seeded generator; safe to ask from several threads."""

    def __init__(self, faults: list[Fault], seed: int = 1) -> None:
        self.faults = faults
        self._random = random.Random(seed)  # noqa: S311 - repeatable faults, no secret
        self._lock = threading.Lock()

    def draw(self, platform: str, step: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if (
                    fault.platform in {"*", platform}
                    and fault.step == step
                    and self._random.random() < fault.probability
                ):
                    return fault
        return None


def read_faults(path: Path) -> Faults:
    """Reads and checks a fault file. Raises BadFaultFile naming what is wrong."""
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadFaultFile(f"{path}: {error}") from error
    faults = []
    for number, entry in enumerate(table.get("fault", []), start=1):
        for key, allowed in (("platform", PLATFORMS), ("step", STEPS), ("kind", KINDS)):
            if entry.get(key) not in allowed:
                raise BadFaultFile(f"{path}: fault {number}: {key} must be one of {', '.join(sorted(allowed))}.")
        unknown = set(entry) - {"platform", "step", "kind", "probability", "seconds"}
        if unknown:
            raise BadFaultFile(f"{path}: fault {number}: there is no key {', '.join(sorted(unknown))}.")
        faults.append(Fault(**entry))
    return Faults(faults, int(table.get("seed", 1)))
