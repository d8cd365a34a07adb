"""Django's settings, computed from ours. Part of the composition root: it names the apps."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from firstlight.adapters.logs import configuration
from firstlight.settings import BadSetting, load

FIRSTLIGHT = load()
_SECRET_LENGTH = 64
"""characters; a shorter file was damaged"""


def secret_key(folder: Path) -> str:
    """The key that signs cookies and forms, made on first use, readable by its owner only."""
    path = folder / "django-secret"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
    key = path.read_text(encoding="ascii")
    if len(key) < _SECRET_LENGTH:
        raise BadSetting(
            f"{path} is too short",
            hint="Restore its copy. A new one ends sessions, authenticator apps and codes.",
        )
    return key


DEBUG = FIRSTLIGHT.debug
LOGGING = configuration(debug=DEBUG)
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = secret_key(FIRSTLIGHT.keys)
INSTALLED_APPS = [
    "firstlight.adapters.web",  # first, so that its templates replace those of the library
    "firstlight.adapters.identity",
    "firstlight.adapters.storage",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # the library's templates load it
]
MIDDLEWARE = [
    "firstlight.adapters.web.request_log.RequestLog",
    "firstlight.adapters.identity.proxy.TrustedProxy",
    "firstlight.adapters.web.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "firstlight.adapters.web.errors.ErrorPages",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "firstlight.adapters.web.shell.shell",
            ],
            "builtins": ["firstlight.adapters.web.templatetags.firstlight"],
        },
    }
]
# PostgreSQL keeps the comments on tables and columns; SQLite has no place for them.
SILENCED_SYSTEM_CHECKS = ["fields.W163", "models.W046"]
ROOT_URLCONF = "firstlight.django_urls"
STATIC_URL = "/static/"
CACHES = {"default": {"BACKEND": "firstlight.adapters.identity.cache.JsonDatabaseCache"}}

# Where requests may come from and over what.
_HOST = urlsplit(FIRSTLIGHT.base_url).hostname or "localhost"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = sorted({_HOST, *_LOOPBACK})  # loopback too: health checks ask on the machine
TRUSTED_PROXIES = FIRSTLIGHT.trusted_proxies
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 63_072_000 if FIRSTLIGHT.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = FIRSTLIGHT.secure
X_FRAME_OPTIONS = "DENY"
_PREFIX = "__Host-" if FIRSTLIGHT.secure else ""
"""the browser then refuses the cookie from any other host, path or plain connection"""
SESSION_COOKIE_NAME = f"{_PREFIX}session"
SESSION_COOKIE_SECURE = FIRSTLIGHT.secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{_PREFIX}csrf"
CSRF_COOKIE_SECURE = FIRSTLIGHT.secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "firstlight.adapters.web.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = [FIRSTLIGHT.base_url]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = FIRSTLIGHT.upload_bytes
FILE_UPLOAD_MAX_MEMORY_SIZE = FIRSTLIGHT.upload_bytes
# A sealed document must not touch a disk in clear: files are held in memory, or refused.
FILE_UPLOAD_HANDLERS = ["firstlight.adapters.web.uploads.OnlyInMemory"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 8

# Who people are.
AUTH_USER_MODEL = "identity.PersonRow"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "firstlight.adapters.identity.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator vets people by other means
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
MFA_ADAPTER = "firstlight.adapters.identity.sign_in.MfaAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Firstlight"
MFA_FORMS = {
    "add_webauthn": "firstlight.adapters.identity.sign_in.PasskeyForm",
    "activate_totp": "firstlight.adapters.identity.sign_in.AuthenticatorAppForm",
}


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
