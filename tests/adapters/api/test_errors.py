"""One shape for every failure: problem details with a stable code, a sentence and a hint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.adapters.api.conftest import Installation, report
from tests.adapters.api.test_story import reported

from firstlight.adapters.api import problems
from firstlight.adapters.api import services as api
from firstlight.core.kernel import errors
from firstlight.core.kernel.parties import Role

if TYPE_CHECKING:
    from django.http import HttpResponse

FIELDS = ["type", "title", "status", "detail", "code", "hint", "details", "instance"]


def problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document, checked for its shape."""
    assert response.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(response.content)
    assert list(told) == FIELDS
    assert (response.status_code, told["status"], told["code"]) == (status, status, code)
    assert told["type"] == f"urn:firstlight:problem:{code}"
    assert told["title"]
    assert told["detail"]
    assert told["hint"]
    assert told["instance"].startswith("/api/v1/")
    assert response.headers["Cache-Control"] == "no-store"
    return told


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotSignedIn(), 401),
        (errors.Refused(), 403),
        (errors.Missing(), 404),
        (errors.Conflict(), 409),
        (errors.MoveNotAllowed(), 409),
        (errors.TooLarge(), 413),
        (errors.TooMany(), 429),
        (errors.Invalid(), 400),
        (errors.DuplicateKey(), 400),
        (errors.Unavailable(), 503),
        (errors.SandboxUnavailable(), 503),
        (problems.Unexpected(), 500),
    ],
)
def test_a_parent_decides_the_status(error: errors.FirstlightError, status: int) -> None:
    """Each branch of the error tree has one status; children follow their parents."""
    assert problems.status_of(error) == status
    assert status in problems.TITLES


def test_not_signed_in(on_sqlite: Installation) -> None:
    """Without a token: 401, and the scheme to use."""
    response = on_sqlite.caller(Role.ANONYMOUS).get("/cases")
    problem(response, 401, "access.not_signed_in")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_opens_nothing(on_sqlite: Installation) -> None:
    """A wrong token is told apart from none, by its code."""
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    response = stranger.get("/cases", headers={"Authorization": "Bearer flt_" + "x" * 43})
    problem(response, 401, "access.bad_token")


