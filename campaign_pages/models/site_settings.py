"""What an administrator may change for the whole site."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import cached_property
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from campaign_pages.models.incident import IncidentHold
from campaign_pages.resting import hold_of

DEFAULT_EXIT_ADDRESS = "https://www.bbc.co.uk/weather"


@dataclass(frozen=True)
class MenuItem:
    title: str
    url: str
    kind: str = ""  # name of the page type


@register_setting(icon="cog")
class CampaignSettings(BaseSiteSetting):
    exit_address = models.URLField(default=DEFAULT_EXIT_ADDRESS, help_text="Where “Leave this site” leads.")
    exit_on_escape = models.BooleanField("Escape key leaves the site", default=True)
    phase_banner_on = models.BooleanField("show the phase banner", default=True)
    phase_name = models.CharField(max_length=20, default="Beta")
    phase_text = models.CharField(max_length=160, default="This is a new site. It is still being tested.")
    tonight_from_hour = models.PositiveSmallIntegerField(
        default=22,
        validators=[MaxValueValidator(23)],
        help_text="Local hour from which a scan shows Tonight first.",
    )
    tonight_until_hour = models.PositiveSmallIntegerField(default=5, validators=[MaxValueValidator(23)])
    offer_offline_copy = models.BooleanField(
        "offer a copy of Tonight on the phone",
        default=False,
        help_text="Stores something on the device, so a banner asks first. Ask your data protection officer.",
    )
    sober_banner = models.CharField(
        "banner during an incident hold",
        max_length=240,
        default="Somebody was badly hurt. Our thoughts are with everyone it touches.",
        help_text="Chosen beforehand, so that nobody has to find words in a bad hour. No names, no place.",
    )
    sober_headline = models.CharField(
        "headline during an incident hold", max_length=60, default="Look after each other tonight"
    )
    pause_by_hand = models.TextField(
        "to pause by hand",
        blank=True,
        help_text="Shown to whoever starts a hold, one a line: paid adverts, streetside screens, radio.",
    )
    blaming_words = models.TextField(
        "words that blame or glamorise",
        blank=True,
        help_text="One a line. A page with one of them is not published. Empty: our own list.",
    )
    winds_up_percent = models.PositiveSmallIntegerField(
        "“winds me up”, per cent",
        default=25,
        validators=[MaxValueValidator(100)],
        help_text="From this share on a creative is flagged and its scheduled posts are held.",
    )
    reactions_needed = models.PositiveSmallIntegerField(
        "answers needed", default=40, help_text="Below so many answers nothing is flagged by counting."
    )

    hold: IncidentHold | None = None  # that is on, for the request that asked

    panels = [
        MultiFieldPanel([FieldPanel("exit_address"), FieldPanel("exit_on_escape")], "Leaving fast"),
        MultiFieldPanel(
            [FieldPanel("phase_banner_on"), FieldPanel("phase_name"), FieldPanel("phase_text")], "Banner"
        ),
        FieldRowPanel([FieldPanel("tonight_from_hour"), FieldPanel("tonight_until_hour")], "Tonight mode"),
        MultiFieldPanel([FieldPanel("offer_offline_copy")], "Kept on the phone"),
        FieldPanel("blaming_words"),
        MultiFieldPanel(
            [FieldPanel("sober_banner"), FieldPanel("sober_headline"), FieldPanel("pause_by_hand")],
            "Incident hold",
        ),
        FieldRowPanel([FieldPanel("winds_up_percent"), FieldPanel("reactions_needed")], "Harm gate"),
    ]

    class Meta:
        verbose_name = "campaign settings"

    @classmethod
    def for_public(cls, request: HttpRequest) -> "CampaignSettings":
        """The settings of the site asked for; unsaved defaults where no site exists yet (error pages, first start)."""
        from wagtail.models import Site

        site = Site.find_for_request(request)
        if site is None:
            return cls()
        row: CampaignSettings = cls.for_request(request)  # once a request
        row.hold = hold_of(request)
        row.site = site  # fetched together with its root page, so that the menu need not ask again
        return row

    @classmethod
    def for_public_default(cls) -> "CampaignSettings":
        """The settings of the one site, where no request is at hand."""
        return cls.objects.filter(site__is_default_site=True).first() or cls()

    @cached_property
    def _first_level(self) -> tuple[list[MenuItem], list[MenuItem]]:
        """The live pages below the home page of this language, those of the menu and the rest: one query for both."""
        if self.site_id is None:
            return [], []
        root: Any = self.site.root_page
        if translation.get_language() != settings.LANGUAGE_CODE:
            root = root.localized  # English where the language has no live home page
        menu: list[MenuItem] = []
        rest: list[MenuItem] = []
        for page in self._pages_shown(root):
            kind = page.specific_class.__name__ if page.specific_class else ""
            item = MenuItem(page.title, page.get_url(current_site=self.site) or "/", kind)
            (menu if page.show_in_menus else rest).append(item)
        return menu, rest

    def _pages_shown(self, root: Any) -> list[Any]:
        resting = self.hold.resting if self.hold else ()
        return [page for page in root.get_children().live() if page.pk not in resting]

    @property
    def menu(self) -> list[MenuItem]:
        return self._first_level[0]

    @property
    def poster(self) -> MenuItem | None:
        """The poster in words, for people who could not read the one they scanned."""
        return next((item for items in self._first_level for item in items if item.kind == "PosterTextPage"), None)

    @property
    def footer(self) -> list[MenuItem]:
        return self._first_level[1]
