"""What a run's own process and the process that started it say to each other: lines of JSON.

The leader starts nothing but its runner and its watcher, so that anything else below it is an
alarm. A script is therefore served by whoever started it: the leader hands it over and is told
the address.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from firstlight.adapters.cli.host_measure import RunOrder, RunProgress, RunShown
from firstlight.core.kernel.errors import (
    Conflict,
    FirstlightError,
    Invalid,
    Missing,
    Refused,
    Unavailable,
)

ORDER = "order.json"
LOCK = "leader.lock"
PLAN = "plan.json"
ALARM = "alarm"
TURNS: Mapping[str, type[FirstlightError]] = {
    "refused": Refused,
    "invalid": Invalid,
    "conflict": Conflict,
    "missing": Missing,
    "unavailable": Unavailable,
}
"""the parents of all errors, by name"""
KEY_VARIABLE = "FIRSTLIGHT_MODEL_KEY"


class RunIsLed(Conflict):
    """A process leads this run already."""

    code = "measure.run_is_led"
    next_step = "Wait for its end, or interrupt it; `firstlight measure status` shows it."


@dataclass(frozen=True, kw_only=True)
class Orders:
    """The first line to a leader."""

    run: str
    """identifier; its folder exists"""
    order: RunOrder
    resume: bool = False
    end: str = ""
    """why it is ended early; empty otherwise"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a leader."""

    say: str
    """`note`, `script`, `began`, `progress`, `closed` or `failed`"""
    text: str = ""
    """of a note; the sentence by which a run was admitted; of a failure, its message"""
    script: Any = None
    shown: RunShown | None = None
    progress: RunProgress | None = None
    code: str = ""
    hint: str = ""
    turn: str = ""
    """of a failure: whose turn it is, as the parents of errors say; `alarm` after an alarm"""


@dataclass(frozen=True, kw_only=True)
class Word:
    """A line to a leader after the first: where a script is served, or that it shall pause."""

    url: str = ""
    pause: bool = False


def encode(value: Orders | Line | Word) -> bytes:
    """One line."""
    return msgspec.json.encode(value) + b"\n"


def write_order(folder: Path, order: RunOrder) -> None:
    """Kept for a resumption; readable by its owner alone."""
    folder.mkdir(mode=0o700, parents=True)
    descriptor = os.open(folder / ORDER, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(order))


def read_order(folder: Path) -> RunOrder:
    """As it was kept.

    Raises:
        Conflict: it is not there, so the run was not begun on this machine.
    """
    try:
        return msgspec.json.decode((folder / ORDER).read_bytes(), type=RunOrder)
    except (OSError, msgspec.MsgspecError) as error:
        raise Conflict(
            f"{folder / ORDER} cannot be read.",
            hint="Resume a run on the machine and with the data folder that it was begun with.",
        ) from error


@contextmanager
def led(folder: Path) -> Iterator[None]:
    """Be the one process that leads a run; a killed one holds nothing.

    Raises:
        RunIsLed: another process does.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunIsLed(folder=str(folder)) from error
        yield
    finally:
        os.close(descriptor)


def is_led(folder: Path) -> bool:
    """Whether a process leads the run now."""
    try:
        with led(folder):
            return False
    except RunIsLed:
        return True
    except OSError:
        return False
