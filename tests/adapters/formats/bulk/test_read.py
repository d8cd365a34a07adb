import gzip
import io
import json
import tracemalloc
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared_data import shared_data

from firstlight.adapters.formats import sarif
from firstlight.adapters.formats.bulk import window
from firstlight.adapters.formats.bulk.read import read_records
from firstlight.adapters.formats.detect import read_any
from firstlight.core.clearinghouse.finding import Format
from firstlight.core.clearinghouse.intake.flood import Broken, Candidate, Fault, Passed, Read
from firstlight.core.kernel.canonical import Json

_TOOL = {
    "driver": {
        "name": "analyser",
        "rules": [
            {
                "id": "R1",
                "shortDescription": {"text": "Buffer overflow"},
                "messageStrings": {"hot": {"text": "Too hot"}},
            },
            {"id": "R2"},
        ],
        "globalMessageStrings": {"cold": {"text": "Too cold"}},
    }
}


def result(line: int = 7, **more: object) -> dict[str, Any]:
    """A result of the first rule."""
    place = {"artifactLocation": {"uri": "src/a.c"}, "region": {"startLine": line}}
    return {
        "ruleId": "R1",
        "message": {"text": "It overflows"},
        "locations": [{"physicalLocation": place}],
        **more,
    }


def log(*results: object, **run: object) -> dict[str, Any]:
    """A log of one run."""
    return {"version": "2.1.0", "runs": [{"tool": _TOOL, "results": list(results), **run}]}


def read(data: bytes, purl: str = "") -> list[Read]:
    """All records."""
    return list(read_records(io.BytesIO(data), purl))


def records(value: object) -> list[Read]:
    """Likewise, of JSON."""
    return read(json.dumps(value).encode())


def only(found: Sequence[Read]) -> Candidate:
    """The one candidate that was found."""
    assert len(found) == 1
    assert isinstance(found[0], Candidate)
    return found[0]


def test_a_result_becomes_a_log_that_the_strict_reader_reads() -> None:
    """What is kept of a result is enough to make the same report of it."""
    document = log(result())
    kept = only(records(document)).document
    assert sarif.from_json(document).reports == sarif.read(kept)


def test_real_logs_lose_nothing() -> None:
    """Every report of real tools' logs is also made of the candidates, one by one."""
    path = shared_data("sarif-tools.jsonl.gz")
    compared = 0
    for line in gzip.decompress(path.read_bytes()).splitlines():
        value: Json = json.loads(line)["sarif"]
        found = [one for one in records(value) if isinstance(one, Candidate)]
        assert [report for one in found for report in sarif.read(one.document)] == list(
            sarif.from_json(value).reports
        )
        compared += len(found)
    assert compared > 100


def test_a_tool_behind_its_results_is_found() -> None:
    """Tools that sort their keys write the rules after the results."""
    document = {"version": "2.1.0", "runs": [{"results": [result()], "tool": _TOOL}]}
    assert only(records(document)).title == "Buffer overflow"


def test_what_a_long_run_tells_behind_its_results_goes_with_each(tmp_path: Path) -> None:
    """Looking for it does not lose the place, however long the log is."""
    results = [result(n + 1, properties={"note": "x" * 4_000}) for n in range(2_000)]
    run = {"results": results, "properties": {"purl": "pkg:generic/late"}, "tool": _TOOL}
    path = tmp_path / "log"
    path.write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    with path.open("rb") as file:
        found = [one for one in read_records(file) if isinstance(one, Candidate)]
    assert list(range(1, 2_001)) == [one.line for one in found]
    assert {"pkg:generic/late"} == {one.package for one in found}


def test_numbers_are_replaced_by_what_they_stand_for() -> None:
    """A place, a function and a message that the run holds once are told with the result."""
    pointing = {
        "ruleIndex": 0,
        "message": {"id": "cold"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"index": 1}},
                "logicalLocations": [{"index": 0}],
            }
        ],
    }
    tables = {
        "artifacts": [{}, {"location": {"uri": "src/b.c"}}],
        "logicalLocations": [{"fullyQualifiedName": "ns::f"}],
    }
    kept = only(records(log(pointing, **tables)))
    assert (kept.rule, kept.path, kept.function) == ("R1", "src/b.c", "ns::f")
    assert "Too cold" in sarif.read(kept.document)[0].description


