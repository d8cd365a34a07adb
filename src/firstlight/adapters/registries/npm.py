"""Tarballs of the npm registry by exact version; the digest is checked by the caller's cache."""

from __future__ import annotations

import base64
import binascii
import json

from firstlight.adapters.outgoing import OutgoingClient
from firstlight.adapters.registries.addresses import bare, host_of
from firstlight.core.clearinghouse.validation.target import NpmTarball
from firstlight.core.kernel.errors import Invalid

_PAGE_BYTES = 4 << 20
_SHA512_BYTES = 64


def fetch(client: OutgoingClient, registry: str, wanted: NpmTarball) -> bytes:
    """Download one published version; nothing of it runs.

    Raises:
        OutgoingNotFound: the registry does not have it.
        OutgoingRefused, OutgoingFailed, OutgoingTooLarge: as the client says.
        Invalid: the registry's answer is not a package document.
    """
    own = client.allowing(host_of(registry))
    name = wanted.name.replace("/", "%2f")
    page = own.get(f"{bare(registry)}/{name}/{wanted.version}", max_bytes=_PAGE_BYTES)
    try:
        place = str(json.loads(page.body)["dist"]["tarball"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid("The registry's answer is not a package document.") from error
    return own.allowing(host_of(place)).get(place).body


def sha512_of(integrity: str) -> str:
    """The hexadecimal digest of an integrity value (`sha512-` and base64).

    Raises:
        Invalid: it is not one.
    """
    kind, _, text = integrity.partition("-")
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Invalid("The integrity value is not base64.", integrity=integrity) from error
    if kind != "sha512" or len(digest) != _SHA512_BYTES:
        raise Invalid("The integrity value is not a SHA-512 digest.", integrity=integrity)
    return digest.hex()
