"""What a developer arranges: artefacts, terms, windows, offices, retention and hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from firstlight.core.kernel.canonical import Json, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Actor, OrganisationKind
from firstlight.core.review import acts, artefacts, offices, terms, window
from firstlight.core.review.acts import ActKind, SignedAct
from firstlight.core.review.artefacts import Artefact, ArtefactKind, Dialect, Safeguards
from firstlight.core.review.engagement import Engagement, planned
from firstlight.core.review.grants import GrantState
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.notices import Event
from firstlight.core.review.offices import Office
from firstlight.core.review.standard_terms import NEWEST, standard
from firstlight.core.review.terms import Acceptance, Heading, OutOfPurpose
from firstlight.core.review.window import Audience
from firstlight.usecases.access.table import Action
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import telling
from firstlight.usecases.reviews.acts import OwnSignature, extended, sign
from firstlight.usecases.reviews.opening import admit
from firstlight.usecases.reviews.step import Step, step, told

_OFFICE_MOVES = {
    "admit": Event.OFFICE_ADMITTED,
    "decline": Event.OFFICE_DECLINED,
    "remove": Event.OFFICE_REMOVED,
}


@dataclass(frozen=True, kw_only=True)
class NewArtefact:
    """An artefact as a developer describes it."""

    kind: ArtefactKind
    name: str
    safeguards: Safeguards | None = None
    """of an endpoint"""
    models: Sequence[str] = ()
    """of an endpoint: names by which requests may call it"""
    dialects: Sequence[Dialect] = ()
    """of an endpoint"""
    digest: str = ""
    """SHA-256 of weights or of a document"""


def add_artefact(
    context: Context, actor: Actor, identifier: EngagementId, new: NewArtefact
) -> Artefact:
    """List one more thing that is shown.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Invalid: it does not fit its kind.
        Conflict: there are too many.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE) as taken:
        _, rule = taken.move("arrange")
        made = Artefact(
            id=context.mint.new(ArtefactId, taken.now),
            kind=new.kind,
            name=new.name,
            safeguards=new.safeguards,
            models=tuple(new.models),
            dialects=tuple(new.dialects),
            digest=new.digest,
            added_at=taken.now,
        )
        listed = artefacts.add(taken.engagement.artefacts, made)
        facts: dict[str, Json] = {
            "artefact": str(made.id),
            "kind": made.kind.value,
            "safeguards": made.safeguards.value if made.safeguards else None,
            "digest": made.digest,
        }
        taken.save(replace(taken.engagement, artefacts=listed), rule, facts)
    return made


def remove_artefact(
    context: Context, actor: Actor, identifier: EngagementId, artefact: ArtefactId
) -> Engagement:
    """Take an artefact back; its uses end at once. It stays on the record.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE) as taken:
        _, rule = taken.move("arrange")
        left = artefacts.remove(taken.engagement.artefacts, artefact, taken.now)
        return taken.save(
            replace(taken.engagement, artefacts=left), rule, {"removed": str(artefact)}
        )


def set_terms(
    context: Context,
    actor: Actor,
    identifier: EngagementId,
    *,
    changes: Mapping[Heading, str],
    excluded: Sequence[OutOfPurpose] = tuple(OutOfPurpose),
    version: str = NEWEST,
    seen: int | None = None,
) -> Engagement:
    """Set the terms: the standard text, with the developer's changes. Everyone accepts anew.

    Args:
        context: the ports
        actor: the developer
        identifier: which engagement
        changes: headings with other text than the standard one
        excluded: uses that are named as out of purpose
        version: of the standard text
        seen: the version of the engagement that the actor saw; None when it does not matter

    Raises:
        Missing, Refused, MoveNotAllowed: as usual; Missing also for an unknown standard version.
        Unwritten, TooLarge: a changed heading is empty or too long.
        Conflict: it is not the version that was seen.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE, seen=seen) as taken:
        _, rule = taken.move("arrange")
        new = terms.write(
            taken.engagement.terms,
            standard(version),
            changes=changes,
            excluded=excluded,
            by=taken.person,
            now=taken.now,
        )
        changed = replace(taken.engagement, terms=(*taken.engagement.terms, new))
        facts: dict[str, Json] = {
            "terms": new.number,
            "digest": new.digest,
            "standard": new.standard,
        }
        grants = taken.work.grants.of_engagement(identifier)
        standing = [each for each in grants if each.state is not GrantState.REVOKED]
        taken.tell(Event.TERMS, *(telling.holder(each) for each in standing))
        return taken.save(changed, rule, facts)


