from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest

from firstlight.adapters.storage import samples
from firstlight.adapters.storage.queries import DjangoQueries
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.case import Case, CaseState, Evidence, Party, PartyRole
from firstlight.core.clearinghouse.finding import Finding, FindingState
from firstlight.core.clearinghouse.patches.model import Patch
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking, strictest
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.access.rules import Action, Thing
from firstlight.usecases.access.table import admits
from firstlight.usecases.cases.thing import thing_of
from firstlight.usecases.queries.port import Page

OWNER, MAINTAINER, RAW, COORDINATOR, STRANGER = (samples.fresh(OrganisationId) for _ in range(5))
_PARTIES = (
    Party(organisation=OWNER, role=PartyRole.FINDER),
    Party(organisation=MAINTAINER, role=PartyRole.MAINTAINER),
    Party(organisation=RAW, role=PartyRole.MAINTAINER, raw_feed=True),
    Party(organisation=COORDINATOR, role=PartyRole.COORDINATOR),
)
_READS = (
    Action.CASE_READ,
    Action.FINDING_READ,
    Action.EVIDENCE_READ,
    Action.PATCH_READ,
    Action.ADVISORY_READ,
    Action.LEDGER_READ,
)
READERS = [
    Actor(role=role, organisation=organisation, scopes=scopes)
    for role, organisation in product(Role, (OWNER, MAINTAINER, RAW, COORDINATOR, STRANGER, None))
    for scopes in (None, frozenset[str]())
] + [
    Actor(role=Role.COORDINATOR, organisation=COORDINATOR, scopes=frozenset({action.value}))
    for action in _READS
]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One case with one of everything, and each as the access table sees it."""

    case: Case
    finding: Finding
    of_finding: Evidence
    of_case: Evidence
    patch: Patch
    advisory: Advisory
    of_case_thing: Thing
    of_finding_thing: Thing
    advisory_thing: Thing


def _store(
    storage: DjangoStorage,
    number: str,
    markings: tuple[Marking, Marking],
    *,
    validated: bool,
    published: bool,
) -> Stored:
    case = samples.case(
        number, marking=markings[0], state=CaseState.PUBLISHED if published else CaseState.OPEN
    )
    finding = samples.finding(
        case,
        marking=markings[1],
        organisation=OWNER,
        state=FindingState.REPRODUCED if validated else FindingState.RECEIVED,
    )
    state = AdvisoryState.PUBLISHED if published else AdvisoryState.DRAFT
    advisory = samples.advisory(case, state=state)
    patch = samples.patch(case)
    evidence = samples.evidence(case, finding), samples.evidence(case)
    with storage.begin() as work:
        work.cases.add(case)
        work.findings.add(finding, b"{}")
        for party in _PARTIES:
            work.cases.add_party(case.id, party)
        for each in evidence:
            work.cases.add_evidence(each)
        work.patches.add(patch)
        work.advisories.add(advisory)
        samples.append(work, str(finding.id))
        samples.append(work, str(case.id))
        thing = thing_of(work, case)
    seeing = {party.organisation for party in _PARTIES if validated or party.raw_feed}
    return Stored(
        case=case,
        finding=finding,
        of_finding=evidence[0],
        of_case=evidence[1],
        patch=patch,
        advisory=advisory,
        of_case_thing=thing,
        of_finding_thing=Thing(marking=finding.marking, owner=OWNER, parties=frozenset(seeing)),
        advisory_thing=replace(thing, published=published),
    )


@pytest.fixture
def world(any_storage: DjangoStorage) -> Sequence[Stored]:
    """Every marking of a case and of its finding, validated or not, published or not."""
    kinds = list(product(product(Marking, Marking), (False, True), (False, True)))
    return [
        _store(any_storage, number, markings, validated=validated, published=published)
        for number, (markings, validated, published) in zip(
            samples.numbered(2026, len(kinds)), kinds, strict=True
        )
    ]


def _ids(things: Iterable[Case | Finding | Evidence | Patch | Advisory]) -> set[str]:
    return {str(thing.id) for thing in things}


def _all_pages(read: Callable[..., Page[Any]], reader: Actor, **which: object) -> set[str]:
    found: set[str] = set()
    cursor: str | None = None
    while True:
        page = read(reader, **which, cursor=cursor, limit=30)
        found |= {str(row.id) for row in page.rows}
        cursor = page.next_cursor
        if cursor is None:
            return found


def _there(read: Callable[..., object], reader: Actor, which: object) -> bool:
    try:
        return read(reader, which) is not None
    except Missing:
        return False


def test_lists_show_what_the_table_admits(world: Sequence[Stored]) -> None:
    """Every role x organisation x scope x marking: each list holds exactly what is admitted."""
    queries = DjangoQueries()
    shown = 0
    for reader in READERS:

        def may(action: Action, thing: Thing, reader: Actor = reader) -> bool:
            return admits(reader, action, thing)

        cases = {str(one.case.id) for one in world if may(Action.CASE_READ, one.of_case_thing)}
        findings = {
            str(one.finding.id) for one in world if may(Action.FINDING_READ, one.of_finding_thing)
        }
        advisories = {
            str(one.advisory.id) for one in world if may(Action.ADVISORY_READ, one.advisory_thing)
        }
        shown += len(cases) + len(findings) + len(advisories)
        assert cases == _all_pages(queries.cases, reader, state=None), reader
        assert findings == _all_pages(queries.findings, reader, case=None), reader
        assert advisories == _all_pages(queries.advisories, reader), reader
    assert shown > 1000, "the matrix must hold something to see"


def test_single_things_follow_the_table(world: Sequence[Stored]) -> None:
    """Every door to a single thing admits the same readers; the rest is Missing or empty."""
    queries = DjangoQueries()
    for reader in READERS:
        for one in world[::9]:
            case, finding = one.case, one.finding
            seen = admits(reader, Action.CASE_READ, one.of_case_thing)
            assert _there(queries.case, reader, case.id) is seen
            assert _there(queries.case_by_number, reader, case.number) is seen
            assert len(queries.parties(reader, case.id)) == (4 if seen else 0)
            seen = admits(reader, Action.FINDING_READ, one.of_finding_thing)
            assert _there(queries.finding, reader, finding.id) is seen
            seen = admits(reader, Action.ADVISORY_READ, one.advisory_thing)
            assert _there(queries.advisory, reader, one.advisory.id) is seen
            assert (queries.advisory_of(reader, case.id) is not None) is seen
            seen = admits(reader, Action.PATCH_READ, one.of_case_thing)
            assert _ids(queries.patches(reader, case.id)) == (
                {str(one.patch.id)} if seen else set()
            )
            both = strictest(case.marking, finding.marking)
            expected = [
                (one.of_finding, replace(one.of_finding_thing, marking=both)),
                (one.of_case, one.of_case_thing),
            ]
            assert _ids(queries.evidence(reader, case.id)) == {
                str(evidence.id)
                for evidence, thing in expected
                if admits(reader, Action.EVIDENCE_READ, thing)
            }


def test_ledger_follows_the_table(world: Sequence[Stored]) -> None:
    """A reader of OWN reach sees the entries of own findings; an entry counts as RED."""
    queries = DjangoQueries()
    for reader in READERS:
        page = queries.ledger(reader, subjects=None, cursor=None, limit=200)
        things: list[tuple[str, OrganisationId | None]]
        things = [(str(one.finding.id), OWNER) for one in world]
        things += [(str(one.case.id), None) for one in world]
        expected = {
            subject
            for subject, owner in things
            if admits(reader, Action.LEDGER_READ, Thing(marking=Marking.RED, owner=owner))
        }
        assert {row.entry.subject for row in page.rows} == expected
        own = queries.ledger(reader, subjects=[str(world[0].finding.id)], cursor=None, limit=200)
        assert {row.entry.subject for row in own.rows} == expected & {str(world[0].finding.id)}


def test_counts_tell_a_maintainer_nothing_unvalidated(any_storage: DjangoStorage) -> None:
    """A second, unvalidated report is not even a number to a maintainer without the raw feed."""
    case = samples.case("FL-2026-0001", state=CaseState.VALIDATED)
    with any_storage.begin() as work:
        work.cases.add(case)
        work.findings.add(samples.finding(case, state=FindingState.REPRODUCED), b"{}")
        work.findings.add(samples.finding(case), b"{}")
        for party in _PARTIES:
            work.cases.add_party(case.id, party)

    def counted(role: Role, organisation: OrganisationId) -> tuple[int, int]:
        reader = Actor(role=role, organisation=organisation)
        (row,) = DjangoQueries().cases(reader, state=None, cursor=None, limit=5).rows
        return row.findings, row.reproduced

    assert counted(Role.MAINTAINER, MAINTAINER) == (1, 1)
    assert counted(Role.MAINTAINER, RAW) == (2, 1)
    assert counted(Role.COORDINATOR, COORDINATOR) == (2, 1)


def test_contact_needs_consent(any_storage: DjangoStorage) -> None:
    """A maintainer gets the finder's contact only if the finder agreed; a coordinator always."""
    case = samples.case("FL-2026-0001")
    plain = samples.finding(case, state=FindingState.REPRODUCED)
    contact = replace(plain.report.contact, share_with_maintainer=True)
    shared = samples.finding(
        case,
        state=FindingState.REPRODUCED,
        report=replace(plain.report, contact=contact),
    )
    with any_storage.begin() as work:
        work.cases.add(case)
        work.findings.add(plain, b"{}")
        work.findings.add(shared, b"{}")
        for party in _PARTIES:
            work.cases.add_party(case.id, party)
    queries = DjangoQueries()
    maintainer = Actor(role=Role.MAINTAINER, organisation=MAINTAINER)
    assert queries.finding(maintainer, plain.id).report.contact.email == ""
    assert queries.finding(maintainer, plain.id).reporter is None
    assert queries.finding(maintainer, shared.id) == shared
    assert queries.finding(Actor(role=Role.COORDINATOR), plain.id) == plain
