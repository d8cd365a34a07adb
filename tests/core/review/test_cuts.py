"""One record, three cuts: what each reader's report holds, and above all what it does not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.review import review_samples as samples

from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.ids import Identifier, OrganisationId, PersonId
from firstlight.core.review import closing
from firstlight.core.review.closing import Record, internal, oversight, public, receipt
from firstlight.core.review.coverage import Assessment, Determination, Question
from firstlight.core.review.criteria import NEWEST as CRITERIA_NOW
from firstlight.core.review.criteria import Sector
from firstlight.core.review.documents import MEDIA_TYPES, Document, Download
from firstlight.core.review.engagement import Destroyed, EngagementState, Release, ReleaseTo
from firstlight.core.review.grants import GrantState, Purpose, Suspension
from firstlight.core.review.ids import DocumentId, DownloadId, ObservationId, PartnerId
from firstlight.core.review.model import Anchor, DeveloperSize, Model, ReleaseForm
from firstlight.core.review.observations import Observation, Response, Wording
from firstlight.core.review.offices import Office, OfficeState
from firstlight.core.review.partners import (
    PARTNER_MOVES,
    Appeal,
    Decision,
    Partner,
    PartnerState,
    Side,
)
from firstlight.core.review.standard_terms import NEWEST, standard
from firstlight.core.review.terms import Acceptance, Heading, OutOfPurpose, write
from firstlight.core.review.window import Audience

_LETTERS = st.text(st.characters(categories=("Ll", "Lu", "Nd"), max_codepoint=0x3FF), max_size=12)
secrets = _LETTERS.map(lambda rest: f"Geheimnis{rest}")
sights = _LETTERS.map(lambda rest: f"Gesehenes{rest}")
"""what was seen or asked: not even for oversight"""
people = st.integers(1, 1 << 40).map(lambda number: samples.named(PersonId, number))
organisations = st.integers(1, 1 << 40).map(lambda n: samples.named(OrganisationId, n))
instants = st.integers(0, 90 * 86400).map(lambda seconds: samples.after(seconds=seconds))
few = 3


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Any stretch of time."""
    one, other = draw(instants), draw(instants)
    return Period(start=min(one, other), end=max(one, other))


