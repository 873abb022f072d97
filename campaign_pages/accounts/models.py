"""Our own user model from the first migration on: changing it later would be costly."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.db.models import F, Q


class User(AbstractUser):
    """A member of staff. Signs in by e-mail; what they may do comes from their roles (roles.py)."""

    email = models.EmailField("e-mail address", unique=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class RoleRequest(models.Model):
    """A role that one person wants somebody to have; it is given when another confirms. Kept, also when declined."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roles_asked_for")
    role = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True, help_text="empty: not decided yet")

    class Meta:
        ordering = ["asked_at", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("user"))),
                name="role_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(granted__isnull=True, decided_by__isnull=True, decided_at__isnull=True)
                | Q(granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="role_decided_as_a_whole",
            ),
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(granted__isnull=True), name="role_asked_for_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} for {self.user}"