def test_a_session_cookie_opens_nothing(on_sqlite: Installation) -> None:
    """Whoever is signed in to the portal is nobody here: only a bearer token speaks."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415  # needs Django

    caller = on_sqlite.caller(Role.COORDINATOR)
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    person = get_user_model().objects.get(pk=str(caller.actor.person))
    stranger.client.force_login(
        person, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert stranger.client.cookies
    problem(stranger.get("/cases"), 401, "access.not_signed_in")


def test_a_role_that_may_not(on_sqlite: Installation) -> None:
    """An operator lists no cases."""
    problem(on_sqlite.caller(Role.OPERATOR).get("/cases"), 403, "access.refused")


def test_a_scope_that_the_token_does_not_have(on_sqlite: Installation) -> None:
    """The role may, the token may not."""
    caller = on_sqlite.newcomer(Role.COORDINATOR, frozenset({"finding.submit"}))
    problem(caller.get("/cases"), 403, "access.refused")


@pytest.mark.parametrize(
    "path", ["/cases/FL-2026-9999", "/cases/cas_0", "/reports/nonsense", "/advisories/adv_%00"]
)
def test_what_is_not_there(on_sqlite: Installation, path: str) -> None:
    """Unknown and malformed names look the same: there is nothing."""
    problem(on_sqlite.caller(Role.COORDINATOR).get(path), 404, "state.missing")


def test_no_such_address(on_sqlite: Installation) -> None:
    """Below the prefix every address answers in the same shape."""
    for path in ("/nothing", "/cases/x/y/z", "/", "/openapi.json/"):
        response = on_sqlite.caller(Role.ANONYMOUS).get(path)
        problem(response, 404, "request.no_such_address")


def test_a_method_that_is_not_known(on_sqlite: Installation) -> None:
    """405 names the methods that are."""
    response = on_sqlite.caller(Role.ANONYMOUS).call("DELETE", "/reports")
    problem(response, 405, "request.method_not_allowed")
    assert response.headers["Allow"] == "GET, POST, HEAD"


def test_a_body_beyond_the_limit(on_sqlite: Installation) -> None:
    """413 by the announced length alone; what follows it is not read."""
    caller = on_sqlite.caller(Role.COORDINATOR)
    limit = api.Limits().json_bytes
    body = b'{"answers": {}, "reason": "' + b"x" * limit + b'"}'
    told = problem(
        caller.post("/cases/FL-2026-0001/assessment", body), 413, "request.body_too_large"
    )
    assert told["details"]["limit"] == limit
    huge = caller.post("/reports", b"{}", CONTENT_LENGTH=str(1 << 40))
    problem(huge, 413, "request.body_too_large")


def test_a_body_of_unknown_length(on_sqlite: Installation) -> None:
    """A chunked body without a length is refused, not read as empty."""
    caller = on_sqlite.caller(Role.ANONYMOUS)
    response = caller.post(
        "/reports", b"", CONTENT_LENGTH="", headers={"Transfer-Encoding": "chunked"}
    )
    problem(response, 411, "request.length_required")


def test_a_body_of_another_type(on_sqlite: Installation) -> None:
    """415 names what is read."""
    caller = on_sqlite.caller(Role.COORDINATOR)
    told = problem(
        caller.call("POST", "/reports", b"<x/>", content_type="application/xml"),
        415,
        "request.unsupported_type",
    )
    assert "application/json" in told["details"]["accepted"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "input.malformed_json"),
        (b'{"reason": "a", "reason": "b"}', "input.duplicate_key"),
        (b'{"reason": "\xff"}', "input.bad_encoding"),
        (b'{"reason": NaN}', "input.bad_number"),
        (b"[" * 100, "input.too_deep"),
        (b"[]", "input.invalid"),
    ],
)
def test_a_body_that_cannot_be_read(on_sqlite: Installation, body: bytes, code: str) -> None:
    """Broken JSON says how it is broken."""
    number = reported(on_sqlite, on_sqlite.caller(Role.FINDER), "one")
    response = on_sqlite.caller(Role.COORDINATOR).post(f"/cases/{number}/assessment", body)
    assert json.loads(response.content)["code"] == code
    problem(response, response.status_code, code)
    assert response.status_code in {400, 413}


def test_a_body_that_is_not_as_described(on_sqlite: Installation) -> None:
    """422 names each place; values are not repeated."""
    secret = "secret-value-in-the-wrong-place"
    told = problem(
        on_sqlite.caller(Role.COORDINATOR).post(
            "/cases/FL-2026-0001/assessment", {"answers": secret, "extra": secret}
        ),
        422,
        "request.not_as_described",
    )
    places = {fault["place"] for fault in told["details"]["faults"]}
    assert places == {"body.body.answers", "body.body.reason", "body.body.extra"}
    assert secret not in json.dumps(told)


def test_a_parameter_that_is_not_as_described(on_sqlite: Installation) -> None:
    """422 for a query parameter, with its place."""
    told = problem(
        on_sqlite.caller(Role.COORDINATOR).get("/cases?limit=0&state=nonsense"),
        422,
        "request.not_as_described",
    )
    assert {fault["place"] for fault in told["details"]["faults"]} == {"query.limit", "query.state"}


def test_too_many_anonymous_reports(on_sqlite: Installation) -> None:
    """After the tenth within the hour: 429 with the seconds to wait."""
    stranger = on_sqlite.caller(Role.ANONYMOUS)
    for number in range(10):
        assert stranger.post("/reports", report(f"report {number}")).status_code == 201
    response = stranger.post("/reports", report("one more"))
    problem(response, 429, "access.too_many")
    assert 0 < int(response.headers["Retry-After"]) <= 3601


def test_a_part_that_does_not_work(on_sqlite: Installation) -> None:
    """Without its parts the API says 503, in the same shape."""
    held = list(api._held)
    api._held.clear()
    try:
        response = on_sqlite.callers.get(Role.ANONYMOUS) or on_sqlite.newcomer(Role.ANONYMOUS)
        problem(response.get("/cases"), 503, "api.not_configured")
    finally:
        api._held.extend(held)


def test_something_that_breaks(on_sqlite: Installation, caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected error is told to the log with everything, to the asker with nothing."""
    broken = _Broken()
    api.configure(_with_jobs(on_sqlite.parts, broken))
    response = on_sqlite.caller(Role.ANONYMOUS).get("/ready")
    problem(response, 500, "service.unexpected")
    assert b"boom" not in response.content
    assert "boom" in caplog.text


def _with_jobs(parts: api.Services, jobs: object) -> api.Services:
    from dataclasses import replace  # noqa: PLC0415  # one place

    return replace(parts, jobs=jobs)  # type: ignore[arg-type]  # broken on purpose


class _Broken:
    def counts(self) -> None:
        """Breaks as no part of ours does."""
        raise ZeroDivisionError("boom")


@pytest.mark.parametrize("query", ["stat=open", "state=open&state=closed", "%00=1", "limit=1&&x"])
def test_a_parameter_that_is_not_known_or_doubled(on_sqlite: Installation, query: str) -> None:
    """A misspelt filter is refused: passed over, the answer would be taken for filtered."""
    response = on_sqlite.caller(Role.COORDINATOR).get(f"/cases?{query}")
    problem(response, 422, "request.not_as_described")
