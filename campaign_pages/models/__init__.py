"""The campaign's page types and snippets, one family per file."""

from campaign_pages.models.approval import SecondPersonTask
from campaign_pages.models.base import BasePage
from campaign_pages.models.creative import Creative, Reaction
from campaign_pages.models.evaluation_page import EvaluationPage, EvaluationPdf
from campaign_pages.models.evaluations import PublishedEvaluation
from campaign_pages.models.facts import Fact, HelpLine
from campaign_pages.models.feedback import Feedback
from campaign_pages.models.films import Film
from campaign_pages.models.images import CampaignImage, CampaignRendition
from campaign_pages.models.incident import IncidentHold
from campaign_pages.models.languages import LanguageWords, TranslationCheck
from campaign_pages.models.news import NewsIndexPage, NewsPage
from campaign_pages.models.pages import ArticlePage, HomePage, StoryIndexPage, StoryPage, TonightPage
from campaign_pages.models.paths import ChoicesStoryPage, QuizPage
from campaign_pages.models.plan import PlanPage
from campaign_pages.models.poster_text import PosterTextPage
from campaign_pages.models.review import ReviewReminder
from campaign_pages.models.site_settings import CampaignSettings

__all__ = [
    "ArticlePage",
    "BasePage",
    "CampaignImage",
    "CampaignRendition",
    "CampaignSettings",
    "ChoicesStoryPage",
    "Creative",
    "EvaluationPage",
    "EvaluationPdf",
    "Fact",
    "Feedback",
    "Film",
    "HelpLine",
    "HomePage",
    "IncidentHold",
    "LanguageWords",
    "NewsIndexPage",
    "NewsPage",
    "PlanPage",
    "PosterTextPage",
    "PublishedEvaluation",
    "QuizPage",
    "Reaction",
    "ReviewReminder",
    "SecondPersonTask",
    "StoryIndexPage",
    "StoryPage",
    "TonightPage",
    "TranslationCheck",
]
