"""What the pretended platforms remember: containers and live posts. Optionally kept in a file over restarts."""

import itertools
import json
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Container:
    id: str
    account: str
    caption: str
    image_url: str
    made_at: float
    published_as: str = ""
    never_ready: bool = False


@dataclass
class LivePost:
    platform: str
    account: str
    platform_id: str
    text: str
    image_url: str
    dispatch: str
    published_at: float
    listed_from: float

    def public(self) -> dict[str, Any]:
        keys = ("platform", "account", "platform_id", "text", "dispatch")
        row = {key: getattr(self, key) for key in keys if getattr(self, key) != "" or key != "dispatch"}
        row["published_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.published_at))
        return row


@dataclass
class SandboxState:
    path: Path | None = None
    containers: dict[str, Container] = field(default_factory=dict)
    posts: list[LivePost] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        first = 17_900_000_000_000
        if self.path and self.path.exists():
            kept = json.loads(self.path.read_text())
            self.containers = {row["id"]: Container(**row) for row in kept["containers"]}
            self.posts = [LivePost(**row) for row in kept["posts"]]
            first = kept["next_id"]
        self._numbers = itertools.count(first)
        self._last = first

    def number(self) -> str:
        with self.lock:
            self._last = next(self._numbers)
            return str(self._last)

    def add_container(self, container: Container) -> None:
        with self.lock:
            self.containers[container.id] = container
            self._save()

    def publish(self, platform: str, container: Container, *, listed_after: float = 0.0) -> LivePost:
        """Not idempotent on purpose: each call makes another post, as the documents do not promise otherwise."""
        with self.lock:
            now = time.time()
            post = LivePost(
                platform, container.account, self.number(), container.caption, container.image_url,
                dispatch_in(container.caption), now, now + listed_after,
            )  # fmt: skip
            self.posts.append(post)
            container.published_as = post.platform_id
            self._save()
            return post

    def _save(self) -> None:
        if self.path is None:
            return
        draft = self.path.with_suffix(".draft")
        draft.write_text(
            json.dumps(
                {
                    "containers": [asdict(row) for row in self.containers.values()],
                    "posts": [asdict(row) for row in self.posts],
                    "next_id": self._last + 1,
                }
            )
        )
        draft.replace(self.path)


def dispatch_in(caption: str) -> str:
    """The dispatch number that the caption's own link carries, or nothing."""
    for word in caption.split():
        if "utm_content=" in word:
            return parse_qs(urlsplit(word).query).get("utm_content", [""])[0]
    return ""
