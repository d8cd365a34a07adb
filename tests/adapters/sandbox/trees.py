"""Small archives, honest and hostile."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence


def tree(files: Mapping[str, bytes], *, mode: int = 0o755) -> bytes:
    """An honest tree of plain files."""
    return archive([member(name, content, mode=mode) for name, content in files.items()])


def member(
    name: str,
    content: bytes = b"",
    *,
    kind: bytes = tarfile.REGTYPE,
    link: str = "",
    mode: int = 0o644,
) -> tuple[tarfile.TarInfo, bytes]:
    """One entry."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size = kind, link, mode, len(content)
    info.mtime = 1_700_000_000
    return info, content


def archive(members: Sequence[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """The entries as a tar, in order."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()
