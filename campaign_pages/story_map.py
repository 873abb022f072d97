"""Steps that lead to steps: what is wrong with the way through, and a picture of it. No database.

A way through is a directed graph. It must have no dead end, no circle, no step that nobody reaches, and an ending
wherever people turn.
"""

from dataclasses import dataclass
from html import escape

from django.utils.text import slugify

LONGEST_NAME = 60


@dataclass(frozen=True)
class Choice:
    label: str
    leads_to: str  # the name of a step as an editor typed it


@dataclass(frozen=True)
class Step:
    name: str
    is_ending: bool
    choices: tuple[Choice, ...]

    @property
    def key(self) -> str:
        """What stands in the address: made from the name, so that nobody has to type it twice."""
        return key_of(self.name)


def key_of(name: str) -> str:
    return slugify(name)[:LONGEST_NAME]


def problems(steps: list[Step]) -> list[str]:
    """Every reason why a reader could get lost, in words that name step and choice; empty when all is well."""
    if not steps:
        return ["There are no steps yet. Add the first one."]
    found: list[str] = []
    by_key: dict[str, Step] = {}
    for step in steps:
        if not step.key:
            found.append(f"The step “{step.name}” needs a name with letters or numbers in it.")
        elif step.key in by_key:
            found.append(f"Two steps are called “{step.name}”. Give one of them another name.")
        by_key.setdefault(step.key, step)
    for step in steps:
        if step.is_ending and step.choices:
            found.append(f"“{step.name}” is an ending, yet it has choices. Take them out, or untick “ending”.")
        if not step.is_ending and not step.choices:
            found.append(f"“{step.name}” is a dead end. Add a choice, or tick “ending”.")
        for number, choice in enumerate(step.choices, start=1):
            if key_of(choice.leads_to) not in by_key:
                names = ", ".join(f"“{each.name}”" for each in steps)
                found.append(
                    f"“{step.name}”, choice {number} (“{choice.label}”) leads to “{choice.leads_to}”, "
                    f"and no step is called that. There are: {names}."
                )
    if not any(step.is_ending for step in steps):
        found.append("No step is an ending. Tick “ending” where the way through stops.")
    reached = _reached(steps[0], by_key)
    found += [
        f"Nobody can get to “{step.name}”: no choice leads to it." for step in steps if step.key not in reached
    ]
    circle = _circle(steps, by_key)
    if circle:
        way = " → ".join(f"“{by_key[key].name}”" for key in circle)
        found.append(f"These steps go round in a circle: {way}. Let one of them lead to an ending.")
    return found


def _next(step: Step, by_key: dict[str, Step]) -> list[str]:
    return [key for choice in step.choices if (key := key_of(choice.leads_to)) in by_key]


def _reached(first: Step, by_key: dict[str, Step]) -> set[str]:
    seen, waiting = {first.key}, [first.key]
    while waiting:
        for key in _next(by_key[waiting.pop()], by_key):
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return seen


def _circle(steps: list[Step], by_key: dict[str, Step]) -> list[str]:
    """The first circle found, its first step named again at the end; empty where there is none."""
    done: set[str] = set()
    for start in by_key:
        trail: list[str] = []
        stack = [(start, iter(_next(by_key[start], by_key)))]
        trail.append(start)
        while stack:
            key, following = stack[-1]
            step = next(following, None)
            if step is None:
                done.add(key)
                trail.pop()
                stack.pop()
            elif step in trail:
                return [*trail[trail.index(step) :], step]
            elif step not in done:
                trail.append(step)
                stack.append((step, iter(_next(by_key[step], by_key))))
    return []


BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y = 168, 52, 26, 64


def picture(steps: list[Step], wrong: list[str]) -> str:
    """The way through as an SVG: a row for each move, an arrow for each choice; endings have a double frame."""
    by_key = {step.key: step for step in reversed(steps)}
    depth = _depths(steps, by_key)
    rows: dict[int, list[Step]] = {}
    for step in by_key.values():
        rows.setdefault(depth.get(step.key, max(depth.values(), default=0) + 1), []).append(step)
    widest = max(len(row) for row in rows.values())
    width = widest * (BOX_WIDTH + GAP_X) + GAP_X
    place: dict[str, tuple[float, float]] = {}
    for number, level in enumerate(sorted(rows)):
        row = list(reversed(rows[level]))
        left = (width - len(row) * (BOX_WIDTH + GAP_X) + GAP_X) / 2
        for column, step in enumerate(row):
            place[step.key] = (left + column * (BOX_WIDTH + GAP_X), GAP_Y / 2 + number * (BOX_HEIGHT + GAP_Y))
    height = len(rows) * (BOX_HEIGHT + GAP_Y)
    parts = [
        f'<svg class="story-map" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-labelledby="map-t map-d">',
        '<title id="map-t">How the steps lead to each other</title>',
        f'<desc id="map-d">{len(by_key)} steps. The list below says the same in words. '
        f"{'Something is wrong.' if wrong else 'Every way ends.'}</desc>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8Z"/></marker></defs>',
    ]
    for step in by_key.values():
        x, y = place[step.key]
        for key in _next(step, by_key):
            to_x, to_y = place[key]
            parts.append(
                f'<path class="story-way" marker-end="url(#tip)" d="M{x + BOX_WIDTH / 2:.0f} {y + BOX_HEIGHT:.0f}'
                f"C{x + BOX_WIDTH / 2:.0f} {y + BOX_HEIGHT + 30:.0f} {to_x + BOX_WIDTH / 2:.0f} {to_y - 30:.0f} "
                f'{to_x + BOX_WIDTH / 2:.0f} {to_y:.0f}"/>'
            )
    for step in by_key.values():
        x, y = place[step.key]
        lost = not step.is_ending and not step.choices
        name = step.name if len(step.name) <= 22 else step.name[:21] + "…"
        parts.append(
            f'<g class="story-box{" story-end" if step.is_ending else ""}{" story-lost" if lost else ""}">'
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
            f'<text x="{x + BOX_WIDTH / 2:.0f}" y="{y + 24:.0f}" text-anchor="middle">{escape(name)}</text>'
            f'<text class="story-kind" x="{x + BOX_WIDTH / 2:.0f}" y="{y + 42:.0f}" text-anchor="middle">'
            f"{'ending' if step.is_ending else 'dead end' if lost else f'{len(step.choices)} choices'}</text></g>"
        )
    return "".join(parts) + "</svg>"


def _depths(steps: list[Step], by_key: dict[str, Step]) -> dict[str, int]:
    """Moves from the first step, at the fewest."""
    depth, waiting = {steps[0].key: 0}, [steps[0].key]
    while waiting:
        here = waiting.pop(0)
        for key in _next(by_key[here], by_key):
            if key not in depth:
                depth[key] = depth[here] + 1
                waiting.append(key)
    return depth
