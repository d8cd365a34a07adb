from __future__ import annotations

import io
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from tests.adapters.vault import pdfs

from firstlight.adapters.vault.marks import NotMarkable, ReaderMark, find_mark, mark
from firstlight.adapters.vault.marks import pdf as module
from firstlight.core.kernel.errors import TooLarge

PDF = "application/pdf"
MARK = ReaderMark(label="Zoë Müller, Office of Review", code="FLM-0123-4567-89AB-CDEF")


def test_every_page_carries_the_mark_twice_and_keeps_its_text() -> None:
    """Extracted text holds code and name at top and bottom of each page, and what stood there."""
    pages = pdfs.texts(mark(pdfs.simple("first page", "second page"), PDF, MARK))
    assert ["first page" in pages[0], "second page" in pages[1]] == [True, True]
    for page in pages:
        assert page.count(MARK.line) == 2
        assert find_mark(page) == (MARK.code,)


@pytest.mark.parametrize("content", [pdfs.drawn("text"), b"(never closed", b"q 0 0 0 0 re W n"])
def test_poppler_reads_the_mark(tmp_path: Path, content: bytes) -> None:
    """Another program than ours, `pdftotext`, finds it on each page, broken ones included."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian: poppler-utils)")
    file = tmp_path / "marked.pdf"
    file.write_bytes(mark(pdfs.saved(pdfs.writer([content, content])), PDF, MARK))
    done = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    pages = done.stdout.split("\f")[:2]
    assert [find_mark(page) for page in pages] == [(MARK.code,)] * 2
    assert all(MARK.line in page for page in pages)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(595.0, 842.0), (300.0, 200.0)])
def test_the_mark_lies_within_what_is_seen(rotation: int, size: tuple[float, float]) -> None:
    """Turned pages and cut ones too: both lines begin inside the visible box."""
    crop = (40.0, 50.0, size[0] - 10, size[1] - 20)
    out = pdfs.writer([pdfs.drawn("text")], size=size, rotation=rotation, crop=crop)
    page = PdfReader(io.BytesIO(mark(pdfs.saved(out), PDF, MARK))).pages[0]
    places: list[tuple[float, float]] = []

    def visit(text: str, outer: list[float], inner: list[float], *_: object) -> None:
        if "FLM-" in text:
            x, y = inner[4], inner[5]
            places.append(
                (
                    outer[0] * x + outer[2] * y + outer[4],
                    outer[1] * x + outer[3] * y + outer[5],
                )
            )

    page.extract_text(visitor_text=visit)
    assert len(places) == 2
    for x, y in places:
        assert crop[0] <= x <= crop[2]
        assert crop[1] <= y <= crop[3]
    assert places[0] != places[1]


@pytest.mark.parametrize(
    "content",
    [
        b"q q q 0 0 0 0 re W n 0 0 0 0 0 0 cm",
        b"Q Q Q Q",
        b"0 0 1 1 re W n",
        b"BT 3 Tr /F1 0 Tf",
        b"1 1 1 rg 0 0 10000 10000 re f",
        b"",
    ],
    ids=["left open", "closed too often", "clipped", "in text", "painted over", "empty"],
)
def test_no_page_escapes(content: bytes) -> None:
    """Whatever a page does to the graphics state, the mark before it is in the text."""
    data = pdfs.saved(pdfs.writer([content]))
    assert find_mark(pdfs.texts(mark(data, PDF, MARK))[0]) == (MARK.code,)


def test_inherited_resources_stay() -> None:
    """Fonts and size from the tree's root go on working; a page without content is marked too."""
    pages = pdfs.texts(mark(pdfs.inherited(), PDF, MARK))
    assert pages[0].count("inherited") == 2
    assert [find_mark(page) for page in pages] == [(MARK.code,)] * 2


def test_names_outside_western_scripts_leave_the_code() -> None:
    """Helvetica has no such letters: they turn to question marks; the code is what counts."""
    marked = mark(pdfs.simple("x"), PDF, ReaderMark(label="李, 部", code=MARK.code))
    assert find_mark(pdfs.texts(marked)[0]) == (MARK.code,)


def test_a_name_cannot_draw() -> None:
    """Signs of the format in a name are text."""
    label = ") Tj ET Q (\\ > endstream"
    marked = mark(pdfs.simple("x"), PDF, ReaderMark(label=label, code=MARK.code))
    assert pdfs.texts(marked)[0].count(label) == 2


