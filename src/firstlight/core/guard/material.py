"""What is sealed at a moment, prepared so that a text is searched once whatever there is.

A piece is looked for by its letters and digits alone, so that spaces, dots and lines between them
hide nothing. A piece that is distinctive (a title of three words, a path of three parts, a long
name with an underscore) is found by itself; another one only in a text that names its package too,
since `src/main.c` and `init` stand everywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from firstlight.core.guard.reading import squeeze

GRAM = 8
"""letters by which pieces are found; a shorter one is looked for as a whole word"""
LEAST = 4
"""a shorter piece says nothing"""
_WINDOW, _STEP, _BYTES, _MOST_WINDOWS = 24, 8, 16, 64
_LETTERS = 6
"""different ones in a part of a proof; a row of one letter is nobody's"""
_WORDS, _PHRASE_LETTERS = 4, 16
_TITLE_WORDS, _TITLE_LETTERS, _PATH_PARTS, _NAME_LETTERS = 3, 16, 3, 12
_CODE_WORD = re.compile(r"[_:.]|[a-z][A-Z]")
_PRINTABLE = 0.9


class Kind(StrEnum):
    """What a sealed piece is."""

    TITLE = "title"
    PATH = "path"
    FUNCTION = "function"
    NAME = "name"
    """a number or identifier of the case, or another name of its flaw, such as a CVE"""
    PHRASE = "phrase"
    """a part of a title, or the last part of a path; counts only beside its package"""
    PACKAGE = "package"
    """the software; no secret by itself"""
    PROOF = "proof"
    """a part of a proof's text, or a digest of a proof"""
    CANARY = "canary"


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """One piece of one open case."""

    kind: Kind
    text: str
    case: str
    """the case's key; empty for a canary, which is nobody's"""

    @cached_property
    def letters(self) -> str:
        """What is looked for."""
        return squeeze(self.text)

    @property
    def distinctive(self) -> bool:
        """Whether it is found without its package."""
        if self.kind is Kind.TITLE:
            return len(self.letters) >= _TITLE_LETTERS and len(self.text.split()) >= _TITLE_WORDS
        if self.kind is Kind.PATH:
            return len(self.letters) >= _NAME_LETTERS and self.text.count("/") >= _PATH_PARTS - 1
        if self.kind is Kind.FUNCTION:
            return len(self.letters) >= _NAME_LETTERS and bool(_CODE_WORD.search(self.text))
        if self.kind is Kind.PROOF:
            return len(self.letters) >= _WINDOW
        return self.kind is not Kind.PHRASE


@dataclass(frozen=True)
class Material:
    """All sealed pieces, by how they are found."""

    grams: Mapping[str, tuple[Sealed, ...]]
    """by their first letters"""
    words: Mapping[str, tuple[Sealed, ...]]
    """short ones and packages, by the whole word in lower case"""
    chunks: frozenset[bytes]
    """parts of proofs that are no text"""

    @classmethod
    def of(cls, pieces: Iterable[Sealed], chunks: Collection[bytes] = ()) -> Material:
        """Prepare them."""
        grams: dict[str, list[Sealed]] = {}
        words: dict[str, list[Sealed]] = {}
        for piece in pieces:
            if len(piece.letters) >= GRAM and piece.kind is not Kind.PACKAGE:
                grams.setdefault(piece.letters[:GRAM], []).append(piece)
            elif len(piece.letters) >= LEAST or piece.kind is Kind.PACKAGE:
                words.setdefault(piece.text.lower(), []).append(piece)
        return cls(
            {key: tuple(found) for key, found in grams.items()},
            {key: tuple(found) for key, found in words.items()},
            frozenset(chunks),
        )


NOTHING_SEALED = Material({}, {}, frozenset())


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What the guard knows when it judges."""

    material: Material = NOTHING_SEALED
    own_keys: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """SHA-256 (hex) of each secret of this installation by its length, so that none is held here"""
    contacts: frozenset[str] = frozenset()
    """mail addresses and numbers that are public, in lower case"""
    released: frozenset[str] = frozenset()
    """numbers and identifiers that are public, in lower case"""


def phrases(case: str, title: str, path: str) -> Iterator[Sealed]:
    """What is left when somebody quotes a title or a path in part."""
    words = title.split()
    for at in range(len(words) - _WORDS + 1):
        piece = Sealed(kind=Kind.PHRASE, text=" ".join(words[at : at + _WORDS]), case=case)
        if len(piece.letters) >= _PHRASE_LETTERS:
            yield piece
    parts = path.split("/")
    if len(parts) > 1:
        short = "/".join(parts[-2:]).rpartition(".")[0]
        for text in filter(None, (parts[-1], short)):
            yield Sealed(kind=Kind.PHRASE, text=text, case=case)


def own_keys(secrets: Iterable[bytes]) -> Mapping[int, frozenset[str]]:
    """What is kept of secrets, each as it would stand in a text or in its bytes."""
    made: dict[int, set[str]] = {}
    for secret in secrets:
        made.setdefault(len(secret), set()).add(hashlib.sha256(secret).hexdigest())
    return {length: frozenset(found) for length, found in made.items()}


def proof_pieces(case: str, data: bytes) -> Iterator[Sealed]:
    """The digests of a proof and, when it is text, parts of it."""
    for name in ("md5", "sha1", "sha256", "sha512"):
        made = hashlib.new(name, data, usedforsecurity=False).hexdigest()
        yield Sealed(kind=Kind.PROOF, text=made, case=case)
    if not _readable(data):
        return  # its bytes are known by their chunks
    text = squeeze(data[: _WINDOW * _MOST_WINDOWS * 4].decode(errors="replace"))
    size = min(_WINDOW, len(text))
    last = min(len(text), _WINDOW * _MOST_WINDOWS) - size
    for at in sorted({*range(0, last + 1, _STEP), last}):
        part = text[at : at + size]
        if len(set(part)) >= _LETTERS:
            yield Sealed(kind=Kind.PROOF, text=part, case=case)


def proof_chunks(data: bytes) -> Iterator[bytes]:
    """Parts of a proof by which its bytes are known again."""
    for at in range(0, min(len(data), _BYTES * _MOST_WINDOWS) - _BYTES + 1, _BYTES):
        chunk = data[at : at + _BYTES]
        if len(set(chunk)) > LEAST:  # a row of one byte is nobody's
            yield chunk


def holds_chunk(data: bytes, chunks: frozenset[bytes]) -> bool:
    """Whether bytes hold a part of a proof."""
    if not chunks:
        return False
    return any(data[at : at + _BYTES] in chunks for at in range(len(data) - _BYTES + 1))


def _readable(data: bytes) -> bool:
    text = data[: _WINDOW * _MOST_WINDOWS].decode(errors="replace")
    good = sum(each.isprintable() or each.isspace() for each in text) - text.count("\ufffd")
    return bool(text) and good / len(text) >= _PRINTABLE
