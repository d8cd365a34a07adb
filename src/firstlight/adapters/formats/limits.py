"""All bounds of reading a report, in one place, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from firstlight.adapters.formats import bounded_json


@dataclass(frozen=True, kw_only=True)
class ReadLimits:
    """Bounds of one document that carries reports. Text is counted in characters."""

    json: bounded_json.JsonLimits = bounded_json.DEFAULT
    """size, depth and elements of the JSON itself"""
    reports: int = 5_000
    """of one document; more are a scan to be triaged by its finder first"""
    line: int = 300
    """titles, names, versions, identifiers; longer ones are cut with a mark"""
    block: int = 32_000
    """description, trigger, impact and the like; longer ones are cut with a mark"""
    crash: int = 128_000
    """a stack trace with registers and shadow bytes is below 20,000"""
    rule: int = 4_000
    """of a tool's rule text, since it is repeated in every result of the rule"""
    items: int = 200
    """of each list (versions, references, identifiers); the rest is left out and counted"""
    files: int = 16
    """proofs, patches and tests, each"""
    file_bytes: int = 4 << 20
    """of one proof, patch or test"""
    files_bytes: int = 16 << 20
    """of all files of one document"""
    text: int = 32 << 20
    """of all reports of one document together; stops a small document from growing large"""


DEFAULT = ReadLimits()
