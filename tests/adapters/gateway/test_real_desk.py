"""The gateway over the real desk: real people, both databases, real clients, hostile situations.

Each hostile situation happens while a stream is open, and the time until its end is measured.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openai
import pytest
from benchmarks.gateway.installation import UNLIMITED, Installation
from tests.adapters.gateway import plain
from tests.adapters.gateway.official import anthropic_client, openai_client
from tests.adapters.gateway.real import Site, port_of, running
from tests.adapters.gateway.running import REAL_KEY, kill
from tests.adapters.gateway.test_cutting import PROMISE, chat, messages, responses

from firstlight.adapters.machine import SystemClock
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import SYSTEM, Actor
from firstlight.core.review.engagement import ReleaseTo
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import PresenceId, UseId
from firstlight.core.review.presence import Presence
from firstlight.core.review.terms import Heading
from firstlight.core.review.using import Outcome, Part
from firstlight.usecases.accounts.people import end_membership
from firstlight.usecases.ports.sealed import KeyDestroyed
from firstlight.usecases.reviews import arranging, ending, granting
from firstlight.usecases.uses import content, keys, presence, stopping


def test_the_official_clients_pass(site: Site) -> None:
    """Three protocols, whole and streamed; each use is in the books with figures and its digest."""
    made = site.install()
    _, key = made.grant()
    for ask in (chat, responses, messages):
        stream = ask(site.url, key)
        for _ in range(5):
            next(stream)
        stream.close()  # type: ignore[attr-defined]  # a generator
    client = openai_client(site.url, key, max_retries=0)
    said = client.chat.completions.create(
        model="recorded", messages=[{"role": "user", "content": "hello"}]
    )
    assert said.choices[0].message.content
    other = anthropic_client(site.url, key, max_retries=0)
    told = other.messages.create(
        model="recorded", max_tokens=99, messages=[{"role": "user", "content": "hello"}]
    )
    use = site.use_of(made)
    assert use.end is not None
    assert (use.end.outcome, use.end.status, use.model) == (Outcome.COMPLETE, 200, "recorded")
    assert use.end.usage.output_tokens == told.usage.output_tokens
    assert use.person == made.reviewer.person
    shown = site.endpoint.seen[-1]
    assert shown.all("x-api-key") == [REAL_KEY]
    assert shown.all("firstlight-use") == [str(use.id)]


Act = Callable[[Site, Installation, Grant], object]


def leave_agency(site: Site, _made: Installation, grant: Grant) -> None:
    """An administrator ends the reviewer's membership."""
    end_membership(
        site.parts.context, site.parts.accounts, SYSTEM, grant.person, grant.organisation
    )


def launch(site: Site, made: Installation, _grant: Grant) -> None:
    """Before the window ends, without keeping access."""
    ending.launch(
        site.parts.context, made.developer, made.engagement, to=ReleaseTo.PUBLIC, keeps_access=False
    )


def skew(site: Site, made: Installation, grant: Grant) -> None:
    """A portal whose clock is five seconds ahead writes something down."""

    class Ahead:
        def now(self) -> Instant:
            """Five seconds too late."""
            return SystemClock().now().plus(timedelta(seconds=5))

    context = replace(site.parts.context, clock=Ahead())
    arranging.extend_window(
        context, made.developer, made.engagement, audience=grant.audience, days=1
    )


ENDS: dict[str, tuple[str, Act]] = {
    "the developer revokes": (
        "gateway.grant_revoked",
        lambda _site, made, grant: made.revoke(grant),
    ),
    "the reviewer's own office halts it": (
        "gateway.grant_suspended",
        lambda site, made, grant: granting.suspend_grant(
            site.parts.context, made.reviewer, grant.id, reason="A leak.", conditions="It is shut."
        ),
    ),
    "the one button": (
        "gateway.grant_suspended",
        lambda site, made, _grant: stopping.halt_everything(
            site.parts.context, made.developer, made.engagement
        ),
    ),
    "the developer withdraws": (
        "gateway.grant_revoked",
        lambda site, made, _grant: ending.withdraw(
            site.parts.context, made.developer, made.engagement
        ),
    ),
    "the developer closes": (
        "gateway.grant_revoked",
        lambda site, made, _grant: ending.close(
            site.parts.context, site.parts.vault, made.developer, made.engagement
        ),
    ),
    "a launch before the window ends": ("gateway.grant_expired", launch),
    "the reviewer leaves the agency": ("gateway.grant_revoked", leave_agency),
    "the office is removed": (
        "gateway.grant_revoked",
        lambda site, made, grant: arranging.decide_office(
            site.parts.context,
            site.parts.accounts,
            made.developer,
            made.engagement,
            office=grant.organisation,
            move="remove",
        ),
    ),
    "the artefact is taken back": (
        "gateway.artefact_not_granted",
        lambda site, made, grant: arranging.remove_artefact(
            site.parts.context, made.developer, made.engagement, grant.artefact
        ),
    ),
    "the terms change": (
        "gateway.terms_not_accepted",
        lambda site, made, _grant: arranging.set_terms(
            site.parts.context,
            made.developer,
            made.engagement,
            changes={next(iter(Heading)): "Other words."},
        ),
    ),
    "the key is replaced": (
        "gateway.key_replaced",
        lambda site, made, grant: keys.make_key(site.parts.context, made.reviewer, grant.id),
    ),
    "the clocks differ": ("gateway.clocks_differ", skew),
}


