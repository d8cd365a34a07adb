"""Sealed documents, from the upload to the destruction, over the real stores and the real vault."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.usecases.documents.conftest import CARD, Shelf
from tests.usecases.reviews.conftest import Review

from firstlight.adapters.storage.models import DocumentPiece
from firstlight.adapters.vault.marks import NotMarkable, find_mark
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.errors import (
    BadEncoding,
    FirstlightError,
    Invalid,
    Missing,
    MoveNotAllowed,
    Refused,
)
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import Artefact, ArtefactKind
from firstlight.core.review.documents import (
    MEDIA_TYPES,
    CopyExpired,
    NoDocument,
    NoMark,
    OtherDocument,
    media_type_of,
)
from firstlight.core.review.use import UseDenied, Why
from firstlight.usecases.documents import reading, tracing, uploading
from firstlight.usecases.ports.sealed import KeyDestroyed
from firstlight.usecases.reviews import arranging, ending, granting

_DEVELOPER = (OrganisationKind.DEVELOPER, Role.DEVELOPER)


def entries(review: Review, subject: object) -> list[dict[str, object]]:
    """The facts of a review's ledger entries, oldest first."""
    with review.context.storage.begin() as work:
        found = work.ledger.entries(str(subject), 0, 1000)
    return [{"action": each.entry.action, **each.entry.facts} for each in found]


def test_what_is_stored_is_sealed(shelf: Shelf) -> None:
    """The content is in no row; the listing names size, digest and the key."""
    document = shelf.upload()
    stored = b"".join(bytes(row.content) for row in DocumentPiece.objects.all())
    assert CARD not in stored
    assert b"measured" not in stored
    assert (document.version, document.size, document.digest) == (1, len(CARD), digest(CARD))
    assert document.sealed_with == shelf.review.vault.fingerprint(str(shelf.engagement.id))
    assert bytes.fromhex(document.sealed_with) in stored, "the envelope's head names the same key"


def test_versions_stay(shelf: Shelf) -> None:
    """A second upload is the second version; the first still opens."""
    first, second = shelf.upload(), shelf.upload(b"other", name="card.txt")
    assert (first.version, second.version) == (1, 2)
    developer = shelf.review.developer
    assert shelf.copy(first, developer).content == CARD
    assert shelf.copy(second, developer).content == b"other"


def test_a_large_document_is_kept_in_pieces(shelf: Shelf) -> None:
    """Pieces of about a mebibyte, and the same bytes come back."""
    text = b"a line of an evaluation log\n" * 130_000
    document = shelf.upload(text, name="log.jsonl")
    sizes = [len(bytes(row.content)) for row in DocumentPiece.objects.all()]
    assert len(sizes) == 4
    assert max(sizes) < 2 * uploading.PIECE_BYTES
    assert shelf.copy(document, shelf.review.developer).content == text


def test_a_readers_copy_is_marked_and_traced(shelf: Shelf) -> None:
    """The copy names its reader; its code leads to the one download, also in an excerpt."""
    document = shelf.upload()
    one, other = shelf.copy(document), shelf.copy(document)
    assert CARD.decode().splitlines()[2] in one.content.decode()
    (code,) = find_mark(one.content.decode())
    assert [code] != list(find_mark(other.content.decode())), "each copy has its own"
    review = shelf.review
    found = tracing.trace(review.context, shelf.desk, review.developer, f" {code.lower()} ")
    assert found == one.download
    assert "Somebody, An organisation" in found.reader
    stranger = review.somebody(*_DEVELOPER)
    with pytest.raises(Missing):
        tracing.trace(review.context, shelf.desk, stranger, code)
    for wrong in ("FLM-0000-0000-0000-0000", "nothing", ""):
        with pytest.raises(Missing):
            tracing.trace(review.context, shelf.desk, review.developer, wrong)


def test_the_same_copy_is_fetched_again_for_ten_minutes(shelf: Shelf) -> None:
    """A broken connection costs no new entry; later the copy is asked for anew."""
    document, review = shelf.upload(), shelf.review
    first = shelf.copy(document)
    again = reading.read_copy(review.context, shelf.desk, review.reviewer, first.download.id)
    assert again.content == first.content
    with pytest.raises(Missing):
        reading.read_copy(review.context, shelf.desk, review.other_reviewer, first.download.id)
    review.turn(minutes=10)
    with pytest.raises(CopyExpired):
        reading.read_copy(review.context, shelf.desk, review.reviewer, first.download.id)


def test_a_copy_stands_in_the_ledger_before_it_leaves(shelf: Shelf) -> None:
    """Asking lists it; nothing was read yet, and reading adds nothing."""
    document, review = shelf.upload(), shelf.review
    before = len(entries(review, shelf.engagement.id))
    listed = reading.ask_copy(review.context, shelf.desk, review.reviewer, document.id)
    found = entries(review, shelf.engagement.id)
    assert len(found) == before + 1
    assert found[-1]["download"] == str(listed.id)
    assert found[-1]["document"] == str(document.id)
    assert found[-1]["marked"] is True
    reading.read_copy(review.context, shelf.desk, review.reviewer, listed.id)
    assert len(entries(review, shelf.engagement.id)) == before + 1


