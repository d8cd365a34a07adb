"""Who is told what: stored with the change, spread to people and webhooks, nothing confidential."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.usecases.documents.conftest import Shelf, make_shelf
from tests.usecases.reviews.conftest import Review

from firstlight.adapters.storage.document_queries import DjangoNoticeQueries
from firstlight.adapters.storage.models import OutboxMessage
from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.errors import (
    Conflict,
    Invalid,
    Missing,
)
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.coverage import Determination
from firstlight.core.review.criteria import CRITERIA, NEWEST, Sector
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.model import DeveloperSize
from firstlight.core.review.notices import Event, Notice, endings
from firstlight.core.review.window import Audience, Window
from firstlight.usecases.notices import webhooks
from firstlight.usecases.notices.spreading import spread
from firstlight.usecases.ports import Message
from firstlight.usecases.ports.sealed import VaultUnusable
from firstlight.usecases.reviews import advising, arranging, ending, granting, opening, partnering
from firstlight.usecases.reviews.sweeping import sweep

if TYPE_CHECKING:
    from tests.usecases.conftest import Bench

BASE = "https://firstlight.example.org"
SECRET = "Geheimnis"


def taken(kind: str = "notice") -> list[Message]:
    """The messages of a kind that wait, taken out."""
    rows = OutboxMessage.objects.filter(kind=kind).order_by("next_at", "key")
    found = [Message(kind=r.kind, to=r.to, subject=r.subject, body=r.body) for r in rows]
    rows.delete()
    return found


def told(review: Review, act: Callable[[], object]) -> set[tuple[str, str]]:
    """Which events a step tells, and whom; nothing that a person wrote is in any message."""
    taken()
    act()
    found = set()
    for message in taken():
        notice = Notice.from_json(json.loads(message.body))
        found.add((notice.event.value, _side(review, notice)))
        spread(review.context, review.accounts, BASE, message)
        assert SECRET not in message.body
    for mail in taken("mail"):
        assert SECRET not in mail.subject + mail.body
        assert "Model X" not in mail.subject + mail.body
        assert BASE in mail.body
    return found


def _side(review: Review, notice: Notice) -> str:
    for name in ("developer", "reviewer", "other_reviewer", "partner"):
        actor: Actor = getattr(review, name)
        if actor.organisation == notice.recipient.organisation:
            return f"{name} in person" if notice.recipient.person else name
    return "somebody else"


def test_asking_and_answering_tells_the_other_side(review: Review) -> None:
    """A request, an office taken in, the question of coverage and its answer; nobody else."""
    context, accounts = review.context, review.accounts
    developer, reviewer = review.developer, review.reviewer
    assert developer.organisation
    assert reviewer.organisation
    home = reviewer.organisation

    def ask() -> object:
        return opening.request_review(
            context,
            accounts,
            reviewer,
            developer=developer.organisation,  # type: ignore[arg-type]  # asserted above
            name="Model X",
            version="1.0",
            words=SECRET,
        )

    assert told(review, ask) == {("review.requested", "developer")}
    identifier = review.opened().id

    def decide(office: object, move: str) -> Callable[[], object]:
        return lambda: arranging.decide_office(
            context,
            accounts,
            developer,
            identifier,
            office=office,  # type: ignore[arg-type]  # an organisation
            move=move,
            words=SECRET,
        )

    assert told(review, decide(home, "admit")) == {("office.admitted", "reviewer")}

    def question() -> object:
        return opening.ask_coverage(
            context,
            accounts,
            developer,
            name="Model X",
            version="1.0",
            size=DeveloperSize.SMALL,
            text=SECRET,
            office=home,
        )

    assert told(review, question) == {("review.question", "reviewer")}
    answer = opening.Answer(determination=Determination.COVERED, statement=SECRET)
    assert told(review, lambda: opening.answer_coverage(context, reviewer, identifier, answer)) == {
        ("review.answered", "developer")
    }


def test_what_is_given_and_said_tells_the_person_and_the_sides(review: Review) -> None:
    """Terms, grants, windows, suspensions, observations and responses."""
    context = review.context
    developer, reviewer = review.developer, review.reviewer
    identifier = review.opened().id
    card = review.endpoint(identifier)
    review.admit(identifier, reviewer)

    def terms() -> object:
        return arranging.set_terms(context, developer, identifier, changes={})

    assert told(review, terms) == set(), "nobody holds a grant yet"
    review.accept(identifier, reviewer)
    person = ("reviewer in person",)
    assert told(review, lambda: review.grant(identifier, card)) == {("grant.given", *person)}
    assert told(review, terms) == {("terms.changed", *person)}
    grants = _grants(review, identifier)

    def window(act: Callable[..., object], **named: object) -> Callable[[], object]:
        return lambda: act(context, developer, identifier, **named)

    offices = {"audience": Audience.OFFICES}
    assert told(review, window(arranging.set_window, days=10, **offices)) == {
        ("window.set", "reviewer")
    }
    assert told(review, window(arranging.extend_window, days=2, **offices)) == {
        ("window.extended", "reviewer")
    }

    def halt() -> object:
        return granting.suspend_grant(
            context, reviewer, grants[0].id, reason=SECRET, conditions=SECRET
        )

    concerned = {"developer", "reviewer in person"}
    assert told(review, halt) == {("grant.suspended", each) for each in concerned}
    assert told(
        review, lambda: granting.restore_grant(context, reviewer, grants[0].id, note=SECRET)
    ) == {("grant.restored", each) for each in concerned}

    def observe() -> object:
        return advising.observe(context, reviewer, identifier, title=SECRET, text=SECRET)

    assert told(review, observe) == {("observation.written", "developer")}
    with context.storage.begin() as work:
        (observation,) = work.observations.of_engagement(identifier)
    assert told(
        review,
        lambda: advising.respond(context, developer, observation.id, wording=1, text=SECRET),
    ) == {("observation.answered", "reviewer")}


def test_selecting_partners_tells_both_sides_and_the_partner(review: Review) -> None:
    """Proposed, refused, appealed against, granted, ended."""
    context, accounts = review.context, review.accounts
    developer, reviewer = review.developer, review.reviewer
    identifier = review.opened().id
    review.admit(identifier, reviewer)

    def propose() -> object:
        return partnering.propose_partner(
            context,
            accounts,
            developer,
            identifier,
            organisation=review.partner.organisation,  # type: ignore[arg-type]  # asserted above
            sector=Sector.ENERGY,
            meets=dict.fromkeys(CRITERIA[NEWEST].items, SECRET),
        )

    everyone = {"developer", "reviewer", "partner"}
    assert told(review, propose) == {("partner.proposed", each) for each in everyone}
    with context.storage.begin() as work:
        (partner,) = work.partners.of_engagement(identifier)

    def select(actor: Actor, move: str) -> Callable[[], object]:
        return lambda: partnering.decide_partner(
            context, actor, partner.id, move=move, reason=SECRET
        )

    assert told(review, select(reviewer, "refuse")) == {
        ("partner.refused", each) for each in everyone
    }
    assert told(
        review, lambda: partnering.appeal(context, review.partner, partner.id, text=SECRET)
    ) == {("partner.appealed", "reviewer")}
    assert told(review, select(reviewer, "grant-appeal")) == {
        ("partner.answered", each) for each in everyone
    }
    assert told(review, select(developer, "end")) == {("partner.ended", each) for each in everyone}


def test_the_end_tells_those_whose_access_ends(review: Review) -> None:
    """Revoked, left, stopped, withdrawn, closed, destroyed."""
    context, developer = review.context, review.developer
    engagement, grant = review.running()
    identifier, card = engagement.id, engagement.artefacts[0]
    person = ("reviewer in person",)
    review.admit(identifier, review.other_reviewer)
    assert told(
        review,
        lambda: granting.revoke_grant(context, developer, grant.id, reason=SECRET),
    ) == {("grant.revoked", *person)}
    assert told(
        review,
        lambda: arranging.leave(context, review.other_reviewer, identifier, words=SECRET),
    ) == {("office.left", "developer")}
    review.grant(identifier, card)
    assert told(review, lambda: arranging.stop_window(context, developer, identifier)) == {
        ("window.stopped", "reviewer")
    }
    assert told(review, lambda: ending.withdraw(context, developer, identifier, reason=SECRET)) == {
        ("review.withdrawn", "reviewer"),
        ("grant.ended", *person),
    }
    assert told(review, lambda: ending.close(context, review.vault, developer, identifier)) == {
        ("review.closed", "reviewer"),
        ("review.destroyed", "developer"),
    }


def _grants(review: Review, identifier: EngagementId) -> Sequence[Grant]:
    with review.context.storage.begin() as work:
        return work.grants.of_engagement(identifier)


def test_a_step_that_fails_tells_nothing(review: Review) -> None:
    """Notice and change are one unit of work."""
    identifier = review.opened().id
    taken()
    with pytest.raises(Missing):
        arranging.remove_artefact(
            review.context, review.developer, identifier, ArtefactId.mint(1, b"0" * 10)
        )
    with pytest.raises(Invalid):
        arranging.set_window(
            review.context, review.developer, identifier, audience=Audience.OFFICES, days=0
        )
    assert taken() == []


def test_people_of_the_side_get_mail_once(review: Review) -> None:
    """Everybody of it, but not who did it, who left, or who wants none; twice spread is once."""
    context, accounts = review.context, review.accounts
    assert review.developer.organisation
    assert review.developer.person
    colleague = review.join(review.developer.organisation, Role.DEVELOPER)
    gone = review.join(review.developer.organisation, Role.DEVELOPER)
    silent = review.join(review.developer.organisation, Role.DEVELOPER)
    assert gone.person
    with context.storage.begin():
        accounts.end_memberships(gone.person, review.developer.organisation, review.now)
    webhooks.set_mail(context, silent, wanted=False)
    engagement, grant = review.running()
    taken()
    granting.suspend_grant(context, review.developer, grant.id, reason="r", conditions="c")
    for message in taken():
        spread(context, accounts, BASE, message)
        spread(context, accounts, BASE, message)
    mails = taken("mail")
    assert colleague.person
    assert review.reviewer.person
    wanted = [accounts.person(one).email for one in (colleague.person, review.reviewer.person)]
    assert sorted(mail.to for mail in mails) == sorted(wanted)
    assert all(engagement.number in mail.subject for mail in mails)
    webhooks.set_mail(context, silent, wanted=True)
    assert DjangoNoticeQueries().wants_mail(silent)


@pytest.fixture
def shelf(bench: Bench) -> Shelf:
    """A review with a system card."""
    return make_shelf(bench)


def test_windows_are_announced_and_closes_finish_by_themselves(shelf: Shelf) -> None:
    """Nobody does anything; three days before, after, and when retention and hold are over."""
    review, identifier = shelf.review, shelf.engagement.id
    context, vault = review.context, review.vault
    shelf.upload()

    def swept() -> set[str]:
        taken()
        done = sweep(context, vault)
        assert done.failed == {}
        first = {message.subject for message in taken()}
        assert sweep(context, vault).finished == 0
        return first

    assert swept() == set()
    review.turn(days=8)
    assert swept() == {"window.ends-soon"}
    review.turn(days=2, seconds=1)
    assert swept() == {"window.ended"}
    arranging.set_hold(
        context, review.developer, identifier, retention_days=3, legal_hold="A court asks"
    )
    first = ending.close(context, vault, review.developer, identifier)
    assert not first.destroyed
    assert swept() == set()
    review.turn(days=4)
    assert swept() == set(), "the hold stands, although the time is over"
    assert vault.exists(str(identifier))
    arranging.set_hold(context, review.developer, identifier, retention_days=3, legal_hold="")
    assert swept() == {"review.destroyed"}
    assert not vault.exists(str(identifier))
    with context.storage.begin() as work:
        receipts = work.engagements.receipts(identifier)
    assert [one.destroyed for one in receipts] == [False, True]
    with pytest.raises(Conflict, match="destroyed already"):
        arranging.set_hold(
            context, review.developer, identifier, retention_days=9, legal_hold="too late"
        )


def test_an_announcement_is_made_once(shelf: Shelf) -> None:
    """Each round looks again, and the outbox keeps what was told of which end."""
    shelf.review.turn(days=8)
    taken()
    for _ in range(3):
        sweep(shelf.review.context, shelf.review.vault)
    sides = [message.to for message in taken()]
    assert len(sides) == len(set(sides)) == 2


def test_a_crash_in_the_close_is_finished_by_the_sweep(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed, key destroyed, and no receipt yet: the next round signs one, with all in it."""
    review, identifier = shelf.review, shelf.engagement.id
    document = shelf.upload()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ending, "_sign", die)
        with pytest.raises(KeyboardInterrupt):
            ending.close(review.context, review.vault, review.developer, identifier)
    with review.context.storage.begin() as work:
        assert work.engagements.receipts(identifier) == ()
    assert sweep(review.context, review.vault).finished == 1
    with review.context.storage.begin() as work:
        (receipt,) = work.engagements.receipts(identifier)
    said = json.loads(base64.b64decode(json.loads(receipt.envelope)["payload"]))
    assert said["destroyed"]["keys"] == [document.sealed_with]