@pytest.mark.parametrize("what", ENDS)
def test_an_open_stream_is_cut(
    site: Site, what: str, record_property: Callable[[str, object], None]
) -> None:
    """Within a second, with the reason in the protocol's own words; a new request is refused."""
    code, act = ENDS[what]
    made = site.install()
    grant, key = made.grant()
    stream = chat(site.url, key)
    for _ in range(10):
        next(stream)
    act(site, made, grant)
    began = time.monotonic()
    with pytest.raises(openai.APIError) as raised:
        list(stream)
    taken = time.monotonic() - began
    record_property("seconds", taken)
    assert taken < PROMISE
    assert raised.value.code == code
    use = site.use_of(made)
    assert use.end is not None
    assert (use.end.outcome, use.end.reason) == (Outcome.CUT, code)
    with pytest.raises(openai.APIStatusError):
        next(chat(site.url, key))


def test_the_grants_time_ends_by_itself(site: Site) -> None:
    """Nobody does anything."""
    made = site.install()
    _, key = made.grant(until=timedelta(seconds=2.5))
    began = time.monotonic()
    with pytest.raises(openai.APIError) as raised:
        list(chat(site.url, key))
    assert raised.value.code == "gateway.grant_expired"
    assert time.monotonic() - began < 2.5 + PROMISE


@contextmanager
def accompanied(
    site: Site, made: Installation, seconds: float
) -> Iterator[tuple[Actor, Grant, str]]:
    """A grant whose second person is there for so many seconds."""
    second = made.join()
    assert second.person is not None
    grant, key = made.grant(seconds=(second.person,))
    context = site.parts.context
    now = context.clock.now()
    with context.storage.begin() as work:
        work.presences.add(
            Presence(
                id=context.mint.new(PresenceId, now),
                grant=grant.id,
                person=second.person,
                began=now,
                until=now.plus(timedelta(seconds=seconds)),
            )
        )
    yield second, grant, key


def test_the_second_persons_time_ends_by_itself(site: Site) -> None:
    """The stream ends within a second after it; nobody does anything."""
    made = site.install()
    with accompanied(site, made, 2.0) as (_, _, key):
        began = time.monotonic()
        with pytest.raises(openai.APIError) as raised:
            list(chat(site.url, key))
    assert raised.value.code == "gateway.second_person_absent"
    assert time.monotonic() - began < 2.0 + PROMISE
    assert site.use_of(made).second is not None


def test_a_second_person_who_renews_keeps_the_stream(site: Site) -> None:
    """Renewed in time, it goes on; when they leave, it ends."""
    made = site.install()
    with accompanied(site, made, 2.0) as (second, grant, key):
        stream = chat(site.url, key)
        next(stream)
        presence.begin_presence(site.parts.context, second, grant.id, minutes=5)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            next(stream)
        presence.end_presence(site.parts.context, second, grant.id)
        began = time.monotonic()
        with pytest.raises(openai.APIError) as raised:
            list(stream)
    assert time.monotonic() - began < PROMISE
    assert raised.value.code == "gateway.second_person_absent"


def test_a_budget_is_never_exceeded_by_many_at_once(site: Site) -> None:
    """Sixteen requests at the same moment, three in the budget: three pass."""
    made = site.install()
    _, key = made.grant(budget=replace(UNLIMITED, requests=3))

    def ask(_: int) -> int:
        return plain.ask(site.port, plain.body("recorded"), plain.head(key)).status

    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(pool.map(ask, range(16)))
    assert statuses == [200] * 3 + [429] * 13


