from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest

from firstlight.adapters.formats import csaf_report
from firstlight.adapters.formats.plain import SCHEMA_ID, AgainstSchema
from firstlight.adapters.formats.reading import BadBase64, WrongType
from firstlight.core.clearinghouse.finding import Format, Known, Report
from firstlight.core.clearinghouse.intake.checklist import missing
from firstlight.core.kernel.errors import FirstlightError, UnknownFormat

PROOF = b"\x00\x01proof"
REPORT: dict[str, Any] = {
    "$schema": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
    "document": {
        "category": "csaf_vulnerability_report",
        "csaf_version": "2.1",
        "title": "Overflow in the example library",
        "lang": "en",
        "distribution": {"tlp": {"label": "AMBER"}},
        "acknowledgments": [{"names": ["A. Finder"], "organization": "Example Lab"}],
        "publisher": {
            "category": "discoverer",
            "name": "Example Lab",
            "namespace": "https://lab.example",
            "contact": {"email": "finder@lab.example"},
        },
        "tracking": {
            "id": "LAB-2026-7",
            "status": "final",
            "version": "1",
            "initial_release_date": "2026-01-01T00:00:00.000Z",
            "current_release_date": "2026-01-01T00:00:00.000Z",
            "revision_history": [
                {"date": "2026-01-01T00:00:00.000Z", "number": "1", "summary": "First."}
            ],
            "generator": {"engine": {"name": "labtool", "version": "3"}},
        },
    },
    "product_tree": {
        "branches": [
            {
                "category": "vendor",
                "name": "Example",
                "branches": [
                    {
                        "category": "product_name",
                        "name": "exlib",
                        "branches": [
                            {
                                "category": "product_version",
                                "name": version,
                                "product": {
                                    "name": f"exlib {version}",
                                    "product_id": identifier,
                                    "product_identification_helper": {
                                        "purls": [f"pkg:pypi/exlib@{version}"]
                                    },
                                },
                            }
                            for version, identifier in (
                                ("1.0", "P1"),
                                ("1.1", "P2"),
                                ("1.2", "P3"),
                                ("0.9", "P4"),
                            )
                        ],
                    }
                ],
            }
        ]
    },
    "vulnerabilities": [
        {
            "title": "Overflow",
            "cve": "CVE-2020-1234",
            "cwes": [{"id": "CWE-787", "name": "Out-of-bounds Write", "version": "4.15"}],
            "ids": [{"system_name": "Lab", "text": "LAB-7"}],
            "notes": [
                {
                    "category": "description",
                    "title": "CVE description",
                    "text": "It writes.",
                },
                {"category": "other", "title": "Trigger", "text": "Feed it the file."},
                {"category": "other", "title": "Crash", "text": "ERROR: AddressSanitizer"},
                {
                    "category": "other",
                    "title": "Proof: poc.bin",
                    "text": "data:image/png;base64," + base64.b64encode(PROOF).decode(),
                },
                {"category": "other", "title": "Patch: fix.diff", "text": "--- a\n+++ b\n"},
                {"category": "other", "title": "Test: test_it.py", "text": "assert 1"},
            ],
            "product_status": {
                "known_affected": ["P1", "P2"],
                "fixed": ["P3"],
                "known_not_affected": ["P4"],
            },
            "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["P4"]}],
            "metrics": [
                {
                    "content": {
                        "cvss_v3": {
                            "version": "3.1",
                            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                            "baseScore": 9.8,
                            "baseSeverity": "CRITICAL",
                        }
                    },
                    "products": ["P1", "P2"],
                }
            ],
            "threats": [
                {"category": "impact", "details": "Code runs."},
                {"category": "exploit_status", "details": "By a crafted file."},
            ],
            "references": [{"summary": "More", "url": "https://lab.example/7"}],
            "remediations": [
                {
                    "category": "workaround",
                    "details": "Do not open files.",
                    "product_ids": ["P1", "P2"],
                }
            ],
            "disclosure_date": "2026-06-01T00:00:00.000Z",
        }
    ],
}


def changed(**changes: object) -> dict[str, Any]:
    """The report with the vulnerability's members replaced; None removes one."""
    document = copy.deepcopy(REPORT)
    for key, value in changes.items():
        document["vulnerabilities"][0].pop(key, None)
        if value is not None:
            document["vulnerabilities"][0][key] = value
    return document


def read(document: dict[str, Any]) -> Report:
    """The one report of a document."""
    (report,) = csaf_report.read(json.dumps(document).encode())
    return report


