"""Production: PostgreSQL, Redis or RabbitMQ, S3-compatible storage, https only."""

from walkaway.settings.base import *  # noqa: F403
from walkaway.settings.base import CONTENT_SECURITY_POLICY, LOGGING, STORAGES, env

SECRET_KEY = env.str("DJANGO_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("DJANGO_SECRET_KEY_FALLBACKS", default=[])
WALKAWAY_REFERENCE_PEPPER = env.str("WALKAWAY_REFERENCE_PEPPER")
WALKAWAY_TWO_PERSON_IMPORT = env.bool("WALKAWAY_TWO_PERSON_IMPORT", default=True)
WALKAWAY_TWO_PERSON_ROLES = env.bool("WALKAWAY_TWO_PERSON_ROLES", default=True)

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # the proxy must strip the client's copy
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sid"
CSRF_COOKIE_NAME = "__Host-csrf"
CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True  # type: ignore[assignment]
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
LOGGING["handlers"]["console"]["formatter"] = "json"  # type: ignore[index]  # one object a line, for machines