def test_content_is_kept_sealed_and_dies_with_the_close(site: Site) -> None:
    """Only where the plan says so; exactly the bytes; unreadable after the key is destroyed."""
    made = site.install(keeps_content=True)
    _, key = made.grant()
    body = plain.body("recorded")
    reply = plain.ask(site.port, body, plain.head(key))
    use = site.use_of(made)

    def read(part: Part) -> bytes:
        pieces = content.read_content(
            site.parts.context,
            site.parts.vault,
            made.developer,
            made.engagement,
            use=use.id,
            part=part,
        )
        return b"".join(pieces)

    assert read(Part.REQUEST) == body
    assert read(Part.RESPONSE) == reply.body
    with site.parts.context.storage.look() as work:
        assert reply.body[:20] not in work.uses.piece(use.id, Part.RESPONSE, 0)
    ending.close(site.parts.context, site.parts.vault, made.developer, made.engagement)
    with pytest.raises(KeyDestroyed):
        read(Part.REQUEST)


def test_a_death_leaves_the_use_unfinished_and_reconciling_says_so(
    site: Site, tmp_path: Path
) -> None:
    """Kill -9 in mid-stream; the developer's export and its own log tell the same story."""
    made = site.install()
    _, key = made.grant()
    with running(tmp_path, site.environment) as (url, process, _):
        done = plain.ask(port_of(url), plain.body("recorded"), plain.head(key))
        assert done.status == 200
        site.use_of(made)
        stream = chat(url, key)
        for _ in range(5):
            next(stream)
        kill(process)
        with pytest.raises((openai.APIError, OSError, Exception)):  # the socket broke
            list(stream)
    use = site.use_of(made, closed=False)
    assert use.end is None
    export = tmp_path / "export.json"
    export.write_bytes(_export(site, made))
    log = tmp_path / "server.log"
    names = [name for seen in site.endpoint.seen for name in seen.all("firstlight-use")]
    mine = {str(one.id) for one in site.uses(made)}
    log.write_text("".join(json.dumps({"use": name}) + "\n" for name in names if name in mine))
    told = _reconcile(export, log)
    assert told.returncode == 1
    found = json.loads(told.stdout)
    assert found["unfinished"] == [str(use.id)]
    assert (found["uses"], found["requests"]) == (2, 2)
    assert not found["unknown"] + found["unrequested"] + found["doubled"]
    log.write_text(log.read_text() + json.dumps({"use": str(UseId.mint(0, bytes(10)))}) + "\n")
    assert json.loads(_reconcile(export, log).stdout)["unknown"] == [str(UseId.mint(0, bytes(10)))]
    altered = export.read_bytes().replace(b'"step":"opened"', b'"step":"closed"', 1)
    export.write_bytes(altered)
    assert _reconcile(export, log).returncode == 1


def _export(site: Site, made: Installation) -> bytes:
    from firstlight.adapters.storage.queries import DjangoQueries  # noqa: PLC0415  # needs Django
    from firstlight.core.kernel.canonical import canonical  # noqa: PLC0415
    from firstlight.usecases.ledger.export import export_ledger  # noqa: PLC0415

    return canonical(
        export_ledger(site.parts.context, DjangoQueries(), made.developer, [str(made.engagement)])
    )


def _reconcile(export: Path, log: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "firstlight",
            "ledger",
            "reconcile",
            "--json",
            str(export),
            str(log),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )


def test_no_key_is_in_clear_anywhere(site: Site) -> None:
    """Neither the developer's nor a reviewer's: not in the database, not in the gateway's log."""
    made = site.install()
    _, key = made.grant()
    assert plain.ask(site.port, plain.body("recorded"), plain.head(key)).status == 200
    for secret in (REAL_KEY.encode(), key.encode()):
        assert secret not in site.log.read_bytes()
        for path in site.folder.glob("*.sqlite3*"):
            assert secret not in path.read_bytes()


def test_it_stops_when_it_is_told(site: Site, tmp_path: Path) -> None:
    """SIGTERM ends open streams with the reason, and closes their uses in the books first."""
    made = site.install()
    _, key = made.grant()
    with running(tmp_path, site.environment) as (url, process, _):
        stream = chat(url, key)
        next(stream)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(openai.APIError) as raised:
            list(stream)
        assert raised.value.code == "gateway.stops"
        process.wait(20)
    use = site.use_of(made)
    assert use.end is not None
    assert use.end.reason == "gateway.stops"
