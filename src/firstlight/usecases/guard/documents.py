"""Advisories on their way into the public zone.

The guard reads everything in an advisory that a person or a report wrote, once; its CSAF and OSV
documents, signatures and items in feeds are made of that and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.guard.model import PUBLIC, Channel, Judgement, Outgoing, Verdict
from firstlight.core.guard.passing import Passed, public_already
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.usecases.context import Context
from firstlight.usecases.guard.examining import examine, look
from firstlight.usecases.guard.knowing import package_name
from firstlight.usecases.ports import Cleared, UnitOfWork

Render = Callable[[Advisory], Mapping[str, bytes]]
"""turns an advisory into the files of the public zone (relative path to content), signed"""
_INITIAL = "Initial version."


class Stopped(Invalid):
    """The outbound guard does not let this text leave."""

    code = "guard.stopped"
    next_step = "Write it without what the rule names, and try again."


def outgoing_of(advisory: Advisory) -> Outgoing:
    """An advisory as the guard reads it."""
    number = advisory.number.lower()
    packages = {name for each in advisory.packages for name in (each.name, package_name(each.purl))}
    return Outgoing(
        channel=Channel.DOCUMENT,
        recipients=(replace(PUBLIC, names=frozenset({number})),),
        subject=advisory.title,
        body="\n".join(_texts(advisory)),
        marking=advisory.marking,
        discloses=frozenset({number}),
        software=frozenset(name.lower() for name in packages),
    )


def _texts(advisory: Advisory) -> list[str]:
    texts = [advisory.number, advisory.summary, advisory.details, advisory.mitigation]
    for package in advisory.packages:
        texts += [package.purl, package.ecosystem, package.name, package.introduced, package.fixed]
        texts += [*package.affected_versions, *package.unaffected_versions]
    texts += [*advisory.cwe, *advisory.identifiers, advisory.cvss, *advisory.references]
    texts += [credit.name for credit in advisory.credits]
    texts += [each.summary for each in advisory.revisions if each.summary != _INITIAL]
    return [text for text in texts if text]


def key_of(advisory: Advisory) -> str:
    """Names an advisory before the guard."""
    return f"advisory {advisory.id}"


def let_out(
    context: Context, work: UnitOfWork, advisory: Advisory, *, now: Instant
) -> Passed | None:
    """Whether an advisory may be released; None when it is held or blocked."""
    return examine(context, work, outgoing_of(advisory), key=key_of(advisory), now=now)


def foreseen(context: Context, work: UnitOfWork, advisory: Advisory, *, now: Instant) -> None:
    """Tell who approves a text what the guard says, and let them decide before go-live.

    Raises:
        Stopped: it would be blocked. Nothing was kept, since nothing was to leave.
    """
    judgement = look(context, work, outgoing_of(advisory)).judgement
    require_unblocked(judgement)
    if judgement.verdict is not Verdict.PASS:
        let_out(context, work, advisory, now=now)


def let_withdrawal_out(
    context: Context, work: UnitOfWork, advisory: Advisory, summary: str, *, now: Instant
) -> None:
    """The reason of a withdrawal is the only thing in it that the world has not read.

    Raises:
        Stopped: it may not leave as it is. Nothing was kept, since nothing was to leave.
    """
    told = replace(outgoing_of(advisory), subject=advisory.number, body=summary)
    require_unblocked(look(context, work, told).judgement, held=False)
    examine(context, work, told, key=f"withdrawal {advisory.id}", now=now)


def require_unblocked(judgement: Judgement, *, held: bool = True) -> None:
    """Raise unless it may leave, or may at least wait for a person.

    Args:
        judgement: of the guard
        held: whether waiting is good enough

    Raises:
        Stopped: with the rule.
    """
    rule = judgement.rule
    waits = held and judgement.verdict is not Verdict.BLOCK
    if rule is not None and not waits:
        raise Stopped(f"The outbound guard stops this: {rule.sentence}", rule=rule.value)


def cleared(advisory: Advisory, render: Render) -> Cleared:
    """The files of an advisory that the world may read, which is what its state says.

    Raises:
        ValueError: it was never released.
    """
    public = advisory.state in {AdvisoryState.PUBLISHED, AdvisoryState.WITHDRAWN}
    if not (public and advisory.revisions):
        raise ValueError("only a released advisory is written into the public zone")
    return Cleared(files=render(advisory), passed=public_already(outgoing_of(advisory)))
