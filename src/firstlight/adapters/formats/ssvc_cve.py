"""CISA's SSVC answers out of CVE records (its *Vulnrichment* container), for a whole catalogue.

Read are CVE records 5.x, one after another or in an array, plain, with gzip, or as a zip. A record
without the container says nothing and is passed over. Half a catalogue would turn "answered" into
"not answered", so a file with a record that cannot be read is refused whole, with its position.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Any

from firstlight.adapters.formats.bulk.read import read_records
from firstlight.core.clearinghouse.finding import Format
from firstlight.core.clearinghouse.intake.flood import Broken, Candidate, Fault
from firstlight.core.clearinghouse.priority.sources import SsvcCatalogue, SsvcFact, cve_id
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, TooLarge

MAX_FACTS = 500_000
"""all CVE records together are some 300,000"""
_VALUES = {
    "Exploitation": ("exploitation", frozenset({"none", "poc", "active"})),
    "Automatable": ("automatable", frozenset({"yes", "no"})),
    "Technical Impact": ("technical_impact", frozenset({"partial", "total"})),
}


class MalformedSsvc(Invalid):
    """This holds no SSVC answers as CISA publishes them in CVE records."""

    code = "ssvc.malformed"
    next_step = "Get the CVE records from CISA again; `position` says where it fails."


def parse_ssvc(data: bytes) -> SsvcCatalogue:
    """Read the answers of all records; of several in one record the newest counts.

    Raises:
        MalformedSsvc: a record cannot be read, or none has answers.
        TooLarge: more than `MAX_FACTS`.
    """
    facts: dict[str, SsvcFact] = {}
    for one in read_records(io.BytesIO(data)):
        if isinstance(one, Fault):
            raise MalformedSsvc(f"{one.position}: {one.reason}", position=one.position)
        if isinstance(one, Broken):
            raise MalformedSsvc(f"{one.position}: {one.error.message}", position=one.position)
        if not isinstance(one, Candidate):
            continue
        if one.format is not Format.CVE:
            raise MalformedSsvc(f"{one.position} is no CVE record", position=one.position)
        for fact in _facts(json.loads(one.document), one.position):
            known = facts.get(fact.cve)
            if known is None or known.dated <= fact.dated:
                facts[fact.cve] = fact
        if len(facts) > MAX_FACTS:
            raise TooLarge("the file has too many answers", limit=MAX_FACTS)
    if not facts:
        raise MalformedSsvc("no record has SSVC answers")
    newest = max(facts.values(), key=lambda fact: (fact.dated, fact.cve))
    return SsvcCatalogue(
        version=f"SSVC {newest.version}", dated=newest.dated, facts=MappingProxyType(facts)
    )


def _facts(record: Any, position: str) -> Iterator[SsvcFact]:  # noqa: ANN401  # decoded JSON
    try:
        name = cve_id(record["cveMetadata"]["cveId"])
        for container in record["containers"].get("adp", ()):
            for metric in container.get("metrics", ()):
                other = metric.get("other", {})
                if other.get("type") == "ssvc":
                    yield _fact(name, other["content"])
    except (KeyError, TypeError, AttributeError, ValueError, Invalid) as error:
        raise MalformedSsvc(f"{position}: {str(error)[:100]}", position=position) from None


def _fact(name: str, content: Any) -> SsvcFact:  # noqa: ANN401  # decoded JSON
    given: dict[str, str] = {}
    for option in content["options"]:
        for question, answer in option.items():
            field, values = _VALUES.get(question, ("", frozenset()))
            if field and answer.lower() in values:
                given[field] = answer.lower()
    return SsvcFact(
        cve=name,
        version=str(content.get("version", ""))[:40],
        dated=_day(content["timestamp"]),
        **given,
    )


def _day(text: str) -> date:
    # Some records write a moment without its zone; the day is what is needed.
    return date.fromisoformat(text[:10]) if "T" in text else Instant.parse(text).utc.date()
