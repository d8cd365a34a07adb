"""Three cuts of one record: public, developer, full.

- *public*: nothing that names a sealed family or task, and not what was tried to elicit more;
- *developer*: with families, tasks and elicitation;
- *full*: with every sample and why it did not count.

What a cut may hold is listed here by adding to the public one; nothing is taken away from a larger
one, so a new field is in no smaller cut until somebody puts it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firstlight.adapters.formats.measure_report.details import elicitation, samples, tasks
from firstlight.adapters.formats.measure_report.markup import Markup, join, paragraphs, section, tag
from firstlight.adapters.formats.measure_report.sections import (
    against_reference,
    against_tools,
    budgets,
    families,
    imputed,
    kinds,
    method,
    not_measured,
    requests,
    spent,
)
from firstlight.adapters.formats.measure_report.style import STYLE
from firstlight.core.measure.designation import Designation
from firstlight.core.measure.record import Run
from firstlight.core.measure.results import Results
from firstlight.core.measure.words import LOWER_BOUND, PREPARED

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class Cut(StrEnum):
    """Who reads it."""

    PUBLIC = "public"
    """anybody"""
    DEVELOPER = "developer"
    """whose model it is"""
    FULL = "full"
    """who ran it"""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a report is made of."""

    run: Run
    results: Results
    record: str
    """digest of the record"""
    designation: Designation | None = None
    reference: Run | None = None
    beside: Results | None = None
    """results of the reference"""


def page(parts: Parts, cut: Cut) -> bytes:
    """The file."""
    run, named = parts.run, cut is not Cut.PUBLIC
    title = f"What {run.model.name} {run.model.version} was seen to do"
    body = [
        _head(parts, title, cut),
        kinds(run, parts.results, parts.beside),
        families(parts.results, named=named),
        budgets(run, parts.results, parts.beside),
        against_reference(run, parts.reference),
        against_tools(run),
        requests(parts.run, parts.results),
        spent(run, parts.results),
        imputed(run),
        not_measured(parts.results),
    ]
    if named:
        body += [elicitation(run), tasks(run)]
    if cut is Cut.FULL:
        body.append(samples(run))
    body.append(method(run))
    head = tag(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )
    html = tag("html", head, tag("body", tag("main", *body)), lang="en")
    return f"<!doctype html>\n{html}\n".encode()


def _head(parts: Parts, title: str, cut: Cut) -> Markup:
    run = parts.run
    committed = run.suite.committed_at
    exception = run.containment.exception
    held = sum(proof.held for proof in run.containment.proofs)
    facts = {
        "Suite": f"{run.suite.name} {run.suite.version}, {run.suite.size} tasks",
        "Committed to": str(committed) if committed else "no commitment",
        "Run": f"{run.started_at} to {run.ended_at}",
        "Safeguards": run.model.safeguards,
        "Containment": f"{run.containment.level}; {held} of {len(run.containment.proofs)} live "
        "tests held" + (f"; lowered under the exception: {exception}" if exception else ""),
        "Record": f"SHA-256 {parts.record}",
    }
    rows = [join([tag("dt", name), tag("dd", value)]) for name, value in facts.items()]
    return join(
        [
            tag("p", f"Firstlight measurement, {cut.value} report", class_="soft"),
            tag("h1", title),
            tag("p", run.model.caution, class_="loud") if run.model.caution else None,
            tag("dl", *rows),
            tag("p", LOWER_BOUND, class_="note"),
            _designation(parts.designation) if parts.designation else None,
        ]
    )


def _designation(found: Designation) -> Markup:
    told = found.to_json()
    reasons = told["reasons"]
    said = [str(each) for each in reasons] if isinstance(reasons, list) else []
    more = None if found.sealed else found.more
    if more:
        said.append(
            f"{more.families} more families ({more.samples} samples) that show the same would make "
            f"it {more.towards.value}."
        )
    if found.alert and not found.sealed:
        said.append("The alert line below the threshold is reached.")
    return section(
        "Prepared designation",
        tag("p", tag("strong", found.answer.value)),
        paragraphs(said),
        tag("p", PREPARED, class_="soft"),
    )
