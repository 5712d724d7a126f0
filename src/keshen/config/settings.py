"""Django settings. Everything an installation may change comes from the environment; docs/operator lists it."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from keshen.config import home
from keshen.config.database import database_parameters

KESHEN_HOME = Path(os.environ.get("KESHEN_HOME") or ".keshen").resolve()
KESHEN_URL = home.url_opened()
KESHEN_AUTHORITY = os.environ.get("KESHEN_AUTHORITY") or "keshen.localhost"
KESHEN_STORE = os.environ.get("KESHEN_STORE") or str(KESHEN_HOME / "media")
KESHEN_BEING_MADE = KESHEN_HOME / "opening"
"""There while the demo house is being furnished."""
KESHEN_RESTRICTED = frozenset((os.environ.get("KESHEN_RESTRICTED") or "").replace(",", " ").split())
KESHEN_INTERSTITIALS = os.environ.get("KESHEN_INTERSTITIALS") or ""
KESHEN_FFMPEG = os.environ.get("KESHEN_FFMPEG") or ""
KESHEN_PIPER = os.environ.get("KESHEN_PIPER") or "piper"
KESHEN_PIPER_VOICES = os.environ.get("KESHEN_PIPER_VOICES") or ""
KESHEN_SPEECH_URL = os.environ.get("KESHEN_SPEECH_URL") or ""
KESHEN_SPEECH_LANGUAGES = (os.environ.get("KESHEN_SPEECH_LANGUAGES") or "").split()
KESHEN_ALLOW_PRIVATE_TARGETS = os.environ.get("KESHEN_ALLOW_PRIVATE_TARGETS") == "1"
KESHEN_INBOX_FOLDERS = [path for path in (os.environ.get("KESHEN_INBOX_FOLDERS") or "").split(os.pathsep) if path]
KESHEN_SMTP_URL = os.environ.get("KESHEN_SMTP_URL", "")
KESHEN_MAIL_FROM = os.environ.get("KESHEN_MAIL_FROM") or "wire@localhost"
KESHEN_TERRITORY_HEADER = os.environ.get("KESHEN_TERRITORY_HEADER") or ""


def _secret_key() -> str:
    """The installation's secret: from the environment, else made once and kept in the house with mode 0600."""
    if given := os.environ.get("KESHEN_SECRET_KEY"):
        return given
    path = KESHEN_HOME / "secret-key"
    if not path.exists():
        KESHEN_HOME.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):  # another process of the house was first
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("KESHEN_DEBUG") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlsplit(KESHEN_URL).hostname or "localhost"]
ALLOWED_HOSTS += [host for host in os.environ.get("KESHEN_HOSTS", "").split(",") if host]
CSRF_TRUSTED_ORIGINS = [KESHEN_URL]

INSTALLED_APPS = [
    "keshen.house",
    "keshen.language",
    "keshen.rights",
    "keshen.media",
    "keshen.newsroom",
    "keshen.air",
    "keshen.wire",
    "keshen.site",
    "keshen.control",
    "keshen.config.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "keshen.house.middleware.PreferencesMiddleware",
    "keshen.house.middleware.SignInRequiredMiddleware",
    "keshen.house.middleware.LogMarkMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "media-src": [CSP.SELF, "blob:", "data:"],  # hls.js opens each caption track with an empty one from a data: address
    "worker-src": [CSP.SELF, "blob:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.SELF],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = KESHEN_URL.startswith("https://")

ROOT_URLCONF = "keshen.config.urls"
ASGI_APPLICATION = "keshen.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "keshen.house.context.house",
            ],
        },
    },
]


DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **database_parameters(os.environ.get("DATABASE_URL"), KESHEN_HOME),
        # each request of an ASGI server may run in another thread: a connection kept by one would never be closed
        "CONN_MAX_AGE": 0,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}}

AUTH_USER_MODEL = "house.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "house:sign-in"
LOGIN_REDIRECT_URL = "control:dashboard"
LOGOUT_REDIRECT_URL = "house:sign-in"

LANGUAGE_CODE = "kk"
LANGUAGES = [
    ("kk", _("Kazakh")),
    ("kk-latn", _("Kazakh (Latin)")),
    ("kk-arab", _("Kazakh (Arabic script)")),
    ("ru", _("Russian")),
    ("en", _("English")),
    ("ar", _("Arabic")),
]
LANGUAGES_BIDI = ["ar", "kk-arab", "qar"]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
USE_I18N = True
TIME_ZONE = os.environ.get("KESHEN_TIME_ZONE") or "Asia/Almaty"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = KESHEN_HOME / "static"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("KESHEN_LOG_LEVEL") or "INFO"},
    "loggers": {"httpx": {"level": "WARNING"}, "procrastinate": {"level": "WARNING"}},
}
