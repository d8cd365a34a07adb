# ruff: noqa: S101, PLR2004  # a check is an assertion about literal expectations
"""What every desk must do. A desk's own tests run each of `CHECKS` over fresh grants.

A check raises AssertionError with the fact that does not hold. That a written use survives the
death of the process needs a real process, and is proved in the tests beside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import FirstlightError, Missing, Refused
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.ids import UseId
from firstlight.core.review.spending import Counted, OverBudget, Usage
from firstlight.core.review.using import Closing, Outcome
from firstlight.usecases.ports.gateway import (
    Admission,
    ArtefactNotGranted,
    GatewayDesk,
    GrantExpired,
    GrantRevoked,
    GrantSuspended,
    KeyUnknown,
    Opening,
    SecondPerson,
    SecondPersonAbsent,
)

SALT = b"s" * 16


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The grant that a check needs. It speaks OpenAI chat alone, for the model `model`."""

    requests: int | None = None
    tokens: int | None = None
    money: int | None = None
    """with a price of one unit of money for a million tokens, both ways"""
    two_persons: bool = False
    keep_content: bool = False


class Subject(Protocol):
    """A desk, and what its tests can do to its grants. Times are the desk's callers' to give."""

    @property
    def desk(self) -> GatewayDesk:
        """The same all the time."""
        ...

    @property
    def now(self) -> Instant:
        """A moment within every grant's time."""
        ...

    @property
    def expires(self) -> Instant:
        """The end of every grant."""
        ...

    def grant(self, wanted: Wanted) -> str:
        """Make a fresh grant; gives its key."""
        ...

    def revoke(self) -> None:
        """The developer revokes the last grant."""
        ...

    def suspend(self) -> None:
        """The last grant is suspended, with a reason."""
        ...

    def second_person(self, *, present: bool) -> None:
        """The second person of the last grant comes or goes."""
        ...


def _admit(subject: Subject, key: str, now: Instant | None = None) -> Admission:
    return subject.desk.admit(key, Dialect.OPENAI_CHAT, now or subject.now)


def _opening(subject: Subject, admission: Admission, *, most_tokens: int = 10) -> Opening:
    return Opening(
        admission=admission,
        at=subject.now,
        dialect=Dialect.OPENAI_CHAT,
        model="model",
        streamed=True,
        salt=SALT,
        request_digest=hashlib.sha256(SALT + b"{}").digest(),
        request_bytes=2,
        most_tokens=most_tokens,
    )


def _closing(subject: Subject, tokens: int = 10) -> Closing:
    return Closing(
        at=subject.now,
        outcome=Outcome.COMPLETE,
        reason="",
        status=200,
        response_digest=hashlib.sha256(SALT).digest(),
        response_bytes=0,
        usage=Usage(input_tokens=tokens - 1, output_tokens=1, counted=Counted.REPORTED),
        cost=tokens,
    )


def _refuses(kind: type[FirstlightError], call: Callable[..., object], *asked: object) -> None:
    try:
        call(*asked)
    except kind:
        return
    raise AssertionError(f"not refused as {kind.__name__}")


def admits_a_key(subject: Subject) -> None:
    """A key gives its grant's facts, and neither key nor endpoint shows in a representation."""
    found = _admit(subject, subject.grant(Wanted(requests=3)))
    assert found.models == ("model",)
    assert found.expires == subject.expires
    assert (found.budget.requests, found.budget.tokens) == (3, None)
    assert found.second_person is SecondPerson.NOT_REQUIRED
    assert found.upstream.key not in repr(found)


def refuses_strangers(subject: Subject) -> None:
    """No key, a wrong key, and nearly the right one are the same to a stranger."""
    key = subject.grant(Wanted())
    for wrong in ("", "wrong", key[:-1], f"{key}x", key.swapcase()):
        _refuses(KeyUnknown, _admit, subject, wrong)


def refuses_another_artefact(subject: Subject) -> None:
    """A grant opens one artefact, in the protocols that it speaks."""
    key = subject.grant(Wanted())
    desk = subject.desk
    _refuses(ArtefactNotGranted, desk.admit, key, Dialect.ANTHROPIC_MESSAGES, subject.now)


def ends_at_the_instant(subject: Subject) -> None:
    """The end itself is outside; a microsecond before it is inside. No job has to run."""
    key = subject.grant(Wanted())
    _admit(subject, key, subject.expires.plus(timedelta(microseconds=-1)))
    _refuses(GrantExpired, _admit, subject, key, subject.expires)


def takes_back(subject: Subject) -> None:
    """Revoked and suspended grants are refused, each with its own word."""
    for act, kind in ((subject.revoke, GrantRevoked), (subject.suspend, GrantSuspended)):
        key = subject.grant(Wanted())
        act()
        _refuses(kind, _admit, subject, key)


