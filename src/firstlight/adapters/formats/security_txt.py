"""`/.well-known/security.txt` (RFC 9116): where a flaw of an installation is reported."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from firstlight.core.kernel.clock import Instant

PATH = ".well-known/security.txt"
_LIFE = timedelta(days=180)
"""RFC 9116, section 2.5.5: less than a year; an operator who is gone stops vouching for it"""


def security_text(contact: str, base_url: str, now: Instant, *, csaf: str = "") -> str:
    """The fields of RFC 9116; `Expires` is a midnight, so that the text stays equal for a day.

    Args:
        contact: a mailto: or https: address
        base_url: where the file lies, without its path
        now: from when it lives for half a year
        csaf: address of a provider-metadata.json (CSAF 2.0, 7.1.8), when there is one
    """
    expires = datetime.combine((now.utc + _LIFE).date(), time(), UTC)
    fields = (
        ("Contact", contact),
        ("Expires", f"{expires:%Y-%m-%dT%H:%M:%SZ}"),
        ("Canonical", f"{base_url.rstrip('/')}/{PATH}"),
        ("Preferred-Languages", "en"),
        ("CSAF", csaf),
    )
    return "".join(f"{name}: {value}\n" for name, value in fields if value)


def expiry_of(text: str) -> Instant | None:
    """When a file of ours stops to count; None when it says nothing that can be read."""
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        if name == "Expires":
            try:
                return Instant(datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))
            except ValueError:
                return None
    return None
