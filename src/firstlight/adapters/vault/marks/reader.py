"""The mark of a reader: a label that people see, and a short code that nobody else can compute.

The code is HMAC-SHA-256 (RFC 2104) over who reads what on which occasion, cut to 80 bits and
written in base 32. It tells nothing by itself; who holds the key computes it again for each
recorded download and so finds the reader. The key is installation-wide and outlives engagements,
because a leak may show after the documents' keys are gone.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from firstlight.core.kernel.errors import Invalid
from firstlight.usecases.ports.sealed import VaultUnusable

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_BYTES = 10
_KEY_BYTES = 32
MAX_LABEL_CHARACTERS = 120
_DASH = "[-\\s\u00ad\u2010-\u2015\u2212]{1,4}"
_FOUND = re.compile(rf"(?<![0-9A-Z])FLM((?:{_DASH}[{_ALPHABET}]{{4}}){{4}})", re.IGNORECASE)
_BETWEEN = re.compile(_DASH)


class BadLabel(Invalid):
    """The reader's name and organisation cannot stand in a mark."""

    code = "vault.bad_label"
    next_step = "Correct the name on the account: printable characters, no mark in it."


@dataclass(frozen=True, kw_only=True)
class ReaderMark:
    """What a copy says about its reader."""

    label: str
    """name and organisation, one line"""
    code: str
    """FLM- and four groups of four characters"""

    @property
    def line(self) -> str:
        """As it stands in the copy; the code first, because long lines are cut at their end."""
        return f"{self.code} Copy for {self.label}"


class ReaderMarks:
    """Issues marks and recognises them."""

    def __init__(self, key_file: Path) -> None:
        """The key is made on first use, mode 0600. Back it up with the signing keys."""
        self._file = key_file

    def issue(self, *, engagement: str, document_id: str, reader: str, occasion: str) -> ReaderMark:
        """The mark for one download.

        Args:
            engagement: its identifier
            document_id: what is read, version included
            reader: name and organisation, as people know them
            occasion: what tells this download from others, such as the ledger entry's identifier

        Raises:
            BadLabel: the name is empty, unprintable or imitates a mark.
            VaultUnusable: the key cannot be read.
        """
        label = _label(reader)
        parts = (engagement, document_id, label, occasion)
        data = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
        number = int.from_bytes(hmac.digest(self._key(), data, "sha256")[:_CODE_BYTES])
        body = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(75, -1, -5))
        return ReaderMark(
            label=label, code="-".join(("FLM", *(body[at : at + 4] for at in range(0, 16, 4))))
        )

    def recognises(
        self, code: str, *, engagement: str, document_id: str, reader: str, occasion: str
    ) -> bool:
        """Whether this is the code of that download; compared in constant time."""
        own = self.issue(
            engagement=engagement, document_id=document_id, reader=reader, occasion=occasion
        )
        return hmac.compare_digest(own.code.encode(), code.upper().encode())

    def _key(self) -> bytes:
        try:
            if not self._file.exists():
                _create(self._file)
            key = self._file.read_bytes()
        except OSError as error:
            raise VaultUnusable(f"the key of reader marks: {error.strerror}") from error
        if len(key) != _KEY_BYTES:
            raise VaultUnusable("the key of reader marks is damaged")
        return key


def find_mark(text: str) -> tuple[str, ...]:
    """The codes in a text, each once, in order of appearance; genuine or not is not judged.

    Other dashes, line breaks between groups and lower case are borne, as extraction makes them.
    """
    codes = (
        "-".join(("FLM", *_BETWEEN.split(match[1])[1:])).upper() for match in _FOUND.finditer(text)
    )
    return tuple(dict.fromkeys(codes))


def _label(reader: str) -> str:
    """One printable line, without characters that hide or turn the text around."""
    plain = unicodedata.normalize("NFC", reader)
    label = " ".join(
        "".join(" " if each.isspace() else each for each in plain if _shows(each)).split()
    )
    if not label or len(label) > MAX_LABEL_CHARACTERS or find_mark(label):
        raise BadLabel(limit=MAX_LABEL_CHARACTERS)
    return label


def _shows(character: str) -> bool:
    return character.isspace() or not unicodedata.category(character).startswith("C")


def _create(path: Path) -> None:
    """Two processes that start at once agree on one key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(fresh)  # fails when another process was first, and then its key counts
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