assessments = st.builds(
    Assessment,
    determination=st.sampled_from(Determination),
    office=organisations,
    by=people,
    at=instants,
    statement=secrets,
    classified_digest=st.just(""),
    for_researchers=st.booleans(),
    shared_at=st.none() | instants,
)
questions = st.builds(
    Question,
    number=st.integers(1, few),
    text=sights,
    asked_by=people,
    asked_at=instants,
    assessment=st.none() | assessments,
)
suspensions = st.builds(
    Suspension,
    at=instants,
    by=people,
    organisation=organisations,
    reason=secrets,
    conditions=secrets,
    lifted_at=st.none() | instants,
    lifted_by=st.none() | people,
    lifted_note=secrets,
)
grants = st.builds(
    samples.grant,
    audience=st.sampled_from(Audience),
    person=people,
    organisation=organisations,
    purpose=st.sampled_from(Purpose),
    valid=periods(),
    seconds=st.lists(people, max_size=few),
    state=st.sampled_from(GrantState),
    given_by=people,
    given_at=instants,
    suspensions=st.lists(suspensions, max_size=few),
    ended_at=st.none() | instants,
    ended_because=secrets,
)
decisions = st.builds(
    Decision,
    move=st.sampled_from(["agree", "refuse", "uphold", "grant-appeal", "end"]),
    side=st.sampled_from(Side),
    by=people,
    at=instants,
    reason=secrets,
)
appeals = st.builds(
    Appeal,
    by=people,
    organisation=organisations,
    at=instants,
    text=secrets,
    answer=secrets,
    answered_by=people,
    answered_at=st.none() | instants,
)
partners = st.builds(
    Partner,
    id=st.integers(1, 99).map(lambda number: samples.named(PartnerId, number)),
    engagement=st.just(samples.engagement().id),
    organisation=organisations,
    sector=st.sampled_from(Sector),
    criteria=st.just(CRITERIA_NOW),
    meets=st.dictionaries(secrets, secrets, max_size=few),
    proposed_by=st.sampled_from(Side),
    proposed_at=instants,
    state=st.sampled_from(PartnerState),
    decisions=st.lists(decisions, max_size=few),
    appeals=st.lists(appeals, max_size=few),
)
observations = st.builds(
    Observation,
    id=st.integers(1, 99).map(lambda number: samples.named(ObservationId, number)),
    engagement=st.just(samples.engagement().id),
    organisation=organisations,
    wordings=st.lists(
        st.builds(Wording, number=st.just(1), title=sights, text=sights, by=people, at=instants),
        min_size=1,
        max_size=few,
    ),
    responses=st.lists(
        st.builds(Response, wording=st.just(1), text=sights, by=people, at=instants),
        max_size=few,
    ),
)
documents = st.builds(
    Document,
    id=st.integers(1, 99).map(lambda number: samples.named(DocumentId, number)),
    engagement=st.just(samples.engagement().id),
    artefact=st.just(samples.endpoint().id),
    version=st.integers(1, few),
    name=sights,
    media_type=st.sampled_from(sorted(MEDIA_TYPES)),
    size=st.integers(1, 1 << 25),
    digest=st.just("0a" * 32),
    sealed_with=st.just("ef" * 16),
    uploaded_by=people,
    uploaded_at=instants,
)
downloads = st.builds(
    Download,
    id=st.integers(1, 99).map(lambda number: samples.named(DownloadId, number)),
    engagement=st.just(samples.engagement().id),
    document=st.integers(1, 99).map(lambda number: samples.named(DocumentId, number)),
    grant=st.none() | st.just(samples.grant().id),
    person=people,
    organisation=organisations,
    second=st.none() | people,
    reader=sights,
    at=instants,
)
offices = st.builds(
    Office,
    organisation=organisations,
    state=st.sampled_from(OfficeState),
    since=instants,
    words=secrets,
)
terms = st.dictionaries(st.sampled_from(Heading), secrets, max_size=6).map(
    lambda changes: write(
        (),
        standard(NEWEST),
        changes=changes,
        excluded=tuple(OutOfPurpose),
        by=samples.LEAD,
        now=samples.START,
    )
)
releases = st.builds(
    Release,
    to=st.sampled_from(ReleaseTo),
    at=instants,
    by=people,
    keeps_access=st.booleans(),
    before_window_ended=st.booleans(),
)


@st.composite
def records(draw: st.DrawFn, *, listed: bool) -> Record:
    """A closed engagement in which every confidential word is marked."""
    artefact = dataclasses.replace(samples.endpoint(), name=draw(sights), models=(draw(sights),))
    engagement = samples.engagement(
        number=draw(secrets),
        model=Model(
            developer=draw(organisations), name=draw(secrets), version=draw(secrets) + " 1"
        ),
        state=EngagementState.CLOSED,
        size=draw(st.none() | st.sampled_from(DeveloperSize)),
        plan=samples.plan(
            release_form=draw(st.sampled_from(ReleaseForm)),
            anchor=draw(st.sampled_from(Anchor)),
            legal_hold=draw(st.just("") | secrets),
            listed=listed,
        ),
        questions=draw(st.lists(questions, max_size=few)),
        artefacts=(artefact, samples.weights()),
        terms=draw(st.lists(terms, max_size=2)),
        windows=[samples.window(start=p.start) for p in draw(st.lists(periods(), max_size=2))],
        releases=draw(st.lists(releases, max_size=few)),
        withdrawn_because=draw(secrets),
        closed_at=samples.after(days=90),
        destroyed=Destroyed(
            at=draw(instants), stores=(draw(secrets),), keys=("ef" * 32,), not_covered=()
        ),
    )
    return Record(
        engagement=engagement,
        offices=draw(st.lists(offices, max_size=few)),
        partners=draw(st.lists(partners, max_size=few)),
        grants=draw(st.lists(grants, max_size=few)),
        acceptances=[
            Acceptance(person=draw(people), number=1, digest="cd" * 32, at=draw(instants))
        ],
        observations=draw(st.lists(observations, max_size=few)),
        documents=draw(st.lists(documents, max_size=few)),
        downloads=draw(st.lists(downloads, max_size=few)),
    )


