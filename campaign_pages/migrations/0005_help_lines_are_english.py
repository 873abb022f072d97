"""Help lines that are there already are the English ones, each the first of its translations."""

import uuid

from django.conf import settings
from django.db import migrations


def mark_as_english(apps, schema_editor):
    lines = apps.get_model("campaign_pages", "HelpLine").objects.all()
    if not lines.exists():
        return
    locale, _ = apps.get_model("wagtailcore", "Locale").objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    for line in lines:
        line.locale, line.translation_key = locale, uuid.uuid4()
        line.save(update_fields=["locale", "translation_key"])


class Migration(migrations.Migration):
    dependencies = [("campaign_pages", "0004_languages_news_and_posters")]
    operations = [migrations.RunPython(mark_as_english, migrations.RunPython.noop)]
