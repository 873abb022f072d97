"""What an administrator may change for the whole site."""

from dataclasses import dataclass
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

DEFAULT_EXIT_ADDRESS = "https://www.bbc.co.uk/weather"


@dataclass(frozen=True)
class MenuItem:
    title: str
    url: str


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
    offer_remembered_language = models.BooleanField(
        "offer to remember the language",
        default=False,
        help_text="Stores something on the device, so a banner asks first.",
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

    panels = [
        MultiFieldPanel([FieldPanel("exit_address"), FieldPanel("exit_on_escape")], "Leaving fast"),
        MultiFieldPanel(
            [FieldPanel("phase_banner_on"), FieldPanel("phase_name"), FieldPanel("phase_text")], "Banner"
        ),
        FieldRowPanel([FieldPanel("tonight_from_hour"), FieldPanel("tonight_until_hour")], "Tonight mode"),
        MultiFieldPanel(
            [FieldPanel("offer_offline_copy"), FieldPanel("offer_remembered_language")], "Kept on the phone"
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
        row.site = site  # fetched together with its root page, so that the menu need not ask again
        return row

    @classmethod
    def for_public_default(cls) -> "CampaignSettings":
        """The settings of the one site, where no request is at hand."""
        return cls.objects.filter(site__is_default_site=True).first() or cls()

    @cached_property
    def menu(self) -> list[MenuItem]:
        if self.site_id is None:
            return []
        root: Any = self.site.root_page
        return [
            MenuItem(page.title, page.get_url(current_site=self.site) or "/")
            for page in root.get_children().live().in_menu()
        ]
