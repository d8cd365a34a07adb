"""CSAF 2.0 and 2.1 (OASIS) in: one report for each vulnerability of a document.

The profile made for it is 2.1's `csaf_vulnerability_report`; any other CSAF document is read in the
same way. A document without vulnerabilities gives one report from its own notes, except an
informational advisory, which by its profile reports none.

The standard gives no place to attachments. They travel as notes of the vulnerability, category
`other`, whose title says what they are:
- `Proof: NAME`, with a data URL (RFC 2397) in base64 as text, such as
  `data:application/octet-stream;base64,AAAA`;
- `Patch: NAME` and `Test: NAME`, with the file itself as text;
- `Crash`, with the trace as text; `Trigger`, with what makes it happen.
In CSAF 2.1 an extension (`x_extensions`, of the document or of the vulnerability) whose `$schema`
is `urn:firstlight:schema:report:1.0` may carry any field of the plain format in its `content`.

Further places follow the form that CERT/CC's VINCE writes: threats of category `impact` and
`exploit_status`, the discoverer's open involvement as plan of disclosure, references whose summary
starts with "Publicly known" or "Publicly exploited", and `share_contact_with_vendor` in an
extension.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from firstlight.adapters.formats import bounded_json
from firstlight.adapters.formats._csaf_circumstances import circumstances, coordination
from firstlight.adapters.formats._csaf_tree import TreeProduct, products
from firstlight.adapters.formats.limits import DEFAULT, ReadLimits
from firstlight.adapters.formats.plain import SCHEMA_ID, overlay, partial
from firstlight.adapters.formats.reading import BadBase64, Intake, Node, cwes
from firstlight.core.clearinghouse.finding import (
    Attachment,
    Contact,
    Format,
    Product,
    Proof,
    Provenance,
    Report,
    Severity,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import TooLarge, UnknownFormat

VERSIONS = frozenset({"2.0", "2.1"})

_AFFECTED = ("known_affected", "first_affected", "last_affected", "under_investigation")
_FIXED = ("first_fixed", "fixed")
_MAIN_NOTES = frozenset({"description", "summary", "details"})
_FILE_TITLE = re.compile(r"(proof|patch|test): ?(.{1,200})", re.IGNORECASE)
_DATA_URL = re.compile(r"data:([\w.+-]{1,60}/[\w.+-]{1,60})?;base64,", re.ASCII)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.ASCII)
_NAMED_PRODUCTS = 20
_EXTENSIONS = 20


@dataclass(frozen=True, kw_only=True)
class _Files:
    """What the notes of a vulnerability carry besides prose."""

    description: str
    trigger: str
    crash: str
    proofs: tuple[Proof, ...]
    patches: tuple[Attachment, ...]
    tests: tuple[Attachment, ...]


def read(document: bytes, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """The reports of a CSAF document.

    Raises:
        UnknownFormat: not CSAF 2.0 or 2.1.
        Invalid: any error of `bounded_json.decode`; WrongType, BadBase64, AgainstSchema with the
            JSON path; TooLarge.
    """
    return from_json(bounded_json.decode(document, limits.json), limits=limits)


def from_json(value: Json, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """As `read`, for a document that is decoded already."""
    root = Node(value)
    document = root.get("document")
    version = document.get("csaf_version").string()
    if version not in VERSIONS:
        raise UnknownFormat(f"CSAF {version[:20] or 'without a version'}", found=version)
    vulnerabilities = root.get("vulnerabilities").items()
    if len(vulnerabilities) > limits.reports:
        raise TooLarge(f"more than {limits.reports} vulnerabilities", limit=limits.reports)
    if not vulnerabilities and "informational" not in document.get("category").string():
        vulnerabilities = (Node({}, root, "vulnerabilities"),)
    whole = _Whole(root, Intake(limits))
    return tuple(_report(whole, node) for node in vulnerabilities)


class _Whole:
    """What all vulnerabilities of a document share, made once and charged to each."""

    def __init__(self, root: Node, intake: Intake) -> None:
        """Look only; each part is made when it is first asked for."""
        self.intake = intake
        self.document = document = root.get("document")
        self.tree = products(root.get("product_tree"))
        self.files = intake.once(lambda: _files(document.get("notes").items(), intake))
        self.contact = intake.once(lambda: _contact(document, intake))
        self.provenance = intake.once(lambda: _provenance(document, intake))
        self.references = intake.once(lambda: _references(document, intake))
        self.coordination = intake.once(lambda: coordination(document, intake))
        self.extensions = intake.once(
            lambda: [*_extensions(root, intake), *_extensions(document, intake)]
        )


def _report(whole: _Whole, node: Node) -> Report:
    intake, document = whole.intake, whole.document
    notes = node.get("notes").items()
    files = _files(notes, intake) if notes else whole.files()
    product, others = _product(node, whole.tree, intake)
    description = "\n\n".join(part for part in (files.description, others) if part)
    report = Report(
        format=Format.CSAF,
        title=intake.line(node.get("title").string() or document.get("title").string()),
        description=intake.block(description),
        trigger=files.trigger,
        impact=_threats(node, "impact", intake),
        exploit=_threats(node, "exploit_status", intake),
        product=product,
        severity=_severity(node, document, intake),
        cwe=_cwe(node),
        identifiers=_identifiers(node, intake),
        crash=files.crash,
        proofs=files.proofs,
        patches=files.patches,
        tests=files.tests,
        references=tuple(dict.fromkeys([*_references(node, intake), *whole.references()])),
        contact=whole.contact(),
        provenance=whole.provenance(),
        circumstances=circumstances(node, whole.coordination(), intake),
    )
    for extension in [*whole.extensions(), *_extensions(node, intake)]:
        report = overlay(report, extension)
    return report


def _extensions(bearer: Node, intake: Intake) -> list[Report]:
    """Partial reports from our extension, and the consent that VINCE's carries."""
    found = []
    for extension in bearer.get("x_extensions").items()[:_EXTENSIONS]:
        content = extension.get("content")
        if extension.get("$schema").string() == SCHEMA_ID:
            found.append(partial(content, intake))
        elif content.loose("share_contact_with_vendor").value is True:
            found.append(Report(format=Format.CSAF, contact=Contact(share_with_maintainer=True)))
    return found


