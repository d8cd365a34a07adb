from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import time
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.formats.archive import (
    ArchiveLimits,
    BrokenArchive,
    Packing,
    packing_of,
    unpack,
)
from firstlight.core.kernel.errors import FirstlightError, HostileArchive

FILES = {
    "report.json": b'{"title": "t"}',
    "proofs/a.bin": bytes(range(256)),
    "patches/f.diff": b"x",
}


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A tar file of these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def tar_of(files: dict[str, bytes]) -> bytes:
    """A tar file of plain files."""
    return tarred(*((tarfile.TarInfo(name), data) for name, data in files.items()))


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    """A tar member that is no plain file."""
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = target
    return member, b""


def zip_link() -> bytes:
    """A zip file with a symbolic link."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("proofs/link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def encrypted() -> bytes:
    """A zip file whose entry claims to be encrypted."""
    data = bytearray(zipped({"a": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[6] |= 1
    return bytes(data)


def lying_zip() -> bytes:
    """A zip bomb that declares a small size."""
    data = bytearray(zipped({"a": bytes(40 << 20)}))
    directory = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, directory + 24, 1000)
    return bytes(data)


@pytest.mark.parametrize(
    "document", [zipped(FILES), tar_of(FILES), gzip.compress(tar_of(FILES))], ids=list(Packing)
)
def test_an_honest_archive_is_unpacked(document: bytes) -> None:
    """The same files come out, whichever way they were packed."""
    packing = packing_of(document)
    assert packing is not None
    assert unpack(document, packing) == FILES


def test_a_folder_packed_as_dot_is_honest() -> None:
    """`tar czf report.tar.gz .` writes ./ before every name."""
    members = [special("./", tarfile.DIRTYPE), special("./proofs", tarfile.DIRTYPE)]
    document = tarred(*members, (tarfile.TarInfo("./proofs/a"), b"1"))
    assert unpack(document, Packing.TAR) == {"proofs/a": b"1"}


HOSTILE = {
    "zip_path_traversal": zipped({"../a": b""}),
    "zip_inner_traversal": zipped({"proofs/../../a": b""}),
    "zip_absolute": zipped({"/etc/passwd": b""}),
    "zip_backslash": zipped({"..\\a": b""}),
    "zip_drive": zipped({"C:/a": b""}),
    "zip_terminal_escape_in_a_name": zipped({"proofs/\x1b[31m": b""}),
    "zip_symbolic_link": zip_link(),
    "zip_same_name_in_another_case": zipped({"proofs/a": b"1", "proofs/A": b"2"}),
    "zip_encrypted": encrypted(),
    "zip_too_many_entries": zipped({f"proofs/{number}": b"" for number in range(65)}),
    "zip_a_great_many_entries": zipped({f"{number}": b"" for number in range(20_000)}),
    "zip_bomb_by_ratio": zipped({"a": bytes(10 << 20)}),
    "zip_entry_too_large": zipped({"a": bytes(17 << 20)}, zipfile.ZIP_STORED),
    "zip_total_too_large": zipped(
        {str(number): bytes(9 << 20) for number in range(4)}, zipfile.ZIP_STORED
    ),
    "tar_path_traversal": tar_of({"../a": b""}),
    "tar_absolute": tar_of({"/etc/passwd": b""}),
    "tar_symbolic_link": tarred(special("a", tarfile.SYMTYPE, "/etc/passwd")),
    "tar_hard_link": tarred(special("a", tarfile.LNKTYPE, "../x")),
    "tar_device": tarred(special("a", tarfile.CHRTYPE)),
    "tar_fifo": tarred(special("a", tarfile.FIFOTYPE)),
    "tar_same_name_twice": tarred((tarfile.TarInfo("a"), b"1"), (tarfile.TarInfo("a"), b"2")),
    "tar_too_many_entries": tar_of({str(number): b"" for number in range(65)}),
    "tar_entry_too_large": tar_of({"a": bytes(17 << 20)}),
    "gzip_bomb": gzip.compress(bytes(50 << 20)),
}

BROKEN = {
    "zip_that_lies_about_its_size": lying_zip(),
    "zip_cut_short": zipped(FILES)[:-30],
    "zip_damaged_data": zipped({"a": b"hello"}, zipfile.ZIP_STORED).replace(b"hello", b"jello"),
    "zip_bzip2": zipped({"a": b"x" * 1000}, zipfile.ZIP_BZIP2),
    "gzip_cut_short": gzip.compress(tar_of(FILES))[:-20],
    "gzip_of_no_tar": gzip.compress(b"hello"),
    "tar_damaged_header": tar_of(FILES)[:100] + b"\xff" * 60 + tar_of(FILES)[160:],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_early(name: str) -> None:
    """Named for its one trick; refused with its own code, and quickly."""
    document = HOSTILE[name]
    packing = packing_of(document)
    assert packing is not None
    started = time.perf_counter()
    with pytest.raises(HostileArchive):
        unpack(document, packing)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_archive_says_so(name: str) -> None:
    """Damage is not malice; the finder is told to pack again."""
    document = BROKEN[name]
    packing = packing_of(document)
    assert packing is not None
    with pytest.raises(BrokenArchive):
        unpack(document, packing)


@pytest.mark.parametrize("original", [zipped(FILES), tar_of(FILES), gzip.compress(tar_of(FILES))])
@given(data=st.data())
def test_a_mutated_archive_gives_files_or_an_error_of_ours(
    original: bytes, data: st.DataObject
) -> None:
    """Whatever a byte is changed to, and wherever the file ends."""
    document = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(document) - 1))
        document[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(document)) | st.just(len(document)))
    packing = packing_of(original)
    assert packing is not None
    with suppress(FirstlightError):
        unpack(bytes(document[:end]), packing, ArchiveLimits(total=1 << 20))
