"""Load the catalogues of others (KEV, EPSS, SSVC) and ask them about a flaw.

Each load replaces the catalogue before as a whole, so what its publisher removed is gone here too.
A catalogue that was never loaded answers "not loaded", never "no".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time

from firstlight.core.clearinghouse.priority.sources import (
    EpssNotLoaded,
    EpssScores,
    EpssStatus,
    KevCatalogue,
    KevEntry,
    KevNotLoaded,
    KevStatus,
    RansomwareUse,
    SsvcCatalogue,
    SsvcFact,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import SourceStatus, UnitOfWork

KEV = "kev"
EPSS = "epss"
SSVC = "ssvc"


def load_kev(context: Context, actor: Actor, catalogue: KevCatalogue, origin: str) -> SourceStatus:
    """Replace the catalogue of known exploited vulnerabilities.

    Raises:
        Refused: the actor may not.
    """
    rows = (
        (cve, {"added": entry.added.isoformat(), "ransomware": entry.ransomware.value})
        for cve, entry in catalogue.entries.items()
    )
    now = context.clock.now()
    status = SourceStatus(
        name=KEV,
        version=catalogue.version,
        dated=catalogue.released.utc.date(),
        loaded_at=now,
        origin=origin,
        count=len(catalogue.entries),
    )
    return _load(context, actor, status, rows)


def load_epss(context: Context, actor: Actor, scores: EpssScores, origin: str) -> SourceStatus:
    """Replace the EPSS scores.

    Raises:
        Refused: the actor may not.
    """
    rows = (
        (cve, {"probability": probability, "percentile": percentile})
        for cve, (probability, percentile) in scores.scores.items()
    )
    now = context.clock.now()
    status = SourceStatus(
        name=EPSS,
        version=scores.model,
        dated=scores.scored.utc.date(),
        loaded_at=now,
        origin=origin,
        count=len(scores.scores),
    )
    return _load(context, actor, status, rows)


def load_ssvc(
    context: Context, actor: Actor, catalogue: SsvcCatalogue, origin: str
) -> SourceStatus:
    """Replace CISA's SSVC answers.

    Raises:
        Refused: the actor may not.
    """
    rows = (
        (
            cve,
            {
                "exploitation": fact.exploitation,
                "automatable": fact.automatable,
                "technical_impact": fact.technical_impact,
                "version": fact.version,
                "dated": fact.dated.isoformat(),
            },
        )
        for cve, fact in catalogue.facts.items()
    )
    status = SourceStatus(
        name=SSVC,
        version=catalogue.version,
        dated=catalogue.dated,
        loaded_at=context.clock.now(),
        origin=origin,
        count=len(catalogue.facts),
    )
    return _load(context, actor, status, rows)


def ssvc_facts(work: UnitOfWork, cves: Sequence[str]) -> Sequence[SsvcFact]:
    """CISA's answers about a flaw with these CVE identifiers; none where none were loaded."""
    rows = work.sources.lookup(SSVC, cves)
    return tuple(
        SsvcFact(
            cve=cve,
            exploitation=str(row["exploitation"]),
            automatable=str(row["automatable"]),
            technical_impact=str(row["technical_impact"]),
            version=str(row["version"]),
            dated=date.fromisoformat(str(row["dated"])),
        )
        for cve, row in sorted(rows.items())
    )


def _load(
    context: Context,
    actor: Actor,
    status: SourceStatus,
    rows: Iterator[tuple[str, Mapping[str, Json]]],
) -> SourceStatus:
    allow(actor, Action.SOURCE_LOAD)
    with context.storage.begin() as work:
        work.sources.replace(status, rows)
        record(
            context,
            work,
            now=status.loaded_at,
            actor=actor,
            action=Action.SOURCE_LOAD,
            subject=f"source:{status.name}",
            rule="a catalogue is replaced as a whole",
            facts={
                "version": status.version,
                "dated": status.dated.isoformat(),
                "origin": status.origin,
                "count": status.count,
            },
        )
    return status


def kev_status(work: UnitOfWork, cves: Sequence[str]) -> KevStatus:
    """What the loaded KEV catalogue says about a flaw with these CVE identifiers."""
    status = work.sources.status(KEV)
    if status is None:
        return KevNotLoaded()
    entries = {
        cve: KevEntry(
            cve=cve,
            added=datetime.fromisoformat(str(row["added"])).date(),
            ransomware=RansomwareUse(str(row["ransomware"])),
        )
        for cve, row in work.sources.lookup(KEV, cves).items()
    }
    return KevCatalogue(version=status.version, released=_midnight(status), entries=entries).status(
        cves
    )


def epss_status(work: UnitOfWork, cves: Sequence[str]) -> EpssStatus:
    """What the loaded EPSS scores say about a flaw with these CVE identifiers."""
    status = work.sources.status(EPSS)
    if status is None:
        return EpssNotLoaded()
    scores = {
        cve: (float(str(row["probability"])), float(str(row["percentile"])))
        for cve, row in work.sources.lookup(EPSS, cves).items()
    }
    return EpssScores(model=status.version, scored=_midnight(status), scores=scores).status(cves)


def _midnight(status: SourceStatus) -> Instant:
    return Instant(datetime.combine(status.dated, time(), UTC))
