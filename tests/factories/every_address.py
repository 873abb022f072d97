"""One record of everything that an address of the product can name, and each address filled in with it.

The objects are the smallest that their screens can show. A new kind of object in an address gets its line in ``build``.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from wagtail.models import Collection, Locale, Page, Site, Task, Workflow

from analytics import models as rows
from analytics import police_data
from analytics.evaluation import drafts
from analytics.evaluation.rollout_drawing import keep_draw
from analytics.evaluation.rollout_settings import check_settings
from analytics.police_data.sna_tables import TABLES
from campaign_pages import demo_content
from campaign_pages.models import Creative, Fact, Feedback, Film, HelpLine, LanguageWords, PublishedEvaluation
from campaign_pages.models.languages import TranslationCheck
from campaign_pages.venues.check_ins import make_link
from campaign_pages.venues.models import Area, CheckIn, CheckInLink, Download, Venue
from tests.factories import social, venues
from tests.factories.report import sample_result, stored_run


def every_pattern() -> Iterator[tuple[str, Any]]:
    """(address as the resolver writes it, view) of every pattern, each address once."""
    seen: set[str] = set()
    for address, view in _walk(get_resolver(), ""):
        if address not in seen:
            seen.add(address)
            yield address, view


def _walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, pattern.callback
        else:
            yield from _walk(pattern, address)


def is_ours(address: str, view: Any) -> bool:
    """Whether the view is written here, or shows one of our own records."""
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    module = getattr(getattr(view, "view_class", view), "__module__", "")
    return module.startswith(("campaign_pages", "analytics", "walkaway"))


# Addresses that are regular expressions, written out.
WRITTEN_OUT = {
    "admin/pages/^(\\d+)/revisions/compare/(live|earliest|\\d+)\\.\\.\\.(live|latest|\\d+)/$":
        "admin/pages/{page}/revisions/compare/earliest...latest/",
    "admin/api/main/^documents/": "admin/api/main/documents/",
    "admin/^.*/$": "admin/no-such-screen/",
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": "accounts/confirm-email/abc/",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "accounts/password/reset/key/1-abc/",
    "documents/^(\\d+)/(.*)$": "documents/1/x.pdf",
    "^[vV]/(?P<code>[^/]{1,40})/?$": "v/7K3Q9",
    "^media/(?P<path>.*)$": "media/no-such-picture.png",
    "^((?:[\\w\\-]+/)*)$": "tonight/",
}  # fmt: skip


class World:
    """``fill`` writes an address out with a record that is there."""

    def __init__(self) -> None:
        self.values: list[tuple[str, dict[str, object]]] = []

    def name(self, prefix: str, **values: object) -> None:
        """Below this prefix these placeholders stand for these records; the longest prefix wins."""
        self.values.append((prefix, values))

    def fill(self, address: str) -> str:
        if address in WRITTEN_OUT:
            return "/" + WRITTEN_OUT[address].format(page=self._value(address, "page_id"))
        plain = address.replace("^", "").replace("$", "")
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(self._value(address, found[1])), plain)

    def _value(self, address: str, placeholder: str) -> object:
        fitting = [(len(p), v) for p, v in self.values if address.startswith(p) and placeholder in v]
        assert fitting, (
            f"{address} asks for <{placeholder}>, and no record is made for it: "
            "add a line to build() in tests/factories/every_address.py."
        )
        return max(fitting, key=lambda pair: pair[0])[1][placeholder]


def build() -> World:
    """The demo's pages and people, and one of everything else."""
    if (
        connection.vendor == "postgresql"
    ):  # drawing a venue's pack takes a while, all of it in the test's one transaction
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
    demo_content.load(seed=1, say=lambda line: None)
    by = social.people()
    world = World()
    name = world.name
    page = Page.objects.get(slug="tonight")
    home = page.get_parent()
    collection = Collection.get_first_root_node().pk
    name(
        "",
        pk=1, id=1, page_id=page.pk, parent_page_id=home.pk, page_to_move_id=page.pk, destination_id=home.pk,
        content_type_app_name="campaign_pages", content_type_model_name="articlepage", app_label="campaign_pages",
        model_name="articlepage", app_name="campaign_pages", action="delete", action_name="approve", name="no-such-file",
        revision_id=page.latest_revision_id, task_state_id=1, workflow_state_id=1, task_id=Task.objects.first().pk,
        collection_id=collection, workflow_pk=Workflow.objects.first().pk, page_pk=page.pk, object_id=page.pk, session_id=1,
        redirect_id=1, translation_source_id=1, translation_id=1, string_segment_id=1, overridable_segment_id=1, mode="x",
        document_id=1, doc_id=1, uploaded_file_id=1, restriction_id=1, page_view_restriction_id=1, filter_spec="width-400",
        uidb64="MQ", token="abc-def",
    )  # fmt: skip
    picture = social.picture()
    name("admin/images/", image_id=picture.pk, pk=picture.pk)
    name("admin/api/main/^images/", pk=picture.pk)
    name("admin/api/main/^pages/", pk=page.pk, action_name="delete")
    name("admin/settings/", app_name="campaign_pages", model_name="campaignsettings", pk=Site.objects.get().pk)
    name(
        "admin/workflows/tasks/",
        app_label="campaign_pages",
        model_name="secondpersontask",
        pk=Task.objects.first().pk,
    )
    name("admin/workflows/", pk=Workflow.objects.first().pk)
    name("admin/locales/", pk=Locale.objects.first().pk)
    name("admin/sites/", pk=Site.objects.get().pk)
    name("admin/users/", pk=by["author"].pk)
    name("admin/groups/", pk=by["author"].groups.first().pk)
    name(
        "admin/localize/submit/snippet/",
        app_label="campaign_pages",
        model_name="helpline",
        pk=HelpLine.objects.first().pk,
    )
    name("admin/localize/api/", app_label="campaign_pages", model_name="helpline", pk=HelpLine.objects.first().pk)
    name("share/", pk=page.pk, version="abc")

    place = venues.place()
    venue = place.venue
    token = make_link(venue=venue, purpose=CheckInLink.Purpose.STICKER)
    now = timezone.now()
    made = {
        "venues/venue": venue,
        "venues/area": venue.area,
        "venues/checkin": CheckIn.objects.create(venue=venue, place=place, state="up", at=now, source="sticker"),
        "venues/download": Download.objects.create(venue=venue, kind="poster", path="x.pdf", version="1", sha256="0" * 64,
                                                   bytes=1, at=now),
        "campaign_pages/fact": Fact.objects.first(),
        "campaign_pages/helpline": HelpLine.objects.first(),
        "campaign_pages/creative": Creative.objects.first(),
        "campaign_pages/film": Film.objects.create(title="Synthetic", video="films/x.mp4", captions="films/x.vtt", transcript="x"),
        "campaign_pages/feedback": Feedback.objects.create(page="/", text="Synthetic"),
        "campaign_pages/publishedevaluation": PublishedEvaluation.objects.create(title="x", verdict="x", published_on=now.date(), link="https://example.org/"),
        "campaign_pages/translationcheck": TranslationCheck.objects.create(page=page, checked_by="x", checked_on=now.date()),
        "campaign_pages/languagewords": LanguageWords.objects.get_or_create(locale=Locale.objects.first())[0],
    }  # fmt: skip
    for model, record in made.items():
        name(f"admin/snippets/{model}/", pk=record.pk)
        name(f"admin/snippets/choose/{model}/", pk=record.pk)
    name("admin/reactions/", pk=Creative.objects.first().pk)
    name("admin/venues/sticker/", pk=venue.pk)
    name("venues/", code=venue.code, token=token, kind="poster", path="no-such-file.pdf")
    dispatch = social.approved(by)
    name("admin/social/", pk=social.draft(by=by["author"]).pk)
    name("admin/social/dispatch/", pk=dispatch.pk)
    _police(world, by)
    _evaluation(world, by)
    return world


