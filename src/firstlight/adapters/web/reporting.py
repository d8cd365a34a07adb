"""Turn the report form into a document, so that a form and a file take the same road.

The form becomes plain JSON after the published schema. An uploaded SARIF, CSAF, OSV or plain JSON
file is the document itself, and the other fields are then not looked at.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.errors import BadEncoding, Invalid, TooLarge

_PLAIN = ("title", "description", "trigger", "impact", "exploit", "crash")
_LISTS = ("cwe", "identifiers", "references")
_PARTS: Mapping[str, tuple[str, ...]] = {
    "product": ("purl", "name", "last_unaffected", "not_affected"),
    "severity": ("vector", "label"),
    "contact": ("name", "email", "credit_name"),
    "provenance": ("tool", "ai_used", "ai_model", "ai_model_public"),
    "circumstances": ("exploited", "public", "work_around", "disclosure_plan"),
    "root_cause": ("path", "function"),
}
_PART_LISTS = {"product": ("versions", "fixed"), "circumstances": ("shared_with",)}
_CONSENTS = ("share_with_maintainer", "credit")


def document_of(
    fields: QueryDict, files: MultiValueDict[str, UploadedFile[bytes]], limit: int
) -> bytes:
    """The document that the form stands for.

    Raises:
        TooLarge: a file is larger than the limit.
        BadEncoding: a patch or test is not UTF-8.
        Invalid: a line number is no number.
    """
    uploaded = files.get("document")
    if uploaded:
        return _content(uploaded, limit)
    made: dict[str, Json] = {name: _text(fields, name) for name in _PLAIN if _text(fields, name)}
    for name in _LISTS:
        if _lines(fields, name):
            made[name] = _lines(fields, name)
    for part, names in _PARTS.items():
        inner: dict[str, Json] = {
            name: _text(fields, f"{part}.{name}")
            for name in names
            if _text(fields, f"{part}.{name}")
        }
        for name in _PART_LISTS.get(part, ()):
            if _lines(fields, f"{part}.{name}"):
                inner[name] = _lines(fields, f"{part}.{name}")
        if inner:
            made[part] = inner
    _consents(made, fields)
    _line(made, fields)
    _files(made, fields, files, limit)
    return canonical(made)


def _text(fields: QueryDict, name: str) -> str:
    return fields.get(name, "").replace("\r\n", "\n").strip()


def _lines(fields: QueryDict, name: str) -> list[Json]:
    parts = _text(fields, name).replace(",", "\n").split("\n")
    return [part.strip() for part in parts if part.strip()]


def _consents(made: dict[str, Json], fields: QueryDict) -> None:
    given: dict[str, Json] = {name: True for name in _CONSENTS if fields.get(f"contact.{name}")}
    contact = made.get("contact")
    if given or isinstance(contact, dict):
        made["contact"] = {**(contact if isinstance(contact, dict) else {}), **given}


def _line(made: dict[str, Json], fields: QueryDict) -> None:
    number = _text(fields, "root_cause.line")
    if not number:
        return
    if not (number.isascii() and number.isdigit()) or not int(number):
        raise Invalid("the line is no whole number above zero", field="root_cause.line")
    place = made.get("root_cause")
    made["root_cause"] = {**(place if isinstance(place, dict) else {}), "line": int(number)}


def _files(
    made: dict[str, Json],
    fields: QueryDict,
    files: MultiValueDict[str, UploadedFile[bytes]],
    limit: int,
) -> None:
    proof = files.get("proof")
    if proof:
        one: dict[str, Json] = {
            "name": proof.name or "proof",
            "data": base64.b64encode(_content(proof, limit)).decode(),
        }
        if _text(fields, "proof.target"):
            one["target"] = _text(fields, "proof.target")
        made["proofs"] = [one]
    for name, key in (("patch", "patches"), ("test", "tests")):
        file = files.get(name)
        if file:
            try:
                text = _content(file, limit).decode("utf-8")
            except UnicodeDecodeError:
                raise BadEncoding(f"the {name} is not UTF-8 text", field=name) from None
            made[key] = [{"name": file.name or name, "text": text}]


def _content(file: UploadedFile[bytes], limit: int) -> bytes:
    if (file.size or 0) > limit:
        raise TooLarge(f"the file has more than {limit} bytes", limit=limit)
    content: bytes = file.read()
    return content
