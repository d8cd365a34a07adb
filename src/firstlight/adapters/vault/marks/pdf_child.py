"""Reads one PDF from standard input and writes it to standard output with a mark on each page.

Started by `pdf.py` alone. The first line is the order as JSON, the rest the document. Content is
neither decoded nor parsed: two streams are put around the page's own. The first draws the mark at
the top from a clean graphics state, whatever the page does afterwards; the second draws it at the
bottom over everything. Exit 0, or one of `Refusal`; any other end means a damaged document.
"""

from __future__ import annotations

import io
import json
import logging
import math
import resource
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from firstlight.adapters.vault.marks.refusal import Refusal

_SIZE, _MARGIN, _GREY = 7.0, 6.0, 0.45
"""points, points, and a grey that reads on white and on black alike"""
_WIDEST = 0.62
"""mean width of a character of Helvetica, in sizes, rounded up"""
_A4 = (0.0, 0.0, 595.0, 842.0)
_FONT = "/FirstlightMark"


def main() -> int:
    """Set limits, read, mark, write."""
    order = json.loads(sys.stdin.buffer.readline())
    seconds, memory = order["cpu_seconds"], order["memory_bytes"]
    for kind, limit in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    logging.disable()
    try:
        return _mark(order)
    except MemoryError:
        return Refusal.OUT_OF_MEMORY


def _mark(order: Mapping[str, Any]) -> int:
    # After the limits, which bound the import too.
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415

    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    if reader.is_encrypted:
        return Refusal.ENCRYPTED
    count = len(reader.pages)
    if not count:
        return Refusal.NO_PAGES
    if count > order["pages"]:
        return Refusal.TOO_MANY_PAGES
    writer = PdfWriter(clone_from=reader)
    for each in _dictionaries(writer.root_object):
        if "/EF" in each or each.get("/Type") == "/EmbeddedFile":
            return Refusal.ATTACHMENTS
        if "/XFA" in each:
            return Refusal.DYNAMIC_FORM
    _Pen(writer, order["line"]).mark_all()
    out = io.BytesIO()
    writer.write(out)
    sys.stdout.buffer.write(out.getbuffer())
    sys.stdout.buffer.flush()
    return 0


