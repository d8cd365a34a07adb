"""The OSV query API: exact answers, pages, refusals that say what to do."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version
from tests.public_zone import make_zone, numbered, served
from tests.shared_data import shared_data

from firstlight.adapters.public.limits import PublicLimits
from firstlight.adapters.public.openapi import DOCUMENT
from firstlight.adapters.public.osv_index import OsvIndex
from firstlight.adapters.public.osv_query import BadQuery, OsvQueries
from firstlight.adapters.public.serving import Current
from firstlight.core.kernel.errors import FirstlightError, TooLarge

COMMIT, FIX = "a" * 40, "b" * 40


def record(name: str, ecosystem: str, package: str, *events: dict[str, str], **more: Any) -> Any:  # noqa: ANN401
    """An OSV record about one package."""
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    return {
        "id": name,
        "modified": "2026-01-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": package},
                "ranges": ranges,
                "versions": more.pop("versions", []),
            }
        ],
        **more,
    }


GIT = {
    "id": "T-GIT",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [{"ranges": [{"type": "GIT", "events": [{"introduced": COMMIT}, {"fixed": FIX}]}]}],
}
RECORDS = [
    record("T-1", "PyPI", "Some.Package", {"introduced": "1.0"}, {"fixed": "2.0"}),
    record("T-2", "PyPI", "some-package", {"introduced": "0"}, {"last_affected": "1.5"}),
    record("T-3", "npm", "@scope/name", {"introduced": "1.0.0-rc.1"}, {"fixed": "1.0.0"}),
    record("T-4", "Debian:12", "tool", {"introduced": "0"}, {"fixed": "1:1.0-2"}),
    record("T-5", "Debian:11", "tool", {"introduced": "0"}, {"fixed": "1:1.0-1"}),
    record("T-6", "Debian", "tool", versions=["0.5-1"]),
    record("T-7", "PyPI", "gone", {"introduced": "0"}, withdrawn="2026-02-01T00:00:00Z"),
    record("T-8", "Maven", "org.example:thing", {"introduced": "0"}, {"fixed": "1.0"}),
    record("T-9", "OSS-Fuzz", "lib", versions=["v1.2-rc"]),
    record("T-A", "PyPI", "broken", {"introduced": "not a version"}, versions=["1.0"]),
    record("T-B", "PyPI", "listed", versions=["1.0", "odd"]),
    GIT,
]


def queries_over(tmp_path: Path, records: Sequence[Any], **limits: int) -> OsvQueries:
    """Answers from these records."""
    path = tmp_path / "all.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    bounds = PublicLimits(**limits)
    return OsvQueries(OsvIndex([path], bounds), bounds)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., list[str]]:
    """The names that a query finds among RECORDS."""
    queries = queries_over(tmp_path, RECORDS)

    def asked(**query: Any) -> list[str]:  # noqa: ANN401
        answer = json.loads(queries.query(json.dumps(query).encode()))
        return [one["id"] for one in answer.get("vulns", [])]

    return asked


def package(name: str, ecosystem: str) -> dict[str, str]:
    """As a query names it."""
    return {"name": name, "ecosystem": ecosystem}


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("0.9", ["T-2"]),
        ("1.0", ["T-1", "T-2"]),
        ("1.5.0", ["T-1", "T-2"]),
        ("1.5.1", ["T-1"]),
        ("2.0rc1", ["T-1"]),
        ("2.0", []),
    ],
)
def test_by_package_and_version(
    ask: Callable[..., list[str]], version: str, found: list[str]
) -> None:
    """By ranges in the ecosystem's own order, whichever way the name is written."""
    assert ask(package=package("some_package", "PyPI"), version=version) == found
    assert ask(package={"purl": f"pkg:pypi/Some.Package@{version}"}) == found
    assert ask(package={"purl": "pkg:pypi/some-package"}, version=version) == found


