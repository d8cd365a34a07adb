"""Finding pinned files, against a real index on loopback."""

from __future__ import annotations

import base64
import hashlib
import io
import ipaddress
import json
import lzma
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from firstlight.adapters.outgoing import OutgoingClient, OutgoingDigestMismatch, OutgoingNotFound
from firstlight.adapters.registries import Fetcher, RegistryAddresses, addresses
from firstlight.adapters.registries.debian import packaging_names
from firstlight.adapters.registries.npm import sha512_of
from firstlight.adapters.registries.pypi import links
from firstlight.core.clearinghouse.validation.target import (
    DebianOrig,
    DebianPatch,
    NpmTarball,
    PypiFile,
)
from firstlight.core.kernel.errors import HostileArchive, Invalid

CONTENT = b"a release"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PATCH = b"--- a/x\n+++ b/x\n"


def anywhere(_address: object, *, private_ok: bool) -> str | None:  # noqa: ARG001  # as the rule
    """Lets a test connect to loopback."""
    return None


@dataclass
class Mirror:
    """A company's mirror: files by path, and what was asked for."""

    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def fetcher(self, cache: Path) -> Fetcher:
        """A fetcher whose package clients all name this mirror."""
        local = ipaddress.ip_address("127.0.0.1")
        client = OutgoingClient((), resolver=lambda _h, _p: (local,), rule=anywhere)
        return Fetcher(
            cache,
            client=client,
            addresses=RegistryAddresses(
                pypi=lambda: (f"{self.url}/simple",),
                npm=lambda: f"{self.url}/npm",
                debian=lambda: (f"{self.url}/debian stable",),
            ),
        )


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    """A mirror that serves."""
    state = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            state.asked.append(self.path)
            kind, body = state.files.get(self.path, ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://mirror.test:{server.server_port}"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


WHEEL = PypiFile(project="A_b.C", filename="a_b_c-1.0-py3-none-any.whl", sha256=SHA256, into="site")


def test_an_html_index_is_read(mirror: Mirror, tmp_path: Path) -> None:
    """The name is normalised, a relative link followed, and the second run asks nobody."""
    page = f'<a href="../../files/{WHEEL.filename}#sha256={SHA256}" data-x="&gt;">x</a>'
    mirror.files["/simple/a-b-c/"] = ("text/html", page.encode())
    mirror.files[f"/files/{WHEEL.filename}"] = ("application/zip", CONTENT)
    assert mirror.fetcher(tmp_path).fetch(WHEEL) == CONTENT
    asked = len(mirror.asked)
    assert mirror.fetcher(tmp_path).fetch(WHEEL) == CONTENT
    assert len(mirror.asked) == asked


def test_a_json_index_is_read(mirror: Mirror, tmp_path: Path) -> None:
    """PEP 691 pages serve as well."""
    row = {"filename": WHEEL.filename, "url": "../../f.whl", "hashes": {"sha256": SHA256}}
    kind = "application/vnd.pypi.simple.v1+json"
    mirror.files["/simple/a-b-c/"] = (kind, json.dumps({"files": [row]}).encode())
    mirror.files["/f.whl"] = ("application/zip", CONTENT)
    assert mirror.fetcher(tmp_path).fetch(WHEEL) == CONTENT


def test_an_index_that_announces_another_file_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    """The announced digest is compared before anything is downloaded."""
    page = f'<a href="/files/{WHEEL.filename}#sha256={"0" * 64}">x</a>'
    mirror.files["/simple/a-b-c/"] = ("text/html", page.encode())
    with pytest.raises(OutgoingDigestMismatch):
        mirror.fetcher(tmp_path).fetch(WHEEL)
    assert mirror.asked == ["/simple/a-b-c/"]


def test_a_file_that_is_not_the_pinned_one_is_refused_and_not_kept(
    mirror: Mirror, tmp_path: Path
) -> None:
    """A mirror that serves other bytes under the name is found out."""
    mirror.files["/simple/a-b-c/"] = ("text/html", f'<a href="/{WHEEL.filename}">x</a>'.encode())
    mirror.files[f"/{WHEEL.filename}"] = ("application/zip", CONTENT + b"!")
    with pytest.raises(OutgoingDigestMismatch):
        mirror.fetcher(tmp_path).fetch(WHEEL)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_damaged_cache_entry_is_fetched_again(mirror: Mirror, tmp_path: Path) -> None:
    """What is kept is verified each time it is read."""
    mirror.files["/simple/a-b-c/"] = ("text/html", f'<a href="/{WHEEL.filename}">x</a>'.encode())
    mirror.files[f"/{WHEEL.filename}"] = ("application/zip", CONTENT)
    fetcher = mirror.fetcher(tmp_path)
    fetcher.fetch(WHEEL)
    (tmp_path / "sha256" / SHA256).write_bytes(b"rot")
    assert fetcher.fetch(WHEEL) == CONTENT


def test_a_project_that_is_not_there_is_missing(mirror: Mirror, tmp_path: Path) -> None:
    """Not there is an answer of its own."""
    with pytest.raises(OutgoingNotFound):
        mirror.fetcher(tmp_path).fetch(WHEEL)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"files": 1}', b'{"files": [{}]}', b"[" * 100_000])
def test_a_broken_json_index_is_invalid(body: bytes) -> None:
    """Malformed and deeply nested pages are errors with a code."""
    with pytest.raises(Invalid):
        links(body, "application/vnd.pypi.simple.v1+json", "http://mirror.test/")


def npm(content: bytes = CONTENT) -> NpmTarball:
    """A pinned version."""
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return NpmTarball(name="@scope/x", version="1.0.0", integrity=f"sha512-{digest}", into="x")