def _revoke(shelf: Shelf) -> None:
    granting.revoke_grant(shelf.review.context, shelf.review.developer, shelf.grant.id)


def _suspend(shelf: Shelf) -> None:
    granting.suspend_grant(
        shelf.review.context, shelf.review.developer, shelf.grant.id, reason="r", conditions="c"
    )


def _stop(shelf: Shelf) -> None:
    arranging.stop_window(shelf.review.context, shelf.review.developer, shelf.engagement.id)


def _terms(shelf: Shelf) -> None:
    arranging.set_terms(
        shelf.review.context, shelf.review.developer, shelf.engagement.id, changes={}
    )


def _withdraw(shelf: Shelf) -> None:
    ending.withdraw(shelf.review.context, shelf.review.developer, shelf.engagement.id)


def _leave(shelf: Shelf) -> None:
    review, person = shelf.review, shelf.review.reviewer
    assert person.person
    assert person.organisation
    with review.context.storage.begin():
        review.accounts.end_memberships(person.person, person.organisation, review.now)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (_revoke, Why.REVOKED),
        (_suspend, Why.SUSPENDED),
        (_stop, Why.OVER),
        (_terms, Why.TERMS),
        (_withdraw, Why.NOT_OPEN),
        (_leave, Why.LEFT),
    ],
)
def test_whatever_ends_access_ends_reading(
    shelf: Shelf, happens: Callable[[Shelf], None], why: Why
) -> None:
    """Between asking and fetching, too: the decision is asked again before the first byte."""
    document, review = shelf.upload(), shelf.review
    listed = reading.ask_copy(review.context, shelf.desk, review.reviewer, document.id)
    happens(shelf)
    with pytest.raises(UseDenied) as fetched:
        reading.read_copy(review.context, shelf.desk, review.reviewer, listed.id)
    with pytest.raises(UseDenied) as asked:
        reading.ask_copy(review.context, shelf.desk, review.reviewer, document.id)
    assert {fetched.value.why, asked.value.why} == {why}


def test_two_persons_or_nobody(shelf: Shelf) -> None:
    """Where the grant asks for a second person, nothing is read without one who is fit."""
    review, document = shelf.review, shelf.upload()
    assert review.reviewer.organisation
    second = review.join(review.reviewer.organisation, Role.REVIEWER)
    _revoke(shelf)
    grant = review.grant(shelf.engagement.id, shelf.card, seconds=[second.person])
    for present, why in (
        (None, Why.SECOND_ABSENT),
        (review.other_reviewer.person, Why.SECOND_UNFIT),
        (second.person, Why.SECOND_UNFIT),
    ):
        shelf.sit(grant.id, present)
        with pytest.raises(UseDenied) as denied:
            reading.ask_copy(review.context, shelf.desk, review.reviewer, document.id)
        assert denied.value.why is why
    review.accept(shelf.engagement.id, second)
    copy = shelf.copy(document)
    assert copy.download.second == second.person
    assert entries(review, shelf.engagement.id)[-1]["second"] == str(second.person)
    shelf.sit(grant.id, None)
    with pytest.raises(UseDenied):
        reading.read_copy(review.context, shelf.desk, review.reviewer, copy.download.id)


def test_without_a_grant_there_is_no_document(shelf: Shelf) -> None:
    """To a colleague, another office or developer, a partner, an auditor: Missing, or refused."""
    document, review = shelf.upload(), shelf.review
    assert review.reviewer.organisation
    colleague = review.join(review.reviewer.organisation, Role.REVIEWER)
    scoped = replace(review.reviewer, scopes=frozenset({"review.use"}))
    for actor in (
        colleague,
        scoped,
        review.other_reviewer,
        review.partner,
        review.somebody(*_DEVELOPER),
        review.bench.actor(Role.AUDITOR),
        review.bench.actor(Role.COORDINATOR),
        Actor(role=Role.ANONYMOUS),
        Actor(role=Role.SYSTEM),
    ):
        with pytest.raises((Missing, Refused)):
            reading.ask_copy(review.context, shelf.desk, actor, document.id)
        with pytest.raises((Missing, Refused)):
            _upload_as(shelf, actor)


def _upload_as(shelf: Shelf, actor: Actor) -> None:
    uploading.upload_document(
        shelf.review.context,
        shelf.desk,
        actor,
        shelf.engagement.id,
        shelf.card.id,
        name="card.md",
        media_type="",
        content=CARD,
    )


