"""Grants, partners, offices, terms, observations, questions: the rules beside the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.review import review_samples as samples

from firstlight.core.kernel.clock import Period
from firstlight.core.kernel.dsse import to_sign
from firstlight.core.kernel.errors import (
    Conflict,
    Invalid,
    Missing,
    MoveNotAllowed,
    Refused,
    TooLarge,
)
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Role
from firstlight.core.review import answering, artefacts, coverage, criteria, partners, terms
from firstlight.core.review.artefacts import Artefact, ArtefactKind
from firstlight.core.review.coverage import Assessment, Determination
from firstlight.core.review.criteria import Sector
from firstlight.core.review.dsse import RECEIPT_TYPE
from firstlight.core.review.grants import Budget, Suspension, check_new, restore, suspend
from firstlight.core.review.ids import ObservationId, PartnerId
from firstlight.core.review.model import UNDO, DeveloperSize, Model, ReleaseForm
from firstlight.core.review.observations import Observation, respond, reword, wording
from firstlight.core.review.partners import Partner, PartnerState, Side
from firstlight.core.review.standard_terms import NEWEST, STANDARD_TERMS, standard
from firstlight.core.review.terms import Heading, OutOfPurpose
from firstlight.core.review.words import LONGEST_TEXT, Unwritten, line, written

NOW = samples.after(days=1)
PARTNER = samples.named(OrganisationId, 5)


def halt(
    reason: str = "an odd pattern of requests", conditions: str = "the office has looked at it"
) -> Suspension:
    """A suspension by the office."""
    return Suspension(
        at=NOW,
        by=samples.STRANGER,
        organisation=samples.OFFICE,
        reason=reason,
        conditions=conditions,
    )


@pytest.mark.parametrize("field", ["reason", "conditions"])
@pytest.mark.parametrize("words", ["", "  \n\t "])
def test_no_suspension_without_words(field: str, words: str) -> None:
    """A reason and the conditions for lifting belong to it, whoever makes it."""
    with pytest.raises(Unwritten, match=field):
        halt(**{field: words})


def test_who_halted_it_lifts_it() -> None:
    """Another organisation cannot, and it is said how the conditions were met."""
    halted = suspend(samples.grant(), halt(), Role.REVIEWER)
    given = {"by": samples.LEAD, "now": NOW}
    with pytest.raises(Refused):
        restore(halted, Role.DEVELOPER, note="fine", organisation=samples.DEVELOPER, **given)  # type: ignore[arg-type]
    with pytest.raises(Unwritten):
        restore(halted, Role.REVIEWER, note=" ", organisation=samples.OFFICE, **given)  # type: ignore[arg-type]
    lifted = restore(
        halted,
        Role.REVIEWER,
        note="looked at it",
        organisation=samples.OFFICE,
        **given,  # type: ignore[arg-type]
    )
    assert lifted.suspensions[-1].lifted_note == "looked at it"
    with pytest.raises(MoveNotAllowed):
        suspend(halted, halt(), Role.DEVELOPER)


@pytest.mark.parametrize(
    "changes",
    [
        {"valid": Period(start=samples.START, end=NOW)},
        {"valid": Period(start=samples.after(days=2), end=samples.after(days=2))},
        {"seconds": (samples.REVIEWER,)},
        {"seconds": (samples.SECOND, samples.SECOND)},
    ],
    ids=["over", "without length", "own second", "twice"],
)
def test_a_grant_that_means_nothing_is_refused(changes: dict[str, object]) -> None:
    """Each is wrong in one way."""
    with pytest.raises(Invalid):
        check_new(samples.grant(**changes), samples.endpoint(), NOW)


def test_weights_and_removed_artefacts_are_not_granted() -> None:
    """Weights never pass through the program."""
    with pytest.raises(Conflict, match="weights"):
        check_new(samples.grant(artefact=samples.WEIGHTS), samples.weights(), NOW)
    gone = replace(samples.endpoint(), removed_at=samples.START)
    with pytest.raises(Conflict, match="taken back"):
        check_new(samples.grant(), gone, NOW)


@pytest.mark.parametrize("amount", [-1, 1 << 60])
def test_a_budget_is_an_amount(amount: int) -> None:
    """Neither negative nor beyond what JSON carries."""
    with pytest.raises(Invalid):
        Budget(requests=amount, tokens=None, money=None)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (ArtefactKind.ENDPOINT, {"safeguards": None}),
        (ArtefactKind.ENDPOINT, {"models": ()}),
        (ArtefactKind.ENDPOINT, {"dialects": ()}),
        (ArtefactKind.ENDPOINT, {"digest": "ab" * 32}),
        (ArtefactKind.WEIGHTS, {}),
        (ArtefactKind.SYSTEM_CARD, {"safeguards": None, "models": ()}),
    ],
)
def test_an_artefact_fits_its_kind(kind: ArtefactKind, changes: dict[str, object]) -> None:
    """An endpoint with something missing, or another kind with an endpoint's facts."""
    with pytest.raises(Invalid):
        replace(samples.endpoint(), kind=kind, **changes)  # type: ignore[arg-type]


