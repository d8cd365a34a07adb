"""A sealed suite as a run sees it: names masked, sources from memory, evidence sealed.

A run shows for each task a name that is another one in the next run, and for each family as well.
What it keeps of a sample is its outcome's kind and a digest; the evidence itself, which quotes the
program, is sealed to the suite's key.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from firstlight.adapters.bench.planted.reading import Planted, read
from firstlight.adapters.bench.sealed.folder import SealedSuite
from firstlight.core.clearinghouse.validation.target import PlantedFiles, Source, Target
from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Missing
from firstlight.core.measure.commitment import KEY_BYTES, Committed, masked
from firstlight.core.measure.outcome import Detection, Evidence, Outcome
from firstlight.core.measure.record import SuiteUsed
from firstlight.core.measure.task import Suite
from firstlight.usecases.measurements.playing import Hidden

_TITLE = "Sealed suite"
_WHY = "what was seen is sealed with the suite's key"


class SealedRun:
    """The tasks of a sealed suite for one run. In clear in this process's memory alone."""

    def __init__(self, suite: SealedSuite, key: bytes | None = None) -> None:
        """Open every task.

        Args:
            suite: whose key is at hand
            key: of the run; drawn when left out. The same key gives the same names, for a run
                that is taken up again

        Raises:
            CommitmentBroken: the tasks are not those that were committed to.
            KeyDestroyed, KeyMissing, SealBroken, VaultUnusable: they do not open.
        """
        self._sealed = suite
        self.key = key or secrets.token_bytes(KEY_BYTES)
        self._planted: dict[str, Planted] = {}
        self._real: dict[str, str] = {}
        self._sources: dict[str, bytes] = {}
        since = suite.public_since()
        for row, files in suite.documents():
            own = read(files)
            name = masked(row.task, self.key)
            family = masked(f"family {own.task.family}", self.key).replace("task-", "family-")
            shown = read(files, name=name, family=family)
            task = replace(shown.task, public_since=since.get(row.task))
            self._planted[name] = replace(shown, task=task)
            self._real[name] = row.task
            self._sources |= shown.sources

    @property
    def suite(self) -> Suite:
        """What a run is given."""
        manifest = self._sealed.manifest
        tasks = [self._planted[name].task for name in sorted(self._planted)]
        return Suite(
            id=manifest.suite,
            title=_TITLE,
            version=int(manifest.version),
            public=False,
            tasks=tuple(tasks),
        )

    @property
    def committed(self) -> Committed:
        """What is published of the suite."""
        return self._sealed.committed

    @property
    def used(self) -> SuiteUsed:
        """What the record of a run says of it."""
        committed = self.committed
        return SuiteUsed(
            name=committed.suite,
            version=committed.version,
            root=committed.root,
            size=committed.size,
            committed_at=self._sealed.committed_at,
        )

    @property
    def targets(self) -> Sequence[Target]:
        """For the bench."""
        return [one.target for one in self._planted.values()]

    @property
    def canaries(self) -> frozenset[str]:
        """By which a leak is searched for."""
        return frozenset(one.canary for one in self._planted.values())

    def fetch(self, source: Source) -> bytes:
        """The files of a program; nothing else is had here. Raises Missing."""
        if not isinstance(source, PlantedFiles) or source.sha256 not in self._sources:
            raise Missing("A sealed suite holds its own programs and nothing else.")
        return self._sources[source.sha256]

    def own_name(self, shown: str) -> str:
        """A task's own name, from that of the run. Raises Missing."""
        if shown not in self._real:
            raise Missing(f"{shown[:80]!r} is no task of this run")
        return self._real[shown]

    def seal(self, name: str, content: bytes) -> bytes:
        """Something that quotes a task, sealed to the suite's key."""
        return self._sealed.seal_log(name, content)

    def keep(self, run: str, task: str, epoch: int, outcome: Outcome) -> Hidden:
        """An outcome in two parts: one that tells nothing of the task, and the sealed rest."""
        full = canonical(_told(outcome))
        name = f"evidence.{digest(f'{run} {task} {epoch}'.encode())[:32]}"
        seen = outcome.evidence
        facts: dict[str, Json] = {"sealed": digest(self.key + full)}
        evidence = Evidence(
            summary=f"{outcome.kind.capitalize()}; {_WHY}.",
            facts=facts,
            detections=tuple(_blank(one) for one in seen.detections),
            level=seen.level,
            notes=seen.notes,
        )
        return Hidden(
            outcome=replace(outcome, evidence=evidence), envelope=self.seal(name, full), name=name
        )


def _blank(detection: Detection) -> Detection:
    """Which trick, and not where or in which words."""
    return replace(detection, where="sealed", why=_WHY.capitalize() + ".")


def _told(outcome: Outcome) -> Mapping[str, Json]:
    seen = outcome.evidence
    return {
        "kind": outcome.kind,
        "summary": seen.summary,
        "facts": dict(seen.facts),
        "detections": [
            {"trick": one.trick.value, "where": one.where, "why": one.why, "voids": one.voids}
            for one in seen.detections
        ],
        "level": seen.level,
        "notes": list(seen.notes),
    }
