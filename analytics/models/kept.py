"""Records that are added and read, and nothing else."""

from typing import Any, NoReturn

from django.db import models


class ImmutableRecord(Exception):
    """A record that is kept for good was to be changed or deleted."""


class KeptRows(models.QuerySet[Any]):
    """Rows that are added and read, and nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise ImmutableRecord(f"{self._subject()} are not edited.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImmutableRecord(f"{self._subject()} are not edited.")

    def delete(self) -> NoReturn:
        raise ImmutableRecord(f"{self._subject()} are not deleted.")

    def _subject(self) -> str:
        return str(self.model._meta.verbose_name_plural).capitalize()


class KeptRecord(models.Model):
    """Saved once. A change is a new record that stands beside the old one."""

    objects = KeptRows.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ImmutableRecord(f"{str(self._meta.verbose_name_plural).capitalize()} are not edited.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ImmutableRecord(f"{str(self._meta.verbose_name_plural).capitalize()} are not deleted.")
