"""Which format a document is in, by what it holds; what the sender calls it is only checked.

An archive is a report with its files (see `archive`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from firstlight.adapters.formats import (
    archive,
    bounded_json,
    csaf_report,
    cve_json,
    osv,
    plain,
    sarif,
)
from firstlight.adapters.formats.limits import DEFAULT, ReadLimits
from firstlight.adapters.formats.reading import Intake
from firstlight.core.clearinghouse.finding import Attachment, Format, Proof, Report
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import HostileArchive, Invalid, UnknownFormat

_MEDIA_TYPES = {
    "application/sarif+json": Format.SARIF,
    "application/csaf+json": Format.CSAF,
    "application/vnd.csaf+json": Format.CSAF,
    "application/osv+json": Format.OSV,
    "application/vnd.osv+json": Format.OSV,
    "application/vnd.firstlight.report+json": Format.PLAIN,
}
_KEYS_SHOWN = 8
_REPORT_NAMES = (".json", ".sarif")


def read_any(
    document: bytes, media_type: str | None = None, *, limits: ReadLimits = DEFAULT
) -> tuple[Format, Sequence[Report]]:
    """The format and the reports of a document or bundle.

    Args:
        document: JSON, or a zip, tar or tar.gz bundle.
        media_type: as the sender declares it; a generic one or None says nothing.
        limits: bounds of reading.

    Raises:
        UnknownFormat: none of the formats, or not the declared one.
        HostileArchive, BrokenArchive: of a bundle.
        Invalid: any error of the format's own reader.
    """
    packing = archive.packing_of(document)
    if packing is not None:
        return _read_bundle(archive.unpack(document, packing), limits)
    if archive.looks_packed(document):
        raise UnknownFormat("an archive of a kind that is not read; send zip, tar or tar.gz")
    value = bounded_json.decode(document, limits.json)
    found = format_of(value)
    base = (media_type or "").partition(";")[0].strip().lower()
    declared = _MEDIA_TYPES.get(base, found)
    if declared is not found:
        raise UnknownFormat(
            f"declared as {declared.value}, but it looks like {found.value}",
            declared=declared.value,
            found=found.value,
        )
    return found, _read(value, found, limits)


def format_of(value: Json) -> Format:
    """The format by its distinguishing keys.

    Raises:
        UnknownFormat: none fits.
    """
    if not isinstance(value, Mapping):
        raise UnknownFormat("a report is a JSON object")
    if "runs" in value:
        return Format.SARIF
    if isinstance(value.get("document"), Mapping):
        return Format.CSAF
    if "cveMetadata" in value:
        return Format.CVE
    if ("id" in value and "modified" in value) or "vulns" in value:
        return Format.OSV
    if "title" in value or "description" in value:
        return Format.PLAIN
    keys = [key[:40] for key in list(value)[:_KEYS_SHOWN]]
    raise UnknownFormat("the document fits none of the formats", keys=keys)


def _read(value: Json, form: Format, limits: ReadLimits) -> Sequence[Report]:
    if form is Format.SARIF:
        return sarif.from_json(value, limits=limits).reports
    if form is Format.CSAF:
        return csaf_report.from_json(value, limits=limits)
    if form is Format.OSV:
        return osv.from_json(value, limits=limits)
    if form is Format.CVE:
        return cve_json.from_json(value, limits=limits)
    return plain.from_json(value, limits=limits)


def _read_bundle(files: Mapping[str, bytes], limits: ReadLimits) -> tuple[Format, Sequence[Report]]:
    """A bundle holds one document with one report, and the report's files."""
    tops = [name for name in files if "/" not in name and name.endswith(_REPORT_NAMES)]
    if len(tops) > 1 and "report.json" in tops:
        tops = ["report.json"]
    if len(tops) != 1:
        raise Invalid(
            f"a bundle holds one report document at the top; this one has {len(tops)}",
            hint="Name it report.json.",
            found=tops[:_KEYS_SHOWN],
        )
    document = files[tops[0]]
    if archive.looks_packed(document):
        raise HostileArchive(
            "an archive in the place of the report", entry=tops[0], reason="nested"
        )
    value = bounded_json.decode(document, limits.json)
    form = format_of(value)
    reports = _read(value, form, limits)
    others = {name: data for name, data in files.items() if name != tops[0]}
    if others and len(reports) != 1:
        raise Invalid(
            f"a bundle's files belong to one report; its document holds {len(reports)}",
            hint="Send one bundle for each report.",
        )
    return form, (_with_files(reports[0], others, limits),) if others else reports


def _with_files(report: Report, files: Mapping[str, bytes], limits: ReadLimits) -> Report:
    """Add each file by the folder it lies in.

    Raises:
        Invalid: a file whose folder says nothing, or too many files.
        HostileArchive: an archive where text belongs.
    """
    intake = Intake(limits)
    proofs, patches, tests = list(report.proofs), list(report.patches), list(report.tests)
    crash = report.crash
    for path, data in files.items():
        folder, _, name = path.partition("/")
        title = intake.line(name)
        if folder == "proofs" and name:
            proofs.append(Proof(name=title, data=intake.raw(data, path)))
        elif folder in {"patches", "tests"} and name:
            kept = patches if folder == "patches" else tests
            kept.append(Attachment(name=title, text=intake.code(_text(path, data), path)))
        elif path == "crash.txt":
            crash = intake.crash(_text(path, data))
        else:
            raise Invalid(
                f"{path!r} is in no folder that says what it is",
                hint="Use the folders proofs, patches and tests, and crash.txt at the top.",
                entry=path,
            )
    if max(len(proofs), len(patches), len(tests)) > limits.files:
        raise Invalid(f"more than {limits.files} files of one kind", limit=limits.files)
    return replace(
        report, proofs=tuple(proofs), patches=tuple(patches), tests=tuple(tests), crash=crash
    )


def _text(path: str, data: bytes) -> str:
    if archive.looks_packed(data):
        raise HostileArchive(f"{path!r} is an archive itself", entry=path, reason="nested")
    return data.decode("utf-8", "replace")
