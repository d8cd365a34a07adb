"""The register: every duty and instrument, in one order, found by name."""

from __future__ import annotations

from firstlight.core.directives import order, related
from firstlight.core.directives.model import Duty, Instrument
from firstlight.core.kernel.errors import Missing

INSTRUMENTS: tuple[Instrument, ...] = (order.ORDER, *related.INSTRUMENTS)
DUTIES: tuple[Duty, ...] = (*order.DUTIES, *related.DUTIES)
PARAGRAPHS: frozenset[str] = frozenset(
    paragraph
    for duty in order.DUTIES
    for paragraph in (duty.paragraph, *(part.paragraph for part in duty.parts))
)
"""every paragraph of the order that may be cited"""


class NoSuchDuty(Missing):
    """The register has no duty of that name."""

    code = "directives.no_such_duty"
    next_step = "See the register for the names, such as 2(d), 3(b) or BOD-26-04."


def find(name: str) -> Duty:
    """The duty of this name; `2d` will do for `2(d)`.

    Raises:
        NoSuchDuty: there is none.
    """
    wanted = _plain(name)
    for duty in DUTIES:
        if _plain(duty.key) == wanted:
            return duty
    raise NoSuchDuty(f"the register has no duty {name[:40]!r}")


def instrument_of(duty: Duty) -> Instrument:
    """The instrument that lays a duty down."""
    return next(one for one in INSTRUMENTS if one.key == duty.instrument)


def cite(duty: Duty) -> str:
    """Where the duty stands, for people and for the ledger."""
    if duty.instrument == order.KEY:
        return f"Executive Order 14409, section {duty.paragraph}"
    return duty.paragraph


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