def test_a_vulnerability_report_is_read_in_full() -> None:
    """Every part that the profile has a place for arrives; nothing on the checklist is missing."""
    report = read(REPORT)
    assert report.format is Format.CSAF
    assert not missing(report)
    assert (report.title, report.description) == ("Overflow", "It writes.")
    assert (report.trigger, report.crash) == ("Feed it the file.", "ERROR: AddressSanitizer")
    assert (report.impact, report.exploit) == ("Code runs.", "By a crafted file.")
    assert report.cwe == ("CWE-787",)
    assert report.identifiers == ("CVE-2020-1234", "LAB-7")
    product = report.product
    assert (product.purl, product.name) == ("pkg:pypi/exlib", "exlib")
    assert (product.versions, product.fixed) == (("1.0", "1.1"), ("1.2",))
    assert product.not_affected == "exlib 0.9: vulnerable code not present"
    assert report.severity.vector.startswith("CVSS:3.1/")
    (proof,) = report.proofs
    assert (proof.name, proof.media_type, proof.data) == ("poc.bin", "image/png", PROOF)
    assert report.patches[0].name == "fix.diff"
    assert report.tests[0].text == "assert 1"
    contact = report.contact
    assert (contact.name, contact.email) == ("Example Lab", "finder@lab.example")
    assert (contact.credit, contact.credit_name) == (True, "A. Finder")
    assert not contact.share_with_maintainer
    assert report.provenance.reporters == ("A. Finder", "Example Lab")
    assert report.provenance.origin_references == ("LAB-2026-7",)
    assert report.provenance.tool == "labtool 3"
    assert report.circumstances.work_around == "Do not open files."
    assert "2026-06-01" in report.circumstances.disclosure_plan
    assert report.circumstances.public is Known.UNKNOWN


def test_an_extension_carries_any_plain_field() -> None:
    """CSAF 2.1's own mechanism; what it says wins over the document."""
    document = changed(
        x_extensions=[
            {
                "$schema": SCHEMA_ID,
                "category": "informational",
                "critical": False,
                "content": {
                    "provenance": {"ai_used": "yes", "ai_model_public": "yes"},
                    "contact": {"share_with_maintainer": True},
                },
            }
        ]
    )
    report = read(document)
    assert report.provenance.ai_model_public is Known.YES
    assert report.contact.share_with_maintainer
    assert report.contact.email == "finder@lab.example"


def test_vinces_conventions_are_understood() -> None:
    """What CERT/CC's platform exports means here what it means there."""
    document = changed(
        references=[
            {"summary": "Publicly known", "url": "https://a.example/"},
            {"summary": "Publicly exploited references", "url": "https://b.example/"},
        ]
    )
    document["document"]["involvements"] = [
        {"party": "discoverer", "status": "open", "summary": "After 45 days."}
    ]
    document["x_extensions"] = [
        {"$schema": "https://cert.example/x.json", "content": {"share_contact_with_vendor": True}}
    ]
    report = read(document)
    assert report.circumstances.public is Known.YES
    assert report.circumstances.exploited is Known.YES
    assert report.circumstances.disclosure_plan.startswith("After 45 days.")
    assert report.contact.share_with_maintainer


@pytest.mark.parametrize(
    ("changes", "exploited"),
    [
        ({}, Known.UNKNOWN),
        ({"references": [{"summary": "Not publicly exploited", "url": "x"}]}, Known.UNKNOWN),
        (
            {"first_known_exploitation_dates": [{"date": "2026-01-01", "exploitation_date": "x"}]},
            Known.YES,
        ),
        (
            {
                "metrics": [
                    {
                        "content": {
                            "ssvc_v2": {"selections": [{"key": "E", "values": [{"key": "A"}]}]}
                        }
                    }
                ]
            },
            Known.YES,
        ),
        (
            {
                "metrics": [
                    {
                        "content": {
                            "ssvc_v2": {"selections": [{"key": "E", "values": [{"key": "N"}]}]}
                        }
                    }
                ]
            },
            Known.UNKNOWN,
        ),
    ],
)
def test_exploitation_is_yes_or_unknown(changes: dict[str, Any], exploited: Known) -> None:
    """That nothing is said, or nothing is known, is never taken for no."""
    assert read(changed(**changes)).circumstances.exploited is exploited