def _police(world: World, by: dict[str, Any]) -> None:
    text = (Path(police_data.__file__).parent / "mappings" / "leicestershire_niche.toml").read_text()
    mapping = rows.SavedMapping.objects.create(
        name="force", version=1, text=text, sha256="0" * 64, author="importer"
    )
    received = rows.ReceivedFile.objects.create(
        name="x.csv", sha256="0" * 64, size=1, key_id="x", stored="x", reason="synthetic", uploaded_by=by["importer"],
        state="refused", purged_at=timezone.now(),
    )  # fmt: skip
    imported = rows.ImportedFile.objects.create(
        name="x.csv", sha256="0" * 64, state="loaded", by="importer", synthetic=True
    )
    upload = rows.ReachUpload.objects.create(
        name="x.csv", kind="door_counts", sha256="0" * 64, content=b"a,b\n", by="importer"
    )
    world.name("admin/police-data/", pk=imported.pk)
    world.name("admin/police-data/received/", pk=received.pk, action="preview")
    world.name("admin/police-data/mappings/", pk=mapping.pk)
    world.name("admin/police-data/tables/", name=TABLES[0])
    world.name("admin/reach/", code="V1", pk=upload.pk)


def _evaluation(world: World, by: dict[str, Any]) -> None:
    evaluator = by["evaluator"]
    plan = rows.EvaluationPlan.objects.create(
        plan_hash="a" * 64, title="Synthetic", content="{}", data_kind="synthetic", outcomes_there=False, code_hash="c" * 64,
        locked_at=timezone.now(), locked_by=evaluator, second=by["second_evaluator"],
    )  # fmt: skip
    run = stored_run(sample_result(), by="evaluator")
    draft = drafts.new_draft(rows.EvaluationDraft.Kind.PLAN, by=evaluator)
    rollout_draft = drafts.new_draft(rows.EvaluationDraft.Kind.ROLLOUT, by=evaluator)
    for number in range(12):
        Venue.objects.create(
            code=f"W{number}", name=f"Synthetic {number}", area=Area.objects.first(), synthetic=True,
            longitude=-1.3 + number / 20, latitude=52.6,
        )  # fmt: skip
    settings, problems = check_settings(
        {"title": "Synthetic", "waves": 2, "seed": 7, "weeks": 40, "from_week": "2026-W10", "data": "synthetic"}
    )
    assert settings is not None, problems
    rollout = keep_draw(settings, by="evaluator")
    job = rows.EvaluationJob.objects.create(kind="simulate", draft=draft, asked_by=evaluator)
    panel = rows.PanelAnalysis.objects.create(
        name="x.csv", sha256="0" * 64, csv="unit,week,n\na,1,2\n", by=evaluator
    )
    world.name("admin/evaluation/", pk=run.pk, name="report.html", code="V1")
    world.name("admin/evaluation/plans/", pk=plan.pk)
    world.name("admin/evaluation/plans/drafts/", pk=draft.pk)
    world.name("admin/evaluation/roll-outs/", pk=rollout.pk, name="schedule.csv")
    world.name("admin/evaluation/roll-outs/drafts/", pk=rollout_draft.pk)
    world.name("admin/evaluation/jobs/", pk=job.pk)
    world.name("admin/evaluation/panel/", pk=panel.pk, name="report.html")


def signed_in(by: Any) -> Client:
    """A browser of this person, or of nobody; errors of the server come back as answers."""
    client = Client(raise_request_exception=False)
    if by is not None:
        client.force_login(by)
    return client
