"""A table of moves: the only thing in the program that changes a state.

A context declares its states as a `StrEnum` and its moves as rows. Laws ("no row lets anyone but
the developer ...") are tests over the rows; a use case asks the table and stores what it answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from firstlight.core.kernel.errors import MoveNotAllowed
from firstlight.core.kernel.parties import Role

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Move(Generic[State]):
    """One row: who may take what from where to where, and the rule it follows."""

    name: str
    """a verb in the imperative"""
    sources: frozenset[State]
    target: State
    roles: frozenset[Role]
    rule: str
    """why the move exists, with its source where there is one"""


class MoveTable(Generic[State]):
    """All moves of one kind of thing."""

    def __init__(self, moves: Iterable[Move[State]]) -> None:
        """Refuse two rows that share a name and a source state."""
        self.moves = tuple(moves)
        seen: set[tuple[str, State]] = set()
        for move in self.moves:
            for source in move.sources:
                if (move.name, source) in seen:
                    raise ValueError(f"two rows for {move.name} from {source}")
                seen.add((move.name, source))

    def apply(self, name: str, state: State, role: Role) -> Move[State]:
        """The row for this step.

        Raises:
            MoveNotAllowed: there is none; the message names the steps that exist.
        """
        for move in self.moves:
            if move.name == name and state in move.sources and role in move.roles:
                return move
        possible = sorted(self.possible(state, role))
        raise MoveNotAllowed(
            f"{name!r} is not possible from {state.value!r}",
            hint="Possible now: " + (", ".join(possible) if possible else "nothing") + ".",
            move=name,
            state=state.value,
            possible=possible,
        )

    def possible(self, state: State, role: Role) -> frozenset[str]:
        """Names of the steps that `role` may take from `state`."""
        return frozenset(
            move.name for move in self.moves if state in move.sources and role in move.roles
        )
