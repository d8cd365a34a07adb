"""Deny by default: every address is either on the public list or refuses a stranger."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.browser.world import World

from firstlight.adapters.identity.urls import urlpatterns as identity_patterns
from firstlight.adapters.web.reviews.urls import urlpatterns as review_patterns
from firstlight.adapters.web.urls import PUBLIC
from firstlight.adapters.web.urls import urlpatterns as web_patterns
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.kernel.parties import Role

SIGN_IN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_signup",
        "account_reset_password",
        "account_inactive",
        "mfa_login_webauthn",
    }
)
"""pages of the sign-in library that make sense for strangers only"""

OF_A_CASE = frozenset(
    {
        "case",
        "answer_case",
        "decide_duplicate",
        "propose_patch",
        "move_case",
        "bring_in_maintainer",
        "case_news",
    }
)

NAMES = [
    str(pattern.name)
    for pattern in (*web_patterns, *identity_patterns)
    if pattern.name not in PUBLIC | SIGN_IN
]


OF_A_REVIEW = {
    str(pattern.name): str(pattern.pattern).partition("<str:number>/")[2]
    for pattern in review_patterns
    if "<str:number>" in str(pattern.pattern)
}
"""name to the rest of the address"""


def _of_a_review(world: World, name: str) -> str:
    """Its parts are those of things that exist in the review."""
    parts = {
        "<str:identifier>": {
            "review_grant": world.grant,
            "revoke_grant": world.grant,
            "decide_partner": world.partners["bank"],
            "appeal_partner": world.partners["bank"],
        }.get(name, world.observation),
        "<str:artefact>": "art_" + "0" * 26,
        "<str:which>": "1",
        "<str:cut>": "internal",
        "<str:kind>": "json",
    }
    rest = OF_A_REVIEW[name]
    for part, value in parts.items():
        rest = rest.replace(part, value)
    where = "my-access/terms" if name == "my_terms" else "reviews"
    return f"/{where}/{world.review}/{rest}"


def address(world: World, name: str) -> str:
    """A real address for this name: of a thing that exists, so that only access can refuse."""
    from django.urls import reverse  # noqa: PLC0415  # after Django is set up

    some = {
        "report": world.report,
        "report_document": world.report,
        "validate_report": world.report,
        "report_news": world.report,
        "load_source": "kev",
        **dict.fromkeys(
            ("directive", "record_evidence", "set_duty_aside", "withdraw_evidence"), "2(d)"
        ),
        **dict.fromkeys(("offer", "ask_for_offer", "withdraw_offer"), world.offer),
        "tool_request": world.request,
        "edit_advisory": world.draft,
        "approve_advisory": world.draft,
        "move_advisory": world.draft,
        "vet_organisation": str(world.homes["finder"]),
        "organisation_people": str(world.homes["finder"]),
        "make_link": str(world.people["finder"]),
        **dict.fromkeys(("halt_grant", "lift_grant"), world.grant),
        **dict.fromkeys(
            ("partnership", "appeal_partnership", "partner_advice"), world.partners["bank"]
        ),
        **dict.fromkeys(("oversight_review", "leave_review"), world.engagement),
        **dict.fromkeys(
            ("measurement", "measurement_news", "statement", "run_report", "compare_runs"),
            world.run,
        ),
        "verdict": world.verdict,
        "retry_job": "job_" + "0" * 26,
        **dict.fromkeys(("review_use", "review_use_news", "stop_uses"), "FR-2026-0001"),
        **dict.fromkeys(("my_access_grant", "make_grant_key", "be_present"), "grt_" + "0" * 26),
        "revoke_token": "tok_" + "0" * 26,
        **dict.fromkeys(("review_documents", "upload_document"), "FR-2026-0001"),
        "ask_copy": "doc_" + "0" * 26,
        "document_copy": "dld_" + "0" * 26,
        "mfa_remove_webauthn": 1,
        "mfa_edit_webauthn": 1,
    }
    several = {
        "register_endpoint": ["FR-2026-0001", "art_" + "0" * 26],
        "tool_request_step": [world.request, "answer"],
        "move_webhook": ["desk", "pause"],
        "decide_verdict": [world.verdict, "release"],
        "run_task": [world.run, "one"],
        "oversight_file": [world.engagement, "json"],
    }
    if name in some or name in several:
        return reverse(name, args=several.get(name) or [some[name]])
    if name == "draft_advisory":
        lead = world.actor("lead", Role.COORDINATOR)
        return reverse(name, args=[str(world.queries.case_by_number(lead, world.case).id)])
    if name in OF_A_REVIEW:
        return _of_a_review(world, name)
    if name in OF_A_CASE:
        return reverse(name, args=[world.case])
    return reverse(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_refused(world: World, stranger: Client, name: str, method: str) -> None:
    """To sign-in, 401, 403, or no such way; never a page."""
    where = address(world, name)
    response = getattr(stranger, method)(where)
    if response.status_code == 302:
        assert response.headers["Location"].startswith("/account/login/")
    else:
        assert response.status_code in {401, 403, 405}, where


@pytest.mark.parametrize("name", sorted(PUBLIC - {"static", "sign_in_link", "advisory"}))
def test_the_public_list_is_really_public(world: World, stranger: Client, name: str) -> None:
    """A name on the list that refuses strangers would hide a mistake in the list."""
    assert stranger.get(address(world, name)).status_code == 200


def test_a_stranger_reads_published_advisories_only(world: World, stranger: Client) -> None:
    """The draft does not even exist for them."""
    assert stranger.get(f"/advisories/{world.advisory}/").status_code == 200
    assert stranger.get(f"/advisories/{world.draft}/").status_code == 404


def test_every_address_belongs_to_a_known_door() -> None:
    """An address outside the walked lists would escape the walk; the API has a walk of its own."""

    def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield str(pattern.name)
            elif "firstlight.adapters.api" not in str(pattern.urlconf_name):
                yield from names(pattern.url_patterns)

    assert set(names(get_resolver().url_patterns)) == set(NAMES) | PUBLIC | SIGN_IN


@pytest.mark.parametrize("who", ["finder", "maintainer", "operator", "auditor", "asker"])
@pytest.mark.parametrize(
    "name",
    [
        "vet_organisation",
        "organisation_people",
        "make_link",
        "approve_advisory",
        "move_case",
        "bring_in_maintainer",
        "load_source",
        "record_evidence",
        "set_duty_aside",
        "withdraw_evidence",
        "stop_uses",
        "register_endpoint",
        "make_grant_key",
        "be_present",
        "new_offer",
        "withdraw_offer",
        "tool_request_step",
        "enter_register",
        "leave_register",
    ],
)
def test_a_role_without_the_right_is_refused(
    world: World, signed_in: Callable[[str], Client], who: str, name: str
) -> None:
    """Signed in is not enough: the access table decides, and nothing changes."""
    before = entries(world)
    client = signed_in(who)
    entered = entries(world)
    data = {"decision": "vet", "role": "coordinator", "name": "x", "email": "x@example.org"}
    data |= {"move": "close", "organisation": str(world.homes["maintainer"])}
    data |= {"reason": "x", "version": "1", "at_once": "1"}
    assert client.post(address(world, name), data).status_code in {403, 404}
    assert entered == before + 2, "coming in by a link is two entries"
    assert entries(world) == entered


def entries(world: World) -> int:
    """How many steps the ledger holds."""
    with world.context.storage.begin() as work:
        return work.ledger.size()


def test_a_finder_does_not_see_the_report_of_another(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    """A report of an organisation is there for it, and not there for the others."""
    lead = world.actor("lead", Role.COORDINATOR)
    rows = world.queries.findings(lead, case=None, cursor=None, limit=50).rows
    false = next(row for row in rows if row.title == "A flaw that is not there")
    assert signed_in("finder").get(f"/reports/{false.id}/").status_code == 200
    assert signed_in("other").get(f"/reports/{false.id}/").status_code == 404
    assert signed_in("other").get(f"/reports/{false.id}/document/").status_code == 404


def test_an_unvetted_person_sees_what_the_public_sees(signed_in: Callable[[str], Client]) -> None:
    """Signed in, told to wait, and refused everywhere else."""
    client = signed_in("asker")
    assert "has not been vetted" in client.get("/").content.decode()
    for where in ("/cases/", "/reports/", "/ledger/", "/jobs/", "/organisations/"):
        assert client.get(where).status_code == 403


def test_errors_are_of_one_tree() -> None:
    """Each status is given by the error's class; an unknown kind is a 500."""
    from firstlight.adapters.web.errors import status_of  # noqa: PLC0415  # needs Django
    from firstlight.core.kernel import errors  # noqa: PLC0415

    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    statuses = {one.__name__: status_of(one()) for one in kinds if issubclass(one, FirstlightError)}
    assert statuses["NotSignedIn"] == 401
    assert statuses["TooMany"] == 429
    assert statuses["TooLarge"] == 413
    assert statuses["SandboxUnavailable"] == 503
    assert statuses["FirstlightError"] == 500
    assert set(statuses.values()) == {400, 401, 403, 404, 409, 413, 429, 500, 503}
