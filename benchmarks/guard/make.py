# ruff: noqa: FLY002, RUF001  # tokens in two parts, so that none stands here; look-alikes are made
"""Makes `made.jsonl` of `written.jsonl`, written by hand, and disguises of some by a fixed table.

Expected verdicts were written down before the guard was run on them, by who knows its rules. That
makes this part one to develop with; the figure that counts is that of `unseen.jsonl`.

    python benchmarks/guard/make.py
"""

from __future__ import annotations

import base64
import codecs
import gzip
import hashlib
import html
import json
import quopri
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORLD = json.loads((HERE / "world.json").read_text())
PROOF = WORLD["open_cases"][0]["proofs"][0]
_PEM = "-----{} PRIVATE KEY-----"
_LINE = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v4p9TBa0ngQc5nq1yD0i3V8fJ0sZ2Xw4yQ1aB"
FILLED = {
    "<PROOF>": PROOF,
    "<HALF_PROOF>": PROOF[:60],
    "<PROOF_SHA256>": hashlib.sha256(PROOF.encode()).hexdigest(),
    "<PROOF_MD5>": hashlib.md5(PROOF.encode(), usedforsecurity=False).hexdigest(),
    "<OWN_SECRET>": WORLD["own_secrets"][0],
    "<PRIVATE_KEY>": f"{_PEM.format('BEGIN')}\n{_LINE}\n{_PEM.format('END')}",
    "<API_TOKEN>": "".join(("flt_", "Zk3mQ9xT7vBn2LwR5yHs8cJd")),
    "<HUB_TOKEN>": "".join(("ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")),
    "<CLOUD_KEY>": "".join(("AKIA", "IOSFODNN7EXAMPLE")),
    "<MODEL_KEY>": "".join(("sk-ant-", "api03-Xy7Zw5Vu3Ts1Rq9Po7Nm5Lk3Ji1Hg")),
    "<WEBHOOK_SECRET>": "".join(("whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
    "<WEB_TOKEN>": ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NSJ9", "dozjgNryP4J3jV")),
    "<DATABASE_URL>": "postgresql://firstlight:{}@db.example.org/fl".format("Tr0ub4dor"),
    "<BEARER>": "v2.local.9fJ3kQ8sT1uW5xY7zA2bC4dE6f",
    "<LINK>": "p9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0Lz",
    "<LONG>": "All is well. " * 11_000,
}
"""what stands for what in `written.jsonl`; tokens are put together here, so that none is in it"""
HIDDEN = "hidden"
"""the class of texts that are only sent in disguise"""


def _lines(text: str) -> str:
    return "\n".join(text[at : at + 7] for at in range(0, len(text), 7))


DISGUISES: dict[str, Callable[[str], str]] = {
    "spaced": lambda text: " ".join(text.replace(" ", "")),
    "spaced twice": lambda text: "  ".join(text.replace(" ", "")),
    "dotted": lambda text: ".".join(text.replace(" ", "")),
    "hyphens": lambda text: "-".join(text.replace(" ", "")),
    "zero-width": "\u200b".join,
    "joiners": "\u2060".join,
    "soft hyphens": "\u00ad".join,
    "accents": "\u0323".join,
    "look-alikes": lambda text: text.translate(str.maketrans("aeopcxyA", "аеорсхуА")),
    "full width": lambda text: "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text
    ),
    "bold": lambda text: "".join(
        chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in text
    ),
    "circled": lambda text: "".join(
        chr(0x24D0 + ord(c) - 97) if "a" <= c <= "z" else c for c in text
    ),
    "tags": lambda text: "".join(chr(0xE0000 + ord(c)) for c in text),
    "split over lines": _lines,
    "upper case": str.upper,
    "leet": lambda text: text.translate(str.maketrans("aeios", "43105")),
    "backwards": lambda text: text[::-1],
    "rotated": lambda text: codecs.encode(text, "rot13"),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-be")).decode(),
    "base64 for addresses": lambda text: (
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    ),
    "base64 of gzip": lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode(),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base64 of percent": lambda text: base64.b64encode(
        "".join(f"%{b:02X}" for b in text.encode()).encode()
    ).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal with 0x": lambda text: " ".join(f"0x{b:02x}" for b in text.encode()),
    "hexadecimal of base64": lambda text: base64.b64encode(text.encode()).hex(),
    "decimal": lambda text: ", ".join(str(b) for b in text.encode()),
    "binary": lambda text: " ".join(f"{b:08b}" for b in text.encode()),
    "percent": lambda text: "".join(f"%{b:02x}" for b in text.encode()),
    "percent twice": lambda text: "".join(f"%25{b:02x}" for b in text.encode()),
    "HTML": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(c):x};" for c in text),
    "HTML twice": lambda text: html.escape("".join(f"&#{ord(c)};" for c in text)),
    "quoted-printable": lambda text: "".join(f"={b:02X}" for b in text.encode()),
    "quoted-printable lines": lambda text: quopri.encodestring(
        _lines(text).replace("\n", "=\n").encode()
    ).decode(),
    "backslashes": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "octal": lambda text: "".join(f"\\{ord(c):03o}" for c in text),
}
AROUND = (
    "Thank you for your patience. {} We will write again on Tuesday.",
    "A note for the minutes:\n\n{}\n\nRegards, the coordinator on duty",
    "{}",
    "As agreed. {}",
)


BROKEN = frozenset({("leet", "<CLOUD_KEY>"), ("upper case", "<CLOUD_KEY>")})
"""disguises that tell nothing any more: a key with other letters is another one"""


def written() -> Sequence[dict[str, Any]]:
    """What was written by hand."""
    lines = (HERE / "written.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def messages() -> Iterator[dict[str, Any]]:
    """All of them, in a fixed order."""
    rows = written()
    yield from (_message(row) for row in rows if row["class"] != HIDDEN)
    hidden = [row for row in rows if row["class"] == HIDDEN]
    place = 0
    for step, (name, disguise) in enumerate(DISGUISES.items()):
        for turn in range(4):
            row = hidden[(step + turn) % len(hidden)]
            place += 1
            if any(name == one and token in row["body"] for one, token in BROKEN):
                continue
            body = AROUND[(step + turn) % len(AROUND)].format(disguise(_filled(row["body"])))
            made = {"id": f"a-{place:03}", "class": "adversarial", "subject": name, "body": body}
            yield _message(row | made)


def _filled(text: str) -> str:
    for name, value in FILLED.items():
        text = text.replace(name, value)
    return text


def _message(row: dict[str, Any]) -> dict[str, Any]:
    to, _, discloses = row["to"].partition(":")
    filled = row | {"to": [to], "body": _filled(row["body"])}
    return filled | {"discloses": discloses} if discloses else filled


def main() -> None:
    """Write the file."""
    lines = [json.dumps(each, ensure_ascii=True) for each in messages()]
    (HERE / "made.jsonl").write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} messages")


if __name__ == "__main__":
    main()
