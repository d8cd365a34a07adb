from __future__ import annotations

import gzip
import json
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared_data import shared_data

from firstlight.adapters.formats.kev import MAX_ENTRIES, MalformedKev, parse_kev
from firstlight.core.clearinghouse.priority.sources import (
    KevEntry,
    KevListed,
    KevNotListed,
    RansomwareUse,
)
from firstlight.core.kernel.errors import DuplicateKey, Invalid, TooDeep, TooLarge


def document(**changes: object) -> dict[str, Any]:
    """A catalogue of one entry, with top-level fields changed."""
    return {
        "title": "a test",
        "catalogVersion": "2025.08.25",
        "dateReleased": "2025-08-25T17:04:19.9796Z",
        "count": 1,
        "vulnerabilities": [entry()],
    } | changes


def entry(**changes: object) -> dict[str, object]:
    """The entry of Heartbleed, with fields changed."""
    return {
        "cveID": "CVE-2014-0160",
        "dateAdded": "2022-05-04",
        "knownRansomwareCampaignUse": "Unknown",
        "shortDescription": "passed over",
    } | changes


def file(content: object) -> bytes:
    """The bytes of a catalogue."""
    return json.dumps(content).encode()


def with_entry(**changes: object) -> bytes:
    """The bytes of a catalogue whose only entry is changed."""
    return file(document(vulnerabilities=[entry(**changes)]))


def test_the_real_catalogue_is_read_whole() -> None:
    """All 1,404 entries of the catalogue of 2025-08-25, 293 of them used by ransomware."""
    catalogue = parse_kev(shared_data("kev.json.gz").read_bytes())
    assert catalogue.version == "2025.08.25"
    assert str(catalogue.released) == "2025-08-25T17:04:19.979600Z"
    assert len(catalogue.entries) == 1404
    known = [e for e in catalogue.entries.values() if e.ransomware is RansomwareUse.KNOWN]
    assert len(known) == 293
    assert catalogue.status(["CVE-2014-0160"]) == KevListed(
        entry=KevEntry(
            cve="CVE-2014-0160", added=date(2022, 5, 4), ransomware=RansomwareUse.UNKNOWN
        ),
        catalogue="2025.08.25",
        as_of=date(2025, 8, 25),
    )
    assert isinstance(catalogue.status(["CVE-2014-0161"]), KevNotListed)


def test_plain_and_packed_are_read_alike() -> None:
    """The JSON and its gzip give the same catalogue."""
    data = file(document())
    assert parse_kev(data) == parse_kev(gzip.compress(data, mtime=0))


def test_an_empty_catalogue_is_one() -> None:
    """No entries with a count of none is a catalogue that lists nothing."""
    assert parse_kev(file(document(count=0, vulnerabilities=[]))).entries == {}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"[]", "/"),
        (file(document(vulnerabilities=None)), "/vulnerabilities"),
        (file(document(vulnerabilities={})), "/vulnerabilities"),
        (file(document(count=2)), "/count"),
        (file(document(count="1")), "/count"),
        (file(document(catalogVersion=None)), "/catalogVersion"),
        (file(document(dateReleased="2025-08-25T17:04:19")), "/dateReleased"),
        (file(document(dateReleased="yesterday")), "/dateReleased"),
        (file(document(vulnerabilities=["CVE-2014-0160"])), "/vulnerabilities/0"),
        (
            file(document(count=2, vulnerabilities=[entry(), entry()])),
            "/vulnerabilities/1/cveID",
        ),
        (with_entry(cveID="CVE-2014-016"), "/vulnerabilities/0/cveID"),
        (with_entry(cveID=20140160), "/vulnerabilities/0/cveID"),
        (with_entry(dateAdded="04.05.2022"), "/vulnerabilities/0/dateAdded"),
        (with_entry(dateAdded="2022-02-30"), "/vulnerabilities/0/dateAdded"),
        (with_entry(dateAdded="9999-12-31"), "/vulnerabilities/0/dateAdded"),
        (
            with_entry(knownRansomwareCampaignUse="Perhaps"),
            "/vulnerabilities/0/knownRansomwareCampaignUse",
        ),
    ],
    ids=[
        "a list",
        "no entries",
        "entries as object",
        "count too high",
        "count as text",
        "no version",
        "release without zone",
        "release not a time",
        "entry as text",
        "listed twice",
        "identifier too short",
        "identifier as number",
        "day in another form",
        "day that does not exist",
        "mistyped year",
        "ransomware neither known nor unknown",
    ],
)
def test_a_wrong_catalogue_is_refused_with_its_place(data: bytes, path: str) -> None:
    """One wrong field refuses the whole file and names itself: half a list is no list."""
    with pytest.raises(MalformedKev) as caught:
        parse_kev(data)
    assert caught.value.details["path"] == path


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Invalid),
        (b"<html>", Invalid),
        (file(document())[:-1], Invalid),
        (b"\xff" + file(document()), Invalid),
        (file(document()).replace(b'"count": 1', b'"count": NaN'), Invalid),
        (file(document()).replace(b'"title"', b'"count"'), DuplicateKey),
        (file(document(title=[[[[[[[[[[]]]]]]]]]])), TooDeep),
        (file(document(vulnerabilities=[1] * (MAX_ENTRIES + 1))), TooLarge),
        (b" " * (17 << 20), TooLarge),
    ],
    ids=[
        "empty",
        "a web page",
        "cut off",
        "not UTF-8",
        "NaN",
        "a key twice",
        "too deep",
        "too many entries",
        "too large",
    ],
)
def test_what_is_no_trustworthy_json_is_refused(data: bytes, error: type[Invalid]) -> None:
    """Each kind of bad file has its own error."""
    with pytest.raises(error):
        parse_kev(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["count", "vulnerabilities", "catalogVersion", "dateReleased", "entry"]),
)
def test_no_value_in_any_field_crashes_the_reader(value: object, name: str) -> None:
    """Whatever stands in a field raises nothing but `Invalid`; what is read has all its entries."""
    change = {"vulnerabilities": [value]} if name == "entry" else {name: value}
    with suppress(Invalid):
        changed = document(**change)
        assert len(parse_kev(file(changed)).entries) == len(changed["vulnerabilities"])
