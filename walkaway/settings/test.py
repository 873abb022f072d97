"""Settings of the test suite: everything written goes to a folder of its own."""

import atexit
import os
import shutil
import tempfile

if "WALKAWAY_VAR_DIR" not in os.environ:  # processes that tests start inherit the folder and leave it alone
    os.environ["WALKAWAY_VAR_DIR"] = tempfile.mkdtemp(prefix="walkaway-test-")
    atexit.register(shutil.rmtree, os.environ["WALKAWAY_VAR_DIR"], ignore_errors=True)

from walkaway.settings.base import *  # noqa: F403

SECRET_KEY = "only-for-tests"  # noqa: S105
WALKAWAY_DEMO = True
WALKAWAY_REQUIRE_MFA = False
WALKAWAY_IDLE_MINUTES = 0
WALKAWAY_FRESH_SIGN_IN_MINUTES = 0  # tests sign in without a proof; those about it set this
WALKAWAY_REFERENCE_PEPPER = "only-for-tests"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WALKAWAY_FIELD_KEYS = ["dGVzdC1vbmx5LXRlc3Qtb25seS10ZXN0LW9ubHktMTI="]
