"""The search for leaks finds what it says it finds."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from tests.adapters.bench.sealed.conftest import small

from firstlight.adapters.bench.sealed.leaks import Search, needles_of

FILES = small()[0]
TEXT = FILES["task.json"]


def _zip(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", data)
    return out.getvalue()


def _tgz(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("inner")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(
    "write",
    [
        bytes,
        base64.b64encode,
        base64.urlsafe_b64encode,
        bytes.hex,
        lambda data: data.decode().encode("utf-16"),
        gzip.compress,
        zlib.compress,
        bz2.compress,
        lzma.compress,
        zstandard.compress,
        _zip,
        _tgz,
        lambda data: b"log line\n" * 50 + zstandard.compress(data) + b"more",
        lambda data: gzip.compress(base64.b64encode(data)),
        lambda data: gzip.compress(zlib.compress(data)),
    ],
)
def test_a_planted_leak_is_found(write: Callable[[bytes], bytes | str], tmp_path: Path) -> None:
    """In clear, in usual encodings, compressed, and one in the other."""
    made = write(TEXT)
    (tmp_path / "some.log").write_bytes(made.encode() if isinstance(made, str) else made)
    found = Search(needles_of([FILES])).through(tmp_path)
    assert found.leaks
    assert found.leaks[0].place.endswith("some.log")


def test_a_leak_in_a_database_or_a_name_is_found(tmp_path: Path) -> None:
    """A row of SQLite, and the name of an empty file."""
    base = sqlite3.connect(tmp_path / "db.sqlite3")
    base.execute("create table t (x)")
    base.execute("insert into t values (?)", (TEXT,))
    base.commit()
    base.close()
    (tmp_path / "names").mkdir()
    name = FILES["task.json"].decode().split('"id":"')[1].split('"')[0]
    (tmp_path / "names" / name).touch()
    places = {leak.place for leak in Search(needles_of([FILES])).through(tmp_path).leaks}
    assert str(tmp_path / "db.sqlite3") in places
    assert any(place.startswith("the name ") for place in places)


def test_a_find_is_told_without_its_text(tmp_path: Path) -> None:
    """The report of a leak is none itself."""
    (tmp_path / "some.log").write_bytes(TEXT)
    search = Search(needles_of([FILES]))
    told = repr(search.through(tmp_path)).encode()
    (tmp_path / "some.log").write_bytes(told)
    assert Search(needles_of([FILES])).through(tmp_path).leaks == ()


def test_what_cannot_be_searched_is_named(tmp_path: Path) -> None:
    """A place that is not there is no place without leaks."""
    found = Search(needles_of([FILES])).through(tmp_path / "absent")
    assert len(found.unread) == 1
    assert found.leaks == ()


def test_other_files_are_not_found(tmp_path: Path) -> None:
    """Neither the program's own source nor another suite's tasks."""
    other = small(bytes(32))[0]
    (tmp_path / "other").write_bytes(b"\n".join(other.values()))
    package = Path(__file__).parents[4] / "src/firstlight/core/measure/planted"
    found = Search(needles_of([FILES])).through(tmp_path, package)
    assert found.leaks == ()
    assert found.files > 5
