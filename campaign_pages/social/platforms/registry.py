"""Every platform in one list. A fifth platform is one file beside this one and one line in each table."""

from campaign_pages.social.platforms.contract import Platform
from campaign_pages.social.platforms.instagram import Instagram

PLATFORM_NAMES = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube", "snapchat": "Snapchat"}

# Platforms that Walk Away publishes to itself. The others are posted by a person (hand-off).
CLIENTS: dict[str, Platform] = {"instagram": Instagram()}


def client_for(platform: str) -> Platform | None:
    return CLIENTS.get(platform)
