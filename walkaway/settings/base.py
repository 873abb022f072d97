"""Settings shared by every way of running. Each variable is documented in docs/configuration.md."""

from pathlib import Path
from typing import Any

import environ
from django.conf.locale import LANG_INFO

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

# Everything that the product writes, and nothing else, lives here.
VAR_DIR = Path(env.str("WALKAWAY_VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
for _name in ("", "static", "media", "cache", "broker", "build", "scans", "quarantine", "private"):
    (VAR_DIR / _name).mkdir(parents=True, exist_ok=True)

DEBUG = False
WALKAWAY_DEMO = False  # True only where demo sign-ins and synthetic data are wanted
WALKAWAY_REQUIRE_MFA = env.bool("WALKAWAY_REQUIRE_MFA", default=True)
WALKAWAY_FRESH_SIGN_IN_MINUTES = env.int("WALKAWAY_FRESH_SIGN_IN_MINUTES", default=15)
WALKAWAY_IDLE_MINUTES = env.int("WALKAWAY_IDLE_MINUTES", default=30)
WALKAWAY_SITE_NAME = "Walk Away"
WALKAWAY_BASE_URL = env.str("WALKAWAY_BASE_URL", default="http://127.0.0.1:8000")
WALKAWAY_QR_BASE_URL = env.str("WALKAWAY_QR_BASE_URL", default="HTTPS://WEWALKAWAY.UK")
WALKAWAY_SANDBOX_URL = env.str("WALKAWAY_SANDBOX_URL", default="http://127.0.0.1:8010")
WALKAWAY_FIELD_KEYS = env.list("WALKAWAY_FIELD_KEYS", default=[])
WALKAWAY_REFERENCE_PEPPER = env.str("WALKAWAY_REFERENCE_PEPPER", default="")
WALKAWAY_TWO_PERSON_IMPORT = env.bool("WALKAWAY_TWO_PERSON_IMPORT", default=False)
WALKAWAY_TWO_PERSON_ROLES = env.bool("WALKAWAY_TWO_PERSON_ROLES", default=False)
# How long a worker may be silent before another takes a police file over.
WALKAWAY_IMPORT_LEASE_SECONDS = env.int("WALKAWAY_IMPORT_LEASE_SECONDS", default=300)
# How long things are kept: docs/data-protection/retention-schedule.md
WALKAWAY_QUARANTINE_DAYS = env.int("WALKAWAY_QUARANTINE_DAYS", default=30)
WALKAWAY_REJECTS_DAYS = env.int("WALKAWAY_REJECTS_DAYS", default=90)
WALKAWAY_SUPERSEDED_DAYS = env.int("WALKAWAY_SUPERSEDED_DAYS", default=180)
WALKAWAY_PERSONS_MONTHS = env.int("WALKAWAY_PERSONS_MONTHS", default=24)
WALKAWAY_FEEDBACK_MONTHS = env.int("WALKAWAY_FEEDBACK_MONTHS", default=12)
WALKAWAY_PANEL_DAYS = env.int("WALKAWAY_PANEL_DAYS", default=1)
WALKAWAY_KEEP_EXACT = env.bool("WALKAWAY_KEEP_EXACT", default=False)

ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "walkaway.urls"
WSGI_APPLICATION = "walkaway.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "campaign_pages",
    "campaign_pages.accounts",
    "campaign_pages.venues",
    "campaign_pages.social",
    "analytics",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.routable_page",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "walkaway",  # last: sets up roles after every app's permissions exist
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "walkaway.compression.PublicGzipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "walkaway.response_headers.ResponseHeadersMiddleware",
    "campaign_pages.page_language.LanguageFromAddressMiddleware",
    "csp.middleware.CSPMiddleware",
    "walkaway.admin_nonce.AdminNonceMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "campaign_pages.accounts.second_factor.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "campaign_pages.accounts.idle_sessions.IdleSessionMiddleware",
    "campaign_pages.accounts.fresh_sign_in.RecentSignInMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "campaign_pages.visitor_choices.VaryOnChoices",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- database: SQLite unless DATABASE_URL says otherwise
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'walkaway.sqlite3'}")}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # IMMEDIATE + WAL: with deferred transactions most of a busy moment's writes end in "database is locked".
    # FULL: an acknowledged check-in or post survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
        "PRAGMA main.secure_delete=ON;",  # what is deleted is overwritten, not only forgotten
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "options": "-c statement_timeout=60000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
    }