def test_the_coordination_record_is_understood() -> None:
    """Who was notified, what embargo was agreed, and that it is exploited (CSAF 2.1)."""
    document = changed()
    entities = [
        {"category": "vendor", "entity_id": "E1", "name": "Example Inc."},
        {"category": "coordinator", "entity_id": "E2", "name": "CERT"},
    ]
    action = {
        "acting_entity_refs": ["E2"],
        "date": "2026-01-01T00:00:00.000Z",
        "status": "completed",
    }
    actions = [
        {**action, "category": "notification", "action_id": "A1", "receiving_entity_refs": ["E1"]},
        {**action, "category": "embargo", "action_id": "A2", "summary": "Until 1 March."},
        {**action, "category": "exploitation", "action_id": "A3", "status": "outstanding"},
    ]
    document["document"]["involvement"] = {"entities": entities, "actions": actions}
    circumstances = read(document).circumstances
    assert circumstances.shared_with == ("Example Inc.",)
    assert circumstances.disclosure_plan.startswith("Until 1 March.")
    assert circumstances.exploited is Known.UNKNOWN
    actions[2]["status"] = "completed"
    assert read(document).circumstances.exploited is Known.YES


@pytest.mark.parametrize(
    "publisher",
    [
        {"contact_details": "Write to finder@lab.example, please."},
        {"namespace": "mailto:finder@lab.example"},
    ],
)
def test_the_contact_is_found_where_2_0_and_vince_put_it(publisher: dict[str, str]) -> None:
    """Text for people, or the namespace."""
    document = changed()
    del document["document"]["publisher"]["contact"]
    document["document"]["publisher"] |= publisher
    assert read(document).contact.email == "finder@lab.example"


def test_each_vulnerability_is_a_report_of_its_own() -> None:
    """One report, one flaw."""
    document = changed()
    document["vulnerabilities"].append({"title": "Second"})
    reports = csaf_report.read(json.dumps(document).encode())
    assert [report.title for report in reports] == ["Overflow", "Second"]


@pytest.mark.parametrize(
    ("category", "count"),
    [("csaf_vulnerability_report", 1), ("csaf_base", 1), ("csaf_informational_advisory", 0)],
)
def test_a_document_without_vulnerabilities(category: str, count: int) -> None:
    """An incomplete report is still a report; an informational advisory is none."""
    document = copy.deepcopy(REPORT)
    del document["vulnerabilities"]
    document["document"]["category"] = category
    assert len(csaf_report.read(json.dumps(document).encode())) == count


def test_several_products_are_named() -> None:
    """The report is about the first package; the others are not lost."""
    document = changed()
    document["product_tree"]["full_product_names"] = [{"name": "Fork 7", "product_id": "F"}]
    document["vulnerabilities"][0]["product_status"]["known_affected"].insert(0, "F")
    report = read(document)
    assert report.product.purl == "pkg:pypi/exlib"
    assert "Also affected: Fork 7." in report.description


def test_a_relationship_is_resolved_to_its_component() -> None:
    """`exlib as part of a distribution` is exlib."""
    document = changed(product_status={"known_affected": ["R1"]})
    document["product_tree"]["relationships"] = [
        {
            "category": "default_component_of",
            "full_product_name": {"name": "exlib in Distro", "product_id": "R1"},
            "product_reference": "P1",
            "relates_to_product_reference": "P2",
        }
    ]
    assert read(document).product.purl == "pkg:pypi/exlib"


WRONG_IN_ONE_WAY: dict[str, tuple[dict[str, Any], type[FirstlightError]]] = {
    "no_document": ({}, UnknownFormat),
    "csaf_1": ({"document": {"csaf_version": "1.2"}}, UnknownFormat),
    "notes_not_an_array": (changed(notes={}), WrongType),
    "proof_without_a_data_url": (
        changed(notes=[{"category": "other", "title": "Proof: p", "text": "AAAA"}]),
        BadBase64,
    ),
    "proof_not_in_base64": (
        changed(notes=[{"category": "other", "title": "Proof: p", "text": "data:;base64,#"}]),
        BadBase64,
    ),
    "extension_against_the_schema": (
        changed(x_extensions=[{"$schema": SCHEMA_ID, "content": {"title": 1}}]),
        AgainstSchema,
    ),
}


@pytest.mark.parametrize("name", WRONG_IN_ONE_WAY)
def test_one_fault_gives_its_own_error(name: str) -> None:
    """Each with a code and, where there is one, the place."""
    document, expected = WRONG_IN_ONE_WAY[name]
    with pytest.raises(expected):
        csaf_report.read(json.dumps(document).encode())
