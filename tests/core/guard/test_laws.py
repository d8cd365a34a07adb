"""Laws of the guard, over many texts."""

from __future__ import annotations

import base64
import codecs
import html
import quopri
import time
from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.guard.ground import (
    CANARY,
    FUNCTION,
    OWN_KEY,
    PARTY,
    PATH,
    PROOF,
    STRANGER,
    TITLE,
    TOKEN,
    mailed,
)

from firstlight.core.guard.judge import MOST_CHARACTERS
from firstlight.core.guard.model import Verdict

BLOCKED = (
    f"The flaw is in {FUNCTION}, as reported.",
    f"Look at {PATH} before the others.",
    f"We call it: {TITLE}",
    "This is about FL-2026-0007 and nothing else.",
    "The number will be CVE-2026-41007 as reserved.",
    f"Use the token {TOKEN} for it.",
    "Use AKIAIOSFODNN7EXAMPLE for the upload.",
    f"The value is {OWN_KEY} as it stands in the file.",
    f"It holds {CANARY} in its last line.",
    f"Send it this: {PROOF.decode()}",
)
CLEAN = (
    "Thank you for your patience.",
    "A meeting is planned for Tuesday.",
    "Read on at https://clearinghouse.example.org/reviews/R-2026-0004/",
    "The office is closed on 4 July 2026.",
    "Version 2.1.4 was released.",
    "I am on leave",
    "Of 12 offices 3 have answered.",
)
ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode(),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "base64 of zlib": lambda text: base64.b64encode(codecs.encode(text.encode(), "zlib")).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, spaced": lambda text: text.encode().hex(" "),
    "decimal": lambda text: " ".join(str(each) for each in text.encode()),
    "binary": lambda text: " ".join(f"{each:08b}" for each in text.encode()),
    "percent": lambda text: "".join(f"%{each:02x}" for each in text.encode()),
    "percent, as needed": lambda text: quote(text, safe=""),
    "HTML": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(each):x};" for each in text),
    "HTML, as needed": html.escape,
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "quoted-printable, all": lambda text: "".join(f"={each:02X}" for each in text.encode()),
    "backslashes": lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
    "bytes": lambda text: "".join(f"\\x{each:02x}" for each in text.encode()),
    "rotated": lambda text: codecs.encode(text, "rot13"),
    "backwards": lambda text: text[::-1],
    "base85": lambda text: base64.b85encode(text.encode()).decode(),
    "ascii85": lambda text: base64.a85encode(text.encode(), adobe=True).decode(),
    "code points": lambda text: " ".join(f"U+{ord(each):04X}" for each in text),
    "script": lambda text: "".join(f"%u{ord(each):04x}" for each in text),
    "markup": "<b></b>".join,
    "comments": "<!-- x -->".join,
}
_SMALL, _LARGE = ascii_lowercase, ascii_uppercase
_BOTH = _SMALL + _LARGE


def _moved(by: int) -> dict[int, int]:
    """Each letter moved on."""
    return str.maketrans(_BOTH, _SMALL[by:] + _SMALL[:by] + _LARGE[by:] + _LARGE[:by])


DISGUISES: dict[str, Callable[[str], str]] = {
    "spaced": lambda text: " ".join(text.replace(" ", "")),
    "dotted": lambda text: ".".join(text.replace(" ", "")),
    "zero-width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "full width": lambda text: "".join(
        chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text
    ),
    "look-alikes": lambda text: text.translate(str.maketrans("aeopcA", "аеорсА")),  # noqa: RUF001
    "accents": "\u0301".join,
    "bold": lambda text: "".join(
        chr(0x1D41A + ord(each) - ord("a")) if "a" <= each <= "z" else each for each in text
    ),
    "moved by 3": lambda text: text.translate(_moved(3)),
    "mirrored": lambda text: text.translate(str.maketrans(_BOTH, _SMALL[::-1] + _LARGE[::-1])),
    "rotated by 47": lambda text: "".join(
        chr(33 + (ord(each) - 33 + 47) % 94) if "!" <= each <= "~" else each for each in text
    ),
    "flags": lambda text: "".join(
        chr(0x1F1E6 + ord(each) - ord("a")) if "a" <= each <= "z" else each for each in text
    ),
    "tags": lambda text: "".join(chr(0xE0000 + ord(each)) for each in text),
}
_ENCODED = st.sampled_from(sorted(ENCODINGS))


