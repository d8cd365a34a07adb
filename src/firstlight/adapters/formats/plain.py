"""Plain JSON, one report a document, after the published schema `schemas/report-1.0.json`.

The field names are those of the core's `Report`; a test keeps the two from drifting apart. The
same fields, all optional, may ride inside SARIF (`properties.firstlight`) and CSAF 2.1
(`x_extensions`), so that nothing is lost when a finder's tool speaks another format: `overlay`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final, TypeVar, cast

import jsonschema_rs

from firstlight.adapters.formats import bounded_json
from firstlight.adapters.formats.limits import DEFAULT, ReadLimits
from firstlight.adapters.formats.purl import BadPurl, package_of
from firstlight.adapters.formats.reading import Intake, Node
from firstlight.core.clearinghouse.finding import (
    Attachment,
    Circumstances,
    Contact,
    Format,
    Known,
    Location,
    Product,
    Proof,
    Provenance,
    Report,
    Severity,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Invalid

SCHEMA_ID: Final = "urn:firstlight:schema:report:1.0"
_FAULTS_SHOWN = 10
_NOTHING = Report(format=Format.PLAIN)

_T = TypeVar("_T")


class AgainstSchema(Invalid):
    """The document does not follow the published schema."""

    code = "input.against_schema"
    next_step = "Correct the named places; the schema is published as report-1.0.json."


def schema() -> bytes:
    """The published JSON Schema (draft 2020-12)."""
    return resources.files(__package__).joinpath("schemas/report-1.0.json").read_bytes()


@cache
def _validator(*, partial: bool) -> jsonschema_rs.Draft202012Validator:
    loaded = json.loads(schema())
    if partial:
        del loaded["anyOf"]
    # Values are masked, since error messages travel further than reports.
    return jsonschema_rs.Draft202012Validator(loaded, mask="the value")


def _check(node: Node, *, partial: bool) -> None:
    faults = []
    for fault in _validator(partial=partial).iter_errors(node.value):
        path = node.path + "".join(
            f"[{step}]" if isinstance(step, int) else f".{str(step)[:64]}"
            for step in fault.instance_path
        )
        # The validator's words for "neither title nor description" would not help anyone.
        unnamed = not fault.instance_path and "anyOf" in fault.message
        problem = "a title or a description is needed" if unnamed else fault.message[:300]
        faults.append({"path": path, "problem": problem})
        if len(faults) == _FAULTS_SHOWN:
            break
    if faults:
        raise AgainstSchema(f"{faults[0]['path']}: {faults[0]['problem']}", faults=faults)


def read(document: bytes, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """The one report of a plain document.

    Raises:
        Invalid: any error of `bounded_json.decode`; AgainstSchema; BadPurl; BadBase64; TooLarge.
    """
    return from_json(bounded_json.decode(document, limits.json), limits=limits)


def from_json(value: Json, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """As `read`, for a document that is decoded already."""
    node = Node(value)
    _check(node, partial=False)
    return (_report(node, Intake(limits)),)


def partial(node: Node, intake: Intake) -> Report:
    """The fields that `node`, a partial plain report, names; the others are at their defaults.

    Raises:
        AgainstSchema: `node` does not follow the schema.
    """
    if node.missing:
        return _NOTHING
    _check(node, partial=True)
    return _report(node, intake)


def overlay(base: _T, over: _T) -> _T:
    """Take from `over`, a partial report, what is said there, and from `base` the rest."""
    if over is _NOTHING:
        return base
    untouched = type(over)() if not isinstance(over, Report) else Report(format=over.format)
    changes: dict[str, object] = {}
    for field in fields(cast("Report", over)):
        said = getattr(over, field.name)
        if field.name == "format" or said == getattr(untouched, field.name):
            continue
        changes[field.name] = (
            overlay(getattr(base, field.name), said) if is_dataclass(said) else said
        )
    kept = {field.name: getattr(base, field.name) for field in fields(cast("Report", base))}
    return type(base)(**{**kept, **changes})


def _report(node: Node, intake: Intake) -> Report:
    return Report(
        format=Format.PLAIN,
        title=intake.line(node.get("title").string()),
        description=intake.block(node.get("description").string()),
        trigger=intake.block(node.get("trigger").string()),
        impact=intake.block(node.get("impact").string()),
        exploit=intake.block(node.get("exploit").string()),
        product=_product(node.get("product"), intake),
        severity=Severity(
            vector=intake.line(node.at("severity", "vector").string()),
            label=intake.line(node.at("severity", "label").string()),
        ),
        cwe=_lines(node.get("cwe"), intake),
        identifiers=_lines(node.get("identifiers"), intake),
        root_cause=Location(
            path=intake.line(node.at("root_cause", "path").string()),
            line=node.at("root_cause", "line").number(),
            function=intake.line(node.at("root_cause", "function").string()),
        ),
        crash=intake.crash(node.get("crash").string()),
        proofs=tuple(_proof(item, intake) for item in node.get("proofs").items()),
        patches=tuple(_attachment(item, intake) for item in node.get("patches").items()),
        tests=tuple(_attachment(item, intake) for item in node.get("tests").items()),
        references=intake.links([item.string() for item in node.get("references").items()]),
        fingerprints=_lines(node.get("fingerprints"), intake),
        contact=_contact(node.get("contact"), intake),
        provenance=_provenance(node.get("provenance"), intake),
        circumstances=_circumstances(node.get("circumstances"), intake),
    )


def _lines(node: Node, intake: Intake) -> tuple[str, ...]:
    return intake.lines([item.string() for item in node.items()])


def _known(node: Node) -> Known:
    return Known(node.string() or Known.UNKNOWN.value)


def product_of(purl: Node, versions: Sequence[str], intake: Intake) -> tuple[str, tuple[str, ...]]:
    """The versionless package URL, and the versions with the one that the URL named.

    Raises:
        BadPurl: with the JSON path in the details.
    """
    if purl.missing or not purl.string():
        return "", intake.lines(versions)
    try:
        package, version = package_of(purl.string())
    except BadPurl as error:
        raise BadPurl(f"{purl.path}: {error.message}", path=purl.path) from None
    return package, intake.lines([*versions, *([version] if version else [])])


def _product(node: Node, intake: Intake) -> Product:
    versions = [item.string() for item in node.get("versions").items()]
    package, affected = product_of(node.get("purl"), versions, intake)
    return Product(
        purl=package,
        name=intake.line(node.get("name").string()),
        versions=affected,
        last_unaffected=intake.line(node.get("last_unaffected").string()),
        fixed=_lines(node.get("fixed"), intake),
        not_affected=intake.block(node.get("not_affected").string()),
    )


def _proof(node: Node, intake: Intake) -> Proof:
    data = node.get("data")
    return Proof(
        name=intake.line(node.get("name").string()),
        media_type=intake.line(node.get("media_type").string() or "application/octet-stream"),
        data=intake.file(data.string(), data.path),
        target=intake.line(node.get("target").string()),
    )


def _attachment(node: Node, intake: Intake) -> Attachment:
    text = node.get("text")
    return Attachment(
        name=intake.line(node.get("name").string()), text=intake.code(text.string(), text.path)
    )


def _contact(node: Node, intake: Intake) -> Contact:
    return Contact(
        name=intake.line(node.get("name").string()),
        email=intake.line(node.get("email").string()),
        share_with_maintainer=node.get("share_with_maintainer").value is True,
        credit=node.get("credit").value is True,
        credit_name=intake.line(node.get("credit_name").string()),
    )


def _provenance(node: Node, intake: Intake) -> Provenance:
    return Provenance(
        tool=intake.line(node.get("tool").string()),
        ai_used=_known(node.get("ai_used")),
        ai_model=intake.line(node.get("ai_model").string()),
        ai_model_public=_known(node.get("ai_model_public")),
        reporters=_lines(node.get("reporters"), intake),
        origin_references=_lines(node.get("origin_references"), intake),
    )


def _circumstances(node: Node, intake: Intake) -> Circumstances:
    return Circumstances(
        exploited=_known(node.get("exploited")),
        public=_known(node.get("public")),
        shared_with=_lines(node.get("shared_with"), intake),
        work_around=intake.block(node.get("work_around").string()),
        disclosure_plan=intake.block(node.get("disclosure_plan").string()),
    )


def write_plain(report: Report) -> bytes:
    """The report as a plain document; `read` gives it back as it was, its format apart.

    What is at its default is left out, so that "not said" stays "not said".
    """
    return json.dumps(_said(report), ensure_ascii=False, indent=2).encode()


def _said(value: object) -> Mapping[str, Json]:
    """The fields of a dataclass that differ from their defaults; a required one always."""
    said: dict[str, Json] = {}
    for field in fields(cast("Report", value)):
        held = getattr(value, field.name)
        if field.name != "format" and held != field.default:
            said[field.name] = _json(held)
    return said


def _json(value: object) -> Json:
    if is_dataclass(value):
        return _said(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str | int | None):
        return value
    return [_json(item) for item in cast("Sequence[object]", value)]
