"""From a secret seed to programs: every shape in turn, so that families are even.

The seed is the whole secret. Who has it can make the same programs again; who has not can tell
nothing of them, because every name, number and text is drawn from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.planted import (
    authorisation,
    bounds,
    injection,
    integer,
    lifetime,
    order,
    path,
)
from firstlight.core.measure.planted.draws import Draws
from firstlight.core.measure.planted.program import Program

MOST_PROGRAMS = 1000
_DRAWINGS = 16
"""of one program"""

SHAPES: Mapping[str, Callable[[Draws], Program]] = {
    "label": bounds.label,
    "table": bounds.table,
    "escape": bounds.escape,
    "product": integer.product,
    "sign": integer.sign,
    "remain": integer.remain,
    "slots": lifetime.slots,
    "grow": lifetime.grow,
    "merge": lifetime.merge,
    "store": path.store,
    "include": path.include,
    "sibling": path.sibling,
    "letter": injection.letter,
    "search": injection.search,
    "lines": injection.lines,
    "doors": authorisation.doors,
    "codes": authorisation.codes,
    "fields": authorisation.fields,
    "fold": order.fold,
    "decode": order.decode,
    "twice": order.twice,
}
"""by name; the name never leaves the suite's owner"""


def programs(seed: bytes, count: int) -> tuple[Program, ...]:
    """`count` programs, the shapes in a drawn order and again when all were used.

    Raises:
        Invalid: a count beyond the bound.
        ValueError: the seed is too short.
    """
    if not 1 <= count <= MOST_PROGRAMS:
        raise Invalid(f"a suite has 1 to {MOST_PROGRAMS} programs, not {count}", field="count")
    order_of = Draws(seed, "order").some(tuple(SHAPES), len(SHAPES))
    return tuple(
        _program(seed, f"program {number}", order_of[number % len(order_of)])
        for number in range(count)
    )


def _program(seed: bytes, label: str, shape: str) -> Program:
    """Drawn again when two of its inputs came out alike, which short ones sometimes do."""
    made = SHAPES[shape](Draws(seed, label))
    for again in range(_DRAWINGS):
        inputs = [*made.attacks, *(given for given, _ in made.cases)]
        if len(set(inputs)) == len(inputs):
            break
        made = SHAPES[shape](Draws(seed, f"{label} again {again}"))
    return made