@pytest.mark.parametrize(
    ("content", "name", "kind", "error"),
    [
        (CARD, "card.docx", "", NoMark),
        (CARD, "weights.safetensors", "application/octet-stream", NoMark),
        (CARD, "log.eval", "application/zip", NoMark),
        (b"\xff\xfe", "card.txt", "text/plain", BadEncoding),
        (b"%PDF-1.7 nothing", "card.pdf", "", NotMarkable),
        (b"", "card.md", "", Invalid),
        (CARD, " ", "text/plain", Invalid),
    ],
)
def test_what_could_be_handed_to_nobody_is_refused_at_once(
    shelf: Shelf, content: bytes, name: str, kind: str, error: type[FirstlightError]
) -> None:
    """At the upload, with a sentence that says what is possible; nothing is stored."""
    before = entries(shelf.review, shelf.engagement.id)
    with pytest.raises(error) as refused:
        shelf.upload(content, name=name, kind=kind)
    if error is NoMark:
        assert "application/pdf" in refused.value.hint
    assert entries(shelf.review, shelf.engagement.id) == before
    assert not DocumentPiece.objects.exists()


def test_weights_and_endpoints_take_no_document(shelf: Shelf) -> None:
    """Weights are a digest and nothing else; a listed digest is kept to; a removed list is shut."""
    review, identifier = shelf.review, shelf.engagement.id

    def listed(kind: ArtefactKind, value: str = "") -> Artefact:
        new = arranging.NewArtefact(kind=kind, name="Something", digest=value)
        return arranging.add_artefact(review.context, review.developer, identifier, new)

    weights = listed(ArtefactKind.WEIGHTS, digest(CARD))
    pinned = listed(ArtefactKind.EVALUATION_LOGS, digest(CARD))
    for artefact, error in ((weights, NoDocument), (review.endpoint(identifier), NoDocument)):
        with pytest.raises(error):
            replace(shelf, card=artefact).upload()
    with pytest.raises(OtherDocument):
        replace(shelf, card=pinned).upload(b"other")
    assert replace(shelf, card=pinned).upload().version == 1
    arranging.remove_artefact(review.context, review.developer, identifier, pinned.id)
    with pytest.raises(FirstlightError, match="taken back"):
        replace(shelf, card=pinned).upload()


def test_after_the_close_nothing_opens_and_the_receipt_tells_all(shelf: Shelf) -> None:
    """Key gone, pieces dropped, documents and copies in the receipt; nothing is uploaded again."""
    document, review = shelf.upload(), shelf.review
    copy = shelf.copy(document)
    review.turn(seconds=1)
    own = shelf.copy(document, review.developer)
    receipt = ending.close(review.context, review.vault, review.developer, shelf.engagement.id)
    said = json.loads(base64.b64decode(json.loads(receipt.envelope)["payload"]))
    (listed,) = said["documents"]
    assert (listed["document"], listed["digest"]) == (str(document.id), digest(CARD))
    assert said["destroyed"]["keys"] == [document.sealed_with] == [listed["sealed_with"]]
    reader, developer = said["downloads"]
    assert (reader["download"], reader["marked"]) == (str(copy.download.id), True)
    assert reader["person"] == str(review.reviewer.person)
    assert (developer["download"], developer["marked"]) == (str(own.download.id), False)
    assert not DocumentPiece.objects.exists()
    listed = entries(review, shelf.engagement.id)
    with pytest.raises(KeyDestroyed):
        shelf.copy(document, review.developer)
    assert entries(review, shelf.engagement.id) == listed, "what cannot be opened is not listed"
    with pytest.raises(UseDenied):
        shelf.copy(document)
    with pytest.raises(MoveNotAllowed):
        shelf.upload()


@given(
    st.text(max_size=30),
    st.sampled_from(["", ".pdf", ".MD", ".txt", ".json", ".docx", ".zip", ".pt"]),
    st.sampled_from(["", "application/octet-stream", "application/zip", *MEDIA_TYPES]),
)
def test_the_type_is_one_that_bears_a_mark_or_refused(stem: str, end: str, said: str) -> None:
    """Whatever a file is called; and what is said counts before the name."""
    try:
        kind = media_type_of(stem + end, said)
    except NoMark:
        assert said not in MEDIA_TYPES
    else:
        assert kind in MEDIA_TYPES
        assert said not in MEDIA_TYPES or kind == said


def test_what_bears_a_mark_is_one_list() -> None:
    """The core's list and the marks' own are the same."""
    from firstlight.adapters.vault.marks import MEDIA_TYPES as MARKED  # noqa: PLC0415

    assert set(MEDIA_TYPES) == set(MARKED)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 3 << 20).map(bytes), max_size=6))
def test_pieces_join_to_the_same_bytes(chunks: list[bytes]) -> None:
    """Wherever the borders were."""
    pieces = list(uploading.in_pieces(chunks))
    assert b"".join(pieces) == b"".join(chunks)
    assert all(len(each) >= uploading.PIECE_BYTES for each in pieces[:-1])


def test_an_organisation_id_is_no_document(shelf: Shelf) -> None:
    """Somebody else's organisation cannot fetch a copy under the same person."""
    document, review = shelf.upload(), shelf.review
    listed = reading.ask_copy(review.context, shelf.desk, review.reviewer, document.id)
    elsewhere = review.context.mint.new(OrganisationId, review.now)
    with pytest.raises(Missing):
        reading.read_copy(
            review.context,
            shelf.desk,
            replace(review.reviewer, organisation=elsewhere),
            listed.id,
        )