def test_a_vault_that_fails_is_tried_again(shelf: Shelf) -> None:
    """A close that cannot be finished is named, and finished when the vault is back."""
    review = shelf.review
    shelf.upload()
    folder = review.bench.zone.parent / "sealed-keys"
    folder.rename(folder.with_name("away"))
    folder.write_text("in the way", encoding="ascii")
    with pytest.raises(VaultUnusable):
        ending.close(review.context, review.vault, review.developer, shelf.engagement.id)
    done = sweep(review.context, review.vault)
    assert dict(done.failed) == {shelf.engagement.id: "vault.unusable"}
    folder.unlink()
    folder.with_name("away").rename(folder)
    assert sweep(review.context, review.vault).finished == 1


@pytest.mark.parametrize(("days", "events"), [(3, 0), (4, 1), (30, 1)])
def test_a_short_window_is_not_announced_to_end_soon(days: int, events: int) -> None:
    """It was set less than three days ago; everybody knows."""
    start = Instant.parse("2026-11-02T09:00:00Z")
    period = Period(start=start, end=start.plus(timedelta(days=days)))
    window = Window(
        audience=Audience.OFFICES,
        period=period,
        planned_end=period.end,
        set_by=PersonId.mint(1, b"0" * 10),
        set_at=start,
    )
    before = start.plus(timedelta(days=days - 1))
    found = [each.event for each in endings([window], before)]
    assert found == [Event.WINDOW_SOON] * events
    assert [each.event for each in endings([window], period.end)] == [Event.WINDOW_ENDED]
    assert list(endings([window], period.end.plus(timedelta(days=3)))) == []
