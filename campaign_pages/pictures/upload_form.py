"""The form through which every picture enters: single, multiple and chooser uploads all use it."""

import io
from pathlib import PurePosixPath
from typing import Any

import willow
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import FileField, FileInput
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from campaign_pages.pictures.reencoding import FORMATS, PictureRefused, clean_picture


class CleanImageField(WagtailImageField):
    """Takes a picture only after it was opened whole and drawn anew elsewhere (Wagtail 7.4 answers 500 to a broken one)."""

    def to_python(self, data: Any) -> Any:
        sent = FileField.to_python(self, data)
        if sent is None:
            return None
        self.check_image_file_size(sent)
        name = sent.name or ""
        extension = PurePosixPath(name).suffix.lstrip(".").lower()
        if extension not in self.allowed_image_extensions or extension not in FORMATS:
            raise ValidationError(self.error_messages["invalid_image_extension"], code="invalid_image_extension")
        sent.seek(0)
        try:
            clean = clean_picture(sent.read(), extension=extension, most_pixels=self.max_image_pixels)
        except PictureRefused as error:
            raise ValidationError(str(error), code="invalid_image") from error
        kind = FORMATS[extension].lower()
        anew = SimpleUploadedFile(name, clean.data, content_type=f"image/{kind}")
        anew.image = willow.Image.open(io.BytesIO(clean.data))  # type: ignore[attr-defined]  # Wagtail reads it
        return anew


class CleanImageForm(BaseImageForm):
    file = CleanImageField(label="File", widget=FileInput(attrs=BaseImageForm.Meta.widgets["file"].attrs))
