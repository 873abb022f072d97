"""R7, R8, R10 and R11 from files: what an import brings in fires the rule, and the same files without it do not.

Twenty-four venues, of which twelve go live one after another; the same offences in every file, but for one thing.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from analytics import nights
from analytics.evaluation.evidence import delay_of, recorded
from analytics.evaluation.plan import Plan, lock, parse_plan
from analytics.evaluation.rules import Thresholds
from analytics.evaluation.running import evaluate
from analytics.models import Offence
from analytics.police_data.importing import import_paths
from analytics.police_data.places import degrees_of
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from campaign_pages.venues.models import Area, CheckIn, PosterPlace, Venue
from tests.factories.evaluation import quiet
from tests.factories.police import niche_row, write_rows

pytestmark = pytest.mark.django_db
WEEKS = nights.weeks_between("2023-W01", "2024-W08")
VENUES, LIVE = 24, 12
FIRST_LIVE = 37  # place in WEEKS; then one or two venues more in each week
DRAWN = nights.week_start(WEEKS[-1]) + timedelta(weeks=10)  # old enough that no week is trimmed for being recent
VALUES = {
    "title": "Rules by data", "measure": "nte_assault", "from_week": WEEKS[0], "to_week": WEEKS[-1], "unit": "venue",
    "data": "real", "placebos": ["daytime_assault"], "permutations": 99, "sensitivities": [],
}  # fmt: skip
SHORT = VALUES | {"title": "The last 31 weeks", "from_week": WEEKS[29]}
Row = dict[str, str]


def place_of(venue: int) -> tuple[float, float]:
    """Easting and northing in metres: six by four, 700 m apart, so that each is a cluster of its own."""
    return 456_700 + 700.0 * (venue % 6), 303_500 + 700.0 * (venue // 6)


def start_of(venue: int) -> int:
    """The first week in which the venue is live, as a place in WEEKS; every other one never is."""
    return len(WEEKS) if venue % 2 else FIRST_LIVE + venue * 2 // 5


@pytest.fixture(scope="module")
def plan(django_db_setup, django_db_blocker) -> Iterator[Plan]:
    """Venues, check-ins and a plan locked before any file came; no offence yet. Each test works in a savepoint."""
    with django_db_blocker.unblock():
        frame = transaction.atomic()
        frame.__enter__()
        set_up_roles()
        demo_people.load(seed=1, say=quiet)
        area = Area.objects.get_or_create(code="E06000016", defaults={"name": "Leicester"})[0]
        for venue in range(VENUES):
            open_venue(venue, area)
        made = parse_plan(VALUES)
        people = {each.username: each for each in User.objects.all()}
        lock(made, by=people["evaluator"], second=people["approver"])
        yield made
        transaction.set_rollback(True)
        frame.__exit__(None, None, None)


def open_venue(venue: int, area: Area) -> None:
    """One venue with a poster that is up from its first live week on, as a visit of every Monday says."""
    easting, northing = place_of(venue)
    longitude, latitude = degrees_of(np.array([easting]), np.array([northing]))[0]
    made = Venue.objects.create(
        code=f"V{venue:02d}", name=f"The Tested Rule {venue}", area=area, capacity=150, opened_on=date(2019, 1, 1),
        longitude=float(longitude), latitude=float(latitude),
    )  # fmt: skip
    place = PosterPlace.objects.create(venue=made, zone="entrance")
    CheckIn.objects.bulk_create(
        CheckIn(
            venue=made, place=place, state="up", source="visit",
            at=datetime.combine(nights.week_start(week), time(13), tzinfo=UTC),
        )
        for week in WEEKS[start_of(venue) :]
    )  # fmt: skip


def offence(number: int, venue: int, week: int, **changes: str) -> Row:
    """At the venue's door on the Saturday of the week, recorded on the Sunday."""
    saturday = nights.week_start(WEEKS[week]) + timedelta(days=5)
    easting, northing = place_of(venue)
    return niche_row(**{
        "Crime No": f"23*{number:06d}", "From Date": f"{saturday:%d/%m/%Y}", "From Time": "23:30",
        "Recorded": f"{saturday + timedelta(days=1):%d/%m/%Y} 09:00", "X": f"{easting + 10:.0f}", "Y": f"{northing:.0f}",
        "Extract Date": f"{DRAWN:%d/%m/%Y}",
    } | changes)  # fmt: skip


def at_night() -> list[Row]:
    """Half as many while the poster is up."""
    rng = np.random.Generator(np.random.PCG64(5))
    rate = np.array(
        [[1.0 if week >= start_of(venue) else 2.0 for week in range(len(WEEKS))] for venue in range(VENUES)]
    )
    return [
        offence(number, venue, week)
        for number, (venue, week) in enumerate(
            (venue, week) for (venue, week), many in np.ndenumerate(rng.poisson(rate)) for _ in range(many)
        )
    ]


