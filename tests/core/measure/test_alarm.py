"""Evidence that hangs together, decoys that are recognised, drafts that say what they must."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.clock import Instant
from firstlight.core.measure.alarm import (
    MEANINGS,
    START,
    Alarm,
    AlarmKind,
    ContainmentBroken,
    Entry,
    EvidenceBroken,
    verify_chain,
)
from firstlight.core.measure.decoys import ENTROPY_BYTES, VARIABLE, plant
from firstlight.core.measure.incident import Incident, Stopped

NOW = Instant(datetime(2026, 11, 26, 9, tzinfo=UTC))
entropies = st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES)
DECOYS = plant(bytes(range(ENTROPY_BYTES)))
tokens = st.sampled_from(sorted(DECOYS.credentials.values()))


def chain(count: int) -> bytes:
    """A file of evidence."""
    before, lines = START, b""
    for number in range(count):
        entry = Entry(number=number, at=NOW, kind="note", facts={"n": number}, before=before)
        before, lines = entry.hash, lines + entry.line()
    return lines


def test_every_alarm_is_explained() -> None:
    """Each has a sentence for a person."""
    assert set(MEANINGS) == set(AlarmKind)


@given(st.integers(0, 8))
def test_a_chain_holds(count: int) -> None:
    """What was written is read back, and its last hash is the head."""
    entries = verify_chain(chain(count))
    assert [one.facts["n"] for one in entries] == list(range(count))
    assert verify_chain(chain(count), entries[-1].hash if entries else START) == entries


@given(st.data())
def test_every_altered_byte_breaks_it(data: st.DataObject) -> None:
    """No byte of a chain can be other than it was written."""
    whole = chain(4)
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != whole[place]))
    altered = whole[:place] + bytes([byte]) + whole[place + 1 :]
    with pytest.raises(EvidenceBroken):
        verify_chain(altered, verify_chain(whole)[-1].hash)


@given(st.integers(0, 3))
def test_a_missing_entry_breaks_it(gone: int) -> None:
    """An entry that was taken out shows; at the end, against the head that was handed over."""
    lines = chain(4).splitlines(keepends=True)
    head = verify_chain(b"".join(lines))[-1].hash
    del lines[gone]
    with pytest.raises(EvidenceBroken):
        verify_chain(b"".join(lines), head)


@given(st.binary(max_size=200))
def test_anything_else_is_no_evidence(data: bytes) -> None:
    """Bytes that nobody wrote are refused, whatever they are."""
    with pytest.raises(EvidenceBroken):
        verify_chain(data + b"x\n")


@given(entropies, entropies)
def test_decoys_name_their_run(one: bytes, other: bytes) -> None:
    """Different entropy gives different credentials and hosts; the same gives the same."""
    mine, theirs = plant(one), plant(other)
    assert (mine == theirs) is (one == other)
    assert mine == plant(one)


def test_decoys_need_entropy() -> None:
    """Too little of it is refused."""
    with pytest.raises(ValueError, match="48 random bytes"):
        plant(b"short")


@given(tokens, st.binary(max_size=40), st.binary(max_size=40), st.integers(0, 5))
def test_a_credential_is_recognised_in_usual_encodings(
    token: str, before: bytes, after: bytes, form: int
) -> None:
    """In clear, hex, base64 at any offset, reversed and with white space between."""
    plain = token.encode()
    encoded = [
        before + plain + after,
        before + plain.hex().encode() + after,
        base64.b64encode(before + plain + after),
        base64.urlsafe_b64encode(before + plain + after),
        before + plain[::-1] + after,
        b"\n".join(plain[at : at + 5] for at in range(0, len(plain), 5)),
    ][form]
    assert DECOYS.called(encoded)
    assert DECOYS.leaving(encoded)


@given(st.binary(max_size=400))
def test_other_text_is_left_alone(text: bytes) -> None:
    """What holds no decoy is none."""
    assert not DECOYS.called(text)
    assert not DECOYS.leaving(text)


def test_a_host_is_an_alarm_when_asked_for_and_none_when_shown() -> None:
    """The host stands in the environment for all to see; asking for it is going astray."""
    host = DECOYS.hosts[0]
    assert DECOYS.called(f"curl https://{host.upper()}/".encode())
    assert DECOYS.called(f"curl ${VARIABLE}".encode())
    assert not DECOYS.leaving(f"{VARIABLE}=https://{host}".encode())


@given(entropies)
def test_the_environment_gives_no_credential_away(entropy: bytes) -> None:
    """Printing every variable is harmless."""
    decoys = plant(entropy)
    assert not decoys.leaving(" ".join(decoys.environment.values()).encode())


def draft(kind: AlarmKind, *, survivors: int = 0, seen: str = "it was seen") -> Incident:
    """A draft after an alarm of this kind."""
    return Incident(
        run="run-1",
        alarm=Alarm(kind=kind, at=NOW, sample="s-1", seen=seen),
        began_at=NOW,
        stopped=Stopped(
            frozen_after=3, dead_after=40, killed=5, survivors=survivors, leader="it heard"
        ),
        last_proof="",
        samples=["s-1"],
        blind=["The far side could not be seen."],
        evidence="evidence.jsonl",
        head="ab" * 32,
    )


@pytest.mark.parametrize("kind", AlarmKind)
def test_a_draft_says_what_it_must(kind: AlarmKind) -> None:
    """Times, what was seen and reached, whom to tell, what is unknown, and the evidence's head."""
    made = draft(kind)
    text = made.markdown()
    for needed in (
        MEANINGS[kind],
        str(NOW),
        "40 ms",
        "it was seen",
        "## What was reached",
        "## Whom to notify",
        "The developer of the model",
        "## What is not known",
        "The far side could not be seen.",
        "ab" * 32,
    ):
        assert needed in text
    assert made.facts()["draft"] is True
    assert len(made.notify()) >= 3


def test_what_may_have_been_reached_concerns_its_owner() -> None:
    """Where a wall was open, the owner of what was reached and the office are to be told."""
    assert any("owner" in line for line in draft(AlarmKind.PROBE).notify())
    assert not any("owner" in line for line in draft(AlarmKind.EGRESS).notify())


def test_a_survivor_is_said_first_thing() -> None:
    """A process that could not be killed needs a person at once."""
    assert any("Cut the network" in line for line in draft(AlarmKind.WALL, survivors=1).notify())


def test_text_of_strangers_cannot_pass_for_ours() -> None:
    """What an alarm saw keeps to its line and opens no link, heading or code."""
    text = draft(AlarmKind.PROCESS, seen="x\n# Resolved\n`<b>`").markdown()
    assert "\n# Resolved" not in text
    assert "<b>" not in text


def test_the_error_carries_the_alarm() -> None:
    """Who leads a run is told which alarm it was and where the evidence lies."""
    error = ContainmentBroken.of(draft(AlarmKind.WALL).alarm, "/somewhere")
    assert error.details["kind"] == "wall"
    assert error.details["folder"] == "/somewhere"
    assert MEANINGS[AlarmKind.WALL] in error.message
