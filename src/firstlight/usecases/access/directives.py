"""The register's rows of the access table: everyone reads, coordinators record.

An auditor checks the record and so adds nothing to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.rules import EVERYTHING, PUBLIC, Action, Rule

_READ = {Action.DIRECTIVE_READ: PUBLIC}
_EVERYONE: tuple[Role, ...] = tuple(role for role in Role if role is not Role.SYSTEM)

ROWS: Mapping[Role, Mapping[Action, Rule]] = {
    **dict.fromkeys(_EVERYONE, _READ),
    Role.COORDINATOR: _READ | {Action.DIRECTIVE_RECORD: EVERYTHING},
}
