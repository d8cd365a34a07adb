"""An advisory out as CSAF 2.0, profile `csaf_security_advisory` (OASIS, sections 3, 4.4 and 5.1).

What CSAF 2.0 cannot say is said in a note rather than dropped: a CVSS 4.0 vector, a second CWE, a
second CVE, TLP 2.0's AMBER+STRICT. The marking never leaves looser than it came: AMBER+STRICT
becomes RED, since CSAF 2.0 knows only TLP 1.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import msgspec
from cvss import CVSS2, CVSS3
from cvss.exceptions import CVSSError

from firstlight.adapters.formats._csaf_product_tree import Statuses, Tree, build
from firstlight.adapters.formats.reading import is_link
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState, AffectedPackage
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.marking import Marking

_TLP = {
    Marking.CLEAR: "WHITE",
    Marking.GREEN: "GREEN",
    Marking.AMBER: "AMBER",
    Marking.AMBER_STRICT: "RED",
    Marking.RED: "RED",
}
_NAME_UNSAFE = re.compile(r"[^+\-a-z0-9]+")
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")


class NoPackage(Invalid):
    """An advisory that names no package cannot be published."""

    code = "advisory.no_package"
    next_step = "Name at least one affected package in the draft."


class BadRevisions(Invalid):
    """The revisions of an advisory are not 1, 2, 3, ... in the order of their times."""

    code = "advisory.bad_revisions"


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """Who stands behind the advisories (CSAF 2.0, 3.2.1.8)."""

    name: str
    namespace: str
    """an https address under the publisher's control"""
    contact: str = ""
    issuing_authority: str = ""
    advisories_url: str = ""
    """address of the folder that holds the year folders; empty leaves out the canonical address"""
    osv_prefix: str = ""
    """registered with OSV for this publisher; empty while there is none"""


@dataclass(frozen=True, kw_only=True)
class _Release:
    """Where an advisory stands in its history."""

    first: Instant
    last: Instant
    version: str
    status: str
    history: Sequence[Json]


def csaf_file_name(advisory: Advisory) -> str:
    """The canonical file name (section 5.1): lower case, what is not +, -, a-z, 0-9 becomes _."""
    return f"{_NAME_UNSAFE.sub('_', advisory.number.lower())}.json"


def csaf_path(advisory: Advisory) -> str:
    """The file below the provider's folder: the year of the first release, then the file name."""
    first = advisory.revisions[0].at if advisory.revisions else advisory.drafted_at
    return f"{first.utc.year}/{csaf_file_name(advisory)}"


def canonical_url(advisory: Advisory, publisher: Publisher) -> str:
    """Where the file is published; empty when the publisher has no address."""
    base = publisher.advisories_url.rstrip("/")
    return f"{base}/{csaf_path(advisory)}" if base else ""


def write_csaf(advisory: Advisory, publisher: Publisher) -> bytes:
    """The CSAF 2.0 document. Deterministic: the same advisory gives the same bytes.

    Raises as `csaf_document`.
    """
    return written(csaf_document(advisory, publisher))


def written(document: Mapping[str, Json]) -> bytes:
    """A document as it is published: keys sorted, indented by two."""
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2) + b"\n"


def csaf_document(advisory: Advisory, publisher: Publisher) -> dict[str, Json]:
    """The CSAF 2.0 document as an object of its own, which the caller may change.

    Raises:
        NoPackage: it names no package.
        Contradiction: it calls a version affected and not affected.
        BadRevisions: its revisions are out of order.
    """
    if not advisory.packages:
        raise NoPackage
    tree = build(advisory.packages)
    return {
        "document": _document(advisory, publisher),
        "product_tree": {"branches": tree.branches},
        "vulnerabilities": [_vulnerability(advisory, publisher, tree)],
    }


def _document(advisory: Advisory, publisher: Publisher) -> Json:
    release = _release(advisory)
    withdrawn = "Withdrawn: " if advisory.state is AdvisoryState.WITHDRAWN else ""
    return _filled(
        {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "title": f"{withdrawn}{_said(advisory.title) or advisory.number}",
            "lang": "en",
            "distribution": _distribution(advisory.marking),
            "publisher": _filled(
                {
                    "category": "coordinator",
                    "name": publisher.name,
                    "namespace": publisher.namespace,
                    "contact_details": publisher.contact,
                    "issuing_authority": publisher.issuing_authority,
                }
            ),
            "notes": _document_notes(advisory),
            "references": _self_reference(advisory, publisher),
            "acknowledgments": _acknowledgments(advisory),
            "tracking": {
                "id": advisory.number,
                "status": release.status,
                "version": release.version,
                "initial_release_date": str(release.first),
                "current_release_date": str(release.last),
                "revision_history": release.history,
                "generator": {"engine": {"name": "Firstlight"}},
            },
        }
    )


def _release(advisory: Advisory) -> _Release:
    """The history; a draft is version 0, which the standard keeps for drafts (6.1.17 to 6.1.20)."""
    if not advisory.revisions:
        drafted = advisory.drafted_at
        history: list[Json] = [{"number": "0", "date": str(drafted), "summary": "Draft."}]
        return _Release(first=drafted, last=drafted, version="0", status="draft", history=history)
    numbers = [revision.number for revision in advisory.revisions]
    times = [revision.at for revision in advisory.revisions]
    if numbers != list(range(1, len(numbers) + 1)) or times != sorted(times):
        raise BadRevisions(
            f"{advisory.number} has revisions {numbers[:20]}", advisory=advisory.number
        )
    return _Release(
        first=times[0],
        last=times[-1],
        version=str(numbers[-1]),
        status="final",
        history=[
            {
                "number": str(revision.number),
                "date": str(revision.at),
                "summary": _said(revision.summary) or "Revised.",
            }
            for revision in advisory.revisions
        ],
    )