def _files(notes: Sequence[Node], intake: Intake) -> _Files:
    """Sort the notes: main text, other texts below it under their titles, and files."""
    main: list[str] = []
    more: list[str] = []
    trigger = crash = ""
    proofs: list[Proof] = []
    files: dict[str, list[Attachment]] = {"patch": [], "test": []}
    for note in notes:
        title, text = note.get("title").string().strip(), note.get("text")
        category = note.get("category").string()
        match = _FILE_TITLE.fullmatch(title)
        if match and match[1].lower() == "proof":
            proofs.append(_proof(intake.line(match[2]), text, intake))
        elif match:
            files[match[1].lower()].append(
                Attachment(name=intake.line(match[2]), text=intake.code(text.string(), text.path))
            )
        elif title.lower() == "crash":
            crash = intake.crash(text.string())
        elif title.lower() == "trigger":
            trigger = intake.block(text.string())
        elif category in _MAIN_NOTES:
            main.append(intake.block(text.string()))
        elif category != "legal_disclaimer":
            more.append(intake.block(f"{title}: {text.string()}" if title else text.string()))
        if max(len(proofs), *map(len, files.values())) > intake.limits.files:
            raise TooLarge("too many files in notes", limit=intake.limits.files, path=note.path)
    return _Files(
        description=intake.block("\n\n".join(dict.fromkeys([*main, *more]))),
        trigger=trigger,
        crash=crash,
        proofs=tuple(proofs),
        patches=tuple(files["patch"]),
        tests=tuple(files["test"]),
    )


def _proof(name: str, text: Node, intake: Intake) -> Proof:
    match = _DATA_URL.match(text.string())
    if match is None:
        raise BadBase64(f"{text.path}: a proof is a data URL in base64", path=text.path)
    return Proof(
        name=name,
        media_type=match[1] or "application/octet-stream",
        data=intake.file(text.string()[match.end() :], text.path),
    )


def _product(node: Node, tree: dict[str, TreeProduct], intake: Intake) -> tuple[Product, str]:
    """The first affected package with all its versions, and a sentence about the others."""
    status = node.get("product_status")

    def named(*keys: str) -> list[TreeProduct]:
        ids = [item.string() for key in keys for item in status.get(key).items()]
        return [tree[identifier] for identifier in dict.fromkeys(ids) if identifier in tree]

    affected = named(*_AFFECTED)
    if not affected and status.missing:
        affected = list(islice(tree.values(), intake.limits.items))
    if not affected:
        return Product(), ""
    main = next((product for product in affected if product.purl), affected[0])
    fixed = [product for product in named(*_FIXED, "recommended") if _same(product, main)]
    others = dict.fromkeys(product.name for product in affected if not _same(product, main))
    sentence = ", ".join(intake.line(name) for name in list(others)[:_NAMED_PRODUCTS])
    if len(others) > _NAMED_PRODUCTS:
        sentence += f" and {len(others) - _NAMED_PRODUCTS} more"
    product = Product(
        purl=main.purl,
        name=intake.line(main.name),
        versions=intake.lines([item.version for item in affected if _same(item, main)]),
        fixed=intake.lines([item.version for item in fixed]),
        not_affected=_not_affected(node, named("known_not_affected"), intake),
    )
    return product, f"Also affected: {sentence}." if sentence else ""


