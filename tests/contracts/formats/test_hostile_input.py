"""Whatever comes in, a reader gives reports that are safe to show, or an error of ours, in time."""

from __future__ import annotations

import copy
import json
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.adapters.formats.test_csaf_report import REPORT as CSAF
from tests.adapters.formats.test_osv import RECORD as OSV

from firstlight.adapters.formats.detect import read_any
from firstlight.adapters.formats.limits import DEFAULT
from firstlight.core.clearinghouse.finding import Report
from firstlight.core.kernel.errors import FirstlightError, TooLarge

SARIF: dict[str, Any] = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "T",
                    "version": "1",
                    "rules": [
                        {
                            "id": "R",
                            "name": "Rule",
                            "shortDescription": {"text": "short"},
                            "fullDescription": {"text": "full"},
                            "helpUri": "https://a.example/",
                            "messageStrings": {"m": {"text": "{0}"}},
                            "defaultConfiguration": {"level": "error"},
                            "relationships": [
                                {"target": {"id": "79", "toolComponent": {"name": "CWE"}}}
                            ],
                            "properties": {"tags": ["cwe-79"], "security-severity": "7.5"},
                        }
                    ],
                }
            },
            "artifacts": [
                {"location": {"uri": "a.bin"}, "contents": {"binary": "AAAA"}},
                {"location": {"uri": "a.diff"}, "contents": {"text": "diff"}},
            ],
            "logicalLocations": [{"fullyQualifiedName": "f"}],
            "versionControlProvenance": [
                {"repositoryUri": "https://github.com/a/b", "revisionId": "1"}
            ],
            "results": [
                {
                    "ruleId": "R",
                    "ruleIndex": 0,
                    "kind": "fail",
                    "level": "error",
                    "message": {"id": "m", "arguments": ["x"]},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "a.c", "index": 0},
                                "region": {"startLine": 1},
                            },
                            "logicalLocations": [{"index": 0}],
                        }
                    ],
                    "stacks": [{"message": {"text": "s"}, "frames": [{"location": {}}]}],
                    "attachments": [
                        {"artifactLocation": {"index": 0}},
                        {"artifactLocation": {"index": 1}},
                    ],
                    "fingerprints": {"a": "b"},
                    "partialFingerprints": {"c": "d"},
                    "suppressions": [{"kind": "external", "status": "rejected"}],
                    "taxa": [{"id": "20", "toolComponent": {"name": "CWE"}}],
                    "fixes": [{"description": {"text": "fix"}}],
                    "properties": {"purl": "pkg:npm/a", "versions": ["1"], "firstlight": {}},
                }
            ],
        }
    ],
}
PLAIN: dict[str, Any] = {
    "title": "t",
    "description": "d",
    "product": {"purl": "pkg:npm/a", "versions": ["1"]},
    "severity": {"label": "high"},
    "root_cause": {"path": "a.c", "line": 1, "function": "f"},
    "proofs": [{"name": "p", "data": "AAAA"}],
    "patches": [{"name": "p", "text": "x"}],
    "contact": {"name": "n", "credit": True},
    "provenance": {"ai_used": "yes"},
    "circumstances": {"public": "no"},
}
DOCUMENTS = {"sarif": SARIF, "csaf": CSAF, "osv": OSV, "plain": PLAIN}
SECONDS = 10  # generous: the machine may be busy; what is quadratic takes minutes

