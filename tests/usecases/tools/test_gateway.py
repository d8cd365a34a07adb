"""A rural hospital's administrator uses an offered model through the gateway, over real HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.gateway.endpoint import running
from starlette.testclient import TestClient
from tests.adapters.gateway.plain import body, head
from tests.usecases.conftest import Bench
from tests.usecases.tools.conftest import Tools, make_tools
from tests.usecases.uses.conftest import NEW_ENDPOINT, REAL_KEY, make_uses

from firstlight.adapters.gateway.app import Gateway
from firstlight.adapters.gateway.static_service import LOOPBACK, only_this_machine
from firstlight.adapters.storage.tool_queries import DjangoToolQueries
from firstlight.core.review.artefacts import Safeguards
from firstlight.core.review.grants import Budget
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.tools.access import ToolGrant
from firstlight.core.review.tools.offers import Endpoint, OfferKind
from firstlight.usecases.reviews import arranging
from firstlight.usecases.tools import deciding, models
from firstlight.usecases.uses import endpoints, keys

TWO = Budget(requests=2, tokens=None, money=None)


def granted(tools: Tools, engagement: EngagementId, address: str) -> ToolGrant:
    """The developer's endpoint with its real key, offered, asked for and granted."""
    context, developer = tools.review.context, tools.review.developer
    new = replace(NEW_ENDPOINT, safeguards=Safeguards.SHIPPED, models=("recorded",))
    artefact = arranging.add_artefact(context, developer, engagement, new)
    endpoints.set_endpoint(
        context,
        tools.review.vault,
        developer,
        engagement,
        artefact.id,
        address=address,
        key=REAL_KEY,
        prices=None,
    )
    place = Endpoint(engagement=engagement, artefact=artefact.id, budget=TWO)
    offer = tools.offered(developer, kind=OfferKind.MODEL, delivery="", endpoint=place)
    given = tools.answered(tools.asked(offer), "grant", developer).grant
    assert given is not None
    return given


def accept(tools: Tools, given: ToolGrant) -> None:
    """The terms, in person."""
    model = DjangoToolQueries().request(tools.hospital, given.request).model
    assert model is not None
    assert model.terms is not None
    context, seen = tools.review.context, model.terms.digest
    models.accept_model_terms(context, tools.hospital, given.request, digest_seen=seen)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_hospital_uses_an_offered_model(bench: Bench, *, streamed: bool) -> None:
    """With its own key, after the terms, within the budget, each use in the engagement's record."""
    tools = make_tools(bench)
    uses = make_uses(tools.review)
    context, developer = tools.review.context, tools.review.developer
    engagement = uses.engagement()
    with running() as upstream:
        given = granted(tools, engagement, upstream.url)
        assert given.through is not None
        key = keys.make_key(context, tools.hospital, given.through).key
        gateway = Gateway(
            uses.desk,
            clock=context.clock,
            mint=context.mint,
            allow=[LOOPBACK],
            rule=only_this_machine,
        )
        with TestClient(gateway.app) as client:

            def ask() -> tuple[int, bytes]:
                content = body("recorded", stream=streamed)
                answer = client.post("/v1/chat/completions", content=content, headers=head(key))
                return answer.status_code, answer.content

            status, said = ask()
            assert status == 403
            assert b"terms" in said
            accept(tools, given)
            for _ in range(2):
                status, said = ask()
                assert status == 200
                assert REAL_KEY.encode() not in said
            assert ask()[0] == 429
            assert [one.all("authorization") for one in upstream.seen] == [
                [f"Bearer {REAL_KEY}"],
                [f"Bearer {REAL_KEY}"],
            ]
            deciding.revoke(context, developer, given.id, reason="The key was passed on.")
            assert ask()[0] in {401, 403}
        assert len(upstream.seen) == 2
    with context.storage.begin() as work:
        entries = [one.entry for one in work.ledger.entries(str(engagement), 0, 1000)]
    steps = [one.facts["step"] for one in entries if "step" in one.facts]
    assert steps == ["opened", "closed", "opened", "closed"]
    assert [one.sequence for one in entries] == list(range(1, len(entries) + 1))
