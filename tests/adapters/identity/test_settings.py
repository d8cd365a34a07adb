"""What changes when the portal is reached over TLS, and how the secret key is kept."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

_ASK = """
import json
from firstlight import django_settings as s
print(json.dumps({
    "session": s.SESSION_COOKIE_NAME, "csrf": s.CSRF_COOKIE_NAME,
    "secure": [s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE],
    "hsts": s.SECURE_HSTS_SECONDS, "hosts": s.ALLOWED_HOSTS, "key": s.SECRET_KEY,
}))
"""


def asked(folder: Path, base_url: str) -> dict[str, object]:
    """The settings of a fresh process."""
    env = {**os.environ, "FIRSTLIGHT_DATA": str(folder), "FIRSTLIGHT_BASE_URL": base_url}
    done = subprocess.run(
        [sys.executable, "-c", _ASK], env=env, capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_over_tls_cookies_are_locked_to_the_host(tmp_path: Path) -> None:
    """`__Host-` and Secure, HSTS for two years; no other host but the loopback is answered."""
    found = asked(tmp_path, "https://firstlight.example.org")
    assert (found["session"], found["csrf"]) == ("__Host-session", "__Host-csrf")
    assert found["secure"] == [True, True]
    assert found["hsts"] == 63_072_000
    assert found["hosts"] == ["127.0.0.1", "[::1]", "firstlight.example.org", "localhost"]


@pytest.mark.parametrize("base_url", ["http://localhost:8600", "http://127.0.0.1:8600"])
def test_on_loopback_plain_cookies_work(tmp_path: Path, base_url: str) -> None:
    """A browser refuses Secure cookies there; every name of the loopback is answered."""
    found = asked(tmp_path, base_url)
    assert found["session"] == "session"
    assert found["secure"] == [False, False]
    assert found["hsts"] == 0
    assert found["hosts"] == ["127.0.0.1", "[::1]", "localhost"]


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Two processes find the same key; the file has mode 0600 and lies in the key folder."""
    one, two = asked(tmp_path, "http://localhost"), asked(tmp_path, "http://localhost")
    assert one["key"] == two["key"]
    assert len(str(one["key"])) >= 64
    path = tmp_path / "keys" / "django-secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_secret_key_is_said_and_not_used(tmp_path: Path) -> None:
    """An empty file would make every signature guessable."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "django-secret").write_text("")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        asked(tmp_path, "http://localhost")
    assert "too short" in caught.value.stderr
