"""What people send in forms, read into values; each refusal names its field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid

Problem = Invalid | Conflict
Chosen = TypeVar("Chosen", bound=StrEnum)

_MOST_DIGITS = 16
_MILLIONTHS = Decimal(1_000_000)


def answer(
    request: HttpRequest,
    page: Callable[[Problem], HttpResponse],
    act: Callable[[], object],
    *,
    said: str,
    to: tuple[str, ...],
) -> HttpResponse:
    """Do what a form asks and go on, or show its page again with what was typed and what is wrong.

    Args:
        request: for the sentence that the next page shows
        page: shows the form again
        act: calls the use case; what it raises besides Invalid and Conflict goes to the error page
        said: the sentence
        to: name of the next address, and its parts
    """
    try:
        act()
    except (Invalid, Conflict) as problem:
        return page(problem)
    messages.success(request, said)
    return redirect(to[0], *to[1:])


def status(problem: Problem | None) -> int:
    """Of a page that shows a form."""
    if problem is None:
        return 200
    return 409 if isinstance(problem, Conflict) else 400


def given(request: HttpRequest, name: str) -> str:
    """What was written in a field; empty when it was not sent."""
    return request.POST.get(name, "").replace("\r\n", "\n").strip()


def chosen(request: HttpRequest, name: str, of: type[Chosen]) -> Chosen:
    """One of the choices. Raises Invalid."""
    try:
        return of(given(request, name))
    except ValueError:
        raise Invalid("please choose one of the possibilities", field=name) from None


def yes(request: HttpRequest, name: str) -> bool:
    """Yes or no, said outright. Raises Invalid when neither was."""
    word = given(request, name)
    if word not in {"yes", "no"}:
        raise Invalid("please say yes or no", field=name)
    return word == "yes"


def whole(request: HttpRequest, name: str) -> int:
    """A whole number. Raises Invalid."""
    found = whole_or_none(request, name)
    if found is None:
        raise Invalid("please give a whole number", field=name)
    return found


def whole_or_none(request: HttpRequest, name: str) -> int | None:
    """A whole number, or None for an empty field. Raises Invalid."""
    text = given(request, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise Invalid(f"{text[:40]!r} is no whole number", field=name)
    return int(text)


def millionths_or_none(request: HttpRequest, name: str) -> int | None:
    """An amount of money in millionths of its unit, or None. Raises Invalid."""
    text = given(request, name)
    if not text:
        return None
    try:
        amount = Decimal(text[:_MOST_DIGITS]) * _MILLIONTHS
    except InvalidOperation:
        raise Invalid(f"{text[:40]!r} is no amount", field=name) from None
    if not amount.is_finite() or amount < 0 or len(text) > _MOST_DIGITS:
        raise Invalid(f"{text[:40]!r} is no amount", field=name)
    return int(amount)


def day_or_none(request: HttpRequest, name: str) -> date | None:
    """A day, or None for an empty field. Raises Invalid."""
    text = given(request, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{text[:40]!r} is no day", hint="Write it as 2026-07-15.", field=name
        ) from None


def moment_or_none(request: HttpRequest, name: str) -> Instant | None:
    """A moment in UTC, or None for an empty field. Raises Invalid."""
    text = given(request, name)
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{text[:40]!r} is no moment", hint="Write it as 2026-07-15T09:00.", field=name
        ) from None
    return Instant(read if read.tzinfo else read.replace(tzinfo=UTC))


def moment(request: HttpRequest, name: str) -> Instant:
    """A moment in UTC. Raises Invalid."""
    found = moment_or_none(request, name)
    if found is None:
        raise Invalid("please give day and time", field=name)
    return found
