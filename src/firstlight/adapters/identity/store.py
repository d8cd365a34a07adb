"""`AccountStore` over Django's tables. Joins the transaction of the unit of work that runs.

The lists of the clearinghouse show organisations by name from a copy that storage keeps. The copy
is written here, through Django's registry, so that neither app imports the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest

from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import F, Q

from firstlight.adapters.identity.models import (
    LinkRow,
    MembershipRow,
    OrganisationRow,
    PersonRow,
    TokenRow,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import (
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    Role,
)
from firstlight.usecases.accounts.port import (
    ApiToken,
    LinkId,
    LinkNotUsable,
    OrganisationRecord,
    TokenId,
)


class WeakPassword(Invalid):
    """The password is too easy to guess."""

    code = "account.weak_password"
    next_step = "Take a longer one; three or four unusual words are good."


def _instant(moment: datetime | None) -> Instant | None:
    return Instant(moment) if moment else None


def _utc(moment: Instant | None) -> datetime | None:
    return moment.utc if moment else None


def _person(row: PersonRow) -> Person:
    return Person(id=PersonId(row.id), name=row.name, email=row.email)


def _membership(row: MembershipRow) -> Membership:
    return Membership(
        person=PersonId(row.person_id),
        organisation=OrganisationId(row.organisation_id),
        role=Role(row.role),
        started_at=Instant(row.started_at),
        ended_at=_instant(row.ended_at),
    )


def _organisation(row: OrganisationRow) -> Organisation:
    return Organisation(
        id=OrganisationId(row.id),
        name=row.name,
        kind=OrganisationKind(row.kind),
        sector=row.sector,
        vetted_at=_instant(row.vetted_at),
    )


def _record(row: OrganisationRow) -> OrganisationRecord:
    active = [membership for membership in row.memberships.all() if membership.ended_at is None]
    return OrganisationRecord(
        organisation=_organisation(row),
        raw_feed=row.raw_feed,
        purpose=row.purpose,
        requested_at=Instant(row.requested_at),
        refused_at=_instant(row.refused_at),
        people=tuple((_person(held.person), _membership(held)) for held in active),
    )


def _token(row: TokenRow) -> ApiToken:
    return ApiToken(
        id=TokenId(row.id),
        person=PersonId(row.person_id),
        organisation=OrganisationId(row.organisation_id),
        role=row.role,
        name=row.name,
        scopes=frozenset(row.scopes),
        created_at=Instant(row.created_at),
        expires_at=Instant(row.expires_at),
        revoked_at=_instant(row.revoked_at),
        last_used_at=_instant(row.last_used_at),
    )


class DjangoAccounts:
    """People, organisations, memberships, links and tokens."""

    def add_person(self, person: Person, password: str | None) -> None:
        """See the port."""
        row = PersonRow(id=str(person.id), name=person.name, email=person.email.lower())
        if password is not None:
            try:
                validate_password(password, row)
            except ValidationError as error:
                raise WeakPassword(" ".join(error.messages), field="password") from None
        if PersonRow.objects.filter(email=row.email).exists():
            raise Conflict("this address has an account already")
        row.set_password(password)
        row.save(force_insert=True)

    def person(self, identifier: PersonId) -> Person:
        """See the port."""
        row = PersonRow.objects.filter(id=str(identifier)).first()
        if row is None:
            raise Missing(person=str(identifier))
        return _person(row)

    def person_by_email(self, email: str) -> Person | None:
        """See the port."""
        row = PersonRow.objects.filter(email=email.strip().lower()).first()
        return _person(row) if row else None

    def add_organisation(self, record: OrganisationRecord) -> None:
        """See the port."""
        known = record.organisation
        OrganisationRow.objects.create(
            id=str(known.id),
            name=known.name,
            kind=known.kind.value,
            sector=known.sector,
            purpose=record.purpose,
            requested_at=record.requested_at.utc,
            vetted_at=_utc(known.vetted_at),
            refused_at=_utc(record.refused_at),
            raw_feed=record.raw_feed,
        )
        names = apps.get_model("storage", "OrganisationName")
        names._default_manager.create(id=str(known.id), name=known.name)  # noqa: SLF001  # Django's way

    def organisation(self, identifier: OrganisationId) -> OrganisationRecord:
        """See the port."""
        rows = OrganisationRow.objects.prefetch_related("memberships__person")
        row = rows.filter(id=str(identifier)).first()
        if row is None:
            raise Missing(organisation=str(identifier))
        return _record(row)

    def organisation_by_name(self, name: str) -> OrganisationRecord | None:
        """See the port."""
        rows = OrganisationRow.objects.prefetch_related("memberships__person")
        row = rows.filter(name=name, vetted_at__isnull=False).order_by("id").first()
        return _record(row) if row else None

    def organisations(self) -> Sequence[OrganisationRecord]:
        """See the port."""
        rows = OrganisationRow.objects.prefetch_related("memberships__person").order_by(
            F("vetted_at").asc(nulls_first=True), F("refused_at").asc(nulls_first=True), "id"
        )
        return [_record(row) for row in rows]

    def save_organisation(self, record: OrganisationRecord) -> None:
        """See the port."""
        changed = OrganisationRow.objects.filter(id=str(record.organisation.id)).update(
            vetted_at=_utc(record.organisation.vetted_at),
            refused_at=_utc(record.refused_at),
            raw_feed=record.raw_feed,
        )
        if not changed:
            raise Missing(organisation=str(record.organisation.id))

    def add_membership(self, membership: Membership) -> None:
        """See the port."""
        MembershipRow.objects.get_or_create(
            person_id=str(membership.person),
            organisation_id=str(membership.organisation),
            role=membership.role.value,
            ended_at=None,
            defaults={"started_at": membership.started_at.utc},
        )

    def memberships(self, person: PersonId) -> Sequence[Membership]:
        """See the port."""
        rows = MembershipRow.objects.filter(person_id=str(person)).order_by("id")
        return [_membership(row) for row in rows]

    def end_memberships(
        self, person: PersonId, organisation: OrganisationId, at: Instant
    ) -> Sequence[Membership]:
        """See the port."""
        rows = MembershipRow.objects.filter(
            person_id=str(person), organisation_id=str(organisation), ended_at__isnull=True
        )
        ended = [_membership(row) for row in rows.order_by("id")]
        rows.update(ended_at=at.utc)
        return ended

    def add_link(
        self, identifier: LinkId, digest: str, person: PersonId, expires_at: Instant
    ) -> None:
        """See the port."""
        LinkRow.objects.create(
            id=str(identifier), digest=digest, person_id=str(person), expires_at=expires_at.utc
        )

    def take_link(self, digest: str, now: Instant) -> tuple[LinkId, PersonId]:
        """See the port. The UPDATE's own condition decides between two who try at once."""
        row = LinkRow.objects.filter(digest=digest).first()
        if row is None or not compare_digest(row.digest, digest):
            raise LinkNotUsable
        taken = LinkRow.objects.filter(
            Q(id=row.id) & Q(used_at__isnull=True) & Q(expires_at__gt=now.utc)
        ).update(used_at=now.utc)
        if not taken:
            raise LinkNotUsable
        return LinkId(row.id), PersonId(row.person_id)

    def add_token(self, token: ApiToken, digest: str) -> None:
        """See the port."""
        TokenRow.objects.create(
            id=str(token.id),
            digest=digest,
            person_id=str(token.person),
            organisation_id=str(token.organisation),
            role=token.role,
            name=token.name,
            scopes=sorted(token.scopes),
            created_at=token.created_at.utc,
            expires_at=token.expires_at.utc,
        )

    def tokens(self, person: PersonId) -> Sequence[ApiToken]:
        """See the port."""
        rows = TokenRow.objects.filter(person_id=str(person)).order_by("-id")
        return [_token(row) for row in rows]

    def revoke_token(self, identifier: TokenId, person: PersonId, at: Instant) -> ApiToken:
        """See the port."""
        mine = TokenRow.objects.filter(id=str(identifier), person_id=str(person))
        mine.filter(revoked_at__isnull=True).update(revoked_at=at.utc)
        row = mine.first()
        if row is None:
            raise Missing(token=str(identifier))
        return _token(row)
