"""Our own image model from the first migration on, so that every picture can carry a description."""

from django.db import models
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class CampaignImage(AbstractImage):
    source = models.CharField(
        max_length=200, blank=True, help_text="Who made the picture, and under which licence."
    )
    use_until = models.DateField(null=True, blank=True, help_text="Last day on which we may show it.")

    admin_form_fields = (*Image.admin_form_fields, "description", "source", "use_until")

    class Meta(AbstractImage.Meta):
        permissions = [("choose_campaignimage", "Can choose image")]
        verbose_name = "image"
        verbose_name_plural = "images"


class CampaignRendition(AbstractRendition):
    image = models.ForeignKey(CampaignImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
