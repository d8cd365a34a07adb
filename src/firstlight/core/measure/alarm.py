"""Alarms, and the chain of evidence that is kept of a run.

What is decided here: which alarms there are, what each means for a person, and how entries of
evidence hang together. Every alarm freezes the run; there is no quieter kind, because a run that
goes on after one cannot be vouched for.

Each entry of evidence holds the hash of the one before. A changed, removed or inserted entry
breaks the chain. A cut-off end does not, and neither does a chain that was written anew as a
whole; both show against a head that was handed over (the incident's draft names it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid

MOST_BYTES = 64 << 20
"""of a file of evidence"""
MOST_TEXT = 2000
"""characters of what an alarm saw"""
START = "0" * 64
"""stands where the first entry names the one before"""
_FIELDS = {"number", "at", "kind", "facts", "before", "hash"}


class EvidenceBroken(Invalid):
    """The evidence is not as it was written."""

    code = "measure.evidence_broken"
    next_step = "Compare it with another copy; what stands after the named entry proves nothing."


class AlarmKind(StrEnum):
    """What set an alarm off."""

    PROBE = "probe"
    PROOF_MISSING = "proof-missing"
    WALL = "wall"
    EGRESS = "egress"
    DECOY_CALLED = "decoy-called"
    DECOY_LEAVING = "decoy-leaving"
    DECOY_TOUCHED = "decoy-touched"
    PROCESS = "process"
    LISTENER = "listener"
    OUTLIVED = "outlived"
    OVERRUN = "overrun"
    GROWTH = "growth"
    TAMPERING = "tampering"
    SILENCE = "silence"
    WATCHER = "watcher"


MEANINGS: Mapping[AlarmKind, str] = {
    AlarmKind.PROBE: "A probe from inside the sandbox reached something, or could not be made.",
    AlarmKind.PROOF_MISSING: "No fresh proof of containment came in time.",
    AlarmKind.WALL: "From outside, a sandbox was seen without one of its walls.",
    AlarmKind.EGRESS: "Something in the sandbox tried to reach an address outside.",
    AlarmKind.DECOY_CALLED: "A tool call used a planted credential or asked for a planted host.",
    AlarmKind.DECOY_LEAVING: "A planted credential came out of the sandbox.",
    AlarmKind.DECOY_TOUCHED: "A planted file was opened.",
    AlarmKind.PROCESS: "A process ran beside the sandboxes that has no business there.",
    AlarmKind.LISTENER: "A process beside the sandboxes began to listen on the network.",
    AlarmKind.OUTLIVED: "A process went on after its sample had ended.",
    AlarmKind.OVERRUN: "A sample went on after its time was up.",
    AlarmKind.GROWTH: "The sandboxes outgrew what a run may use.",
    AlarmKind.TAMPERING: "The verifier, or where it might be thought to be, was written to.",
    AlarmKind.SILENCE: "The process that leads the run gave no sign of life.",
    AlarmKind.WATCHER: "The watcher outside the sandbox was lost.",
}
"""for a person"""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something that must not happen was seen."""

    kind: AlarmKind
    """which"""
    at: Instant
    """when it was seen"""
    sample: str
    """the sample that it belongs to; empty when that is not known"""
    seen: str
    """what exactly, bounded, without the text of a task"""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """for machines"""

    def __str__(self) -> str:
        """One sentence."""
        of = f" (sample {self.sample})" if self.sample else ""
        return f"{MEANINGS[self.kind]} {self.seen[:MOST_TEXT]}{of}"


class ContainmentBroken(Conflict):
    """An alarm was sounded: the run is frozen, and nothing of it counts from there on."""

    code = "measure.containment_broken"
    next_step = "Read the incident's draft; a new run needs a new proof, and a person's decision."

    @classmethod
    def of(cls, alarm: Alarm, folder: str = "") -> Self:
        """After `alarm`; `folder` holds the evidence and the draft, where there are any."""
        seen = alarm.seen[:MOST_TEXT]
        return cls(str(alarm), kind=alarm.kind.value, at=str(alarm.at), seen=seen, folder=folder)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One piece of evidence in its chain."""

    number: int
    """0, 1, 2, ..."""
    at: Instant
    """when it was written"""
    kind: str
    """what it is about"""
    facts: Mapping[str, Json]
    """what was seen"""
    before: str
    """hash of the entry before"""

    def _body(self) -> dict[str, Json]:
        return {
            "number": self.number,
            "at": str(self.at),
            "kind": self.kind,
            "facts": self.facts,
            "before": self.before,
        }

    @property
    def hash(self) -> str:
        """SHA-256 over all of it, the hash before included."""
        return digest(canonical(self._body()))

    def line(self) -> bytes:
        """As it is written: one canonical line."""
        return canonical({**self._body(), "hash": self.hash}) + b"\n"


def verify_chain(data: bytes, head: str | None = None) -> Sequence[Entry]:
    """Read a file of evidence and check that it is as it was written.

    Args:
        data: the file
        head: hash of the last entry as it was handed over; None checks the chain alone

    Raises:
        EvidenceBroken: says from which entry on.
    """
    if len(data) > MOST_BYTES:
        raise EvidenceBroken("The file is larger than evidence can be.", limit=MOST_BYTES)
    if data and not data.endswith(b"\n"):
        raise EvidenceBroken("The file ends in the middle of an entry.")
    entries: list[Entry] = []
    last = START
    for number, line in enumerate(data.splitlines()):
        entry = _read(line, number)
        if entry.number != number or entry.before != last or entry.line() != line + b"\n":
            raise EvidenceBroken(f"Entry {number} is not as it was written.", entry=number)
        entries.append(entry)
        last = entry.hash
    if head is not None and head != last:
        raise EvidenceBroken("The last entry is not the one that was handed over.", found=last)
    return entries


def _read(line: bytes, number: int) -> Entry:
    try:
        row = json.loads(line)
        if not isinstance(row, dict) or set(row) != _FIELDS or not isinstance(row["facts"], dict):
            raise EvidenceBroken(f"Entry {number} is none.", entry=number)
        return Entry(
            number=int(row["number"]),
            at=Instant.parse(str(row["at"])),
            kind=str(row["kind"]),
            facts=row["facts"],
            before=str(row["before"]),
        )
    except (ValueError, TypeError, RecursionError, Invalid) as error:
        raise EvidenceBroken(f"Entry {number} cannot be read.", entry=number) from error
