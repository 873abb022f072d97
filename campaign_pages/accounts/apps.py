from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "campaign_pages.accounts"
    label = "accounts"
    verbose_name = "People and roles"
