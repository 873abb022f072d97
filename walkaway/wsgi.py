"""WSGI entry point for waitress (embedded) and gunicorn (production)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walkaway.settings.production")

application = get_wsgi_application()
