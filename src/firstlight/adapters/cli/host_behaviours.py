"""What the commands of behaviours need of this machine. The composition root implements it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from firstlight.core.measure.behaviour.result import BehaviourRun
from firstlight.core.measure.behaviour.specification import Specification

Progress = Callable[[str, str], None]
"""called with an item and what came of it"""


@dataclass(frozen=True, kw_only=True)
class Answering:
    """Who answers: an endpoint, or a recording of one."""

    endpoint: str
    """MODEL@URL; empty for a recording"""
    replay: Path | None = None
    """a recording to answer from"""
    record: Path | None = None
    """a new file to record into"""
    key_variable: str = ""
    """environment variable with the endpoint's key"""


@dataclass(frozen=True, kw_only=True)
class Drafting:
    """What to draft."""

    name: str
    paragraph: str
    pairs: int


@dataclass(frozen=True, kw_only=True)
class Running:
    """How to run."""

    id: str
    epochs: int
    judgements: int
    tokens: int


class Behaviours(Protocol):
    """Behaviours drafted and run through the one outgoing client."""

    def draft(self, answering: Answering, wanted: Drafting) -> Specification:
        """From a paragraph to a specification. Raises Invalid, Unavailable."""
        ...

    def run(
        self,
        specification: Specification,
        model: Answering,
        judge: Answering,
        how: Running,
        progress: Progress,
    ) -> BehaviourRun:
        """Hold and judge every conversation. Raises Invalid, Unavailable."""
        ...
