"""Takes the pictures of docs/editors-guide.md from a running demo: example pages are made, photographed and deleted."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from PIL import Image
from wagtail.models import Locale
from wagtail.rich_text import RichText
from wagtail_localize.models import Translation, TranslationSource

from campaign_pages.accounts.models import User
from campaign_pages.models import ArticlePage, CampaignImage, ChoicesStoryPage, HelpLine, HomePage

TITLE = "A lift home (example)"
STORY = "An example story"
SIZE = {"width": 1280, "height": 800}
COLOURS = 64
TIPS = {
    "heading": "",
    "tips": [
        {"action": "Book it before you go out", "say": "Our cab is here.", "detail": "", "only_if_safe": False}
    ],
}


class Command(BaseCommand):
    help = "Photographs the admin for docs/editors-guide.md. Needs the running demo on this machine, and Chromium."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="the running demo")
        parser.add_argument("--out", default="docs/pictures", type=Path)

    def handle(self, *args: Any, base_url: str, out: Path, **options: Any) -> None:
        if not settings.WALKAWAY_DEMO:
            raise CommandError("These are not the demo's settings: no example pages were made.")
        try:
            from playwright.sync_api import sync_playwright
        except ImportError as error:
            raise CommandError("Playwright is missing: install the development requirements.") from error
        found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
        browser_path = next(found, None)
        if browser_path is None:
            raise CommandError("No Chromium on this machine: apt-get install chromium")
        # Playwright's synchronous interface runs an event loop in this thread; Django would refuse the database.
        os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        out.mkdir(parents=True, exist_ok=True)
        cookies = {role: _cookie(role) for role in ("author", "approver")}
        with sync_playwright() as playwright, _examples() as steps:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            )
            people = {}
            for role, cookie in cookies.items():
                context = browser.new_context(viewport=SIZE, reduced_motion="reduce")  # type: ignore[arg-type]
                name, _, value = cookie.partition("=")
                context.add_cookies([{"name": name, "value": value, "url": base_url}])
                people[role] = context.new_page()
            for name, role, prepare, show in steps:
                page = people[role]
                page.goto(base_url + prepare(), wait_until="networkidle")
                show(page)
                size = _save(page.screenshot(), out / f"editors-{name}.png")
                self.stderr.write(f"editors-{name}.png {size / 1000:.0f} kB")
            browser.close()
        self.stdout.write(f"{len(steps)} pictures in {out}")


def _cookie(role: str) -> str:
    answer = StringIO()
    call_command("demo_session", role, stdout=answer)
    return str(json.loads(answer.getvalue())["cookie"])


def _save(picture: bytes, target: Path) -> int:
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    return target.stat().st_size


Step = tuple[str, str, Callable[[], str], Callable[[Any], None]]


@contextmanager
def _examples() -> Iterator[list[Step]]:
    """Name, who looks, what has to be there first (answers the address), and what to press before the picture."""
    _clear()
    author = User.objects.get(username="author")
    home = HomePage.objects.get(locale__language_code=settings.LANGUAGE_CODE)
    page = ArticlePage(title=TITLE, slug="example-lift-home", live=False, body=[("tips", TIPS)])
    home.add_child(instance=page)
    edit = f"/admin/pages/{page.pk}/edit/"

    def draft(words: str, *, helped: bool) -> Callable[[], str]:
        def make() -> str:
            page.body = [("tips", TIPS), ("text", RichText(f"<p>{words}</p>"))]
            if helped:
                lines = list(HelpLine.objects.filter(locale=home.locale)[:2])
                page.body.append(("help_lines", {"heading": "Get help", "lines": lines}))
            page.go_live_at = timezone.now() + timedelta(days=2) if helped else None
            page.save_revision(user=author)
            return edit

        return make

    def submit() -> str:
        page.get_workflow().start(page, user=author)
        return edit

    def story() -> str:
        made = ChoicesStoryPage(title=STORY, slug="example-story", lead="An example.", live=False, steps=[])
        home.add_child(instance=made)
        step = {
            "name": "At the bar",
            "text": RichText("<p>It is loud.</p>"),
            "picture": CampaignImage.objects.first(),
        }
        made.steps = [("step", {"choices": [], **step})]
        made.save_revision(user=author)
        return f"/admin/pages/{made.pk}/edit/"

    def translation() -> str:
        english = ArticlePage.objects.child_of(home).get(slug="mates")
        polish = Locale.objects.get(language_code="pl")
        source, _ = TranslationSource.get_or_create_from_instance(english)
        Translation.objects.create(source=source, target_locale=polish).save_target(user=author, publish=False)
        return f"/admin/pages/{english.get_translation(polish).pk}/edit/"

    try:
        yield [
            ("checks", "author", draft("They are scum. Wait inside.", helped=False), _preview),
            ("blocks", "author", lambda: edit, _chooser),
            ("send", "author", draft("Wait inside with your mates.", helped=True), _menu),
            ("schedule", "author", lambda: edit, _schedule),
            ("today", "approver", lambda: (submit(), "/admin/")[1], lambda shown: None),
            ("approve", "approver", lambda: edit, _menu),
            ("hold", "approver", lambda: "/admin/incident-hold/", lambda shown: None),
            ("alt-text", "author", story, _alt_text),
            ("translate", "approver", translation, _publish),
        ]
    finally:
        _clear()


def _clear() -> None:
    for page in (*ArticlePage.objects.filter(title=TITLE), *ChoicesStoryPage.objects.filter(title=STORY)):
        page.delete()
    for translated in ArticlePage.objects.filter(slug__startswith="mates", locale__language_code="pl", live=False):
        Translation.objects.filter(source__object_id=translated.translation_key).delete()
        TranslationSource.objects.filter(object_id=translated.translation_key).delete()
        translated.delete()


def _preview(page: Any) -> None:
    page.get_by_role("button", name="Toggle preview").click()
    page.frame_locator("iframe[title=Preview]").last.get_by_text("Not ready").wait_for()
    page.wait_for_timeout(1500)


def _chooser(page: Any) -> None:
    page.get_by_role("button", name="Toggle preview").click()
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name="Figure with its source").wait_for()
    with suppress(Exception):  # the picture is good without the eye, too
        page.get_by_role("option", name="Figure with its source").locator("xpath=..").get_by_label(
            "Preview"
        ).hover()
    page.wait_for_timeout(2500)


def _menu(page: Any) -> None:
    page.locator("footer").get_by_role("button", name="More actions").click()
    page.wait_for_timeout(800)


def _schedule(page: Any) -> None:
    page.get_by_role("button", name="Toggle status").click()
    page.get_by_role("button", name="schedule").first.click()
    page.get_by_text("Choose when this page should go live").wait_for()
    page.wait_for_timeout(800)


def _alt_text(page: Any) -> None:
    page.locator("[id$='value-picture-alt_text']").first.scroll_into_view_if_needed()
    page.wait_for_timeout(800)


def _publish(page: Any) -> None:
    page.wait_for_timeout(3000)
