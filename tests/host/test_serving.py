"""The server's processes, for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
from tests.host.test_tour import free_port


def wait_until(true_in: float, check: object) -> bool:
    """Ask again and again for so many seconds."""
    end = time.monotonic() + true_in
    while time.monotonic() < end:
        if callable(check) and check():
            return True
        time.sleep(0.1)
    return False


def answers(url: str) -> bool:
    """Whether the process behind the address lives."""
    try:
        return httpx.get(f"{url}/api/v1/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


def test_nothing_is_left_when_the_server_is_killed(tmp_path: Path) -> None:
    """After kill -9 of the supervisor its processes end and the port is free again."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "firstlight", "serve", "--port", str(port)],
        env={**os.environ, "FIRSTLIGHT_DATA": str(tmp_path), "FIRSTLIGHT_BASE_URL": url},
        stderr=subprocess.DEVNULL,
    )
    try:
        assert wait_until(150, lambda: answers(url))
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
    assert wait_until(20, lambda: not answers(url))
