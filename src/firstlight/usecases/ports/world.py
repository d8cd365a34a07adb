"""Time, chance, keys and the public zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from firstlight.core.clearinghouse.finding import Proof
from firstlight.core.clearinghouse.patches.model import CheckResult
from firstlight.core.clearinghouse.validation.outcome import Outcome
from firstlight.core.guard.model import Channel
from firstlight.core.guard.passing import Passed
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import Identifier

Id = TypeVar("Id", bound=Identifier)


class Clock(Protocol):
    """Reads the time. A use case reads it once and passes the moment on."""

    def now(self) -> Instant:
        """The present moment."""
        ...


class Mint(Protocol):
    """Makes identifiers and random bytes."""

    def new(self, kind: type[Id], now: Instant) -> Id:
        """A fresh identifier of this kind."""
        ...

    def random_bytes(self, count: int) -> bytes:
        """From the operating system's source of randomness."""
        ...


@dataclass(frozen=True, kw_only=True)
class Signature:
    """An Ed25519 signature."""

    key_id: str
    value: bytes


class Signer(Protocol):
    """Signs with a key that never leaves the vault."""

    def sign(self, purpose: str, message: bytes) -> Signature:
        """Sign with the key of this purpose ("ledger", "advisory").

        Raises:
            Unavailable: the key cannot be read.
        """
        ...

    def public_key(self, purpose: str) -> bytes:
        """The raw 32-byte public key."""
        ...


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """The files of one document whose text has passed the guard. Nothing else enters the zone."""

    files: Mapping[str, bytes]
    """relative path to content"""
    passed: Passed

    def __post_init__(self) -> None:
        """A mail that passed clears no file."""
        if self.passed.channel is not Channel.DOCUMENT:
            raise ValueError("only a document that passed the guard enters the public zone")


class PublicZone(Protocol):
    """The folder of signed files. Receives only what was released as TLP:CLEAR."""

    def put(self, cleared: Cleared) -> None:
        """Write all files of a document, each atomically; idempotent.

        Raises:
            Invalid: a path would leave the zone.
            Unavailable: the folder cannot be written.
        """
        ...

    def renew(self) -> None:
        """Write what stands at the zone's top anew. Raises as `put`."""
        ...

    def rebuild(self, advisories: Iterable[Cleared]) -> int:
        """Write the files of all advisories, each as `put` takes them; returns how many.

        What no advisory gives any more is removed, unless it was written meanwhile.

        Raises:
            Invalid, Unavailable: as `put`.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class ValidationResult:
    """What running a finding's proofs showed."""

    target: str
    """identifier of the target, empty when none fits"""
    outcome: Outcome
    crash: str
    """the sanitizer report or stack trace of the first run that showed the flaw, or empty"""
    body: Mapping[str, Json]
    """runs, logs (bounded) and environment, as small JSON"""
    level: str
    """containment level, empty when nothing ran"""


@dataclass(frozen=True, kw_only=True)
class PatchResult:
    """What checking a patch showed."""

    target: str
    checks: Sequence[CheckResult]
    body: Mapping[str, Json]
    level: str


@dataclass(frozen=True, kw_only=True)
class TargetFacts:
    """What a target says about the releases it holds."""

    id: str
    purl: str
    ecosystem: str
    """as OSV names it"""
    name: str
    vulnerable: str
    fixed: str
    cwe: Sequence[str]
    identifiers: Sequence[str]
    references: Sequence[str]


class Laboratory(Protocol):
    """Fetches pinned releases, and runs proofs and patches against them in a sandbox."""

    def target(self, identifier: str) -> TargetFacts | None:
        """What is known of this target; None when it is not shipped."""
        ...

    def validate(self, package: str, proofs: Sequence[Proof]) -> ValidationResult:
        """Run `proofs` on the vulnerable and on the fixed release of the fitting target.

        Not being able to try is a result (`NotTried`, `CouldNotBuild`), no error.

        Raises:
            RunnerLost: the runner died; the job runs again.
            SandboxUnavailable: nothing untrusted can be run at the moment.
        """
        ...

    def verify_patch(self, target: str, proofs: Sequence[Proof], diff: str) -> PatchResult:
        """Put a patch through every check.

        Raises:
            RunnerLost: the runner died; the job runs again.
            SandboxUnavailable: nothing untrusted can be run at the moment.
        """
        ...