def confidential(value: object) -> Iterator[str]:
    """Every text, identifier and moment that a value holds, at whatever depth."""
    match value:
        case StrEnum() | None | bool() | int():
            return
        case str():
            yield value
        case Identifier() | Instant():
            yield str(value)
        case Mapping():
            for key, item in value.items():
                yield from confidential(key)
                yield from confidential(item)
        case Sequence():
            for item in value:
                yield from confidential(item)
        case _ if dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                yield from confidential(getattr(value, field.name))
        case _:
            return


_STANDARD = {*standard(NEWEST).texts.values(), NEWEST, CRITERIA_NOW} | {
    move.name for move in PARTNER_MOVES.moves
}
"""words that are the program's own"""
_SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def told(cut: Mapping[str, object]) -> str:
    """A cut as a file."""
    return canonical(json.loads(json.dumps(cut))).decode()


@_SLOW
@given(records(listed=False))
def test_the_public_cut_holds_no_confidential_fact(record: Record) -> None:
    """No word that a person wrote, no identifier, no moment and no digest of the record."""
    secret = {each for each in confidential(record) if each and each not in _STANDARD}
    cut = told(public(record))
    assert "Geheimnis" not in cut
    assert "Gesehenes" not in cut
    assert [each for each in secret if each in cut] == []
    assert record.engagement.model.name in secret
    assert record.engagement.model.name in told(internal(record)), "the search finds what is there"


@_SLOW
@given(records(listed=True))
def test_a_developer_that_chose_to_be_listed_is_named_and_nothing_more(record: Record) -> None:
    """Developer, model and version, and no other confidential fact."""
    model = record.engagement.model
    chosen = {str(model.developer), model.name, model.version}
    cut = public(record)
    assert {cut[name] for name in closing.PUBLIC_IF_LISTED} == chosen
    rest = told({name: fact for name, fact in cut.items() if name not in closing.PUBLIC_IF_LISTED})
    assert "Geheimnis" not in rest
    assert "Gesehenes" not in rest
    assert set(cut) == {*closing.PUBLIC, *closing.PUBLIC_IF_LISTED}


@_SLOW
@given(records(listed=True))
def test_oversight_sees_steps_and_reasons_and_not_what_was_seen(record: Record) -> None:
    """No observation, question, artefact or name of a person; every reason of a suspension."""
    cut = told(oversight(record))
    assert "Gesehenes" not in cut
    names = {
        *(str(each.person) for each in record.grants),
        *(str(each.person) for each in record.downloads),
        *(str(halt.by) for each in record.grants for halt in each.suspensions),
        *(str(step.by) for each in record.partners for step in each.decisions),
    }
    shown = [halt.reason for each in record.grants for halt in each.suspensions]
    shown += [step.reason for each in record.partners for step in each.decisions]
    texts = set(_texts(json.loads(cut)))
    assert names & texts == set()
    assert set(shown) <= texts


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)


def test_the_lists_name_facts_that_exist() -> None:
    """A name on a list that no fact has would make every report fail."""
    record = Record(
        engagement=samples.engagement(plan=None, terms=(), windows=()),
        offices=(),
        partners=(),
        grants=(),
        acceptances=(),
        observations=(),
    )
    assert set(public(record)) == set(closing.PUBLIC)
    assert {*closing.PUBLIC, *closing.PUBLIC_IF_LISTED} == set(closing.facts(record))


@_SLOW
@given(records(listed=False))
def test_the_receipt_lists_every_grant_and_claims_no_more(record: Record) -> None:
    """Who had what, when; and what was destroyed where."""
    signed = json.loads(canonical(receipt(record)))
    assert [each["person"] for each in signed["grants"]] == [str(g.person) for g in record.grants]
    assert record.destroyed is not None
    assert signed["destroyed"]["stores"] == list(record.destroyed.stores)
    assert "Nothing is claimed of any other place" in signed["claim"]
    kept = receipt(
        dataclasses.replace(
            record, engagement=dataclasses.replace(record.engagement, destroyed=None)
        )
    )
    assert "have not been destroyed" in str(kept["claim"])


@_SLOW
@given(records(listed=True))
def test_open_weights_are_named_as_what_cannot_be_undone(record: Record) -> None:
    """The public cut says of each release form what can and cannot be undone."""
    plan = record.engagement.plan
    assert plan is not None
    undo = public(record)["undo"]
    assert isinstance(undo, dict)
    recallable = "neither recalled" not in undo["cannot"]
    assert recallable == (plan.release_form is not ReleaseForm.OPEN_WEIGHTS)
