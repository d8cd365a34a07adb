"""OSV 1.x records (OpenSSF) in and out.

In: one report for each record; a query response (`{"vulns": [...]}`) may carry several. A record is
public by nature. OSS-Fuzz keeps the crash type and state in `details`; they are taken as the crash.

Out: OSV 1.7 for released advisories. The schema lists the prefixes that OSV has registered. A
publisher that has one writes records under it, valid as they stand; without one the identifier is
the advisory's own number, which is the one place where the schema objects.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

from firstlight.adapters.formats import bounded_json
from firstlight.adapters.formats.csaf_advisory import Publisher, canonical_url, written
from firstlight.adapters.formats.limits import DEFAULT, ReadLimits
from firstlight.adapters.formats.purl import (
    BadPurl,
    NoEcosystem,
    from_osv,
    is_osv_ecosystem,
    package_of,
)
from firstlight.adapters.formats.reading import Intake, Node, cwes, is_link
from firstlight.core.clearinghouse.advisory.model import (
    Advisory,
    AdvisoryState,
    AffectedPackage,
    Credit,
)
from firstlight.core.clearinghouse.finding import (
    Circumstances,
    Format,
    Known,
    Product,
    Provenance,
    Report,
    Severity,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import TooLarge, UnknownFormat

SCHEMA_VERSION = "1.7.3"

_TITLE = 120
_VECTORS = ("CVSS_V4", "CVSS_V3", "CVSS_V2")
_CRASH = re.compile(r"```\n(Crash type: .{0,20000}?)\n?```", re.DOTALL)
_CREDIT_KINDS = frozenset(
    {
        "FINDER",
        "REPORTER",
        "ANALYST",
        "COORDINATOR",
        "REMEDIATION_DEVELOPER",
        "REMEDIATION_REVIEWER",
        "REMEDIATION_VERIFIER",
        "TOOL",
        "SPONSOR",
        "OTHER",
    }
)


def read(document: bytes, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """The reports of an OSV record or query response.

    Raises:
        UnknownFormat: not OSV, or a schema newer than 1.x.
        Invalid: any error of `bounded_json.decode`; WrongType with the JSON path; TooLarge.
    """
    return from_json(bounded_json.decode(document, limits.json), limits=limits)


def from_json(value: Json, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """As `read`, for a document that is decoded already."""
    root = Node(value)
    several = root.get("vulns")
    records = (root,) if several.missing else several.items()
    if len(records) > limits.reports:
        raise TooLarge(f"more than {limits.reports} records", limit=limits.reports)
    intake = Intake(limits)
    return tuple(_report(record, intake) for record in records)


def _report(node: Node, intake: Intake) -> Report:
    identifier = node.get("id").string()
    version = node.get("schema_version").string()
    if not identifier or node.get("modified").missing:
        raise UnknownFormat(f"{node.path}: an OSV record has an id and a time of modification")
    if version and not version.startswith("1."):
        raise UnknownFormat(f"OSV schema {version[:20]}; 1.x is read", found=version)
    details = node.get("details").string()
    crash = _CRASH.search(details)
    affected = node.get("affected").items()
    names = [identifier, *_texts(node.get("aliases")), *_texts(node.get("upstream"))]
    return Report(
        format=Format.OSV,
        title=_title(node, identifier, intake),
        description=_description(node, affected, intake),
        product=_product(affected, intake),
        severity=_severity(node, affected, intake),
        cwe=_cwe(node, affected),
        identifiers=intake.lines(names),
        crash=intake.crash(crash[1]) if crash else "",
        references=intake.links(
            [item.get("url").string() for item in node.get("references").items()]
        ),
        provenance=Provenance(
            reporters=intake.lines(
                [item.get("name").string() for item in node.get("credits").items()]
            ),
            origin_references=intake.lines([identifier]),
        ),
        circumstances=Circumstances(public=Known.YES),
    )


def _texts(node: Node) -> list[str]:
    return [item.string() for item in node.items()]


def _title(node: Node, identifier: str, intake: Intake) -> str:
    """The summary, or else the first sentence of the details when it is short, or else the name."""
    summary = node.get("summary").string()
    first = node.get("details").string().strip().partition("\n")[0].partition(". ")[0]
    return intake.line(summary or (first if len(first) <= _TITLE else "") or identifier)


def _description(node: Node, affected: Sequence[Node], intake: Intake) -> str:
    parts = [node.get("details").string() or node.get("summary").string()]
    others = [item.at("package", "name").string() for item in affected[1:20]]
    if any(others):
        parts.append("Also affected: " + ", ".join(dict.fromkeys(filter(None, others))) + ".")
    withdrawn = node.get("withdrawn").string()
    if withdrawn:
        parts.insert(0, f"This record was withdrawn on {withdrawn[:40]}.")
    return intake.block("\n\n".join(part for part in parts if part))


def _product(affected: Sequence[Node], intake: Intake) -> Product:
    """The first package. Enumerated versions when they are few enough, else ranges as vers."""
    if not affected:
        return Product()
    first = affected[0]
    package = first.get("package")
    name, ecosystem = package.get("name").string(), package.get("ecosystem").string()
    purl = _purl(package.get("purl").string(), ecosystem, name)
    ranges = [item for item in first.get("ranges").items() if item.get("type").string() != "GIT"]
    versions = _texts(first.get("versions"))
    if not versions or len(versions) > intake.limits.items:
        kind = purl.partition("/")[0].removeprefix("pkg:") or "generic"
        spans = [_vers(item.get("events").items(), kind) for item in ranges]
        versions = [span for span in spans if span] or versions
    events = [event for item in ranges for event in item.get("events").items()]
    return Product(
        purl=purl,
        name=intake.line(name),
        versions=intake.lines(versions),
        fixed=intake.lines([event.get("fixed").string() for event in events]),
    )


def _purl(given: str, ecosystem: str, name: str) -> str:
    """The record's package URL, or the one that its ecosystem and name make, or none."""
    try:
        return package_of(given)[0] if given else from_osv(ecosystem, name)
    except (BadPurl, NoEcosystem):
        return ""