def by_day() -> list[Row]:
    """The placebo outcome: posters change nothing."""
    rng = np.random.Generator(np.random.PCG64(6))
    many = rng.poisson(0.8, (VENUES, len(WEEKS)))
    return [
        offence(500_000 + number, venue, week, **{"From Time": "12:30"})
        for number, (venue, week) in enumerate(
            (venue, week) for (venue, week), count in np.ndenumerate(many) for _ in range(count)
        )
    ]


def result_of(plan: Plan, rows: Sequence[Row], folder: Path) -> dict[str, Any]:
    """What ``evaluate`` says once the rows are imported."""
    report = import_paths([write_rows(folder / "extract.csv", list(rows))])
    assert (report.refused, report.total("rejected"), report.total("duplicates")) == ([], 0, 0)
    result: dict[str, Any] = evaluate(plan).result
    return result


def fired(result: dict[str, Any]) -> set[str]:
    return {rule["code"] for rule in result["rules"] if rule["fired"]}


def rule_of(result: dict[str, Any], code: str) -> dict[str, Any]:
    return next(rule for rule in result["rules"] if rule["code"] == code)


def detail(result: dict[str, Any], code: str) -> str:
    return str(rule_of(result, code)["detail"])


def effect(result: dict[str, Any], code: str) -> str:
    return str(rule_of(result, code)["effect"])


@pytest.fixture(scope="module")
def sound(plan, tmp_path_factory, django_db_blocker) -> dict[str, Any]:
    """The neighbour of all: nothing is wrong with its file."""
    with django_db_blocker.unblock(), transaction.atomic():
        result = result_of(plan, [*at_night(), *by_day()], tmp_path_factory.mktemp("sound"))
        transaction.set_rollback(True)
    return result


def test_the_file_with_nothing_wrong_fires_no_rule_though_each_applies(sound):
    assert fired(sound) == set()
    assert all(rule["applies"] for rule in sound["rules"])
    assert sound["verdict"] == "fewer"
    assert sound["estimate"]["ci_low"] < 0.5 < sound["estimate"]["ci_high"]


def every(step: int, rows: list[Row], change: Callable[[Row], Row]) -> list[Row]:
    return [row | change(row) if n % step == 0 else row for n, row in enumerate(rows)]


def without_place(row: Row) -> Row:
    return {"X": "", "Y": ""}


def at_midnight(row: Row) -> Row:
    return {"From Time": "00:00"}


def until_the_next_noon(row: Row) -> Row:
    return {"To Date": row["Recorded"].split()[0], "To Time": "12:00"}


@pytest.mark.parametrize(
    ("step", "change", "says"),
    [
        (6, without_place, "with a place (at least 85.0 %)"),
        (8, at_midnight, "with a placeholder time (at most 10.0 %)"),
        (8, until_the_next_noon, "with a span over 12 hours (at most 10.0 %)"),
    ],
    ids=["no place", "midnight", "long span"],
)
def test_r7_too_many_rows_of_which_place_or_time_is_not_known(step, change, says, plan, sound, tmp_path):
    result = result_of(plan, [*every(step, at_night(), change), *by_day()], tmp_path)
    assert fired(result) == {"R7"}
    assert result["verdict"] == "refused"
    assert says in detail(result, "R7")
    assert detail(result, "R7").count("(at ") == 1  # and no other of its four limits
    assert "(at " not in detail(sound, "R7")


def in_live_weeks(row: Row) -> bool:
    day, month, year = map(int, row["From Date"].split("/"))
    return date(year, month, day) >= nights.week_start(WEEKS[FIRST_LIVE])


def test_r7_places_are_missing_where_posters_are_up_and_not_elsewhere(plan, tmp_path):
    """The same number without a place: first in live weeks only, then spread over all of them."""
    rows = at_night()
    live = [n for n, row in enumerate(rows) if in_live_weeks(row)]
    chosen = set(live[::8])
    many = len(chosen)
    spread = {round(k * len(rows) / many) for k in range(many)}
    found = []
    for numbers in (chosen, spread):
        assert len(numbers) == many
        with transaction.atomic():
            lacking = [row | without_place(row) if n in numbers else row for n, row in enumerate(rows)]
            found.append(result_of(plan, [*lacking, *by_day()], tmp_path))
            transaction.set_rollback(True)
    gap, even = found
    assert fired(gap) == {"R7"}
    assert detail(gap, "R7").split(", ")[1].endswith("points apart between exposed and other (at most 5)")
    assert detail(gap, "R7").count("(at ") == 1
    assert detail(even, "R7").split(", ")[0] == detail(gap, "R7").split(", ")[0]  # as large a share in all
    assert fired(even) == set()


def recorded_late(rows: list[Row]) -> list[Row]:
    """Every fifth is recorded fifteen weeks later; what was not yet recorded when the extract was drawn is not in it."""
    kept = []
    for n, row in enumerate(rows):
        day, month, year = map(int, row["Recorded"].split()[0].split("/"))
        known_on = date(year, month, day) + timedelta(weeks=15 if n % 5 == 0 else 0)
        if known_on < DRAWN:
            kept.append(row | {"Recorded": f"{known_on:%d/%m/%Y} 09:00"})
    return kept


