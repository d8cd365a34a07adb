"""Pinned releases from the Python, npm and Debian registries; nothing of them runs on the host."""

from firstlight.adapters.registries.addresses import RegistryAddresses, configured
from firstlight.adapters.registries.cache import DownloadCache
from firstlight.adapters.registries.fetcher import Fetcher
from firstlight.adapters.registries.unpack import File, Link, Tree, UnpackBounds, unpack

__all__ = [
    "DownloadCache",
    "Fetcher",
    "File",
    "Link",
    "RegistryAddresses",
    "Tree",
    "UnpackBounds",
    "configured",
    "unpack",
]
