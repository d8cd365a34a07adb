"""Unpacking: honest trees arrive whole, hostile ones leave nothing outside."""

from __future__ import annotations

import contextlib
import os
import stat
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.sandbox.trees import archive, member, tree

from firstlight.adapters.sandbox import tree as unpacking
from firstlight.adapters.sandbox.tree import remove, unpack
from firstlight.core.kernel.errors import HostileArchive, Invalid, TooLarge

LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE

HOSTILE = {
    "absolute-name": [member("/etc/x", b"1")],
    "name-that-climbs": [member("../x", b"1")],
    "name-that-climbs-inside": [member("a/../../x", b"1")],
    "absolute-link": [member("l", kind=LINK, link="/etc/passwd")],
    "link-that-climbs-out": [member("a/l", kind=LINK, link="../../x")],
    "link-that-descends-then-climbs": [member("l", kind=LINK, link="a/../../x")],
    "empty-link": [member("l", kind=LINK, link="")],
    "file-below-a-link": [member("l", kind=LINK, link="."), member("l/x", b"1")],
    "folder-over-a-link": [member("l", kind=LINK, link="."), member("l", kind=tarfile.DIRTYPE)],
    "file-below-a-file": [member("f", b"1"), member("f/x", b"1")],
    "same-name-twice": [member("f", b"1"), member("f", b"2")],
    "same-name-in-other-words": [member("f", b"1"), member("./f", b"2")],
    "hard-link-out": [member("h", kind=HARD, link="../x")],
    "hard-link-to-nothing": [member("h", kind=HARD, link="x")],
    "hard-link-to-a-link": [member("l", kind=LINK, link="x"), member("h", kind=HARD, link="l")],
    "character-device": [member("d", kind=tarfile.CHRTYPE)],
    "block-device": [member("d", kind=tarfile.BLKTYPE)],
    "named-pipe": [member("p", kind=tarfile.FIFOTYPE)],
    "far-too-deep": [member("/".join("a" * 70), b"1")],
    "name-too-long-for-a-file": [member("n" * 300, b"1")],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_is_refused(
    members: list[tuple[tarfile.TarInfo, bytes]], tmp_path: Path
) -> None:
    """Each trick is named as what it is, and nothing is written beside the folder."""
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(HostileArchive):
        unpack(archive(members), inside)
    assert [inside] == list(tmp_path.iterdir())


def test_a_sparse_bomb_is_refused(tmp_path: Path) -> None:
    """A member that claims to be mostly holes cannot fill the disk with them."""
    info, _ = member("s", b"")
    info.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.name": "s",
        "GNU.sparse.realsize": str(1 << 40),
        "GNU.sparse.size": str(1 << 40),
        "GNU.sparse.numblocks": "1",
        "GNU.sparse.map": f"{(1 << 40) - 1},0",
    }
    with pytest.raises((HostileArchive, TooLarge)):
        unpack(archive([(info, b"")]), tmp_path)


@pytest.mark.parametrize(
    "junk", [b"", b"junk" * 500, tree({"a": b"1" * 2000})[:700]], ids=["empty", "junk", "cut"]
)
def test_what_is_no_tar_is_invalid(junk: bytes, tmp_path: Path) -> None:
    """Bytes that are not a whole archive are refused as malformed."""
    with pytest.raises(Invalid):
        unpack(junk, tmp_path)


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of members is bounded."""
    monkeypatch.setattr(unpacking, "MEMBERS", 3)
    with pytest.raises(TooLarge):
        unpack(tree({str(n): b"" for n in range(4)}), tmp_path)


def test_too_large_a_tree_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are bounded before any is written."""
    monkeypatch.setattr(unpacking, "TREE_BYTES", 1000)
    with pytest.raises(TooLarge):
        unpack(tree({"a": b"1" * 2000}), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_honest_tree_arrives_whole(tmp_path: Path) -> None:
    """Content, execute bits, times and inner links are kept; set-uid is not."""
    unpack(
        archive(
            [
                member("d", kind=tarfile.DIRTYPE, mode=0o555),
                member("d/tool", b"#!", mode=0o4755),
                member("d/up", kind=LINK, link="../e/data"),
                member("e/data", b"1"),
                member("same", kind=HARD, link="e/data"),
            ]
        ),
        tmp_path,
    )
    tool = (tmp_path / "d/tool").stat()
    assert (stat.S_IMODE(tool.st_mode), tool.st_mtime) == (0o755, 1_700_000_000)
    assert (tmp_path / "d/up").read_bytes() == b"1"
    assert (tmp_path / "same").samefile(tmp_path / "e/data")


NAME = st.lists(st.sampled_from(["a", "b", "..", ".", "", "c"]), min_size=1, max_size=4).map(
    "/".join
)
KIND = st.sampled_from([tarfile.REGTYPE, LINK, HARD, tarfile.DIRTYPE, tarfile.FIFOTYPE])


@given(entries=st.lists(st.tuples(NAME, KIND, NAME), max_size=6))
def test_nothing_is_ever_written_or_linked_outside(
    entries: list[tuple[str, bytes, str]],
) -> None:
    """Whatever the archive says, every path and every link of the result stays inside."""
    with tempfile.TemporaryDirectory() as outer:
        inside = Path(outer, "deep", "inside")
        inside.mkdir(parents=True)
        content = {tarfile.REGTYPE: b"1"}
        members = [member(n, content.get(k, b""), kind=k, link=to) for n, k, to in entries]
        with contextlib.suppress(Invalid):
            unpack(archive(members), inside)
        assert [inside] == list(Path(outer, "deep").iterdir())
        for at, folders, files in os.walk(inside):
            for name in (*folders, *files):
                # A link to itself leads nowhere, which is inside enough.
                with contextlib.suppress(RuntimeError):
                    assert Path(at, name).resolve().is_relative_to(inside)


def test_removal_meets_any_modes_and_follows_no_link(tmp_path: Path) -> None:
    """What a build left unreadable is removed; what a link of it points to is not."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "f").write_bytes(b"1")
    folder = tmp_path / "folder"
    (folder / "closed" / "deeper").mkdir(parents=True)
    (folder / "link").symlink_to(kept)
    (folder / "closed" / "deeper").chmod(0)
    (folder / "closed").chmod(0)
    remove(folder)
    assert not folder.exists()
    assert (kept / "f").read_bytes() == b"1"
