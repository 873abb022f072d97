"""Our own user model from the first migration on: changing it later would be costly."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A member of staff. Signs in by e-mail; what they may do comes from their roles (roles.py)."""

    email = models.EmailField("e-mail address", unique=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username
