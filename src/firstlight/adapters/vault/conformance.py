# ruff: noqa: S101  # a check is an assertion
"""What every vault of sealed documents must do. A vault's tests run each check on a fresh one.

A check raises AssertionError with the fact that does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import FirstlightError
from firstlight.usecases.ports.sealed import (
    KeyDestroyed,
    KeyMissing,
    Sealed,
    SealedVault,
)

ENGAGEMENT = "eng_01"
OTHER = "eng_02"
AT = Instant(datetime(2026, 11, 21, 9, tzinfo=UTC))
SECRET = b"what nobody else may read " * 10


def _raises(kind: type[FirstlightError], call: Callable[[], object]) -> None:
    try:
        call()
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was not raised")


def opens_what_was_sealed(vault: SealedVault) -> None:
    """The content comes back, and does not show in the envelope."""
    sealed = vault.seal(ENGAGEMENT, "doc_1", SECRET, b"version 1")
    assert vault.open(ENGAGEMENT, "doc_1", sealed, b"version 1") == SECRET
    assert SECRET[:16] not in sealed.envelope, "content shows through"


def seals_differently_each_time(vault: SealedVault) -> None:
    """Equal documents give unequal envelopes."""
    first, second = (vault.seal(ENGAGEMENT, "doc_1", SECRET, b"") for _ in range(2))
    assert first.envelope[-32:] != second.envelope[-32:]


def streams_are_the_same_documents(vault: SealedVault) -> None:
    """What is sealed in pieces opens whole, and the other way round."""
    content = SECRET * 2000
    cut = [content[:1], content[1:70_001], b"", content[70_001:]]
    envelope = b"".join(vault.seal_stream(ENGAGEMENT, "doc_1", cut, b"c"))
    assert vault.open(ENGAGEMENT, "doc_1", Sealed(envelope=envelope), b"c") == content
    pieces = [envelope[at : at + 999] for at in range(0, len(envelope), 999)]
    assert b"".join(vault.open_stream(ENGAGEMENT, "doc_1", pieces, b"c")) == content


def knows_its_keys(vault: SealedVault) -> None:
    """A key is there from the first sealing to its destruction, under one fingerprint."""
    assert not vault.exists(ENGAGEMENT)
    _raises(KeyMissing, lambda: vault.fingerprint(ENGAGEMENT))
    sealed = vault.seal(ENGAGEMENT, "doc_1", SECRET, b"")
    assert vault.exists(ENGAGEMENT)
    name = vault.fingerprint(ENGAGEMENT)
    vault.seal(ENGAGEMENT, "doc_2", SECRET, b"")
    vault.seal(OTHER, "doc_1", SECRET, b"")
    assert vault.fingerprint(ENGAGEMENT) == name
    assert vault.fingerprint(OTHER) != name, "two engagements share a key"
    assert vault.destroy(ENGAGEMENT, AT).keys == (name,)
    assert not vault.exists(ENGAGEMENT)
    _raises(KeyDestroyed, lambda: vault.open(ENGAGEMENT, "doc_1", sealed, b""))


def opening_makes_no_key(vault: SealedVault) -> None:
    """A document of an engagement without a key is not opened, and no key is made for it."""
    sealed = vault.seal(OTHER, "doc_1", SECRET, b"")
    _raises(KeyMissing, lambda: vault.open(ENGAGEMENT, "doc_1", sealed, b""))
    assert not vault.exists(ENGAGEMENT)


def destruction_is_for_good(vault: SealedVault) -> None:
    """After destruction nothing is opened, nothing is sealed, no key comes back."""
    sealed = vault.seal(ENGAGEMENT, "doc_1", SECRET, b"")
    other = vault.seal(OTHER, "doc_1", SECRET, b"")
    first = vault.destroy(ENGAGEMENT, AT)
    assert first.engagement == ENGAGEMENT
    assert first.asked_at == AT
    assert first.stores, "a destruction names its stores"
    assert first.not_covered, "a destruction says what it does not reach"
    for call in (
        lambda: vault.open(ENGAGEMENT, "doc_1", sealed, b""),
        lambda: b"".join(vault.open_stream(ENGAGEMENT, "doc_1", [sealed.envelope], b"")),
        lambda: vault.seal(ENGAGEMENT, "doc_2", SECRET, b""),
        lambda: list(vault.seal_stream(ENGAGEMENT, "doc_2", [SECRET], b"")),
        lambda: vault.fingerprint(ENGAGEMENT),
    ):
        _raises(KeyDestroyed, call)
    assert vault.destroy(ENGAGEMENT, AT.plus(timedelta(days=1))) == first, "not idempotent"
    assert vault.open(OTHER, "doc_1", other, b"") == SECRET, "another engagement was touched"


def an_empty_engagement_is_closed_too(vault: SealedVault) -> None:
    """Where nothing was sealed, nothing was destroyed, and nothing can be sealed later."""
    assert vault.destroy(ENGAGEMENT, AT).keys == ()
    _raises(KeyDestroyed, lambda: vault.seal(ENGAGEMENT, "doc_1", SECRET, b""))


def names_are_plain(vault: SealedVault) -> None:
    """A name cannot be a path or anything else that means something elsewhere."""
    for engagement, document in (
        ("../eng", "doc"),
        ("", "doc"),
        ("a/b", "doc"),
        ("eng\x00", "doc"),
        (ENGAGEMENT, ""),
        (ENGAGEMENT, "a b"),
    ):
        try:
            vault.seal(engagement, document, b"", b"")
        except ValueError:
            continue
        raise AssertionError(f"{engagement!r}, {document!r} were taken for names")


CHECKS: Sequence[Callable[[SealedVault], None]] = (
    opens_what_was_sealed,
    seals_differently_each_time,
    streams_are_the_same_documents,
    knows_its_keys,
    opening_makes_no_key,
    destruction_is_for_good,
    an_empty_engagement_is_closed_too,
    names_are_plain,
)
