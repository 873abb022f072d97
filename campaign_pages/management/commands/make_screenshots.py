"""Takes a picture of every public page at two widths, light and dark, for docs/screenshots."""

import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen
from xml.etree import ElementTree

from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image

WIDTHS = {360: 740, 1280: 800}
ALSO = ("/venues/", "/venues/SYN001/", "/accounts/login/", "/no-such-page/")  # SYN001: a venue of the demo
TALLEST = 4000  # pixels: a longer page is cut, the pictures stay small
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


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
        paths = path or self.public_paths(base_url)
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
                        target = out / f"{one.strip('/').replace('/', '-') or 'home'}-{width}-{scheme}.png"
                        total += save_small(picture, target)
                        if sys.stderr.isatty():
                            self.stderr.write(str(target))
                    context.close()
            browser.close()
        self.stdout.write(f"{len(paths) * 4} pictures in {out}, {total / 1e6:.1f} MB")

    def public_paths(self, base_url: str) -> list[str]:
        """Paths in the running site's sitemap, and those that stand in no sitemap."""
        if not base_url.startswith(("http://", "https://")):
            raise CommandError("--base-url must start with http:// or https://.", returncode=2)
        try:
            with urlopen(f"{base_url}/sitemap.xml", timeout=20) as answer:  # noqa: S310
                tree = ElementTree.fromstring(answer.read())  # noqa: S314
        except (URLError, OSError, ElementTree.ParseError) as error:
            raise CommandError(f"No sitemap at {base_url}/sitemap.xml ({error}). Start the site first.") from error
        paths = [urlsplit(place.text or "").path for place in tree.iter(NAMESPACE)]
        return [*paths, *(one for one in ALSO if one not in paths)]


def save_small(picture: bytes, target: Path) -> int:
    """Writes the PNG with a palette of 128 colours and returns its size in bytes."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, TALLEST)))
    image.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)
    return target.stat().st_size
