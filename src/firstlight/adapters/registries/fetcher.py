"""One door for pinned files of every registry, with the cache behind it."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from firstlight.adapters.outgoing import OutgoingBounds, OutgoingClient
from firstlight.adapters.registries import debian, npm, pypi
from firstlight.adapters.registries.addresses import RegistryAddresses, configured
from firstlight.adapters.registries.cache import DownloadCache
from firstlight.core.clearinghouse.validation.target import (
    DebianOrig,
    DebianPatch,
    NpmTarball,
    PlantedFiles,
    PypiFile,
    Source,
)
from firstlight.core.kernel.errors import Missing


class Fetcher:
    """Gives the bytes of pinned sources. Only the registries that are configured are reached."""

    def __init__(
        self,
        cache_folder: Path,
        *,
        addresses: RegistryAddresses | None = None,
        client: OutgoingClient | None = None,
    ) -> None:
        self._cache = DownloadCache(cache_folder)
        self._at = addresses or configured()
        self._client = client or OutgoingClient((), bounds=OutgoingBounds())

    def fetch(self, source: Source) -> bytes:
        """The content of `source`, verified against its pin.

        Raises:
            OutgoingNotFound: the registry has it no more.
            OutgoingDigestMismatch: the registry's file is not the pinned one.
            OutgoingRefused, OutgoingFailed, OutgoingTooLarge: it cannot be reached.
            Missing: it is a planted program, which no registry has.
            RegistryUnknown: no package client here says where its registry is.
        """
        match source:
            case PypiFile(sha256=pin):
                return self._cache.get(
                    "sha256", pin, lambda: pypi.fetch(self._client, self._at.pypi(), source)
                )
            case NpmTarball(integrity=integrity):
                return self._cache.get(
                    "sha512",
                    npm.sha512_of(integrity),
                    lambda: npm.fetch(self._client, self._at.npm(), source),
                )
            case DebianOrig(sha256=pin):
                return self._cache.get(
                    "sha256",
                    pin,
                    lambda: debian.fetch_orig(self._client, self._at.debian(), source),
                )
            case DebianPatch(sha256=pin):
                return self._cache.get(
                    "sha256",
                    pin,
                    lambda: debian.fetch_patch(self._client, self._at.debian(), source),
                )
            case PlantedFiles():
                raise Missing(
                    "A planted program is in its own suite and in no registry.",
                    hint="Open the suite that holds it.",
                )
            case _ as unreachable:
                assert_never(unreachable)
