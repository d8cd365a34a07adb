"""Django's settings, computed from ours. Part of the composition root: it names the apps."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from firstlight.settings import BadSetting, load

FIRSTLIGHT = load()

DEBUG = FIRSTLIGHT.debug
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "replaced-below"  # noqa: S105  # bootstrap reads the real one from the key folder
INSTALLED_APPS = [
    "firstlight.adapters.storage",
    "django.contrib.auth",
    "django.contrib.contenttypes",
]


def database(url: str) -> dict[str, object]:
    """Django's description of the database at `url`.

    Raises:
        BadSetting: neither SQLite nor PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path).removeprefix("/"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                " PRAGMA foreign_keys=ON;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise BadSetting(f"DATABASE_URL starts with {parts.scheme!r}", hint="Use sqlite or postgresql.")


DATABASES = {"default": database(FIRSTLIGHT.database_url)}