def test_without_a_version_everything_about_the_package(ask: Callable[..., list[str]]) -> None:
    """All records that speak of it; a withdrawn one does not."""
    assert ask(package=package("some-package", "PyPI")) == ["T-1", "T-2"]
    assert ask(package=package("gone", "PyPI")) == []


def test_by_package_url_of_other_ecosystems(ask: Callable[..., list[str]]) -> None:
    """Scopes, groups and distributions as package URLs write them."""
    assert ask(package={"purl": "pkg:npm/%40scope/name@1.0.0-rc.2"}) == ["T-3"]
    assert ask(package={"purl": "pkg:npm/%40scope/name@1.0.0"}) == []
    assert ask(package={"purl": "pkg:maven/org.example/thing@1.0-alpha-1"}) == ["T-8"]
    assert ask(package={"purl": "pkg:deb/debian/tool@1:1.0-1?distro=bookworm"}) == ["T-4"]
    assert ask(package={"purl": "pkg:deb/debian/tool@1:1.0-1?distro=debian-11"}) == []
    assert ask(package={"purl": "pkg:generic/anything@1"}) == []


def test_a_release_of_a_distribution(ask: Callable[..., list[str]]) -> None:
    """The distribution alone means each release; a record about it holds for each of them."""
    assert ask(package=package("tool", "Debian"), version="0.5-1") == ["T-4", "T-5", "T-6"]
    assert ask(package=package("tool", "Debian:12"), version="0.5-1") == ["T-4", "T-6"]
    assert ask(package=package("tool", "Debian:13"), version="0.5-1") == ["T-6"]


def test_by_commit(ask: Callable[..., list[str]]) -> None:
    """Where a record names it; its fix is not affected."""
    assert ask(commit=COMMIT) == ["T-GIT"]
    assert ask(commit=COMMIT.upper()) == ["T-GIT"]
    assert ask(commit=FIX) == []


def test_without_an_order_only_what_is_named_is_found(ask: Callable[..., list[str]]) -> None:
    """In an ecosystem without an order, and where a record's range cannot be read."""
    assert ask(package=package("lib", "OSS-Fuzz"), version="v1.2-rc") == ["T-9"]
    assert ask(package=package("lib", "OSS-Fuzz"), version="v1.2") == []
    assert ask(package=package("broken", "PyPI"), version="1.0") == ["T-A"]


