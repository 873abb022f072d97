from django.apps import AppConfig


class VenuesConfig(AppConfig):
    name = "campaign_pages.venues"
    label = "venues"
    verbose_name = "Venues"
