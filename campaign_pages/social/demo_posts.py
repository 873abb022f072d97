"""The demo's posts. Every account is simulated: nothing leaves this machine."""

import io
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.images import ImageFile
from django.utils import timezone
from PIL import Image, ImageDraw

from campaign_pages.accounts.models import User
from campaign_pages.models import CampaignImage
from campaign_pages.social.models import Dispatch, Post, SocialAccount
from campaign_pages.social.posts import approve_post, submit_post, write_post
from campaign_pages.social.stopping import ensure_switches

LONDON = ZoneInfo("Europe/London")
PICTURE_TITLE = "Footprints out of the ring (demo)"
ALT_TEXT = "White footprints lead out of an orange ring into a dark blue night."
ACCOUNTS = (
    # The sandbox knows accounts by this number only: here it is the handle, so that both lists name the same account.
    ("instagram", "walkaway_demo", "walkaway_demo", SocialAccount.Mode.DIRECT),
    ("tiktok", "walkaway_demo", "demo-tiktok", SocialAccount.Mode.HANDOFF),
    ("youtube", "walkaway_demo", "demo-youtube", SocialAccount.Mode.HANDOFF),
    ("snapchat", "walkaway_demo", "demo-snapchat", SocialAccount.Mode.HANDOFF),
)
LINES = (
    ("Mates walk together", "You came out together. Go home together. If it heats up, walk away with your mate."),
    ("It was only a drink", "A spilled drink is a fiver. Say sorry, let it go, walk away."),
    ("The quiet word", "One quiet word from a mate beats ten loud ones. “Come on, let's get some food.”"),
    (
        "Door staff are there for you",
        "Seen it kicking off? Tell the door staff. That is not grassing, that is looking out.",
    ),
    ("Tomorrow", "Nobody wakes up sorry that they walked away."),
)


def load(*, seed: int, say: Callable[[str], None]) -> None:
    """Accounts, a picture, and posts in several states; one falls due some twenty seconds from now."""
    accounts = _accounts()
    ensure_switches()
    if Post.objects.exists():
        say(f"  {Post.objects.count()} posts are there already")
        return
    author, approver = (User.objects.get(username=name) for name in ("author", "approver"))
    image = _picture(author)
    instagram = accounts[0]
    now = timezone.now()

    def written(index: int, due: datetime, to: list[SocialAccount]) -> Post:
        title, words = LINES[index]
        return write_post(
            by=author, title=title, caption=f"{words}\n\n#WalkAway", accounts=to, image=image, alt_text=ALT_TEXT,
            due_local=due.astimezone(LONDON).replace(tzinfo=None),
        )  # fmt: skip

    soon = written(0, now + timedelta(seconds=20), [instagram])
    later = written(1, (now + timedelta(days=1)).replace(hour=20, minute=0, second=0, microsecond=0), [instagram])
    by_hand = written(
        2, (now + timedelta(days=2)).replace(hour=19, minute=0, second=0, microsecond=0), accounts[1:2]
    )
    for post in (soon, later, by_hand):
        approve_post(post=submit_post(post=post, by=author), by=approver)
    submit_post(post=written(3, now + timedelta(days=3), [instagram]), by=author)
    written(4, now + timedelta(days=4), [instagram])
    say(f"  {Post.objects.count()} posts for {len(accounts)} simulated accounts")


def add_posts(*, count: int, due_within: int, seed: int) -> list[dict[str, Any]]:
    """Adds approved posts, due at random moments within `due_within` seconds.

    Raises ValueError where a real account is connected: a test must never reach a real platform.
    """
    if SocialAccount.objects.filter(simulated=False).exists():
        raise ValueError("A real account is connected: demo posts are refused.")
    instagram = _accounts()[0]
    author, approver = (User.objects.get(username=name) for name in ("author", "approver"))
    image = _picture(author)
    draw = random.Random(f"{seed}:{Post.objects.count()}")  # noqa: S311 - repeatable, no secret
    now = timezone.now()
    rows = []
    for number in range(1, count + 1):
        due = now + timedelta(seconds=draw.uniform(0, due_within))
        post = write_post(
            by=author, title=f"Demo post {Post.objects.count() + 1}",
            caption=f"{draw.choice(LINES)[1]}\n\nDemo {now:%H%M%S%f}-{number} #WalkAway",
            accounts=[instagram], image=image, alt_text=ALT_TEXT,
            due_local=due.astimezone(LONDON).replace(tzinfo=None),
        )  # fmt: skip
        approve_post(post=submit_post(post=post, by=author), by=approver)
        dispatch = Dispatch.objects.get(post=post)
        rows.append(
            {
                "dispatch": dispatch.pk,
                "platform": instagram.platform,
                "account": instagram.handle,
                "due_at": dispatch.due_at.isoformat(),
            }
        )
    return rows


def _accounts() -> list[SocialAccount]:
    return [
        SocialAccount.objects.get_or_create(
            platform=platform,
            handle=handle,
            defaults={"platform_user_id": number, "mode": mode, "simulated": True},
        )[0]
        for platform, handle, number, mode in ACCOUNTS
    ]


def _picture(owner: User) -> CampaignImage:
    """A picture of our own, drawn here: 1080 x 1350, within every limit of Instagram."""
    found = CampaignImage.objects.filter(title=PICTURE_TITLE).first()
    if found is not None:
        return found
    width, height = 1080, 1350
    picture = Image.new("RGB", (width, height), "#0b0b16")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((90, 900, 690, 1200), outline="#ff5a1f", width=44)
    x, y = 400.0, 1010.0
    for step in range(9):
        size = 62 - step * 5
        side = 26 if step % 2 else -26
        draw.ellipse((x + side, y - size, x + side + size * 0.62, y + size * 0.3), fill="#f7f2e8")
        draw.ellipse((x + side + 6, y + size * 0.38, x + side + size * 0.5, y + size * 0.78), fill="#f7f2e8")
        x, y = x + 58, y - 104 + step * 4
    draw.ellipse((820, 110, 940, 230), fill="#f7f2e8")
    draw.ellipse((780, 90, 900, 210), fill="#0b0b16")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return CampaignImage.objects.create(
        title=PICTURE_TITLE,
        description=ALT_TEXT,
        source="Drawn for the demo",
        uploaded_by_user=owner,
        file=ImageFile(file, name="footprints-demo.jpg"),
    )