def _dictionaries(root: Any) -> Iterator[Any]:  # noqa: ANN401  # pypdf's objects are duck-typed
    """Every dictionary that can be reached, each once."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject  # noqa: PLC0415

    seen: set[int] = set()
    stack = [root]
    while stack:
        each = stack.pop()
        if isinstance(each, IndirectObject):
            if each.idnum in seen:
                continue
            seen.add(each.idnum)
            each = each.get_object()  # what it stands for
        if isinstance(each, DictionaryObject):
            yield each
            stack.extend(each.values())
        elif isinstance(each, ArrayObject):
            stack.extend(each)


class _Pen:
    """Draws one line on all pages; pages of the same shape share their streams."""

    def __init__(self, writer: Any, line: str) -> None:  # noqa: ANN401  # pypdf comes late
        from pypdf.generic import DictionaryObject, NameObject  # noqa: PLC0415

        self._writer = writer
        # A hexadecimal string: no character of a name can end it.
        self._text = line.encode("cp1252", "replace").hex().encode()
        self._length = len(line)
        self._streams: dict[tuple[float, ...], tuple[Any, Any]] = {}
        font = DictionaryObject()
        for name, value in (
            ("/Type", "/Font"),
            ("/Subtype", "/Type1"),
            ("/BaseFont", "/Helvetica"),
            ("/Encoding", "/WinAnsiEncoding"),
        ):
            font[NameObject(name)] = NameObject(value)
        self._font = writer._add_object(font)  # noqa: SLF001  # the library's only way

    def mark_all(self) -> None:
        """Every page, each once however often the tree names it."""
        done: set[int] = set()
        for page in self._writer.pages:
            if id(page.get_object()) not in done:
                done.add(id(page.get_object()))
                self._mark(page)

    def _mark(self, page: Any) -> None:  # noqa: ANN401
        from pypdf.generic import ArrayObject, DictionaryObject, NameObject  # noqa: PLC0415

        shape = (*_box(page), float(page.rotation % 360))
        if shape not in self._streams:
            self._streams[shape] = self._draw(shape)
        before, after = self._streams[shape]
        own = page.raw_get("/Contents") if "/Contents" in page else ArrayObject()
        inner = own.get_object()
        middle = list(inner) if isinstance(inner, ArrayObject) else [own]
        page[NameObject("/Contents")] = ArrayObject([before, *middle, after])
        resources = DictionaryObject(_inherited(page, "/Resources"))
        fonts = DictionaryObject(resources.get("/Font", DictionaryObject()).get_object())
        fonts[NameObject(_FONT)] = self._font
        resources[NameObject("/Font")] = fonts
        page[NameObject("/Resources")] = resources

    def _draw(self, shape: tuple[float, ...]) -> tuple[Any, Any]:
        """The streams before and after the page's own."""
        from pypdf.generic import StreamObject  # noqa: PLC0415

        matrix, width, height = _upright(shape)
        size = min(_SIZE, max(1.0, (width - 2 * _MARGIN) / (_WIDEST * self._length)))

        def line(y: float) -> bytes:
            place = f"1 0 0 1 {_MARGIN:.2f} {y:.2f} Tm".encode()
            head = f"{matrix} cm {_GREY} g BT 0 Tr {_FONT} {size:.2f} Tf".encode()
            return head + b" " + place + b" <" + self._text + b"> Tj ET"

        streams = []
        for data in (
            b"q " + line(height - _MARGIN - size) + b" Q q\n",
            b"\nQ q " + line(_MARGIN) + b" Q\n",
        ):
            stream = StreamObject()
            stream.set_data(data)
            streams.append(self._writer._add_object(stream))  # noqa: SLF001  # as above
        return streams[0], streams[1]


def _inherited(page: Any, name: str) -> Any:  # noqa: ANN401
    """A page's entry, or that of the nearest of its parents."""
    from pypdf.generic import DictionaryObject  # noqa: PLC0415

    node, steps = page, 0
    while node is not None and steps < 100:  # noqa: PLR2004  # deeper trees are not opened at all
        if name in node:
            return node[name].get_object()
        node, steps = node.get("/Parent"), steps + 1
        node = node.get_object() if node is not None else None
    return DictionaryObject()


def _box(page: Any) -> tuple[float, float, float, float]:  # noqa: ANN401
    """What is seen of the page: left, bottom, right, top in points."""
    crop, media = page.cropbox, page.mediabox
    left, bottom = (max(float(a), float(b)) for a, b in zip(crop[:2], media[:2], strict=True))
    right, top = (min(float(a), float(b)) for a, b in zip(crop[2:], media[2:], strict=True))
    box = (left, bottom, right, top)
    whole = all(math.isfinite(value) and abs(value) < 1e6 for value in box)  # noqa: PLR2004  # points
    return box if whole and right - left > 1 and top - bottom > 1 else _A4


def _upright(shape: tuple[float, ...]) -> tuple[str, float, float]:
    """The matrix that puts the origin at the lower left corner as the reader sees it, and sizes."""
    left, bottom, right, top, rotation = shape
    width, height = right - left, top - bottom
    turns = {
        0.0: (1, 0, 0, 1, left, bottom),
        90.0: (0, 1, -1, 0, right, bottom),
        180.0: (-1, 0, 0, -1, right, top),
        270.0: (0, -1, 1, 0, left, top),
    }
    matrix = " ".join(f"{value:.2f}" for value in turns.get(rotation, turns[0.0]))
    return (matrix, width, height) if rotation in {0.0, 180.0} else (matrix, height, width)


if __name__ == "__main__":
    raise SystemExit(main())
