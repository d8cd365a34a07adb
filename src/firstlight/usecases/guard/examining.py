"""Put one outgoing text before the guard, and keep its answer with the text sealed.

The verdict, its sealed text and its ledger entry are stored in the caller's unit of work. The same
text is judged anew at each try, since an embargo may have begun meanwhile; the same answer to the
same text is kept once.
"""

from __future__ import annotations

from dataclasses import dataclass

from firstlight.core.guard.judge import judge
from firstlight.core.guard.model import Breach, Judgement, Outgoing
from firstlight.core.guard.passing import Passed, fingerprint, passed, released
from firstlight.core.guard.record import Kept, KeptState, VerdictId, state_after
from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.kernel.parties import SYSTEM
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context, record
from firstlight.usecases.guard.gate import Gate
from firstlight.usecases.guard.knowing import knowledge_of
from firstlight.usecases.ports import UnitOfWork

SEAL_CONTEXT = b"firstlight outbound guard, version 1"
WITHOUT = "nothing of the rules speaks against it"


class NoGate(Unavailable):
    """Nothing leaves from this process, since it has no outbound guard."""

    code = "guard.no_gate"
    next_step = "Let a worker send it, or open the program through its bootstrap."


def gate_of(context: Context) -> Gate:
    """The guard's parts. Raises NoGate."""
    if context.gate is None:
        raise NoGate
    return context.gate


@dataclass(frozen=True, kw_only=True)
class Sight:
    """An outgoing text with the guard's view of it, nothing stored."""

    outgoing: Outgoing
    judgement: Judgement


def look(context: Context, work: UnitOfWork, outgoing: Outgoing) -> Sight:
    """What the guard would say now. Raises NoGate."""
    return Sight(outgoing=outgoing, judgement=judge(outgoing, knowledge_of(work, gate_of(context))))


def examine(
    context: Context, work: UnitOfWork, outgoing: Outgoing, *, key: str, now: Instant
) -> Passed | None:
    """What may leave now; None when it is held, refused or blocked.

    Args:
        context: the ports
        work: the running unit of work
        outgoing: the text and who gets it
        key: names what is to leave, the same at each try
        now: the operation's moment

    Raises:
        NoGate: this process has no guard.
        VaultUnusable: the text cannot be sealed, and so nothing leaves.
    """
    judgement = look(context, work, outgoing).judgement
    earlier = work.guard.newest_of(key)
    mark = fingerprint(outgoing.channel, _to(outgoing), outgoing.subject, outgoing.body)
    if earlier is not None and earlier.fingerprint == mark:
        if earlier.state is KeptState.RELEASED and (
            out := released(outgoing, judgement, by=str(earlier.decided_by))
        ):
            return out
        if earlier.verdict is judgement.verdict and earlier.rule is judgement.rule:
            return passed(outgoing, judgement)
    _keep(context, work, outgoing, judgement, key=key, now=now)
    return passed(outgoing, judgement)


def _to(outgoing: Outgoing) -> str:
    return " ".join(each.address for each in outgoing.recipients).strip()


def _keep(
    context: Context,
    work: UnitOfWork,
    outgoing: Outgoing,
    judgement: Judgement,
    *,
    key: str,
    now: Instant,
) -> None:
    identifier = context.mint.new(VerdictId, now)
    name = f"guard-{now.utc:%Y-%m}"
    text = canonical(_told(outgoing, judgement))
    envelope = gate_of(context).vault.seal(name, str(identifier), text, SEAL_CONTEXT).envelope
    rules = tuple(dict.fromkeys(each.rule for each in judgement.breaches))
    kept = Kept(
        id=identifier,
        at=now,
        channel=outgoing.channel,
        key=key,
        verdict=judgement.verdict,
        rule=judgement.rule,
        rules=rules,
        state=state_after(judgement.verdict),
        fingerprint=fingerprint(outgoing.channel, _to(outgoing), outgoing.subject, outgoing.body),
        key_name=name,
    )
    work.guard.add(kept, envelope)
    record(
        context,
        work,
        now=now,
        actor=SYSTEM,
        action=Action.GUARD_DECIDE,
        subject=str(identifier),
        rule=judgement.rule.sentence if judgement.rule else WITHOUT,
        facts={
            "verdict": judgement.verdict.value,
            "rules": [rule.value for rule in rules],
            "channel": outgoing.channel.value,
            "key": key,
            "text": kept.fingerprint,
        },
    )


def _told(outgoing: Outgoing, judgement: Judgement) -> Json:
    return {
        "to": _to(outgoing),
        "subject": outgoing.subject,
        "body": outgoing.body,
        "rewritten_subject": judgement.subject,
        "rewritten_body": judgement.body,
        "breaches": [_breach(each) for each in judgement.breaches[:_MOST_BREACHES]],
    }


_MOST_BREACHES = 200
"""that are kept with a verdict; the strictest come first"""


def _breach(breach: Breach) -> Json:
    return {
        "rule": breach.rule.value,
        "verdict": breach.verdict.value,
        "start": breach.start,
        "end": breach.end,
        "written": breach.written,
    }
