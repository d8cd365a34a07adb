"""Reports and advisories of every shape, for laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from firstlight.adapters.formats.limits import DEFAULT
from firstlight.adapters.formats.purl import package_of
from firstlight.adapters.formats.text import clean, clean_code, clean_line
from firstlight.core.clearinghouse.advisory.model import (
    Advisory,
    AdvisoryState,
    AffectedPackage,
    Credit,
    Revision,
)
from firstlight.core.clearinghouse.finding import (
    Attachment,
    Circumstances,
    Contact,
    Format,
    Known,
    Location,
    Product,
    Proof,
    Provenance,
    Report,
    Severity,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import AdvisoryId, CaseId
from firstlight.core.kernel.marking import Marking

VECTORS = (
    "",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:C/C:L/I:N/A:L/E:P/RL:O/RC:C",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/CR:H/MAV:L",
    "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    "AV:N/AC:L/Au:N/C:P/I:P/A:P",
    "CVSS:3.1/nonsense",
)
PACKAGES = (
    ("pkg:pypi/django", "PyPI"),
    ("pkg:npm/%40scope/name", "npm"),
    ("pkg:deb/debian/libxml2", "Debian:12"),
    ("pkg:generic/zlib", ""),
    ("pkg:maven/org.example/thing", "Maven"),
    ("", "Nowhere"),
)

characters = st.text(max_size=40)
blocks = characters.map(lambda text: clean(text, DEFAULT.block).strip())
lines = characters.map(lambda text: clean_line(text, DEFAULT.line))
some_lines = st.lists(lines.filter(bool), max_size=3, unique=True).map(tuple)
links = st.sampled_from(["https://a.example/", "http://b.example/x?y=1#z"])
purls = st.sampled_from(["", *(package_of(purl)[0] for purl, _ in PACKAGES if purl)])
known = st.sampled_from(Known)
attachments = st.builds(Attachment, name=lines, text=characters.map(clean_code))


def reports() -> st.SearchStrategy[Report]:
    """Reports as a plain document can hold them: text already safe, at least a title."""
    return st.builds(
        Report,
        format=st.just(Format.PLAIN),
        title=lines.filter(bool),
        description=blocks,
        trigger=blocks,
        impact=blocks,
        exploit=blocks,
        product=st.builds(
            Product,
            purl=purls,
            name=lines,
            versions=some_lines,
            last_unaffected=lines,
            fixed=some_lines,
            not_affected=blocks,
        ),
        severity=st.builds(Severity, vector=st.sampled_from(VECTORS), label=lines),
        cwe=st.lists(st.integers(1, 9999).map("CWE-{}".format), max_size=3, unique=True).map(tuple),
        identifiers=some_lines,
        root_cause=st.builds(
            Location, path=lines, line=st.none() | st.integers(1, 2**31 - 1), function=lines
        ),
        crash=blocks,
        proofs=st.lists(
            st.builds(
                Proof,
                name=lines,
                media_type=lines.filter(bool),
                data=st.binary(max_size=40),
                target=lines,
            ),
            max_size=3,
        ).map(tuple),
        patches=st.lists(attachments, max_size=2).map(tuple),
        tests=st.lists(attachments, max_size=2).map(tuple),
        references=st.lists(links, max_size=2, unique=True).map(tuple),
        fingerprints=some_lines,
        contact=st.builds(
            Contact,
            name=lines,
            email=lines,
            share_with_maintainer=st.booleans(),
            credit=st.booleans(),
            credit_name=lines,
        ),
        provenance=st.builds(
            Provenance,
            tool=lines,
            ai_used=known,
            ai_model=lines,
            ai_model_public=known,
            reporters=some_lines,
            origin_references=some_lines,
        ),
        circumstances=st.builds(
            Circumstances,
            exploited=known,
            public=known,
            shared_with=some_lines,
            work_around=blocks,
            disclosure_plan=blocks,
        ),
    )


versions = st.from_regex(r"\A[0-9]{1,2}\.[0-9x]{1,2}(rc1|\+b|-r[0-9]|~x| before 3)?\Z")


@st.composite
def affected_packages(draw: st.DrawFn) -> AffectedPackage:
    """A package whose versions do not contradict each other."""
    purl, ecosystem = draw(st.sampled_from(PACKAGES))
    seen = draw(st.lists(versions, max_size=5, unique=True))
    split = draw(st.integers(0, len(seen)))
    spared = seen[split:]
    fixed = draw(st.sampled_from(["", *spared, "99.9"]))
    return AffectedPackage(
        purl=purl,
        ecosystem=ecosystem,
        name=draw(lines),
        introduced=draw(st.sampled_from(["0", "", "1.0", "1:2.0-1"])),
        fixed=fixed,
        affected_versions=tuple(seen[:split]),
        unaffected_versions=tuple(spared),
    )


@st.composite
def advisories(draw: st.DrawFn) -> Advisory:
    """Advisories in every state, with text of every kind."""
    drafted = Instant(datetime(2026, 1, 1, tzinfo=UTC))
    hours = sorted(draw(st.lists(st.integers(1, 20_000), max_size=4)))
    revisions = tuple(
        Revision(number=number, at=drafted.plus(timedelta(hours=hour)), summary=draw(characters))
        for number, hour in enumerate(hours, start=1)
    )
    state = draw(st.sampled_from(AdvisoryState))
    return Advisory(
        id=AdvisoryId.mint(1, bytes(10)),
        case=CaseId.mint(1, bytes(10)),
        number=f"FL-2026-{draw(st.integers(1, 9999)):04}",
        state=state,
        marking=draw(st.sampled_from(Marking)),
        title=draw(characters),
        summary=draw(characters),
        details=draw(characters),
        packages=tuple(draw(st.lists(affected_packages(), min_size=1, max_size=3))),
        cwe=tuple(draw(st.lists(st.integers(1, 1500).map("CWE-{}".format), max_size=3))),
        identifiers=tuple(
            draw(
                st.lists(
                    st.sampled_from(["CVE-2020-1234", "CVE-2021-0001", "GHSA-22c2-33f3-44g4", "x"]),
                    max_size=3,
                )
            )
        ),
        cvss=draw(st.sampled_from(VECTORS)),
        references=tuple(draw(st.lists(links | characters, max_size=3))),
        credits=tuple(
            draw(
                st.lists(
                    st.builds(
                        Credit, name=characters, kind=st.sampled_from(["finder", "tool", ""])
                    ),
                    max_size=3,
                )
            )
        ),
        mitigation=draw(characters),
        drafted_at=drafted,
        revisions=revisions,
    )