def accept_terms(
    context: Context, actor: Actor, identifier: EngagementId, *, digest_seen: str
) -> Acceptance:
    """Accept, for oneself, exactly the version that was read.

    Raises:
        Missing, Refused: as usual.
        Conflict: there are no terms, or they have changed meanwhile.
    """
    with step(context, actor, identifier, Action.REVIEW_ACCEPT) as taken:
        given = terms.accept(
            taken.engagement.present_terms,
            digest_seen=digest_seen,
            by=taken.person,
            now=taken.now,
        )
        taken.work.engagements.accept(identifier, given)
        rule = "everyone who gets access accepts the terms, personally"
        taken.note(rule, {"terms": given.number, "digest": given.digest})
    return given


def set_window(
    context: Context,
    actor: Actor,
    identifier: EngagementId,
    *,
    audience: Audience,
    days: int,
    start: Instant | None = None,
    early: bool = False,
    seen: int | None = None,
) -> Engagement:
    """Set a window; offices get at most 30 days of a model in all.

    Args:
        context: the ports
        actor: the developer
        identifier: which engagement
        audience: for whom
        days: how long
        start: from when; None for now
        early: partners come in before the offices' window is over
        seen: the version that the actor saw; None when it does not matter

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Invalid, ThirtyDaysUsed, WindowRunning, OfficesFirst: as `window.set_window`.
        Conflict: it is not the version that was seen.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE, seen=seen) as taken:
        _, rule = taken.move("arrange")
        planned(taken.engagement)
        windows = window.set_window(
            taken.engagement.windows,
            elsewhere=taken.work.engagements.counted_elsewhere(taken.engagement),
            audience=audience,
            start=taken.now if start is None else start,
            days=days,
            by=taken.person,
            now=taken.now,
            early=early,
        )
        return _windows(taken, windows, rule, audience, event=Event.WINDOW_SET)


def extend_window(
    context: Context,
    actor: Actor,
    identifier: EngagementId,
    *,
    audience: Audience,
    days: int,
    own: OwnSignature | None = None,
    seen: int | None = None,
) -> Engagement:
    """Make the window that runs, or is to come, longer by whole days: a signed act.

    Args:
        context: the ports
        actor: the developer
        identifier: which engagement
        audience: for whom
        days: how much longer
        own: the developer's own signature over the statement of `prepare_extension`
        seen: the version that the actor saw; None when it does not matter

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Invalid, NoWindow, ThirtyDaysUsed: as `window.extend`.
        WrongSignature: `own` is not over exactly this statement.
        Conflict: there are too many acts, or it is not the version that was seen.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE, seen=seen) as taken:
        _, rule = taken.move("arrange")
        made = extended(taken, audience, days)
        act = sign(taken, ActKind.EXTEND_WINDOW, made.statement, own)
        changed = replace(taken, engagement=_with_act(taken.engagement, act))
        facts: dict[str, Json] = {"act": act.number, "act_digest": digest(act.envelope)}
        return _windows(
            changed, made.windows, rule, audience, event=Event.WINDOW_EXTENDED, more=facts
        )


def _with_act(found: Engagement, act: SignedAct) -> Engagement:
    return replace(found, acts=acts.keep(found.acts, act))


