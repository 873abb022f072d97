"""Measures every public page of a running site: Lighthouse (phone, its own throttling) and the Nu HTML checker.

Both are programs of their own, installed where you like and not part of this project: docs/public-quality.md.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaign_pages.running_site import NoSite, public_paths

LEAST = {"accessibility": 100, "best-practices": 100, "seo": 100, "performance": 98}
MOST_BYTES = 100_000  # first view, everything in
CHROMIUM_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # it looks at a running site only
    help = "Lighthouse and HTML validity of every public page. Exit 1 where a page falls short."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="a running site")
        parser.add_argument("--lighthouse", default="", help="path of the lighthouse program; empty: not run")
        parser.add_argument("--vnu", default="", help="path of vnu.jar, the Nu HTML checker; empty: not run")
        parser.add_argument("--path", action="append", default=[], help="only these paths (may be repeated)")
        parser.add_argument("--json", action="store_true")

    def handle(
        self, *args: Any, base_url: str, lighthouse: str, vnu: str, path: list[str], **options: Any
    ) -> None:
        if not lighthouse and not vnu:
            raise CommandError("Nothing to run: give --lighthouse, --vnu or both.", returncode=2)
        base_url = base_url.rstrip("/")
        try:
            paths = path or public_paths(base_url)
        except NoSite as error:
            raise CommandError(str(error)) from error
        rows = []
        for number, one in enumerate(paths, 1):
            row: dict[str, Any] = {"path": one, "problems": []}
            if vnu:
                row["problems"] += html_errors(base_url + one, vnu)
            if lighthouse:
                row |= (scores := lighthouse_scores(base_url + one, lighthouse))
                row["problems"] += [
                    f"{name} {scores['scores'][name]}, at least {least}"
                    for name, least in LEAST.items()
                    if scores["scores"][name] < least
                ]
                if scores["bytes"] > MOST_BYTES:
                    row["problems"].append(f"{scores['bytes']:,} bytes, at most {MOST_BYTES:,}")
            rows.append(row)
            said = "; ".join(row["problems"]) or "good"
            self.stderr.write(f"{number}/{len(paths)} {one} {row.get('scores', '')} {said}")
        if options["json"]:
            self.stdout.write(json.dumps({"pages": rows}))
        if short := [row["path"] for row in rows if row["problems"]]:
            raise CommandError(f"{len(short)} of {len(rows)} pages fall short: {', '.join(short)}")
        self.stderr.write(f"All {len(rows)} pages are good.")


def html_errors(address: str, jar: str) -> list[str]:
    """What the Nu checker finds wrong in one page; its warnings and advice are left out."""
    try:
        with urlopen(address, timeout=60) as answer:  # noqa: S310
            html = answer.read()
    except HTTPError as error:  # the page for a missing page has to be valid as well
        html = error.read()
    except (URLError, OSError) as error:
        raise CommandError(f"{address} does not answer: {error}") from error
    done = subprocess.run(
        ["java", "-jar", jar, "--format", "json", "--errors-only", "--exit-zero-always", "-"],
        input=html, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    try:
        found = json.loads(done.stderr or b"{}")["messages"]
    except (ValueError, KeyError) as error:
        raise CommandError(
            f"The HTML checker did not run: {done.stderr[-300:].decode(errors='replace')}"
        ) from error
    return [f"line {item.get('lastLine')}: {item['message']}" for item in found if item["type"] != "info"]


def lighthouse_scores(address: str, program: str) -> dict[str, Any]:
    """Scores out of 100 and bytes of the first view, in Lighthouse's own default for a phone."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise CommandError("No Chromium on this machine: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run(
            [program, address, "--quiet", "--output=json", f"--output-path={report}", f"--chrome-flags={CHROMIUM_FLAGS}"],
            env={"CHROME_PATH": chromium, "PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": folder},
            capture_output=True, check=False, timeout=300,
        )  # fmt: skip
        if not report.exists():
            raise CommandError(f"Lighthouse failed on {address}: {done.stderr[-400:].decode(errors='replace')}")
        result = json.loads(report.read_text())
    scores = {name: round((part["score"] or 0) * 100) for name, part in result["categories"].items()}
    return {"scores": scores, "bytes": int(result["audits"]["total-byte-weight"]["numericValue"])}
