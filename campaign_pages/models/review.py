"""Which reminder went out when: one row a week, so that a doubled wake-up reminds nobody twice."""

from django.db import models


class ReviewReminder(models.Model):
    week = models.CharField(max_length=8, unique=True, help_text="ISO week, for example 2026-W48.")
    sent_at = models.DateTimeField(auto_now_add=True)
    pages = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.week}: {self.pages} pages"
