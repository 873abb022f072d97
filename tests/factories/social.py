"""Posts, people and a platform sandbox made on the spot."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.files.images import ImageFile
from django.utils import timezone
from PIL import Image

from campaign_pages.accounts import demo_people
from campaign_pages.accounts.models import User
from campaign_pages.accounts.roles import set_up_roles
from campaign_pages.models import CampaignImage
from campaign_pages.social.models import Dispatch, Post, SocialAccount
from campaign_pages.social.posts import approve_post, submit_post, write_post
from campaign_pages.social.sandbox.faults import Fault, Faults
from campaign_pages.social.sandbox.server import SandboxServer
from campaign_pages.social.stopping import ensure_switches


def people() -> dict[str, User]:
    set_up_roles()
    demo_people.load(seed=1, say=lambda line: None)
    ensure_switches()
    return {user.get_username(): user for user in User.objects.all()}


def picture(width: int = 1080, height: int = 1350, kind: str = "JPEG", title: str = "Ring") -> CampaignImage:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#123").save(file, kind)
    return CampaignImage.objects.create(title=title, file=ImageFile(file, name=f"ring.{kind.lower()}"))


def account(platform: str = "instagram", mode: str = "direct", **fields: object) -> SocialAccount:
    made, _ = SocialAccount.objects.get_or_create(
        platform=platform,
        handle=str(fields.pop("handle", "walkaway_test")),
        defaults={"platform_user_id": "17841400000000009", "mode": mode, "simulated": True} | fields,
    )
    return made


def local(instant: datetime) -> datetime:
    """The wall time in London of an instant, as a person would type it."""
    return instant.astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None)


def draft(*, by: User, words: str = "Walk away.", due: datetime | None = None, to: list[SocialAccount] | None = None,
          image: CampaignImage | None = None) -> Post:  # fmt: skip
    return write_post(
        by=by, title=words[:40], caption=words, accounts=to or [account()], image=image or picture(),
        alt_text="A ring.", due_local=local(due or timezone.now()),
    )  # fmt: skip


def approved(by: dict[str, User], **fields: object) -> Dispatch:
    """An approved post for one account: its dispatch."""
    post = draft(by=by["author"], **fields)  # type: ignore[arg-type]
    approve_post(post=submit_post(post=post, by=by["author"]), by=by["approver"])
    return Dispatch.objects.get(post=post)


@contextmanager
def sandbox(*faults: Fault) -> Iterator[SandboxServer]:
    """A real server on a free port of this machine."""
    server = SandboxServer(0, faults=Faults(list(faults)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def address_of(server: SandboxServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def make_all_due() -> None:
    """Time passes: every next step is due now and no lease holds."""
    past = timezone.now() - timedelta(seconds=1)
    Dispatch.objects.update(next_at=past, lease_until=past)
