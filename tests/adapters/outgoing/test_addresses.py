"""Which addresses the guard lets through."""

from __future__ import annotations

import ipaddress

import pytest

from firstlight.adapters.outgoing.addresses import forbidden


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "169.254.1.1",
        "fe80::1",
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",  # noqa: S104  # judged, not bound
        "::",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_some_addresses_are_denied_to_everyone(text: str) -> None:
    """This machine, the link, metadata and group addresses are refused even to named mirrors."""
    assert forbidden(ipaddress.ip_address(text), private_ok=True)


@pytest.mark.parametrize(
    "text",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "203.0.113.80", "100.64.0.1", "fd12::1"],
)
def test_private_addresses_need_the_operators_word(text: str) -> None:
    """Private and special ranges are open to hosts of the operator's configuration alone."""
    address = ipaddress.ip_address(text)
    assert forbidden(address, private_ok=False)
    assert forbidden(address, private_ok=True) is None


@pytest.mark.parametrize("text", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_public_addresses_pass(text: str) -> None:
    """The open internet is not refused by address."""
    assert forbidden(ipaddress.ip_address(text), private_ok=False) is None