# --- cache: shared between processes, so never local memory
CACHES = {"default": env.cache_url("CACHE_URL", default=f"filecache://{VAR_DIR / 'cache'}")}

# --- Celery: wakes things up, nothing more
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "broker"),
        "data_folder_out": str(VAR_DIR / "broker"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "store_processed": False,
        "polling_interval": 0.25,
    }
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,  # longer than any task may run
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # its own format would bypass the redaction of LOGGING
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Europe/London"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- social publishing
# How long a lost reply may still take effect: nothing is sent again before this has passed.
SOCIAL_SETTLE_SECONDS = env.int("SOCIAL_SETTLE_SECONDS", default=600)
# How long a worker may hold a dispatch; longer than any single request to a platform.
SOCIAL_LEASE_SECONDS = env.int("SOCIAL_LEASE_SECONDS", default=120)
SOCIAL_PLATFORM_HOSTS = {"instagram": "https://graph.facebook.com"}

# --- files: local unless a bucket is named
WALKAWAY_MEDIA_BUCKET = env.str("WALKAWAY_MEDIA_BUCKET", default="")
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("build", VAR_DIR / "build")]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def s3_storage(bucket: str) -> dict[str, Any]:
    """Media on an S3-compatible server: signed addresses, no overwriting, short patience."""
    from botocore.config import Config

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("AWS_ENDPOINT_URL_S3", default=None),
            "region_name": env.str("AWS_DEFAULT_REGION", default=None),
            "file_overwrite": False,
            "signature_version": "s3v4",
            "querystring_expire": 900,
            # A hung bucket then costs about six seconds, not minutes.
            "client_config": Config(
                connect_timeout=2,
                read_timeout=5,
                retries={"mode": "standard", "total_max_attempts": 2},
                signature_version="s3v4",
            ),
        },
    }


if WALKAWAY_MEDIA_BUCKET:
    STORAGES["default"] = s3_storage(WALKAWAY_MEDIA_BUCKET)

# --- language and time
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
# The public site's languages: each has its own address (/pl/…). Django knows nothing of two of them.
LANGUAGES = [
    ("en-gb", "English"),
    ("gu", "Gujarati"),
    ("pa", "Punjabi"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("so", "Somali"),
    ("ur", "Urdu"),
]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
WAGTAILADMIN_PERMITTED_LANGUAGES = [("en", "English")]  # the admin is in English; only pages are translated
LANG_INFO.setdefault("gu", {"bidi": False, "code": "gu", "name": "Gujarati", "name_local": "ગુજરાતી"})
LANG_INFO.setdefault("so", {"bidi": False, "code": "so", "name": "Somali", "name_local": "Soomaali"})
LANG_INFO["pa"]["name_local"] = "ਪੰਜਾਬੀ"
USE_TZ = True

# --- signing in (allauth is the only way in; /admin/login/ leads there)
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "wagtailadmin_home"
WAGTAILADMIN_LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "campaign_pages.accounts.adapter.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,10/300s/key"}
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SAVE_EVERY_REQUEST = False
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# --- headers
# no-referrer on a page with a form makes Chromium send "Origin: null", which Django refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview is a frame of our own
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # see the line above
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "microphone": [],
    "geolocation": [],
    "payment": [],
    "usb": [],
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "media-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # Wagtail's page editor needs it
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Wagtail
WAGTAIL_SITE_NAME = "Walk Away"
WAGTAILADMIN_BASE_URL = WALKAWAY_BASE_URL
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
# Milliseconds after the last change. Wagtail's half a second falls together with the press of "Save draft" after the last word:
# the new page is then made by the one and refused to the other, because its address is taken.
WAGTAIL_AUTOSAVE_INTERVAL = 10_000
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILIMAGES_IMAGE_MODEL = "campaign_pages.CampaignImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "campaign_pages.pictures.upload_form.CleanImageForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "gif"]
WAGTAILDOCS_EXTENSIONS = ["pdf"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="walk-away@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Both take secrets, e-mail addresses, telephone numbers and precise places out of every line.
    "formatters": {
        "plain": {"()": "walkaway.log_redaction.RedactingFormatter"},
        "json": {"()": "walkaway.log_redaction.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Addresses of scans and check-ins are never logged.
    "loggers": {
        # No handlers of Django's own: they would write, or mail to ADMINS, past the redaction.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "httpx": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
    },
}
