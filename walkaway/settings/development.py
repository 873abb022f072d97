"""The embedded default: no server to install, plain http on this machine, demo sign-ins."""

import os
import secrets
from collections.abc import Callable

from cryptography.fernet import Fernet

from walkaway.settings.base import *  # noqa: F403
from walkaway.settings.base import LOGGING, VAR_DIR, env

DEBUG = env.bool("DJANGO_DEBUG", default=False)
WALKAWAY_DEMO = True
WHITENOISE_USE_FINDERS = True  # static files straight from their folders, no collectstatic
WALKAWAY_REQUIRE_MFA = env.bool("WALKAWAY_REQUIRE_MFA", default=False)
WALKAWAY_FRESH_SIGN_IN_MINUTES = env.int("WALKAWAY_FRESH_SIGN_IN_MINUTES", default=0)
WALKAWAY_IDLE_MINUTES = env.int("WALKAWAY_IDLE_MINUTES", default=0)


def kept_secret(name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """A random secret made once per checkout and kept in var/private, never in the repository."""
    path = VAR_DIR / "private" / name
    if not path.exists():
        draft = path.with_name(f"{name}.{os.getpid()}")
        draft.write_text(make())
        draft.chmod(0o600)
        try:
            os.link(draft, path)  # fails where another process was first: then theirs is the secret
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="") or kept_secret("secret-key")
WALKAWAY_REFERENCE_PEPPER = env.str("WALKAWAY_REFERENCE_PEPPER", default="") or kept_secret("pepper")
WALKAWAY_FIELD_KEYS = env.list("WALKAWAY_FIELD_KEYS", default=[]) or [
    kept_secret("field-key", lambda: Fernet.generate_key().decode())
]

LOGGING["root"]["level"] = "WARNING"  # type: ignore[index]  # the demo's window belongs to people
LOGGING["loggers"]["wagtail"] = {"level": "WARNING"}  # type: ignore[index]
