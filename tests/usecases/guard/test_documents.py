"""Advisories on their way into the public zone, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.usecases.conftest import Bench
from tests.usecases.guard.test_messages import sealed_report
from tests.usecases.test_story import render, stored

from firstlight.adapters.storage.guard_queries import DjangoGuardQueries
from firstlight.core.clearinghouse.advisory.draft import Text
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.finding import Location
from firstlight.core.guard.model import Rule
from firstlight.core.guard.record import KeptState
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.advisories.prepare import (
    approve_advisory,
    draft_advisory,
    edit_advisory,
)
from firstlight.usecases.advisories.publish import (
    publish_advisory,
    publish_due,
    rebuild_zone,
    withdraw_published,
)
from firstlight.usecases.findings.submit import submit
from firstlight.usecases.guard.deciding import release
from firstlight.usecases.guard.documents import Stopped, cleared


def drafted(bench: Bench, lead: Actor, **words: str) -> Advisory:
    """The draft of a reproduced flaw, with these words in it."""
    finder = bench.actor(Role.FINDER)
    (receipt,) = submit(bench.context, finder, [sealed_report()], b"{}")
    bench.validate(receipt.finding)
    case = stored(bench, receipt.finding).case
    advisory = draft_advisory(bench.context, lead, case)
    return edit_advisory(bench.context, lead, advisory.id, Text(**words), version=advisory.version)


def approve(bench: Bench, lead: Actor, advisory: Advisory) -> Advisory:
    """For now."""
    return approve_advisory(
        bench.context, lead, advisory.id, bench.clock.now(), version=advisory.version
    )


def test_an_advisory_tells_its_own_case(bench: Bench) -> None:
    """Its title, file, function and names leave with it."""
    lead = bench.actor(Role.COORDINATOR)
    told = "In parse_frame_header, src/codec/frame_parser.c, CVE-2026-41007."
    approve(bench, lead, drafted(bench, lead, details=told))
    (public,) = publish_due(bench.context, render)
    assert (bench.zone / f"{public.number}.txt").exists()


def test_an_advisory_tells_no_other_open_case(bench: Bench) -> None:
    """Its approval is refused with the rule; nothing was to leave, so nothing is kept."""
    lead = bench.actor(Role.COORDINATOR)
    advisory = drafted(bench, lead, details="See also decode_long_packet.")
    other = replace(
        sealed_report(),
        title="Another flaw",
        proofs=(),
        identifiers=(),
        root_cause=Location(function="decode_long_packet"),
    )
    submit(bench.context, bench.actor(Role.FINDER), [other], b"{2}")
    with pytest.raises(Stopped, match="open finding"):
        approve(bench, lead, advisory)
    assert DjangoGuardQueries().verdicts(lead, (), cursor=None, limit=9).rows == ()


def test_what_was_sealed_after_the_approval_stops_the_release(bench: Bench) -> None:
    """It is judged at go-live as well, and stays in; the verdict is kept once."""
    lead = bench.actor(Role.COORDINATOR)
    advisory = approve(bench, lead, drafted(bench, lead, details="See decode_long_packet."))
    other = replace(
        sealed_report(),
        title="Another flaw",
        proofs=(),
        identifiers=(),
        root_cause=Location(function="decode_long_packet"),
    )
    submit(bench.context, bench.actor(Role.FINDER), [other], b"{2}")
    assert publish_advisory(bench.context, advisory.id, render) is None
    assert publish_advisory(bench.context, advisory.id, render) is None
    (kept,) = DjangoGuardQueries().verdicts(lead, (), cursor=None, limit=9).rows
    assert (kept.state, kept.rule) == (KeptState.BLOCKED, Rule.SEALED)
    assert not bench.zone.exists()


def test_a_held_advisory_is_public_when_a_person_released_it(bench: Bench) -> None:
    """It waits from its approval on, so that the decision can be made before go-live."""
    lead = bench.actor(Role.COORDINATOR)
    advisory = approve(bench, lead, drafted(bench, lead, details="Found by who@example.com."))
    assert publish_due(bench.context, render) == []
    (kept,) = DjangoGuardQueries().verdicts(lead, [KeptState.HELD], cursor=None, limit=9).rows
    assert kept.rule is Rule.PERSONAL
    release(bench.context, lead, kept.id, "The finder asked to be named so.")
    (public,) = publish_due(bench.context, render)
    assert public.id == advisory.id
    assert public.state is AdvisoryState.PUBLISHED


def test_a_changed_text_is_judged_anew(bench: Bench) -> None:
    """A release is of the words that were read, and of no others."""
    lead = bench.actor(Role.COORDINATOR)
    advisory = approve(bench, lead, drafted(bench, lead, details="Found by who@example.com."))
    (kept,) = DjangoGuardQueries().verdicts(lead, [KeptState.HELD], cursor=None, limit=9).rows
    release(bench.context, lead, kept.id, "The finder asked to be named so.")
    with bench.context.storage.begin() as work:
        locked = work.advisories.lock(advisory.id)
        work.advisories.save(replace(locked, details="Found by other@example.com."))
    assert publish_due(bench.context, render) == []


def test_the_reason_of_a_withdrawal_passes_the_guard(bench: Bench) -> None:
    """What it may not say is refused at once; the advisory stays as it is."""
    lead = bench.actor(Role.COORDINATOR)
    approve(bench, lead, drafted(bench, lead))
    (public,) = publish_due(bench.context, render)
    with pytest.raises(Stopped):
        withdraw_published(bench.context, lead, public.id, "who@example.com asked for it.", render)
    gone = withdraw_published(bench.context, lead, public.id, "It was no flaw.", render)
    assert gone.state is AdvisoryState.WITHDRAWN


def test_what_is_public_is_written_again_whatever_is_sealed_now(bench: Bench) -> None:
    """A later report that names the same function takes nothing out of the public zone."""
    lead = bench.actor(Role.COORDINATOR)
    approve(bench, lead, drafted(bench, lead, details="In parse_frame_header."))
    publish_due(bench.context, render)
    bench.clock.turn(timedelta(days=1))
    submit(bench.context, bench.actor(Role.FINDER), [sealed_report()], b"{3}")
    assert rebuild_zone(bench.context, render) == 1


def test_only_what_was_released_is_cleared(bench: Bench) -> None:
    """A draft has no files."""
    lead = bench.actor(Role.COORDINATOR)
    with pytest.raises(ValueError, match="released"):
        cleared(drafted(bench, lead), render)
