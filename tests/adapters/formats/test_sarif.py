from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from firstlight.adapters.formats import sarif
from firstlight.adapters.formats._sarif_run import fill
from firstlight.adapters.formats.limits import DEFAULT, ReadLimits
from firstlight.adapters.formats.plain import AgainstSchema
from firstlight.adapters.formats.purl import BadPurl
from firstlight.adapters.formats.reading import BadBase64, Node, WrongType
from firstlight.core.clearinghouse.finding import Format, Known, Report
from firstlight.core.kernel.errors import FirstlightError, TooLarge, UnknownFormat


def log(*results: dict[str, Any], rules: object = None, **run: object) -> bytes:
    """A log of one run."""
    driver = {"name": "Tool", "semanticVersion": "1.2.3", "rules": rules or []}
    whole = {"tool": {"driver": driver}, "results": list(results), **run}
    return json.dumps({"version": "2.1.0", "runs": [whole]}).encode()


def only(document: bytes) -> Report:
    """The one report of a log."""
    (report,) = sarif.read(document)
    return report


RULE = {
    "id": "R1",
    "name": "HeapOverflow",
    "shortDescription": {"text": "Heap buffer overflow"},
    "fullDescription": {"text": "A write behind the end of a heap block."},
    "helpUri": "https://tool.example/R1",
    "messageStrings": {"found": {"text": "{0} bytes behind {1}, {{really}}, {7}"}},
    "properties": {"security-severity": "9.8", "tags": ["external/cwe/cwe-0787", "memory"]},
}


def test_a_result_becomes_a_report() -> None:
    """Rule, message, place, function, severity, weakness, fingerprints and tool are taken over."""
    report = only(
        log(
            {
                "ruleId": "R1",
                "ruleIndex": 0,
                "message": {"id": "found", "arguments": ["8", "the <block>"]},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "file:///src/a%20b.c"},
                            "region": {"startLine": 12},
                        },
                        "logicalLocations": [{"index": 0}],
                    }
                ],
                "partialFingerprints": {"primary": "abc"},
                "properties": {"purl": "pkg:generic/zlib@1.2", "versions": ["1.1"]},
            },
            rules=[RULE],
            logicalLocations=[{"fullyQualifiedName": "inflate_table"}],
        )
    )
    assert report.format is Format.SARIF
    assert report.title == "Heap buffer overflow"
    assert report.description == (
        "8 bytes behind the <block>, {really}, {7}\n\nA write behind the end of a heap block."
    )
    place = report.root_cause
    assert (place.path, place.line, place.function) == ("/src/a b.c", 12, "inflate_table")
    assert report.severity.label == "critical"
    assert report.cwe == ("CWE-787",)
    assert report.fingerprints == ("primary=abc",)
    assert report.references == ("https://tool.example/R1",)
    assert report.provenance.tool == "Tool 1.2.3"
    assert report.product.purl == "pkg:generic/zlib"
    assert report.product.versions == ("1.1", "1.2")


@pytest.mark.parametrize(
    ("extra", "reported", "suppressed", "no_problem"),
    [
        ({}, 1, 0, 0),
        ({"suppressions": []}, 1, 0, 0),
        ({"suppressions": [{"kind": "external"}]}, 0, 1, 0),
        ({"suppressions": [{"kind": "inSource", "status": "accepted"}]}, 0, 1, 0),
        ({"suppressions": [{"kind": "external", "status": "underReview"}]}, 1, 0, 0),
        (
            {"suppressions": [{"kind": "external"}, {"kind": "external", "status": "rejected"}]},
            1,
            0,
            0,
        ),
        ({"kind": "pass"}, 0, 0, 1),
        ({"kind": "review"}, 1, 0, 0),
        ({"baselineState": "absent"}, 0, 0, 1),
    ],
)
def test_what_is_not_reported_is_counted(
    extra: dict[str, Any], reported: int, suppressed: int, no_problem: int
) -> None:
    """A suppressed result is its owner's decision (3.27.23); a pass is no finding (3.27.9)."""
    reading = sarif.read_counted(log({"message": {"text": "m"}, **extra}))
    assert (reported, suppressed, no_problem) == (
        len(reading.reports),
        reading.suppressed,
        reading.no_problem,
    )


