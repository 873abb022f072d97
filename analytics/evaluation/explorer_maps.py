"""The explorer's maps: all catchments with their rings, or those of one area; the borders of areas, and their table."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from analytics.charts.catchment_map import Place, catchment_map, window_of
from analytics.evaluation.explorer import Catchment
from analytics.evaluation.outlines import Borders, borders_in
from analytics.evaluation.report.parts import Figure, Table, columns
from analytics.shown_numbers import counted

RINGS_WORDS = "Rings of 150, 300 and 600 m round every venue, to scale."
NO_BORDERS = "No borders of areas are loaded here (manage.py load_geography brings them)."


def map_of_catchments(found: Sequence[Catchment], where: str) -> list[Figure]:
    """The map of catchments with its table, and the table of the areas whose borders are drawn."""
    places = [
        Place(each.name if n == 0 else "", easting, northing)
        for each in found
        for n, (_, easting, northing) in enumerate(each.places)
    ]
    borders = borders_in(window_of(places))
    table = Table(
        columns(("catchment", "Catchment", "text"), ("area", "Area", "text"), ("venues", "Venues", "count"),
                ("easting", "Easting (m)", "count"), ("northing", "Northing (m)", "count")),
        [(each.name, each.area, len(each.venues), round(each.middle[0]), round(each.middle[1])) for each in found],
        "Catchments", "catchments.csv", folded=len(found) > 12,
    )  # fmt: skip
    figure = _map(
        "grid", f"Catchments on the National Grid, {where}", "Each dot is a venue; venues nearer to each other than 300 m share "
        f"a catchment, named after its first. {RINGS_WORDS}", table, places, borders,
    )  # fmt: skip
    return [figure, *_areas(borders, [each.middle for each in found], "Catchments")]


def map_of_one(catchment: Catchment, table: Table) -> list[Figure]:
    """One catchment with its rings and its table of assaults by ring, and the table of areas."""
    places = [Place(name, easting, northing) for name, easting, northing in catchment.places]
    borders = borders_in(window_of(places))
    figure = _map(
        "rings", f"Catchment {catchment.name} with its rings", f"{counted(len(catchment.venues), 'venue')}: {', '.join(catchment.venues)}. "
        "Rings of 150, 300 and 600 m, to scale.", table, places, borders,
        "An offence belongs to its nearest venue, so it stands in one ring only.",
    )  # fmt: skip
    return [
        figure,
        *_areas(borders, [(place.easting, place.northing) for place in places], "Venues of the catchment"),
    ]


def _map(
    name: str, title: str, subtitle: str, table: Table, places: list[Place], borders: Borders, more: str = ""
) -> Figure:
    drawn = borders.outlines(window_of(places))
    lines = f"Lines are borders of {borders.kind}, simplified." if drawn else NO_BORDERS

    def draw(words: Any, alone: bool) -> str:
        return catchment_map(places, words, outlines=drawn, standalone=alone)

    return Figure(name, title, f"{subtitle} {lines}", table, draw, more)


def _areas(borders: Borders, points: Sequence[tuple[float, float]], what: str) -> list[Figure]:
    if not borders.areas:
        return []
    inside = Counter(area.code for point in points if (area := borders.holding(*point)) is not None)
    table = Table(
        columns(("area", "Area", "text"), ("code", "Code", "text"), ("vintage", "Borders of", "text"), ("inside", what, "count")),
        [(each.name, each.code, each.vintage, inside[each.code]) for each in borders.areas], f"Areas on the map: {borders.kind}",
        "map_areas.csv", folded=len(borders.areas) > 12,
    )  # fmt: skip
    outside = len(points) - sum(inside.values())
    beyond = f" Outside all of them: {outside}." if outside else ""
    return [Figure("map-areas", "Areas on the map", f"What reaches into the map: {borders.kind}.{beyond}", table)]
