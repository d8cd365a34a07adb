"""How an engagement begins: an office asks, a developer asks whether it is covered, or opens it.

Whoever comes first, a model has one engagement at a time: offices that ask in parallel become
members of the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid, Refused
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, OrganisationKind, Role
from firstlight.core.review import coverage, offices
from firstlight.core.review.coverage import Assessment, Determination
from firstlight.core.review.engagement import Engagement, EngagementState, planned, sized
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.model import DeveloperSize, Model, Plan
from firstlight.core.review.notices import Event
from firstlight.core.review.offices import Office, OfficeState
from firstlight.core.review.words import written
from firstlight.usecases.access.rules import Thing
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.reviews import telling
from firstlight.usecases.reviews.step import Step, organisation_of, person_of, step, told

_MOST_OFFICES = 50


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an office determined, before it is dated and signed with names."""

    determination: Determination
    statement: str = ""
    """reference of a measurement statement; or else"""
    classified_digest: str = ""
    """SHA-256 of a classified assessment"""
    for_researchers: bool = False


def request_review(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    *,
    developer: OrganisationId,
    name: str,
    version: str,
    words: str,
) -> EngagementId:
    """An office asks a developer for a review. The developer need not answer.

    An office that asks for a model which has an engagement asks to become a member of it, and
    sees no more of it than what it asked until the developer admits it.

    Raises:
        Refused: the actor is no reviewer of an office.
        Invalid: the organisation is no developer, or a field is empty.
        Conflict: the office asked already, or is a member.
    """
    allow(actor, Action.REVIEW_ASK)
    person_of(actor)
    office = organisation_of(actor)
    why = written(words, "words")
    model = Model(developer=developer, name=name, version=version)
    now = context.clock.now()
    with context.storage.begin() as work:
        _of_kind(accounts, developer, OrganisationKind.DEVELOPER)
        _of_kind(accounts, office, OrganisationKind.AGENCY)
        live = work.engagements.lock_model(model)
        if live is None:
            live = _begun(context, work, model, EngagementState.REQUESTED, now)
        else:
            now = max(now, work.engagements.last_recorded(live.id) or now)
        known = {each.organisation: each for each in work.engagements.offices(live.id)}
        if office in known:
            asked = offices.step(known[office], "ask", actor.role, words=why, now=now)
        else:
            asked = Office(organisation=office, state=OfficeState.ASKING, since=now, words=why)
        _put(work, live.id, asked, known=len(known))
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.REVIEW_ASK,
            subject=str(live.id),
            rule="3(b): an office may ask; the review is voluntary",
            facts={"office": str(office), "words": told(why)},
        )
        asked_of, by = telling.developer_of(live), actor.person
        telling.tell(context, work, live, Event.REQUESTED, asked_of, now=now, by=by)
    return live.id


def ask_coverage(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    *,
    name: str,
    version: str,
    size: DeveloperSize,
    text: str,
    office: OrganisationId,
) -> Engagement:
    """A developer asks one office whether its model is covered (3(b)(i)), and may stop there.

    The office becomes a member of the engagement; nothing else is shown to it.

    Raises:
        Refused: the actor is no developer.
        Invalid: the office is none, or a field is empty.
        Conflict: a question of this model is open.
    """
    model = _own(actor, name, version)
    clock = context.clock.now()
    with context.storage.begin() as work:
        _of_kind(accounts, office, OrganisationKind.AGENCY)
        live = work.engagements.lock_model(model)
        if live is None:
            begun = _begun(context, work, model, EngagementState.ASKED, clock)
            taken = _step(context, work, actor, begun, clock)
            target, rule = begun.state, "3(b)(i): a developer may ask whether its model is covered"
        else:
            taken = _step(context, work, actor, live, clock)
            target, rule = taken.move("ask")
        asked = coverage.ask(taken.engagement.questions, text, taken.person, taken.now)
        _admit(taken, office)
        changed = replace(sized(taken.engagement, size), state=target, questions=asked)
        facts: dict[str, Json] = {
            "question": len(asked),
            "office": str(office),
            "words": told(asked[-1].text),
        }
        taken.tell(Event.QUESTION, telling.office(office))
        return taken.save(changed, rule, facts)


def answer_coverage(
    context: Context, actor: Actor, identifier: EngagementId, answer: Answer
) -> Engagement:
    """An office shares its assessment back. What it says changes nothing that can be done.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Conflict: no question is open.
        Invalid: neither a statement nor a classified one's digest, or both.
    """
    with step(context, actor, identifier, Action.REVIEW_ANSWER) as taken:
        target, rule = taken.move("answer")
        assessment = Assessment(
            determination=answer.determination,
            office=taken.organisation,
            by=taken.person,
            at=taken.now,
            statement=answer.statement,
            classified_digest=answer.classified_digest,
            for_researchers=answer.for_researchers,
        )
        answered = coverage.answer(taken.engagement.questions, assessment)
        facts: dict[str, Json] = {
            "question": answered[-1].number,
            "office": str(taken.organisation),
            "determination": assessment.determination.value,
            "statement": assessment.statement,
            "classified": assessment.classified_digest,
        }
        taken.tell(Event.ANSWERED, telling.developer_of(taken.engagement))
        changed = replace(taken.engagement, state=target, questions=answered)
        return taken.save(changed, rule, facts)


