"""Archives that are wrong in exactly one way, and those that are right."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.registries.unpack import (
    File,
    Link,
    Tree,
    UnpackBounds,
    pack,
    unpack,
    without_top,
)
from firstlight.core.kernel.errors import HostileArchive

SMALL = UnpackBounds(files=20, total_bytes=100_000, name_chars=60, depth=4)


def tar(*members: tarfile.TarInfo | tuple[tarfile.TarInfo, bytes], packed: bool = False) -> bytes:
    """A tar of these members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz" if packed else "w") as archive:
        for member in members:
            info, data = member if isinstance(member, tuple) else (member, b"")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def file(name: str, data: bytes = b"data") -> tuple[tarfile.TarInfo, bytes]:
    """A regular file."""
    return tarfile.TarInfo(name), data


def special(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    """A member of another kind."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def zipped(name: str, data: bytes = b"data", mode: int = 0) -> bytes:
    """A zip with one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
        archive.writestr(info, data)
    return out.getvalue()


def sparse() -> bytes:
    """A tar whose one member claims holes of a terabyte."""
    info = tarfile.TarInfo("sparse")
    info.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.realsize": str(1 << 40),
        "GNU.sparse.name": "sparse",
    }
    return tar((info, b"1\n0\n4\n".ljust(512, b"\0") + b"data"))


FAULTS: dict[str, Callable[[], bytes]] = {
    "climbs": lambda: tar(file("../out")),
    "climbs inside a name": lambda: tar(file("a/../../out")),
    "absolute": lambda: tar(file("/etc/passwd")),
    "control character": lambda: tar(file("a\nb")),
    "terminal escape": lambda: tar(file("a\x1b[2J")),
    "backslash": lambda: tar(file("..\\out")),
    "long name": lambda: tar(file("x" * 61)),
    "deep": lambda: tar(file("a/b/c/d/e/f")),
    "link climbs": lambda: tar(special("a/link", tarfile.SYMTYPE, "../../out")),
    "link is absolute": lambda: tar(special("link", tarfile.SYMTYPE, "/etc/passwd")),
    "link climbs after a folder": lambda: tar(special("link", tarfile.SYMTYPE, "a/../../out")),
    "written through a link": lambda: tar(special("a", tarfile.SYMTYPE, "b"), file("a/x")),
    "file is a folder": lambda: tar(file("a"), file("a/x")),
    "hard link outside": lambda: tar(special("hard", tarfile.LNKTYPE, "/etc/passwd")),
    "device": lambda: tar(special("device", tarfile.CHRTYPE)),
    "pipe": lambda: tar(special("pipe", tarfile.FIFOTYPE)),
    "sparse": sparse,
    "too many files": lambda: tar(*(file(f"f{i}") for i in range(21))),
    "too many folders": lambda: tar(*(special(f"d{i}", tarfile.DIRTYPE) for i in range(21))),
    "bomb": lambda: gzip.compress(tar(file("zeros", bytes(200_000)))),
    "bomb in xz": lambda: lzma.compress(tar(file("zeros", bytes(200_000)))),
    "bomb in bzip2": lambda: bz2.compress(tar(file("zeros", bytes(200_000)))),
    "cut off": lambda: tar(file("a", b"x" * 5000), packed=True)[:-20],
    "no archive": lambda: b"GIF89a",
    "empty input": lambda: b"",
    "zip climbs": lambda: zipped("../out"),
    "zip link": lambda: zipped("link", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "zip device": lambda: zipped("device", b"", stat.S_IFCHR | 0o600),
    "zip bomb": lambda: zipped("zeros", bytes(200_000)),
    "zip cut off": lambda: zipped("a", b"x" * 5000)[:-30],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_archive_with_one_fault_is_refused(fault: str) -> None:
    """Each fault alone is a HostileArchive."""
    with pytest.raises(HostileArchive):
        unpack(FAULTS[fault](), SMALL)


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    """The claim in the directory is not believed: what comes out is counted."""
    data = bytearray(zipped("zeros", bytes(200_000)))
    honest = (200_000).to_bytes(4, "little")
    assert data.count(honest) == 2
    with pytest.raises(HostileArchive):
        unpack(bytes(data).replace(honest, (10).to_bytes(4, "little")), SMALL)


@pytest.mark.parametrize(
    "press", [bytes, gzip.compress, lzma.compress, bz2.compress], ids=["tar", "gz", "xz", "bz2"]
)
def test_a_good_tar_is_read(press: Callable[[bytes], bytes]) -> None:
    """Files, the executable bit, inner links and hard links survive; folders are implied."""
    script = tarfile.TarInfo("top/run")
    script.mode = 0o755
    data = tar(
        special("top", tarfile.DIRTYPE),
        (script, b"#!"),
        file("./top/a/b"),
        special("top/a/up", tarfile.SYMTYPE, "../run"),
        special("top/same", tarfile.LNKTYPE, "top/run"),
    )
    assert without_top(unpack(press(data), SMALL)) == {
        "run": File(b"#!", executable=True),
        "a/b": File(b"data"),
        "a/up": Link("../run"),
        "same": File(b"#!", executable=True),
    }


def test_a_good_zip_is_read() -> None:
    """A wheel is a zip."""
    assert unpack(zipped("package/module.py"), SMALL) == {"package/module.py": File(b"data")}


def test_a_file_beside_the_top_folder_is_refused() -> None:
    """Stripping the top folder must not merge two."""
    with pytest.raises(HostileArchive):
        without_top({"a/x": File(b""), "b/x": File(b"")})
    with pytest.raises(HostileArchive):
        without_top({"x": File(b"")})


names = st.text("abc", min_size=1, max_size=3)
trees = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map("/".join),
    st.builds(File, st.binary(max_size=50), st.booleans()),
    max_size=6,
).filter(lambda tree: not any(b.startswith(f"{a}/") for a in tree for b in tree))


@given(trees)
def test_packing_loses_nothing_and_is_stable(tree: Tree) -> None:
    """A packed tree unpacks to itself, and gives the same bytes in any order."""
    packed = pack(tree)
    assert unpack(packed) == tree
    assert pack(dict(reversed(tree.items()))) == packed
