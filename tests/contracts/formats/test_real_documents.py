"""Documents of real tools and publishers, kept beside the repository, are read."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator

import pytest
from tests.shared_data import shared_data

from firstlight.adapters.formats import csaf_report, osv, sarif
from firstlight.adapters.formats.detect import read_any
from firstlight.adapters.formats.plain import read as read_plain
from firstlight.adapters.formats.plain import write_plain
from firstlight.core.clearinghouse.finding import Format, Report

RESULTS = {
    "SuppressionTestCurrent.sarif": (1, 3),
    "appendix_k1_double.sarif": (0, 0),
    "appendix_k3.sarif": (1, 0),
    "bash-report-fabricated-no-internal-dupes-subset.sarif": (4, 0),
    "bash-report-subset-same-hash-code-same-unique-id.sarif": (4, 0),
    "blackduck_nested_fingerprints.sarif": (5, 0),
    "codeQL-output.sarif": (72, 0),
    "dependency_check.sarif": (13, 0),
    "devskim_many_vuln.sarif": (7, 0),
    "dockle_0_3_15.sarif": (4, 0),
    "flawfinder_no_vuln.sarif": (0, 0),
    "mayhem_code_many_vulns.sarif": (8, 0),
    "mayhem_code_no_vulns.sarif": (0, 0),
    "mayhem_code_one_vuln.sarif": (1, 0),
    "no_runs.sarif": (0, 0),
    "semgrepowasp-benchmark-sample.sarif": (1768, 0),
    "suppression_test.sarif": (2, 3),
    "taint-python-report.sarif": (11, 0),
}
"""reports and suppressed results of each log"""


def lines(name: str) -> Iterator[bytes]:
    """The records of a shared file."""
    with gzip.open(shared_data(name)) as stream:
        yield from stream


def survives_a_relay(report: Report) -> bool:
    """Whether the plain format can carry it on without losing or refusing anything."""
    (relayed,) = read_plain(write_plain(report))
    return vars(relayed) | {"format": report.format} == vars(report)


def test_every_sarif_log_is_read() -> None:
    """All eighteen, the odd ones included, each with the number of reports that it holds."""
    found = {}
    for line in lines("sarif-tools.jsonl.gz"):
        record = json.loads(line)
        reading = sarif.read_counted(json.dumps(record["sarif"]).encode())
        found[record["file"]] = (len(reading.reports), reading.suppressed)
        assert all(report.title and report.description for report in reading.reports)
        assert all(survives_a_relay(report) for report in reading.reports[:50])
    assert found == RESULTS


def test_every_csaf_advisory_is_read() -> None:
    """Four hundred of one publisher, 890 flaws, each with product, versions and weakness."""
    reports = [report for line in lines("csaf-cisa.jsonl.gz") for report in csaf_report.read(line)]
    assert len(reports) == 890
    for report in reports:
        assert report.title
        assert report.description
        assert report.product.name
        assert report.product.versions
        assert report.cwe
        assert survives_a_relay(report)
    assert sum(bool(report.severity.vector) for report in reports) == 889


@pytest.mark.parametrize(
    ("name", "count"), [("osv-oss-fuzz.jsonl.gz", 1988), ("osv-pypa.jsonl.gz", 2661)]
)
def test_every_osv_record_is_read(name: str, count: int) -> None:
    """Each gives one report that says what it is about."""
    reports = [report for line in lines(name) for report in osv.read(line)]
    assert len(reports) == count
    assert all(report.title and report.description for report in reports)
    assert all(report.product.name for report in reports)
    assert all(survives_a_relay(report) for report in reports[::20])


def test_formats_are_told_apart() -> None:
    """No real document is taken for another format."""
    files = {
        "csaf-cisa.jsonl.gz": Format.CSAF,
        "osv-pypa.jsonl.gz": Format.OSV,
        "osv-oss-fuzz.jsonl.gz": Format.OSV,
    }
    for name, expected in files.items():
        for number, line in enumerate(lines(name)):
            if number % 20 == 0:
                found, _ = read_any(line)
                assert found is expected


def test_a_megabyte_of_sarif_is_read_within_seconds() -> None:
    """The largest of the logs; the bound is generous, since the machine may be busy."""
    documents = (json.loads(line)["sarif"] for line in lines("sarif-tools.jsonl.gz"))
    document = max((json.dumps(log).encode() for log in documents), key=len)
    started = time.perf_counter()
    sarif.read(document)
    assert time.perf_counter() - started < 5
