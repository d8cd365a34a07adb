"""Draft an advisory from what a case holds; a person reads and changes it before it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firstlight.core.clearinghouse.advisory.model import (
    Advisory,
    AdvisoryState,
    AffectedPackage,
    Credit,
    Revision,
)
from firstlight.core.clearinghouse.case import Case
from firstlight.core.clearinghouse.finding import Finding
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import AdvisoryId
from firstlight.core.kernel.marking import Marking


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What validation established about the package."""

    package: AffectedPackage
    cwe: Sequence[str]
    identifiers: Sequence[str]
    references: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Text:
    """The parts of a draft that a person writes. None leaves a part as it is."""

    title: str | None = None
    summary: str | None = None
    details: str | None = None
    mitigation: str | None = None
    cvss: str | None = None


def draft(
    *,
    identifier: AdvisoryId,
    case: Case,
    findings: Sequence[Finding],
    observed: Observed,
    credits_: Sequence[str],
    now: Instant,
) -> Advisory:
    """A first text from the reports, with the observed versions in place of the claimed ones.

    Free text of finders is proposed only as the description; nothing of contacts, proofs, crash
    logs or unpublished markings enters.
    """
    described = next((f.report.description for f in findings if f.report.description), "")
    vectors = [f.report.severity.vector for f in findings if f.report.severity.vector]
    work_around = next(
        (
            f.report.circumstances.work_around
            for f in findings
            if f.report.circumstances.work_around
        ),
        "",
    )
    package = observed.package
    fixed = f" It is fixed in {package.fixed}." if package.fixed else " No fix is known yet."
    return Advisory(
        id=identifier,
        case=case.id,
        number=case.number,
        state=AdvisoryState.DRAFT,
        marking=Marking.CLEAR,
        title=case.title,
        summary=f"{package.name} has a flaw that was reproduced by the clearinghouse.{fixed}",
        details=described,
        packages=(package,),
        cwe=tuple(observed.cwe),
        identifiers=tuple(observed.identifiers),
        cvss=vectors[0] if vectors else "",
        references=tuple(observed.references),
        credits=tuple(Credit(name=name) for name in credits_),
        mitigation=work_around,
        drafted_at=now,
    )


def edit(advisory: Advisory, text: Text) -> Advisory:
    """The draft with a person's words.

    Raises:
        Invalid: it is no draft any more, or a needed part would be empty.
    """
    if advisory.state is not AdvisoryState.DRAFT:
        raise Invalid(
            "only a draft can be changed", hint="Return the advisory to draft before editing it."
        )
    changes = {name: value for name, value in vars(text).items() if value is not None}
    edited = replace(advisory, **changes)
    for name in ("title", "summary"):
        if not getattr(edited, name).strip():
            raise Invalid(f"the advisory needs a {name}", field=name)
    return edited


def next_revision(advisory: Advisory, now: Instant, summary: str) -> Revision:
    """The revision that a publication at `now` adds."""
    return Revision(number=len(advisory.revisions) + 1, at=now, summary=summary)