def needs_the_second_person(subject: Subject) -> None:
    """A grant with the two-person rule opens while the second person is present."""
    key = subject.grant(Wanted(two_persons=True))
    _refuses(SecondPersonAbsent, _admit, subject, key)
    subject.second_person(present=True)
    assert _admit(subject, key).second_person is SecondPerson.PRESENT
    subject.second_person(present=False)
    _refuses(SecondPersonAbsent, _admit, subject, key)


def judges_again_when_opening(subject: Subject) -> None:
    """What ended between the admission and the opening is not opened."""
    admission = _admit(subject, subject.grant(Wanted()))
    subject.revoke()
    _refuses(GrantRevoked, subject.desk.open_use, _opening(subject, admission))


def counts_requests(subject: Subject) -> None:
    """Of many requests at once, exactly as many are opened as the budget has."""
    admission = _admit(subject, subject.grant(Wanted(requests=3)))

    def attempt(_: int) -> UseId | None:
        try:
            return subject.desk.open_use(_opening(subject, admission))
        except OverBudget:
            return None

    with ThreadPoolExecutor(4) as pool:
        opened = [use for use in pool.map(attempt, range(12)) if use is not None]
    assert len(set(opened)) == len(opened) == 3


def reserves_and_settles(subject: Subject) -> None:
    """An open use holds what it may need; closed, it holds what it used; once."""
    for wanted in (Wanted(tokens=100), Wanted(money=100)):
        key = subject.grant(wanted)
        use = subject.desk.open_use(_opening(subject, _admit(subject, key), most_tokens=90))
        more = _opening(subject, _admit(subject, key), most_tokens=11)
        _refuses(OverBudget, subject.desk.open_use, more)
        for _ in range(2):
            subject.desk.close_use(use, _closing(subject, tokens=40))
        left = _admit(subject, key).budget
        assert 60 in {left.tokens, left.money}
        subject.desk.open_use(_opening(subject, _admit(subject, key), most_tokens=60))


def refuses_what_is_used_up(subject: Subject) -> None:
    """A use may come to cost more than was left; after that nothing is left."""
    key = subject.grant(Wanted(tokens=100))
    use = subject.desk.open_use(_opening(subject, _admit(subject, key)))
    subject.desk.close_use(use, _closing(subject, tokens=150))
    _refuses(OverBudget, _admit, subject, key)


def closes_only_what_is_open(subject: Subject) -> None:
    """An unknown use cannot be closed."""
    stranger = UseId.mint(0, bytes(10))
    _refuses(Missing, subject.desk.close_use, stranger, _closing(subject))


def tells_of_changes(subject: Subject) -> None:
    """Each act that takes ground away changes the revision; reading does not."""
    subject.grant(Wanted(two_persons=True))
    seen = {subject.desk.revision()}
    assert subject.desk.revision() in seen
    acts: tuple[Callable[[], None], ...] = (
        lambda: subject.second_person(present=True),
        lambda: subject.second_person(present=False),
        subject.suspend,
        subject.revoke,
    )
    for number, act in enumerate(acts):
        act()
        if number:  # coming takes nothing away
            assert subject.desk.revision() not in seen
        seen.add(subject.desk.revision())


def names_what_has_ended(subject: Subject) -> None:
    """Of several open uses, those without ground are named, with the reason, and no others."""
    stays = subject.desk.open_use(_opening(subject, _admit(subject, subject.grant(Wanted()))))
    key = subject.grant(Wanted(two_persons=True))
    subject.second_person(present=True)
    goes = subject.desk.open_use(_opening(subject, _admit(subject, key)))
    both = (stays, goes)
    assert dict(subject.desk.ended(both, subject.now)) == {}
    subject.second_person(present=False)
    found = subject.desk.ended(both, subject.now)
    assert {use: type(why) for use, why in found.items()} == {goes: SecondPersonAbsent}
    subject.revoke()
    assert type(subject.desk.ended(both, subject.now)[goes]) is GrantRevoked
    at_the_end = subject.desk.ended(both, subject.expires)
    assert set(at_the_end) == set(both)
    assert all(isinstance(why, Refused) for why in at_the_end.values())


def lets_a_last_use_finish(subject: Subject) -> None:
    """A use that took the last of the budget is not ended by that."""
    key = subject.grant(Wanted(requests=1))
    use = subject.desk.open_use(_opening(subject, _admit(subject, key)))
    assert dict(subject.desk.ended([use], subject.now)) == {}


CHECKS: tuple[Callable[[Subject], None], ...] = (
    admits_a_key,
    refuses_strangers,
    refuses_another_artefact,
    ends_at_the_instant,
    takes_back,
    needs_the_second_person,
    judges_again_when_opening,
    counts_requests,
    reserves_and_settles,
    refuses_what_is_used_up,
    closes_only_what_is_open,
    tells_of_changes,
    names_what_has_ended,
    lets_a_last_use_finish,
)
