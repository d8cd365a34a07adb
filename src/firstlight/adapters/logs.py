"""Structured logs: one JSON object a line, with everything that looks like a secret taken out.

Never logged: query strings, headers, bodies, addresses of people. What remains passes `redact`,
because an error's text may quote what it choked on.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_SECRETS = re.compile(
    r"fl[tg]_[\w-]{8,}"  # our API tokens, and keys of the gateway
    r"|(?<=/account/link/)[\w-]{8,}"  # one-time sign-in links
    r"|(?i:bearer\s+)\S+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password in an address
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|\Z)",
    re.DOTALL,
)
_MAX_CHARACTERS = 8000
_FACTS = ("method", "path", "status", "milliseconds", "actor", "job", "kind", "attempt", "code")
"""the named facts that a caller may add with `extra`"""


def redact(text: str) -> str:
    """`text` without secrets, control characters escaped by JSON later, cut to 8,000 characters."""
    return _SECRETS.sub("[redacted]", text[:_MAX_CHARACTERS])


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """At least `at`, `level`, `logger` and `message`."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        for name in _FACTS:
            value = getattr(record, name, None)
            if isinstance(value, str):
                line[name] = redact(value)
            elif isinstance(value, int | float):
                line[name] = value
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=True)


def configuration(*, debug: bool) -> dict[str, object]:
    """For `logging.config.dictConfig`: JSON lines on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "DEBUG" if debug else "INFO"},
        "loggers": {
            "django": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "procrastinate": {"level": "WARNING"},
        },
    }
