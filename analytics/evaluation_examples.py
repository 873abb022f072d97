"""Three studies whose truth is known, for teaching, screenshots and tests: one that can tell, one that cannot attribute,
one that is too small. All synthetic, each in an installation of its own.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction

from analytics import nights
from analytics.evaluation.plan import Plan, lock, parse_plan
from analytics.evaluation.running import Evaluation, evaluate, store
from analytics.models import EvaluationRun
from analytics.police_data.importing import import_paths
from analytics.police_data.places import degrees_of
from analytics.police_data.synthetic import night_assaults, write_extract
from analytics.police_data.synthetic_schedules import after_trouble
from analytics.police_data.synthetic_targets import targets
from campaign_pages import activity
from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from campaign_pages.venues.codes import ALPHABET, LENGTH
from campaign_pages.venues.models import Area, CheckIn, PosterPlace, Venue

STREET_GAP_M, VENUE_GAP_M = 700.0, 40.0
ADOPTION = 0.6


class NotEmpty(Exception):
    """An example needs an installation of its own; the message says how to make one."""


@dataclass(frozen=True)
class Example:
    """``streets`` by area in the order of the targets file; ``unit`` of the plan; ``irr`` planted at a full week live."""

    title: str
    streets: tuple[int, ...]
    per_street: int
    from_week: str
    to_week: str
    unit: str
    irr: float
    reactive: bool = False


EXAMPLES = {
    "planted": Example(
        "Synthetic example: a planted fall", (20, 7, 5, 4, 3, 3, 3, 3, 2), 3, "2022-W14", "2024-W39", "catchment", 0.65
    ),
    "reactive": Example(
        "Synthetic example: posters after trouble", (20, 7, 5, 4, 3, 3, 3, 3, 2), 3, "2023-W14", "2024-W39", "catchment",
        1.0, reactive=True,
    ),
    "small": Example("Synthetic example: twenty venues", (12, 4, 4), 1, "2023-W40", "2024-W39", "venue", 0.85),
}  # fmt: skip


def run_example(name: str, folder: Path, *, seed: int, say: Callable[[str], None]) -> Evaluation:
    """Makes venues, check-ins and an extract, locks a plan before the import, and evaluates. Raises NotEmpty."""
    if not settings.WALKAWAY_DEMO or Venue.objects.exists() or EvaluationRun.objects.exists():
        raise NotEmpty(
            "An example needs the demo's settings and an installation without venues. Set WALKAWAY_VAR_DIR to an empty "
            "folder, run migrate, and try again."
        )
    example = EXAMPLES[name]
    folder.mkdir(parents=True, exist_ok=True)
    set_up_roles()
    demo_people.load(seed=seed, say=lambda line: None)
    weeks = nights.weeks_between(example.from_week, example.to_week)
    first, last = nights.week_start(weeks[0]), nights.nights_of_week(weeks[-1])[-1] + timedelta(days=1)
    say("venues")
    street_of = _venues(example, seed)
    facts = activity.venues()
    if example.reactive:
        counts = night_assaults(seed=seed, venues=facts, start=first, end=last)
        dose = after_trouble(counts, street_of, weeks, seed)
    else:
        dose = _drawn(street_of, weeks, seed)
    say("check-ins")
    _check_ins(dose, weeks)
    plan = _plan(example, seed)
    people = {each: User.objects.get(username=each) for each in ("evaluator", "approver", "importer")}
    lock(plan, by=people["evaluator"], second=people["approver"])
    say("synthetic extract")
    extract = folder / f"synthetic_{name}.csv"
    truth = write_extract(extract, seed=seed, venues=facts, exposure=dose, irr=example.irr, start=first, end=last)
    planted = {"what": "synthetic: what was planted", "irr": example.irr, "removed": truth.removed, "seed": seed}
    (folder / f"synthetic_{name}.truth.json").write_text(json.dumps(planted, indent=1) + "\n", encoding="utf-8")
    report = import_paths([extract], by=people["importer"].username)
    if report.refused:
        raise RuntimeError(f"The synthetic extract was refused: {report.refused[0].error}")
    say("evaluation")
    done = evaluate(plan)
    store(done, plan, by=people["evaluator"].username)
    return done


def _plan(example: Example, seed: int) -> Plan:
    return parse_plan(
        {
            "title": example.title, "measure": "nte_assault", "from_week": example.from_week, "to_week": example.to_week,
            "unit": example.unit, "radius_m": 150, "data": "synthetic", "seed": seed,
        }
    )  # fmt: skip


def _venues(example: Example, seed: int) -> dict[str, str]:
    """Venues in streets 700 m apart around each area's centre. Venue code -> its street's first code."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 700])))
    data = targets()
    street_of: dict[str, str] = {}
    rows: list[Venue] = []
    with transaction.atomic():
        for (name, spec), streets in zip(data["areas"].items(), example.streets, strict=False):
            code = str(data.get("populations", {}).get(name, {}).get("code", name))
            area = Area.objects.get_or_create(code=code, defaults={"name": name})[0]
            wide = max(1, round(streets**0.5))
            for street in range(streets):
                corner = np.array(spec["centre"], dtype=float)
                corner += (np.array([street % wide, street // wide]) - (wide - 1) / 2) * STREET_GAP_M
                points = corner + np.column_stack(
                    [np.arange(example.per_street) * VENUE_GAP_M, np.zeros(example.per_street)]
                )
                opening = f"SYN{len(rows) + 1:03}"
                for lon, lat in degrees_of(points[:, 0], points[:, 1]):
                    number = len(rows) + 1
                    street_of[f"SYN{number:03}"] = opening
                    rows.append(
                        Venue(
                            code=f"SYN{number:03}", name=f"The Synthetic Example {number}", kind="pub", area=area,
                            latitude=round(float(lat), 6), longitude=round(float(lon), 6),
                            capacity=int(rng.choice((80, 120, 150, 200, 300))), open_nights="Thu,Fri,Sat",
                            opened_on=date(2019, 1, 1), synthetic=True,
                        )
                    )  # fmt: skip
        Venue.objects.bulk_create(rows)
        letters = list(ALPHABET)
        codes = rng.permutation(len(letters) ** 3)[: len(rows)]
        places = []
        for venue, number in zip(rows, codes.tolist(), strict=True):
            text = letters[number % 32] + letters[number // 32 % 32] + letters[number // 1024 % 32]
            places.append(PosterPlace(venue=venue, zone="entrance", code=text.rjust(LENGTH, letters[0])))
        PosterPlace.objects.bulk_create(places)
    return street_of


def _drawn(street_of: dict[str, str], weeks: list[str], seed: int) -> dict[tuple[str, str], float]:
    """Six streets in ten go live, each from a week drawn between a quarter and three quarters of the period, for good."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 701])))
    streets = sorted(set(street_of.values()))
    chosen = set(rng.permutation(streets)[: round(ADOPTION * len(streets))].tolist())
    start = {street: int(rng.integers(len(weeks) // 4, 3 * len(weeks) // 4)) for street in streets}
    return {
        (venue, week): 1.0
        for venue, street in sorted(street_of.items())
        if street in chosen
        for week in weeks[start[street] :]
    }


def _check_ins(dose: dict[tuple[str, str], float], weeks: list[str]) -> None:
    """ "It's up" every Monday of a live week, "it's gone" on the Monday after the last one."""
    place_of = {each.venue.code: each for each in PosterPlace.objects.select_related("venue")}
    rows = []
    for venue in sorted({venue for venue, _ in dose}):
        for n, week in enumerate(weeks):
            live, before = (venue, week) in dose, n > 0 and (venue, weeks[n - 1]) in dose
            if live or before:
                at = datetime.combine(nights.week_start(week), time(13), tzinfo=UTC)
                place = place_of[venue]
                rows.append(
                    CheckIn(venue=place.venue, place=place, state="up" if live else "down", at=at, source="visit")
                )
    CheckIn.objects.bulk_create(rows, batch_size=1000)
