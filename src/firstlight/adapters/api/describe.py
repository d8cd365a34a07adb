"""Complete the description that the library makes: problems, headers, tokens, preconditions.

What every operation shares is written once, here, so that no operation can forget it.
"""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

from firstlight.adapters.api.gate import Bearer
from firstlight.adapters.api.problems import MEDIA_TYPE, TITLES
from firstlight.adapters.api.wire.common import Problem
from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.table import TABLE

_CHANGES_A_VERSION = frozenset(
    {
        "editAdvisory",
        "approveAdvisory",
        "returnAdvisory",
        "withdrawAdvisory",
        "moveCase",
        "changePlan",
        "setHold",
        "setTerms",
        "setWindow",
        "extendWindow",
    }
)
_NAMES_A_THING = frozenset({"listReports", "askCoverage", "requestReview"})
"""what they name stands in the body or the query, and may not be there"""
_ASKS_THE_STATE = frozenset({"prepareExtension", "compareMeasurements"})
"""reads that have no answer in some states"""
_ALWAYS = (400, 422, 429, 500, 503)
_SCHEME = "Bearer"
_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "strong tag of exactly these bytes", "schema": {"type": "string"}},
    "Link": {"description": "what follows, rel=next", "schema": {"type": "string"}},
    "Location": {"description": "where it is", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true` when this is the stored answer to an earlier, equal request",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "WWW-Authenticate": {"description": "how to sign in", "schema": {"type": "string"}},
    "Retry-After": {"description": "seconds", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
}


def actions(api: NinjaAPI) -> dict[str, Bearer]:
    """The gate of every operation, by its identifier; the library holds them in its routers."""
    return {
        str(operation.operation_id): gate
        for bound in api._get_bound_routers()  # noqa: SLF001  # the only list of all operations
        for view in bound.path_operations.values()
        for operation in view.operations
        for gate in operation.auth_callbacks
        if isinstance(gate, Bearer)
    }


def described(schema: dict[str, Any], api: NinjaAPI) -> dict[str, Any]:
    """`schema` with all that the operations share."""
    gates = actions(api)
    problem = Problem.model_json_schema()
    problem["examples"] = [_example(404)]
    schema["components"]["schemas"]["Problem"] = problem
    schema["components"]["securitySchemes"] = {
        _SCHEME: {
            "type": "http",
            "scheme": "bearer",
            "description": Bearer.openapi_description,
        }
    }
    schema["components"]["headers"] = _HEADERS
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _complete(operation, method, path, gates[operation["operationId"]])
    schema.pop("servers", None)
    return schema


def _complete(operation: dict[str, Any], method: str, path: str, gate: Bearer) -> None:
    name = operation["operationId"]
    operation["security"] = _security(gate)
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        parameter["schema"] = _without_null(parameter["schema"])
    if method == "post":
        parameters.append(_header("Idempotency-Key", "any text that you use once", required=False))
    if method == "get":
        parameters.append(_header("If-None-Match", "the ETag that you have", required=False))
        operation["responses"]["304"] = {"description": "You have it already"}
    if name in _CHANGES_A_VERSION:
        parameters.append(_header("If-Match", "the ETag of what you saw", required=False))
    for answer in operation["responses"].values():
        answer["headers"] = _answer_headers(operation, method)
    for status in sorted(_failures(name, method, path, gate)):
        operation["responses"][str(status)] = _failure(status)


def _failures(name: str, method: str, path: str, gate: Bearer) -> set[int]:
    """The statuses of the problems that an operation may answer."""
    failures = set(_ALWAYS)
    if gate.action is not None:
        failures |= {401, 403}
    if "{" in path or name in _NAMES_A_THING:
        failures.add(404)
    if name in _ASKS_THE_STATE:
        failures.add(409)
    if method in {"post", "put", "patch", "delete"}:
        failures |= {409, 411, 413, 415}
    if name in _CHANGES_A_VERSION:
        failures |= {412, 428}
    return failures


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is optional is left out; there is no null in an address."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    rest.update(kinds[0])
    return rest


def _security(gate: Bearer) -> list[dict[str, list[str]]]:
    if gate.action is None:
        return []
    token: dict[str, list[str]] = {_SCHEME: []}
    return (
        [{}, token] if gate.action in TABLE[Role.ANONYMOUS] or type(gate) is not Bearer else [token]
    )


def _header(name: str, description: str, *, required: bool) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }


def _answer_headers(operation: dict[str, Any], method: str) -> dict[str, Any]:
    names = {"get": ["ETag"], "post": ["Idempotency-Replayed"]}.get(method, [])
    if any(parameter["name"] == "cursor" for parameter in operation["parameters"]):
        names.append("Link")
    if "201" in operation["responses"]:
        names.append("Location")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _failure(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": TITLES[status],
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": _example(status),
            }
        },
    }
    names = {401: "WWW-Authenticate", 429: "Retry-After"}
    if status in names:
        name = names[status]
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"}}
    return answer


def _example(status: int) -> dict[str, Any]:
    code = {404: "state.missing", 401: "access.not_signed_in"}.get(status, "input.invalid")
    return {
        "type": f"urn:firstlight:problem:{code}",
        "title": TITLES[status],
        "status": status,
        "detail": "There is nothing here for you under that name.",
        "code": code,
        "hint": "Check the identifier; you see only what concerns you.",
        "details": {},
        "instance": "/api/v1/cases/FL-2026-0001",
    }
