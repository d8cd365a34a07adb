"""The four reports of the tour, as their finders would send them.

All are about one publicly fixed flaw of cJSON (CVE-2023-53154). The first two report it truly, in
two formats and with two inputs; the third reports a flaw that is not there; the fourth is
incomplete.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PACKAGE = "pkg:deb/debian/cjson"
VERSION = "1.7.15-1+deb12u2"
TITLE = "cJSON reads past the end of a document that stops after a comma"


@dataclass(frozen=True, kw_only=True)
class DemoReport:
    """A document and who sends it."""

    finder: str
    """name of the finder's organisation"""
    what: str
    """one line for the person who watches"""
    document: bytes


def reports(proofs: Mapping[str, bytes], crash: str) -> Sequence[DemoReport]:
    """The four documents.

    Args:
        proofs: the target's inputs: `reference`, `nested` and `harmless`
        crash: the trace that the first finder saw
    """
    return (
        DemoReport(
            finder="Northern Fuzzing Lab",
            what="SARIF 2.1.0, with the input and the trace",
            document=_bytes(_sarif(proofs["reference"], crash)),
        ),
        DemoReport(
            finder="Harbour Security",
            what="CSAF 2.1 vulnerability report of the same flaw, with another input",
            document=_bytes(_csaf(proofs["nested"])),
        ),
        DemoReport(
            finder="Quick Scan Service",
            what="a flaw that is not there",
            document=_bytes(_not_there(proofs["harmless"])),
        ),
        DemoReport(
            finder="Harbour Security",
            what="an incomplete report",
            document=_bytes(_incomplete()),
        ),
    )


def _bytes(value: object) -> bytes:
    return json.dumps(value, indent=2).encode()


def _sarif(proof: bytes, crash: str) -> object:
    encoded = base64.b64encode(proof).decode()
    trace = base64.b64encode(crash.encode()).decode()
    result = {
        "ruleId": "heap-buffer-overflow",
        "level": "error",
        "message": {
            "text": "parse_object() skips the comma and hands over to parse_string() without"
            " looking whether anything follows; one byte beyond the document is read."
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "cJSON.c"},
                    "region": {"startLine": 782},
                },
                "logicalLocations": [{"name": "parse_string", "kind": "function"}],
            }
        ],
        "attachments": [
            {"artifactLocation": {"index": 0}, "description": {"text": "input"}},
            {"artifactLocation": {"index": 1}, "description": {"text": "trace"}},
        ],
        "properties": {
            "purl": PACKAGE,
            "versions": [VERSION],
            "firstlight": {
                "title": TITLE,
                "trigger": "Parse a document of exactly its length that ends after a comma.",
                "impact": "The process reads outside its buffer and may stop.",
                "severity": {"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"},
                "contact": {"credit": True, "credit_name": "Northern Fuzzing Lab"},
            },
        },
    }
    rule = {
        "id": "heap-buffer-overflow",
        "shortDescription": {"text": "Heap buffer overflow"},
        "properties": {"tags": ["external/cwe/cwe-125"], "security-severity": "5.3"},
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "northern-fuzz", "version": "3.2", "rules": [rule]}},
                "artifacts": [
                    {
                        "location": {"uri": "crash-0001.json"},
                        "contents": {"binary": encoded},
                        "properties": {"kind": "proof"},
                    },
                    {
                        "location": {"uri": "crash-0001.txt"},
                        "contents": {"binary": trace},
                        "properties": {"kind": "crash"},
                    },
                ],
                "results": [result],
            }
        ],
    }


def _csaf(proof: bytes) -> object:
    return {
        "$schema": "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json",
        "document": _csaf_document(),
        "product_tree": {
            "full_product_names": [
                {
                    "name": f"cJSON {VERSION}",
                    "product_id": "P1",
                    "product_identification_helper": {
                        "purls": [f"{PACKAGE}@{VERSION.replace('+', '%2B')}"]
                    },
                }
            ]
        },
        "vulnerabilities": [_csaf_vulnerability(proof)],
    }


def _csaf_document() -> object:
    now = "2026-11-02T09:30:00Z"
    summary = "A comma at the end of a document leads cJSON out of its buffer."
    return {
        "category": "csaf_vulnerability_report",
        "csaf_version": "2.1",
        "distribution": {"tlp": {"label": "AMBER+STRICT"}},
        "lang": "en",
        "notes": [{"category": "description", "title": "Summary", "text": summary}],
        "publisher": {
            "category": "discoverer",
            "name": "Harbour Security",
            "namespace": "https://harbour.example",
        },
        "title": "Out-of-bounds read in cJSON's object parser",
        "tracking": {
            "current_release_date": now,
            "id": "HS-2026-17",
            "initial_release_date": now,
            "revision_history": [{"date": now, "number": "1", "summary": "First report."}],
            "status": "final",
            "version": "1",
        },
    }


def _csaf_vulnerability(proof: bytes) -> object:
    data = base64.b64encode(proof).decode()
    description = (
        "After a comma the parser expects a name and reads it even when the document has ended."
        " The read leaves the caller's buffer."
    )
    cvss = {
        "version": "3.1",
        "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:L",
        "baseScore": 6.5,
        "baseSeverity": "MEDIUM",
    }
    trigger = "An object inside an array that is cut off after a comma."
    files = f"data:application/json;base64,{data}"
    return {
        "title": "Out-of-bounds read in cJSON's object parser",
        "cwes": [{"id": "CWE-125", "name": "Out-of-bounds Read", "version": "4.16"}],
        "notes": [
            {"category": "description", "title": "Description", "text": description},
            {"category": "other", "title": "Trigger", "text": trigger},
            {"category": "other", "title": "Proof: cut-object.json", "text": files},
        ],
        "metrics": [{"content": {"cvss_v3": cvss}, "products": ["P1"]}],
        "product_status": {"known_affected": ["P1"]},
        "acknowledgments": [{"organization": "Harbour Security"}],
        "x_extensions": [
            {
                "$schema": "urn:firstlight:schema:report:1.0",
                "content": {
                    "root_cause": {"path": "cJSON.c", "function": "parse_string"},
                    "contact": {"credit": True, "credit_name": "Harbour Security"},
                    "provenance": {"ai_used": "yes", "ai_model": "an in-house model"},
                },
            }
        ],
    }


def _not_there(proof: bytes) -> object:
    return {
        "title": "Heap overflow for deeply nested names in cJSON",
        "description": "A long name inside many arrays overflows the print buffer.",
        "trigger": "Parse the attached document.",
        "severity": {"label": "critical"},
        "product": {"purl": PACKAGE, "versions": [VERSION]},
        "cwe": ["CWE-787"],
        "root_cause": {"path": "cJSON.c", "function": "print_string_ptr"},
        "proofs": [{"name": "nested.json", "data": base64.b64encode(proof).decode()}],
        "provenance": {"tool": "quick-scan 0.9", "ai_used": "yes", "ai_model_public": "yes"},
    }


def _incomplete() -> object:
    return {
        "title": "cJSON_Minify may misread comments",
        "description": "We saw odd output for a comment at the end of a file.",
        "product": {"purl": PACKAGE},
    }
