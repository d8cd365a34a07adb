"""What a run and its watcher say to each other: one line of JSON each, over a pipe each way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from firstlight.core.measure.alarm import AlarmKind

LINE_BYTES = 1 << 20


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What a watcher is told at its start."""

    run: str
    leader: int
    """the process that leads the run"""
    folder: str
    """for evidence and the draft of an incident"""
    armed: list[str]
    """detectors of the watcher that are on; all of them, except in a drill's own test"""
    processes: int
    memory_bytes: int
    call_seconds: float
    silence_seconds: float
    proof_seconds: float
    leave_seconds: float
    detectors_off: list[str] = []
    """printed in the evidence"""


class Word(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message, either way."""

    say: str
    """what it is; the rest depends on it"""
    name: str = ""
    """a sample, a nonce, or the kind of an alarm"""
    text: str = ""
    """what was seen"""
    seconds: float = 0.0
    """how long a sample may last"""
    roots: list[int] = []
    """processes below which untrusted code runs"""
    held: bool = True
    """of a proof"""
    facts: dict[str, Any] = {}
    """for evidence"""
    sample: str = ""


_word = msgspec.json.Decoder(Word)
orders_of = msgspec.json.Decoder(Orders).decode


def line(message: Word | Orders) -> bytes:
    """As it is written."""
    return msgspec.json.encode(message) + b"\n"


class Lines:
    """Whole messages out of a pipe."""

    def __init__(self, fd: int) -> None:
        """`fd` is read when `read` is called, at most once each time."""
        self._fd = fd
        self._rest = bytearray()
        self.ended = False

    def read(self) -> Sequence[Word]:
        """What has arrived. Raises msgspec.MsgspecError for what is no message."""
        chunk = os.read(self._fd, LINE_BYTES)
        if not chunk:
            self.ended = True
            return []
        self._rest += chunk
        *whole, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        return [_word.decode(one) for one in whole]


def alarm(kind: AlarmKind, seen: str, sample: str = "") -> Word:
    """The message that an alarm is to be sounded."""
    return Word(say="alarm", name=kind.value, text=seen[:2000], sample=sample)