def test_an_npm_version_is_read(mirror: Mirror, tmp_path: Path) -> None:
    """The registry names the tarball, the pin decides."""
    document = {"dist": {"tarball": f"{mirror.url}/x.tgz"}}
    mirror.files["/npm/@scope%2fx/1.0.0"] = ("application/json", json.dumps(document).encode())
    mirror.files["/x.tgz"] = ("application/gzip", CONTENT)
    assert mirror.fetcher(tmp_path).fetch(npm()) == CONTENT
    with pytest.raises(OutgoingDigestMismatch):
        mirror.fetcher(tmp_path).fetch(npm(b"another"))


@pytest.mark.parametrize("text", ["", "sha512-", "sha1-AAAA", "sha512-AAAA", "sha512-%%%"])
def test_a_weak_integrity_value_is_refused(text: str) -> None:
    """Only a whole SHA-512 pins a tarball."""
    with pytest.raises(Invalid):
        sha512_of(text)


def packaging(*patches: tuple[str, bytes]) -> bytes:
    """A packaging archive with these patches."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz") as archive:
        for name, data in patches:
            info = tarfile.TarInfo(f"debian/patches/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


WANTED = DebianPatch(
    package="libx",
    archive="libx_1-1.debian.tar.xz",
    patch="fix.patch",
    sha256=hashlib.sha256(PATCH).hexdigest(),
    into="src",
)


def test_a_debian_archive_comes_from_its_shelf(mirror: Mirror, tmp_path: Path) -> None:
    """Library packages are filed under four letters."""
    mirror.files["/debian/pool/main/libx/libx/libx_1.orig.tar.gz"] = ("x/y", CONTENT)
    wanted = DebianOrig(package="libx", filename="libx_1.orig.tar.gz", sha256=SHA256, into="src")
    assert mirror.fetcher(tmp_path).fetch(wanted) == CONTENT


def test_a_patch_is_found_in_a_newer_revision(mirror: Mirror, tmp_path: Path) -> None:
    """When the named revision is gone, the index leads to one that carries the same patch."""
    index = (
        "Package: liby\nFiles:\n 0 1 liby_1-9.debian.tar.xz\n\n"
        "Package: libx\nFiles:\n 0 1 libx_1-2.debian.tar.xz\n"
    )
    mirror.files["/debian/dists/stable/main/source/Sources.xz"] = (
        "x/y",
        lzma.compress(index.encode()),
    )
    mirror.files["/debian/pool/main/libx/libx/libx_1-2.debian.tar.xz"] = (
        "x/y",
        packaging(("other.patch", b"other"), ("renamed.patch", PATCH)),
    )
    assert mirror.fetcher(tmp_path).fetch(WANTED) == PATCH
    assert packaging_names(index, "libx") == ["libx_1-2.debian.tar.xz"]


def test_a_patch_that_was_changed_is_not_found(mirror: Mirror, tmp_path: Path) -> None:
    """The same name with other content does not serve."""
    mirror.files["/debian/pool/main/libx/libx/libx_1-1.debian.tar.xz"] = (
        "x/y",
        packaging(("fix.patch", PATCH + b"!")),
    )
    with pytest.raises(OutgoingNotFound):
        mirror.fetcher(tmp_path).fetch(WANTED)


def test_an_index_that_grows_without_bound_is_refused(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small index that unpacks to much more is a bomb."""
    monkeypatch.setattr("firstlight.adapters.registries.debian._INDEX_BYTES", 10_000)
    mirror.files["/debian/dists/stable/main/source/Sources.xz"] = (
        "x/y",
        lzma.compress(bytes(20_000)),
    )
    with pytest.raises(HostileArchive):
        mirror.fetcher(tmp_path).fetch(WANTED)


def test_pip_is_asked_for_its_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's choice wins; without one pip's own default is used."""
    if subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
    ).returncode:
        pytest.skip("this interpreter has no pip to ask")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.test/root/simple/")
    addresses._pypi.cache_clear()
    assert addresses._pypi()[0] == "https://mirror.test/root/simple"
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    addresses._pypi.cache_clear()
    assert addresses._pypi()[0].endswith("/simple")
    addresses._pypi.cache_clear()


def test_a_password_of_the_configuration_leaves_the_address() -> None:
    """It becomes the host's authorization, and no longer stands in what is fetched or shown."""
    entry = addresses.host_of("https://us%40er:pass@mirror.test:8443/simple")
    assert base64.b64decode(entry.authorization.removeprefix("Basic ")) == b"us@er:pass"
    assert (
        addresses.bare("https://us%40er:pass@mirror.test:8443/simple")
        == "https://mirror.test:8443/simple"
    )
    assert addresses.host_of("https://mirror.test/simple").authorization == ""


def test_apt_sources_are_read_in_both_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One-line and deb822 sources count; archives of others do not."""
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://no.test/debian old main\n"
        "deb [arch=amd64] http://one.test/debian/ stable main\n"
        "deb https://tools.test/apt nodistro main\n"
    )
    (tmp_path / "sources.list.d" / "debian.sources").write_text(
        "Types: deb\nURIs: https://two.test/debian-security\nSuites: a b\n\n"
        "Types: deb\nURIs: https://x.test/\nSuites: c\n"
    )
    monkeypatch.setattr(addresses, "_APT", tmp_path)
    assert list(addresses._apt_entries()) == [
        "http://one.test/debian stable",
        "https://two.test/debian-security a",
        "https://two.test/debian-security b",
    ]
