"""A text field that is encrypted at rest and raises rather than showing what it could not decrypt."""

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class CannotDecrypt(Exception):
    """The stored value was written with a key that is not in WALKAWAY_FIELD_KEYS, or was tampered with."""


def _keys() -> list[Fernet]:
    if not settings.WALKAWAY_FIELD_KEYS:
        raise ImproperlyConfigured(
            "WALKAWAY_FIELD_KEYS is not set: no secret can be stored. See docs/configuration.md."
        )
    return [Fernet(key) for key in settings.WALKAWAY_FIELD_KEYS]


class EncryptedTextField(models.TextField):
    """Newest key first (MultiFernet); the plaintext carries table and column, so a value fits one column only."""

    def _label(self) -> str:
        return f"{self.model._meta.db_table}:{self.attname}:"

    def get_prep_value(self, value: Any) -> Any:
        if not value:
            return ""
        return MultiFernet(_keys()).encrypt((self._label() + str(value)).encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str:
        if not value:
            return ""
        return self.opened(value)

    def opened(self, stored: str) -> str:
        """The text in a stored value. Raises CannotDecrypt; never gives back what it could not decrypt."""
        try:
            text = MultiFernet(_keys()).decrypt(stored.encode()).decode()
        except InvalidToken as error:
            raise CannotDecrypt(f"{self._label()} cannot be decrypted with the keys given") from error
        if not text.startswith(self._label()):
            raise CannotDecrypt(f"{self._label()} holds a value of another column")
        return text.removeprefix(self._label())

    def has_newest_key(self, stored: str) -> bool:
        """Whether a stored value opens with the first of WALKAWAY_FIELD_KEYS."""
        try:
            _keys()[0].decrypt(stored.encode())
        except InvalidToken:
            return False
        return True
