"""One durable line for each hit of a poster place's address. No Django, no database, no waiting.

A line is `1 <code> <unix seconds> <result>`; it holds no address, no user agent, no cookie. One os.write on a file
opened with O_APPEND never interleaves with another process's line (local disks only).
"""

import os
import re
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import crawleruseragents

VERSION = "1"
COUNTED = "counted"
RESULTS = {COUNTED, "head_or_prefetch", "objected", "unknown_code", "link_preview", "bot", "headless", "staff"}

_LINK_PREVIEW = re.compile(
    r"WhatsApp|facebookexternalhit|Slackbot|Slack-ImgProxy|TelegramBot|Twitterbot|LinkedInBot|Discordbot|SkypeUriPreview|"
    r"Teams|SafeLinks|Snapchat.*bot|Iframely|Google-PageRenderer|bitlybot",
    re.IGNORECASE,
)
_HEADLESS = re.compile(r"HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|SlimerJS", re.IGNORECASE)


def result_of(method: str, headers: Mapping[str, str], *, known: bool, objected: bool) -> str:
    """Exactly one result for each hit, judged in this order. The user agent is read here and never kept."""
    purpose = f"{headers.get('Sec-Purpose', '')} {headers.get('Purpose', '')}".lower()
    if method != "GET" or "prefetch" in purpose:
        return "head_or_prefetch"
    if objected or headers.get("Sec-GPC") == "1" or headers.get("DNT") == "1":
        return "objected"
    if not known:
        return "unknown_code"
    agent = headers.get("User-Agent", "")
    if _LINK_PREVIEW.search(agent):
        return "link_preview"
    if _HEADLESS.search(agent):
        return "headless"
    if not agent or crawleruseragents.is_crawler(agent):
        return "bot"
    return COUNTED


def append(folder: Path, code: str, result: str, *, at: float | None = None) -> None:
    """Writes one line before the visitor is answered. Raises OSError when the disk refuses."""
    at = time.time() if at is None else at
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    line = f"{VERSION} {code or '-'} {int(at)} {result}\n".encode()
    descriptor = os.open(folder / f"{day}.{_host()}.scans", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError("the line was written in part")
    finally:
        os.close(descriptor)


@cache
def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:40]
