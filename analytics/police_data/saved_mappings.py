"""Mappings that people saved: versions that are never changed, each checked by somebody other than its author."""

import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone

from analytics.audit.chain import record
from analytics.models import SavedMapping
from analytics.police_data.consent import APPROVE, IMPORT, NotAgreed, may
from analytics.police_data.mapping import Mapping, MappingError, built_in_mappings, parse_mapping


def as_mapping(saved: SavedMapping) -> Mapping:
    """The mapping of a saved version; its hash is the one that an import stores. Raises MappingError."""
    mapping = parse_mapping(saved.text.encode(), where=str(saved))
    if mapping.sha256 != saved.sha256:
        raise MappingError(f"{saved} is not what was saved: its hash differs")
    return mapping


def save_mapping(text: str, *, by: Any, note: str = "") -> SavedMapping:
    """Keeps a mapping as the next version of its name; the newest version again if it is the same text.

    Raises MappingError where the text is no mapping or takes the name of a built-in one, NotAgreed where the
    person may not import.
    """
    if not may(by, IMPORT):
        raise NotAgreed(f"{by.get_username()} may not save mappings (role Data importer).")
    mapping = parse_mapping(text.encode(), where="the mapping")
    if mapping.name in built_in_mappings():
        raise MappingError(f"name: {mapping.name!r} is a built-in mapping; give yours another name")
    if len(mapping.name) > 80:
        raise MappingError("name: at most 80 characters")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        newest = SavedMapping.objects.select_for_update().filter(name=mapping.name).order_by("-version").first()
        if newest is not None and newest.sha256 == sha256:
            return newest
        saved = SavedMapping.objects.create(
            name=mapping.name,
            version=newest.version + 1 if newest else 1,
            text=text,
            sha256=sha256,
            author=by.get_username(),
            note=note.strip()[:300],
        )
        record("police.mapping_saved", by=saved.author, about=str(saved), detail={"sha256": sha256})
    return saved


def check_mapping(saved: SavedMapping, *, by: Any) -> SavedMapping:
    """Another person says that the version is right. Raises NotAgreed."""
    if not may(by, APPROVE):
        raise NotAgreed(f"{by.get_username()} may not check mappings (role Data importer).")
    if by.get_username() == saved.author:
        raise NotAgreed("Nobody checks their own mapping: another person is needed.")
    with transaction.atomic():
        if not SavedMapping.objects.filter(pk=saved.pk, checker="").update(
            checker=by.get_username(), checked_at=timezone.now()
        ):
            raise NotAgreed(f"{saved} is checked already.")
        record("police.mapping_checked", by=by.get_username(), about=str(saved), detail={"sha256": saved.sha256})
    saved.refresh_from_db()
    return saved
