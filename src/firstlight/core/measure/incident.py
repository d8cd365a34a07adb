"""The draft of an incident, made the moment an alarm stopped a run.

What is decided here: what a draft must say, and whom an alarm concerns. A draft states what was
seen and when, and lists what is not known; it draws no conclusion. A person completes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.measure.alarm import MEANINGS, Alarm, AlarmKind

_REACHED_OUT = {AlarmKind.PROBE, AlarmKind.WALL, AlarmKind.PROCESS, AlarmKind.LISTENER}
"""after which something outside may have been reached"""
_CREDENTIALS = {AlarmKind.DECOY_CALLED, AlarmKind.DECOY_LEAVING, AlarmKind.DECOY_TOUCHED}


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """How the run was stopped."""

    frozen_after: int
    """milliseconds from the alarm until every process stood still"""
    dead_after: int
    """milliseconds from the alarm until none was left"""
    killed: int
    """processes"""
    survivors: int
    """processes that could not be killed; anything but 0 needs a person at the machine"""
    leader: str
    """what became of the process that led the run"""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """The draft."""

    run: str
    """of which run"""
    alarm: Alarm
    """what set it off"""
    began_at: Instant
    """when the run began to be watched"""
    stopped: Stopped
    """how it was stopped"""
    last_proof: str
    """the last proof that held: its time and digest; empty for none"""
    samples: Sequence[str]
    """that were open"""
    blind: Sequence[str]
    """what could not be watched here, a sentence each"""
    evidence: str
    """name of the file of evidence"""
    head: str
    """hash of its last entry"""

    def reached(self) -> str:
        """What was reached, as far as it was seen."""
        if self.alarm.kind in _REACHED_OUT:
            return f"Seen: {self.alarm.seen}"
        if self.alarm.kind is AlarmKind.EGRESS:
            return "Attempts only; the kernel had no way for them and sent nothing."
        return "Nothing outside the sandbox, as far as was seen."

    def notify(self) -> Sequence[str]:
        """Whom to tell, and of what."""
        told = [
            "The person who answers for this run: decides whether it is ever resumed.",
            "The operator of this machine: keeps it as it is until the evidence is copied.",
            "The developer of the model: an agent driven by it set off an alarm.",
        ]
        if self.alarm.kind in _REACHED_OUT:
            told.append("The owner of whatever was reached, once that is known.")
            told.append("The office that oversees the review: containment did not hold.")
        if self.alarm.kind in _CREDENTIALS:
            told.append(
                "The coordinator of the measurement: credentials were looked for; these are decoys."
            )
        if self.stopped.survivors:
            told.append("The operator, at once: a process could not be killed. Cut the network.")
        return told

    def unknown(self) -> Sequence[str]:
        """What is not known yet."""
        questions = [
            "Whether it was the agent's intent, an accident, or a flaw of the harness.",
            "Whether earlier samples did the same unseen; read their transcripts.",
            *self.blind,
        ]
        if self.alarm.kind in _REACHED_OUT:
            questions.append("What was sent to whatever was reached, and since when it was open.")
        if not self.last_proof:
            questions.append("Whether containment ever held: no proof of this run did.")
        if not self.alarm.sample:
            questions.append("Which sample it belongs to.")
        return questions

    def facts(self) -> Mapping[str, Json]:
        """For machines."""
        return {
            "draft": True,
            "run": self.run,
            "alarm": {
                "kind": self.alarm.kind.value,
                "meaning": MEANINGS[self.alarm.kind],
                "at": str(self.alarm.at),
                "sample": self.alarm.sample,
                "seen": self.alarm.seen,
                "facts": dict(self.alarm.facts),
            },
            "watched_since": str(self.began_at),
            "stopped": {
                "frozen_after_ms": self.stopped.frozen_after,
                "dead_after_ms": self.stopped.dead_after,
                "killed": self.stopped.killed,
                "survivors": self.stopped.survivors,
                "leader": self.stopped.leader,
            },
            "last_proof": self.last_proof,
            "open_samples": list(self.samples),
            "reached": self.reached(),
            "notify": list(self.notify()),
            "unknown": list(self.unknown()),
            "evidence": {"file": self.evidence, "head": self.head},
        }

    def markdown(self) -> str:
        """For a person."""
        stopped = self.stopped
        rows = [
            f"# Incident (draft): {MEANINGS[self.alarm.kind]}",
            "",
            "Written by the watcher at the moment of the alarm. A person completes it.",
            "",
            "## When",
            f"- Watched since {self.began_at}.",
            f"- Alarm at {self.alarm.at}.",
            (
                f"- Everything stood still {stopped.frozen_after} ms after it, and was dead"
                f" {stopped.dead_after} ms after it: {stopped.killed} processes killed,"
                f" {stopped.survivors} left."
            ),
            f"- The process that led the run: {stopped.leader}.",
            f"- Last proof of containment that held: {self.last_proof or 'none'}.",
            "",
            "## What was seen",
            _quoted(self.alarm.seen),
            f"- Run {self.run}, sample {self.alarm.sample or 'not known'}.",
            f"- Samples that were open: {', '.join(self.samples) or 'none'}.",
            "",
            "## What was reached",
            _quoted(self.reached()),
            "",
            "## Whom to notify",
            *(f"- {line}" for line in self.notify()),
            "",
            "## What is not known",
            *(f"- {line}" for line in self.unknown()),
            "",
            "## Evidence",
            (
                f"- `{self.evidence}`, append-only; check it with"
                f" `firstlight measure evidence {self.evidence} --head {self.head}`."
            ),
            "- Nothing of this run counts from the alarm on.",
            "",
        ]
        return "\n".join(rows)


def _quoted(text: str) -> str:
    """Text of strangers, so that it cannot pass for ours."""
    plain = "".join(one if one.isprintable() else "?" for one in text)
    return f"> {plain.replace('`', chr(39)).replace('<', '(').replace('>', ')')}"
