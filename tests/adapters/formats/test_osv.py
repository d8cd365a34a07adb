from __future__ import annotations

import json
from typing import Any

import pytest

from firstlight.adapters.formats import osv
from firstlight.adapters.formats.reading import WrongType
from firstlight.core.clearinghouse.finding import Format, Known, Report
from firstlight.core.kernel.errors import FirstlightError, UnknownFormat

RECORD: dict[str, Any] = {
    "schema_version": "1.7.3",
    "id": "PYSEC-2020-1",
    "modified": "2020-01-02T00:00:00Z",
    "aliases": ["CVE-2020-1234"],
    "upstream": ["CVE-2020-9999"],
    "summary": "A flaw",
    "details": "Text.\n\n```\nCrash type: Heap-buffer-overflow READ 1\nCrash state:\nf\ng\n```\n",
    "severity": [
        {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
        {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"},
    ],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Django"},
            "ranges": [
                {"type": "GIT", "repo": "https://a.example", "events": [{"fixed": "abc"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.5"}]},
            ],
            "ecosystem_specific": {"severity": "HIGH"},
        },
        {"package": {"ecosystem": "npm", "name": "other"}},
    ],
    "references": [{"type": "WEB", "url": "https://a.example"}],
    "credits": [{"name": "A. Finder", "type": "FINDER"}],
    "database_specific": {"cwe_ids": ["CWE-079"]},
}


def read(**changes: object) -> Report:
    """The report of the record with members replaced; None removes one."""
    record = {key: value for key, value in {**RECORD, **changes}.items() if value is not None}
    (report,) = osv.read(json.dumps(record).encode())
    return report


def test_a_record_becomes_a_report() -> None:
    """Names, package, range, severity, crash, credits; and it is public by nature."""
    report = read()
    assert report.format is Format.OSV
    assert report.identifiers == ("PYSEC-2020-1", "CVE-2020-1234", "CVE-2020-9999")
    assert (report.product.purl, report.product.name) == ("pkg:pypi/django", "Django")
    assert report.product.versions == ("vers:pypi/>=1.0|<1.5",)
    assert report.product.fixed == ("1.5",)
    assert (report.severity.vector, report.severity.label) == ("CVSS:4.0/AV:N", "high")
    assert report.crash.startswith("Crash type: Heap-buffer-overflow")
    assert report.crash.endswith("g")
    assert report.cwe == ("CWE-79",)
    assert report.circumstances.public is Known.YES
    assert report.provenance.reporters == ("A. Finder",)
    assert "Also affected: other." in report.description


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([{"introduced": "0"}], "vers:pypi/*"),
        ([{"introduced": "0"}, {"fixed": "2"}], "vers:pypi/<2"),
        ([{"introduced": "1"}, {"last_affected": "2"}], "vers:pypi/>=1|<=2"),
        (
            [{"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}, {"fixed": "4"}],
            "vers:pypi/>=1|<2|>=3|<4",
        ),
    ],
)
def test_ranges_become_vers(events: list[dict[str, str]], expected: str) -> None:
    """One element of versions says the whole range."""
    affected = [
        {
            "package": {"ecosystem": "PyPI", "name": "x"},
            "ranges": [{"type": "ECOSYSTEM", "events": events}],
        }
    ]
    assert read(affected=affected).product.versions == (expected,)


def test_a_query_response_carries_several() -> None:
    """The query API answers with a list."""
    reports = osv.read(json.dumps({"vulns": [RECORD, {**RECORD, "id": "X-2"}]}).encode())
    assert [report.identifiers[0] for report in reports] == ["PYSEC-2020-1", "X-2"]


def test_a_withdrawn_record_says_so() -> None:
    """It is read, and nobody takes it for a live one."""
    assert read(withdrawn="2021-01-01T00:00:00Z").description.startswith(
        "This record was withdrawn on 2021-01-01"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, UnknownFormat),
        ({"modified": None}, UnknownFormat),
        ({"schema_version": "2.0.0"}, UnknownFormat),
        ({"affected": {}}, WrongType),
        ({"aliases": "CVE-2020-1"}, WrongType),
    ],
)
def test_one_fault_gives_its_own_error(
    changes: dict[str, Any], expected: type[FirstlightError]
) -> None:
    """A record that is none, or is of another major version, is refused."""
    with pytest.raises(expected):
        read(**changes)
