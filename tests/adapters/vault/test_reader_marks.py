from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstlight.adapters.vault.marks import BadLabel, ReaderMarks, find_mark
from firstlight.usecases.ports.sealed import VaultUnusable

FACTS = {
    "engagement": "eng_01",
    "document_id": "doc_1",
    "reader": "Ana Ruiz, Office of Review",
    "occasion": "ent_01",
}


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> ReaderMarks:
    """Marks under one fresh key."""
    return ReaderMarks(tmp_path_factory.mktemp("keys") / "marks.key")


def test_a_mark_is_the_same_for_the_same_download(marks: ReaderMarks) -> None:
    """Recomputed from the record, it is recognised; it has the published form."""
    mark = marks.issue(**FACTS)
    assert mark == marks.issue(**FACTS)
    assert re.fullmatch(r"FLM(-[0-9A-HJKMNP-TV-Z]{4}){4}", mark.code)
    assert marks.recognises(mark.code, **FACTS)
    assert marks.recognises(mark.code.lower(), **FACTS)
    assert not marks.recognises(mark.code[:-1], **FACTS)
    assert find_mark(mark.line) == (mark.code,)


@given(name=st.sampled_from(sorted(FACTS)), other=st.text("abc_ 019", min_size=1, max_size=12))
@settings(deadline=None)
def test_each_fact_changes_the_code(marks: ReaderMarks, name: str, other: str) -> None:
    """Another engagement, document, reader or occasion has another code."""
    changed = FACTS | {name: f"z{other}"}
    assert marks.issue(**changed).code != marks.issue(**FACTS).code
    assert not marks.recognises(marks.issue(**FACTS).code, **changed)


def test_facts_are_told_apart_where_they_meet(marks: ReaderMarks) -> None:
    """Ab and c are not a and bc."""
    first = marks.issue(**FACTS | {"engagement": "ab", "document_id": "c"})
    assert first.code != marks.issue(**FACTS | {"engagement": "a", "document_id": "bc"}).code


def test_another_key_recognises_nothing(marks: ReaderMarks, tmp_path: Path) -> None:
    """Without the key nobody can compute a code or check one."""
    other = ReaderMarks(tmp_path / "marks.key")
    assert other.issue(**FACTS).code != marks.issue(**FACTS).code
    assert not other.recognises(marks.issue(**FACTS).code, **FACTS)


def test_the_key_is_for_its_owner_and_made_once(tmp_path: Path) -> None:
    """A race for the first key has one winner; mode 0600; no remains."""
    file = tmp_path / "keys" / "marks.key"
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: ReaderMarks(file).issue(**FACTS).code, range(16)))
    assert len(set(codes)) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["marks.key"]


def test_a_damaged_key_is_an_error(tmp_path: Path) -> None:
    """It is neither used nor replaced."""
    (tmp_path / "marks.key").write_bytes(b"short")
    with pytest.raises(VaultUnusable):
        ReaderMarks(tmp_path / "marks.key").issue(**FACTS)
    assert (tmp_path / "marks.key").read_bytes() == b"short"


@pytest.mark.parametrize(
    "reader",
    [
        "",
        "  \n",
        "\u202e\u200b",
        "x" * 121,
        "Ana FLM-0000-0000-0000-0000",
        "flm 0000 0000 0000 0000",
    ],
    ids=["empty", "blank", "unseen", "long", "imitates a mark", "imitates another way"],
)
def test_bad_names_are_refused(marks: ReaderMarks, reader: str) -> None:
    """A name that is none, or that would put another's code into a copy."""
    with pytest.raises(BadLabel):
        marks.issue(**FACTS | {"reader": reader})


def test_names_are_one_printable_line(marks: ReaderMarks) -> None:
    """Line breaks, controls and characters that turn text around go."""
    mark = marks.issue(**FACTS | {"reader": " A\u202e\x1b[31m\nB\u00a0 C "})
    assert mark.label == "A[31m B C"


@pytest.mark.parametrize(
    "text",
    [
        "FLM-0123-4567-89AB-CDEF",
        "flm-0123-4567-89ab-cdef",
        "FLM-0123-4567-89AB-CDEF".replace("-", "\u2010"),
        "FLM-0123-4567-89AB-CDEF".replace("-", "\u2013"),
        "FLM-0123-4567-\n89AB-CDEF",
        "FLM 0123 4567 89AB CDEF",
        "(FLM-0123-4567-89AB-CDEF)",
        "FLM-0123-4567-89AB-CDEFCopy for",
        "FLM-0123-\u00ad4567-89AB-CDEF",
    ],
)
def test_what_extraction_does_to_a_code_is_borne(text: str) -> None:
    """Case, dashes, line breaks, lost spaces."""
    assert find_mark(f"some words {text} more words") == ("FLM-0123-4567-89AB-CDEF",)


@pytest.mark.parametrize(
    "text",
    ["", "FLM", "FLM-0123-4567-89AB", "FLM-0123-4567-89AB-CDEI", "XFLM-0123-4567-89AB-CDEF"],
)
def test_a_part_of_a_code_is_none(text: str) -> None:
    """Cut codes, letters that no code has, and other words."""
    assert find_mark(text) == ()


def test_several_readers_are_told_apart() -> None:
    """Each code once, in the order of the text."""
    first, second = "FLM-0000-0000-0000-0001", "FLM-0000-0000-0000-0002"
    assert find_mark(f"{second} x {first} y {second}") == (second, first)


def test_hostile_text_takes_no_time() -> None:
    """Megabytes of almost-marks are read in linear time."""
    assert find_mark("FLM----" * 300_000 + "FLM-0123 " * 100_000) == ()
