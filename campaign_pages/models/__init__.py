"""The campaign's page types and snippets, one family per file."""

from campaign_pages.models.base import BasePage
from campaign_pages.models.facts import Fact, HelpLine
from campaign_pages.models.images import CampaignImage, CampaignRendition
from campaign_pages.models.pages import ArticlePage, HomePage, StoryIndexPage, StoryPage, TonightPage
from campaign_pages.models.site_settings import CampaignSettings

__all__ = [
    "ArticlePage",
    "BasePage",
    "CampaignImage",
    "CampaignRendition",
    "CampaignSettings",
    "Fact",
    "HelpLine",
    "HomePage",
    "StoryIndexPage",
    "StoryPage",
    "TonightPage",
]
