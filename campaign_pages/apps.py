from django.apps import AppConfig


class CampaignPagesConfig(AppConfig):
    name = "campaign_pages"
    label = "campaign_pages"
    verbose_name = "Campaign pages"

    def ready(self) -> None:
        from campaign_pages.spreadsheet_text import protect_exports

        protect_exports()
