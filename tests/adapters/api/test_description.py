"""The API does what its description says: schemathesis over every operation, with real data."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.adapters.api.conftest import Installation, _configured, report
from tests.adapters.api.reviews import OBSERVATION, Desk
from tests.adapters.api.sealed import a_review
from tests.adapters.api.test_floods import sent
from tests.adapters.api.test_gates import ACTIONS
from tests.adapters.api.test_story import good, reported
from tests.adapters.api.test_tools import asked
from tests.databases import fresh_sqlite
from tests.review_parts import HOOK
from tests.usecases.measurements.runs import ended_in

from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.table import TABLE

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
]
EXAMPLES = 12
CANNOT_BE_BROKEN = {
    "uploadDocument",
    "submitReport",
    "loadSource",
    "sendImportBytes",
    "proposePatch",
    "readLedger",
    "exportLedger",
}
"""documents, whose media types describe no shape; and lists, of which one number is one on the
wire"""


@pytest.fixture(scope="module")
def filled(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, BaseSchema, dict[str, str]]]:
    """An installation with a case, an advisory and a patch; its description; their names."""
    folder = tmp_path_factory.mktemp("filled")
    with fresh_sqlite(sqlite_template, folder), _configured(folder) as made:
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415  # needs Django

        finder, coordinator = made.caller(Role.FINDER), made.caller(Role.COORDINATOR)
        case = reported(made, finder, "one")
        advisory = good(coordinator.post(f"/cases/{case}/advisory"), 201)
        row = good(coordinator.get("/reports"))["items"][0]
        names = {
            "case": case,
            "advisory": str(advisory["id"]),
            "finding": str(row["id"]),
            "job": f"job_{'0' * 26}",
            "section": "2(d)",
            **reviewed(made),
            **_sealed(made),
            **tools_in(made),
            **measured(made),
            **flooded(made),
        }
        app = get_wsgi_application()
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
        yield made, schema, names


def flooded(made: Installation) -> dict[str, str]:
    """Names of a file of one record, and of its candidate."""
    coordinator = made.caller(Role.COORDINATOR)
    batch = sent(made, coordinator, b'{"title": "A flaw that a scanner found, at some length"}')
    listed = good(coordinator.get("/candidates"))["items"]
    return {"batch": batch, "candidate": str(listed[0]["id"])}


def _sealed(made: Installation) -> dict[str, str]:
    """Names of a review with a document that was read, and of a webhook."""
    review, card = a_review(made)
    developer = made.caller(Role.DEVELOPER)
    place = f"/reviews/{review.number}/artefacts/{card.id}/documents?name=card.md"
    sent = good(developer.post(place, b"# A card", content_type="text/markdown"), 201)
    listed = good(made.caller(Role.REVIEWER).post(f"/documents/{sent['id']}/copies"), 201)
    url = {"url": f"https://{HOOK}/in"}
    good(developer.call("PUT", "/notices/webhooks/desk", url))
    return {
        "review": review.number,
        "artefact": str(card.id),
        "document": sent["id"],
        "download": listed["id"],
        "code": "FLM-0000-0000-0000-0000",
        "webhook": "desk",
    }


def reviewed(made: Installation) -> dict[str, str]:
    """A running review of a developer, an office and a partner; its names."""
    desk = Desk(made)
    review, grant = desk.running()
    observed = desk.reviewer.post(f"/reviews/{review['id']}/observations", OBSERVATION)
    return {
        "review": str(review["id"]),
        "grant": str(grant["id"]),
        "partner": str(desk.proposed(review["id"])["id"]),
        "observation": str(good(observed, 201)["id"]),
        "artefact": str(review["artefacts"][0]["id"]),
        "office": str(desk.reviewer.actor.organisation),
    }


def whoever_may(name: str) -> Role:
    """A role that passes the operation's gate, so that what lies behind it is tried."""
    action = ACTIONS.get(name)
    roles = (Role.COORDINATOR, Role.DEVELOPER, Role.REVIEWER)
    admitted = (role for role in roles if action is None or action in TABLE[role])
    return next(admitted, Role.COORDINATOR)