def _same(one: TreeProduct, other: TreeProduct) -> bool:
    return one.purl == other.purl if one.purl or other.purl else one.name == other.name


def _not_affected(node: Node, spared: Sequence[TreeProduct], intake: Intake) -> str:
    """Products that are not affected, with the reasons that flags and impact statements give."""
    reasons: dict[str, str] = {}
    for flag in node.get("flags").items():
        for identifier in flag.get("product_ids").items():
            reasons[identifier.string()] = flag.get("label").string().replace("_", " ")
    lines = []
    for product in spared[: intake.limits.items]:
        reason = reasons.get(product.id, "")
        named = intake.line(f"{product.name} {product.version}")
        lines.append(f"{named}: {intake.line(reason)}" if reason else named)
    return intake.block("\n".join(lines))


def _threats(node: Node, category: str, intake: Intake) -> str:
    texts = [
        threat.get("details").string()
        for threat in node.get("threats").items()
        if threat.get("category").string() == category
    ]
    return intake.block("\n\n".join(dict.fromkeys(texts)))


def _severity(node: Node, document: Node, intake: Intake) -> Severity:
    """The newest CVSS version that is given: 4, then 3, then 2."""
    scores = [
        *node.get("scores").items(),  # 2.0
        *(metric.get("content") for metric in node.get("metrics").items()),  # 2.1
    ]
    for key in ("cvss_v4", "cvss_v3", "cvss_v2"):
        for score in scores:
            vector = score.at(key, "vectorString").string()
            if vector:
                label = score.at(key, "baseSeverity").string().lower()
                return Severity(vector=intake.line(vector), label=intake.line(label))
    labels = [score.get("qualitative_severity_rating").string() for score in scores]
    labels.append(document.at("aggregate_severity", "text").string())
    return Severity(label=intake.line(next((label for label in labels if label), "")))


def _cwe(node: Node) -> tuple[str, ...]:
    return cwes(
        [
            node.at("cwe", "id").string(),  # 2.0
            *(item.get("id").string() for item in node.get("cwes").items()),  # 2.1
        ]
    )


def _identifiers(node: Node, intake: Intake) -> tuple[str, ...]:
    others = [item.get("text").string() for item in node.get("ids").items()]
    return intake.lines([node.get("cve").string(), *others])


def _references(bearer: Node, intake: Intake) -> tuple[str, ...]:
    return intake.links([item.get("url").string() for item in bearer.get("references").items()])


def _contact(document: Node, intake: Intake) -> Contact:
    """The discoverer, when the discoverer publishes. Only a report counts as consent to credit."""
    publisher = document.get("publisher")
    is_report = document.get("category").string() == "csaf_vulnerability_report"
    names = _acknowledged(document)
    contact = Contact(
        credit=is_report and bool(names), credit_name=intake.line(", ".join(names[:5]))
    )
    if publisher.get("category").string() != "discoverer":
        return contact
    places = (
        publisher.at("contact", "email"),  # 2.1
        publisher.get("contact_details"),  # 2.0
        publisher.get("namespace"),  # VINCE writes mailto: here
    )
    email = _EMAIL.search(" ".join(place.string()[:500] for place in places))
    return replace(
        contact,
        name=intake.line(publisher.get("name").string()),
        email=email[0] if email else "",
    )


def _acknowledged(document: Node) -> list[str]:
    """Names, or the organisation where no name is given."""
    found: list[str] = []
    for item in document.get("acknowledgments").items():
        names = [name.string().strip() for name in item.get("names").items()]
        found += names or [item.get("organization").string()]
    return [name for name in dict.fromkeys(found) if name]


def _provenance(document: Node, intake: Intake) -> Provenance:
    publisher = document.at("publisher", "name").string()
    tracking = document.get("tracking")
    engine = tracking.at("generator", "engine")
    names = [tracking.get("id"), *tracking.get("aliases").items()]
    tool = f"{engine.get('name').string()} {engine.get('version').string()}"
    return Provenance(
        tool=intake.line(tool),
        reporters=intake.lines([*_acknowledged(document), publisher]),
        origin_references=intake.lines([name.string() for name in names]),
    )
