"""Debian source packages: the upstream archive from the pool, and single patches by content.

Apt's archives may be plain HTTP and nothing here checks their signatures: every file that is
used is pinned by its own SHA-256, so a false one is refused and a stale one does no harm. The
Sources index only helps to find a name.
"""

from __future__ import annotations

import hashlib
import lzma
import re
from collections.abc import Iterator, Sequence

from firstlight.adapters.outgoing import OutgoingClient, OutgoingNotFound
from firstlight.adapters.registries.addresses import bare, host_of
from firstlight.adapters.registries.unpack import File, unpack
from firstlight.core.clearinghouse.validation.target import DebianOrig, DebianPatch
from firstlight.core.kernel.errors import HostileArchive

_INDEX_BYTES = 256 << 20
"""the decompressed Sources index of a release is about 50 MB"""


def fetch_orig(client: OutgoingClient, archives: Sequence[str], wanted: DebianOrig) -> bytes:
    """The upstream archive of a source package.

    Raises:
        OutgoingNotFound: no configured archive has it any more.
        OutgoingRefused, OutgoingFailed, OutgoingTooLarge: as the client says.
    """
    return _from_pool(client, archives, wanted.package, wanted.filename)


def fetch_patch(client: OutgoingClient, archives: Sequence[str], wanted: DebianPatch) -> bytes:
    """One patch with the pinned content, from the named revision or from any current one.

    Raises:
        OutgoingNotFound: no revision that can be found carries it.
        OutgoingRefused, OutgoingFailed, OutgoingTooLarge: as the client says.
    """
    for name in _revisions(client, archives, wanted):
        try:
            tree = unpack(_from_pool(client, archives, wanted.package, name))
        except OutgoingNotFound:
            continue
        for path, entry in tree.items():
            data = entry.data if isinstance(entry, File) else b""
            ours = path.startswith("debian/patches/")
            if ours and hashlib.sha256(data).hexdigest() == wanted.sha256:
                return data
    raise OutgoingNotFound(
        f"No revision of {wanted.package} carries the pinned {wanted.patch}.",
        package=wanted.package,
        patch=wanted.patch,
    )


def _revisions(
    client: OutgoingClient, archives: Sequence[str], wanted: DebianPatch
) -> Iterator[str]:
    """Names of packaging archives, the pinned one first; the index is read only if that fails."""
    yield wanted.archive
    for archive in archives:
        base, suite = archive.split(" ", 1)
        own = client.allowing(host_of(base))
        try:
            packed = own.get(f"{bare(base)}/dists/{suite}/main/source/Sources.xz").body
        except OutgoingNotFound:
            continue
        yield from packaging_names(_decompress(packed), wanted.package)


def packaging_names(index: str, package: str) -> list[str]:
    """The `.debian.tar.*` files that a Sources index lists for a package (deb822)."""
    own = (
        stanza
        for stanza in index.split("\n\n")
        if stanza.startswith(f"Package: {package}\n") or f"\nPackage: {package}\n" in stanza
    )
    found = (name for stanza in own for name in re.findall(r"\S+\.debian\.tar\.\w+", stanza))
    return list(dict.fromkeys(found))


def _decompress(packed: bytes) -> str:
    reader = lzma.LZMADecompressor()
    try:
        plain = reader.decompress(packed, max_length=_INDEX_BYTES)
    except lzma.LZMAError as error:
        raise HostileArchive("The Sources index cannot be read.") from error
    if not reader.eof:
        raise HostileArchive("The Sources index grows beyond its bound.", limit=_INDEX_BYTES)
    return plain.decode("utf-8", "replace")


def _from_pool(
    client: OutgoingClient, archives: Sequence[str], package: str, filename: str
) -> bytes:
    # Debian Policy and the archive's layout: lib packages are filed under four letters.
    shelf = package[:4] if package.startswith("lib") else package[:1]
    for base in dict.fromkeys(archive.split(" ", 1)[0] for archive in archives):
        own = client.allowing(host_of(base))
        for pool in ("pool/main", "pool/updates/main"):
            try:
                return own.get(f"{bare(base)}/{pool}/{shelf}/{package}/{filename}").body
            except OutgoingNotFound:
                continue
    raise OutgoingNotFound(f"No archive has {filename}.", filename=filename)