def measured(made: Installation) -> dict[str, str]:
    """The names of a run that has ended, and of one of its tasks."""
    return {"measurement": str(ended_in(made.context).id), "task": "one"}


def tools_in(made: Installation) -> dict[str, str]:
    """The names of an offer and of a request for it."""
    sides = asked(made)
    return {
        "offer": sides.offer.removeprefix("/tools/"),
        "tool_request": sides.request.removeprefix("/tool-requests/"),
    }


def probes() -> Iterator[tuple[str, GenerationMode]]:
    """Every operation with what fits its description, and with what does not, where that exists."""
    from firstlight.adapters.api.app import openapi  # noqa: PLC0415  # needs Django

    for methods in openapi()["paths"].values():
        for operation in methods.values():
            name = operation["operationId"]
            if name == "readDescription":
                continue  # schemathesis leaves the address out from which it read
            yield name, GenerationMode.POSITIVE
            places = {parameter["in"] for parameter in operation["parameters"]}
            if places - {"header"} or "requestBody" in operation:
                yield name, GenerationMode.NEGATIVE


@pytest.mark.parametrize(("name", "mode"), list(probes()))
def test_it_does_what_it_says(
    filled: tuple[Installation, BaseSchema, dict[str, str]], name: str, mode: GenerationMode
) -> None:
    """No 5xx, only described statuses, media types, headers and bodies, whatever is sent."""
    made, schema, names = filled
    operations = [result for result in schema.get_all_operations() if isinstance(result, Ok)]
    operation = next(
        found.ok() for found in operations if found.ok().definition.raw["operationId"] == name
    )
    headers = made.caller(whoever_may(name)).headers
    checks = [
        check
        for check in CHECKS
        if not (check is negative_data_rejection and name in CANNOT_BE_BROKEN)
    ]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def probe(case: Any) -> None:  # noqa: ANN401  # schemathesis's own type is not exported
        if mode is GenerationMode.POSITIVE:
            for place, value in names.items():
                if place in case.path_parameters:
                    case.path_parameters[place] = value
        case.call_and_validate(headers=headers, checks=checks)

    probe()


def test_the_description_is_complete() -> None:
    """Every operation has a summary, a sentence, its problems, and every parameter a meaning."""
    from firstlight.adapters.api.app import openapi  # noqa: PLC0415  # needs Django

    described = openapi()
    assert described["openapi"] == "3.1.0"
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            assert operation["description"].endswith("."), place
            assert {"400", "429", "500", "503"} <= set(operation["responses"]), place
            for parameter in operation["parameters"]:
                assert parameter.get("description"), f"{place} {parameter['name']}"


def test_no_two_shapes_share_a_name() -> None:
    """The description holds shapes by name alone, so a second one would take the first's place."""
    folder = Path(__file__).parents[3] / "src/firstlight/adapters/api/wire"
    named = [
        statement.name
        for file in folder.rglob("*.py")
        for statement in ast.parse(file.read_text("utf-8")).body
        if isinstance(statement, ast.ClassDef)
    ]
    assert sorted(named) == sorted(set(named))


def test_the_schema_of_reports_is_the_one_that_is_applied(on_sqlite: Installation) -> None:
    """What is published is JSON Schema, and the example of the description follows it."""
    import jsonschema_rs  # noqa: PLC0415  # one place

    from firstlight.adapters.api.app import openapi  # noqa: PLC0415  # needs Django

    published = good(on_sqlite.caller(Role.ANONYMOUS).get("/schemas/report-1.0.json"))
    operation = openapi()["paths"]["/api/v1/reports"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    validator = jsonschema_rs.validator_for(published)
    assert validator.is_valid(example)
    assert validator.is_valid(report())
    assert not validator.is_valid({"titel": "misspelt"})
    sent = on_sqlite.caller(Role.ANONYMOUS).post("/reports", example)
    assert sent.status_code == 201, json.loads(sent.content)
