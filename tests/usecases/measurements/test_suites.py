"""Commitments to suites and openings of tasks in the ledger, on both databases."""

from __future__ import annotations

import pytest
from tests.usecases.conftest import Bench

from firstlight.core.kernel.errors import Conflict, NotSignedIn, Refused
from firstlight.core.kernel.parties import ANONYMOUS, SYSTEM, Role
from firstlight.core.measure.commitment import TaskSecret, commit, open_task
from firstlight.usecases.measurements.suites import commit_suite, note_opening

SECRETS = [
    TaskSecret(task=f"task-{number}", digest=f"{number:064x}", salt=bytes([number]) * 32)
    for number in range(3)
]
COMMITTED = commit("sealed", "2", SECRETS)


def test_a_commitment_and_an_opening_stand_in_the_ledger(bench: Bench) -> None:
    """When, which root, what it follows; then which task is public from now on."""
    at = commit_suite(bench.context, SYSTEM, COMMITTED, follows="ab" * 32)
    assert at == bench.clock.now()
    note_opening(bench.context, SYSTEM, COMMITTED, open_task("sealed", "2", SECRETS, "task-1"))
    with bench.context.storage.begin() as work:
        first, second = (one.entry for one in work.ledger.entries("suite sealed 2", 0, 9))
    assert first.action == "suite.commit"
    assert first.facts == {**COMMITTED.to_json(), "follows": "ab" * 32}
    assert second.action == "suite.open"
    assert second.facts["task"] == "task-1"
    assert second.facts["digest"] == SECRETS[1].digest


def test_a_version_is_committed_to_once(bench: Bench) -> None:
    """Its time cannot be moved by doing it again."""
    commit_suite(bench.context, SYSTEM, COMMITTED, follows="")
    with pytest.raises(Conflict):
        commit_suite(bench.context, SYSTEM, COMMITTED, follows="")
    commit_suite(bench.context, SYSTEM, commit("sealed", "3", SECRETS), follows=COMMITTED.root)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.COORDINATOR}))
def test_others_neither_commit_nor_open(role: Role, bench: Bench) -> None:
    """Denied by default, and nothing is written."""
    actor = ANONYMOUS if role is Role.ANONYMOUS else bench.actor(role)
    opening = open_task("sealed", "2", SECRETS, "task-1")
    with pytest.raises((Refused, NotSignedIn)):
        commit_suite(bench.context, actor, COMMITTED, follows="")
    with pytest.raises((Refused, NotSignedIn)):
        note_opening(bench.context, actor, COMMITTED, opening)
    with bench.context.storage.begin() as work:
        assert list(work.ledger.entries("suite sealed 2", 0, 9)) == []


def test_a_coordinator_may(bench: Bench) -> None:
    """As the one who answers for an installation's measurements."""
    commit_suite(bench.context, bench.actor(Role.COORDINATOR), COMMITTED, follows="")