def test_an_attached_proof_goes_with_its_result() -> None:
    """The artefact that holds it is copied into the result's own log."""
    artifacts = [{}, {"location": {"uri": "proof.bin"}, "contents": {"binary": "AAEC"}}]
    attached = result(attachments=[{"artifactLocation": {"index": 1}}])
    kept = only(records(log(attached, artifacts=artifacts)))
    assert [bytes([0, 1, 2])] == [p.data for p in sarif.read(kept.document)[0].proofs]


@pytest.mark.parametrize(
    "quiet",
    [
        {"kind": "pass"},
        {"baselineState": "absent"},
        {"suppressions": [{"kind": "inSource"}]},
        {"suppressions": [{"kind": "external", "status": "accepted"}]},
    ],
    ids=["passed", "gone", "suppressed", "accepted"],
)
def test_what_reports_no_problem_is_passed_over(quiet: dict[str, Any]) -> None:
    """As the strict reader does it."""
    assert isinstance(records(log(result(**quiet)))[0], Passed)


def test_a_suppression_that_was_turned_down_does_not_count() -> None:
    """The result is reported."""
    assert only(records(log(result(suppressions=[{"status": "rejected"}]))))


def test_a_bad_record_is_named_and_the_good_ones_are_kept() -> None:
    """One wrong type in the middle costs one record."""
    found = records(log(result(1), result(2, message="no object"), 17, result(3)))
    assert [type(one).__name__ for one in found] == ["Candidate", "Fault", "Fault", "Candidate"]
    assert isinstance(found[1], Fault)
    assert (found[1].position, found[1].code) == ("$.runs[0].results[1]", "input.wrong_type")


def test_a_record_that_is_too_large_is_stepped_over() -> None:
    """However long it is, strings with brackets in them included."""
    huge = result(2, properties={"text": '"]}\\' * (2 << 20)})
    found = records(log(result(1), huge, result(3)))
    assert [type(one).__name__ for one in found] == ["Candidate", "Fault", "Candidate"]
    assert isinstance(found[1], Fault)
    assert found[1].code == "input.too_large"


