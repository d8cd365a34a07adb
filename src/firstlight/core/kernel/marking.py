"""Traffic Light Protocol 2.0 (FIRST, August 2022) and who may read what.

A marking limits onward sharing. The order is by strictness; AMBER+STRICT is stricter than AMBER.
"""

from __future__ import annotations

from enum import StrEnum

from firstlight.core.kernel.errors import Invalid


class Marking(StrEnum):
    """TLP 2.0 labels."""

    CLEAR = "TLP:CLEAR"
    """no limit: the public"""
    GREEN = "TLP:GREEN"
    """the community: every vetted organisation"""
    AMBER = "TLP:AMBER"
    """the recipients' organisations and their clients, need to know"""
    AMBER_STRICT = "TLP:AMBER+STRICT"
    """the recipients' organisations only"""
    RED = "TLP:RED"
    """the named recipients only"""

    @property
    def strictness(self) -> int:
        """0 for CLEAR up to 4 for RED."""
        return _ORDER.index(self)

    def at_most(self, ceiling: Marking) -> bool:
        """Whether something so marked may go where `ceiling` is the strictest that is allowed."""
        return self.strictness <= ceiling.strictness

    @classmethod
    def parse(cls, text: str) -> Marking:
        """Read a label; TLP 1.0's WHITE is CLEAR.

        Raises:
            Invalid: no such label.
        """
        label = text.strip().upper().removeprefix("TLP:")
        label = {"WHITE": "CLEAR", "AMBER_STRICT": "AMBER+STRICT"}.get(label, label)
        try:
            return cls(f"TLP:{label}")
        except ValueError:
            raise Invalid(f"{text[:40]!r} is not a TLP 2.0 label", field="marking") from None


_ORDER = (Marking.CLEAR, Marking.GREEN, Marking.AMBER, Marking.AMBER_STRICT, Marking.RED)


def strictest(*markings: Marking) -> Marking:
    """The marking of a thing made from parts: that of its strictest part.

    Raises:
        ValueError: of nothing there is no marking.
    """
    return max(markings, key=lambda marking: marking.strictness)