def test_earlier_revisions_do_not_go_out() -> None:
    """A page's text that a later revision replaced is not in the copy."""
    first = pdfs.writer([pdfs.drawn("withdrawn sentence")])
    data = bytearray(pdfs.saved(first))
    page = next(
        number
        for number, each in enumerate(first._objects, 1)
        if isinstance(each, DictionaryObject) and each.get("/Type") == "/Page"
    )
    old_start = data.rindex(b"startxref") + len(b"startxref\n")
    previous = int(data[old_start:].split()[0])
    place = len(data)
    data += b"%d 0 obj\n<< /Type /Page /Parent 1 0 R /MediaBox [0 0 300 300] >>\nendobj\n" % page
    table = len(data)
    data += b"xref\n%d 1\n%010d 00000 n \n" % (page, place)
    trailer = bytes(data[data.index(b"trailer") : data.index(b"startxref")])
    data += trailer.replace(b">>", b"/Prev %d >>" % previous)
    data += b"startxref\n%d\n%%%%EOF\n" % table
    assert b"withdrawn sentence" in data
    marked = mark(bytes(data), PDF, MARK)
    assert b"withdrawn sentence" not in marked
    assert find_mark(pdfs.texts(marked)[0]) == (MARK.code,)


def _encrypted() -> bytes:
    out = pdfs.writer([pdfs.drawn("text")])
    out.encrypt("", "owner", algorithm="AES-256")
    return pdfs.saved(out)


def _attached() -> bytes:
    out = pdfs.writer([pdfs.drawn("text")])
    out.add_attachment("other.txt", b"goes out unmarked")
    return pdfs.saved(out)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_encrypted, "encrypted"),
        (_attached, "attached"),
        (lambda: pdfs.with_form(b""), "dynamic form"),
        (lambda: pdfs.saved(pdfs.writer([])), "no pages"),
        (lambda: pdfs.deep(0), "no pages"),
        (lambda: pdfs.simple("x")[:200], "damaged"),
        (lambda: b"", "damaged"),
        (lambda: b"%PDF-1.7\n" + b"\\\xff\n" * 1000, "damaged"),
        (lambda: pdfs.bomb(200), "damaged"),
        (pdfs.with_circle, "no pages|damaged"),
        (lambda: pdfs.deep(100_000), "damaged|too long"),
    ],
    ids=[
        *["encrypted", "attachment", "form", "no page", "no kids", "cut", "empty", "noise"],
        *["bomb", "circle", "deep"],
    ],
)
def test_what_cannot_be_marked_is_refused(make: Callable[[], bytes], sentence: str) -> None:
    """With a reason, within seconds, and nothing is handed out."""
    data, began = make(), time.monotonic()
    with pytest.raises(NotMarkable, match=sentence):
        mark(data, PDF, MARK)
    assert time.monotonic() - began < 20


def test_pages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One page too many is refused."""
    monkeypatch.setattr(module, "MAX_PAGES", 3)
    mark(pdfs.simple("1", "2", "3"), PDF, MARK)
    with pytest.raises(NotMarkable, match="too many pages"):
        mark(pdfs.simple("1", "2", "3", "4"), PDF, MARK)


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte too many is refused before a process starts."""
    data = pdfs.simple("x")
    monkeypatch.setattr(module, "MAX_PDF_BYTES", len(data))
    mark(data, PDF, MARK)
    with pytest.raises(TooLarge):
        mark(data + b"\n", PDF, MARK)


def test_processor_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel ends a child that computes on: many objects, one second."""
    monkeypatch.setattr(module, "CPU_SECONDS", 1)
    objects = [b"<< /Type /Catalog /Pages 2 0 R /All [%b] >>"]
    count = 60_000
    objects[0] %= b" ".join(b"%d 0 R" % number for number in range(3, count))
    objects += [b"<< /Type /Pages /Kids [] /Count 0 >>"]
    objects += [b"<< /A [1 2 3] /B (text) >>"] * (count - 2)
    kids = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (count + 1)
    objects[1] = kids
    objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")
    with pytest.raises(NotMarkable, match="too long or too much"):
        mark(pdfs.by_hand(objects), PDF, MARK)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that needs more than its share ends with that reason."""
    monkeypatch.setattr(module, "MEMORY_BYTES", 220 << 20)
    filler = b"% " + bytes(120 << 20)
    monkeypatch.setattr(module, "MAX_PDF_BYTES", 200 << 20)
    with pytest.raises(NotMarkable, match="memory"):
        mark(pdfs.simple("x") + filler, PDF, MARK)
