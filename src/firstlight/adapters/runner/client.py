"""A runner on another machine, or in another process, behind the same port as the local one."""

from __future__ import annotations

import http.client
import socket
import time
from urllib.parse import urlsplit

import msgspec

from firstlight.adapters.runner import wire
from firstlight.core.kernel.errors import Invalid, RunnerLost
from firstlight.usecases.ports.execution import Experiment, ExperimentResult

_CONNECT_SECONDS = 10.0
_SLACK_SECONDS = 120.0
"""for sending, unpacking and waiting for another build, beyond the experiment's own limits"""
_BUSY_SECONDS = 600.0
"""how long to go on asking a runner without a free place"""
_WAIT_MOST = 30.0


class HttpRunner:
    """Implements `usecases.ports.Runner` over HTTP."""

    def __init__(self, url: str, token: str, *, busy_seconds: float = _BUSY_SECONDS) -> None:
        """`url` is the runner's root, such as http://127.0.0.1:8123.

        Raises:
            Invalid: the address is not one of http or https.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Invalid("A runner's address starts with http:// or https://.", address=url)
        self._https = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._prefix = parts.path.rstrip("/")
        self._token = token
        self._busy_seconds = busy_seconds

    def perform(self, experiment: Experiment) -> ExperimentResult:
        """See the port; a runner without a free place is asked again for a while.

        Raises:
            RunnerLost: it died, cannot be reached, or stayed without a free place.
            FirstlightError: whatever it raised there, as the same class.
        """
        body = wire.encode(experiment)
        timeout = _SLACK_SECONDS + sum(
            step.limits.wall_seconds
            for step in (*experiment.build, *(trial.step for trial in experiment.trials))
        )
        give_up = time.monotonic() + self._busy_seconds
        while True:
            status, wait, content = self._ask(body, timeout)
            if status == http.HTTPStatus.OK:
                return _read_result(content)
            problem = _read_problem(status, content)
            if wait is None:
                raise wire.unpack(problem)
            if time.monotonic() + wait > give_up:
                raise RunnerLost("The runner has no free place.", host=self._host)
            time.sleep(wait)

    def _ask(self, body: bytes, timeout: float) -> tuple[int, float | None, bytes]:
        """One request: status, seconds to wait if it was busy, content."""
        kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=_CONNECT_SECONDS)
        try:
            connection.connect()
            connection.sock.settimeout(timeout)
            # A machine that vanishes sends nothing; keep-alive notices within minutes.
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            headers = {"Authorization": f"Bearer {self._token}", "Content-Type": wire.MEDIA_TYPE}
            self._send(connection, body, headers)
            reply = connection.getresponse()
            content = reply.read(wire.RESULT_BYTES + 1)
        except (OSError, http.client.HTTPException) as problem:
            raise RunnerLost(
                f"The runner was lost: {type(problem).__name__}.", host=self._host
            ) from problem
        finally:
            connection.close()
        if len(content) > wire.RESULT_BYTES:
            raise RunnerLost("The runner's answer is too large.", limit=wire.RESULT_BYTES)
        after = reply.headers.get("Retry-After", "")
        wait = min(float(after), _WAIT_MOST) if after.isascii() and after.isdigit() else None
        return reply.status, wait, content

    def _send(
        self, connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]
    ) -> None:
        try:
            connection.request("POST", self._prefix + wire.EXPERIMENTS, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            # A runner that refuses answers before it has read everything; the answer is waiting.
            return


def _read_result(content: bytes) -> ExperimentResult:
    try:
        return wire.result_of(content)
    except msgspec.MsgspecError as problem:
        raise RunnerLost(f"The runner's answer cannot be read: {problem}") from problem


def _read_problem(status: int, content: bytes) -> wire.Problem:
    try:
        return wire.problem_of(content)
    except msgspec.MsgspecError as problem:
        raise RunnerLost(f"The runner answered {status}, which is not its way.") from problem
