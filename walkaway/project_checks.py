"""Project conventions as Django system checks, each with the hint that mends it."""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning
from django.core.checks import register as register_check
from django.urls import NoReverseMatch, reverse


def sqlite_takes_the_write_lock_at_once(
    app_configs: Iterable[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    if "sqlite" not in database["ENGINE"]:
        return []
    if database.get("OPTIONS", {}).get("transaction_mode") == "IMMEDIATE":
        return []
    return [
        Error(
            "SQLite does not use IMMEDIATE transactions.",
            hint='Set OPTIONS["transaction_mode"] = "IMMEDIATE": otherwise two writers end in "database is locked".',
            id="walkaway.E001",
        )
    ]


def cache_is_shared_between_processes(
    app_configs: Iterable[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    if settings.CACHES["default"]["BACKEND"].endswith("LocMemCache") and not settings.SETTINGS_MODULE.endswith(
        ".test"
    ):
        return [
            Error(
                "The default cache lives in one process's memory.",
                hint="Set CACHE_URL to a file or Redis cache: rate limits and locks must hold between processes.",
                id="walkaway.E002",
            )
        ]
    return []


def forbidden_apps_stay_out(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    out = {
        "django.contrib.admin",
        "django.contrib.gis",
        "wagtail.contrib.search_promotions",
        "wagtail.api.v2",
    }
    return [
        Error(
            f"{app} is installed.",
            hint="Staff work in Wagtail only; GIS and write APIs widen the attack surface for nothing.",
            id="walkaway.E003",
        )
        for app in settings.INSTALLED_APPS
        if app in out
    ]


def pages_are_campaign_pages(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every concrete page type of ours inherits the abstract BasePage and says what may stand below it."""
    from wagtail.models import get_page_models

    from campaign_pages.models import BasePage

    messages: list[CheckMessage] = []
    for model in get_page_models():
        if not model.__module__.startswith("campaign_pages."):
            continue
        if not issubclass(model, BasePage):
            messages.append(
                Error(
                    f"{model.__name__} does not inherit BasePage.",
                    obj=model,
                    id="walkaway.E004",
                    hint="BasePage carries the exit button, the phase banner and the share text.",
                )
            )
        if "subpage_types" not in vars(model) or "parent_page_types" not in vars(model):
            messages.append(
                Error(
                    f"{model.__name__} does not set parent_page_types and subpage_types.",
                    obj=model,
                    id="walkaway.E005",
                    hint="Say where this page may be created.",
                )
            )
    return messages


def demo_is_not_in_production(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.SETTINGS_MODULE.endswith(".production") and (
        settings.WALKAWAY_DEMO or not settings.WALKAWAY_REQUIRE_MFA
    ):
        return [
            Warning(
                "Production runs with demo sign-ins or without the second factor.",
                id="walkaway.W001",
                hint="Unset WALKAWAY_REQUIRE_MFA=0 and use walkaway.settings.production unchanged.",
            )
        ]
    return []


def contract_addresses_exist(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    missing = []
    for name in (
        "healthz_live",
        "healthz_ready",
        "healthz_publisher",
        "leave",
        "venues:pack",
        "wagtailadmin_home",
    ):
        try:
            reverse(name)
        except NoReverseMatch:
            missing.append(name)
    return [
        Error(
            f"No address is named {name}.",
            id="walkaway.E006",
            hint="Outside scripts rely on it: put it back.",
        )
        for name in missing
    ]


def register() -> None:
    register_check(sqlite_takes_the_write_lock_at_once, Tags.database)
    for check in (cache_is_shared_between_processes, forbidden_apps_stay_out, pages_are_campaign_pages):
        register_check(check)
    register_check(contract_addresses_exist, Tags.urls, deploy=True)
    register_check(demo_is_not_in_production, Tags.security, deploy=True)
