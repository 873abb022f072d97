"""The clusters of a plan as a map and a table, before anything is locked. No outcome is in either."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from analytics.charts.frame import FONT, text, width_of
from analytics.police_data.beats import clusters_of
from analytics.police_data.places import metres_of
from campaign_pages.activity import VenueFacts

WIDTH, MARGIN = 360.0, 14.0
TALLEST = 480.0
BETWEEN = 4.0  # units beside a number


@dataclass(frozen=True)
class ClusterRow:
    """One cluster. ``number`` stands on the map; ``width_m`` is the largest distance inside it."""

    number: int
    code: str
    areas: str
    venues: tuple[str, ...]
    width_m: float


def clusters(
    venues: Sequence[VenueFacts], register: Sequence[VenueFacts], radius_m: float, kind: str = "catchment"
) -> tuple[list[ClusterRow], str]:
    """(rows, SVG). The map is empty where no venue has a place. Raises NoBeats."""
    cluster_of = clusters_of(kind, register, radius_m)
    groups: dict[str, list[VenueFacts]] = defaultdict(list)
    for each in venues:
        groups[cluster_of[each.code]].append(each)
    places = _places(venues)
    rows = [
        ClusterRow(
            n,
            code,
            ", ".join(sorted({each.area_name for each in members})),
            tuple(each.code for each in members),
            _width([places[each.code] for each in members if each.code in places]),
        )
        for n, (code, members) in enumerate(sorted(groups.items()), start=1)
    ]
    return rows, _map(rows, places, radius_m)


def _places(venues: Sequence[VenueFacts]) -> dict[str, tuple[float, float]]:
    if not venues:
        return {}
    points = metres_of(
        np.array([each.longitude for each in venues], dtype=float),
        np.array([each.latitude for each in venues], dtype=float),
    )
    return {
        each.code: (float(x), float(y))
        for each, (x, y) in zip(venues, points, strict=True)
        if not (np.isnan(x) or np.isnan(y))
    }


def _width(points: list[tuple[float, float]]) -> float:
    if len(points) < 2:
        return 0.0
    array = np.array(points)
    return float(np.linalg.norm(array.max(axis=0) - array.min(axis=0)))


def _map(rows: list[ClusterRow], places: dict[str, tuple[float, float]], radius_m: float) -> str:
    if not places:
        return ""
    array = np.array(list(places.values()))
    low, high = array.min(axis=0) - 2 * radius_m, array.max(axis=0) + 2 * radius_m
    span = np.maximum(high - low, 1.0)
    scale = min((WIDTH - 2 * MARGIN) / span[0], (TALLEST - 2 * MARGIN) / span[1])
    height = span[1] * scale + 2 * MARGIN

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return MARGIN + (point[0] - low[0]) * scale, height - MARGIN - (point[1] - low[1]) * scale

    circles: list[str] = []
    middles: list[tuple[float, float, str]] = []
    for row in rows:
        spots = [at(places[code]) for code in row.venues if code in places]
        if not spots:
            continue
        circles += [
            f'<circle class="map__reach" cx="{x:.1f}" cy="{y:.1f}" r="{max(2.0, radius_m * scale):.1f}"/>'
            for x, y in spots
        ]
        circles += [f'<circle class="map__venue" cx="{x:.1f}" cy="{y:.1f}" r="1.2"/>' for x, y in spots]
        x, y = np.mean(spots, axis=0)
        middles.append((float(x), float(y), str(row.number)))
    metres = next(
        m for m in (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 10**6) if m * scale > 40 or m == 10**6
    )
    bar = (
        f'<line class="chart__one" x1="{MARGIN}" y1="{height + 8:.0f}" x2="{MARGIN + metres * scale:.0f}" y2="{height + 8:.0f}"/>'
        f'<text class="chart__text" x="{MARGIN}" y="{height + 24:.0f}">{metres / 1000:g} km</text>'
    )
    description = f"{len(rows)} clusters of {sum(len(row.venues) for row in rows)} venues; circles show {radius_m:.0f} metres."
    return (
        f'<svg class="chart map" viewBox="0 0 {WIDTH:.0f} {height + 30:.0f}" role="img" aria-labelledby="map-title map-desc" '
        'xmlns="http://www.w3.org/2000/svg"><title id="map-title">Map of the clusters</title>'
        f'<desc id="map-desc">{escape(description)}</desc>{"".join(circles)}{"".join(_numbers(middles, height))}{bar}</svg>'
    )


def _numbers(middles: list[tuple[float, float, str]], height: float) -> list[str]:
    """Numbers beside the middles of clusters, where they meet no other number: letters on letters say nothing."""
    taken: list[tuple[float, float, float, float]] = []
    parts = []
    for x, y, number in middles:
        half = width_of(number, strong=True) / 2
        for across, base in ((x, y - 5), (x, y + FONT + 2), (x + half + 6, y + 5), (x - half - 6, y + 5)):
            # With room beside it: "2" next to "4" would read as 24.
            box = (across - half - BETWEEN, base - FONT + 2, across + half + BETWEEN, base + 2)
            inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= height
            if inside and all(box[2] < t[0] or box[0] > t[2] or box[3] < t[1] or box[1] > t[3] for t in taken):
                taken.append(box)
                parts.append(text(across, base, number, anchor="middle", strong=True))
                break
    return parts
