"""A commitment to a suite before anybody gets access, and openings of single tasks later.

Each task becomes a leaf: SHA-256(salt || canonical form of suite, version, task, digest). The
Merkle root over the leaves (RFC 6962) is published; it tells nothing but the number of tasks. Later
one task is opened with its salt and its path, which proves that it belonged to the suite from the
beginning, and says nothing of the others. Salts are fresh random bytes, an argument here.

In a run tasks bear masked names, HMAC-SHA-256 under a key of the run: the same task has another
name in the next run, and only the holder of the key can tell.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.merkle import Tree, leaf_hash, verify_inclusion

SALT_BYTES = 32
KEY_BYTES = 32
MOST_TASKS = 100_000
_MASK_CHARACTERS = 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CommitmentBroken(Invalid):
    """The task is not the one that was committed to."""

    code = "measure.commitment_broken"
    next_step = "Keep both files as evidence and ask the suite's owner; do not count the task."


@dataclass(frozen=True, kw_only=True)
class Committed:
    """What is published."""

    suite: str
    version: str
    size: int
    root: str
    """hex"""

    def to_json(self) -> dict[str, Json]:
        """The published form."""
        return {
            "suite": self.suite,
            "version": self.version,
            "size": self.size,
            "root": self.root,
        }


@dataclass(frozen=True, kw_only=True)
class TaskSecret:
    """What the suite's owner keeps of a task, besides the task."""

    task: str
    digest: str
    """SHA-256 of its files"""
    salt: bytes


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Shows one task of a committed suite."""

    task: str
    digest: str
    salt: bytes
    index: int
    path: Sequence[bytes]
    """inclusion proof"""


def leaf(committed_suite: str, version: str, secret: TaskSecret) -> bytes:
    """The leaf's hash.

    Raises:
        CommitmentBroken: salt or digest are of another form.
    """
    if len(secret.salt) != SALT_BYTES or not _SHA256.fullmatch(secret.digest):
        raise CommitmentBroken(f"{secret.task[:80]}: the salt or the digest is malformed")
    said: Mapping[str, Json] = {
        "suite": committed_suite,
        "version": version,
        "task": secret.task,
        "digest": secret.digest,
    }
    return leaf_hash(hashlib.sha256(secret.salt + canonical(said)).digest())


def commit(suite: str, version: str, secrets: Sequence[TaskSecret]) -> Committed:
    """Commit to tasks; the order of `secrets` does not matter.

    Raises:
        Invalid: none, too many, or one named twice.
    """
    ordered = _ordered(secrets)
    tree = Tree([leaf(suite, version, each) for each in ordered])
    return Committed(suite=suite, version=version, size=tree.size, root=tree.root().hex())


def open_task(suite: str, version: str, secrets: Sequence[TaskSecret], task: str) -> Opening:
    """Open one task.

    Raises:
        Missing: it is not in the suite.
    """
    ordered = _ordered(secrets)
    for index, each in enumerate(ordered):
        if each.task == task:
            tree = Tree([leaf(suite, version, one) for one in ordered])
            return Opening(
                task=task,
                digest=each.digest,
                salt=each.salt,
                index=index,
                path=tree.inclusion_proof(index),
            )
    raise Missing(f"{task[:80]!r} is no task of this suite")


def check_opening(committed: Committed, opening: Opening) -> None:
    """Check that a task belonged to a suite when it was committed to.

    Raises:
        CommitmentBroken: it did not.
    """
    secret = TaskSecret(task=opening.task, digest=opening.digest, salt=opening.salt)
    holds = _SHA256.fullmatch(committed.root) and verify_inclusion(
        leaf=leaf(committed.suite, committed.version, secret),
        index=opening.index,
        size=committed.size,
        proof=opening.path,
        expected_root=bytes.fromhex(committed.root),
    )
    if not holds:
        raise CommitmentBroken(f"{opening.task[:80]} is not in the committed suite")


def masked(task: str, key: bytes) -> str:
    """The name of a task within one run.

    Raises:
        ValueError: the key is too short.
    """
    if len(key) < KEY_BYTES:
        raise ValueError(f"a run's key has {KEY_BYTES} bytes")
    found = hmac.new(key, task.encode(), hashlib.sha256).hexdigest()
    return f"task-{found[:_MASK_CHARACTERS]}"


def _ordered(secrets: Sequence[TaskSecret]) -> list[TaskSecret]:
    """By salt, so that the place of a task tells nothing of its name."""
    if not 0 < len(secrets) <= MOST_TASKS:
        raise Invalid(f"a suite has 1 to {MOST_TASKS} tasks, not {len(secrets)}", field="tasks")
    if len({each.task for each in secrets}) < len(secrets):
        raise Invalid("a task is named twice", field="tasks")
    return sorted(secrets, key=lambda each: each.salt)