def test_files_travel_as_embedded_artefacts() -> None:
    """A proof, a patch, a test and a trace are attachments of the result, told apart by kind."""
    data = bytes(range(256))

    def artifact(uri: str, contents: dict[str, str], **properties: str) -> dict[str, Any]:
        return {"location": {"uri": uri}, "contents": contents, "properties": properties}

    report = only(
        log(
            {
                "message": {"text": "m"},
                "attachments": [{"artifactLocation": {"index": index}} for index in range(5)],
            },
            artifacts=[
                artifact("in/poc.bin", {"binary": base64.b64encode(data).decode()}, target="zlib"),
                artifact("fix.patch", {"text": "--- a\n+++ b\r\n"}),
                artifact("test_it.py", {"text": "assert True"}, kind="test"),
                artifact("asan.txt", {"text": "\x1b[1mERROR\x1b[0m: x"}, kind="crash"),
                {"location": {"uri": "unembedded.c"}},
            ],
        )
    )
    (proof,) = report.proofs
    assert (proof.name, proof.data, proof.target) == ("poc.bin", data, "zlib")
    assert [(patch.name, patch.text) for patch in report.patches] == [
        ("fix.patch", "--- a\n+++ b\r\n")
    ]
    assert [(test.name, test.text) for test in report.tests] == [("test_it.py", "assert True")]
    assert report.crash == "ERROR: x"


def test_a_stack_becomes_a_trace() -> None:
    """Frames are written in the manner of sanitizers, which the parser of traces knows."""
    frame = {
        "location": {
            "physicalLocation": {
                "artifactLocation": {"uri": "a.c"},
                "region": {"startLine": 3},
            },
            "logicalLocations": [{"fullyQualifiedName": "f"}],
        }
    }
    report = only(
        log(
            {
                "message": {"text": "m"},
                "stacks": [
                    {"message": {"text": "heap-buffer-overflow"}, "frames": [frame, {}]},
                ],
            }
        )
    )
    assert report.crash == "heap-buffer-overflow\n    #0 in f a.c:3\n    #1 in ??"


def test_a_message_that_is_a_trace_is_taken_as_one() -> None:
    """Fuzzers put the sanitizer's output into the message."""
    text = "==1==ERROR: AddressSanitizer: heap-use-after-free\n    #0 0x1 in f a.c:1"
    assert only(log({"message": {"text": text}})).crash == text
    assert not only(log({"message": {"text": "an error in the sanitizer"}})).crash


def test_any_field_of_the_plain_format_may_ride_along() -> None:
    """The result's bag wins over the run's, and both over what SARIF itself says."""
    report = only(
        log(
            {
                "message": {"text": "from the message"},
                "properties": {"firstlight": {"trigger": "t", "contact": {"credit": True}}},
            },
            properties={
                "firstlight": {
                    "trigger": "of the run",
                    "contact": {"email": "a@b.example"},
                    "provenance": {"ai_used": "yes", "ai_model": "M"},
                }
            },
        )
    )
    assert report.format is Format.SARIF
    assert report.trigger == "t"
    assert (report.contact.email, report.contact.credit) == ("a@b.example", True)
    assert (report.provenance.ai_used, report.provenance.tool) == (Known.YES, "Tool 1.2.3")
    assert report.description == "from the message"


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("{0} and {1}", ["a", "b"], "a and b"),
        ("{name} {0}", [], "{name} {0}"),
        ("{{0}} {0}", ["x"], "{0} x"),
        ("{0}", ["{1}", "never"], "{1}"),
    ],
)
def test_placeholders(text: str, arguments: list[str], expected: str) -> None:
    """Each is replaced once (3.11.5); an argument is never expanded again."""
    nodes = [Node(argument) for argument in arguments]
    assert fill(text, nodes, 1000) == expected


