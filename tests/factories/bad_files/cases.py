"""What a bad (or only odd) police file is, and what must become of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.factories.police import NICHE_HEADER, niche_row

HEADER = ",".join(NICHE_HEADER)


@dataclass(frozen=True)
class Refused:
    """The whole file is refused; the message holds these words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Loads:
    """The file loads with these numbers; ``flags`` are some of the flags that its rows carry."""

    read: int
    loaded: int
    duplicates: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A file to be made in a folder. ``build`` gives the path to import, ``earlier`` what was imported before it."""

    name: str
    build: Callable[[Path], Path]
    verdict: Refused | Loads
    mapping: str | None = None
    earlier: Callable[[Path], Path] | None = None


def line(number: int = 1, **changes: str) -> str:
    """A good row as a line of CSV without quotes; keys with spaces as underscores."""
    row = niche_row(number, **{key.replace("_", " "): value for key, value in changes.items()})
    return ",".join(row[name] for name in NICHE_HEADER)


def table(*lines: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join((header, *lines)) + end


Content = str | bytes | Callable[[], bytes]  # a function where it takes long to make


def written(name: str, content: Content) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        path = folder / name
        raw = content() if callable(content) else content
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode("utf-8"))
        return path

    return build


def case(name: str, content: Content, verdict: Refused | Loads, *, suffix: str = ".csv", **more: object) -> Case:
    return Case(name, written(f"{name}{suffix}", content), verdict, **more)  # type: ignore[arg-type]


def quoted(cells: Sequence[str]) -> str:
    """A line of CSV with every cell in quotes."""
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def beside_a_good_row(name: str, verdict: Refused | Loads, **changes: str) -> Case:
    """A good row and one with these cells, quoted so that nothing but the cell itself is odd."""
    rows = [niche_row(1), niche_row(2, **{key.replace("_", " "): value for key, value in changes.items()})]
    lines = [quoted([row[column] for column in NICHE_HEADER]) for row in rows]
    return case(name, table(*lines), verdict)
