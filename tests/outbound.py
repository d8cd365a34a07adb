"""What the outbound guard lets pass, and a guard, for tests of what comes after it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.core.guard.judge import judge
from firstlight.core.guard.material import Knowledge
from firstlight.core.guard.model import PUBLIC, Channel, Outgoing, Recipient
from firstlight.core.guard.passing import Passed, passed
from firstlight.usecases.ports import Cleared

if TYPE_CHECKING:
    from firstlight.usecases.guard.gate import Gate


def let_pass(channel: Channel, to: str, subject: str, body: str) -> Passed:
    """A text in which there is nothing to be found."""
    reader = PUBLIC if channel is Channel.DOCUMENT else Recipient(address=to)
    outgoing = Outgoing(channel=channel, recipients=(reader,), subject=subject, body=body)
    out = passed(outgoing, judge(outgoing, Knowledge()))
    assert out is not None
    return out


def clear(files: Mapping[str, bytes]) -> Cleared:
    """Files for the public zone."""
    return Cleared(files=files, passed=let_pass(Channel.DOCUMENT, "", "An advisory", "Its text."))


def make_gate(folder: Path) -> Gate:
    """A guard over the database that `default` means; keys of its texts below `folder`."""
    from firstlight.adapters.identity.store import DjangoAccounts  # noqa: PLC0415  # needs Django
    from firstlight.usecases.guard.gate import Gate  # noqa: PLC0415  # likewise

    return Gate(vault=EngagementVault(folder / "guard-keys"), directory=DjangoAccounts())
