"""An attacker with every published table of both tiers, of several publications, recovers no suppressed cell."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from analytics.disclosure.tiers import PARTNER, PUBLIC
from analytics.models import ImmutableRecord, PublishedPeriod
from analytics.police_data.importing import import_paths
from analytics.publication import freezing
from campaign_pages.venues.models import Area, Venue
from tests.factories.police import STREET_HEADER, niche_row, street_row, write_rows
from tests.verification.published_tables_attack import attack, read

pytestmark = pytest.mark.django_db
AREAS = {"Leicester": 5, "Charnwood": 4, "Melton": 3, "Rutland": 1}
SHARES = {"Leicester": 60, "Charnwood": 14, "Melton": 4, "Rutland": 3, "": 2}


@pytest.fixture
def venues():
    for number, (name, count) in enumerate(AREAS.items()):
        area = Area.objects.create(code=f"E0700000{number}", name=name)
        for n in range(count):
            Venue.objects.create(code=f"{name[:3]}{n}", name=f"{name} {n}", area=area)


def night_rows(first: date, last: date, a_night: float, seed: int) -> list[dict[str, str]]:
    draw, rows = random.Random(seed), []
    for n in range((last - first).days):
        night = first + timedelta(days=n)
        for _ in range(int(a_night * (3 if night.weekday() in (4, 5) else 1) + draw.random())):
            hour = draw.choice([22, 23, 23, 0, 0, 1, 1, 2, 3, 4])
            day = night if hour >= 22 else night + timedelta(days=1)
            rows.append(
                niche_row(
                    1_000_000 * seed + len(rows),
                    District=draw.choices(list(SHARES), list(SHARES.values()))[0],
                    **{"From Date": f"{day:%d/%m/%Y}", "From Time": f"{hour:02d}:{draw.randrange(60):02d}"},
                )
            )
        if night.weekday() == 2:  # every week has something, also at other hours
            rows.append(
                niche_row(1_000_000 * seed + len(rows), **{"From Date": f"{night:%d/%m/%Y}", "From Time": "14:00"})
            )
    return rows


def load(tmp_path: Path, name: str, first: date, last: date, a_night: float, seed: int) -> None:
    report = import_paths([write_rows(tmp_path / name, night_rows(first, last, a_night, seed))])
    assert not report.refused
    assert report.total("loaded")


def publish(folder: Path, capsys, tier: str) -> dict:
    capsys.readouterr()
    call_command("publish_tables", tier=tier, out=folder, by="approver", json=True)
    return json.loads(capsys.readouterr().out)


def test_nothing_is_recovered_from_both_tiers_and_successive_publications(venues, tmp_path, capsys):
    load(tmp_path, "first.csv", date(2024, 1, 1), date(2024, 6, 30), 0.8, 1)
    months = [
        street_row(Month=f"2024-0{m}", LSOA_name=f"{name} 00{n}A", Crime_type="Violence and sexual offences",
                   Crime_ID=f"{m}{name}{n}")
        for m in range(1, 7) for name, count in (("Leicester", 40), ("Melton", 2)) for n in range(count)
    ]  # fmt: skip
    import_paths([write_rows(tmp_path / "2024-01-x-street.csv", months, header=STREET_HEADER)])
    one = publish(tmp_path / "public-1", capsys, "public")
    publish(tmp_path / "partner-1", capsys, "partner")
    assert len(one["periods_frozen"]) >= 4
    assert one["waiting"], "the last weeks have not settled"
    # one more file: old periods get late records, new periods are frozen
    load(tmp_path, "second.csv", date(2024, 2, 1), date(2024, 9, 30), 0.5, 2)
    two = publish(tmp_path / "public-2", capsys, "public")
    publish(tmp_path / "partner-2", capsys, "partner")
    assert two["periods_frozen"]
    folders = [tmp_path / f"{tier}-{n}" for tier in ("public", "partner") for n in (1, 2)]
    findings, attacked = attack(folders)
    assert findings == []
    assert attacked > 100, "the tables hold hardly anything to attack: mend this test"
    numbers = [t for cells in read(folders).values() for texts in cells.values() for t in texts if t.isdigit()]
    assert len(numbers) > 50, "the tables show hardly anything: mend this test"


def only_labels(counts):
    """Suppression switched off: small cells get their label and nothing else is hidden."""
    return {tier.name: {key: tier.show(n) for key, n in counts.cells.items()} for tier in (PUBLIC, PARTNER)}


def test_the_attacker_wins_where_secondary_suppression_is_switched_off(venues, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(freezing, "protected", only_labels)
    load(tmp_path, "first.csv", date(2024, 1, 1), date(2024, 6, 30), 0.8, 1)
    publish(tmp_path / "partner", capsys, "partner")
    publish(tmp_path / "public", capsys, "public")
    for tier in ("partner", "public"):
        findings, _ = attack([tmp_path / tier])
        assert findings, tier
    assert any(each.low == each.high for each in attack([tmp_path / "partner"])[0])


def test_the_attacker_notices_where_a_period_is_published_twice(venues, tmp_path, capsys):
    """Freezing switched off, by somebody with the database's own password: the second version differs."""
    load(tmp_path, "first.csv", date(2024, 1, 1), date(2024, 4, 30), 0.8, 1)
    publish(tmp_path / "one", capsys, "partner")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {PublishedPeriod._meta.db_table}")
    load(tmp_path, "second.csv", date(2024, 1, 1), date(2024, 4, 30), 0.3, 2)
    publish(tmp_path / "two", capsys, "partner")
    findings, _ = attack([tmp_path / "one", tmp_path / "two"])
    assert any("changed between publications" in each.what for each in findings)


