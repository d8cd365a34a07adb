"""What the front doors need to know about sessions and tokens, as one object for bootstrap."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.http import HttpRequest

from firstlight.adapters.identity import brake, names, resolve, sign_in
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Actor, Role


class DjangoDoor:
    """Sessions and tokens over Django and the sign-in library."""

    def resolve(self, request: HttpRequest) -> Actor:
        """See `resolve.resolve`."""
        return resolve.resolve(request)

    def address_of(self, request: HttpRequest) -> str:
        """See `brake.address_of`."""
        return brake.address_of(request)

    def sign_in(self, request: HttpRequest, person: PersonId) -> None:
        """See `sign_in.sign_in`."""
        sign_in.sign_in(request, person)

    def act_as(self, request: HttpRequest, membership: int) -> None:
        """See `sign_in.act_as`."""
        sign_in.act_as(request, membership)

    def choices_of(self, request: HttpRequest) -> Sequence[tuple[int, str, str]]:
        """See `sign_in.choices_of`."""
        return sign_in.choices_of(request)

    def known(self, labels: Collection[str]) -> Mapping[str, tuple[str, Role | None]]:
        """See `names.known`."""
        return names.known(labels)
