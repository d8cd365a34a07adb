"""Endpoints, keys, presence and uses.

Whoever appends to the ledger holds its head until the commit, and a use is opened and closed with
an entry; so the counters of a budget are never changed by two at once, on either database.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from django.db.models import Count, F, Max, Min, Q, Sum

from firstlight.adapters.storage import codec
from firstlight.adapters.storage import use_rows as rows
from firstlight.adapters.storage.models import uses as models
from firstlight.adapters.storage.statements import Statements
from firstlight.adapters.storage.stores.reviews import Watched
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId, PresenceId, UseId
from firstlight.core.review.keys import GrantKey
from firstlight.core.review.presence import Presence
from firstlight.core.review.spending import Spent
from firstlight.core.review.using import Closing, Part, Use, Used
from firstlight.usecases.ports.uses import StoredEndpoint

# Adds to a grant's counters, beginning with nothing: one statement, so that none is lost.
_SPEND = (
    "INSERT INTO firstlight_grant_spending (grant_id, requests, tokens, money)"
    " VALUES (%s, %s, %s, %s) ON CONFLICT (grant_id) DO UPDATE SET"
    " requests = firstlight_grant_spending.requests + excluded.requests,"
    " tokens = firstlight_grant_spending.tokens + excluded.tokens,"
    " money = firstlight_grant_spending.money + excluded.money"
)
# By the unique index on digests.
_KEY = "SELECT grant_id, number, digest, made_at FROM firstlight_grant_key WHERE digest = %s"
# By the primary key.
_SPENT = "SELECT requests, tokens, money FROM firstlight_grant_spending WHERE grant_id = %s"
# Replaces what an open use held by what it took.
_SETTLE = (
    "UPDATE firstlight_grant_spending SET tokens = tokens + %s, money = money + %s"
    " WHERE grant_id = %s"
)


class Endpoints(Watched):
    """`EndpointStore` over one database."""

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._rows = models.EndpointRecord.objects.using(using)

    def get(self, artefact: ArtefactId) -> StoredEndpoint | None:
        """By its key."""
        row = self._rows.filter(pk=str(artefact)).first()
        return rows.endpoint(row) if row else None

    def put(self, stored: StoredEndpoint) -> None:
        """The version of the one before decides between two who change it at once."""
        endpoint = stored.endpoint
        columns = {
            "version": endpoint.version,
            "body": codec.pack(endpoint),
            "sealed_key": stored.sealed_key,
        }
        if endpoint.version == 1:
            row = models.EndpointRecord(
                artefact=str(endpoint.artefact), engagement_id=str(endpoint.engagement), **columns
            )
            row.save(using=self._using, force_insert=True)
        else:
            seen = self._rows.filter(pk=str(endpoint.artefact), version=endpoint.version - 1)
            if not seen.update(**columns):
                raise Conflict("the endpoint has changed since you looked")
        self.touch()


class GrantKeys(Watched):
    """`GrantKeyStore` over one database."""

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._rows = models.GrantKeyRecord.objects.using(using)
        self._statements = Statements(using)

    def find(self, digest: str) -> GrantKey | None:
        """The index finds a digest of a random key; the comparison tells nothing by its time."""
        row = self._statements.one(_KEY, digest)
        return rows.key_values(row) if row and compare_digest(row[2], digest) else None

    def of_grant(self, grant: GrantId) -> GrantKey | None:
        """By the primary key."""
        row = self._rows.filter(pk=str(grant)).first()
        return rows.key(row) if row else None

    def put(self, key: GrantKey) -> None:
        """The number of the one before decides between two who make one at once."""
        columns = {"number": key.number, "digest": key.digest, "made_at": key.made_at.utc}
        if key.number == 1:
            row = models.GrantKeyRecord(grant_id=str(key.grant), **columns)
            row.save(using=self._using, force_insert=True)
        elif not self._rows.filter(pk=str(key.grant), number=key.number - 1).update(**columns):
            raise Conflict("another key was made meanwhile")
        self.touch()


class Presences(Watched):
    """`PresenceStore` over one database."""

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._rows = models.PresenceRecord.objects.using(using)

    def add(self, presence: Presence) -> None:
        """Keep a new one."""
        rows.presence_row(presence).save(using=self._using, force_insert=True)
        self.touch()

    def save(self, presence: Presence) -> None:
        """Its end is all that changes."""
        ended = presence.ended.utc if presence.ended else None
        if not self._rows.filter(pk=str(presence.id)).update(ended=ended):
            raise Missing(f"there is no {presence.id}")
        self.touch()

    def of_grant(self, grant: GrantId, after: Instant) -> Sequence[Presence]:
        """Oldest first."""
        found = self._rows.filter(grant=str(grant), until__gt=after.utc).order_by("began", "id")
        return tuple(rows.presence(row) for row in found)

    def get(self, identifier: PresenceId) -> Presence:
        """Raises Missing."""
        row = self._rows.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier}")
        return rows.presence(row)


class Uses:
    """`UseStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = models.UseRecord.objects.using(using)
        self._pieces = models.UsePiece.objects.using(using)
        self._statements = Statements(using)

    def add(self, use: Use) -> None:
        """A row, and the counters."""
        self._statements.insert("firstlight_use", rows.use_columns(use))
        self._statements.run(_SPEND, str(use.grant), 1, use.reserved_tokens, use.reserved_money)

    def get(self, identifier: UseId) -> Use:
        """Raises Missing."""
        row = self._rows.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier}")
        return rows.use(row)

    def close(self, use: Use, closing: Closing) -> bool:
        """The UPDATE's own condition decides between two who close it at once."""
        columns = rows.closing_columns(closing)
        where = "id = %s AND closed_at IS NULL"
        if not self._statements.update("firstlight_use", columns, where, str(use.id)):
            return False
        tokens = closing.usage.tokens - use.reserved_tokens
        money = (closing.cost or 0) - use.reserved_money
        self._statements.run(_SETTLE, tokens, money, str(use.grant))
        return True

    def used(self, engagement: EngagementId) -> Sequence[Used]:
        """One question for all grants."""
        grouped = self._rows.filter(engagement=str(engagement)).values("grant_id")
        found = grouped.annotate(
            uses=Count("id"),
            closed=Count("closed_at"),
            tokens=Sum(F("input_tokens") + F("output_tokens"), filter=Q(closed_at__isnull=False)),
            first=Min("opened_at"),
            last=Max("opened_at"),
        )
        return tuple(
            Used(
                grant=GrantId(row["grant_id"]),
                uses=row["uses"],
                unfinished=row["uses"] - row["closed"],
                tokens=row["tokens"] or 0,
                first=Instant(row["first"]),
                last=Instant(row["last"]),
            )
            for row in found.order_by("grant_id")
        )

    def spent(self, grant: GrantId) -> Spent:
        """Nothing while there is no row."""
        row = self._statements.one(_SPENT, str(grant))
        return Spent(requests=row[0], tokens=row[1], money=row[2]) if row else Spent()

    def keep(self, use: UseId, part: Part, number: int, sealed: bytes) -> None:
        """One row for each piece."""
        row = models.UsePiece(use_id=str(use), part=part.value, number=number, sealed=sealed)
        row.save(using=self._using, force_insert=True)

    def pieces(self, use: UseId, part: Part) -> int:
        """Counted."""
        return self._pieces.filter(use=str(use), part=part.value).count()

    def piece(self, use: UseId, part: Part, number: int) -> bytes:
        """Raises Missing."""
        found = self._pieces.filter(use=str(use), part=part.value, number=number)
        sealed = found.values_list("sealed", flat=True).first()
        if sealed is None:
            raise Missing("this piece of content is not kept")
        return bytes(sealed)

    def grants_of(self, uses: Sequence[UseId]) -> Sequence[tuple[UseId, GrantId, int]]:
        """One read for all."""
        found = self._rows.filter(pk__in=[str(use) for use in uses])
        values = found.values_list("id", "grant_id", "key_number")
        return tuple((UseId(use), GrantId(grant), number) for use, grant, number in values)