def test_weights_need_a_digest() -> None:
    """The digest is all that there is of them."""
    with pytest.raises(Invalid, match="SHA-256"):
        replace(samples.weights(), digest="")
    assert artefacts.find([samples.weights()], samples.WEIGHTS).digest == "ab" * 32
    with pytest.raises(Missing):
        artefacts.find(list[Artefact](), samples.WEIGHTS)


def proposed(by: Side) -> Partner:
    """A hospital."""
    return Partner(
        id=samples.named(PartnerId, 1),
        engagement=samples.engagement().id,
        organisation=PARTNER,
        sector=Sector.HEALTHCARE,
        criteria=criteria.NEWEST,
        meets={},
        proposed_by=by,
        proposed_at=samples.START,
        state=PartnerState.PROPOSED,
    )


@pytest.mark.parametrize(
    ("side", "mine", "other"),
    [
        (Side.DEVELOPER, Role.DEVELOPER, Role.REVIEWER),
        (Side.GOVERNMENT, Role.REVIEWER, Role.DEVELOPER),
    ],
)
def test_both_sides_must_agree(side: Side, mine: Role, other: Role) -> None:
    """The side that proposed cannot agree in the other's place, nor uphold, nor grant."""
    given = {"reason": "because", "by": samples.LEAD, "now": NOW}
    for step in ("agree", "refuse"):
        with pytest.raises(Refused):
            partners.decide(proposed(side), step, mine, **given)  # type: ignore[arg-type]
    agreed = partners.decide(proposed(side), "agree", other, **given)  # type: ignore[arg-type]
    assert agreed.state is PartnerState.AGREED
    refused = partners.decide(proposed(side), "refuse", other, **given)  # type: ignore[arg-type]
    asked = partners.appeal(
        refused, mine, text="look again", by=samples.LEAD, organisation=samples.OFFICE, now=NOW
    )
    with pytest.raises(Refused):
        partners.decide(asked, "grant-appeal", mine, **given)  # type: ignore[arg-type]
    answered = partners.decide(asked, "uphold", other, **given)  # type: ignore[arg-type]
    assert (answered.appeals[0].answer, answered.appeals[0].answered_at) == ("because", NOW)
    with pytest.raises(Refused):
        partners.appeal(
            answered, other, text="x", by=samples.LEAD, organisation=samples.OFFICE, now=NOW
        )


@pytest.mark.parametrize("step", ["refuse", "end"])
def test_a_refusal_has_a_reason(step: str) -> None:
    """So has the end of a partnership."""
    with pytest.raises(Unwritten):
        partners.decide(
            proposed(Side.DEVELOPER), step, Role.REVIEWER, reason="", by=samples.LEAD, now=NOW
        )


def test_a_partner_appeals_only_for_itself() -> None:
    """Another partner cannot."""
    refused = replace(proposed(Side.DEVELOPER), state=PartnerState.REFUSED)
    given = {"text": "we do", "by": samples.STRANGER, "now": NOW}
    with pytest.raises(Refused):
        partners.appeal(refused, Role.PARTNER, organisation=samples.OFFICE, **given)  # type: ignore[arg-type]
    assert partners.appeal(refused, Role.PARTNER, organisation=PARTNER, **given).appeals  # type: ignore[arg-type]


