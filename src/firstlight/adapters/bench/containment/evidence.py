"""The file of evidence: appended to, never rewritten, on the disk before anything is said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Conflict
from firstlight.core.measure.alarm import START, Entry
from firstlight.usecases.ports import Clock

NAME = "evidence.jsonl"


class EvidenceFile:
    """A context manager around one new file; mode 0600."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """The folder is made; evidence that is there already is never touched.

        Raises:
            Conflict: there is evidence already.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / NAME
        self._clock = clock
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            self._fd = os.open(self.path, flags, 0o600)
        except FileExistsError as error:
            raise Conflict(
                "There is evidence of this run already.",
                hint="Give the run another name; evidence is never written over.",
                file=str(self.path),
            ) from error
        self._number = 0
        self.head = START

    def add(self, kind: str, facts: Mapping[str, Json], *, sync: bool = True) -> str:
        """Write an entry; returns its hash. `sync` False leaves it to the next one that syncs."""
        entry = Entry(
            number=self._number, at=self._clock.now(), kind=kind, facts=facts, before=self.head
        )
        view = memoryview(entry.line())
        while view:
            view = view[os.write(self._fd, view) :]
        if sync:
            os.fsync(self._fd)
        self._number += 1
        self.head = entry.hash
        return self.head

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        del kind, error, trace
        os.close(self._fd)
