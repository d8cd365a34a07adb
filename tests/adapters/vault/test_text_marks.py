from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from firstlight.adapters.vault.marks import NotMarkable, ReaderMark, check_markable, find_mark, mark
from firstlight.adapters.vault.marks import text as module
from firstlight.core.kernel.errors import BadEncoding, TooLarge

MARK = ReaderMark(label="A. Reader, Office_of *Review* <b>", code="FLM-0123-4567-89AB-CDEF")
TYPES = ("text/plain", "text/markdown")
MODERATE = 1900
"""characters: 1,600 from mark to mark, and room for a cut mark on either side"""

words = st.sampled_from(["alpha", "beta,", "x", "longer-words-too", "é", "`code`", "*em*"])
borders = st.sampled_from(
    [" ", " ", " ", "\n", "\n\n", "\r\n", "\n  \n", "\n```\n", "\n~~~ x\n", "- "]
)
stretches = st.sampled_from(["", "", "q" * 2500, "word " * 600, "line\n" * 500])
documents = st.lists(st.tuples(words, borders, stretches), max_size=60).map(
    lambda parts: "".join(word * 9 + border + stretch for word, border, stretch in parts)
)


@given(document=documents, kind=st.sampled_from(TYPES), data=st.data())
@settings(max_examples=150, deadline=None)
def test_every_moderate_excerpt_carries_the_mark(
    document: str, kind: str, data: st.DataObject
) -> None:
    """Any stretch of about 1,900 characters, wherever it is cut out, holds a whole code."""
    marked = mark(document.encode(), kind, MARK).decode()
    start = data.draw(st.integers(0, max(0, len(marked) - MODERATE)))
    assert find_mark(marked[start : start + MODERATE]) == (MARK.code,)


def without(marked: str) -> str:
    """The copy less its lines with a mark, and less all white space."""
    kept = (line for line in marked.splitlines() if MARK.code not in line)
    return re.sub(r"\s", "", "".join(kept))


@given(document=documents, kind=st.sampled_from(TYPES))
@settings(max_examples=100, deadline=None)
def test_nothing_of_the_document_is_lost(document: str, kind: str) -> None:
    """Marks stand on lines of their own; without them the text is what it was, blanks apart."""
    marked = mark(document.encode(), kind, MARK).decode()
    assert without(marked) == re.sub(r"\s", "", document)
    lines = [line for line in marked.splitlines() if MARK.code in line]
    assert lines[0] == marked.splitlines()[0]
    assert len(set(lines)) == 1


def test_marks_prefer_the_space_between_paragraphs() -> None:
    """In ordinary prose no paragraph is cut."""
    paragraphs = [f"Paragraph {number}. " + "Some more words. " * 15 for number in range(40)]
    for kind in TYPES:
        marked = mark("\n\n".join(paragraphs).encode(), kind, MARK).decode()
        assert marked.count(MARK.code) >= 8
        assert [part for part in marked.split("\n\n") if MARK.code in part and "Some" in part] == []
        assert all(paragraph in marked for paragraph in paragraphs)


def test_rendered_markdown_shows_the_mark() -> None:
    """A renderer shows code and name as they are: no sign in a name is read as Markdown."""
    document = "\n\n".join(
        ["# Title", "- a list\n- of things", "> quoted", "plain words " * 80] * 6
    )
    html = MarkdownIt("commonmark").render(mark(document.encode(), "text/markdown", MARK).decode())
    shown = f"<p>{MARK.code} Copy for A. Reader, Office_of *Review* &lt;b&gt;</p>"
    assert html.count(shown) == html.count("FLM-") >= 4
    assert html.startswith(shown)


def test_blocks_of_code_stay_whole_while_they_can() -> None:
    """A mark waits for the end of a block; in a block that is too long it stands between lines."""
    short = "```python\n" + "a = 1\n\n" * 60 + "```\n"
    document = ("words " * 100 + "\n\n" + short + "\n") * 4
    marked = mark(document.encode(), "text/markdown", MARK).decode()
    assert marked.count(short) == 4
    long = "```\n" + "value = compute()\n" * 400 + "```\n"
    marked = mark(long.encode(), "text/markdown", MARK).decode()
    code = MarkdownIt("commonmark").render(marked)
    assert code.count("<pre>") == 1
    assert code.count(MARK.code) >= 5


def test_line_ends_are_kept() -> None:
    """A text with CRLF gets marks with CRLF."""
    marked = mark(b"one\r\n\r\ntwo\r\n" * 300, "text/plain", MARK)
    assert marked.count(b"\r\n") == marked.count(b"\n")


def test_an_unclosed_comment_hides_no_mark_without_its_text() -> None:
    """What a renderer leaves out of the page has no reader; the mark at the top is shown."""
    html = MarkdownIt("commonmark").render(
        mark(
            b"shown\n\n<!-- never closed\n\n" + b"hidden\n\n" * 500, "text/markdown", MARK
        ).decode()
    )
    assert MARK.code in html.split("<!--")[0]


@pytest.mark.parametrize("kind", TYPES)
def test_text_must_be_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other encodings and too much of it are refused; a byte order mark is borne."""
    with pytest.raises(BadEncoding):
        mark("é".encode("latin-1"), kind, MARK)
    assert "\ufeff" not in mark(b"\xef\xbb\xbftext", kind, MARK).decode()
    monkeypatch.setattr(module, "MAX_TEXT_BYTES", 10)
    mark(b"0123456789", kind, MARK)
    with pytest.raises(TooLarge):
        mark(b"0123456789a", kind, MARK)


@pytest.mark.parametrize("kind", ["text/html", "image/png", "application/json", "", "text/plain2"])
def test_other_types_are_refused(kind: str) -> None:
    """What cannot carry a mark is not handed out, and is refused at upload."""
    with pytest.raises(NotMarkable):
        mark(b"content", kind, MARK)
    with pytest.raises(NotMarkable):
        check_markable(b"content", kind)


def test_parameters_of_a_type_do_not_matter() -> None:
    """`Text/Plain; charset=utf-8` is plain text."""
    assert MARK.code.encode() in mark(b"x", "Text/Plain; charset=utf-8", MARK)
    check_markable(b"x", "text/markdown;variant=CommonMark")
