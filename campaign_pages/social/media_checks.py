"""Reads a picture from its own bytes and holds it against each platform's limits."""

from PIL import Image, UnidentifiedImageError

from campaign_pages.models import CampaignImage
from campaign_pages.social.captions import LONGEST_NUMBER, counting_link
from campaign_pages.social.platforms.contract import Issue, Picture
from campaign_pages.social.platforms.limits import broken_limits
from campaign_pages.social.post_models import Post


class UnreadablePicture(Exception):
    """The stored file is missing or is not a picture."""


def picture_facts(image: CampaignImage) -> Picture:
    """Format and size as the file itself says, never as its name says."""
    try:
        with image.file.open("rb") as file, Image.open(file, formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
            return Picture(image.title, opened.format or "unknown", opened.width, opened.height, image.file.size)
    except (OSError, UnidentifiedImageError) as error:
        raise UnreadablePicture(f"The file of “{image.title}” cannot be read. Upload it again.") from error


def broken_limits_of(post: Post) -> list[Issue]:
    """Every limit of every chosen platform that the post breaks."""
    issues: list[Issue] = []
    link = counting_link(LONGEST_NUMBER)
    picture = None
    if post.image is not None:
        try:
            picture = picture_facts(post.image)
        except UnreadablePicture as error:
            return [Issue("image", str(error))]
        if not post.alt_text:
            issues.append(Issue("alt_text", "Say what the picture shows, for people who cannot see it."))
    for platform in sorted({account.platform for account in post.accounts.all()}):
        issues += broken_limits(platform, post.caption, picture, link=link)
    return issues