def _distribution(marking: Marking) -> Json:
    text = f"{marking.value} (TLP 2.0)."
    if marking is Marking.AMBER_STRICT:
        text += " CSAF 2.0 has no such label; the next stricter one is given."
    return {"text": text, "tlp": {"label": _TLP[marking], "url": "https://www.first.org/tlp/"}}


def _document_notes(advisory: Advisory) -> list[Json]:
    notes = [_note("summary", "Summary", advisory.summary or advisory.title or advisory.number)]
    if advisory.state is AdvisoryState.WITHDRAWN:
        reason = advisory.revisions[-1].summary if advisory.revisions else ""
        notes.append(
            _note("general", "Withdrawn", f"This advisory was withdrawn. {reason}".strip())
        )
    return notes


def _self_reference(advisory: Advisory, publisher: Publisher) -> list[Json]:
    url = canonical_url(advisory, publisher)
    return [{"category": "self", "summary": "Canonical address", "url": url}] if url else []


def _acknowledgments(advisory: Advisory) -> list[Json]:
    kinds: dict[str, list[str]] = {}
    for credit in advisory.credits:
        if _said(credit.name):
            kinds.setdefault(_said(credit.kind), []).append(credit.name)
    return [
        _filled({"names": list(dict.fromkeys(names)), "summary": kind})
        for kind, names in kinds.items()
    ]


def _vulnerability(advisory: Advisory, publisher: Publisher, tree: Tree) -> Json:
    names = list(dict.fromkeys(filter(None, map(str.strip, advisory.identifiers))))
    cves = [name for name in names if _CVE.fullmatch(name)]
    weakness, others = _weakness(advisory.cwe)
    score = _score(advisory.cvss)
    affected = tree.all("affected")
    return _filled(
        {
            "title": _said(advisory.title),
            "cve": cves[0] if cves else "",
            "cwe": weakness,
            "ids": [
                {"system_name": publisher.name, "text": advisory.number},
                *(
                    {"system_name": name.partition("-")[0] or "other", "text": name}
                    for name in names
                    if name not in cves and name != advisory.number
                ),
            ],
            "notes": _notes(advisory, others, cves[1:], scored=bool(score)),
            "product_status": _filled(
                {
                    "known_affected": affected,
                    "fixed": tree.all("fixed"),
                    "known_not_affected": tree.all("not_affected"),
                }
            ),
            "remediations": _remediations(advisory, tree),
            "scores": [{**score, "products": affected}] if score else [],
            "references": [
                {"category": "external", "summary": url, "url": url}
                for url in dict.fromkeys(advisory.references)
                if is_link(url)
            ],
        }
    )


def _notes(
    advisory: Advisory, weaknesses: Sequence[str], cves: Sequence[str], *, scored: bool
) -> list[Json]:
    text = _said(advisory.details) or _said(advisory.summary) or advisory.number
    notes = [_note("description", "Description", text)]
    if advisory.cvss and not scored:
        notes.append(_note("other", "CVSS vector", advisory.cvss))
    if weaknesses:
        notes.append(_note("other", "Further weaknesses", ", ".join(weaknesses)))
    if cves:
        notes.append(_note("other", "Further identifiers", ", ".join(cves)))
    return notes


def _note(category: str, title: str, text: str) -> Json:
    return {"category": category, "title": title, "text": text}


def _said(text: str) -> str:
    """The text, or nothing when it is blank."""
    return text if text.strip() else ""


@cache
def weakness_names() -> Mapping[str, str]:
    """CWE names; the standard demands the exact name beside the number (6.1.11)."""
    source = resources.files(__package__).joinpath("schemas/cwe-4.20.json")
    names: Mapping[str, str] = json.loads(source.read_bytes())
    return names


def _weakness(listed: Sequence[str]) -> tuple[Json, list[str]]:
    """The first weakness that the catalogue knows, and the others; CSAF 2.0 has place for one."""
    names = weakness_names()
    known = next((item for item in listed if item in names), None)
    others = [item for item in dict.fromkeys(listed) if item != known and item.strip()]
    return ({"id": known, "name": names[known]} if known else None), others


def _score(vector: str) -> dict[str, Json]:
    """The score that a CVSS 2 or 3 vector gives; empty for 4.0 and for what cannot be read."""
    try:
        if vector.startswith("CVSS:3"):
            return {"cvss_v3": dict(CVSS3(vector).as_json(minimal=True))}
        if vector.startswith("AV:"):
            return {"cvss_v2": dict(CVSS2(vector).as_json(minimal=True))}
    except CVSSError:
        return {}
    return {}


def _remediations(advisory: Advisory, tree: Tree) -> list[Json]:
    found = [
        _remediation(package, statuses)
        for package, statuses in zip(advisory.packages, tree.packages, strict=True)
    ]
    if _said(advisory.mitigation):
        found.append(
            {
                "category": "mitigation",
                "details": advisory.mitigation,
                "product_ids": tree.all("affected"),
            }
        )
    return found


def _remediation(package: AffectedPackage, statuses: Statuses) -> Json:
    name = package.name or package.purl
    fixed = f"Update {name} to {package.fixed} or later."
    return {
        "category": "vendor_fix" if package.fixed else "none_available",
        "details": fixed if package.fixed else f"There is no fixed version of {name} yet.",
        "product_ids": statuses.affected,
    }


def _filled(members: Mapping[str, Json]) -> dict[str, Json]:
    """Without what is empty, since the standard allows no empty text or list."""
    return {key: value for key, value in members.items() if value not in ("", [], {}, None)}