def test_placeholders_cannot_be_used_to_grow() -> None:
    """A thousand times a large argument stops at the limit."""
    grown = fill("{0}" * 10_000, [Node("x" * 10_000)], 50_000)
    assert len(grown) <= 50_000 + 10_000 + 50_000


@pytest.mark.parametrize(
    ("rule", "result", "title"),
    [
        ({"rule": {"index": 0}}, {}, "Heap buffer overflow"),
        ({"ruleIndex": 0}, {}, "Heap buffer overflow"),
        ({"ruleId": "R1/7"}, {}, "Heap buffer overflow"),
        ({"ruleId": "Other", "ruleIndex": 0}, {}, "first line"),
        ({"ruleId": "R1", "ruleIndex": 99}, {}, "Heap buffer overflow"),
    ],
)
def test_the_rule_is_found_by_index_or_name(
    rule: dict[str, Any], result: dict[str, Any], title: str
) -> None:
    """An index that leads to a rule of another name is a tool's mistake; the name wins."""
    assert only(
        log({"message": {"text": "first line\nx"}, **rule, **result}, rules=[RULE])
    ).title == (title)


WRONG_IN_ONE_WAY: dict[str, tuple[bytes, type[FirstlightError]]] = {
    "no_version": (b'{"runs": []}', UnknownFormat),
    "version_2_0_0": (b'{"version": "2.0.0", "runs": []}', UnknownFormat),
    "runs_not_an_array": (b'{"version": "2.1.0", "runs": {}}', WrongType),
    "result_not_an_object": (b'{"version": "2.1.0", "runs": [{"results": [1]}]}', WrongType),
    "message_not_an_object": (log({"message": "text"}), WrongType),
    "line_not_a_number": (
        log(
            {
                "message": {"text": "m"},
                "locations": [{"physicalLocation": {"region": {"startLine": "1"}}}],
            }
        ),
        WrongType,
    ),
    "artefact_not_in_base64": (
        log(
            {"message": {"text": "m"}, "attachments": [{"artifactLocation": {"index": 0}}]},
            artifacts=[{"contents": {"binary": "***"}}],
        ),
        BadBase64,
    ),
    "malformed_purl": (log({"message": {"text": "m"}, "properties": {"purl": "x"}}), BadPurl),
    "bag_against_the_schema": (
        log({"message": {"text": "m"}, "properties": {"firstlight": {"typo": 1}}}),
        AgainstSchema,
    ),
    "too_many_attachments": (
        log({"message": {"text": "m"}, "attachments": [{}] * 17}),
        TooLarge,
    ),
    "too_many_results": (log(*[{"message": {"text": "m"}}] * 5001), TooLarge),
}


@pytest.mark.parametrize("name", WRONG_IN_ONE_WAY)
def test_one_fault_gives_its_own_error(name: str) -> None:
    """Each with a code; where there is a place, it is named."""
    document, expected = WRONG_IN_ONE_WAY[name]
    with pytest.raises(expected) as caught:
        sarif.read(document)
    if expected in {WrongType, BadBase64, BadPurl}:
        assert str(caught.value.details["path"]).startswith("$.runs")


def test_a_small_log_cannot_grow_into_large_reports() -> None:
    """One large rule text, repeated by many results, stops at the budget of the document."""
    rule = {**RULE, "messageStrings": {"big": {"text": "x" * 100_000}}}
    result = {"ruleId": "R1", "message": {"id": "big"}}
    with pytest.raises(TooLarge):
        sarif.read(log(*[result] * 2_000, rules=[rule]))


def test_megabytes_of_text_are_cut_with_a_mark() -> None:
    """The report stays readable, and says that it was cut."""
    report = only(log({"message": {"text": "y" * 10_000_000}}))
    assert len(report.description) <= DEFAULT.block
    assert "[cut here" in report.description


def test_limits_are_the_callers() -> None:
    """A door with less room sets less."""
    with pytest.raises(TooLarge):
        sarif.read(log(*[{"message": {"text": "m"}}] * 3), limits=ReadLimits(reports=2))
