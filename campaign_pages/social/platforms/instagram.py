"""Instagram's Graph API: a container is prepared out of sight, then published by one small request.

Documents: Instagram Platform, "Content Publishing", "IG Container", "Error Codes". `media_publish` is not
documented as idempotent, so it is never sent twice; the container's status_code PUBLISHED is decisive.
"""

from datetime import datetime
from typing import Any

import httpx

from campaign_pages.social.platforms.contract import (
    Absent,
    Account,
    AlreadyPublished,
    Committed,
    Handle,
    Issue,
    Live,
    Message,
    Metrics,
    Picture,
    Ready,
    Rejected,
    Undecided,
    Unknown,
    Waiting,
)  # fmt: skip
from campaign_pages.social.platforms.limits import broken_limits

API_VERSION = "v24.0"
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
COMMIT_TIMEOUT = httpx.Timeout(25.0, connect=5.0)  # inside the publisher's lease of 120 s

# (code, subcode) that are known to be raised before anything is created.
NOT_READY = (9007, 2207027)
BLOCKED = (4, 2207051)  # has been answered although the post was live
CONTAINER_EXPIRED = {(-2, 2207020), (24, 2207006), (24, 2207008)}
FINAL = {
    (36000, 2207004): "the picture is larger than 8 MB",
    (36003, 2207009): "the picture's shape is not allowed",
    (36004, 2207010): "the caption is too long",
    (352, 2207026): "the video's format is not allowed",
    (9, 2207042): "the account's daily number of posts is used up",
    (25, 2207050): "the account is restricted",
    (190, 0): "the access token is not valid any more",
}


class Instagram:
    name = "instagram"

    def prepare(self, account: Account, message: Message) -> Handle | Rejected:
        answer = self._send(
            account, "POST", f"{account.user_id}/media",
            {"image_url": message.image_url, "caption": message.caption, "alt_text": message.alt_text},
        )  # fmt: skip
        if isinstance(answer, dict) and answer.get("id"):
            return Handle({"container_id": str(answer["id"])})
        return _rejection(answer)

    def poll(self, account: Account, handle: Handle) -> Ready | Waiting | AlreadyPublished | Rejected:
        answer = self._send(account, "GET", handle.data["container_id"], {"fields": "status_code,status"})
        status = answer.get("status_code") if isinstance(answer, dict) else None
        if status == "FINISHED":
            return Ready()
        if status == "PUBLISHED":
            return AlreadyPublished()
        if status == "ERROR":
            return Rejected(
                f"Instagram could not use the picture: {answer.get('status', 'no reason given')}"[:250]
            )
        if status == "EXPIRED":
            return Rejected("the prepared post ran out after 24 hours", retry=True, prepare_again=True)
        return Waiting(str(status or "no status"))

    def commit(self, account: Account, handle: Handle, message: Message) -> Committed | Rejected | Unknown:
        url = f"{account.base_url}/{API_VERSION}/{account.user_id}/media_publish"
        try:
            with httpx.Client(timeout=COMMIT_TIMEOUT) as client:
                response = client.post(
                    url, data={"creation_id": handle.data["container_id"], "access_token": account.token}
                )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Rejected(f"no connection: {type(error).__name__}", retry=True, outage=True)  # no byte had left
        except httpx.HTTPError as error:
            return Unknown(f"the reply was lost: {type(error).__name__}")
        body = _json(response)
        if response.status_code < 300:
            if isinstance(body, dict) and body.get("id"):
                return Committed(str(body["id"]))
            return Unknown("Instagram answered without an id")
        codes = _codes(body)
        if codes == BLOCKED:
            return Unknown("Instagram says that it blocked the action")
        if codes == NOT_READY:
            return Rejected("the picture is still being processed", retry=True)
        if codes in CONTAINER_EXPIRED:
            return Rejected("the prepared post ran out", retry=True, prepare_again=True)
        if response.status_code == 429:
            return Rejected("Instagram asks us to slow down", retry=True, outage=True)
        if response.status_code < 500 and (reason := FINAL.get(codes) or FINAL.get((codes[0], 0))):
            return Rejected(reason)
        return Unknown(f"HTTP {response.status_code}, code {codes[0]}/{codes[1]}")

    def probe(
        self, account: Account, handle: Handle, message: Message, since: datetime
    ) -> Live | Absent | Undecided:
        found = self._listed(account, message, since)
        if found:
            return Live(str(found["id"]), str(found.get("permalink", "")))
        answer = self._send(account, "GET", handle.data["container_id"], {"fields": "status_code,status"})
        status = answer.get("status_code") if isinstance(answer, dict) else None
        if found is not None and status in {"FINISHED", "EXPIRED", "ERROR"}:
            return Absent(f"container is {status} and not listed")
        return Undecided(f"container is {status or 'unreadable'}")

    def metrics(self, account: Account, platform_id: str) -> Metrics:
        answer = self._send(account, "GET", f"{platform_id}/insights", {"metric": "views,reach"})
        rows = answer.get("data", []) if isinstance(answer, dict) else []
        values = {row["name"]: row["values"][0]["value"] for row in rows if row.get("values")}
        return Metrics(impressions=values.get("views"), reach=values.get("reach"), raw=answer or {})

    def validate(self, caption: str, picture: Picture | None) -> list[Issue]:
        return broken_limits(self.name, caption, picture)

    def _listed(self, account: Account, message: Message, since: datetime) -> dict[str, Any] | None:
        """The live item that carries this dispatch, {} when the listing has none, None when it cannot be read."""
        answer = self._send(
            account, "GET", f"{account.user_id}/media",
            {"fields": "id,caption,permalink,timestamp", "since": str(int(since.timestamp()) - 60), "limit": "100"},
        )  # fmt: skip
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            return None
        return next(
            (item for item in answer["data"] if isinstance(item, dict) and item.get("caption") == message.caption),
            {},
        )

    def _send(self, account: Account, method: str, path: str, fields: dict[str, str]) -> dict[str, Any]:
        """A request that may be repeated. Never raises: what went wrong stands under "error"."""
        url = f"{account.base_url}/{API_VERSION}/{path}"
        data = fields | {"access_token": account.token}
        try:
            with httpx.Client(timeout=TIMEOUT) as client:
                response = client.get(url, params=data) if method == "GET" else client.post(url, data=data)
        except httpx.HTTPError as error:
            return {"error": {"message": type(error).__name__, "transient": True}}
        body = _json(response)
        if not isinstance(body, dict):
            return {"error": {"message": f"HTTP {response.status_code} without JSON", "transient": True}}
        if response.status_code >= 500 or response.status_code == 429:
            body["error"] = _error_of(body) | {"transient": True}
        return body


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _codes(body: Any) -> tuple[int, int]:
    error = _error_of(body)
    code, subcode = error.get("code"), error.get("error_subcode")
    return code if isinstance(code, int) else 0, subcode if isinstance(subcode, int) else 0


def _error_of(body: Any) -> dict[str, Any]:
    """The error object; proxies and login pages answer with other shapes, of which only the words are kept."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return error
    return {"message": str(error)} if error else {}


def _rejection(answer: dict[str, Any]) -> Rejected:
    error = _error_of(answer)
    codes = _codes(answer)
    reason = FINAL.get(codes) or FINAL.get((codes[0], 0))
    if reason:
        return Rejected(reason)
    return Rejected(
        str(error.get("message", "Instagram gave no reason"))[:250],
        retry=True,
        outage=bool(error.get("transient")),
    )