def test_every_published_criterion_is_answered() -> None:
    """Leaving one out, adding one, or an empty answer is refused."""
    full = dict.fromkeys(criteria.CRITERIA[criteria.NEWEST].items, "yes, because")
    assert criteria.checked(criteria.NEWEST, full) == full
    with pytest.raises(Invalid):
        criteria.checked(criteria.NEWEST, full | {"own-goal": "x"})
    with pytest.raises(Invalid):
        criteria.checked(criteria.NEWEST, dict(list(full.items())[1:]))
    with pytest.raises(Unwritten):
        criteria.checked(criteria.NEWEST, full | {"contact": " "})
    with pytest.raises(Missing):
        criteria.checked("0", full)


def own(changes: dict[Heading, str], excluded: tuple[OutOfPurpose, ...]) -> terms.Terms:
    """A developer's terms."""
    return terms.write(
        (), standard(NEWEST), changes=changes, excluded=excluded, by=samples.LEAD, now=NOW
    )


def test_changes_of_the_terms_show_as_a_diff() -> None:
    """Unchanged terms have none; a changed heading and a use that was let in each show."""
    assert terms.changes(own({}, tuple(OutOfPurpose)), standard(NEWEST)) == ""
    text = STANDARD_TERMS[NEWEST].texts[Heading.USE]
    changed = own({Heading.USE: text.replace("nothing else", "teaching")}, (OutOfPurpose.TRAINING,))
    shown = terms.changes(changed, standard(NEWEST))
    assert "+++ version 1/use" in shown
    assert "teaching" in shown
    assert "-procurement" in shown
    assert "confidentiality" not in shown
    assert changed.changed == (Heading.USE,)


def test_everyone_accepts_exactly_the_version_that_was_seen() -> None:
    """Another digest is refused; one changed letter makes another digest."""
    one = own({}, tuple(OutOfPurpose))
    two = own({Heading.USE: "Look, and touch nothing."}, tuple(OutOfPurpose))
    assert one.digest != two.digest != own({}, ()).digest
    given = terms.accept(one, digest_seen=one.digest, by=samples.REVIEWER, now=NOW)
    assert (given.number, given.digest) == (1, one.digest)
    with pytest.raises(Conflict, match="changed"):
        terms.accept(two, digest_seen=one.digest, by=samples.REVIEWER, now=NOW)
    with pytest.raises(Conflict, match="no terms"):
        terms.accept(None, digest_seen=one.digest, by=samples.REVIEWER, now=NOW)


def test_standard_terms_cover_every_heading_and_exclude_every_named_use() -> None:
    """In every version that was ever published."""
    for version in STANDARD_TERMS.values():
        assert set(version.texts) == set(Heading)
        assert all(version.texts.values())
        assert set(version.excluded) == set(OutOfPurpose)


def assessed(**changes: object) -> Assessment:
    """An answer by statement."""
    made: dict[str, object] = {
        "determination": Determination.COVERED,
        "office": samples.OFFICE,
        "by": samples.REVIEWER,
        "at": NOW,
        "statement": "statement 7",
        "classified_digest": "",
        "for_researchers": True,
    }
    return Assessment(**(made | changes))  # type: ignore[arg-type]  # fields by name


def test_an_assessment_is_a_statement_or_a_digest() -> None:
    """Not both, not neither; a classified one is never for researchers."""
    for wrong in (
        {"statement": ""},
        {"classified_digest": "ab" * 32},
        {"statement": "", "classified_digest": "no digest", "for_researchers": False},
        {"statement": "", "classified_digest": "ab" * 32},
    ):
        with pytest.raises(Invalid):
            assessed(**wrong)


