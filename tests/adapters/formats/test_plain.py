from __future__ import annotations

import base64
import json
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

import jsonschema_rs
import pytest
from hypothesis import given
from tests.adapters.formats.strategies import reports

from firstlight.adapters.formats import plain
from firstlight.adapters.formats.limits import DEFAULT
from firstlight.adapters.formats.plain import AgainstSchema, read, write_plain
from firstlight.adapters.formats.purl import BadPurl
from firstlight.adapters.formats.reading import BadBase64
from firstlight.core.clearinghouse.finding import Format, Known, Report
from firstlight.core.clearinghouse.intake.checklist import missing
from firstlight.core.kernel.errors import FirstlightError, TooLarge

SCHEMA = json.loads(plain.schema())


@given(reports())
def test_reading_what_was_written_gives_the_same_report(report: Report) -> None:
    """The plain format carries every field of a report, so a relay loses nothing."""
    assert read(write_plain(report)) == (report,)


@given(reports())
def test_what_is_written_follows_the_published_schema(report: Report) -> None:
    """A second, independent validator object agrees."""
    jsonschema_rs.validate(SCHEMA, json.loads(write_plain(report)))


def _pairs(cls: type, schema: dict[str, Any], where: str) -> None:
    """Compare a dataclass with its object in the schema, field by field and type by type."""
    hints = get_type_hints(cls)
    names = {field.name for field in fields(cls)} - {"format"}
    described = set(schema["properties"]) - {"$schema"}
    assert names == described, where
    for name in names:
        hint, part = hints[name], schema["properties"][name]
        place = f"{where}.{name}"
        assert part["description"].strip(), place
        if get_origin(hint) is not None and part.get("type") == "array":
            assert part["maxItems"] in {DEFAULT.items, DEFAULT.files}, place
            hint, part = get_args(hint)[0], part["items"]
        if is_dataclass(hint):
            assert isinstance(hint, type)
            _pairs(hint, part, place)
        elif isinstance(hint, type) and issubclass(hint, StrEnum):
            assert [member.value for member in hint] == part["enum"], place
        elif hint is str or hint is bytes:
            assert part["type"] == "string", place
            assert part["maxLength"] > 0, place
        elif hint is bool:
            assert part["type"] == "boolean", place
        else:
            assert part["type"] == ["integer", "null"], place


def test_schema_and_report_cannot_drift_apart() -> None:
    """Same fields, same types, everything described and bounded, at every level."""
    _pairs(Report, SCHEMA, "$")


def test_the_schema_is_valid_and_says_what_it_is() -> None:
    """It is draft 2020-12, and its identifier names its version."""
    jsonschema_rs.meta.validate(SCHEMA)
    assert SCHEMA["$schema"].endswith("draft/2020-12/schema")
    assert SCHEMA["$id"] == plain.SCHEMA_ID


def test_the_bounds_of_schema_and_reader_agree() -> None:
    """What the schema lets in is never cut by the reader."""
    properties = SCHEMA["properties"]
    assert properties["title"]["maxLength"] == DEFAULT.line
    assert properties["description"]["maxLength"] == DEFAULT.block
    assert properties["crash"]["maxLength"] == DEFAULT.crash
    file = properties["patches"]["items"]["properties"]["text"]
    assert file["maxLength"] == DEFAULT.file_bytes
    data = properties["proofs"]["items"]["properties"]["data"]
    assert len(base64.b64encode(bytes(DEFAULT.file_bytes))) == data["maxLength"]


@pytest.mark.parametrize("document", [b'{"title": "t"}', b'{"description": "d"}'])
def test_a_title_or_a_description_is_enough(document: bytes) -> None:
    """An incomplete report is never refused; what is missing becomes the checklist."""
    (report,) = read(document)
    assert len(missing(report)) >= 5
    assert report.circumstances.public is Known.UNKNOWN
    assert report.format is Format.PLAIN


WRONG_IN_ONE_WAY: dict[str, tuple[bytes, type[FirstlightError], str]] = {
    "neither_title_nor_description": (b"{}", AgainstSchema, "$"),
    "no_object": (b"[]", AgainstSchema, "$"),
    "wrong_type": (b'{"title": 5}', AgainstSchema, "$.title"),
    "misspelt_field": (b'{"title": "t", "desription": "d"}', AgainstSchema, "$"),
    "proof_without_a_name": (b'{"title": "t", "proofs": [{}]}', AgainstSchema, "$.proofs[0]"),
    "unknown_answer": (
        b'{"title": "t", "circumstances": {"public": "maybe"}}',
        AgainstSchema,
        "$.circumstances.public",
    ),
    "cwe_without_its_prefix": (b'{"title": "t", "cwe": ["79"]}', AgainstSchema, "$.cwe[0]"),
    "javascript_reference": (
        b'{"title": "t", "references": ["javascript:alert(1)"]}',
        AgainstSchema,
        "$.references[0]",
    ),
    "title_too_long": (
        json.dumps({"title": "x" * 301}).encode(),
        AgainstSchema,
        "$.title",
    ),
    "proof_not_in_base64": (
        b'{"title": "t", "proofs": [{"name": "p", "data": "a!"}]}',
        BadBase64,
        "$.proofs[0].data",
    ),
    "malformed_purl": (
        b'{"title": "t", "product": {"purl": "pkg:pypi/"}}',
        BadPurl,
        "$.product.purl",
    ),
}


@pytest.mark.parametrize("name", WRONG_IN_ONE_WAY)
def test_one_fault_names_its_place(name: str) -> None:
    """The error's code tells the kind, its details the JSON path."""
    document, expected, path = WRONG_IN_ONE_WAY[name]
    with pytest.raises(expected) as caught:
        read(document)
    details = caught.value.details
    faults = details.get("faults")
    named = faults[0]["path"] if isinstance(faults, list) else details["path"]
    assert named == path


def test_errors_do_not_repeat_the_report() -> None:
    """An error may be logged; what is wrong in a sealed report must not be."""
    with pytest.raises(AgainstSchema) as caught:
        read(b'{"title": ["the secret of the flaw"]}')
    assert "secret" not in f"{caught.value} {caught.value.details}"


def test_files_together_are_bounded() -> None:
    """Sixteen files of four megabytes each are not sixty-four megabytes."""
    data = base64.b64encode(bytes(DEFAULT.file_bytes)).decode()
    proofs = [{"name": str(number), "data": data} for number in range(5)]
    document = json.dumps({"title": "t", "proofs": proofs}).encode()
    with pytest.raises(TooLarge):
        read(document)


def test_a_version_in_the_purl_joins_the_versions() -> None:
    """The package is compared without its version; the version is not lost."""
    (report,) = read(
        b'{"title": "t", "product": {"purl": "pkg:PyPI/Django@3.2", "versions": ["3.1"]}}'
    )
    assert report.product.purl == "pkg:pypi/django"
    assert report.product.versions == ("3.1", "3.2")


def test_fields_of_ones_own_are_let_through() -> None:
    """A relay may add x_ fields; they are not read."""
    (report,) = read(b'{"title": "t", "x_internal": {"ticket": 7}}')
    assert report.title == "t"
