"""Where a threshold is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from firstlight.core.measure.designation import Designation
from firstlight.core.measure.plan import Plan
from firstlight.core.measure.record import Run
from firstlight.core.measure.threshold import Threshold


@dataclass(frozen=True, kw_only=True)
class OpenedThreshold:
    """A sealed threshold, shown, with what proves that it was this one."""

    threshold: Threshold
    salt: bytes
    known_by: str
    """the commitment that was published before"""


class ThresholdKeeper(Protocol):
    """Applies a threshold where it is kept; a sealed one never leaves that place.

    The implementation calls `core.measure.designation.designate` and hands out what it prepared,
    so an answer under a sealed threshold is the same as the one under the opened one later.
    """

    def known_by(self) -> str:
        """The digest of an open threshold, or the commitment of a sealed one.

        Raises:
            Invalid: what is kept is no threshold.
        """
        ...

    def designate(self, run: Run, plan: Plan) -> Designation:
        """Prepare an answer.

        Raises:
            Invalid: what is kept is no threshold.
        """
        ...
