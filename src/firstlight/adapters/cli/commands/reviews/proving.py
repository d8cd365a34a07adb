"""`firstlight review receipt`, `act` and `keys`: what is signed, and how it is checked offline."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from firstlight.adapters.cli.commands.reviews.common import REVIEW, outline
from firstlight.adapters.cli.options import (
    ANONYMOUS,
    Local,
    Remote,
    local,
    read_file,
    read_text,
    remote,
    write_file,
)
from firstlight.adapters.cli.output import shown
from firstlight.core.kernel.errors import Invalid

_HEX = re.compile(r"[0-9a-f]{64}")
_FILE = click.argument("file", metavar="FILE")
_NUMBER = click.argument("number", metavar="NUMBER", type=click.IntRange(1, 1000))
_KEY = click.option(
    "--key",
    required=True,
    metavar="KEY",
    help="The installation's public key in hex, or a file with it; from elsewhere.",
)


@click.group()
def receipt() -> None:
    """Signed receipts: who had what, when, and what was destroyed."""


@receipt.command("list")
@remote
@REVIEW
def list_receipts(session: Remote, review: str) -> None:
    """List the receipts of a closed review.

    Example: firstlight review receipt list FR-2026-0001
    """
    found = session.client.get("reviews", review, "receipts").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("NUMBER", "AT", "KEYS DESTROYED"),
        [
            [*shown(row, "number", "at"), "yes" if row["destroyed"] else "not yet"]
            for row in found["items"]
        ],
        empty="No receipt; the review is not closed.",
    )


@receipt.command("get")
@remote
@REVIEW
@_NUMBER
@_FILE
def get_receipt(session: Remote, review: str, number: int, file: str) -> None:
    """Write a signed receipt into a new FILE; - prints it.

    Example: firstlight review receipt get FR-2026-0001 1 receipt.json
    """
    _save(session, ("reviews", review, "receipts", str(number)), file, "receipt")


@receipt.command("verify")
@local
@_FILE
@_KEY
def verify_receipt(session: Local, file: str, key: str) -> None:
    """Check a receipt, without server, database or network.

    Proves who signed it and that it was not altered; not that what it claims is true.

    Exit code 0: it holds. 1: it does not.

    Example: firstlight review receipt verify receipt.json --key receipt.key
    """
    from firstlight.adapters.vault.receipt import check_receipt  # noqa: PLC0415  # cryptography

    _proved(session, check_receipt(read_file(file), _public(key)))


@click.group()
def act() -> None:
    """Signed acts of the developer: each extension of a window."""


@act.command("list")
@remote
@REVIEW
def list_acts(session: Remote, review: str) -> None:
    """List the signed acts of a review.

    Example: firstlight review act list FR-2026-0001
    """
    found = {"items": session.client.get("reviews", review).json()["acts"]}
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("NUMBER", "ACT", "AT", "BY", "OWN KEY"),
        [
            [*shown(row, "number", "kind", "at", "by"), row["own_key"][:16] or "none"]
            for row in found["items"]
        ],
        empty="No window was extended.",
    )


@act.command("get")
@remote
@REVIEW
@_NUMBER
@_FILE
def get_act(session: Remote, review: str, number: int, file: str) -> None:
    """Write a signed act into a new FILE; - prints it.

    Example: firstlight review act get FR-2026-0001 1 act.json
    """
    _save(session, ("reviews", review, "acts", str(number)), file, "act")


@act.command("verify")
@local
@_FILE
@_KEY
@click.option(
    "--own-key", metavar="KEY", help="The developer's own public key; its signature must be there."
)
def verify_act(session: Local, file: str, key: str, own_key: str | None) -> None:
    """Check a signed act, without server, database or network.

    Exit code 0: it holds. 1: it does not.

    Example: firstlight review act verify act.json --key act.key
    """
    from firstlight.adapters.vault.acts import check_act  # noqa: PLC0415  # loads cryptography

    own = _public(own_key) if own_key else None
    _proved(session, check_act(read_file(file), _public(key), own))


@act.command("new-key")
@local
@_FILE
def new_key(session: Local, file: str) -> None:
    """Make a signing key of your own in a new FILE that only you can read.

    It stays on this machine. Tell others its public key, which is printed.

    Example: firstlight review act new-key developer.pem
    """
    from firstlight.adapters.vault.own_key import OwnKey  # noqa: PLC0415  # loads cryptography

    public = OwnKey.create(file).public_key.hex()
    if session.out.as_json:
        session.out.json({"file": file, "public_key": public})
        return
    session.out.facts({"Key": file, "Public key": public})


@click.command()
@remote
@ANONYMOUS
def keys(session: Remote) -> None:
    """Show the public keys that sign receipts and acts here.

    Compare them with what the operator told you by another way before you rely on them.

    Example: firstlight review keys
    """
    found = session.client.get("reviews", "keys").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("SIGNS", "PUBLIC KEY"),
        [shown(row, "purpose", "public_key") for row in found["items"]],
        empty="No keys.",
    )


def _save(session: Remote, path: tuple[str, ...], file: str, what: str) -> None:
    content = session.client.get(*path).content
    if file == "-":
        sys.stdout.buffer.write(content)
        return
    write_file(file, [content])
    if session.out.as_json:
        session.out.json({"file": file, "bytes": len(content)})
    session.out.say(
        f"It is in {file}. Check it: firstlight review {what} verify {file} --key KEY, with the "
        "key that the operator told you; `firstlight review keys` shows it, too."
    )


def _public(text: str) -> bytes:
    """A public key in hex, or the name of a file with one."""
    plain = text if _HEX.fullmatch(text) else read_text(text).strip()
    if not _HEX.fullmatch(plain):
        raise Invalid("this is no public key in hex (64 digits)", field="key")
    return bytes.fromhex(plain)


def _proved(session: Local, said: Mapping[str, Any]) -> None:
    if session.out.as_json:
        session.out.json({"holds": True, "said": dict(said)})
        return
    session.out.say("HOLDS: signed with that key, and not altered since. It says:")
    session.out.text("\n".join(outline(dict(said), 1)))
