"""What the pages work with. Bootstrap fills it once, before the first request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpRequest

from firstlight.core.clearinghouse.advisory.model import Advisory
from firstlight.core.clearinghouse.finding import Report
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.measure.record import Run
from firstlight.usecases.accounts.port import AccountStore, Brake
from firstlight.usecases.context import Context
from firstlight.usecases.documents.desk import Desk
from firstlight.usecases.ports import JobQueue
from firstlight.usecases.ports.notices import MayReach
from firstlight.usecases.ports.sealed import SealedVault
from firstlight.usecases.queries.documents import DocumentQueries, NoticeQueries
from firstlight.usecases.queries.guard import GuardQueries
from firstlight.usecases.queries.measurements import MeasurementQueries
from firstlight.usecases.queries.port import Queries
from firstlight.usecases.queries.review_overviews import ReviewOverviews
from firstlight.usecases.queries.reviews import ReviewQueries
from firstlight.usecases.queries.tools import ToolQueries
from firstlight.usecases.queries.uses import UseQueries


class Door(Protocol):
    """Who is asking, and the session."""

    def resolve(self, request: HttpRequest) -> Actor:
        """The actor of a request.

        Raises:
            NotSignedIn: a token that opens nothing.
            SecondFactorMissing: the session was opened with a password alone.
            TooMany: too many bad tokens.
        """
        ...

    def address_of(self, request: HttpRequest) -> str:
        """The asker's network address, for limits."""
        ...

    def sign_in(self, request: HttpRequest, person: PersonId) -> None:
        """Open a session for somebody who used a one-time link. Raises Missing."""
        ...

    def act_as(self, request: HttpRequest, membership: int) -> None:
        """Choose one of the own memberships. Raises Missing."""
        ...

    def known(self, labels: Collection[str]) -> Mapping[str, tuple[str, Role | None]]:
        """People and organisations among these identifiers: name, and a person's role."""
        ...

    def choices_of(self, request: HttpRequest) -> Sequence[tuple[int, str, str]]:
        """The own memberships: number, role, name of the organisation."""
        ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything the pages may use."""

    context: Context
    queries: Queries
    reviews: ReviewQueries
    overviews: ReviewOverviews
    documents: DocumentQueries
    notices: NoticeQueries
    desk: Desk
    """where documents are sealed, opened and marked"""
    verdicts: GuardQueries
    """of the outbound guard"""
    may_reach: MayReach
    """whether the operator allows a webhook's address; raises OutgoingRefused"""
    tools: ToolQueries
    accounts: AccountStore
    brake: Brake
    door: Door
    jobs: JobQueue
    read_report: Callable[[bytes], Sequence[Report]]
    """any accepted format to reports; raises Invalid"""
    render: Callable[[Advisory], Mapping[str, bytes]]
    """an advisory as the signed files of the public zone"""
    uses: UseQueries
    measurements: MeasurementQueries
    read_record: Callable[[bytes], Run]
    """the record of a run; raises Invalid"""
    vault: SealedVault
    gateway_url: str
    """where reviewers reach the gateway"""
    base_url: str
    page_size: int = 50
    upload_bytes: int = 32 << 20
    security_contact: str = ""
    """where flaws of this installation are reported; empty for none"""


class NotConfigured(Unavailable):
    """The portal was started without its parts."""

    code = "service.not_configured"


_held: list[Services] = []


def configure(services: Services) -> None:
    """Give the pages their parts; the last call counts."""
    _held[:] = [services]


def services() -> Services:
    """The parts.

    Raises:
        NotConfigured: bootstrap has not given them.
    """
    if not _held:
        raise NotConfigured
    return _held[0]


def actor_of(request: HttpRequest) -> Actor:
    """Who is asking; raises as `Door.resolve` does."""
    return services().door.resolve(request)
