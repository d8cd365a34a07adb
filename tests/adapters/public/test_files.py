"""Files of the zone over HTTP: conditions, ranges, listings, and what cannot be reached."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.public_zone import make_zone, numbered, served

from firstlight.adapters.public.files import BadRange, FileState, NoFile, part_of, resolve

DOCUMENT = "/csaf/2026/fl-2026-0001.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zone with one advisory, a large file, and a link that leads out."""
    data = tmp_path_factory.mktemp("data")
    zone = make_zone(data)
    zone.publish(numbered(1))
    (zone.folder / "large.txt").write_bytes(bytes(range(256)) * 5000)
    (zone.folder / "out").symlink_to(data / "keys")
    (zone.folder / "odd name é.txt").write_text("odd")
    return zone.folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[httpx.Client]:
    """The real server."""
    with served(folder) as url, httpx.Client(base_url=url) as client:
        yield client


def test_who_has_the_file_is_not_sent_it_again(site: httpx.Client) -> None:
    """By tag or by time; the tag decides when both are sent."""
    first = site.get(DOCUMENT)
    tag, time = first.headers["etag"], first.headers["last-modified"]
    same = [{"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-None-Match": "*"}]
    for headers in (*same, {"If-Modified-Since": time}):
        response = site.get(DOCUMENT, headers=headers)
        assert response.status_code == 304
        assert response.content == b""
        assert response.headers["etag"] == tag
    other = {"If-None-Match": '"x"', "If-Modified-Since": time}
    assert site.get(DOCUMENT, headers=other).status_code == 200
    assert site.get(DOCUMENT, headers={"If-Modified-Since": "nonsense"}).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("0-9", 0, 10),
        ("1270000-", 1270000, 1280000),
        ("-5", 1279995, 1280000),
        ("5-99999999", 5, 0),
    ],
)
def test_a_range_is_that_part(site: httpx.Client, wanted: str, begin: int, end: int) -> None:
    """From the beginning, to the end, the last bytes; what goes beyond the end is cut."""
    whole = (bytes(range(256)) * 5000)[begin : end or None]
    response = site.get("/large.txt", headers={"Range": f"bytes={wanted}"})
    assert response.status_code == 206
    assert response.content == whole
    last = begin + len(whole) - 1
    assert response.headers["content-range"] == f"bytes {begin}-{last}/1280000"


@pytest.mark.parametrize("wanted", ["bytes=1280000-", "bytes=-0"])
def test_a_range_outside_is_refused_with_the_size(site: httpx.Client, wanted: str) -> None:
    """416, the size, and what to do."""
    response = site.get("/large.txt", headers={"Range": wanted})
    assert response.status_code == 416
    assert response.headers["content-range"] == "bytes */1280000"
    assert "Content-Range" in response.json()["message"]


@pytest.mark.parametrize("wanted", ["bytes=9-2", "bytes=a-b", "bytes=0-1,4-5", "lines=1-2", "-"])
def test_what_is_no_range_gives_the_whole(site: httpx.Client, wanted: str) -> None:
    """As the standard allows for ranges that are not understood."""
    response = site.get("/large.txt", headers={"Range": wanted})
    assert response.status_code == 200
    assert len(response.content) == 1280000


def test_a_download_goes_on_only_with_the_same_file(site: httpx.Client) -> None:
    """If-Range with another tag or time gives the whole new file."""
    tag = site.get("/large.txt").headers["etag"]
    ranged = {"Range": "bytes=0-3"}
    assert site.get("/large.txt", headers={**ranged, "If-Range": tag}).status_code == 206
    assert site.get("/large.txt", headers={**ranged, "If-Range": '"other"'}).status_code == 200
    old = "Thu, 01 Jan 1970 00:00:00 GMT"
    assert site.get("/large.txt", headers={**ranged, "If-Range": old}).status_code == 200


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    size=st.integers(0, 50),
    first=st.none() | st.integers(0, 60),
    last=st.none() | st.integers(0, 60),
)
def test_a_range_is_a_slice(size: int, first: int | None, last: int | None) -> None:
    """Whatever is asked for, what is sent lies inside the file and begins where it was asked to."""
    state = FileState(path=Path("x"), size=size, modified=0, tag='"t"')
    text = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    try:
        part = part_of(state, {"range": text})
    except BadRange:
        assert (size if first is None and last else first or 0) >= size or last == 0
        return
    assert 0 <= part.first <= part.first + part.length <= size
    if part.status == 206:
        content = bytes(range(size))[part.first : part.first + part.length]
        expected = bytes(range(size))
        if first is None:
            assert last is not None
            assert content == expected[-last:]
        else:
            assert content == expected[first : None if last is None else last + 1]


def test_head_tells_the_same_without_the_body(site: httpx.Client) -> None:
    """Size, tag and type; for listings and records too."""
    for path in (DOCUMENT, "/csaf/", "/v1/vulns/FL-2026-0001"):
        head, got = site.head(path), site.get(path)
        assert head.content == b""
        assert head.headers["content-length"] == str(len(got.content))
        assert head.headers["content-type"] == got.headers["content-type"]


def raw(site: httpx.Client, target: str) -> bytes:
    """What comes back for a request line that no client would send."""
    address = urlsplit(str(site.base_url))
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while more := line.recv(65536):
            answer += more
        return answer


@pytest.mark.parametrize(
    "target",
    [
        "/../keys/openpgp.asc",
        "/csaf/../../keys/openpgp.asc",
        "/%2e%2e/keys/openpgp.asc",
        "/csaf/%2e%2e%2f%2e%2e%2fkeys%2fopenpgp.asc",
        "//keys/../../keys/openpgp.asc",
        "/out/openpgp.asc",
        "/out/",
        "/.catalogue.jsonl",
        "/.lock",
        "/csaf/.hidden",
        "/csaf/index.txt%00.json",
        "/csaf/index.txt/",
        "/nothing",
        f"/{'a' * 3000}",
    ],
)
def test_nothing_else_can_be_reached(site: httpx.Client, target: str) -> None:
    """No secret, no hidden file, no error of ours: 404 or a refusal of the request itself."""
    answer = raw(site, target)
    head = answer.split(b"\r\n", 1)[0]
    inside = target == "/csaf/index.txt/"
    assert b" 404 " in head or b" 400 " in head or b" 414 " in head or (inside and b" 200 " in head)
    assert b"PRIVATE" not in answer


def test_an_odd_name_is_listed_and_found(site: httpx.Client, folder: Path) -> None:
    """Links are encoded; what is shown is text."""
    assert site.get("/odd%20name%20%C3%A9.txt").text == "odd"
    assert resolve(folder, "/csaf").is_dir()
    with pytest.raises(NoFile):
        resolve(folder, "/out")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(site: httpx.Client, method: str) -> None:
    """405 with the methods that there are."""
    response = site.request(method, DOCUMENT)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


def test_a_listing_leads_on_with_or_without_a_slash(site: httpx.Client) -> None:
    """No redirect is needed, since CSAF clients follow none."""
    assert 'href="2026/"' in site.get("/csaf/").text
    assert 'href="csaf/2026/"' in site.get("/csaf").text


def test_pages_run_no_script(site: httpx.Client) -> None:
    """By their policy, the front page and listings alike."""
    for path in ("/", "/csaf/"):
        assert "default-src 'none'" in site.get(path).headers["content-security-policy"]
