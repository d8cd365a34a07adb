"""An advisory and its moves: drafted from a case, approved by a coordinator, released on time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import AdvisoryId, CaseId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role


class AdvisoryState(StrEnum):
    """Where an advisory stands."""

    DRAFT = "draft"
    """may still be changed"""
    APPROVED = "approved"
    """a coordinator stands for it and named the go-live time"""
    PUBLISHED = "published"
    """in the public zone"""
    WITHDRAWN = "withdrawn"
    """taken back; the withdrawal itself is public when the advisory was"""


@dataclass(frozen=True, kw_only=True)
class AffectedPackage:
    """What is affected and what fixes it. Versions are exact, in the ecosystem's own order."""

    purl: str
    """package URL without version"""
    ecosystem: str
    """as OSV names it: PyPI, npm, Debian:12, ..."""
    name: str
    introduced: str = "0"
    """first affected version; 0 for all before the fix"""
    fixed: str = ""
    """first fixed version; empty when there is none yet"""
    affected_versions: Sequence[str] = ()
    """versions on which the flaw was observed here"""
    unaffected_versions: Sequence[str] = ()
    """versions on which it was observed not to show"""


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Someone who is named with their consent."""

    name: str
    kind: str = "finder"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One public version of an advisory (CSAF 2.0, 3.2.1.12.6)."""

    number: int
    at: Instant
    summary: str


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """What the world is told about a case."""

    id: AdvisoryId
    case: CaseId
    number: str
    """tracking identifier for people, the case's number"""
    state: AdvisoryState
    marking: Marking
    title: str
    summary: str
    details: str
    packages: Sequence[AffectedPackage]
    cwe: Sequence[str] = ()
    identifiers: Sequence[str] = ()
    """CVE and other names"""
    cvss: str = ""
    """vector, empty when not scored"""
    references: Sequence[str] = ()
    credits: Sequence[Credit] = ()
    mitigation: str = ""
    drafted_at: Instant
    revisions: Sequence[Revision] = ()
    """empty until the first publication"""
    go_live: Instant | None = None
    approved_by: PersonId | None = None
    version: int = 1
    """grows with every change of the record"""


_LEADS = frozenset({Role.COORDINATOR})

ADVISORY_MOVES: MoveTable[AdvisoryState] = MoveTable(
    (
        Move(
            name="approve",
            sources=frozenset({AdvisoryState.DRAFT}),
            target=AdvisoryState.APPROVED,
            roles=_LEADS,
            rule="a coordinator approves the text and names the go-live time",
        ),
        Move(
            name="return",
            sources=frozenset({AdvisoryState.APPROVED}),
            target=AdvisoryState.DRAFT,
            roles=_LEADS,
            rule="an approval is taken back before go-live",
        ),
        Move(
            name="publish",
            sources=frozenset({AdvisoryState.APPROVED}),
            target=AdvisoryState.PUBLISHED,
            roles=frozenset({Role.SYSTEM}),
            rule="the go-live time has come",
        ),
        Move(
            name="withdraw",
            sources=frozenset({AdvisoryState.DRAFT, AdvisoryState.APPROVED}),
            target=AdvisoryState.WITHDRAWN,
            roles=_LEADS,
            rule="a coordinator takes it back with a reason",
        ),
        Move(
            name="withdraw-published",
            sources=frozenset({AdvisoryState.PUBLISHED}),
            target=AdvisoryState.WITHDRAWN,
            roles=_LEADS,
            rule="a published advisory is withdrawn in public, with its reason",
        ),
    )
)
