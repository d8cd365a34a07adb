"""One record of an export as a candidate: OSV, CSAF, CVE, plain; a single SARIF log as well.

Only what lists and comparisons need is taken here; the record itself is kept whole, and the strict
reader of its format reads it when it becomes a report. What names itself (an OSV id, a CVE) is one
candidate under that name, whatever else changes in it.
"""

from __future__ import annotations

from typing import Any, cast

from firstlight.adapters.formats.bulk.fields import (
    first,
    line_number,
    line_of,
    member,
    package_of,
    text,
)
from firstlight.adapters.formats.detect import format_of
from firstlight.adapters.formats.purl import NoEcosystem, from_osv
from firstlight.core.clearinghouse.finding import Format
from firstlight.core.clearinghouse.intake.flood import (
    Candidate,
    Read,
    content_of,
    likeness,
    steady,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import BadEncoding, Invalid

_TITLE = 120
_NAMES = 50
Value = dict[str, Any]


def read_record(value: Json, written: str, position: str, purl: str) -> Read:
    """The candidate that this value is.

    Args:
        value: decoded
        written: its text as it stands in the file, which is kept
        position: its place
        purl: its package, when it names none itself

    Raises:
        UnknownFormat: none of the formats.
        WrongType: a member has another type than its place demands.
        BadEncoding: half of a character.
    """
    form = format_of(value)
    if form is Format.SARIF:
        raise Invalid("a SARIF log holds its runs in an array", field="runs")
    try:
        document = written.encode()
    except UnicodeEncodeError as error:
        raise BadEncoding(f"a text holds {error.object[error.start]!r}") from None
    return _READERS[form](cast("Value", value), document, position, purl)


def _osv(value: Value, document: bytes, position: str, purl: str) -> Read:
    name = text(value, "id")
    affected = first(value, "affected")
    package = member(affected, "package", dict)
    own = text(package, "purl")
    if package and not own:
        try:
            own = from_osv(text(package, "ecosystem"), text(package, "name"))
        except NoEcosystem:
            own = ""
    summary = text(value, "summary") or text(value, "details").partition("\n")[0]
    aliases = [one for one in member(value, "aliases", list) or () if isinstance(one, str)]
    return Candidate(
        Format.OSV,
        likeness("osv", name),
        content_of(document),
        document,
        position,
        package_of(own or purl),
        "",
        line_of(summary, _TITLE) or line_of(name),
        "",
        None,
        "",
        "withdrawn" if value.get("withdrawn") else "",
        _names([name, *aliases]),
    )


def _cve(value: Value, document: bytes, position: str, purl: str) -> Read:
    about = member(value, "cveMetadata", dict)
    name = text(about, "cveId")
    if not name:
        raise Invalid("a CVE record names itself", field="cveMetadata.cveId")
    cna = member(member(value, "containers", dict), "cna", dict)
    affected = first(cna, "affected")
    said = text(first(cna, "descriptions"), "value").partition("\n")[0]
    kind = first(first(cna, "problemTypes"), "descriptions")
    rejected = text(about, "state") == "REJECTED"
    return Candidate(
        Format.CVE,
        likeness("cve", name),
        content_of(document),
        document,
        position,
        package_of(text(affected, "packageURL") or purl),
        line_of(text(kind, "cweId")),
        line_of(text(cna, "title") or said, _TITLE) or line_of(name),
        "",
        None,
        "",
        "rejected" if rejected else _severity(cna),
        _names([name]),
    )


def _severity(cna: Value | None) -> str:
    for metric in member(cna, "metrics", list) or ():
        for kind in ("cvssV4_0", "cvssV3_1", "cvssV3_0"):
            label = text(member(metric, kind, dict), "baseSeverity")
            if label:
                return line_of(label.lower())
    return ""


def _csaf(value: Value, document: bytes, position: str, purl: str) -> Read:
    about = member(value, "document", dict)
    publisher = text(member(about, "publisher", dict), "namespace")
    tracking = member(about, "tracking", dict)
    name = text(tracking, "id")
    title = line_of(text(about, "title"), _TITLE)
    flaws = member(value, "vulnerabilities", list) or []
    weakness = text(member(flaws[0] if flaws else None, "cwe", dict), "id")
    severity = text(member(about, "aggregate_severity", dict), "text")
    return Candidate(
        Format.CSAF,
        likeness("csaf", publisher, name) if name else likeness("csaf", document.hex()),
        content_of(document),
        document,
        position,
        package_of(purl),
        line_of(weakness),
        title or line_of(name) or "CSAF document",
        "",
        None,
        "",
        line_of(severity.lower()),
        _names([text(flaw, "cve") for flaw in flaws[:_NAMES]]),
    )


def _plain(value: Value, document: bytes, position: str, purl: str) -> Read:
    own = text(member(value, "product", dict), "purl")
    package = package_of(own or purl)
    cause = member(value, "root_cause", dict)
    path, function = line_of(text(cause, "path")), line_of(text(cause, "function"))
    title, description = text(value, "title"), text(value, "description")
    weaknesses = [one for one in member(value, "cwe", list) or () if isinstance(one, str)]
    names = [one for one in member(value, "identifiers", list) or () if isinstance(one, str)]
    prints = [one for one in member(value, "fingerprints", list) or () if isinstance(one, str)]
    rule = line_of(weaknesses[0]) if weaknesses else ""
    return Candidate(
        Format.PLAIN,
        likeness("plain", package, *(prints or (path, function, rule, title, steady(description)))),
        content_of(document),
        document,
        position,
        package,
        rule,
        line_of(title or description, _TITLE) or "Untitled report",
        path,
        line_number(cause, "line"),
        function,
        line_of(text(member(value, "severity", dict), "label")),
        _names(names),
    )


def _names(names: list[str]) -> str:
    """Public names in capitals; one with a blank in it is no name."""
    upper = (line_of(name).upper() for name in names[:_NAMES])
    return " ".join(dict.fromkeys(name for name in upper if name and " " not in name))


_READERS = {
    Format.OSV: _osv,
    Format.CVE: _cve,
    Format.CSAF: _csaf,
    Format.PLAIN: _plain,
}