def test_a_question_is_asked_answered_and_shared_by_both() -> None:
    """Researchers see an answer only when office and developer both agreed, and no question."""
    asked = coverage.ask((), "Is it?", samples.LEAD, samples.START)
    with pytest.raises(Conflict):
        coverage.ask(asked, "And now?", samples.LEAD, NOW)
    answered = coverage.answer(asked, assessed())
    with pytest.raises(Conflict):
        coverage.answer(answered, assessed())
    assert coverage.cut_for(Role.RESEARCHER, answered[0]) is None
    (shared,) = coverage.share(answered, 1, NOW)
    cut = coverage.cut_for(Role.RESEARCHER, shared)
    assert cut is not None
    assert cut["determination"] == "covered"
    assert "Is it?" not in cut.values()
    assert str(samples.REVIEWER) not in cut.values()
    full = coverage.cut_for(Role.DEVELOPER, shared)
    assert full is not None
    assert full["question"] == "Is it?"
    assert coverage.cut_for(Role.PARTNER, shared) is None
    kept = coverage.answer(asked, assessed(for_researchers=False))
    with pytest.raises(Conflict):
        coverage.share(kept, 1, NOW)
    with pytest.raises(Missing):
        coverage.share(asked, 1, NOW)


def test_waiting_is_not_an_answer() -> None:
    """An open question counts as waiting and leaves the median alone; no answer, no median."""
    asked = coverage.ask((), "Is it?", samples.LEAD, samples.START)
    small = samples.engagement(questions=coverage.answer(asked, assessed()))
    rows = {
        row.size: row for row in answering.by_size([small, samples.engagement(questions=asked)])
    }
    assert rows[DeveloperSize.SMALL].middle == timedelta(days=1)
    assert (rows[DeveloperSize.SMALL].answered, rows[DeveloperSize.SMALL].waiting) == (1, 1)
    assert rows[DeveloperSize.LARGE].middle is None


def test_an_observation_keeps_every_version() -> None:
    """A response names the version that it answers."""
    first = Observation(
        id=samples.named(ObservationId, 1),
        engagement=samples.engagement().id,
        organisation=samples.OFFICE,
        wordings=(wording(1, "A title", "A text", samples.REVIEWER, NOW),),
    )
    second = reword(first, "A title", "A better text", samples.REVIEWER, NOW)
    answered = respond(second, 2, "Thank you.", samples.LEAD, NOW)
    assert [each.text for each in answered.wordings] == ["A text", "A better text"]
    assert answered.responses[0].wording == 2
    with pytest.raises(Missing):
        respond(second, 3, "Thank you.", samples.LEAD, NOW)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Model X", "1.0"), ("model-x", "1.0")),
        (("Model X", "1.0"), (" MODEL  X ", "1.0")),
        (("Model_X", "1.0 beta"), ("model x", "1.0-BETA")),
        (("Ｍodel X", "1.0"), ("Model X", "1.0")),  # noqa: RUF001  # a wide letter, on purpose
    ],
)
def test_another_spelling_is_the_same_model(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Days are counted over the model, however it is written."""
    first = Model(developer=samples.DEVELOPER, name=one[0], version=one[1])
    second = Model(developer=samples.DEVELOPER, name=other[0], version=other[1])
    assert first.key == second.key


def test_another_version_or_developer_is_another_model() -> None:
    """And the parts do not run into one another."""
    keys = {
        Model(developer=developer, name=name, version=version).key
        for developer in (samples.DEVELOPER, samples.OFFICE)
        for name, version in (("a", "1.0"), ("a", "1-0"), ("a-1", "0"), ("b", "1.0"))
    }
    assert len(keys) == 8


def test_every_release_form_says_what_can_be_undone() -> None:
    """Open weights most of all."""
    assert set(UNDO) == set(ReleaseForm)
    assert "neither recalled nor changed" in UNDO[ReleaseForm.OPEN_WEIGHTS].cannot


def test_words_have_bounds() -> None:
    """Empty, endless and unprintable text is refused with the field's name."""
    with pytest.raises(TooLarge):
        written("x" * (LONGEST_TEXT + 1), "text")
    with pytest.raises(TooLarge):
        line("x" * 201, "name")
    with pytest.raises(Invalid, match="printed"):
        line("a\x1b[31mb", "name")
    with pytest.raises(Unwritten, match="name"):
        line(" \n", "name")


def test_the_signed_bytes_are_those_of_the_protocol() -> None:
    """The example of the DSSE protocol 1.0.2, and lengths in bytes."""
    assert (
        to_sign("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert to_sign(RECEIPT_TYPE, "ü".encode()).endswith(b" 2 \xc3\xbc")
