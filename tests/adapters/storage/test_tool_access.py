"""What each reader sees of tools and requests: every role x organisation x scope."""

from __future__ import annotations

from contextlib import suppress
from itertools import product

from tests.core.review import test_tools as made

from firstlight.adapters.storage import samples
from firstlight.adapters.storage.tool_queries import DjangoToolQueries
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.tools.access import ToolUse
from firstlight.core.review.tools.eligibility import Defence
from firstlight.core.review.tools.ids import ToolUseId
from firstlight.core.review.tools.offers import OfferState
from firstlight.usecases.access.rules import Action
from firstlight.usecases.access.table import admits, rule
from firstlight.usecases.tools.step import thing_of

STRANGER, OTHER = samples.fresh(OrganisationId), samples.fresh(OrganisationId)
HOMES = (made.AGENCY, made.HOSPITAL, OTHER, STRANGER, None)
READERS = [
    Actor(role=role, person=samples.fresh(PersonId), organisation=home, scopes=scopes)
    for role, home in product(Role, HOMES)
    for scopes in (
        None,
        frozenset[str](),
        frozenset({"request.read"}),
        frozenset({"tool.read"}),
        frozenset({"tool.read", "tool.offer"}),
    )
]


def test_each_reader_sees_what_the_table_admits(any_storage: DjangoStorage) -> None:
    """By list, by name and by use alike; how to get a tool for whoever offers it only."""
    offer = made.offer(delivery="the secret")
    gone = made.offer(state=OfferState.WITHDRAWN)
    request = made.request(offer=offer.id)
    foreign = made.request(offer=offer.id, organisation=OTHER, person=samples.fresh(PersonId))
    grant = made.grant(request=request.id, offer=offer.id)
    use = ToolUse(
        id=samples.fresh(ToolUseId),
        grant=grant.id,
        person=made.NURSE,
        at=made.NOON,
        purpose=Defence.FIND_FLAWS,
        system="records",
        note="",
    )
    with any_storage.begin() as work:
        for each in (offer, gone):
            work.tools.add_offer(each)
        for asked in (request, foreign):
            work.tools.add_request(asked)
        work.tools.add_grant(grant)
        work.tools.add_use(use)
    queries, cells = DjangoToolQueries(), 0
    for reader in READERS:
        listed = {
            row.request.id: row
            for row in queries.requests(reader, state=None, cursor=None, limit=10).rows
        }
        for asked in (request, foreign):
            may = admits(reader, Action.REQUEST_READ, thing_of(asked, reader.role))
            assert (asked.id in listed) == may, reader
            named = None
            with suppress(Missing):
                named = queries.request(reader, asked.id)
            assert named == listed.get(asked.id)
            uses = queries.uses(reader, asked.id, cursor=None, limit=10).rows
            assert uses == ((use,) if may and asked is request else ())
            cells += 3
        own = reader.organisation == made.AGENCY and rule(reader, Action.TOOL_OFFER).reach > 1
        reads = rule(reader, Action.TOOL_READ).reach > 0
        shown = [row.offer for row in queries.offers(reader, cursor=None, limit=10).rows]
        expected = ([offer.id] + ([gone.id] if own else [])) if reads else []
        assert sorted(each.id for each in shown) == sorted(expected)
        assert ("the secret" in str(shown)) == (own and reads)
        cells += 2
    assert cells == len(READERS) * 8


def test_a_list_is_handed_out_in_pieces(any_storage: DjangoStorage) -> None:
    """Every offer once, newest first, over as many pages as are needed."""
    stored = [made.offer(published_at=samples.later(number % 3)) for number in range(7)]
    with any_storage.begin() as work:
        for each in stored:
            work.tools.add_offer(each)
    queries, found, cursor = DjangoToolQueries(), [], None
    reader = Actor(role=Role.ANONYMOUS)
    while True:
        page = queries.offers(reader, cursor=cursor, limit=2)
        found += [row.offer for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [each.id for each in found] == [
        each.id for each in sorted(stored, key=lambda one: (one.published_at, one.id), reverse=True)
    ]
