"""CVE records 5.x (CVE Program) in: one report for each published record.

Read are the container of the numbering authority and, for severity and weakness, those of the
authorised publishers beside it (CISA's among them). A rejected record reports no flaw and is
refused. A record is public by nature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firstlight.adapters.formats import bounded_json
from firstlight.adapters.formats.limits import DEFAULT, ReadLimits
from firstlight.adapters.formats.purl import BadPurl, package_of
from firstlight.adapters.formats.reading import Intake, Node, cwes, flaw_names
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
from firstlight.core.kernel.errors import UnknownFormat

_SCORES = ("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0")


def read(document: bytes, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """The report of a record.

    Raises:
        UnknownFormat: no CVE record 5.x, or a rejected one.
        Invalid: any error of `bounded_json.decode`; WrongType with the JSON path; TooLarge.
    """
    return from_json(bounded_json.decode(document, limits.json), limits=limits)


def from_json(value: Json, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """As `read`, for a document that is decoded already."""
    root, intake = Node(value), Intake(limits)
    version = root.get("dataVersion").string()
    if not version.startswith("5."):
        raise UnknownFormat(f"CVE record {version[:20] or 'without a version'}; 5.x is read")
    state = root.at("cveMetadata", "state").string()
    if state != "PUBLISHED":
        raise UnknownFormat(f"the record is {state[:20].lower() or 'in no state'}", found=state)
    cna = root.at("containers", "cna")
    every = [cna, *root.at("containers", "adp").items()]
    name = root.at("cveMetadata", "cveId").string()
    said = _english(cna.get("descriptions"))
    title = cna.get("title").string() or said.partition("\n")[0].partition(". ")[0] or name
    return (
        Report(
            format=Format.CVE,
            title=intake.line(title),
            description=intake.block(said),
            product=_product(cna.get("affected").items(), intake),
            severity=_severity(every, intake),
            cwe=cwes([text for one in every for text in _weaknesses(one)]),
            identifiers=intake.lines(flaw_names([name])),
            references=intake.links([one.get("url").string() for one in _items(every)]),
            provenance=Provenance(
                reporters=intake.lines(
                    [credit.get("value").string() for credit in cna.get("credits").items()]
                ),
                origin_references=intake.lines([name]),
            ),
            circumstances=Circumstances(
                public=Known.YES,
                work_around=intake.block(_english(cna.get("workarounds"))),
            ),
        ),
    )


def _items(containers: Sequence[Node]) -> Iterator[Node]:
    for container in containers:
        yield from container.get("references").items()


def _english(texts: Node) -> str:
    """The first text in English, else the first."""
    found = texts.items()
    named = [one for one in found if one.get("lang").string().lower().startswith("en")]
    return next((one.get("value").string() for one in (*named, *found)), "")


def _product(affected: Sequence[Node], intake: Intake) -> Product:
    """The first product; its versions as they are listed, spans as they are bounded."""
    if not affected:
        return Product()
    one = affected[0]
    try:
        purl = package_of(one.get("packageURL").string())[0]
    except BadPurl:
        purl = ""
    name = one.get("packageName").string() or one.get("product").string()
    versions = [item for item in one.get("versions").items() if _affected(item, one)]
    return Product(
        purl=purl,
        name=intake.line(" ".join(filter(None, (one.get("vendor").string(), name)))),
        versions=intake.lines([_span(item) for item in versions]),
        fixed=intake.lines(
            [
                bound
                for item in versions
                if (bound := item.get("lessThan").string()) not in {"", "*"}
            ]
        ),
    )


def _affected(version: Node, product: Node) -> bool:
    status = version.get("status").string() or product.get("defaultStatus").string()
    return status == "affected"


def _span(version: Node) -> str:
    start = version.get("version").string()
    below, last = version.get("lessThan").string(), version.get("lessThanOrEqual").string()
    if below:
        return f"from {start}, before {below}"
    return f"from {start}, up to {last}" if last else start


def _severity(containers: Sequence[Node], intake: Intake) -> Severity:
    """The newest CVSS that anybody gives, the numbering authority first."""
    for container in containers:
        metrics = container.get("metrics").items()
        for kind in _SCORES:
            for metric in metrics:
                score = metric.get(kind)
                vector = score.get("vectorString").string()
                if vector:
                    label = score.get("baseSeverity").string().lower()
                    return Severity(vector=intake.line(vector), label=intake.line(label))
    return Severity()


def _weaknesses(container: Node) -> Iterator[str]:
    for kind in container.get("problemTypes").items():
        for told in kind.get("descriptions").items():
            yield told.get("cweId").string() or told.get("description").string()
