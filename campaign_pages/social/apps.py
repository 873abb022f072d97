from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "campaign_pages.social"
    label = "social"
    verbose_name = "Social publishing"