odd: st.SearchStrategy[object] = st.sampled_from(
    [
        None,
        True,
        -1,
        2**63,
        0.5,
        "",
        "\x1b[31m",
        "CVE-1-1",
        "x" * 40_000,
        [],
        {},
        [[]],
        [None],
        {"": 0},
    ]
)


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield value, key
            yield from places(inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield value, index
            yield from places(inner)


def read_in_time(document: bytes) -> list[Report]:
    """The reports, or none when refused with an error of ours; never longer than the bound."""
    started = time.perf_counter()
    reports: list[Report] = []
    with suppress(FirstlightError):
        reports += read_any(document)[1]
    assert time.perf_counter() - started < SECONDS
    return reports


def texts(value: object) -> Iterator[str]:
    """Every text in a report."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(cast("Report", value)):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_unchanged_document_is_read(name: str) -> None:
    """The mutations below start from something that works."""
    assert read_any(json.dumps(DOCUMENTS[name]).encode())[1]


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_wrong_value_anywhere_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """Another type, a huge text, nothing at all: in any one or several places."""
    document = copy.deepcopy(DOCUMENTS[name])
    for _ in range(data.draw(st.integers(1, 3))):
        everywhere = list(places(document))
        if not everywhere:
            break
        container, key = everywhere[data.draw(st.integers(0, len(everywhere) - 1))]
        if data.draw(st.booleans()):
            container[key] = copy.deepcopy(data.draw(odd))
        else:
            del container[key]
    read_in_time(json.dumps(document).encode())


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=150)
@given(data=st.data())
def test_damaged_bytes_are_read_or_refused(name: str, data: st.DataObject) -> None:
    """A byte changed, a piece cut out, the end missing."""
    document = bytearray(json.dumps(DOCUMENTS[name]).encode())
    start = data.draw(st.integers(0, len(document)))
    document[start : start + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=4))
    read_in_time(bytes(document[: data.draw(st.integers(0, len(document)))]))
    read_in_time(bytes(document))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    """Noise is no report."""
    read_in_time(document)


ESCAPES = "<script>alert(1)</script>\x1b[2J\x1b]0;owned\x07\u202e\x9b31m\x00\r\U000e0041"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_html_and_terminal_escapes_in_every_field_are_harmless(name: str) -> None:
    """Each text of the document in turn, and all at once; no text of a report keeps an escape."""
    originals = list(places(DOCUMENTS[name]))
    variants = [copy.deepcopy(DOCUMENTS[name]) for _ in range(len(originals) + 1)]
    for number, variant in enumerate(variants):
        for place, (container, key) in enumerate(list(places(variant))):
            if isinstance(container[key], str) and number in {place, len(originals)}:
                container[key] += ESCAPES
    seen = 0
    for variant in variants:
        for report in read_in_time(json.dumps(variant).encode()):
            for text in texts(report):
                seen += "<script>" in text
                assert not {
                    character
                    for character in text
                    if unicodedata.category(character) == "Cc" and character not in "\n\t"
                }
                assert not {"\u202e", "\U000e0041"} & set(text)
    assert seen > 5, "the marker never arrived, so nothing was tested"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_megabytes_of_text_in_any_field_take_no_longer(name: str) -> None:
    """Cut with a mark, or refused with a code, in linear time; wherever it is."""
    for number, (container, key) in enumerate(list(places(DOCUMENTS[name]))):
        if not isinstance(container[key], str):
            continue
        variant = copy.deepcopy(DOCUMENTS[name])
        holder, same = list(places(variant))[number]
        holder[same] = "a{0} \\<" * 300_000
        for report in read_in_time(json.dumps(variant).encode()):
            assert sum(map(len, texts(report))) < 4 * DEFAULT.block + DEFAULT.file_bytes


def test_an_oversized_document_is_refused_before_it_is_read() -> None:
    """Sixteen megabytes are the bound."""
    with pytest.raises(TooLarge) as caught:
        read_any(b'{"title": "' + b"x" * (17 << 20) + b'"}')
    assert caught.value.details["limit"] == DEFAULT.json.size


def amplifiers() -> Iterator[tuple[str, dict[str, Any]]]:
    """Small documents in which thousands of reports share something large."""
    many, word = 5_000, "x" * 200_000
    result = {"ruleId": "R", "message": {"text": "m"}}
    rule = {
        "id": "R",
        "fullDescription": {"text": f" {word}"},
        "properties": {"tags": ["cwe-79 " * 300] * 2_000},
        "relationships": [{"target": {"id": "1"}}] * 10_000,
    }
    run: dict[str, Any] = {"tool": {"driver": {"rules": [rule]}}, "results": [result] * many}
    yield "sarif_rule", {"version": "2.1.0", "runs": [run]}
    bag = {"versions": ["1"] * 50_000, "firstlight": {"references": ["https://a/"] * 200}}
    run = {"tool": {"driver": {}}, "results": [{"message": {"text": "m"}}] * many}
    yield "sarif_run", {"version": "2.1.0", "runs": [{**run, "properties": bag}]}
    document = {
        "csaf_version": "2.1",
        "notes": [{"category": "summary", "text": "n"}] * 10_000,
        "references": [{"url": f"https://a.example/{number}"} for number in range(10_000)],
        "acknowledgments": [{"names": [f"n{number}"]} for number in range(10_000)],
        "involvement": {
            "actions": [{"category": "embargo", "status": "completed"}] * 10_000,
            "entities": [{}] * 10_000,
        },
        "x_extensions": [{}] * 10_000,
    }
    names = [
        {"name": f"{number}{word[:500]}", "product_id": str(number)} for number in range(10_000)
    ]
    tree = {"full_product_names": names}
    yield "csaf", {"document": document, "product_tree": tree, "vulnerabilities": [{}] * many}


AMPLIFIERS = dict(amplifiers())


@pytest.mark.parametrize("name", AMPLIFIERS)
def test_what_reports_share_is_read_once_and_charged_each_time(name: str) -> None:
    """A small document can neither keep a reader busy nor fill the store."""
    document = json.dumps(AMPLIFIERS[name]).encode()
    assert len(document) < DEFAULT.json.size
    reports = read_in_time(document)
    assert sum(len(text) for report in reports for text in texts(report)) <= DEFAULT.text
