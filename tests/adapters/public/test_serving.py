"""The public server's process: what it needs, what it refuses, that nothing is left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tests.host.test_tour import free_port
from tests.public_zone import make_zone, numbered

from firstlight.settings import BadSetting, load


def start(*words: str) -> subprocess.Popen[str]:
    """`firstlight serve-public` with no setting at all."""
    return subprocess.Popen(
        [sys.executable, "-m", "firstlight", "serve-public", *words],
        env={"PATH": os.environ["PATH"]},
        stderr=subprocess.PIPE,
        text=True,
    )


def answers(url: str) -> bool:
    """Whether somebody listens there."""
    try:
        return httpx.get(url, timeout=5).status_code < 500
    except httpx.TransportError:
        return False


def wait_until(url: str, *, up: bool) -> bool:
    """Whether it comes up, or goes down, in time."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if answers(url) is up:
            return True
        time.sleep(0.05)
    return False


def test_without_a_folder_it_says_what_to_do(tmp_path: Path) -> None:
    """Exit code 7, the folder, the next step."""
    with start(str(tmp_path / "nothing")) as process:
        told = process.communicate(timeout=30)[1]
    assert process.returncode == 7
    assert "is no folder" in told
    assert "firstlight publish" in told


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    """Serving without TLS instead would be the opposite of what was asked for."""
    with start(str(tmp_path), "--certificate", "x.pem") as process:
        told = process.communicate(timeout=30)[1]
    assert process.returncode == 2
    assert "belong together" in told
    with start(str(tmp_path), "--certificate", "x.pem", "--key", "y.pem") as process:
        told = process.communicate(timeout=30)[1]
    assert process.returncode == 7
    assert "x.pem is no file" in told


def test_it_loads_neither_django_nor_a_key(tmp_path: Path) -> None:
    """Seen in the running process: no module of the confidential zone, nothing written."""
    zone = make_zone(tmp_path)
    zone.publish(numbered(1))
    before = sorted(zone.folder.rglob("*"))
    script = (
        "import sys\n"
        "from firstlight.adapters.public.serving import FOLDER, make\n"
        f"import os; os.environ[FOLDER] = {str(zone.folder)!r}\n"
        "make()\n"
        "bad = [n for n in sys.modules if n.split('.')[0] in ('django', 'pysequoia')"
        " or n.startswith('firstlight.adapters.vault')]\n"
        "print(bad)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
    assert sorted(zone.folder.rglob("*")) == before


def test_nothing_is_left_when_it_is_killed(tmp_path: Path) -> None:
    """After kill -9 of the supervisor its process ends and the port is free again."""
    zone = make_zone(tmp_path)
    zone.publish(numbered(1))
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    with start(str(zone.folder), "--port", str(port)) as process:
        assert wait_until(url, up=True)
        process.send_signal(signal.SIGKILL)
    assert wait_until(url, up=False)


@pytest.mark.parametrize(
    "url",
    ["http://a.example", "https://", "a.example", "https://a.example/?x", "https://é.example"],
)
def test_an_address_of_the_zone_is_https(url: str) -> None:
    """Anything else is told with the variable's name."""
    with pytest.raises(BadSetting, match="FIRSTLIGHT_PUBLIC_URL"):
        load({"FIRSTLIGHT_PUBLIC_URL": url})


def test_a_slash_at_the_end_of_the_address_does_not_count() -> None:
    """Addresses are made by adding paths."""
    assert (
        load({"FIRSTLIGHT_PUBLIC_URL": "https://a.example/z/"}).public_url == "https://a.example/z"
    )
    assert load({}).public_url == ""
