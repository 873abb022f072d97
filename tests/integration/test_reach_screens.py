"""Screens of reach: who may see which, at most twenty queries, the same numbers as the command, files with a preview."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics import nights
from analytics.models import AuditRecord, ReachFigure, ReachFile, ReachUpload
from analytics.reach.file_reports import forget_old_uploads
from analytics.reach.importing import import_reach
from analytics.reach.venue_weeks import venue_weeks
from campaign_pages.accounts.models import User
from campaign_pages.venues.models import CheckIn
from tests.factories.evaluation import demo_world

PERIOD = "?from=2024-W08&to=2024-W12"
VENUE_SCREENS = ("reach", "reach_map", "reach_areas", "reach_quality")
SCREENS = ("reach_summary", *VENUE_SCREENS, "reach_files")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The demo's venues once for the module; each test rolls its own changes back."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo_world()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def signed_in(world, db, settings, tmp_path):
    settings.VAR_DIR = tmp_path

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=role))
        return client

    return signed_in


def place_of(role, name):
    """(address, whether this role may see it)."""
    allowed = {"evaluator": SCREENS, "administrator": SCREENS, "importer": ("reach_summary", "reach_files"),
               "author": ("reach_summary",), "approver": ("reach_summary",), "venue_manager": ()}  # fmt: skip
    return reverse(name), name in allowed[role]


@pytest.mark.parametrize("role", ["evaluator", "administrator", "importer", "author", "approver", "venue_manager"])
def test_who_may_see_what(signed_in, role):
    client = signed_in(role)
    for name in SCREENS:
        address, allowed = place_of(role, name)
        answer = client.get(address + PERIOD)
        assert (answer.status_code == 200) == allowed, name
    venue = client.get(reverse("reach_venue", args=["SYN001"]))
    assert (venue.status_code == 200) == (role in ("evaluator", "administrator"))
    start = client.get(reverse("reach_start"))
    wanted = {"importer": "reach_files", "author": "reach_summary", "approver": "reach_summary"}.get(role, "reach")
    assert role == "venue_manager" or start["Location"] == reverse(wanted)


def test_every_screen_takes_few_queries_and_no_more_with_more_weeks(signed_in):
    client = signed_in("evaluator")
    addresses = [reverse(name) for name in SCREENS] + [reverse("reach_venue", args=["SYN001"])]
    for address in addresses:
        counts = []
        for period in ("?from=2024-W10&to=2024-W10", "?from=2023-W40&to=2024-W12"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(address + period).status_code == 200
            counts.append(len(queries))
        assert max(counts) <= 20, (address, counts)
        assert counts[0] == counts[1] or address == reverse("reach_map")


@pytest.mark.parametrize("name", ["reach", "reach_summary", "reach_quality", "reach_areas", "reach_map"])
def test_each_screen_has_a_file_that_says_synthetic(signed_in, name):
    client = signed_in("evaluator")
    answer = client.get(reverse(name) + PERIOD + "&week=2024-W10&format=csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert "synthetic" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {row["synthetic"] for row in rows} <= {"yes"}
    assert AuditRecord.objects.filter(action="reach.exported").count() == 1
    page = client.get(reverse(name) + PERIOD)
    assert b"Synthetic data." in page.content


@pytest.mark.parametrize(
    "period", ["?from=2024-10&to=2024-W12", "?from=2024-W12&to=2024-W10", "?from=2020-W01&to=2024-W12"]
)
def test_a_bad_period_is_said_and_nothing_breaks(signed_in, period):
    client = signed_in("evaluator")
    for name in ("reach", "reach_summary", "reach_quality", "reach_areas"):
        answer = client.get(reverse(name) + period)
        assert answer.status_code == 400
        assert b'role="alert"' in answer.content
    assert client.get(reverse("reach_map") + "?week=soon").status_code == 400
    assert client.get(reverse("reach_venue", args=["SYN001"]) + period).status_code == 400
    assert client.get(reverse("reach_venue", args=["NOPE"])).status_code == 404
    assert client.get(reverse("reach") + "?venue=NOPE").status_code == 400


def test_the_summary_adds_venues_and_never_rungs(signed_in):
    rows = venue_weeks(from_week="2024-W10", to_week="2024-W10")
    answer = signed_in("author").get(reverse("reach_summary") + "?from=2024-W10&to=2024-W10&format=csv")
    [row] = csv.DictReader(io.StringIO(answer.content.decode()))
    assert float(row["display-nights"]) == pytest.approx(sum(each.display_nights for each in rows))
    for level in ("low", "mid", "high"):
        wanted = sum(getattr(each.likely_seen, level) for each in rows if each.likely_seen)
        assert float(row[f"likely saw, {level}"]) == pytest.approx(wanted)
    assert int(row["scans"]) == sum(each.scans for each in rows)
    assert not any(each.venue_name in answer.content.decode() for each in rows)


def test_the_timeline_shows_each_report_and_names_doubts(signed_in):
    made = CheckIn.objects.filter(venue__code="SYN001").first() or CheckIn.objects.filter(state="up").first()
    code = made.venue.code
    early = (made.at + timedelta(days=1)).replace(hour=5)
    CheckIn.objects.create(venue=made.venue, place=made.place, state="up", source="sticker", at=early)
    week = nights.week_of(nights.night_of(early))
    answer = signed_in("evaluator").get(reverse("reach_venue", args=[code]) + f"?from={week}&to={week}")
    text = answer.content.decode()
    assert "sent when nobody is there" in text
    assert '<svg class="chart"' in text
    assert text.count("reported") >= 1


def test_the_quality_page_says_what_would_mend_most(signed_in):
    answer = signed_in("evaluator").get(reverse("reach_quality") + PERIOD)
    text = answer.content.decode()
    assert "lean on at least one" in text
    found = answer.context["found"]
    assert sum(found.grades.values()) == found.total == 5 * 150
    assert found.parts["notice"]["C"] == found.grades["C"]
    assert "0 of 150 venues have their own" in text


def upload(client, text, kind="door_counts", **more):
    file = SimpleUploadedFile("doors.csv", text.encode())
    return client.post(reverse("reach_files"), {"kind": kind, "file": file, **more})


def test_a_file_is_seen_before_it_is_loaded(signed_in):
    client = signed_in("importer")
    answer = upload(client, "venue,date,count\nSYN001,2024-03-08,250\nNOPE,2024-03-08,1\n")
    [kept] = ReachUpload.objects.all()
    assert answer["Location"] == reverse("reach_file_preview", args=[kept.pk])
    shown = client.get(answer["Location"]).content.decode()
    assert "&#x27;NOPE&#x27; is not in the register" in shown
    assert not ReachFile.objects.exists()
    assert signed_in("evaluator").get(answer["Location"])["Location"] == reverse("wagtailadmin_home")
    done = client.post(reverse("reach_file_load", args=[kept.pk]), {"load": "1"}, follow=True)
    assert "2 rows read, 1 loaded" in done.content.decode()
    assert (ReachFigure.objects.get().value, ReachFile.objects.get().by) == (250, "importer")
    assert not ReachUpload.objects.exists()


def test_a_correction_is_shown_before_and_after_and_needs_a_reason(signed_in):
    client = signed_in("importer")
    upload(client, "venue,date,count\nSYN001,2024-03-08,250\n")
    client.post(reverse("reach_file_load", args=[ReachUpload.objects.get().pk]), {"load": "1"})
    text = "venue,date,count\nSYN001,2024-03-08,270\n"
    refused = upload(client, text, corrects="on")
    assert (refused.status_code, ReachUpload.objects.count()) == (422, 0)
    shown = client.get(upload(client, text, corrects="on", why="misread")["Location"]).content.decode()
    assert "Figures that change" in shown
    assert "<td>250</td><td>270</td>" in shown
    client.post(reverse("reach_file_load", args=[ReachUpload.objects.get().pk]), {"load": "1"})
    assert list(ReachFigure.objects.order_by("pk").values_list("value", "replaced_by")) == [
        (250, ReachFile.objects.latest("pk").pk),
        (270, None),
    ]


def test_a_file_can_be_left_and_a_bad_one_is_refused_with_words(signed_in):
    client = signed_in("importer")
    upload(client, "venue,date,count\nSYN001,2024-03-08,250\n")
    client.post(reverse("reach_file_load", args=[ReachUpload.objects.get().pk]), {"leave": "1"})
    assert not ReachUpload.objects.exists()
    answer = upload(client, "venue,date\nSYN001,2024-03-08\n")
    refused = client.get(answer["Location"])
    assert refused.status_code == 422
    assert "&#x27;count&#x27; is missing" in refused.content.decode()
    file = SimpleUploadedFile("doors.pdf", b"%PDF")
    assert client.post(reverse("reach_files"), {"kind": "web", "file": file}).status_code == 422


def test_a_forgotten_upload_is_gone_after_a_week(signed_in):
    upload(signed_in("importer"), "venue,date,count\nSYN001,2024-03-08,250\n")
    assert forget_old_uploads() == 0
    ReachUpload.objects.update(at=timezone.now() - timedelta(days=8))
    assert forget_old_uploads() == 1


def test_a_withdrawal_needs_a_reason(signed_in, tmp_path):
    (tmp_path / "c.csv").write_text("venue,date\nSYN001,2024-03-08\n")
    import_reach(tmp_path / "c.csv", kind="closures")
    client, address = signed_in("importer"), reverse("reach_file_withdraw", args=[ReachFile.objects.get().pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"why": " "}).status_code == 422
    assert client.post(address, {"why": "wrong venue"}).status_code == 302
    assert ReachFile.objects.get().withdrawn_at is not None
    assert signed_in("evaluator").post(address, {"why": "x"})["Location"] == reverse("wagtailadmin_home")


def test_areas_show_rungs_by_area_with_bounds(signed_in, tmp_path):
    lines = {
        "out_of_home": "area,week,reach,impacts,population\nE06000016,2024-W10,30000,120000,300000\n",
        "social": "area,date,platform,impressions,reach,type\nE06000016,2024-03-08,tiktok,9000,6000,paid\n"
                  "E06000016,2024-03-09,tiktok,7000,4000,paid\n",
        "survey": "area,date,question,asked,yes\nE06000016,2024-03-08,seen_it,400,120\n",
        "web": "date,code,visitors\n2024-03-08,insta-1,12\n",
    }  # fmt: skip
    for kind, text in lines.items():
        (tmp_path / f"{kind}.csv").write_text(text)
        import_reach(tmp_path / f"{kind}.csv", kind=kind)
    answer = signed_in("evaluator").get(reverse("reach_areas") + PERIOD)
    context = answer.context
    assert context["street"].rows == [["2024-W10", "Leicester", "30,000", "120,000", "4.0", "10.0 %", "40"]]
    assert context["social"].rows == [["2024-W10", "Leicester", "tiktok paid", "16,000", "6,000", None, None]]
    assert context["survey"].rows == [["2024-W10", "Leicester", "Have seen it", "30%", "26% to 35%", "400"]]
    [together] = context["together"].rows
    assert together[3:] == ["10%", "12%", "12%"]  # 0.10 and 0.02: at least 10, 11.8 if independent, at most 12
    assert not any(venue.encode() in answer.content for venue in ("SYN001", "SYN150"))
