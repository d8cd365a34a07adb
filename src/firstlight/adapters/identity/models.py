"""Rows of people, organisations, memberships, links, tokens and counters. No rule lives here."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

_ID = 30
"""prefix of three letters, an underscore, 26 characters"""


class PersonManager(BaseUserManager["PersonRow"]):
    """Finds people by their address, as Django's sign-in asks for it."""

    def get_by_natural_key(self, username: str | None) -> PersonRow:
        """Addresses are kept in lower case."""
        return self.get(email=(username or "").lower())


class PersonRow(AbstractBaseUser):
    """A person with an account; Django's user."""

    id = models.CharField(primary_key=True, max_length=_ID, db_comment="per_...")
    name = models.CharField(max_length=120)
    email = models.EmailField(unique=True, db_comment="lower case")
    is_active = models.BooleanField(default=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        """Table."""

        db_table = "identity_person"

    def __str__(self) -> str:
        return self.name


class OrganisationRow(models.Model):
    """An organisation."""

    id = models.CharField(primary_key=True, max_length=_ID, db_comment="org_...")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    sector = models.CharField(max_length=120, blank=True)
    purpose = models.TextField(blank=True, db_comment="why it wants to take part")
    requested_at = models.DateTimeField()
    vetted_at = models.DateTimeField(null=True, db_comment="until then its people see nothing")
    refused_at = models.DateTimeField(null=True)
    raw_feed = models.BooleanField(
        default=False, db_comment="a maintainer who wants reports before they are validated"
    )

    class Meta:
        """Table."""

        db_table = "identity_organisation"

    def __str__(self) -> str:
        return self.name


class MembershipRow(models.Model):
    """A person's role in an organisation, for as long as it lasts."""

    person = models.ForeignKey(PersonRow, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        OrganisationRow, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Table."""

        db_table = "identity_membership"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=models.Q(ended_at__isnull=True),
                name="identity_one_active_membership",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.organisation_id}"


class TokenRow(models.Model):
    """An API token; the secret itself is never stored."""

    id = models.CharField(primary_key=True, max_length=_ID, db_comment="tok_...")
    digest = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of the secret")
    person = models.ForeignKey(PersonRow, on_delete=models.PROTECT, related_name="tokens")
    organisation = models.ForeignKey(OrganisationRow, on_delete=models.PROTECT)
    role = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    scopes = models.JSONField(db_comment="names of actions")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True, db_comment="to the minute")

    class Meta:
        """Table."""

        db_table = "identity_token"

    def __str__(self) -> str:
        return self.id


class LinkRow(models.Model):
    """A one-time sign-in link; the secret itself is never stored."""

    id = models.CharField(primary_key=True, max_length=_ID, db_comment="lnk_...")
    digest = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of the secret")
    person = models.ForeignKey(PersonRow, on_delete=models.PROTECT)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        """Table."""

        db_table = "identity_link"

    def __str__(self) -> str:
        return self.id


class CounterRow(models.Model):
    """How often something was done in the present window."""

    key = models.CharField(primary_key=True, max_length=64, db_comment="digest of limit and asker")
    window = models.BigIntegerField(db_comment="number of the window since 1970")
    count = models.IntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """Table."""

        db_table = "identity_counter"

    def __str__(self) -> str:
        return self.key


class CacheRow(models.Model):
    """A small value with an end, as JSON; see `cache`."""

    key = models.CharField(primary_key=True, max_length=250)
    value = models.TextField(db_comment="JSON")
    expires_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        """Table."""

        db_table = "identity_cache"

    def __str__(self) -> str:
        return self.key
