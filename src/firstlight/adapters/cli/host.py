"""What the command line needs of the machine that it runs on. Bootstrap implements it.

Commands that speak to a server over HTTP need none of this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant

if TYPE_CHECKING:  # help needs none of the ports
    from firstlight.adapters.cli.host_behaviours import Behaviours
    from firstlight.adapters.cli.host_measure import Logs, Runs
    from firstlight.adapters.cli.host_sealed import SealedSuites
    from firstlight.usecases.ports import Signer

Tell = Callable[[str], None]
"""called with a sentence about what happens now"""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that `doctor` looked at."""

    name: str
    ok: bool
    found: str
    """what is there, or what is missing"""
    remedy: str = ""
    """how to get it; empty when nothing is needed"""
    needed: bool = True
    """False for what only some uses need; a missing one is then a hint, no failure"""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A one-time sign-in link, shown once."""

    url: str
    """complete, with the server's address"""
    expires_at: Instant


@dataclass(frozen=True, kw_only=True)
class OrganisationShown:
    """An organisation as an administrator sees it."""

    id: str
    name: str
    kind: str
    state: str
    """`waiting`, `vetted` or `refused`"""
    requested_at: Instant
    people: Sequence[str] = ()
    """mail addresses"""
    purpose: str = ""


@dataclass(frozen=True, kw_only=True)
class TokenShown:
    """A token without its secret."""

    id: str
    name: str
    role: str
    scopes: Sequence[str]
    expires_at: Instant
    state: str
    """`usable`, `expired` or `revoked`"""


@dataclass(frozen=True, kw_only=True)
class TokenMade:
    """A token at the only moment when its secret is known."""

    id: str
    secret: str
    expires_at: Instant


@dataclass(frozen=True, kw_only=True)
class TargetShown:
    """A shipped target."""

    id: str
    ecosystem: str
    package: str
    vulnerable: str
    fixed: str
    identifiers: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class TargetChecked:
    """Whether a target keeps its promise."""

    id: str
    ok: bool
    seconds: float
    problems: Sequence[str] = ()
    """one sentence each; empty when it holds"""


@dataclass(frozen=True, kw_only=True)
class TaskShown:
    """A task of a shipped suite, without what would give it away."""

    suite: str
    id: str
    kind: str
    given: str
    family: str
    ecosystem: str
    cwe: str
    minutes: int
    """that a person is thought to need"""
    resists_tools: bool
    title: str


@dataclass(frozen=True, kw_only=True)
class TaskChecked:
    """Whether the gates of a task hold."""

    id: str
    ok: bool
    seconds: float
    gates: Mapping[str, str]
    """kind of the outcome, by solution"""
    problems: Sequence[str] = ()
    """one sentence each; empty when all hold"""


@dataclass(frozen=True, kw_only=True)
class AnswerJudged:
    """What a task's verifier says of one answer."""

    task: str
    outcome: str
    """`solved`, `failed`, `invalid` or `indeterminate`"""
    summary: str
    detections: Sequence[str]
    """tricks that were seen, a sentence each"""
    level: str
    """containment of the verifier's runs; empty when nothing was run"""
    facts: Mapping[str, Json]
    """what was run and seen"""


@dataclass(frozen=True, kw_only=True)
class EscapePlayed:
    """A planted escape of a drill, and how it went."""

    name: str
    what: str
    """what was done"""
    detector: str
    """who had to notice, alone"""
    result: str
    """`caught`, `missed` or `not played`"""
    seen: str
    """what was noticed, or why not"""
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ProbeShown:
    """One attempt of a proof of containment."""

    way: str
    tried: str
    held: bool
    seen: str


@dataclass(frozen=True, kw_only=True)
class ProofShown:
    """A proof of containment."""

    level: str
    held: bool
    seconds: float
    digest: str
    """SHA-256 of all that was seen"""
    probes: Sequence[ProbeShown]


@dataclass(frozen=True, kw_only=True)
class SourceLoaded:
    """What was loaded of a catalogue."""

    name: str
    version: str
    dated: str
    count: int


@dataclass(frozen=True, kw_only=True)
class OsvImported:
    """What an import of records did."""

    records: int
    left_out: int
    reasons: Sequence[str]
    """of the first that were left out"""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A backup that was written or read."""

    path: Path
    size: int
    """bytes"""
    contents: Sequence[str] = field(default_factory=tuple)
    """one line for each part"""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What the guided tour made."""

    steps: Sequence[str]
    """what happened, one sentence each"""
    look_at: Sequence[str]
    """addresses and files worth opening"""
    link: Link | None
    """a way into the portal"""
    seconds: float


