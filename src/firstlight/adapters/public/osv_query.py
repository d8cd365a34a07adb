"""OSV's query API (google.github.io/osv.dev, version 1) over an index: bytes in, bytes out.

A query names a commit, or a package with or without a version. The package is a package URL, which
may carry the version, or a name with its ecosystem. Answers come in pages in the order of the
records' names; a token says after which name to go on, so it holds across a change of the index.

Exactness: a version is compared by its ecosystem's own order, and a version that this order cannot
read is refused rather than found unaffected. A commit is found where a record names it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

import msgspec

from firstlight.adapters.formats.purl import (
    NoEcosystem,
    osv_ecosystem,
    osv_name,
    package_of,
)
from firstlight.adapters.public.limits import DEFAULT, PublicLimits
from firstlight.adapters.public.osv_index import OsvIndex
from firstlight.adapters.public.osv_record import package_key
from firstlight.adapters.public.spoken import Found
from firstlight.core.clearinghouse.versions import BadVersion, Key, order_of
from firstlight.core.kernel.errors import FirstlightError, Invalid, Missing, TooLarge

_Body = TypeVar("_Body")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAME_CHARACTERS = 512


class BadQuery(Invalid):
    """The query cannot be answered as it stands."""

    code = "osv.bad_query"
    next_step = (
        'Send {"package": {"name": ..., "ecosystem": ...}, "version": ...}, '
        '{"package": {"purl": ...}} or {"commit": ...}.'
    )


class NoRecord(Missing):
    """There is no record of that name."""

    code = "osv.no_record"
    next_step = "Check the name; /osv/ lists all records that are here."


class _Package(msgspec.Struct):
    name: str = ""
    ecosystem: str = ""
    purl: str = ""


class _Query(msgspec.Struct):
    commit: str = ""
    version: str = ""
    package: _Package | None = None
    page_token: str = ""


class _Batch(msgspec.Struct):
    queries: list[_Query] = []


class _Asked(NamedTuple):
    key: str
    ecosystem: str
    version: str


class Page(NamedTuple):
    """Some of what was found, and where to go on."""

    found: Sequence[Found]
    token: str


_query = msgspec.json.Decoder(_Query)
_batch = msgspec.json.Decoder(_Batch)


@lru_cache(50_000)
def _key_of(ecosystem: str, version: str) -> Key | None:
    order = order_of(ecosystem)
    return order(version) if order else None


@lru_cache(50_000)
def _from_purl(purl: str) -> _Asked:
    _, version = package_of(purl)
    try:
        ecosystem = osv_ecosystem(purl)
    except NoEcosystem:
        return _Asked("", "", version)  # no record can speak of it
    return _Asked(package_key(ecosystem, osv_name(purl)), ecosystem, version)


class OsvQueries:
    """Answers from one index."""

    def __init__(self, index: OsvIndex, limits: PublicLimits = DEFAULT) -> None:
        """Cheap; made anew with each index."""
        self._index = index
        self._limits = limits

    def query(self, body: bytes) -> bytes:
        """`POST /v1/query`. Raises Invalid."""
        page = self._find(_decoded(_query, body), self._limits.page)
        raw = self._index.raw
        parts = [b'"vulns":[' + b",".join(raw(one.number) for one in page.found) + b"]"]
        return _answer(parts if page.found else [], page.token)

    def batch(self, body: bytes) -> bytes:
        """`POST /v1/querybatch`: names and times alone, in the queries' order. Raises Invalid."""
        queries = _decoded(_batch, body).queries
        if len(queries) > self._limits.batch:
            raise TooLarge(
                f"{len(queries)} queries in one batch; {self._limits.batch} are answered",
                limit=self._limits.batch,
            )
        left = self._limits.batch_names
        answers = []
        for number, query in enumerate(queries):
            try:
                page = self._find(query, max(1, min(self._limits.batch_page, left)))
            except FirstlightError as error:
                raise BadQuery(f"query {number}: {error.message}", hint=error.hint) from None
            left -= len(page.found)
            names = [{"id": one.id, "modified": one.modified} for one in page.found]
            parts = [b'"vulns":' + msgspec.json.encode(names)] if names else []
            answers.append(_answer(parts, page.token))
        return b'{"results":[' + b",".join(answers) + b"]}"

    def record(self, identifier: str) -> bytes:
        """`GET /v1/vulns/{id}`. Raises NoRecord."""
        found = self._index.by_id(identifier)
        if found is None:
            raise NoRecord(f"no record is named {identifier[:80]!r}")
        return found

    def _find(self, query: _Query, most: int) -> Page:
        after = _after(query.page_token)
        if query.commit:
            found = self._of_commit(query)
        else:
            asked = _asked(query)
            if not self._index.orders(asked.ecosystem):
                raise BadQuery(
                    f"{asked.ecosystem[:80]!r} is no ecosystem",
                    hint="Write it as OSV does: PyPI, npm, Debian:12, crates.io, ...",
                )
            found = self._of_package(asked)
        if after:
            found = [one for one in found if one.id > after]
        page = found[:most]
        return Page(page, _token(page[-1].id) if len(found) > most else "")

    def _of_commit(self, query: _Query) -> Sequence[Found]:
        if query.version or query.package:
            raise BadQuery("a commit stands alone, without a version or a package")
        commit = query.commit.lower()
        if not _COMMIT.fullmatch(commit):
            raise BadQuery(
                f"{query.commit[:80]!r} is no commit",
                hint="Send all 40 (or 64) hexadecimal digits.",
            )
        return self._index.by_commit(commit)

    def _of_package(self, asked: _Asked) -> Sequence[Found]:
        spoken = self._index.spoken_of(asked.key)
        if not asked.version:
            return spoken.found
        try:
            key = _key_of(asked.ecosystem, asked.version)
        except BadVersion:
            named = spoken.naming(asked.version)
            if named or not spoken.found:
                return named
            raise
        return spoken.affecting(asked.version, key)


def _asked(query: _Query) -> _Asked:
    """The package and the version that are meant."""
    package = query.package
    if package is None:
        raise BadQuery("it names neither a package nor a commit")
    if package.purl:
        if package.name or package.ecosystem:
            raise BadQuery("a package URL stands alone, without name and ecosystem")
        asked = _from_purl(package.purl)
        if asked.version and query.version:
            raise BadQuery("the version is named twice, in the package URL and beside it")
        return asked._replace(version=asked.version or query.version)
    if not (package.name and package.ecosystem):
        raise BadQuery("a package has a name and an ecosystem")
    if max(len(package.name), len(package.ecosystem)) > _NAME_CHARACTERS:
        raise BadQuery(f"names longer than {_NAME_CHARACTERS} characters are not looked up")
    key = package_key(package.ecosystem, package.name)
    return _Asked(key, package.ecosystem, query.version)


def _decoded(decoder: msgspec.json.Decoder[_Body], body: bytes) -> _Body:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadQuery(f"the body is no such query: {str(error)[:200]}") from None


def _answer(parts: list[bytes], token: str) -> bytes:
    if token:
        parts = [*parts, b'"next_page_token":' + msgspec.json.encode(token)]
    return b"{" + b",".join(parts) + b"}"


def _token(identifier: str) -> str:
    return base64.urlsafe_b64encode(identifier.encode()).decode().rstrip("=")


def _after(token: str) -> str:
    if not token:
        return ""
    try:
        padded = token + "=" * (-len(token) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadQuery(
            "this page token is not one of ours", hint="Send next_page_token as it was answered."
        ) from None
