"""Mails on their way out, on both databases: what is sent, held, released, refused, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from tests.usecases.conftest import Bench
from tests.usecases.test_story import report

from firstlight.adapters.identity.store import DjangoAccounts
from firstlight.adapters.notify.dispatch import by_kind, past_the_guard
from firstlight.adapters.storage.guard_queries import DjangoGuardQueries
from firstlight.adapters.storage.models import VerdictRecord
from firstlight.adapters.storage.outbox import deliver_outbox
from firstlight.core.clearinghouse.finding import Contact, Location, Report
from firstlight.core.guard.model import Rule, Verdict
from firstlight.core.guard.passing import Passed
from firstlight.core.guard.record import Kept, KeptState, ReasonMissing, VerdictId
from firstlight.core.kernel.errors import Missing, MoveNotAllowed, Refused
from firstlight.core.kernel.ids import FindingId, PersonId
from firstlight.core.kernel.parties import Person, Role
from firstlight.usecases.context import Context
from firstlight.usecases.findings.submit import submit
from firstlight.usecases.guard.deciding import (
    NothingProposed,
    open_kept,
    refuse,
    release,
)
from firstlight.usecases.guard.examining import NoGate
from firstlight.usecases.guard.messages import let_out
from firstlight.usecases.ports import Message

FINDER = "finder@example.org"
STRANGER = "operator@example.net"


@dataclass
class Post:
    """Somebody who may get mail, and the mails that have left."""

    bench: Bench
    left: list[Passed]
    finding: FindingId

    def put(self, to: str, body: str, key: str = "one") -> None:
        """Put a mail into the outbox, and deliver what is due."""
        with self.bench.context.storage.begin() as work:
            work.outbox.put(Message(kind="mail", to=to, subject="News", body=body), key=key)
        self.deliver()

    def deliver(self) -> None:
        """As a worker does."""
        guarded = past_the_guard(self._let_out, self.left.append)
        deliver_outbox(by_kind({"mail": guarded}))

    def _let_out(self, message: Message) -> Passed | None:
        return let_out(self.bench.context, message)

    def newest(self) -> Kept:
        """The newest verdict."""
        reader = self.bench.actor(Role.COORDINATOR)
        return DjangoGuardQueries().verdicts(reader, (), cursor=None, limit=1).rows[0]


def sealed_report() -> Report:
    """A report whose every piece is looked for."""
    return replace(
        report("crash:parse_frame_header", "Heap overflow in the frame parser"),
        root_cause=Location(path="src/codec/frame_parser.c", function="parse_frame_header"),
        identifiers=("CVE-2026-41007",),
        contact=Contact(email=FINDER),
    )


@pytest.fixture
def post(bench: Bench) -> Post:
    """One open report; a stranger with an account."""
    (receipt,) = submit(bench.context, bench.actor(Role.FINDER), [sealed_report()], b"{}")
    person = Person(
        id=bench.context.mint.new(PersonId, bench.clock.now()), name="An operator", email=STRANGER
    )
    with bench.context.storage.begin():
        DjangoAccounts().add_person(person, None)
    return Post(bench=bench, left=[], finding=receipt.finding)


def ledger_of(context: Context, identifier: VerdictId) -> list[tuple[str, str]]:
    """Who did what under which rule, to a verdict."""
    with context.storage.begin() as work:
        entries = work.ledger.entries(str(identifier), 0, 20)
    return [(each.entry.action, each.entry.rule) for each in entries]


def test_the_programs_own_news_leave_and_are_kept(post: Post) -> None:
    """The mail that a validation writes passes; its verdict and text are kept, with an entry."""
    post.bench.validate(post.finding)
    post.deliver()
    (mail,) = post.left
    assert (mail.to, str(post.finding) in mail.body) == (FINDER, True)
    kept = post.newest()
    assert (kept.verdict, kept.rule, kept.state) == (Verdict.PASS, None, KeptState.LEFT)
    assert ledger_of(post.bench.context, kept.id) == [
        ("guard.decide", "nothing of the rules speaks against it")
    ]


def test_what_is_sealed_reaches_no_stranger(post: Post) -> None:
    """Each piece of an open report is blocked, and nobody can release it."""
    lead = post.bench.actor(Role.COORDINATOR)
    pieces = (
        "parse_frame_header",
        "src/codec/frame_parser.c",
        "CVE-2026-41007",
        str(post.finding),
        "crash:parse_frame_header",
    )
    for number, piece in enumerate(pieces):
        post.bench.clock.turn(timedelta(seconds=1))
        post.put(STRANGER, f"It is {piece}.", key=str(number))
        kept = post.newest()
        assert kept.state is KeptState.BLOCKED
        with pytest.raises(MoveNotAllowed):
            release(post.bench.context, lead, kept.id, "It is harmless.")
    assert post.left == []


def test_the_finder_is_told_that_there_is_news_and_not_what(post: Post) -> None:
    """The mail leaves without the function; both texts are kept sealed."""
    post.put(FINDER, f"{post.finding}: it is in parse_frame_header.")
    (mail,) = post.left
    assert mail.body == f"{post.finding}: it is in [left out]."
    kept = post.newest()
    assert (kept.verdict, kept.rule) == (Verdict.REWRITE, Rule.SEALED)
    opened = open_kept(post.bench.context, post.bench.actor(Role.COORDINATOR), kept.id)
    assert "parse_frame_header" in opened.body
    assert opened.rewritten_body == mail.body
    assert [place.rule for place in opened.places] == ["sealed"]
    assert b"parse_frame" not in bytes(VerdictRecord.objects.get(pk=str(kept.id)).sealed)


def held(post: Post) -> Kept:
    """A mail that waits for a person."""
    post.put(STRANGER, "The password: a1b2c3!")
    kept = post.newest()
    assert (kept.state, kept.rule, post.left) == (KeptState.HELD, Rule.PASSWORD, [])
    return kept


def test_a_held_mail_leaves_once_when_it_is_released(post: Post) -> None:
    """By a coordinator, with a reason, both in the ledger; nothing was sent before."""
    kept = held(post)
    lead = post.bench.actor(Role.COORDINATOR)
    release(post.bench.context, lead, kept.id, "The password is for a demonstration.")
    post.deliver()
    post.deliver()
    (mail,) = post.left
    assert (mail.body, mail.released_by) == ("The password: a1b2c3!", str(lead.person))
    after = DjangoGuardQueries().verdict(lead, kept.id)
    assert (after.state, after.decided_by) == (KeptState.RELEASED, lead.person)
    assert after.reason == "The password is for a demonstration."
    assert ledger_of(post.bench.context, kept.id)[-1] == (
        "guard.decide",
        "a coordinator lets a held text out and says why",
    )
    with pytest.raises(MoveNotAllowed):
        refuse(post.bench.context, lead, kept.id, "Too late for that.")


def test_a_refused_mail_never_leaves(post: Post) -> None:
    """Nor does the same mail when it is put again under its key."""
    kept = held(post)
    lead = post.bench.actor(Role.COORDINATOR)
    refuse(post.bench.context, lead, kept.id, "Passwords are not sent.")
    post.deliver()
    assert post.left == []
    with pytest.raises(MoveNotAllowed):
        release(post.bench.context, lead, kept.id, "On second thoughts.")


def test_what_became_sealed_meanwhile_stays_in_though_it_was_released(post: Post) -> None:
    """A released text is judged again at the moment when it leaves."""
    post.put(STRANGER, "The password: a1b2c3! It is for decode_long_packet.")
    kept = post.newest()
    lead = post.bench.actor(Role.COORDINATOR)
    release(post.bench.context, lead, kept.id, "It is harmless.")
    later = replace(sealed_report(), root_cause=Location(function="decode_long_packet"))
    post.bench.clock.turn(timedelta(seconds=1))
    submit(post.bench.context, post.bench.actor(Role.FINDER), [later], b"{1}")
    post.deliver()
    assert post.left == []
    assert post.newest().state is KeptState.BLOCKED


def test_a_held_mail_can_leave_in_the_words_that_the_guard_proposes(post: Post) -> None:
    """Without the password and without the address of somebody else."""
    post.put(STRANGER, "The password: a1b2c3! It is for who@example.com alone.")
    kept = post.newest()
    lead = post.bench.actor(Role.COORDINATOR)
    release(post.bench.context, lead, kept.id, "So it may leave.", rewritten=True)
    post.deliver()
    (mail,) = post.left
    assert mail.body == "The [left out] It is for [left out] alone."


def test_who_may_decide_and_read(post: Post) -> None:
    """A coordinator alone decides and reads; an auditor sees the verdict; nobody else anything."""
    kept = held(post)
    context, queries = post.bench.context, DjangoGuardQueries()
    acts: list[Callable[[Role], object]] = [
        lambda role: release(context, post.bench.actor(role), kept.id, "Because I can."),
        lambda role: refuse(context, post.bench.actor(role), kept.id, "Because I can."),
        lambda role: open_kept(context, post.bench.actor(role), kept.id),
    ]
    for role in set(Role) - {Role.COORDINATOR, Role.SYSTEM}:
        for act in acts:
            with pytest.raises(Refused):
                act(role)
        seen = queries.verdicts(post.bench.actor(role), (), cursor=None, limit=9).rows
        assert [each.id for each in seen] == ([kept.id] if role is Role.AUDITOR else [])
        assert queries.waiting(post.bench.actor(role)) == len(seen)
    with pytest.raises(Missing):
        queries.verdict(post.bench.actor(Role.FINDER), kept.id)
    assert open_kept(context, post.bench.actor(Role.COORDINATOR), kept.id).to == STRANGER
    assert ledger_of(context, kept.id)[-1][0] == "guard.open"


def test_a_decision_needs_a_reason_and_other_words_must_have_been_proposed(post: Post) -> None:
    """An empty reason is none."""
    post.put("nobody@example.com", "Hello.")
    kept, lead = post.newest(), post.bench.actor(Role.COORDINATOR)
    with pytest.raises(ReasonMissing):
        release(post.bench.context, lead, kept.id, "   ")
    with pytest.raises(NothingProposed):
        release(post.bench.context, lead, kept.id, "As proposed.", rewritten=True)


def test_nobody_knows_the_address(post: Post) -> None:
    """A person looks at mail to somebody without an account or a report."""
    post.put("nobody@example.com", "Hello.")
    assert (post.newest().rule, post.left) == (Rule.RECIPIENT, [])


def test_another_try_of_the_same_mail_is_kept_once(post: Post) -> None:
    """A mail server that is down makes no second verdict."""

    def fail(_: Passed) -> None:
        raise OSError("down")

    with post.bench.context.storage.begin() as work:
        work.outbox.put(Message(kind="mail", to=STRANGER, subject="a", body="b"), key="k")
    now = post.bench.clock.moment + timedelta(days=1000)
    guarded = past_the_guard(lambda message: let_out(post.bench.context, message), fail)
    for minutes in (0, 10):
        deliver_outbox(guarded, now=now + timedelta(minutes=minutes))
    assert VerdictRecord.objects.count() == 1


def test_without_a_guard_nothing_leaves(post: Post) -> None:
    """A process that was opened without one sends nothing, and says so."""
    bare = replace(post.bench.context, gate=None)
    with pytest.raises(NoGate):
        let_out(bare, Message(kind="mail", to=STRANGER, subject="", body=""))
