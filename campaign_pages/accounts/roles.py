"""Who may do what: one Wagtail group per role, with the least it needs.

Permissions are named "app_label.codename" so that this file imports no other subject. Object rules (nobody
approves their own work, a venue manager sees their own venue only) live with the subject they guard.
"""

import logging
from typing import Any

logger = logging.getLogger(__name__)

AUTHOR = "Author"
APPROVER = "Approver"
IMPORTER = "Data importer"
EVALUATOR = "Evaluator"
VENUE_MANAGER = "Venue manager"
ADMINISTRATOR = "Administrator"

ROLE_SLUGS = {
    "author": AUTHOR,
    "approver": APPROVER,
    "importer": IMPORTER,
    "evaluator": EVALUATOR,
    "venue_manager": VENUE_MANAGER,
    "administrator": ADMINISTRATOR,
}

_ADMIN = {"wagtailadmin.access_admin"}
_PICTURES = {  # Wagtail asks for its own image model's permissions, whatever model holds the pictures
    "wagtailimages.add_image",
    "wagtailimages.view_image",
    "wagtailimages.change_image",
    "wagtailimages.choose_image",
}
_WORDS = {
    f"campaign_pages.{verb}_{model}"
    for verb in ("add", "change", "view")
    for model in ("fact", "helpline", "creative", "film")
} | {"campaign_pages.view_feedback"}
_TRANSLATE = {
    "wagtail_localize.submit_translation",
    "campaign_pages.view_translationcheck",
    "campaign_pages.view_languagewords",
}
_CHECK_TRANSLATIONS = {
    f"campaign_pages.{verb}_{model}"
    for verb in ("add", "change")
    for model in ("translationcheck", "languagewords")
}
_FINDINGS = {f"campaign_pages.{verb}_publishedevaluation" for verb in ("add", "change", "view")}
_SITE_SETTINGS = {"campaign_pages.change_campaignsettings"}
_VENUES_READ = {"venues.view_area", "venues.view_venue", "venues.view_posterplace", "venues.view_checkin"}
_VENUES_WRITE = {
    f"venues.{verb}_{model}" for verb in ("add", "change") for model in ("area", "venue", "posterplace", "checkin")
}

ROLE_PERMISSIONS: dict[str, set[str]] = {
    AUTHOR: _ADMIN
    | _PICTURES
    | _WORDS
    | _TRANSLATE
    | _VENUES_READ
    | {
        "social.view_post",
        "social.add_post",
        "social.change_post",
        "social.stop_publishing",
        "campaign_pages.start_incident_hold",
    },
    APPROVER: _ADMIN
    | _PICTURES
    | _WORDS
    | _TRANSLATE
    | _CHECK_TRANSLATIONS
    | _FINDINGS
    | _SITE_SETTINGS
    | _VENUES_READ
    | _VENUES_WRITE
    | {
        "social.view_post",
        "social.add_post",
        "social.change_post",
        "social.approve_post",
        "campaign_pages.flag_creative",
        "campaign_pages.start_incident_hold",
        "campaign_pages.lift_incident_hold",
        "social.stop_publishing",
        "social.resume_publishing",
        "analytics.view_publishedperiod",
        "analytics.publish_tables",
    },
    IMPORTER: _ADMIN
    | _VENUES_READ
    | {
        "analytics.import_police_data",
        "analytics.approve_police_import",  # never their own: a second importer, docs/decisions/0014
        "analytics.view_police_summary",
        "analytics.import_reach",
    },
    EVALUATOR: _ADMIN
    | _VENUES_READ
    | {
        "analytics.view_police_summary",
        "analytics.view_reach",
        "analytics.view_evaluation",
        "analytics.run_evaluation",
        "analytics.view_publishedperiod",
    },
    VENUE_MANAGER: set(),
    ADMINISTRATOR: _ADMIN
    | _PICTURES
    | _WORDS
    | _SITE_SETTINGS
    | _VENUES_READ
    | _VENUES_WRITE
    | {
        "accounts.add_user",
        "accounts.change_user",
        "accounts.view_user",
        "social.view_post",
        "campaign_pages.start_incident_hold",
        "campaign_pages.lift_incident_hold",
        "social.add_socialaccount",
        "social.change_socialaccount",
        "social.view_socialaccount",
        "social.stop_publishing",
        "social.resume_publishing",
        "analytics.view_reach",
        "analytics.view_auditrecord",
    },
}

# Wagtail keeps page permissions apart: given on the root page, so they hold for the whole site.
ROLE_PAGE_PERMISSIONS: dict[str, set[str]] = {
    AUTHOR: {"add_page", "change_page"},
    APPROVER: {"add_page", "change_page", "publish_page", "lock_page", "unlock_page"},
    ADMINISTRATOR: {"add_page", "change_page", "publish_page", "lock_page", "unlock_page"},
}


def set_up_roles(**kwargs: Any) -> None:
    """Makes the groups and gives them exactly the permissions above. Safe to run again."""
    from django.contrib.auth.models import Group, Permission
    from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

    known = {
        f"{app}.{codename}": pk
        for app, codename, pk in Permission.objects.values_list("content_type__app_label", "codename", "pk")
    }
    root = Page.objects.filter(depth=1).first()
    collection = Collection.get_first_root_node()
    for role, wanted in ROLE_PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role)
        missing = wanted - known.keys()
        if missing:
            logger.debug("permissions not there yet for %s: %s", role, sorted(missing))
        group.permissions.set([known[name] for name in wanted & known.keys()])
        for codename in ROLE_PAGE_PERMISSIONS.get(role, set()):
            pk = known.get(f"wagtailcore.{codename}")
            if root is not None and pk is not None:
                GroupPagePermission.objects.get_or_create(group=group, page=root, permission_id=pk)
        if collection is not None:
            for name in wanted & _PICTURES & known.keys():
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=collection, permission_id=known[name]
                )
