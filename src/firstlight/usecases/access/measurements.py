"""Rows about measurements.

*Own* is a run of the developer's own review, and for a coordinator a run of nobody's review;
*party* is a run of a review in which the reviewer's office takes part. Evidence is what single
samples show: the developer of a model sees figures by family and task, and no sample. A run is led
from the shell of its machine, by the program; the determination is an act of the review.
"""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.rules import EVERYTHING, OWN, PARTY, Action, Reach, Rule

ROWS: Mapping[Role, Mapping[Action, Rule]] = {
    Role.DEVELOPER: {Action.MEASUREMENT_READ: OWN},
    Role.REVIEWER: {Action.MEASUREMENT_READ: PARTY, Action.MEASUREMENT_EVIDENCE: PARTY},
    Role.COORDINATOR: {Action.MEASUREMENT_READ: OWN, Action.MEASUREMENT_EVIDENCE: OWN},
    # That a run was made, its containment and its statement; no sample.
    Role.AUDITOR: {Action.MEASUREMENT_READ: Rule(Reach.EVERYTHING, Marking.AMBER_STRICT)},
    Role.SYSTEM: {
        Action.MEASUREMENT_READ: EVERYTHING,
        Action.MEASUREMENT_EVIDENCE: EVERYTHING,
        Action.MEASUREMENT_RUN: EVERYTHING,
    },
}
