"""What the API works with. Bootstrap fills it once, before the first request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from firstlight.core.clearinghouse.advisory.model import Advisory
from firstlight.core.clearinghouse.finding import Format, Report
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.kernel.parties import Actor
from firstlight.core.measure.record import Run
from firstlight.usecases.accounts.port import AccountStore, Brake
from firstlight.usecases.context import Context
from firstlight.usecases.documents.desk import Desk
from firstlight.usecases.ports import JobQueue
from firstlight.usecases.ports.notices import MayReach
from firstlight.usecases.ports.sealed import SealedVault
from firstlight.usecases.queries.documents import DocumentQueries, NoticeQueries
from firstlight.usecases.queries.flood import FloodQueries
from firstlight.usecases.queries.guard import GuardQueries
from firstlight.usecases.queries.measurements import MeasurementQueries
from firstlight.usecases.queries.port import Queries
from firstlight.usecases.queries.reviews import ReviewQueries
from firstlight.usecases.queries.tools import ToolQueries
from firstlight.usecases.queries.uses import UseQueries

MEBIBYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one request, each enforced before the body is read."""

    document_bytes: int = 32 * MEBIBYTE
    """largest report or catalogue"""
    json_bytes: int = 4 * MEBIBYTE
    """largest body of every other operation"""
    page: int = 50
    """rows of a list when the asker names no number"""
    page_max: int = 200
    """rows of a list at most"""


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything the API may use."""

    context: Context
    queries: Queries
    reviews: ReviewQueries
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
    resolve: Callable[[HttpRequest], Actor]
    """the actor of a request with an Authorization header; raises NotSignedIn or TooMany"""
    address_of: Callable[[HttpRequest], str]
    """the asker's network address, for limits"""
    brake: Brake
    read_any: Callable[[bytes, str], tuple[Format, Sequence[Report]]]
    """document and media type to reports; raises Invalid"""
    render: Callable[[Advisory], Mapping[str, bytes]]
    """an advisory as the signed files of the public zone"""
    jobs: JobQueue
    uses: UseQueries
    measurements: MeasurementQueries
    floods: FloodQueries
    read_record: Callable[[bytes], Run]
    """the record of a run; raises Invalid"""
    vault: SealedVault
    """holds the keys of sealed documents, which a close destroys"""
    gateway_url: str
    """where reviewers reach the gateway"""
    base_url: str
    """where people reach the server, without a slash at the end"""
    limits: Limits = Limits()


class ApiNotConfigured(Unavailable):
    """The API was started without its parts."""

    code = "api.not_configured"


_held: list[Services] = []


def configure(services: Services) -> None:
    """Give the API its parts; the last call counts."""
    _held[:] = [services]


def services() -> Services:
    """The parts.

    Raises:
        ApiNotConfigured: bootstrap has not given them.
    """
    if not _held:
        raise ApiNotConfigured
    return _held[0]
