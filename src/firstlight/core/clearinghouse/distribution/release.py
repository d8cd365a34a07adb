"""The one gate to the public zone: only a published, TLP:CLEAR advisory at or after its go-live."""

from __future__ import annotations

from firstlight.core.clearinghouse.finding import Finding
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Refused
from firstlight.core.kernel.marking import Marking


class NotReleased(Refused):
    """This may not leave for the public zone."""

    code = "distribution.not_released"
    next_step = "Approve the advisory as TLP:CLEAR and wait for its go-live time."


def require_release(*, marking: Marking, go_live: Instant | None, now: Instant) -> None:
    """Raise unless it may be public at `now`.

    Raises:
        NotReleased: the marking is stricter than TLP:CLEAR, or go-live lies ahead or is not set.
    """
    if marking is not Marking.CLEAR:
        raise NotReleased(f"it is marked {marking.value}")
    if go_live is None or now < go_live:
        raise NotReleased(f"its go-live time is {go_live or 'not set'}")


def credited(findings: list[Finding]) -> list[str]:
    """Names of those finders who agreed to be named, in order of arrival, each once."""
    names = [
        finding.report.contact.credit_name or finding.report.contact.name
        for finding in findings
        if finding.report.contact.credit
    ]
    return list(dict.fromkeys(name for name in names if name))
