"""The base of every table, and the few kinds of column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from firstlight.core.kernel.errors import BadEncoding
from firstlight.core.kernel.marking import Marking

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField  # generic for the type checker only

ID_LENGTH = 30
"""a prefix, `_` and 26 characters"""
DIGEST_LENGTH = 64
"""SHA-256 in hex"""
LABEL_LENGTH = 120
"""names that the program gives: states, actions, kinds"""


class Record(models.Model):
    """A row; never handed out, only translated."""

    class Meta:
        """No table of its own."""

        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


class CleanTextField(_Text):
    """Text that both databases can hold: PostgreSQL has no NUL, neither has lone surrogates."""

    def get_prep_value(self, value: Any) -> Any:  # noqa: ANN401  # Django's own signature
        """Refuse what only one of the databases would take."""
        if isinstance(value, str):
            value = clean_text(value, self.column)
        return super().get_prep_value(value)


def clean_text(text: str, column: str | None) -> str:
    """The text itself. Raises BadEncoding for what only one of the databases would take."""
    if "\x00" in text:
        raise BadEncoding(f"{column} holds a NUL character", field=column)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadEncoding(f"{column} is not UTF-8 text", field=column) from None
    return text


def identifier(comment: str, *, primary_key: bool = False) -> models.CharField[str, str]:
    """An identifier of ours in its text form."""
    return models.CharField(max_length=ID_LENGTH, primary_key=primary_key, db_comment=comment)


def optional_identifier(comment: str) -> models.CharField[str | None, str | None]:
    """Likewise, or NULL for none."""
    return models.CharField(max_length=ID_LENGTH, null=True, db_comment=comment)


def label(comment: str) -> models.CharField[str, str]:
    """A word from one of the program's own lists."""
    return models.CharField(max_length=LABEL_LENGTH, db_comment=comment)


def tlp() -> models.CharField[str, str]:
    """A TLP label."""
    longest = max(len(each.value) for each in Marking)
    return models.CharField(max_length=longest, db_comment="TLP 2.0 label; filters every read")
