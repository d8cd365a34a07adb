"""SARIF 2.1.0 (OASIS) in: one report for each result that says that something is wrong.

What is not reported, but counted: results that are suppressed (3.27.23: a suppression counts unless
its status is underReview or rejected), absent from this run (`baselineState`), or of a kind that
reports no problem (pass, notApplicable, informational). Code flows are not read.

What SARIF has no place for rides in property bags; the result's wins over the run's:
- `properties.purl`, `properties.versions`: the package, and its affected versions;
- `properties.firstlight`: any field of the plain format (`plain.partial`).

A proof, patch or test is an artefact of the run with its contents embedded (`contents.binary` in
base64, or `contents.text`), to which an attachment of the result points by index. Its
`properties.kind` says proof, patch, test or crash; without it a .patch or .diff is a patch and
anything else is a proof. A crash trace comes from there, from the result's stacks, or from a
message that is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from firstlight.adapters.formats import bounded_json
from firstlight.adapters.formats._sarif_run import Run, taxon_texts, text_of, weakness_texts
from firstlight.adapters.formats.limits import DEFAULT, ReadLimits
from firstlight.adapters.formats.plain import overlay, partial, product_of
from firstlight.adapters.formats.reading import Intake, Node, cwes, flaw_names
from firstlight.adapters.formats.text import cut
from firstlight.core.clearinghouse.finding import (
    Attachment,
    Circumstances,
    Format,
    Location,
    Product,
    Proof,
    Provenance,
    Report,
    Severity,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import TooLarge, UnknownFormat

VERSION = "2.1.0"

_NO_PROBLEM = frozenset({"pass", "notApplicable", "informational"})
_STACK_FRAMES = 200
_TITLE = 120
"""characters above which a text is a sentence rather than a title"""
_TRACE = re.compile(
    r"ERROR: \w{1,40}Sanitizer|runtime error: |Traceback \(most recent call|^\s{0,8}#0 +0x"
    r"|^panic: |^goroutine [0-9]{1,9} |^Exception in thread |== Java Exception",
    re.MULTILINE,
)
_DIFF = re.compile(r"\.(?:patch|diff)$|^text/x-(?:patch|diff)", re.IGNORECASE)
_GITHUB = re.compile(r"https://github\.com/([\w.-]{1,100})/([\w.-]{1,100}?)(?:\.git)?/?", re.ASCII)
_BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
"""GitHub's reading of `security-severity`, which is the reading of CVSS 3.1"""


@dataclass(frozen=True, kw_only=True)
class SarifReading:
    """What a log held."""

    reports: Sequence[Report]
    suppressed: int = 0
    """results that their owner has suppressed"""
    no_problem: int = 0
    """results that report no problem, or one that is gone"""


def read(document: bytes, *, limits: ReadLimits = DEFAULT) -> Sequence[Report]:
    """The reports of a log; `read_counted` tells also what was left out.

    Raises:
        UnknownFormat: not SARIF 2.1.0.
        Invalid: any error of `bounded_json.decode`; WrongType, BadPurl, BadBase64, AgainstSchema
            with the JSON path; TooLarge.
    """
    return read_counted(document, limits=limits).reports


def read_counted(document: bytes, *, limits: ReadLimits = DEFAULT) -> SarifReading:
    """As `read`, with the number of results that were left out."""
    return from_json(bounded_json.decode(document, limits.json), limits=limits)


def from_json(value: Json, *, limits: ReadLimits = DEFAULT) -> SarifReading:
    """As `read_counted`, for a document that is decoded already."""
    root = Node(value)
    version = root.get("version").string()
    if version != VERSION:
        raise UnknownFormat(
            f"SARIF {version[:20] or 'without a version'}; only {VERSION} is read", found=version
        )
    intake = Intake(limits)
    reports: list[Report] = []
    suppressed = no_problem = 0
    for node in root.get("runs").items():
        run = Run(node, intake)
        for result in node.get("results").items():
            if _is_suppressed(result):
                suppressed += 1
            elif _is_no_problem(result):
                no_problem += 1
            elif len(reports) == limits.reports:
                raise TooLarge(
                    f"the log has more than {limits.reports} results to report",
                    hint="Triage the scan first, or send it in parts.",
                    limit=limits.reports,
                )
            else:
                reports.append(_report(run, result, intake))
    return SarifReading(reports=tuple(reports), suppressed=suppressed, no_problem=no_problem)


