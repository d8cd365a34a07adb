"""What the forms about defensive tools hold, read into what the use cases take."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from django.http import QueryDict

from firstlight.core.kernel.errors import Invalid
from firstlight.core.review.criteria import Sector
from firstlight.core.review.grants import Budget
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.tools.eligibility import AskerKind, Defence
from firstlight.core.review.tools.offers import Endpoint, OfferKind
from firstlight.usecases.tools.asking import NewRequest
from firstlight.usecases.tools.offering import NewOffer

Word = TypeVar("Word", bound=StrEnum)
_LONGEST_NUMBER = 16


def given(post: QueryDict, name: str) -> str:
    """A field without blanks around it; empty when it is not there."""
    return post.get(name, "").strip()


def offer_in(post: QueryDict) -> NewOffer:
    """Raises Invalid."""
    place = given(post, "endpoint")
    return NewOffer(
        kind=OfferKind.MODEL if place else OfferKind.TOOL,
        title=given(post, "title"),
        text=given(post, "text"),
        askers=_words(post, "askers", AskerKind),
        purposes=_words(post, "purposes", Defence),
        answer_days=_number(post, "answer_days") or 0,
        grant_days=_number(post, "grant_days") or 0,
        delivery=given(post, "delivery"),
        endpoint=_endpoint(post, place) if place else None,
    )


def request_in(post: QueryDict, items: Mapping[str, str]) -> NewRequest:
    """What an asker says; `items` are those of the eligibility. Raises Invalid."""
    return NewRequest(
        kind=word(post, "kind", AskerKind),
        sector=word(post, "sector", Sector),
        systems=[line for line in given(post, "systems").splitlines() if line.strip()],
        purposes=_words(post, "purposes", Defence),
        text=given(post, "text"),
        meets={name: given(post, f"meets.{name}") for name in items},
    )


def word(post: QueryDict, name: str, kind: type[Word]) -> Word:
    """A word of a closed list. Raises Invalid."""
    try:
        return kind(given(post, name))
    except ValueError:
        raise Invalid(f"choose one of the list for {name}", field=name) from None


def _words(post: QueryDict, name: str, kind: type[Word]) -> list[Word]:
    try:
        return [kind(each) for each in post.getlist(name)]
    except ValueError:
        raise Invalid(f"choose from the list for {name}", field=name) from None


def _number(post: QueryDict, name: str) -> int | None:
    text = given(post, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_NUMBER:
        raise Invalid(f"{name} is a whole number", field=name)
    return int(text)


def _endpoint(post: QueryDict, place: str) -> Endpoint:
    engagement, _, artefact = place.partition(" ")
    return Endpoint(
        engagement=EngagementId(engagement),
        artefact=ArtefactId(artefact),
        budget=Budget(
            requests=_number(post, "most_requests"),
            tokens=_number(post, "most_tokens"),
            money=None,
        ),
    )