@given(st.sampled_from(BLOCKED), st.sampled_from(CLEAN), st.sampled_from(" \n"))
def test_a_clean_sentence_never_turns_block_into_pass(
    blocked: str, clean: str, between: str
) -> None:
    """Whatever harmless stands before or after it."""
    assert mailed(clean + between + blocked).verdict is Verdict.BLOCK
    assert mailed(blocked + between + clean).verdict is Verdict.BLOCK


@given(st.sampled_from(BLOCKED), _ENCODED, st.sampled_from(CLEAN), st.sampled_from(" \n"))
def test_an_encoded_secret_never_passes(
    blocked: str, encoding: str, clean: str, between: str
) -> None:
    """In any encoding, with a sentence before and after it."""
    text = clean + between + ENCODINGS[encoding](blocked) + between + clean
    assert mailed(text).verdict is Verdict.BLOCK


@given(st.sampled_from(BLOCKED), _ENCODED, _ENCODED)
@settings(deadline=None, max_examples=60)
def test_a_secret_encoded_twice_never_passes(blocked: str, inner: str, outer: str) -> None:
    """One encoding in another one."""
    assert mailed(ENCODINGS[outer](ENCODINGS[inner](blocked))).verdict is Verdict.BLOCK


@given(st.sampled_from(BLOCKED), st.sampled_from(sorted(DISGUISES)), st.sampled_from(CLEAN))
def test_a_disguised_secret_never_passes(blocked: str, disguise: str, clean: str) -> None:
    """What fools the eye does not fool the guard."""
    assert mailed(f"{clean} {DISGUISES[disguise](blocked)}").verdict is Verdict.BLOCK


_PIECES = st.sampled_from(
    [
        *CLEAN,
        f"It is in {FUNCTION}.",
        f"See {PATH}, line 12.",
        TITLE,
        "Ask finder@example.com, or +1 202 555 0143.",
        "ZmluZGVyQGV4YW1wbGUuY29tIGtub3dz",
        "f i n d e r @ e x a m p l e . c o m",
        "Case FL-2026-0007 waits.",
    ]
)


@given(st.lists(_PIECES, min_size=1, max_size=6), st.sampled_from(" \n"))
def test_a_rewritten_text_passes(pieces: list[str], between: str) -> None:
    """Rewriting is done once: what came out of it is not changed again."""
    first = mailed(between.join(pieces), to=PARTY)
    assert first.verdict in {Verdict.PASS, Verdict.REWRITE}
    again = mailed(first.body, first.subject, to=PARTY)
    assert (again.verdict, again.body) == (Verdict.PASS, first.body)


@given(st.text(max_size=400), st.text(max_size=60))
def test_every_text_gets_a_verdict(body: str, subject: str) -> None:
    """Nothing makes the guard fail, and only what passes or is rewritten is changed or not."""
    judged = mailed(body, subject)
    assert (judged.rule is None) == (judged.verdict is Verdict.PASS)
    if judged.verdict in {Verdict.PASS, Verdict.BLOCK}:
        assert (judged.subject, judged.body) == (subject, body)


@given(st.sampled_from(BLOCKED), st.integers(0, 40))
def test_a_subject_is_read_like_a_body(blocked: str, cut: int) -> None:
    """Nor does it help to begin in the subject and go on in the body."""
    assert mailed("Nothing.", blocked).verdict is Verdict.BLOCK
    if blocked.startswith("We call it"):
        assert mailed(blocked[cut:], blocked[:cut]).verdict is Verdict.BLOCK


HOSTILE = {
    "one letter": "x" * MOST_CHARACTERS,
    "lone letters": "x " * (MOST_CHARACTERS // 2),
    "keys that do not end": "-----BEGIN PRIVATE KEY-----" * (MOST_CHARACTERS // 27),
    "tokens in tokens": "eyJ" * (MOST_CHARACTERS // 3),
    "white space": "a at" + " " * (MOST_CHARACTERS - 8),
    "lines": "AAAAAAAAAAAA" + "\n" * (MOST_CHARACTERS - 20),
    "numbers": "11 " * (MOST_CHARACTERS // 3),
    "escapes": "&#65;" * (MOST_CHARACTERS // 5),
    "addresses": "a.a@a." * (MOST_CHARACTERS // 6),
    "words": "aQ1 consecteturadipiscing " * (MOST_CHARACTERS // 26),
    "the start of a title": "heap over" * (MOST_CHARACTERS // 9),
}


@pytest.mark.deep
@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_bounded(name: str) -> None:
    """The longest text that is read, of the worst shape, takes seconds and not minutes."""
    began = time.process_time()
    mailed(HOSTILE[name], to=STRANGER)
    assert time.process_time() - began < 20