def test_a_frozen_period_stays_to_the_byte_and_cannot_be_edited(venues, tmp_path, capsys):
    load(tmp_path, "first.csv", date(2024, 1, 1), date(2024, 4, 30), 0.8, 1)
    publish(tmp_path / "one", capsys, "public")
    before = list(PublishedPeriod.objects.values_list("first_day", "content"))
    assert before
    load(tmp_path, "second.csv", date(2024, 1, 1), date(2024, 4, 30), 2, 2)
    publish(tmp_path / "two", capsys, "public")
    after = list(PublishedPeriod.objects.values_list("first_day", "content"))
    assert after[: len(before)] == before
    with pytest.raises(ImmutableRecord):
        PublishedPeriod.objects.update(content="{}")
    with pytest.raises(ImmutableRecord):
        PublishedPeriod.objects.first().delete()


def test_areas_with_fewer_than_three_venues_have_no_cell_of_their_own(venues, tmp_path, capsys):
    load(tmp_path, "first.csv", date(2024, 1, 1), date(2024, 4, 30), 0.8, 1)
    publish(tmp_path / "one", capsys, "partner")
    areas = {cell[4] for cell in read([tmp_path / "one"])["partner"] if cell[3] == "by-area"}
    # Rutland has one venue; Melton joins it, since Elsewhere must stand on three venues as well
    assert areas == {"Leicester", "Charnwood", "Elsewhere"}


def test_without_three_venues_nothing_is_published(tmp_path, capsys):
    load(tmp_path, "first.csv", date(2024, 1, 1), date(2024, 4, 30), 0.8, 1)
    said = publish(tmp_path / "one", capsys, "public")
    assert said["periods_frozen"] == []
    assert "fewer than 3 venues" in said["waiting"][0]["reason"]
    assert [each["path"] for each in said["files"]] == ["about.txt"]


def test_files_say_who_took_them_what_they_count_and_how_they_are_rounded(venues, tmp_path, capsys):
    load(tmp_path, "first.csv", date(2024, 1, 1), date(2024, 4, 30), 0.8, 1)
    said = publish(tmp_path / "one", capsys, "public")
    about = (tmp_path / "one" / "about.txt").read_text()
    for words in (
        "Definition:",
        "Period:",
        "Denominator:",
        "rounded to the nearest 5",
        "never changed",
        "approver",
    ):
        assert words in about, words
    rows = (tmp_path / "one" / "night-assaults-by-area-public.csv").read_text().splitlines()[1:]
    assert all(f"copy {said['copy']}, approver" in row for row in rows)


def test_a_period_with_a_week_missing_waits(venues, tmp_path, capsys):
    rows = [
        row
        for row in night_rows(date(2024, 1, 1), date(2024, 4, 30), 0.8, 1)
        if not "2024-02-05" <= "-".join(reversed(row["From Date"].split("/"))) <= "2024-02-11"
    ]
    import_paths([write_rows(tmp_path / "a.csv", rows)])
    said = publish(tmp_path / "one", capsys, "public")
    assert any("week of 2024-02-05" in each["reason"] for each in said["waiting"])
