"""Takes a picture of every public page at two widths, light and dark, for docs/screenshots."""

import re
import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image

from campaign_pages.running_site import NoSite, public_paths

WIDTHS = {360: 740, 1280: 800}
ALSO = ("/accounts/login/", "/no-such-page/")
TALLEST = 3000  # pixels: a longer page is cut, the pictures stay small


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # it looks at a running site only
    help = "Photographs public pages (sitemap, venues, sign-in, 404) at 360 and 1280 px, light and dark."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="a running site")
        parser.add_argument("--out", default="docs/screenshots", type=Path)
        parser.add_argument(
            "--cookie", default="", help="name=value of a signed-in session, for --path of the admin"
        )
        parser.add_argument("--path", action="append", default=[], help="only these paths (may be repeated)")

    def handle(self, *args: Any, base_url: str, out: Path, cookie: str, path: list[str], **options: Any) -> None:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError as error:
            raise CommandError("Playwright is missing: install the development requirements.") from error
        browser_path = next(
            filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
        )
        if browser_path is None:
            raise CommandError("No Chromium on this machine: apt-get install chromium")
        base_url = base_url.rstrip("/")
        try:
            paths = path or [*public_paths(base_url), *ALSO]
        except NoSite as error:
            raise CommandError(str(error)) from error
        out.mkdir(parents=True, exist_ok=True)
        total = 0
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
            )
            for width, height in WIDTHS.items():
                for scheme in ("light", "dark"):
                    context = browser.new_context(
                        viewport={"width": width, "height": height},
                        color_scheme=scheme,
                        reduced_motion="reduce",
                    )
                    if cookie:
                        name, _, value = cookie.partition("=")
                        context.add_cookies([{"name": name, "value": value, "url": base_url}])
                    page = context.new_page()
                    for one in paths:
                        page.goto(base_url + one, wait_until="networkidle")
                        picture = page.screenshot(full_page=True)
                        target = out / f"{file_name(one)}-{width}-{scheme}.png"
                        total += save_small(picture, target)
                        if sys.stderr.isatty():
                            self.stderr.write(str(target))
                    context.close()
            browser.close()
        self.stdout.write(f"{len(paths) * 4} pictures in {out}, {total / 1e6:.1f} MB")


def file_name(path: str) -> str:
    """A path as part of a file name: /search/?q=mates is search-q-mates."""
    return re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-") or "home"


def save_small(picture: bytes, target: Path) -> int:
    """Writes the PNG with a palette of 48 colours and returns its size in bytes."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, TALLEST)))
    image.quantize(48, dither=Image.Dither.NONE).save(target, optimize=True)
    return target.stat().st_size
