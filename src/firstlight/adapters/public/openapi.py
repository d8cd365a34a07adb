"""The OpenAPI description of the query API, for people who generate clients and for fuzzers."""

from __future__ import annotations

import msgspec

from firstlight.adapters.public.limits import DEFAULT
from firstlight.core.kernel.canonical import Json

_ERROR: Json = {
    "description": "What is wrong, and what to do",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
_REFUSALS: dict[str, Json] = {"400": _ERROR, "405": _ERROR, "408": _ERROR, "413": _ERROR}


def _text(description: str) -> Json:
    return {"type": "string", "description": description}


def _object(properties: dict[str, Json], *required: str) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


def _list(item: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}


_SCHEMAS: dict[str, Json] = {
    "Package": _object(
        {
            "name": _text("as the ecosystem writes it"),
            "ecosystem": _text("as OSV writes it: PyPI, npm, Debian:12"),
            "purl": _text("package URL, in place of name and ecosystem"),
        }
    ),
    "Query": _object(
        {
            "commit": _text("40 or 64 hexadecimal digits, in place of package and version"),
            "version": _text("in the ecosystem's own order; all versions when left out"),
            "package": {"$ref": "#/components/schemas/Package"},
            "page_token": _text("next_page_token of the answer before"),
        }
    ),
    "Batch": _object(
        {"queries": {"maxItems": DEFAULT.batch, **dict(_list("Query"))}}  # type: ignore[arg-type]
    ),
    "Record": _object({"id": _text("name"), "modified": _text("RFC 3339")}, "id", "modified"),
    "Answer": _object({"vulns": _list("Record"), "next_page_token": _text("when there is more")}),
    "Answers": _object({"results": _list("Answer")}, "results"),
    "Error": _object(
        {"code": {"type": "integer"}, "message": _text("a sentence and what to do")},
        "code",
        "message",
    ),
}


def _operation(summary: str, body: str, answer: str) -> Json:
    schema: Json = {"schema": {"$ref": f"#/components/schemas/{body}"}}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": schema}},
        "responses": {"200": _answer(answer), **_REFUSALS},
    }


def _answer(schema: str) -> Json:
    content: Json = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"description": "The answer", "content": {"application/json": content}}


_BY_NAME: dict[str, Json] = {
    "summary": "One record by its name",
    "parameters": [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    ],
    "responses": {"200": _answer("Record"), "404": _ERROR, "405": _ERROR},
}

DOCUMENT = msgspec.json.encode(
    {
        "openapi": "3.1.0",
        "info": {
            "title": "OSV query API of a Firstlight clearinghouse",
            "version": "1",
            "description": "After OSV's own API. Reads alone; no account is needed.",
        },
        "paths": {
            "/v1/query": {
                "post": _operation("What affects a package or commit", "Query", "Answer")
            },
            "/v1/querybatch": {"post": _operation("Many queries, names alone", "Batch", "Answers")},
            "/v1/vulns/{id}": {"get": _BY_NAME},
            "/v1/links/{id}": {"get": {**_BY_NAME, "summary": "Records of others about one flaw"}},
        },
        "components": {"schemas": _SCHEMAS},
    }
)