def test_an_enumerated_version_is_found_in_every_spelling(ask: Callable[..., list[str]]) -> None:
    """1.0 and 1.0.0 are one version of PyPI; 1.0.1 is another."""
    assert ask(package=package("listed", "PyPI"), version="1.0.0") == ["T-B"]
    assert ask(package=package("listed", "PyPI"), version="1.0.1") == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (b"", "no such query"),
        (b"[]", "no such query"),
        (b'{"version": 1}', "no such query"),
        (b'{"package": {"name": "\xff"}}', "no such query"),
        (b"{}", "neither a package nor a commit"),
        (b'{"version": "1"}', "neither a package nor a commit"),
        (b'{"package": {"name": "x"}}', "a name and an ecosystem"),
        (b'{"package": {"name": "x", "ecosystem": "pypi"}}', "no ecosystem"),
        (b'{"package": {"purl": "nonsense"}}', "nonsense"),
        (b'{"package": {"purl": "pkg:pypi/x", "name": "x"}}', "stands alone"),
        (b'{"package": {"purl": "pkg:pypi/x@1"}, "version": "1"}', "named twice"),
        (b'{"commit": "abc"}', "no commit"),
        (b'{"commit": "%s", "version": "1"}' % COMMIT.encode(), "stands alone"),
        (
            b'{"package": {"name": "some-package", "ecosystem": "PyPI"}, "version": "one two"}',
            "no version of PyPI",
        ),
        (
            b'{"package": {"name": "x", "ecosystem": "PyPI"}, "page_token": "%%%"}',
            "page token",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused(tmp_path: Path, query: bytes, says: str) -> None:
    """With a sentence and what to do, alone and as the second of a batch."""
    queries = queries_over(tmp_path, RECORDS)
    with pytest.raises(FirstlightError, match=says) as refused:
        queries.query(query)
    assert refused.value.hint
    if query.startswith(b"{"):
        good = b'{"package": {"name": "x", "ecosystem": "npm"}}'
        with pytest.raises(BadQuery):
            queries.batch(b'{"queries": [' + good + b"," + query + b"]}")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    """Not by the interpreter's own limit."""
    queries = queries_over(tmp_path, RECORDS)
    with pytest.raises(BadQuery):
        queries.query(b'{"x":' + b"[" * 8000 + b"]" * 8000 + b"}")


def test_a_batch_answers_in_order_with_names_alone(tmp_path: Path) -> None:
    """Nothing found is an empty object at its place."""
    queries = queries_over(tmp_path, RECORDS)
    asked = [
        {"package": package("some-package", "PyPI"), "version": "3"},
        {"package": package("some-package", "PyPI"), "version": "1.7"},
        {"commit": COMMIT},
    ]
    answer = json.loads(queries.batch(json.dumps({"queries": asked}).encode()))
    at = "2026-01-01T00:00:00Z"
    names = [{"id": "T-1", "modified": at}], [{"id": "T-GIT", "modified": at}]
    assert answer == {"results": [{}, {"vulns": names[0]}, {"vulns": names[1]}]}
    assert queries.batch(b"{}") == b'{"results":[]}'
    with pytest.raises(TooLarge):
        queries.batch(json.dumps({"queries": [asked[0]] * 1001}).encode())


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 23), page=st.integers(1, 7))
def test_pages_give_everything_once(
    tmp_path_factory: pytest.TempPathFactory, count: int, page: int
) -> None:
    """In order, whatever the size of a page, for a query and in a batch."""
    records = [record(f"T-{n:03}", "PyPI", "x", {"introduced": "0"}) for n in range(count)]
    folder = tmp_path_factory.mktemp("pages")
    queries = queries_over(folder, records, page=page, batch_page=page)
    for ask, path in ((queries.query, ()), (queries.batch, ("results", 0))):
        found: list[str] = []
        token = ""
        while True:
            query: Any = {"package": package("x", "PyPI"), "page_token": token}
            if path:
                query = {"queries": [query]}
            answer = json.loads(ask(json.dumps(query).encode()))
            for step in path:
                answer = answer[step]
            found += [one["id"] for one in answer.get("vulns", [])]
            token = answer.get("next_page_token", "")
            if not token:
                break
        assert found == [one["id"] for one in records]


def test_a_batch_is_bounded_as_a_whole(tmp_path: Path) -> None:
    """The names in all answers together; the rest follows by token."""
    records = [record(f"T-{n:03}", "PyPI", "x", {"introduced": "0"}) for n in range(30)]
    queries = queries_over(tmp_path, records, batch_names=40)
    asked = {"queries": [{"package": package("x", "PyPI")}] * 5}
    results = json.loads(queries.batch(json.dumps(asked).encode()))["results"]
    assert [len(one["vulns"]) for one in results] == [30, 10, 1, 1, 1]
    assert all("next_page_token" in one for one in results[1:])


def naive(one: Any, name: str, version: Version) -> bool:  # noqa: ANN401
    """The schema's own algorithm, written out plainly."""
    for affected in one["affected"]:
        named = affected.get("package", {}).get("name", "")
        if named.lower().replace("_", "-").replace(".", "-") != name:
            continue
        if str(version) in affected.get("versions", []):
            return True
        for span in affected.get("ranges", []):
            if span["type"] == "GIT":
                continue
            vulnerable = False
            events = [next(iter(event.items())) for event in span["events"]]
            ends = [(Version(at if at != "0" else "0.dev0"), kind) for kind, at in events]
            for at, kind in sorted(ends, key=lambda end: end[0]):
                if kind == "introduced" and version >= at:
                    vulnerable = True
                elif (kind == "fixed" and version >= at) or (
                    kind == "last_affected" and version > at
                ):
                    vulnerable = False
            if vulnerable:
                return True
    return False


