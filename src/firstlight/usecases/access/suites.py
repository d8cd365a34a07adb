"""The rows of sealed suites: whoever answers for measurements commits to one and opens tasks."""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.rules import EVERYTHING, Action, Rule

ROWS: Mapping[Role, Mapping[Action, Rule]] = {
    Role.COORDINATOR: {Action.SUITE_COMMIT: EVERYTHING, Action.SUITE_OPEN: EVERYTHING},
}
