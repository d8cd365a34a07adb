"""A sandbox that contains nothing: the proof that each probe of the suite can fail."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from firstlight.usecases.ports.execution import Command, ContainmentLevel, RunResult, Stopped


class WeakSandbox:
    """Runs the command as it is; says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def level(self) -> ContainmentLevel:
        """None at all."""
        return ContainmentLevel.L0

    def run(self, command: Command) -> RunResult:
        """Start it and wait."""
        began = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                command.argv, stdin=subprocess.PIPE, stdout=out, stderr=err, cwd=self._folder
            )
            assert process.stdin is not None
            process.stdin.write(command.stdin)
            process.stdin.close()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = 0
            out.seek(0)
            err.seek(0)
            stdout, stderr = out.read(), err.read()
        wall = time.monotonic() - began
        # As bubblewrap itself would tell it: a signal looks like an exit.
        code = os.waitstatus_to_exitcode(status)
        return RunResult(
            exit_code=128 - code if code < 0 else code,
            signal=None,
            stopped_by=Stopped.ITSELF,
            stdout=stdout,
            stderr=b"" if command.stdin else stderr,
            stdout_total=len(stdout),
            stderr_total=len(stderr),
            wall_seconds=wall,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_memory_bytes=None,
            level=ContainmentLevel.L0,
        )
