"""What people tell us about a page. No name, no address, no e-mail is asked for."""

from django.db import models

LONGEST = 2000


class Feedback(models.Model):
    page = models.CharField(max_length=250, help_text="The path of the page it is about.")
    text = models.TextField(max_length=LONGEST)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    read_by = models.CharField(max_length=150, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        verbose_name_plural = "feedback"

    def __str__(self) -> str:
        return f"{self.page}: {self.text[:60]}"
