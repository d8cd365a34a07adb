from __future__ import annotations

import json
import zipfile

import pytest
from tests.adapters.formats.test_archive import tar_of, zipped

from firstlight.adapters.formats.detect import read_any
from firstlight.core.clearinghouse.finding import Format
from firstlight.core.kernel.errors import FirstlightError, HostileArchive, Invalid, UnknownFormat

SARIF = b'{"version": "2.1.0", "runs": [{"results": [{"message": {"text": "m"}}]}]}'
CSAF = b'{"document": {"csaf_version": "2.1", "title": "t"}}'
OSV = b'{"id": "X-1", "modified": "2020-01-01T00:00:00Z"}'
PLAIN = b'{"title": "t"}'


@pytest.mark.parametrize(
    ("document", "media_type", "expected"),
    [
        (SARIF, None, Format.SARIF),
        (SARIF, "application/json", Format.SARIF),
        (SARIF, "application/sarif+json; charset=utf-8", Format.SARIF),
        (CSAF, "application/csaf+json", Format.CSAF),
        (OSV, "application/octet-stream", Format.OSV),
        (PLAIN, "text/plain", Format.PLAIN),
        (zipped({"report.json": PLAIN}), "application/zip", Format.PLAIN),
        (tar_of({"x.sarif": SARIF}), None, Format.SARIF),
    ],
)
def test_the_format_is_found_by_what_a_document_holds(
    document: bytes, media_type: str | None, expected: Format
) -> None:
    """A generic media type says nothing, a right one agrees."""
    found, reports = read_any(document, media_type)
    assert found is expected
    assert [report.format for report in reports] == [expected]


UNKNOWN = {
    "another_format_than_declared": (OSV, "application/sarif+json"),
    "a_list": (b"[]", None),
    "a_text": (b'"report"', None),
    "none_of_the_keys": (b'{"hello": 1}', None),
    "a_cve_record": (b'{"dataType": "CVE_RECORD", "cveMetadata": {}}', None),
    "another_archive": (b"7z\xbc\xaf\x27\x1c" + bytes(100), None),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_fits_nothing_is_refused(name: str) -> None:
    """With the formats that are read named in the next step."""
    document, media_type = UNKNOWN[name]
    with pytest.raises(UnknownFormat) as caught:
        read_any(document, media_type)
    assert caught.value.hint


def test_a_bundle_brings_its_files() -> None:
    """The folder says what a file is."""
    nested = zipped({"inner": b"data"})
    document = zipped(
        {
            "report.json": PLAIN,
            "proofs/poc.zip": nested,
            "patches/fix.diff": b"--- a\r\n",
            "tests/test_it.py": b"assert 1",
            "crash.txt": b"\x1b[1mERROR\x1b[0m",
        }
    )
    _, (report,) = read_any(document)
    assert [(proof.name, proof.data) for proof in report.proofs] == [("poc.zip", nested)]
    assert report.patches[0].text == "--- a\r\n"
    assert report.tests[0].name == "test_it.py"
    assert report.crash == "ERROR"


TWO_RESULTS = json.dumps(
    {"version": "2.1.0", "runs": [{"results": [{"message": {"text": "m"}}] * 2}]}
).encode()
WRONG_IN_ONE_WAY: dict[str, tuple[dict[str, bytes], type[FirstlightError]]] = {
    "no_report": ({"proofs/a": b""}, Invalid),
    "two_reports": ({"a.json": PLAIN, "b.json": PLAIN}, Invalid),
    "several_results_and_files": ({"x.sarif": TWO_RESULTS, "proofs/a": b""}, Invalid),
    "a_file_in_no_folder": ({"report.json": PLAIN, "exploit.exe": b""}, Invalid),
    "a_nested_report": ({"report.json": zipped({"report.json": PLAIN})}, HostileArchive),
    "a_nested_patch": (
        {"report.json": PLAIN, "patches/p": zipped({"p": b""})},
        HostileArchive,
    ),
    "too_many_proofs": (
        {"report.json": PLAIN, **{f"proofs/{number}": b"" for number in range(17)}},
        Invalid,
    ),
}


@pytest.mark.parametrize("name", WRONG_IN_ONE_WAY)
def test_one_fault_of_a_bundle(name: str) -> None:
    """Each is refused with a sentence that says what to do."""
    files, expected = WRONG_IN_ONE_WAY[name]
    with pytest.raises(expected) as caught:
        read_any(zipped(files, zipfile.ZIP_STORED))
    assert caught.value.hint
