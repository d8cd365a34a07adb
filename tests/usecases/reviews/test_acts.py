"""Each extension of a window is a signed act, on record, and checked without the server."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.core.review import review_samples as made
from tests.usecases.reviews.conftest import Review

from firstlight.adapters.vault.acts import ActInvalid, check_act
from firstlight.adapters.vault.keys import ed25519_verifier
from firstlight.core.kernel.canonical import canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.dsse import to_sign
from firstlight.core.kernel.errors import Conflict
from firstlight.core.review import acts as rules
from firstlight.core.review import window
from firstlight.core.review.acts import ActKind, SignedAct, WrongSignature, extension
from firstlight.core.review.dsse import ACT_TYPE
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.window import Audience, NoWindow, ThirtyDaysUsed
from firstlight.usecases.reviews import acts, arranging


def prepared(review: Review, found: Engagement, days: int) -> bytes:
    """The statement that is to be signed."""
    statement = acts.prepare_extension(
        review.context, review.developer, found.id, audience=Audience.OFFICES, days=days
    )
    return canonical(statement)


def extended(
    review: Review, found: Engagement, days: int, own: acts.OwnSignature | None = None
) -> Engagement:
    """The offices' window, longer."""
    return arranging.extend_window(
        review.context, review.developer, found.id, audience=Audience.OFFICES, days=days, own=own
    )


def signed(key: Ed25519PrivateKey, payload: bytes) -> acts.OwnSignature:
    """The developer's own signature."""
    public = key.public_key().public_bytes_raw()
    return acts.OwnSignature(
        public_key=public,
        value=key.sign(to_sign(ACT_TYPE, payload)),
        verify=ed25519_verifier(public),
    )


def test_the_installation_vouches_for_who_extended(review: Review) -> None:
    """Person, engagement, version, days and both ends are in it; its digest is in the ledger."""
    before, _ = review.running(days=10)
    after = extended(review, before, 5)
    (act,) = after.acts
    told = check_act(act.envelope, review.context.signer.public_key(acts.KEY))
    assert told["by"] == str(review.developer.person)
    assert (told["engagement"], told["version"]) == (str(before.id), before.version)
    assert told["end_before"] == str(before.windows[0].period.end)
    assert told["end"] == str(after.windows[0].period.end)
    with review.context.storage.begin() as work:
        newest = work.ledger.last_of(str(before.id))
    assert newest is not None
    assert newest.entry.facts["act_digest"] == digest(act.envelope)


def test_an_own_key_needs_nobodys_word(review: Review) -> None:
    """Both signatures are over the same bytes; either is checked without the other."""
    found, _ = review.running(days=10)
    key = Ed25519PrivateKey.generate()
    own = signed(key, prepared(review, found, 3))
    (act,) = extended(review, found, 3, own).acts
    ours = review.context.signer.public_key(acts.KEY)
    assert check_act(act.envelope, ours, own.public_key) == check_act(act.envelope, ours)
    assert check_act(act.envelope, own.public_key)["days"] == 3
    assert act.own_key == digest(own.public_key)


def test_a_signature_counts_once_and_for_one_thing(review: Review) -> None:
    """Neither for other days, nor after any other change, nor by another key."""
    found, _ = review.running(days=5)
    key = Ed25519PrivateKey.generate()
    own = signed(key, prepared(review, found, 3))
    with pytest.raises(WrongSignature):
        extended(review, found, 4, own)
    extended(review, found, 3, own)
    with pytest.raises(WrongSignature):
        extended(review, found, 3, own)
    stale = signed(key, prepared(review, found, 3))
    arranging.set_terms(review.context, review.developer, found.id, changes={})
    with pytest.raises(WrongSignature):
        extended(review, found, 3, stale)
    other = signed(Ed25519PrivateKey.generate(), prepared(review, found, 3))
    mixed = acts.OwnSignature(public_key=own.public_key, value=other.value, verify=own.verify)
    with pytest.raises(WrongSignature):
        extended(review, found, 3, mixed)
    assert len(review.stored(found.id).acts) == 1


def test_what_cannot_be_extended_signs_nothing(review: Review) -> None:
    """Too many days, or no window: no act, and preparing changes nothing either."""
    found, _ = review.running(days=10)
    with pytest.raises(ThirtyDaysUsed):
        extended(review, found, 21)
    prepared(review, found, 20)
    review.turn(days=11)
    with pytest.raises(NoWindow):
        prepared(review, found, 1)
    assert review.stored(found.id) == found


def test_an_old_view_extends_nothing(review: Review) -> None:
    """The version that was seen is compared under the lock."""
    found, _ = review.running(days=10)
    with pytest.raises(Conflict):
        arranging.extend_window(
            review.context,
            review.developer,
            found.id,
            audience=Audience.OFFICES,
            days=1,
            seen=found.version - 1,
        )
    assert review.stored(found.id).acts == ()


def test_an_altered_act_is_noticed(review: Review) -> None:
    """Other days in the payload, or the signature of somebody else."""
    found, _ = review.running(days=10)
    (act,) = extended(review, found, 1).acts
    envelope = json.loads(act.envelope)
    ours = review.context.signer.public_key(acts.KEY)
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for bad in (
        json.dumps(envelope | {"payload": envelope["payload"][:-8] + "AAAAAAA="}).encode(),
        json.dumps(envelope | {"signatures": []}).encode(),
        b"[]",
        b"{",
    ):
        with pytest.raises(ActInvalid):
            check_act(bad, ours)
    for keys in ((stranger, None), (ours, stranger)):
        with pytest.raises(ActInvalid):
            check_act(act.envelope, *keys)


@given(days=st.integers(1, 15), more=st.integers(1, 15), version=st.integers(1, 9))
def test_a_statement_is_of_one_extension_only(days: int, more: int, version: int) -> None:
    """Its end is so many days after the one before; with another version it is another one."""
    start = made.START
    before = window.set_window(
        (),
        elsewhere=timedelta(),
        audience=Audience.OFFICES,
        start=start,
        days=days,
        by=made.LEAD,
        now=start,
    )
    after = window.extend(
        before, elsewhere=timedelta(), audience=Audience.OFFICES, days=more, now=start
    )
    found = made.engagement()

    def stated(number: int) -> dict[str, object]:
        return dict(
            extension(
                found.id,
                found.number,
                found.model,
                version=number,
                audience=Audience.OFFICES,
                days=more,
                before=before,
                after=after,
                by=made.LEAD,
            )
        )

    told = stated(version)
    length = Instant.parse(str(told["end"])).utc - Instant.parse(str(told["end_before"])).utc
    assert length.days == more
    assert told != stated(version + 1)


def test_acts_are_only_added_and_not_without_end() -> None:
    """Earlier ones stay; there is a bound."""
    one = SignedAct(
        number=1, kind=ActKind.EXTEND_WINDOW, at=made.START, by=made.LEAD, envelope=b"{}"
    )
    assert rules.keep((one,), one) == (one, one)
    with pytest.raises(Conflict):
        rules.keep((one,) * rules.MOST_ACTS, one)
