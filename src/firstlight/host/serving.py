"""Run the processes: the server, a worker beside it, a worker alone, a runner alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from firstlight.bootstrap import open_firstlight, open_runner
from firstlight.core.kernel.errors import Unavailable
from firstlight.settings import Settings

_PAUSE_SECONDS = 1.0
_END_SECONDS = 20.0


class RunnerTokenMissing(Unavailable):
    """A runner that others reach needs a token."""

    code = "runner.token_missing"
    next_step = "Set FIRSTLIGHT_RUNNER_TOKEN to the same 32 or more characters on both machines."


def serve(settings: Settings, *, address: str, port: int, processes: int, worker: bool) -> None:
    """The portal and the API, each process with one blocking thread, until a signal ends it."""
    from granian import Granian  # noqa: PLC0415 # only a server
    from granian.constants import Interfaces  # noqa: PLC0415 # likewise

    server = Granian(
        "firstlight.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=1,
        respawn_failed_workers=True,
        log_enabled=settings.debug,
    )
    if not worker:
        server.serve()
        return
    with _worker_beside():
        server.serve()


@contextmanager
def _worker_beside() -> Iterator[None]:
    """A worker process that is started again when it dies, and ends with this one."""
    closing = threading.Event()
    held: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not closing.is_set():
            # The child stops when its standard input ends, also when we are killed.
            child = subprocess.Popen(
                [sys.executable, "-m", "firstlight.host.beside"], stdin=subprocess.PIPE
            )
            held[:] = [child]
            child.wait()
            closing.wait(_PAUSE_SECONDS)

    keeper = threading.Thread(target=keep, name="worker-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        closing.set()
        for child in held:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()  # its jobs run again in the next worker


def work(settings: Settings, *, concurrency: int, stop: threading.Event) -> None:
    """Do jobs until `stop`; running jobs are finished first."""
    with open_runner(settings) as runner:
        opened = open_firstlight(settings, runner)
        from firstlight.adapters.workers.handlers import handlers  # noqa: PLC0415 # needs Django
        from firstlight.host.recurring import recurring  # noqa: PLC0415 # likewise

        with recurring(opened):
            opened.jobs.work(
                handlers(opened.context, opened.render), concurrency=concurrency, stop=stop.is_set
            )


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def stop_with_parent(stop: threading.Event) -> None:
    """Set `stop` when standard input ends: the parent closed it, or is dead."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        stop.set()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def run_runner(settings: Settings, *, address: str, port: int, places: int) -> None:
    """Serve a runner for workers on other machines, until a signal ends it.

    Raises:
        RunnerTokenMissing: the settings hold none.
    """
    from firstlight.adapters.runner.service import serve as serve_runner  # noqa: PLC0415
    from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox  # noqa: PLC0415
    from firstlight.adapters.sandbox.experiment import LocalRunner  # noqa: PLC0415

    if not settings.runner_token:
        raise RunnerTokenMissing
    sandbox = BubblewrapSandbox()
    runner = LocalRunner(sandbox, settings.cache / "builds")
    listen = socket.create_server((address, port))
    serve_runner(listen, runner, sandbox, token=settings.runner_token, places=places)
