"""Which addresses may be connected to: the guard against requests that point inside.

Denied to everyone: this machine, the link, the metadata services of the clouds, multicast,
unspecified and reserved ranges. Private and other special ranges are open only to hosts that the
operator's own configuration names, because a company's package mirror does live there.
An IPv6 address that carries an IPv4 one is judged by both.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field

from firstlight.core.kernel.errors import OutgoingRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)
"""where clouds hand out credentials; the last three are outside the link-local range"""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address"""


@dataclass(frozen=True, kw_only=True)
class AllowedHost:
    """One entry of the allow list. What is not on the list is not reached."""

    host: str
    """exact name, lower case; there are no wildcards"""
    private_ok: bool = False
    """the operator's configuration names it, so it may resolve to a private or special address"""
    plain_http_ok: bool = False
    """unencrypted HTTP may be used; only for content that is pinned by digest"""
    here_ok: bool = False
    """this machine is meant by the name; for trying out, never for a host of somebody else"""
    authorization: str = field(default="", repr=False)
    """value of the header of that name; sent to this host alone, and only over TLS"""

    def joined(self, other: AllowedHost) -> AllowedHost:
        """One entry that allows what either does."""
        return AllowedHost(
            host=self.host,
            private_ok=self.private_ok or other.private_ok,
            plain_http_ok=self.plain_http_ok or other.plain_http_ok,
            here_ok=self.here_ok or other.here_ok,
            authorization=self.authorization or other.authorization,
        )


def forbidden(address: Address, *, private_ok: bool) -> str | None:
    """Why `address` may not be connected to, or None when it may."""
    reasons = (_always(one) or _special(one, private_ok=private_ok) for one in _faces(address))
    return next((reason for reason in reasons if reason), None)


def _always(one: Address) -> str | None:
    checks = (
        (one in _METADATA, "a metadata service"),
        (one.is_loopback, "this machine"),
        (one.is_link_local, "the local link"),
        (one.is_multicast, "a multicast group"),
        (one.is_unspecified, "no address at all"),
        (one.is_reserved and one not in _NAT64, "a reserved range"),
    )
    return next((reason for hit, reason in checks if hit), None)


def _special(one: Address, *, private_ok: bool) -> str | None:
    inside = not one.is_global and one not in _NAT64
    return "a private or special range" if inside and not private_ok else None


def _faces(address: Address) -> tuple[Address, ...]:
    return (address, *_carried(address))


def _carried(address: Address) -> tuple[Address, ...]:
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    found: list[Address] = [a for a in (address.ipv4_mapped, address.sixtofour) if a]
    found += address.teredo or ()
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(found)


def resolve(host: str, port: int) -> tuple[Address, ...]:
    """The addresses of `host`, in the order of the system's resolver.

    Raises:
        OSError: the name does not resolve.
    """
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ipaddress.ip_address(str(row[4][0])) for row in rows))


def refuse(url: str, reason: str, *, address: Address | None = None) -> OutgoingRefused:
    """The error that says why `url` is not fetched; a query string is not repeated in it."""
    shown = url.split("?", 1)[0]
    found = str(address) if address else None
    return OutgoingRefused(f"{shown} is not fetched: {reason}.", url=shown, address=found)