def stop_window(
    context: Context, actor: Actor, identifier: EngagementId, *, audience: Audience | None = None
) -> Engagement:
    """End a window now (of one audience, or all): the button that stops everything.

    Raises:
        Missing, Refused: as usual.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE) as taken:
        windows = window.stop(taken.engagement.windows, taken.now, audience)
        rule = "the developer ends a window at once"
        return _windows(taken, windows, rule, audience, event=Event.WINDOW_STOPPED)


def _windows(
    taken: Step,
    windows: Sequence[window.Window],
    rule: str,
    audience: Audience | None,
    *,
    event: Event,
    more: Mapping[str, Json] | None = None,
) -> Engagement:
    taken.tell(event, *telling.audience(taken.work, taken.engagement, audience))
    facts: dict[str, Json] = {
        "audience": audience.value if audience else "all",
        "windows": [
            [each.audience.value, str(each.period.start), str(each.period.end)] for each in windows
        ],
        **(more or {}),
    }
    return taken.save(replace(taken.engagement, windows=windows), rule, facts)


def decide_office(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    identifier: EngagementId,
    *,
    office: OrganisationId,
    move: str,
    words: str = "",
) -> None:
    """The developer takes an office in, declines it, or removes it with all its grants.

    Args:
        context: the ports
        accounts: who is who
        actor: the developer
        identifier: which engagement
        office: which office
        move: `admit`, `decline` or `remove`
        words: why, when the developer likes to say

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Invalid: the organisation is no vetted office.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE) as taken:
        known = taken.work.engagements.offices(identifier)
        if move == "admit":
            record = accounts.organisation(office).organisation
            if record.kind is not OrganisationKind.AGENCY or record.vetted_at is None:
                raise Invalid("this organisation is no vetted office", field="office")
            admit(taken, known, office, words=words)
        else:
            _change(taken, known, office, move, words)
        taken.tell(_OFFICE_MOVES[move], telling.office(office))
        taken.note("3(b): the developer decides who takes part", _said(office, move, words))


def leave(context: Context, actor: Actor, identifier: EngagementId, *, words: str = "") -> None:
    """An office leaves an engagement, or takes its request back; its grants end.

    Raises:
        Missing: no such engagement.
        Refused: the office is neither a member nor asking.
    """
    with step(context, actor, identifier, Action.REVIEW_ASK) as taken:
        known = taken.work.engagements.offices(identifier)
        _change(taken, known, taken.organisation, "leave", words)
        taken.tell(Event.OFFICE_LEFT, telling.developer_of(taken.engagement))
        taken.note("an office leaves when it likes", _said(taken.organisation, "leave", words))


def _change(
    taken: Step, known: Sequence[Office], office: OrganisationId, move: str, words: str
) -> None:
    for each in known:
        if each.organisation == office:
            changed = offices.step(each, move, taken.actor.role, words=words, now=taken.now)
            taken.work.engagements.put_office(taken.engagement.id, changed)
            if move in {"remove", "leave"}:
                taken.end_grants("the office no longer takes part", office)
            return
    raise Missing("this office is not in the engagement")


def _said(office: OrganisationId, move: str, words: str) -> dict[str, str]:
    return {"office": str(office), "move": move, "words": told(words)}


def set_hold(
    context: Context,
    actor: Actor,
    identifier: EngagementId,
    *,
    retention_days: int,
    legal_hold: str,
    seen: int | None = None,
) -> Engagement:
    """Set how long sealed documents are kept after the close, and whether the law forbids more.

    Raises:
        Missing, Refused: as usual.
        Invalid: the time is out of bounds.
        Conflict: the engagement was never opened, the keys are destroyed already, or it is not
            the version that was seen.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE, seen=seen) as taken:
        target, rule = taken.move("hold")
        if taken.engagement.destroyed is not None:
            raise Conflict(
                "the keys of this engagement are destroyed already",
                hint="Nothing is left to keep; the receipt says when it happened.",
            )
        plan = replace(
            planned(taken.engagement),
            retention_days=retention_days,
            legal_hold=legal_hold.strip(),
        )
        facts: dict[str, Json] = {
            "retention_days": retention_days,
            "legal_hold": told(plan.legal_hold),
        }
        return taken.save(replace(taken.engagement, state=target, plan=plan), rule, facts)