def test_a_log_that_was_cut_keeps_what_came_before() -> None:
    """The last word is where and why."""
    data = json.dumps(log(*(result(n) for n in range(1, 9)))).encode()
    found = read(data[: len(data) // 2])
    assert isinstance(found[-1], Broken)
    assert sum(isinstance(one, Candidate) for one in found) > 1


def test_bytes_that_are_no_text_end_the_file() -> None:
    """What came before is kept."""
    data = json.dumps({"title": "a"}).encode() + b"\n" + b'{"title": "\xff"}\n'
    found = read(data)
    assert isinstance(found[-1], Broken)
    assert found[-1].error.code == "input.bad_encoding"


def test_json_lines_go_on_after_a_bad_line() -> None:
    """Each line stands for itself, whatever its format."""
    lines = [
        {"title": "plain"},
        {"id": "OSV-1", "modified": "2026-01-01T00:00:00Z", "aliases": ["cve-2026-1"]},
    ]
    data = b"\n".join(
        [
            json.dumps(lines[0]).encode(),
            b'{"title": tru}',
            b"nonsense",
            json.dumps(lines[1]).encode(),
        ]
    )
    found = read(data)
    assert [type(one).__name__ for one in found] == ["Candidate", "Fault", "Fault", "Candidate"]
    last = found[-1]
    assert isinstance(last, Candidate)
    assert (last.format, last.names) == (Format.OSV, "OSV-1 CVE-2026-1")


def test_nothing_is_no_file() -> None:
    """An empty file is told, rather than counted as read."""
    assert isinstance(read(b" \n")[0], Broken)


@pytest.mark.parametrize(
    ("name", "form", "least"),
    [
        ("cve-vulnrichment-2024.jsonl.gz", Format.CVE, 8_000),
        ("osv-pypa.jsonl.gz", Format.OSV, 2_661),
        ("csaf-cisa.jsonl.gz", Format.CSAF, 400),
    ],
)
def test_real_exports_are_read_to_the_last_record(name: str, form: Format, least: int) -> None:
    """Compressed as they are, each record under its own name; the strict reader takes a sample."""
    path = shared_data(name)
    with path.open("rb") as file:
        found = list(read_records(file))
    assert [one for one in found if not isinstance(one, Candidate)] == []
    kept = [one for one in found if isinstance(one, Candidate)]
    assert least == len(kept) == len({one.likeness for one in kept})
    assert {form} == {one.format for one in kept}
    for one in kept[:: len(kept) // 20]:
        if one.level != "rejected":
            assert read_any(one.document)[0] is form


def test_a_zip_of_records_is_read_file_by_file() -> None:
    """As OSV publishes an ecosystem; what is no JSON in it is left alone."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n in range(3):
            record = {"id": f"PYSEC-2026-{n}", "modified": "2026-01-01T00:00:00Z"}
            archive.writestr(f"PYSEC-2026-{n}.json", json.dumps(record))
        archive.writestr("README", "no record")
    found = read(packed.getvalue())
    assert [one.names for one in found if isinstance(one, Candidate)] == [
        "PYSEC-2026-0",
        "PYSEC-2026-1",
        "PYSEC-2026-2",
    ]


def test_a_bad_file_in_a_zip_costs_itself_alone() -> None:
    """The next one is read all the same."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.json", '{"runs": [{"results": [')
        archive.writestr("b.json", '{"title": "good"}')
    found = read(packed.getvalue())
    assert [type(one).__name__ for one in found] == ["Fault", "Candidate"]


def test_a_damaged_zip_or_gzip_ends_where_it_breaks() -> None:
    """With a reason, and without an exception."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.json", '{"title": "good"}')
    for data in (packed.getvalue()[:-20], gzip.compress(b'{"title": "good"}' * 99)[:-9]):
        assert isinstance(read(data)[-1], Broken)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Four times the results need no more than a third more memory."""

    def peak(count: int) -> int:
        path = tmp_path / str(count)
        noted = [result(n + 1, properties={"note": "x" * 4_000}) for n in range(count)]
        path.write_text(json.dumps(log(*noted)))
        tracemalloc.start()
        with path.open("rb") as file:
            number = sum(1 for _ in read_records(file))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert number == count
        return most

    assert peak(8_000) < 1.34 * peak(2_000)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(_JSON, max_size=5), st.integers(1, 7))
def test_the_window_reads_as_the_whole(values: list[Any], chunk: int) -> None:
    """However small the pieces are, the elements of an array are the same."""
    data = json.dumps(values, indent=1).encode()
    slid = window.Window(io.BytesIO(data), window.Bounds(chunk=chunk))
    assert values == [slid.value() for _ in slid.elements()]


@given(st.lists(_JSON, min_size=1, max_size=5), st.integers(1, 7))
def test_skipping_steps_over_exactly_one_value(values: list[Any], chunk: int) -> None:
    """Whatever brackets and quotes are inside."""
    data = json.dumps([*values, "end"]).encode()
    slid = window.Window(io.BytesIO(data), window.Bounds(chunk=chunk))
    last: Json = None
    for index in slid.elements():
        if index == len(values):
            last = slid.value()
        else:
            slid.skip()
    assert last == "end"


@given(st.binary(max_size=300))
def test_any_bytes_are_answered_with_records_or_faults(data: bytes) -> None:
    """Nothing else comes out, and it ends."""
    assert all(isinstance(one, Candidate | Fault | Passed | Broken) for one in read(data))


@given(st.text(alphabet='{}[]",:\\ntrue0"runs', max_size=80))
def test_broken_json_is_answered_likewise(text: str) -> None:
    """Half a log, a key without value, brackets that do not match."""
    found = read(('{"runs": [{"results": [' + text).encode())
    assert all(isinstance(one, Candidate | Fault | Passed | Broken) for one in found)
