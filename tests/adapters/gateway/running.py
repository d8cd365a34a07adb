"""Real parts for the tests: a gateway in a process of its own, its desk's file, an endpoint."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.gateway.endpoint import Endpoint

from firstlight.adapters.gateway.static_desk import StaticDesk, StaticGrant
from firstlight.core.kernel.clock import Instant
from firstlight.core.review.ids import UseId

REAL_KEY = "sk-developers-real-key-0123456789abcdef"
MODELS = (
    *("recorded", "tick:300:30", "tick:2000:0", "tick:100:100", "reset:5", "hang:0", "hang:5"),
    *("flood:64", "short", "busy", "garbage", "unauthorised", "echo", "packed"),
)
_START_SECONDS = 20.0


def soon(**time: float) -> Instant:
    """That much from now."""
    return Instant(datetime.now(UTC) + timedelta(**time))


@dataclass
class Running:
    """A gateway that runs, and what a test needs to play with it."""

    url: str
    process: subprocess.Popen[bytes]
    desk: StaticDesk
    endpoint: Endpoint
    log: Path
    number: int = 0

    @property
    def port(self) -> int:
        """Where the gateway listens."""
        return int(self.url.rsplit(":", 1)[1])

    def grant(self, **changes: object) -> str:
        """A fresh grant, called grant1, grant2, ...; gives its key."""
        self.number += 1
        usual = StaticGrant(
            grant=f"grant{self.number}",
            models=MODELS,
            address=self.endpoint.url,
            upstream_key=REAL_KEY,
            expires=soon(hours=1),
        )
        return self.desk.add(replace(usual, **changes))  # type: ignore[arg-type]  # fields by name

    @property
    def name(self) -> str:
        """Of the last grant."""
        return f"grant{self.number}"

    def last_use(self, *, closed: bool = True) -> dict[str, object]:
        """The row of the last use, once it is closed."""
        deadline = time.monotonic() + 5
        while True:
            rows = self.desk.uses()
            if rows and (not closed or rows[-1]["outcome"] is not None):
                return rows[-1]
            assert time.monotonic() < deadline, "the use is not closed"
            time.sleep(0.02)


def use_id(row: dict[str, object]) -> UseId:
    """The identifier in a row."""
    return UseId(str(row["use"]))


@contextmanager
def gateway(folder: Path, endpoint: Endpoint, **limits: float) -> Iterator[Running]:
    """A gateway in a process, over a fresh static desk."""
    desk = StaticDesk(folder / "desk.sqlite3")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = folder / "gateway.log"
    code = (
        "from firstlight.adapters.gateway.serving import serve_gateway;"
        "serve_gateway('firstlight.adapters.gateway.static_service:make',"
        f" address='127.0.0.1', port={port})"
    )
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env={
                **os.environ,
                "FIRSTLIGHT_STATIC_DESK": str(desk.path),
                "FIRSTLIGHT_STATIC_LIMITS": json.dumps(limits),
            },
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        _wait(port, process)
        yield Running(f"http://127.0.0.1:{port}", process, desk, endpoint, log)
    finally:
        end(process)
        desk.close()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, "the gateway died"
            assert time.monotonic() < deadline, "the gateway does not start"
            time.sleep(0.05)
        else:
            return


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop, then make it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Every process of it, at once, without a word."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
