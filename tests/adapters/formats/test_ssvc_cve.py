import gzip
import json
from datetime import date

import pytest
from tests.shared_data import shared_data

from firstlight.adapters.formats.ssvc_cve import MalformedSsvc, parse_ssvc


def record(name: str = "CVE-2026-0001", day: str = "2026-03-04", **answers: str) -> bytes:
    """A CVE record with these answers of CISA."""
    options = [{key.replace("_", " "): value} for key, value in answers.items()]
    content = {"options": options, "version": "2.0.3", "timestamp": f"{day}T01:02:03.000004Z"}
    metrics = [{"other": {"type": "ssvc", "content": content}}] if answers else []
    value = {
        "dataVersion": "5.1",
        "cveMetadata": {"cveId": name, "state": "PUBLISHED"},
        "containers": {"cna": {}, "adp": [{"metrics": metrics}]},
    }
    return json.dumps(value).encode()


def test_answers_come_with_their_source_and_day() -> None:
    """Each as CISA gave it; what was not answered stays open."""
    found = parse_ssvc(record(Automatable="yes", Technical_Impact="total"))
    fact = found.facts["CVE-2026-0001"]
    assert (fact.automatable, fact.technical_impact, fact.exploitation) == ("yes", "total", "")
    assert (date(2026, 3, 4), "2.0.3", "SSVC 2.0.3") == (fact.dated, fact.version, found.version)


def test_the_newest_answer_counts() -> None:
    """In whatever order the records stand."""
    older, newer = (
        record(day="2026-03-04", Automatable="no"),
        record(day="2026-03-05", Automatable="yes"),
    )
    for data in (older + b"\n" + newer, newer + b"\n" + older):
        assert parse_ssvc(data).facts["CVE-2026-0001"].automatable == "yes"


def test_a_record_without_answers_says_nothing() -> None:
    """It is passed over; a file of such records is no catalogue."""
    both = record("CVE-2026-0002") + b"\n" + record(Automatable="no")
    assert list(parse_ssvc(both).facts) == ["CVE-2026-0001"]
    with pytest.raises(MalformedSsvc):
        parse_ssvc(record())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        record(Automatable="no") + b"\n{",
        record("no name", Automatable="no"),
        record(day="no day", Automatable="no"),
        b'{"title": "a plain report"}',
    ],
    ids=["nothing", "cut", "name", "day", "another format"],
)
def test_a_file_is_read_whole_or_refused_whole(data: bytes) -> None:
    """With the position of what is wrong."""
    with pytest.raises(MalformedSsvc):
        parse_ssvc(data)


def test_real_records_are_read() -> None:
    """All of CISA's answers, compressed as they are."""
    data = shared_data("cve-vulnrichment-2024.jsonl.gz").read_bytes()
    found = parse_ssvc(data)
    told = gzip.decompress(data).count(b'"type":"ssvc"') or gzip.decompress(data).count(b'"ssvc"')
    assert 7_000 < len(found.facts) <= told
    assert {"yes", "no"} == {fact.automatable for fact in found.facts.values()}
