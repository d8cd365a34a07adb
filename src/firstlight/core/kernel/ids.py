"""One frozen type per identifier, so that a case can never be passed where a finding is meant.

The text form is `prefix_` and 26 characters of Crockford base 32: 48 bits of milliseconds and 80
random bits (the ULID layout), so identifiers sort by the time they were minted. Minting needs a
clock and randomness, and so is a port.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from firstlight.core.kernel.errors import Invalid

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, in lower case"""
_BODY = re.compile(rf"[{ALPHABET}]{{26}}")
_MAX_MILLISECONDS = (1 << 48) - 1
_RANDOM_BYTES = 10


class MalformedIdentifier(Invalid):
    """This is not an identifier of the kind that is needed here."""

    code = "input.malformed_identifier"


@dataclass(frozen=True, order=True)
class Identifier:
    """Base of every identifier; use the concrete types."""

    prefix: ClassVar[str] = ""
    value: str
    """the whole text form, prefix included"""

    def __post_init__(self) -> None:
        """Refuse anything that is not exactly this kind of identifier."""
        head, _, body = self.value.partition("_")
        if head != self.prefix or not _BODY.fullmatch(body):
            raise MalformedIdentifier(
                f"{self.value[:64]!r} is not a {type(self).__name__}",
                expected=f"{self.prefix}_ and 26 characters",
            )

    def __str__(self) -> str:
        return self.value

    @classmethod
    def mint(cls, milliseconds: int, randomness: bytes) -> Self:
        """Make one from Unix time in milliseconds and ten random bytes."""
        if not 0 <= milliseconds <= _MAX_MILLISECONDS or len(randomness) != _RANDOM_BYTES:
            raise ValueError("an identifier needs 48 bits of time and 10 random bytes")
        number = (milliseconds << 80) | int.from_bytes(randomness)
        body = "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
        return cls(f"{cls.prefix}_{body}")


class OrganisationId(Identifier):
    """An organisation."""

    prefix = "org"


class PersonId(Identifier):
    """A person, or a machine account that a person answers for."""

    prefix = "per"


class FindingId(Identifier):
    """One report by one finder."""

    prefix = "fnd"


class CaseId(Identifier):
    """One flaw, whoever reported it."""

    prefix = "cas"


class EvidenceId(Identifier):
    """What one validation or verification showed."""

    prefix = "evi"


class PatchId(Identifier):
    """A proposed patch."""

    prefix = "pat"


class AdvisoryId(Identifier):
    """An advisory."""

    prefix = "adv"


class EntryId(Identifier):
    """A ledger entry."""

    prefix = "ent"


class JobId(Identifier):
    """A piece of work for a worker."""

    prefix = "job"