def _is_suppressed(result: Node) -> bool:
    statuses = [item.get("status").string() for item in result.get("suppressions").items()]
    return bool(statuses) and all(status in {"", "accepted"} for status in statuses)


def _is_no_problem(result: Node) -> bool:
    return (
        result.get("kind").string() in _NO_PROBLEM
        or result.get("baselineState").string() == "absent"
    )


def _report(run: Run, result: Node, intake: Intake) -> Report:
    rule = run.rule(result)
    message = cut(
        run.message(result.get("message"), rule, intake.limits.block), intake.limits.block
    )
    location = result.get("locations").item(0)
    physical = location.get("physicalLocation")
    line = physical.at("region", "startLine").number()
    bags = (result.get("properties"), run.node.get("properties"))
    report = Report(
        format=Format.SARIF,
        title=_title(run, result, rule, message, intake),
        description=_description(message, run.described(rule).general, intake),
        product=_product(run, bags, intake),
        severity=_severity(result, rule, intake),
        cwe=_cwe(run, result, rule),
        identifiers=intake.lines(flaw_names([run.rule_id(result), rule.get("name").string()])),
        root_cause=Location(
            path=intake.line(run.path(physical.get("artifactLocation"))),
            line=line if line and line > 0 else None,
            function=intake.line(run.function(location)),
        ),
        crash=_crash(run, result, message, intake),
        references=_references(run, result, rule, intake),
        fingerprints=_fingerprints(result, intake),
        provenance=Provenance(tool=intake.line(run.tool)),
        circumstances=Circumstances(work_around=_work_around(result, intake)),
    )
    report = _with_files(report, run, result, intake)
    own = partial(bags[0].loose("firstlight"), intake)
    return overlay(overlay(report, run.partial()), own)


def _title(run: Run, result: Node, rule: Node, message: str, intake: Intake) -> str:
    """The rule's own name, else the message's first line; the first of them that is short."""
    name = rule.get("name").string()
    candidates = (
        run.described(rule).short,
        name if name != run.rule_id(result) else "",
        message.lstrip().partition("\n")[0],
        run.rule_id(result),
    )
    titles = [title for text in candidates if (title := intake.line(text))] or [""]
    return next((title for title in titles if len(title) <= _TITLE), titles[0])


def _description(message: str, general: str, intake: Intake) -> str:
    """The message, then what the rule says in general, when that is more."""
    parts = [intake.block(message)]
    if general and general not in message:
        parts.append(intake.block(general, intake.limits.rule))
    return intake.block("\n\n".join(part for part in parts if part))


def _product(run: Run, bags: Sequence[Node], intake: Intake) -> Product:
    purl = next((node for bag in bags if (node := bag.loose("purl")).value), Node(None))
    versions = next((found for bag in bags if (found := bag.loose("versions").scalars())), [])
    package, affected = product_of(purl, versions, intake)
    source = run.node.get("versionControlProvenance").item(0)
    repository = source.get("repositoryUri").string()
    if not package and (match := _GITHUB.fullmatch(repository)):
        package = f"pkg:github/{match[1]}/{match[2]}".lower()
    if not affected:
        revision = source.get("revisionTag").string() or source.get("revisionId").string()
        affected = intake.lines([revision])
    return Product(purl=package, name=intake.line(repository), versions=affected)


def _severity(result: Node, rule: Node, intake: Intake) -> Severity:
    """A vector when one is given; as label the band of `security-severity`, else the level."""
    own, general = result.get("properties"), rule.get("properties")
    vectors = [bag.loose(key).scalar() for bag in (own, general) for key in ("cvss", "cvss_vector")]
    vector = next((text for text in vectors if text.startswith("CVSS:")), "")
    scores = [bag.loose("security-severity").scalar() for bag in (own, general)]
    label = next((band for text in scores if (band := _band(text))), "")
    label = (
        label
        or own.loose("severity").scalar()
        or result.get("level").string()
        or rule.at("defaultConfiguration", "level").string()
        or "warning"  # the default (3.27.10)
    )
    return Severity(vector=intake.line(vector), label=intake.line(label))


def _band(text: str) -> str:
    if not re.fullmatch(r"(?:10|[0-9])(?:\.[0-9]{1,4})?", text):
        return ""
    return next((band for floor, band in _BANDS if float(text) >= floor), "")


