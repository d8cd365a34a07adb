"""The child's side of `child`: reads its instructions, serves, ends with its standard input."""

from __future__ import annotations

import _thread
import contextlib
import os
import socket
import sys
import threading
import time
from pathlib import Path

import msgspec

from firstlight.adapters.runner.child import Instructions
from firstlight.adapters.runner.service import serve
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.adapters.sandbox.orphans import adopt

_TIDY_SECONDS = 3.0


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    _thread.interrupt_main()
    time.sleep(_TIDY_SECONDS)
    # What is left untidied, sandboxes included, dies with us or is swept by the next start.
    os._exit(0)


def main() -> None:
    """Serve until the parent closes our standard input, or dies."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            return
        line += byte
    told = msgspec.json.decode(line, type=Instructions)
    # The parent's end is an ordinary end, however early it comes.
    with contextlib.suppress(KeyboardInterrupt):
        threading.Thread(target=_end_with_parent, daemon=True).start()
        # Whoever watches the runner from outside sees all that it started, whatever became of it.
        adopt()
        sandbox = BubblewrapSandbox()
        runner = LocalRunner(sandbox, Path(told.cache_folder), cache_bytes=told.cache_bytes)
        listen = socket.socket(fileno=told.socket)
        serve(listen, runner, sandbox, token=told.token, places=told.places)


if __name__ == "__main__":
    main()