def _vers(events: Sequence[Node], kind: str) -> str:
    """Events as a vers range: vers:pypi/>=1.0|<1.5|>=2.0|<2.3."""
    signs = (("introduced", ">="), ("fixed", "<"), ("last_affected", "<="))
    parts = []
    for event in events:
        for key, sign in signs:
            version = event.get(key).string()
            if version and (key, version) != ("introduced", "0"):
                parts.append(f"{sign}{version}")
    if not parts:
        return f"vers:{kind}/*" if events else ""
    return f"vers:{kind}/" + "|".join(parts)


def _severity(node: Node, affected: Sequence[Node], intake: Intake) -> Severity:
    scores = [*node.get("severity").items()]
    for item in affected:
        scores += item.get("severity").items()
    known = {score.get("type").string(): score.get("score").string() for score in reversed(scores)}
    vector = next((known[kind] for kind in _VECTORS if kind in known), "")
    bags = [
        item.get(key)
        for item in affected[:1]
        for key in ("ecosystem_specific", "database_specific")
    ]
    labels = [bag.loose("severity").scalar() for bag in [*bags, node.get("database_specific")]]
    label = next((label for label in labels if label), known.get("Ubuntu", ""))
    return Severity(vector=intake.line(vector), label=intake.line(label.lower()))


def _cwe(node: Node, affected: Sequence[Node]) -> tuple[str, ...]:
    bags = [
        node.get("database_specific"),
        *(item.get("database_specific") for item in affected[:5]),
    ]
    texts = [
        text for bag in bags for key in ("cwe_ids", "cwes") for text in bag.loose(key).scalars()
    ]
    return cwes(texts)


def osv_id(advisory: Advisory, publisher: Publisher) -> str:
    """The record's identifier: the advisory's number, under the publisher's registered prefix."""
    own, dash, rest = advisory.number.partition("-")
    return f"{publisher.osv_prefix or own}{dash}{rest}"


def write_osv(advisory: Advisory, publisher: Publisher) -> bytes:
    """The OSV record of an advisory; it points to the CSAF document as the full advisory.

    Deterministic: the same advisory gives the same bytes.
    """
    identifier = osv_id(advisory, publisher)
    # The number by which everything else calls the advisory stays findable beside the record's own.
    aliases = [name for name in (advisory.number, *advisory.identifiers) if name != identifier]
    changed = advisory.revisions[-1].at if advisory.revisions else advisory.drafted_at
    record: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "id": identifier,
        "modified": str(changed),
        "summary": advisory.title,
        "details": _details(advisory),
        "affected": [_affected(package) for package in advisory.packages],
        "aliases": [name for name in dict.fromkeys(aliases) if name],
        "references": _references(advisory, publisher),
        "credits": [_credit(credit) for credit in advisory.credits],
        "database_specific": {
            "cwe_ids": list(advisory.cwe),
            "tlp": advisory.marking.value,
        },
    }
    if advisory.revisions:
        record["published"] = str(advisory.revisions[0].at)
    if advisory.state is AdvisoryState.WITHDRAWN:
        record["withdrawn"] = str(changed)
    record["severity"] = _score(advisory.cvss)
    kept = {key: value for key, value in record.items() if value not in ([], "")}
    return written(kept)


def _score(vector: str) -> list[Json]:
    """The vector in the order of its metrics that the schema demands; nothing when unreadable."""
    readers = (
        ("CVSS:4", "CVSS_V4", CVSS4),
        ("CVSS:3", "CVSS_V3", CVSS3),
        ("AV:", "CVSS_V2", CVSS2),
    )
    for prefix, kind, reader in readers:
        if vector.startswith(prefix):
            try:
                return [{"type": kind, "score": str(reader(vector).clean_vector())}]
            except CVSSError:
                return []
    return []


def _details(advisory: Advisory) -> str:
    parts = [advisory.summary, advisory.details]
    if advisory.mitigation:
        parts.append(f"## Mitigation\n\n{advisory.mitigation}")
    return "\n\n".join(dict.fromkeys(part for part in parts if part.strip()))


def _references(advisory: Advisory, publisher: Publisher) -> list[Json]:
    own = canonical_url(advisory, publisher)
    links = [link for link in dict.fromkeys(advisory.references) if is_link(link)]
    first: list[Json] = [{"type": "ADVISORY", "url": own}] if own else []
    return [*first, *({"type": "WEB", "url": link} for link in links)]


def _affected(package: AffectedPackage) -> Json:
    """One package. Without an ecosystem that OSV knows, versions are all that can be said."""
    versions = list(dict.fromkeys(filter(None, package.affected_versions)))
    written: dict[str, Json] = {"versions": versions} if versions else {}
    if not is_osv_ecosystem(package.ecosystem):
        written["database_specific"] = {"purl": package.purl, "fixed": package.fixed}
        return written
    written["package"] = {
        "ecosystem": package.ecosystem,
        "name": package.name,
        "purl": package.purl,
    }
    events: list[Json] = [{"introduced": package.introduced or "0"}]
    if package.fixed:
        events.append({"fixed": package.fixed})
    written["ranges"] = [{"type": "ECOSYSTEM", "events": events}]
    return written


def _credit(credit: Credit) -> Json:
    kind = credit.kind.upper().replace(" ", "_").replace("-", "_")
    return {"name": credit.name, "type": kind if kind in _CREDIT_KINDS else "OTHER"}
