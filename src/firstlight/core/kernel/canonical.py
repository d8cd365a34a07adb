"""One canonical byte form for hashing and signing: JSON after RFC 8785 (JCS)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import rfc8785

from firstlight.core.kernel.errors import Invalid

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


class NotCanonical(Invalid):
    """The value has no canonical form (a number beyond 2**53, NaN, or a lone surrogate)."""

    code = "input.not_canonical"


def canonical(value: Json) -> bytes:
    """The RFC 8785 bytes of `value`.

    Raises:
        NotCanonical: it holds what JSON cannot carry faithfully.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotCanonical(str(error)[:200]) from error


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()
