"""Runs a script of a test in a process of its own, because a watch stops what is below it.

The script gets `run`, `contained`, `box` and `told`, and prints what it saw as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HEAD = """
import json, os, signal, subprocess, sys, threading, time
from pathlib import Path
from firstlight.adapters.bench.box import Box, RunnerShell
from firstlight.adapters.bench.containment.live import LiveContainment
from firstlight.adapters.bench.containment.prover import Outside, empty_tree
from firstlight.adapters.machine import SystemClock
from firstlight.adapters.runner.child import RunnerChild
from firstlight.core.measure.alarm import AlarmKind, ContainmentBroken, verify_chain
from firstlight.core.measure.containment import When
from firstlight.usecases.ports.containment import Bounds

folder = Path(sys.argv[1])
child = RunnerChild(folder / "builds")
child.__enter__()
contained = LiveContainment.of_runner(
    child.runner(),
    folder=folder / "runs",
    roots=lambda: [os.getpid(), *([child.pid] if child.pid else [])],
    outside=Outside,
    clock=SystemClock(),
)
box = Box(contained.guard(RunnerShell(child.runner(), empty_tree(), ()), "empty"), {})

def told(**facts):
    print(json.dumps(facts), flush=True)
"""
_TAIL = """
child.__exit__(None, None, None)
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a script ended."""

    code: int
    """negative for a signal"""
    lines: list[dict[str, Any]]
    """what it told"""
    seconds: float
    stderr: str


def play(script: str, folder: Path) -> Ended:
    """Run a script to its end."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _HEAD + script + _TAIL, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    took = time.monotonic() - began
    return Ended(code=done.returncode, lines=lines, seconds=took, stderr=done.stderr)


def start(script: str, folder: Path) -> subprocess.Popen[str]:
    """Start a script and leave it running."""
    return subprocess.Popen(
        [sys.executable, "-c", _HEAD + script + _TAIL, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
