"""Who may do what around uses: the person in person, the developer, nobody else."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable

import pytest
from tests.usecases.uses.conftest import REAL_KEY, Uses

from firstlight.adapters.storage.review_queries import DjangoReviewQueries
from firstlight.adapters.storage.use_queries import DjangoUseQueries
from firstlight.core.kernel.errors import FirstlightError, Missing, NotSignedIn, Refused
from firstlight.core.kernel.parties import ANONYMOUS, Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.spending import Counted, Usage
from firstlight.core.review.using import Closing, Outcome
from firstlight.usecases.ports.gateway import KeyUnknown
from firstlight.usecases.queries.reviews import Cut
from firstlight.usecases.reviews import ending, granting
from firstlight.usecases.uses import endpoints, keys, presence, stopping

_DENIED = (Missing, Refused, NotSignedIn)


def strangers(uses: Uses) -> list[Actor]:
    """Everybody else who could knock."""
    review = uses.review
    home = review.reviewer.organisation
    assert home is not None
    colleague = review.join(home, Role.REVIEWER)
    other = review.somebody(OrganisationKind.DEVELOPER, Role.DEVELOPER)
    kinds = {
        Role.COORDINATOR: OrganisationKind.COORDINATOR,
        Role.AUDITOR: OrganisationKind.AUDITOR,
        Role.RESEARCHER: OrganisationKind.PARTNER,
        Role.FINDER: OrganisationKind.FINDER,
    }
    rest = [review.somebody(kind, role) for role, kind in kinds.items()]
    return [ANONYMOUS, colleague, other, review.other_reviewer, review.partner, *rest]


def denied(act: Callable[[], object]) -> bool:
    """Whether it was refused, or does not exist."""
    try:
        act()
    except _DENIED:
        return True
    return False


def test_others_can_do_nothing_with_a_grant(uses: Uses) -> None:
    """No key, no presence, no sight, no stopping; the developer makes no reviewer's key either."""
    engagement = uses.engagement()
    second = uses.second(engagement)
    grant = uses.grant(engagement, seconds=(second.person,))
    context, queries = uses.review.context, DjangoUseQueries()

    def wrong(actor: Actor) -> list[bool]:
        return [
            denied(lambda: keys.make_key(context, actor, grant.id)),
            denied(lambda: presence.begin_presence(context, actor, grant.id)),
            denied(lambda: presence.end_presence(context, actor, grant.id)),
            denied(lambda: queries.access(actor, grant.id, uses.now)),
            denied(lambda: queries.overview(actor, engagement, uses.now)),
            denied(lambda: stopping.halt_everything(context, actor, engagement)),
            denied(lambda: stopping.revoke_everything(context, actor, engagement)),
            denied(lambda: _register(uses, actor, engagement, grant)),
        ]

    for actor in strangers(uses):
        assert all(wrong(actor)), actor.role
        assert not queries.seconded(actor, uses.now)
    assert denied(lambda: keys.make_key(context, uses.review.developer, grant.id))
    assert denied(lambda: keys.make_key(context, second, grant.id))
    assert denied(lambda: presence.begin_presence(context, uses.review.reviewer, grant.id))
    assert [one.grant.id for one in queries.seconded(second, uses.now)] == [grant.id]


def _register(uses: Uses, actor: Actor, engagement: EngagementId, grant: Grant) -> None:
    endpoints.set_endpoint(
        uses.review.context,
        uses.review.vault,
        actor,
        engagement,
        grant.artefact,
        address="https://evil.example",
        key=REAL_KEY,
        prices=None,
    )


def test_each_reads_the_own_uses_and_the_developer_all(uses: Uses) -> None:
    """Two reviewers of one office, one use each."""
    engagement = uses.engagement()
    grant = uses.grant(engagement)
    office = uses.review.reviewer.organisation
    assert office is not None
    colleague = uses.second(engagement)
    other = uses.grant(engagement, person=colleague.person)
    for one, who in ((grant, uses.review.reviewer), (other, colleague)):
        admission = uses.admit(uses.key(one, who))
        uses.desk.open_use(uses.opening(admission))
    queries = DjangoUseQueries()

    def seen(actor: Actor) -> set[object]:
        page = queries.uses(actor, engagement, cursor=None, limit=10)
        return {use.person for use in page.rows}

    assert seen(uses.review.reviewer) == {uses.review.reviewer.person}
    assert seen(colleague) == {colleague.person}
    assert seen(uses.review.developer) == {uses.review.reviewer.person, colleague.person}
    first = queries.uses(uses.review.developer, engagement, cursor=None, limit=1)
    rest = queries.uses(uses.review.developer, engagement, cursor=first.next_cursor, limit=1)
    assert first.rows[0].id != rest.rows[0].id
    assert rest.next_cursor is None