def _cwe(run: Run, result: Node, rule: Node) -> tuple[str, ...]:
    """The result's own CWEs, then its rule's."""
    texts = [*weakness_texts(result.get("properties")), *taxon_texts(result.get("taxa").items())]
    return tuple(dict.fromkeys([*cwes(texts), *run.described(rule).weaknesses]))


def _crash(run: Run, result: Node, message: str, intake: Intake) -> str:
    """The first stack as text, else the message when it is a trace itself."""
    for stack in result.get("stacks").items():
        head = text_of(stack.get("message"))
        frames = stack.get("frames").items()[:_STACK_FRAMES]
        lines = [_frame(run, number, frame) for number, frame in enumerate(frames)]
        if head or lines:
            return intake.crash("\n".join([head, *lines]))
    markdown = cut(result.at("message", "markdown").string(), intake.limits.crash)
    return next((intake.crash(text) for text in (message, markdown) if _TRACE.search(text)), "")


def _frame(run: Run, number: int, frame: Node) -> str:
    """One frame in the manner of sanitizers: #0 in function path:line."""
    location = frame.get("location")
    physical = location.get("physicalLocation")
    line = physical.at("region", "startLine").number()
    place = run.path(physical.get("artifactLocation")) + (f":{line}" if line else "")
    return f"    #{number} in {run.function(location) or '??'} {place}".rstrip()


def _references(run: Run, result: Node, rule: Node, intake: Intake) -> tuple[str, ...]:
    source = run.node.get("versionControlProvenance").item(0)
    return intake.links(
        [
            rule.get("helpUri").string(),
            result.get("hostedViewerUri").string(),
            *(item.string() for item in result.get("workItemUris").items()),
            source.get("repositoryUri").string(),
        ]
    )


def _fingerprints(result: Node, intake: Intake) -> tuple[str, ...]:
    """As name=value; a value that is an object, as one tool writes, is taken by its `value`."""
    pairs = []
    for key in ("fingerprints", "partialFingerprints"):
        for name, node in result.get(key).members():
            value = node.scalar() or node.loose("value").scalar()
            if value:
                pairs.append(f"{name}={value}")
    return intake.lines(pairs)


def _work_around(result: Node, intake: Intake) -> str:
    """What the tool proposes in words; its replacements need the sources, and are not read."""
    texts = [text_of(fix.get("description")) for fix in result.get("fixes").items()[:10]]
    return intake.block("\n".join(dict.fromkeys(text for text in texts if text)))


def _with_files(report: Report, run: Run, result: Node, intake: Intake) -> Report:
    """Add what the result's attachments point to."""
    proofs: list[Proof] = []
    patches: list[Attachment] = []
    tests: list[Attachment] = []
    crash = report.crash
    attachments = result.get("attachments").items()
    if len(attachments) > intake.limits.files:
        raise TooLarge("too many attachments", limit=intake.limits.files, path=result.path)
    for attachment in attachments:
        location = attachment.get("artifactLocation")
        artifact = run.artifact(location)
        contents = artifact.get("contents")
        if contents.missing:
            continue
        name = intake.line(run.path(location).rpartition("/")[2] or "attachment")
        media_type = intake.line(artifact.get("mimeType").string() or "application/octet-stream")
        kind = artifact.get("properties").loose("kind").scalar()
        if not kind:
            kind = "patch" if _DIFF.search(name) or _DIFF.search(media_type) else "proof"
        data = _contents(contents, intake)
        if kind == "patch":
            patches.append(_text_file(name, data, contents, intake))
        elif kind == "test":
            tests.append(_text_file(name, data, contents, intake))
        elif kind == "crash":
            crash = intake.crash(data.decode("utf-8", "replace"))
        else:
            target = intake.line(artifact.get("properties").loose("target").scalar())
            proofs.append(Proof(name=name, media_type=media_type, data=data, target=target))
    return replace(
        report, proofs=tuple(proofs), patches=tuple(patches), tests=tuple(tests), crash=crash
    )


def _contents(contents: Node, intake: Intake) -> bytes:
    binary = contents.get("binary")
    if not binary.missing:
        return intake.file(binary.string(), binary.path)
    return intake.raw(contents.get("text").string().encode(), contents.path)


def _text_file(name: str, data: bytes, contents: Node, intake: Intake) -> Attachment:
    return Attachment(name=name, text=intake.code(data.decode("utf-8", "replace"), contents.path))