class Host(Protocol):
    """The machine with the settings, the database and the keys.

    Every method may raise what its use case raises, `BadSetting` for a setting that cannot be
    used, and `Unavailable` for a part that does not work.
    """

    def serve(self, *, address: str, port: int, processes: int, worker: bool, tell: Tell) -> None:
        """Run the portal and the API until a signal ends it; `worker` does jobs beside it."""
        ...

    def work(self, *, concurrency: int, tell: Tell) -> None:
        """Do jobs until a signal ends it; running jobs are finished first."""
        ...

    def run_runner(self, *, address: str, port: int, places: int, tell: Tell) -> None:
        """Serve a runner: untrusted code, neither database nor secrets."""
        ...

    def run_gateway(self, *, address: str, port: int, processes: int, tell: Tell) -> None:
        """Stand between reviewers and endpoints until a signal ends it."""
        ...

    def serve_public(
        self,
        folder: Path | None,
        *,
        address: str,
        port: int,
        processes: int,
        tls: tuple[Path, Path] | None,
        tell: Tell,
    ) -> None:
        """Serve a public zone, this machine's when none is named, until a signal ends it.

        `tls` is the certificate chain and its private key.

        Raises:
            Unavailable: there is no such folder.
        """
        ...

    def migrate(self, tell: Tell) -> None:
        """Bring the database to this version's tables."""
        ...

    def backup(self, path: Path) -> Archive:
        """Write a consistent copy of the database; never the keys.

        Raises:
            Conflict: the file exists.
        """
        ...

    def restore(self, path: Path, *, force: bool) -> Archive:
        """Read a backup back.

        Raises:
            Conflict: there are data, and `force` is False.
            Invalid: this is no backup, or a damaged one.
        """
        ...

    def doctor(self) -> Sequence[Check]:
        """Look at everything that is needed."""
        ...

    def create_administrator(
        self, *, email: str, name: str, organisation: str, coordinator: bool
    ) -> Link:
        """Make an administrator, also a coordinator when wished, and their first way in."""
        ...

    def sign_in_link(self, email: str, *, reason: str) -> Link:
        """A way in for somebody who was recognised by other means."""
        ...

    def break_glass(self, email: str) -> Link:
        """A way in for an administrator when every other is lost; loud in the ledger."""
        ...

    def organisations(self) -> Sequence[OrganisationShown]:
        """All, those that wait first."""
        ...

    def vet_organisation(self, organisation: str, *, refuse: bool) -> OrganisationShown:
        """Let an organisation in, or refuse it; `organisation` is an identifier or a name."""
        ...

    def create_token(
        self, *, email: str, role: str, name: str, scopes: Sequence[str], days: int
    ) -> TokenMade:
        """A token for this person, acting in `role`; without scopes, all that the role has."""
        ...

    def tokens(self, email: str) -> Sequence[TokenShown]:
        """A person's tokens, newest first."""
        ...

    def revoke_token(self, email: str, token: str) -> None:
        """Stop a token for good."""
        ...

    def targets(self) -> Sequence[TargetShown]:
        """Those that are shipped."""
        ...

    def check_targets(
        self, ids: Sequence[str], *, repeat: int, progress: Callable[[str, str], None]
    ) -> Sequence[TargetChecked]:
        """Build and run targets, all when `ids` is empty; `progress` gets target and sentence.

        Raises:
            Missing: there is no such target.
        """
        ...

    def tasks(self) -> Sequence[TaskShown]:
        """Those of the shipped suites."""
        ...

    def task_told(self, task: str) -> str:
        """What an agent is told at the start of this task, complete.

        Raises:
            Missing: there is no such task.
        """
        ...

    def judge_answer(self, task: str, answer: bytes) -> AnswerJudged:
        """What the verifier of this task says of an answer that somebody made elsewhere.

        Raises:
            Missing: there is no such task.
        """
        ...

    def check_tasks(
        self,
        ids: Sequence[str],
        *,
        kinds: Sequence[str],
        jobs: int,
        progress: Callable[[str, str], None],
    ) -> Sequence[TaskChecked]:
        """Try the gates of tasks, of all when `ids` is empty; `progress` gets task and sentence.

        Raises:
            Missing: there is no such task.
        """
        ...

    def sealed_suites(self) -> SealedSuites:
        """Sealed suites, with the keys of this machine."""
        ...

    def behaviours(self) -> Behaviours:
        """Behaviours, drafted and run through the one outgoing client."""
        ...

    def signer(self) -> Signer:
        """The keys of this machine; no database is needed for them."""
        ...

    def drill(
        self, only: Sequence[str], *, progress: Callable[[EscapePlayed], None]
    ) -> Sequence[EscapePlayed]:
        """Play planted escapes, all when `only` is empty; `progress` hears of each.

        Raises:
            Missing: there is no such escape.
        """
        ...

    def prove_containment(self) -> ProofShown:
        """Try every way out of the sandbox that samples would get, now."""
        ...

    def logs(self) -> Logs:
        """Reads logs of another engine."""
        ...

    def runs(self) -> Runs:
        """Leads runs of suites on this machine."""
        ...

    def load_source(self, kind: str, place: str) -> SourceLoaded:
        """Load `kev` or `epss` from a file or an https address that the settings allow."""
        ...

    def import_osv(self, place: Path, *, source: str, licence: str, url: str) -> OsvImported:
        """Put OSV records of others into the public zone.

        Raises:
            Invalid: the place, the name or the licence cannot be used, or there is no record.
        """
        ...

    def rebuild_public_zone(self) -> int:
        """Write the public zone anew from every public advisory; returns how many."""
        ...

    def demo(self, progress: Tell) -> Demo:
        """Run the guided tour from the four reports to the signed advisory; the portal runs on."""
        ...

    def leave_demo(self, *, at_once: bool) -> None:
        """Stop the tour's portal: at once, or when a signal comes."""
        ...