def test_a_key_ends_with_its_grant(uses: Uses) -> None:
    """No new key for a grant that has ended, and the old one opens nothing."""
    grant = uses.grant(uses.engagement())
    key = uses.key(grant)
    granting.revoke_grant(uses.review.context, uses.review.developer, grant.id)
    with pytest.raises(FirstlightError):
        uses.admit(key)
    with pytest.raises(FirstlightError, match="ended"):
        uses.key(grant)


def test_a_replaced_key_is_unknown(uses: Uses) -> None:
    """As if it had never been."""
    grant = uses.grant(uses.engagement())
    old = uses.key(grant)
    new = uses.key(grant)
    with pytest.raises(KeyUnknown):
        uses.desk.admit(old, Dialect.OPENAI_CHAT, uses.now)
    assert uses.admit(new).key_number == 2


def test_the_real_key_is_nowhere_but_in_the_vault(uses: Uses) -> None:
    """Not in the stored row, not in the ledger; destroyed, nobody opens it."""
    engagement = uses.engagement()
    grant = uses.grant(engagement)
    with uses.review.context.storage.look() as work:
        stored = work.endpoints.get(grant.artefact)
        entries = work.ledger.entries(str(engagement), 0, 100)
    assert stored is not None
    assert REAL_KEY.encode() not in stored.sealed_key
    assert not any(REAL_KEY in str(one.entry.to_json()) for one in entries)
    assert endpoints.open_key(uses.review.vault, stored) == REAL_KEY


def test_the_ledger_tells_each_use_twice(uses: Uses) -> None:
    """Opened and closed, in one unbroken sequence, with digests and without content."""
    engagement = uses.engagement()
    key = uses.key(uses.grant(engagement))
    use = uses.desk.open_use(uses.opening(uses.admit(key)))
    closing = Closing(
        at=uses.now,
        outcome=Outcome.COMPLETE,
        reason="",
        status=200,
        response_digest=b"e" * 32,
        response_bytes=7,
        usage=Usage(input_tokens=4, output_tokens=3, counted=Counted.REPORTED),
        cost=7,
    )
    for _ in range(2):
        uses.desk.close_use(use, closing)
    with uses.review.context.storage.look() as work:
        entries = work.ledger.entries(str(engagement), 0, 100)
    first, last = entries[-2].entry, entries[-1].entry
    for entry, step in ((first, "opened"), (last, "closed")):
        assert (entry.action, entry.facts["step"]) == ("review.use", step)
        assert entry.facts["use"] == str(use)
    assert first.facts["request"] == (b"d" * 32).hex()
    assert first.actor == str(uses.review.reviewer.person)
    assert last.facts["response"] == (b"e" * 32).hex()
    assert (last.facts["input_tokens"], last.facts["output_tokens"]) == (4, 3)
    assert [one.entry.sequence for one in entries] == list(range(1, len(entries) + 1))


def test_the_receipt_says_what_came_of_each_grant(uses: Uses) -> None:
    """How often, how much, and what has no end; a grant that nobody used is not in the list."""
    engagement = uses.engagement()
    used, idle = uses.grant(engagement), uses.grant(engagement)
    admission = uses.admit(uses.key(used))
    closed = uses.desk.open_use(uses.opening(admission))
    uses.desk.close_use(closed, _ended(uses))
    uses.desk.open_use(uses.opening(admission))
    review = uses.review
    stored = ending.close(review.context, review.vault, review.developer, engagement)
    (row,) = json.loads(b64decode(json.loads(stored.envelope)["payload"]))["uses"]
    assert row["grant"] == str(used.id) != str(idle.id)
    assert (row["uses"], row["unfinished"], row["tokens"]) == (2, 1, 7)
    report = DjangoReviewQueries().report(review.developer, engagement, Cut.PUBLIC)
    assert report["uses_count"] == 2


def _ended(uses: Uses) -> Closing:
    return Closing(
        at=uses.now,
        outcome=Outcome.COMPLETE,
        reason="",
        status=200,
        response_digest=b"r" * 32,
        response_bytes=2,
        usage=Usage(input_tokens=3, output_tokens=4, counted=Counted.REPORTED),
        cost=None,
    )