def test_r8_weeks_of_which_a_fifth_is_still_to_come_are_left_out_and_it_is_said(plan, sound, tmp_path):
    """Drawn ten weeks after the last Monday: the last 6 of 60 weeks are less than fifteen weeks old."""
    result = result_of(plan, [*recorded_late(at_night()), *by_day()], tmp_path)
    assert fired(result) == {"R8"}
    assert effect(result, "R8") == "note"
    assert result["verdict"] == "fewer"  # which stops nothing
    assert detail(result, "R8").startswith("6 weeks under 95.0 % complete were left out")
    assert detail(result, "R2").startswith("54 weeks")
    assert detail(sound, "R2").startswith("60 weeks")


def test_r8_refuses_where_too_few_weeks_are_complete(plan, tmp_path):
    """Of 31 weeks 25 are left, one fewer than R2 wants. The neighbour: the same offences, recorded the next day."""
    short = parse_plan(SHORT)
    late = recorded_late(at_night())
    at_once = [row | {"Recorded": own["Recorded"]} for row, own in paired(late, at_night())]
    found = []
    for rows in (late, at_once):
        with transaction.atomic():
            found.append(result_of(short, [*rows, *by_day()], tmp_path))
            transaction.set_rollback(True)
    slow, quick = found
    assert {"R2", "R8"} <= fired(slow)
    assert effect(slow, "R8") == slow["verdict"] == "refused"
    assert "what is left is too short (R2)" in detail(slow, "R8")
    assert not {"R2", "R8"} & fired(quick)


def paired(some: list[Row], rows: list[Row]) -> Iterator[tuple[Row, Row]]:
    own = {row["Crime No"]: row for row in rows}
    return ((row, own[row["Crime No"]]) for row in some)


def test_r8_an_extract_that_does_not_say_when_it_was_drawn_is_as_old_as_its_last_record(plan, tmp_path):
    """That is the Sunday of the last week, which is then not over; a week is eight weeks old from the tenth last on."""
    rows = [row | {"Extract Date": ""} for row in at_night()]
    import_paths([write_rows(tmp_path / "extract.csv", rows)])
    recording = recorded(plan, plan.measure)
    assert set(recording.as_at.values()) == {nights.nights_of_week(WEEKS[-1])[-1]}
    delay = delay_of(recording, WEEKS, Thresholds())
    assert delay.incomplete == (WEEKS[-1],)
    assert delay.trimmed == set(WEEKS[-9:])
    assert delay.lowest_kept == 1


def test_r10_assaults_by_day_fall_in_the_same_places_and_weeks(plan, sound, tmp_path):
    """At noon of the same days, an offence for each one of the night: what posters cannot do went down with them."""
    rows = at_night()
    shadow = [row | {"Crime No": "D" + row["Crime No"], "From Time": "12:30"} for row in rows]
    result = result_of(plan, [*rows, *shadow], tmp_path)
    assert fired(result) == {"R10"}
    assert result["verdict"] == "cannot_attribute"
    assert "a placebo outcome moved the same way" in detail(result, "R10")
    placebo = result["diagnostics"]["placebos"][0]
    assert placebo["same_sign"] is True
    assert result["estimate"]["irr"] == sound["estimate"]["irr"]
    assert sound["diagnostics"]["placebos"][0]["p_holm"] > 0.05


def test_r11_one_reference_in_two_units_and_a_row_that_came_with_no_file(plan, sound, tmp_path):
    """As only somebody with the database's rights could do it; in a file, the same reference twice counts once."""
    rows = [*at_night(), *by_day()]
    report = import_paths([write_rows(tmp_path / "extract.csv", [*rows, rows[0]])])
    assert report.total("duplicates") == 1
    assert evaluate(plan).result["rules"] == sound["rules"]
    ours = Offence.objects.filter(night_weight=1)
    for name, says in (
        ("one in two units", "references that stand twice: 1"),
        ("one too many", "more rows of a file are here than were imported from it"),
    ):
        with transaction.atomic():
            one = ours.exclude(venue_code="V03").order_by("pk").first()
            other = ours.filter(venue_code="V03").order_by("pk").first()
            with connection.cursor() as cursor:
                if name == "one in two units":
                    cursor.execute("DROP INDEX offence_counted_once")
                    cursor.execute(
                        "UPDATE analytics_offence SET row_key = %s WHERE id = %s", [one.row_key, other.pk]
                    )
                else:
                    one.pk, one.row_key = None, "f" * 32
                    one.save(force_insert=True)
            result = evaluate(plan).result
            transaction.set_rollback(True)
        assert fired(result) == {"R11"}, name
        assert result["verdict"] == "refused", name
        assert says in detail(result, "R11"), name
        assert detail(result, "R11").count(",") - detail(sound, "R11").count(",") == 1, name  # and nothing else
