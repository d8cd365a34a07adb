"""Real PDF documents, written by the library's writer or by hand where it would not."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    RectangleObject,
    StreamObject,
)


def font() -> DictionaryObject:
    """Helvetica."""
    pairs = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    return DictionaryObject({NameObject(k): NameObject(v) for k, v in pairs.items()})


def drawn(text: str) -> bytes:
    """A content stream that shows a line."""
    return b"BT /F1 12 Tf 72 500 Td (" + text.encode() + b") Tj ET"


def writer(
    contents: Sequence[bytes],
    *,
    size: tuple[float, float] = (595, 842),
    rotation: int = 0,
    crop: tuple[float, float, float, float] | None = None,
) -> PdfWriter:
    """A page for each content stream."""
    out = PdfWriter()
    for content in contents:
        page = out.add_blank_page(*size)
        stream = StreamObject()
        stream.set_data(content)
        page[NameObject("/Contents")] = out._add_object(stream)
        fonts = DictionaryObject({NameObject("/F1"): font()})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        if rotation:
            page[NameObject("/Rotate")] = NumberObject(rotation)
        if crop:
            page[NameObject("/CropBox")] = RectangleObject(crop)
    return out


def saved(out: PdfWriter) -> bytes:
    """Its bytes."""
    buffer = io.BytesIO()
    out.write(buffer)
    return buffer.getvalue()


def simple(*texts: str) -> bytes:
    """A page for each text."""
    return saved(writer([drawn(text) for text in texts]))


def texts(data: bytes) -> list[str]:
    """What a reader program extracts from each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def by_hand(objects: Sequence[bytes], *, root: int = 1) -> bytes:
    """A file of numbered objects with a right cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(objects) + 1, root)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def inherited() -> bytes:
    """Resources and page size stand at the root of the tree; one page names its content twice."""
    page = drawn("inherited")
    shape = b"/MediaBox [0 0 400 400] /Resources << /Font << /F1 5 0 R >> >>"
    stream = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page)
    return by_hand(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 %b >>" % shape,
            b"<< /Type /Page /Parent 2 0 R /Contents [4 0 R 4 0 R] >>",
            stream,
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            b"<< /Type /Page /Parent 2 0 R >>",
        ]
    )


def bomb(megabytes: int) -> bytes:
    """Objects in a compressed stream that swells, a thousand to one."""
    inner = b"1 0 << /Type /Catalog /Pages 2 0 R >>".ljust(megabytes << 20, b" ")
    packed = zlib.compress(inner, 9)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>" % len(packed)
    body = b"%b\nstream\n%b\nendstream" % (head, packed)
    out = bytearray(b"%PDF-1.7\n3 0 obj\n" + body + b"\nendobj\n")
    start = len(out)
    rows = [(0, 0, 255), (2, 3, 0), (0, 0, 0), (1, 9, 0), (1, start, 0)]
    table = b"".join(bytes([kind]) + at.to_bytes(4) + bytes([more]) for kind, at, more in rows)
    keys = b"/Type /XRef /Size 5 /W [1 4 1] /Root 1 0 R /Length %d" % len(table)
    out += b"4 0 obj\n<< %b >>\nstream\n%b\nendstream\nendobj\n" % (keys, table)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def with_circle() -> bytes:
    """A tree of pages that contains itself."""
    return by_hand(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>",
        ]
    )


def deep(levels: int) -> bytes:
    """Arrays in arrays."""
    return by_hand(
        [
            b"<< /Type /Catalog /Pages 2 0 R /Deep %b%b >>" % (b"[" * levels, b"]" * levels),
            b"<< /Type /Pages /Kids [] /Count 0 >>",
        ]
    )


def with_form(content: bytes) -> bytes:
    """A dynamic form."""
    out = writer([content])
    form = DictionaryObject({NameObject("/XFA"): ArrayObject()})
    out.root_object[NameObject("/AcroForm")] = out._add_object(form)
    return saved(out)
