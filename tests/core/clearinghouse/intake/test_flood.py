from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.finding import Format
from firstlight.core.clearinghouse.intake.flood import (
    BATCH_MOVES,
    BatchState,
    Candidate,
    CandidateId,
    Turns,
    candidate_id,
    candidate_key,
    content_of,
    key_of,
    likeness,
    steady,
)
from firstlight.core.kernel.ids import OrganisationId

_OWNER = OrganisationId.mint(1, b"0123456789")


def made(kind: int, line: int) -> Candidate:
    """A record of a kind, at a line."""
    document = f"{kind} {line}".encode()
    return Candidate(Format.SARIF, likeness(str(kind)), content_of(document), document, line=line)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50)), unique=True, max_size=30))
def test_different_records_of_a_file_have_different_identities(
    kinds: list[tuple[int, int]],
) -> None:
    """However alike they are, since two calls of one function may be two flaws."""
    turns = Turns()
    found = [turns.identity(made(*one)) for one in kinds]
    assert len(set(found)) == len(kinds)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50)), max_size=30), st.integers(1, 99))
def test_identities_survive_the_drift_of_all_lines(
    kinds: list[tuple[int, int]], drift: int
) -> None:
    """A file in which every result has moved holds the same candidates."""
    before, after = Turns(), Turns()
    assert [before.identity(made(kind, line)) for kind, line in kinds] == [
        after.identity(made(kind, line + drift)) for kind, line in kinds
    ]


def test_the_same_bytes_twice_in_a_file_are_one() -> None:
    """Byte for byte the same result is said once."""
    turns = Turns()
    assert turns.identity(made(1, 7)) == turns.identity(made(1, 7))


@given(st.binary(min_size=16, max_size=16))
def test_a_candidate_is_named_by_its_key_and_back(key: bytes) -> None:
    """The name that people use and the stored key say the same."""
    name = candidate_id(key)
    assert key == key_of(CandidateId(str(name)))


def test_owners_do_not_share_candidates() -> None:
    """What one finder sends tells another nothing."""
    other = OrganisationId.mint(2, b"0123456789")
    assert candidate_key(_OWNER, b"x" * 16) != candidate_key(other, b"x" * 16)


@given(st.lists(st.text(), min_size=2, max_size=4))
def test_parts_do_not_run_into_each_other(parts: list[str]) -> None:
    """Moving a character from one part to the next makes another likeness."""
    moved = ["".join(parts[:2]), "", *parts[2:]]
    assert (likeness(*parts) == likeness(*moved)) == (parts == moved)


def test_numbers_in_a_message_drift() -> None:
    """An address or a size that differs from run to run does not make another flaw."""
    assert steady("read of 4 bytes at 0x7f12") == steady("read  of 8 bytes at 0xdead")


def test_a_batch_that_ended_stays_as_it_is() -> None:
    """No move leads out of read, broken or cancelled."""
    ended = {BatchState.READ, BatchState.BROKEN, BatchState.CANCELLED}
    assert not any(move.sources & ended for move in BATCH_MOVES.moves)
