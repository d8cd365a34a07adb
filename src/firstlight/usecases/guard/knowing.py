"""What the guard knows at a moment: pieces of open cases, and who a recipient is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from firstlight.core.guard.material import (
    Kind,
    Knowledge,
    Material,
    Sealed,
    phrases,
    proof_chunks,
    proof_pieces,
)
from firstlight.core.guard.model import Recipient
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.ids import FindingId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.ids import WebhookId
from firstlight.usecases.guard.gate import Gate, Remembered
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.guard import OpenCase

_FINDING = re.compile(r"\bfnd_[0-9a-z]{26}\b")
_CATALOGUES = ("epss", "kev")
"""outside sources whose names of flaws are public"""


def knowledge_of(work: UnitOfWork, gate: Gate) -> Knowledge:
    """All of it; looked up anew only when something has changed."""
    kept, stamp = gate.remembered, work.guard.stamp()
    if kept.stamp != stamp:
        fresh = _look(work, gate, stamp)
        kept.material, kept.released, kept.stamp = fresh.material, fresh.released, fresh.stamp
    return Knowledge(
        material=kept.material,
        own_keys=gate.own_keys,
        contacts=gate.contacts,
        released=kept.released,
    )


def _look(work: UnitOfWork, gate: Gate, stamp: str) -> Remembered:
    public = work.guard.public_cases()
    cases = list(work.guard.open_cases())
    known = {name.upper() for name in public.identifiers} | _in_catalogues(work, cases)
    pieces = [Sealed(kind=Kind.CANARY, text=text, case="") for text in gate.canaries]
    chunks: list[bytes] = []
    for case in cases:
        pieces += _pieces(case, known)
        chunks += [
            chunk
            for report in case.reports
            for proof in report.proofs
            for chunk in proof_chunks(proof.data)
        ]
    return Remembered(
        stamp=stamp,
        material=Material.of(pieces, chunks),
        released=frozenset(number.lower() for number in public.numbers),
    )


def _in_catalogues(work: UnitOfWork, cases: Sequence[OpenCase]) -> set[str]:
    """Names of flaws that a public catalogue has, so that nothing is told by naming them."""
    reports = (report for case in cases for report in case.reports)
    names = sorted({name.upper() for report in reports for name in report.identifiers})
    found = (work.sources.lookup(source, names) for source in _CATALOGUES if names)
    return {name for rows in found for name in rows}


def _pieces(case: OpenCase, public: set[str]) -> Iterator[Sealed]:
    key = case.names[0].lower()

    def piece(kind: Kind, text: str) -> Iterator[Sealed]:
        if text.strip():
            yield Sealed(kind=kind, text=text.strip(), case=key)

    for name in case.names:
        yield from piece(Kind.NAME, name)
    yield from piece(Kind.TITLE, case.title)
    for package in _software(case):
        yield from piece(Kind.PACKAGE, package)
    for report in case.reports:
        yield from piece(Kind.TITLE, report.title)
        yield from phrases(key, report.title, report.root_cause.path)
        yield from piece(Kind.PATH, report.root_cause.path)
        yield from piece(Kind.FUNCTION, report.root_cause.function)
        for name in report.identifiers:
            if name.upper() not in public:
                yield from piece(Kind.NAME, name)
        for proof in report.proofs:
            yield from proof_pieces(key, proof.data)


def _software(case: OpenCase) -> set[str]:
    purls = {case.package, *(report.product.purl for report in case.reports)}
    names = {report.product.name for report in case.reports}
    return {package_name(purl) for purl in purls} | {name.strip() for name in names}


def package_name(purl: str) -> str:
    """The name in a package URL, without type, namespace and version."""
    return purl.partition("?")[0].rsplit("/", 1)[-1].partition("@")[0]


def person_at(work: UnitOfWork, gate: Gate, address: str, text: str, now: Instant) -> Recipient:
    """Who reads mail at an address: somebody with an account, or the contact of a report."""
    person = gate.directory.person_by_email(address)
    names: set[str] = set()
    vetted = False
    for membership in gate.directory.memberships(person.id) if person else ():
        home = gate.directory.organisation(membership.organisation).organisation
        if membership.active(now) and home.vetted_at is not None:
            vetted = True
            reader = Actor(
                role=membership.role,
                person=membership.person,
                organisation=membership.organisation,
            )
            names.update(work.guard.seen_by(reader))
    sent = list(_sent_by(work, address, text))
    names.update(sent)
    return _recipient(
        address,
        names,
        known=bool(person or sent),
        ceiling=Marking.GREEN if vetted else Marking.CLEAR,
    )


def _sent_by(work: UnitOfWork, address: str, text: str) -> Iterator[str]:
    """Findings that the text names and whose contact this address is, with their cases."""
    for name in dict.fromkeys(_FINDING.findall(text)):
        with suppress(Missing, Invalid):
            finding = work.findings.get(FindingId(name))
            if finding.report.contact.email.lower() == address.lower():
                yield str(finding.id)
                yield work.cases.get(finding.case).number


def webhook_at(work: UnitOfWork, identifier: str) -> Recipient:
    """Who is behind a webhook: its organisation, in the role that it was added in."""
    try:
        hook = work.notices.webhook(WebhookId(identifier))
    except (Missing, Invalid):
        return Recipient(address=identifier, known=False)
    reader = Actor(role=hook.role, organisation=hook.organisation)
    return _recipient(
        identifier, set(work.guard.seen_by(reader)), known=True, ceiling=Marking.GREEN
    )


def _recipient(address: str, names: set[str], *, known: bool, ceiling: Marking) -> Recipient:
    lower = frozenset(name.lower() for name in names)
    return Recipient(address=address, known=known, ceiling=ceiling, cases=lower, names=lower)
