"""Logs are JSON lines without secrets."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.logs import JsonLines, redact

SECRETS = {
    "token": "Authorization: Bearer flt_c2VjcmV0c2VjcmV0",
    "gateway": "x-api-key: flg_c2VjcmV0c2VjcmV0",
    "scheme": "bearer abcdefgh",
    "link": "GET /account/link/5DqoI0SJwBUZpkzrG7RRH0R8Z1Qv9GsTZTMwn_9vATQ/",
    "database": "postgresql://user:c2VjcmV0@db/name",
    "key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----",
}
TOLD = ("c2VjcmV0", "5DqoI0SJwBUZ", "abcdefgh")


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_never_reaches_the_log(kind: str) -> None:
    """Whatever carries a secret loses it, and says so."""
    line = redact(f"before {SECRETS[kind]} after")
    assert not any(secret in line for secret in TOLD)
    assert "[redacted]" in line
    assert line.startswith("before ")


def test_the_text_of_an_error_is_redacted_too() -> None:
    """An exception may quote what it choked on."""
    error = ValueError(SECRETS["database"])
    record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (type(error), error, None))
    line = JsonLines().format(record)
    assert "c2VjcmV0" not in line
    assert "ValueError" in json.loads(line)["error"]


@given(st.text(max_size=200))
def test_any_message_is_one_line_of_json(message: str) -> None:
    """Line breaks and terminal escapes in a message cannot forge a second line."""
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", (message,), None)
    line = JsonLines().format(record)
    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line)["logger"] == "x"


def test_only_named_facts_are_taken_along() -> None:
    """A caller cannot log a header by accident."""
    record = logging.makeLogRecord({"msg": "request", "status": 200, "cookie": "session=1"})
    line = json.loads(JsonLines().format(record))
    assert line["status"] == 200
    assert "cookie" not in line
