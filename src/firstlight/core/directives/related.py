"""Instruments beside the order, with dates of their own."""

from __future__ import annotations

from datetime import date

from firstlight.core.directives.model import Duty, Instrument

_BOD = "BOD-26-04"
_BOD_ISSUED = date(2026, 6, 10)
_NSPM = "NSPM-11"
_NSPM_ISSUED = date(2026, 6, 5)
_AGENCIES = ("civilian federal agencies",)

INSTRUMENTS: tuple[Instrument, ...] = (
    Instrument(
        key=_NSPM,
        title="National Security Presidential Memorandum 11",
        issuer="President of the United States",
        signed=_NSPM_ISSUED,
        reference="NSPM-11",
        touches=("3(b)",),
    ),
    Instrument(
        key=_BOD,
        title="Binding Operational Directive 26-04: time to remedy known flaws",
        issuer="Cybersecurity and Infrastructure Security Agency",
        signed=_BOD_ISSUED,
        reference="CISA BOD 26-04",
        revokes=("BOD 19-02", "BOD 22-01"),
        touches=("2(c)(i)",),
    ),
)

DUTIES: tuple[Duty, ...] = (
    Duty(
        key=_NSPM,
        instrument=_NSPM,
        paragraph="NSPM-11",
        lead=("agencies that engage with AI developers",),
        consulted=(),
        text="Agencies bring their engagements with industry into line with each other, so that a"
        " developer meets one door and not several.",
        starts=_NSPM_ISSUED,
    ),
    Duty(
        key=_BOD,
        instrument=_BOD,
        paragraph="BOD 26-04",
        lead=_AGENCIES,
        consulted=(),
        text="Remedy a flaw within the time that four answers give: known to be exploited, asset"
        " exposed, automatable, total or partial impact. The clock starts at the earlier of KEV"
        " listing and detection on the asset.",
        starts=_BOD_ISSUED,
    ),
    Duty(
        key=f"{_BOD}-full",
        instrument=_BOD,
        paragraph="BOD 26-04, full enforcement",
        lead=_AGENCIES,
        consulted=(),
        text="From this day the times of BOD 26-04 are enforced in full.",
        starts=date(2026, 12, 7),
    ),
)
