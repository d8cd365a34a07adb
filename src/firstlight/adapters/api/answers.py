"""Answers: JSON, pages with their `Link`, and POSTs that may be sent twice.

A POST with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) runs inside one unit of
work together with the keeping of its answer: the change, its ledger entry, its jobs and the answer
are stored together or not at all. Two equal requests at once therefore have one effect:

1. On SQLite the second waits for the first's transaction and then finds its answer.
2. On PostgreSQL the second fails on the key when it wants to keep its answer, is rolled back, and
   then finds the first's.

Only good answers are kept; after a refusal nothing was stored, and the same key may try again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from firstlight.adapters.api.gate import actor_of, asker_of
from firstlight.adapters.api.problems import KeyReused
from firstlight.adapters.api.services import services
from firstlight.adapters.api.tags import encode, tag_of
from firstlight.adapters.api.wire.common import Page, Wire
from firstlight.core.kernel.canonical import Json, digest
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.usecases.context import Context
from firstlight.usecases.ports import Cleared, UnitOfWork

PREFIX = "/api/v1"
_KEY = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an operation answers."""

    shown: Wire
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(shown: Wire, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON answer of status 200."""
    return _response(encode(shown), 200, headers or {})


def page(request: HttpRequest, shown: Page[Any]) -> HttpResponse:
    """A JSON list, with a `Link` to what follows (RFC 8288)."""
    response = answer(shown)
    if shown.next is not None:
        query = request.GET.copy()
        query["cursor"] = shown.next
        there = f"{services().base_url}{request.path}?{urlencode(list(query.items()))}"
        response.headers["Link"] = f'<{there}>; rel="next"'
    return response


def page_size(limit: int | None) -> int:
    """How many rows: what was asked for, within the bounds."""
    limits = services().limits
    return min(limit or limits.page, limits.page_max)


def once(request: HttpRequest, act: Callable[[Context], Answer]) -> HttpResponse:
    """Do what a POST asks for, at most once for each Idempotency-Key.

    Args:
        request: its body, method and path make a request "the same"
        act: the use case; gets the context in which it must work

    Raises:
        KeyReused: the key was used for another request.
        Invalid: the key is malformed.
    """
    context = services().context
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return _made(act(context))
    key = header.strip().strip('"')
    if not _KEY.fullmatch(key):
        raise Invalid("an idempotency key has 1 to 200 printable characters without blanks")
    scope = hashlib.sha256(asker_of(request, actor_of(request)).encode()).hexdigest()
    try:
        return _in_one_unit(context, scope, key, _digest(request), act)
    except Conflict:
        with context.storage.begin() as work:
            known = work.idempotency.get(scope, key)
        if known is None:
            raise  # the use case's own conflict
        return _replayed(known, _digest(request))


def _in_one_unit(
    context: Context, scope: str, key: str, wanted: str, act: Callable[[Context], Answer]
) -> HttpResponse:
    later = _Later()
    with context.storage.begin() as work:
        known = work.idempotency.get(scope, key)
        if known is not None:
            return _replayed(known, wanted)
        made = act(replace(context, storage=_Joined(work), zone=later))
        kept: Json = {
            "status": made.status,
            "headers": dict(made.headers),
            "body": encode(made.shown).decode(),
        }
        work.idempotency.put(scope, key, wanted, kept, context.clock.now())
    for cleared in later.kept:
        context.zone.put(cleared)
    return _made(made)


class _Joined:
    """Storage whose units of work are all the one that is running."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        yield self._work

    @contextmanager
    def look(self) -> Iterator[UnitOfWork]:
        yield self._work


class _Later:
    """A public zone that keeps the files until the unit of work has committed."""

    def __init__(self) -> None:
        self.kept: list[Cleared] = []

    def put(self, cleared: Cleared) -> None:
        self.kept.append(cleared)

    def renew(self) -> None:
        """Nothing to be kept: the zone is renewed whenever something is put."""

    def rebuild(self, advisories: Iterable[Cleared]) -> int:
        """Keeps them likewise; no operation of the API rebuilds a zone."""
        given = list(advisories)
        self.kept += given
        return len(given)


def _digest(request: HttpRequest) -> str:
    head = f"{request.method} {request.get_full_path()} {request.content_type}\n"
    return digest(head.encode() + request.body)


def _replayed(known: tuple[str, Json], wanted: str) -> HttpResponse:
    seen, kept = known
    if seen != wanted:
        raise KeyReused
    if not isinstance(kept, Mapping) or not isinstance(kept["headers"], Mapping):
        raise TypeError("a stored answer is an object with headers")
    headers = {name: str(value) for name, value in kept["headers"].items()}
    response = _response(str(kept["body"]).encode(), int(str(kept["status"])), headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _made(made: Answer) -> HttpResponse:
    return _response(encode(made.shown), made.status, made.headers)


def _response(content: bytes, status: int, headers: Mapping[str, str]) -> HttpResponse:
    response = HttpResponse(content, content_type="application/json", status=status)
    for name, value in headers.items():
        response.headers[name] = value
    if status != 200:  # noqa: PLR2004  # a GET gets its headers with its tag
        response.headers["Cache-Control"] = "no-store"
    return response


def tag_header(shown: Wire) -> dict[str, str]:
    """The ETag of what a change has left behind, so that the next change needs no reading."""
    return {"ETag": tag_of(encode(shown))}
