"""Instagram's documented routes: container, status, publish, listing, quota, insights."""

import re
import time
from dataclasses import dataclass
from typing import Any

from campaign_pages.social.sandbox.faults import Fault
from campaign_pages.social.sandbox.state import Container, LivePost, SandboxState

CONTAINER_LIFE_SECONDS = 24 * 3600
PROCESSING_SECONDS = 0.2


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]


def error(status: int, message: str, code: int, subcode: int = 0) -> Answer:
    return Answer(
        status, {"error": {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}}
    )


def step_of(method: str, path: str) -> str:
    """Which of the publisher's steps a request belongs to, so that faults can be aimed."""
    if path.endswith("/media_publish"):
        return "commit"
    if path.endswith("/insights"):
        return "metrics"
    if method == "POST":
        return "prepare"
    return "probe" if path.endswith("/media") else "poll"


def answer(state: SandboxState, method: str, path: str, fields: dict[str, str], fault: Fault | None) -> Answer:
    """Answers one request as Instagram would. `path` is without the version."""
    if not fields.get("access_token"):
        return error(400, "Invalid OAuth access token.", 190)
    if match := re.fullmatch(r"(\w+)/media_publish", path):
        return _publish(state, match[1], fields, fault) if method == "POST" else error(400, "Use POST.", 100)
    if match := re.fullmatch(r"(\w+)/media", path):
        return _prepare(state, match[1], fields, fault) if method == "POST" else _list(state, match[1], fields)
    if match := re.fullmatch(r"(\w+)/content_publishing_limit", path):
        used = sum(post.account == match[1] and post.published_at > time.time() - 86_400 for post in state.posts)
        return Answer(
            200, {"data": [{"config": {"quota_total": 50, "quota_duration": 86_400}, "quota_usage": used}]}
        )
    if match := re.fullmatch(r"(\w+)/insights", path):
        return Answer(200, {"data": []})  # an empty set is not 0
    if match := re.fullmatch(r"(\d+)", path):
        return _status(state, match[1])
    return error(404, "Unknown path components.", 2500)


def _prepare(state: SandboxState, account: str, fields: dict[str, str], fault: Fault | None) -> Answer:
    caption, image_url = fields.get("caption", ""), fields.get("image_url", "")
    if not image_url:
        return error(400, "The parameter image_url is required.", 100)
    if len(caption) > 2200:
        return error(400, "The caption was too long.", 36004, 2207010)
    never = fault is not None and fault.kind == "processing_forever"
    container = Container(state.number(), account, caption, image_url, time.time(), never_ready=never)
    state.add_container(container)
    return Answer(200, {"id": container.id})


def _status(state: SandboxState, number: str) -> Answer:
    container = state.containers.get(number)
    if container is None:
        return error(400, f"Object with ID '{number}' does not exist.", 100, 33)
    age = time.time() - container.made_at
    if container.published_as:
        status = "PUBLISHED"
    elif age > CONTAINER_LIFE_SECONDS:
        status = "EXPIRED"
    elif container.never_ready or age < PROCESSING_SECONDS:
        status = "IN_PROGRESS"
    else:
        status = "FINISHED"
    return Answer(200, {"status_code": status, "status": status.title(), "id": number})


def _publish(state: SandboxState, account: str, fields: dict[str, str], fault: Fault | None) -> Answer:
    container = state.containers.get(fields.get("creation_id", ""))
    if container is None or container.account != account:
        return error(400, "Media ID is not available.", 24, 2207006)
    if _status(state, container.id).body["status_code"] == "IN_PROGRESS":
        return error(400, "The media is not ready to be published. Please wait a moment.", 9007, 2207027)
    listed_after = fault.seconds if fault is not None and fault.kind == "eventual_listing" else 0.0
    post: LivePost = state.publish("instagram", container, listed_after=listed_after)
    return Answer(200, {"id": post.platform_id})


def _list(state: SandboxState, account: str, fields: dict[str, str]) -> Answer:
    now, since = time.time(), float(fields.get("since", 0))
    rows = [
        {
            "id": post.platform_id,
            "caption": post.text,
            "permalink": f"https://sandbox.invalid/p/{post.platform_id}/",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(post.published_at)),
        }
        for post in reversed(state.posts)
        if post.account == account
        and post.platform == "instagram"
        and post.published_at >= since
        and post.listed_from <= now
    ]
    return Answer(200, {"data": rows[: int(fields.get("limit", 25))]})