def share_assessment(
    context: Context, actor: Actor, identifier: EngagementId, number: int
) -> Engagement:
    """The developer agrees that researchers read an assessment that the office found fit.

    Raises:
        Missing, Refused: as usual.
        Conflict: the office did not find it fit for researchers.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE) as taken:
        shared = coverage.share(taken.engagement.questions, number, taken.now)
        rule = "3(a): assessments may be shared with researchers"
        return taken.save(replace(taken.engagement, questions=shared), rule, {"question": number})


def open_engagement(
    context: Context,
    actor: Actor,
    *,
    name: str,
    version: str,
    size: DeveloperSize,
    plan: Plan,
    marking: Marking = Marking.AMBER_STRICT,
) -> Engagement:
    """A developer opens a review, or changes its plan. An office's request becomes the same one.

    Raises:
        Refused: the actor is no developer.
        Invalid: a field is empty, or the marking is laxer than AMBER+STRICT.
    """
    model = _own(actor, name, version)
    _strict(marking)
    clock = context.clock.now()
    with context.storage.begin() as work:
        live = work.engagements.lock_model(model)
        if live is None:
            live = _begun(context, work, model, EngagementState.OPEN, clock)
        taken = _step(context, work, actor, live, clock)
        target, rule = taken.move("open")
        changed = replace(sized(taken.engagement, size), state=target, plan=plan, marking=marking)
        return taken.save(changed, rule, _planned_facts(plan))


def change_plan(
    context: Context,
    actor: Actor,
    identifier: EngagementId,
    *,
    plan: Plan,
    size: DeveloperSize | None = None,
    marking: Marking | None = None,
    seen: int | None = None,
) -> Engagement:
    """Change what the developer decided when it opened the review; the state stays.

    Args:
        context: the ports
        actor: the developer
        identifier: which engagement
        plan: all of the new plan
        size: of the developer; None for no change
        marking: AMBER+STRICT or RED; None for no change
        seen: the version that the actor saw; None when it does not matter

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Invalid: the marking is laxer than AMBER+STRICT.
        Conflict: it was never opened, or it is not the version that was seen.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE, seen=seen) as taken:
        _, rule = taken.move("arrange")
        planned(taken.engagement)
        kept = _strict(marking or taken.engagement.marking)
        changed = replace(sized(taken.engagement, size), plan=plan, marking=kept)
        return taken.save(changed, rule, _planned_facts(plan))


def _strict(marking: Marking) -> Marking:
    """A marking that a review may have. Raises Invalid."""
    if marking.at_most(Marking.AMBER):
        raise Invalid("a review is AMBER+STRICT or RED", field="marking")
    return marking


def _planned_facts(plan: Plan) -> dict[str, Json]:
    return {
        "release_form": plan.release_form.value,
        "anchor": plan.anchor.value,
        "retention_days": plan.retention_days,
        "legal_hold": bool(plan.legal_hold),
        "keeps_content": plan.keeps_content,
        "listed": plan.listed,
    }


def _own(actor: Actor, name: str, version: str) -> Model:
    """A model of the actor's own. Raises Refused, Invalid."""
    allow(actor, Action.REVIEW_ARRANGE)
    person_of(actor)
    if actor.role is not Role.DEVELOPER:
        raise Refused("only a developer opens a review")
    return Model(developer=organisation_of(actor), name=name, version=version)


def _step(
    context: Context, work: UnitOfWork, actor: Actor, engagement: Engagement, clock: Instant
) -> Step:
    action = Action.REVIEW_ARRANGE
    allow(actor, action, Thing(marking=engagement.marking, owner=engagement.model.developer))
    newest = work.engagements.last_recorded(engagement.id)
    return Step(
        context=context,
        work=work,
        actor=actor,
        action=action,
        engagement=engagement,
        now=max(clock, newest) if newest else clock,
    )


def _begun(
    context: Context, work: UnitOfWork, model: Model, state: EngagementState, now: Instant
) -> Engagement:
    new = Engagement(
        id=context.mint.new(EngagementId, now),
        number=work.engagements.next_number(now.utc.year),
        model=model,
        state=state,
        marking=Marking.AMBER_STRICT,
        opened_at=now,
    )
    work.engagements.add(new)
    return new


def _of_kind(accounts: AccountStore, identifier: OrganisationId, kind: OrganisationKind) -> None:
    known = accounts.organisation(identifier).organisation
    if known.kind is not kind or known.vetted_at is None:
        raise Invalid(f"this organisation is no vetted {kind.value}", field="organisation")


def _admit(taken: Step, office: OrganisationId) -> None:
    """The developer asks this office, and so takes it in."""
    known = taken.work.engagements.offices(taken.engagement.id)
    admit(taken, known, office, words="asked whether the model is covered")


def admit(taken: Step, known: Sequence[Office], office: OrganisationId, *, words: str) -> None:
    """Make an office a member, whatever it was before. Idempotent."""
    found = next((each for each in known if each.organisation == office), None)
    if found is None:
        member = Office(organisation=office, state=OfficeState.MEMBER, since=taken.now, words=words)
    elif found.state is OfficeState.MEMBER:
        return
    else:
        member = offices.step(found, "admit", taken.actor.role, words=words, now=taken.now)
    _put(taken.work, taken.engagement.id, member, known=len(known))


def _put(work: UnitOfWork, identifier: EngagementId, office: Office, *, known: int) -> None:
    if known >= _MOST_OFFICES:
        raise Conflict(f"an engagement has at most {_MOST_OFFICES} offices")
    work.engagements.put_office(identifier, office)