def test_real_records_are_answered_as_by_the_plain_algorithm(tmp_path: Path) -> None:
    """1,500 pairs of package and version from PyPA's database, against each record in turn."""
    text = gzip.decompress(shared_data("osv-pypa.jsonl.gz").read_bytes())
    path = tmp_path / "all.jsonl"
    path.write_bytes(text)
    queries = OsvQueries(OsvIndex([path]))
    records = [json.loads(line) for line in text.splitlines()]
    by_name: dict[str, list[Any]] = {}
    versions: dict[str, set[str]] = {}
    for one in records:
        for affected in one["affected"]:
            name = affected["package"]["name"].lower().replace("_", "-").replace(".", "-")
            by_name.setdefault(name, []).append(one)
            versions.setdefault(name, set()).update(affected.get("versions", []))
    pairs = [(name, one) for name in sorted(versions) for one in sorted(versions[name])]
    asked = compared = 0
    for name, text_of in random.Random(1).sample(pairs, 1500):  # noqa: S311  # a sample
        try:
            version = Version(text_of)
            told = {
                one["id"]
                for one in by_name[name]
                if not one.get("withdrawn") and naive(one, name, version)
            }
        except InvalidVersion:
            continue
        answer = queries.query(
            json.dumps({"package": package(name, "PyPI"), "version": str(version)}).encode()
        )
        found = {one["id"] for one in json.loads(answer).get("vulns", [])}
        assert found == told, (name, text_of)
        asked += 1
        compared += len(found)
    assert asked > 1400
    assert compared > 1500


def test_a_line_that_is_no_record_is_skipped(tmp_path: Path, caplog: Any) -> None:  # noqa: ANN401
    """And told in the log; the others are served."""
    path = tmp_path / "all.jsonl"
    path.write_text(f"nonsense\n\n{json.dumps(RECORDS[0])}\n" + '{"id": 7}\n')
    assert len(OsvIndex([path])) == 1
    assert "no OSV record at byte 0" in caplog.text


def test_what_is_published_is_found_without_a_restart(tmp_path: Path) -> None:
    """A new advisory is in the next answer after a look at the files."""
    zone = make_zone(tmp_path)
    zone.publish(numbered(1))
    current = Current(zone.folder)
    assert not current.refresh()
    zone.publish(numbered(2))
    assert current.refresh()
    assert json.loads(current().osv.record("FL-2026-0002"))["id"] == "FL-2026-0002"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The real server over two advisories."""
    zone = make_zone(tmp_path_factory.mktemp("data"))
    zone.publish(numbered(1), numbered(2))
    with served(zone.folder) as url, httpx.Client(base_url=url) as client:
        yield client


def test_over_http(site: httpx.Client) -> None:
    """A record comes as it was published; errors have a code and say what to do."""
    query = {"package": {"purl": "pkg:pypi/exlib@1.1.3"}}
    found = site.post("/v1/query", json=query).json()["vulns"]
    assert [one["id"] for one in found] == ["FL-2026-0001", "FL-2026-0002"]
    assert found[0] == site.get("/osv/FL-2026-0001.json").json()
    assert found[0] == site.get("/v1/vulns/FL-2026-0001").json()
    missing = site.get("/v1/vulns/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, 5)
    for method, path in (("GET", "/v1/query"), ("POST", "/v1/vulns/x"), ("GET", "/v1/nothing")):
        assert site.request(method, path).status_code in {404, 405}


def test_a_large_body_is_refused_before_it_is_read(site: httpx.Client) -> None:
    """413 with the limit."""
    response = site.post("/v1/query", content=b" " * 100_000)
    assert response.status_code == 413
    assert "16384" in response.json()["message"]


def test_the_description_is_served(site: httpx.Client) -> None:
    """As it is in the code."""
    assert site.get("/v1/openapi.json").content == DOCUMENT
