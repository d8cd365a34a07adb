"""Who did it, for the reader: a name for those who see everything, a role's word for the others.

The ledger and the records keep identifiers only; names are looked up when a page is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from firstlight.adapters.web.services import services
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.access.table import Action, Reach, rule
from firstlight.usecases.ports import Committed

_WORDS = {
    Role.SYSTEM.value: "the program",
    Role.ANONYMOUS.value: "somebody without an account",
    Role.PENDING.value: "somebody who was not vetted yet",
}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a reader learns about a label."""

    words: str
    """a name, or what the person is to the program"""
    label: str = ""
    """the identifier, for those who may connect it with the name"""


def names_for(reader: Actor, labels: Iterable[object]) -> Mapping[str, Known]:
    """Labels of people and organisations (others are passed over) to what the reader learns."""
    wanted = {str(label) for label in labels if label}
    everyone = _sees_everyone(reader)
    found = {label: Known(words=words) for label, words in _WORDS.items() if label in wanted}
    for label, (name, role) in services().door.known(wanted).items():
        if reader.person is not None and label == str(reader.person):
            found[label] = Known(words="you")
        elif everyone:
            found[label] = Known(words=name, label=label)
        elif role is not None:
            found[label] = Known(words=_with_article(role))
    return found


def _sees_everyone(reader: Actor) -> bool:
    """Whether the table lets the reader reach every record or every account anyway."""
    wide = (Action.LEDGER_READ, Action.ACCOUNT_MANAGE)
    return any(rule(reader, action).reach is Reach.EVERYTHING for action in wide)


def _with_article(role: Role) -> str:
    if role in {Role.PENDING, Role.ANONYMOUS, Role.SYSTEM}:
        return _WORDS[role.value]
    return f"{'an' if role.value[0] in 'aeiou' else 'a'} {role.value}"


def labels_in(entries: Iterable[Committed]) -> Iterator[str]:
    """Every label in ledger entries: who did it, to what, and what its facts name."""
    for one in entries:
        yield one.entry.actor
        yield one.entry.subject
        yield from (value for value in one.entry.facts.values() if isinstance(value, str))
