"""The files of a sealed suite, strictly both ways.

sealed.json     public: name, version, commitment, which key; tells no task
index.sealed    ciphertext: names, digests and salts of all tasks, and the generator's seed
tasks/*.sealed  ciphertext: the files of one task each, under a drawn name, padded
committed.json  public: when the commitment was published; absent until it is
opened.json     public: which tasks were opened, and when; absent while none was
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeVar

import msgspec

from firstlight.adapters.bench.planted.document import Files
from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.errors import Invalid

MANIFEST, INDEX, TASKS = "sealed.json", "index.sealed", "tasks"
COMMITTED, OPENED = "committed.json", "opened.json"
PADDED = 1 << 15
"""bytes; sizes are rounded up to this, so that they tell neither language nor kind"""
_LIMITS = JsonLimits(size=8 << 20, depth=6, elements=200_000)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_VERSION = re.compile(r"[0-9]{1,6}")


class SealedSuiteInvalid(Invalid):
    """The folder of a sealed suite cannot be used."""

    code = "suite.sealed_invalid"
    next_step = "Take the folder from a copy that is whole; nothing is measured with this one."


class _Wire(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Exactly the named fields."""


class Manifest(_Wire, kw_only=True, frozen=True):
    """What may be shown to anybody."""

    format: Literal["firstlight-sealed-suite-1"] = "firstlight-sealed-suite-1"
    suite: str
    version: str
    size: int
    root: str
    """of the commitment"""
    made_at: str
    key: str
    """name of the key in the folder of suite keys"""
    fingerprint: str
    """of that key"""
    follows: str
    """root of the version that this one replaces; empty for the first"""
    files: list[str]
    """of the tasks, in the order of the index"""

    def context(self) -> bytes:
        """What every file of the suite is bound to."""
        return f"{self.suite} {self.version} {self.root}".encode()


class Row(_Wire, kw_only=True, frozen=True):
    """One task in the index."""

    task: str
    program: str
    """tasks of one program open each other"""
    digest: str
    salt: bytes


class Index(_Wire, kw_only=True, frozen=True):
    """What only the holder of the key reads."""

    tasks: list[Row]
    seed: bytes
    """of the generator; empty where the tasks were made otherwise"""


class Opened(_Wire, kw_only=True, frozen=True):
    """One task that was opened."""

    task: str
    at: str


class OpenedList(_Wire, kw_only=True, frozen=True):
    """All that were opened."""

    format: Literal["firstlight-suite-opened-1"] = "firstlight-suite-opened-1"
    opened: list[Opened]


class Published(_Wire, kw_only=True, frozen=True):
    """When the commitment was published."""

    format: Literal["firstlight-suite-committed-1"] = "firstlight-suite-committed-1"
    at: str
    ledger: bool
    """whether this installation's ledger has an entry about it"""


_Kind = TypeVar("_Kind", Manifest, OpenedList, Published)
_files = msgspec.msgpack.Decoder(dict[str, bytes])
_LENGTH_BYTES = 4
_index = msgspec.msgpack.Decoder(Index)


def read_json(data: bytes, kind: type[_Kind], file: str) -> _Kind:
    """One of the public files.

    Raises:
        SealedSuiteInvalid: it is another file, or a key is missing, wrong or unknown.
    """
    try:
        return msgspec.convert(decode(data, _LIMITS), kind)
    except msgspec.ValidationError as error:
        raise SealedSuiteInvalid(f"{file}: {str(error)[:200]}.", file=file) from None


def write_json(value: Manifest | OpenedList | Published) -> bytes:
    """The bytes of a public file."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def write_files(files: Files) -> bytes:
    """A task's files as one message: its length, itself, and zeros up to a round size."""
    plain = msgspec.msgpack.encode(dict(files))
    message = len(plain).to_bytes(_LENGTH_BYTES) + plain
    return message + bytes(-len(message) % PADDED)


def read_files(data: bytes) -> Mapping[str, bytes]:
    """A task's files. Raises SealedSuiteInvalid."""
    try:
        length = int.from_bytes(data[:_LENGTH_BYTES])
        return _files.decode(data[_LENGTH_BYTES : _LENGTH_BYTES + length])
    except msgspec.DecodeError as error:
        raise SealedSuiteInvalid(f"A task: {str(error)[:100]}.") from None


def write_index(index: Index) -> bytes:
    """The index before it is sealed."""
    return msgspec.msgpack.encode(index)


def read_index(data: bytes) -> Index:
    """The index. Raises SealedSuiteInvalid."""
    try:
        return _index.decode(data)
    except msgspec.DecodeError as error:
        raise SealedSuiteInvalid(f"The index: {str(error)[:100]}.", file=INDEX) from None


def key_name(suite: str, version: str) -> str:
    """The name of a suite's key.

    Raises:
        Invalid: suite or version cannot name one.
    """
    if not _NAME.fullmatch(suite):
        raise Invalid(
            f"{suite[:60]!r} does not name a suite",
            hint="Use up to 40 small letters, digits and hyphens.",
            field="name",
        )
    if not _VERSION.fullmatch(version):
        raise Invalid(
            f"{version[:60]!r} is no version",
            hint="Use a whole number, raised with each rotation.",
            field="version",
        )
    return f"suite-{suite}-{version}"
