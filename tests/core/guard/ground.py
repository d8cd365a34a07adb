"""A small world: two open cases, one party, one stranger, the public."""

from __future__ import annotations

from dataclasses import replace

from firstlight.core.guard.judge import judge
from firstlight.core.guard.material import (
    Kind,
    Knowledge,
    Material,
    Sealed,
    own_keys,
    proof_chunks,
    proof_pieces,
)
from firstlight.core.guard.model import PUBLIC, Channel, Judgement, Outgoing, Recipient

PROOF = b"FRAME 9 length=4294967295 payload=AAAABBBBCCCCDDDD tail of the proof of concept"
BINARY = bytes((each * 37 + 11) % 256 for each in range(160))
OWN_KEY = "q8Zr1vXw3LkT5yNd7UbM9sPfH2cJ4gAe"
TITLE = "Heap overflow in the frame parser of libexample"
PATH = "src/codec/frame_parser.c"
FUNCTION = "parse_frame_header"
CANARY = "canary-4f1d9c52-firstlight-sealed-suite"
TOKEN = "flt_" + "Zk3mQ9xT7vBn2LwR5yHs8cJd"

KNOWLEDGE = Knowledge(
    material=Material.of(
        [
            Sealed(kind=Kind.TITLE, text=TITLE, case="fl-2026-0007"),
            Sealed(kind=Kind.PATH, text=PATH, case="fl-2026-0007"),
            Sealed(kind=Kind.PATH, text="src/main.c", case="fl-2026-0007"),
            Sealed(kind=Kind.FUNCTION, text=FUNCTION, case="fl-2026-0007"),
            Sealed(kind=Kind.FUNCTION, text="inflate", case="fl-2026-0007"),
            Sealed(kind=Kind.NAME, text="FL-2026-0007", case="fl-2026-0007"),
            Sealed(kind=Kind.NAME, text="CVE-2026-41007", case="fl-2026-0007"),
            Sealed(kind=Kind.PACKAGE, text="libexample", case="fl-2026-0007"),
            Sealed(kind=Kind.CANARY, text=CANARY, case=""),
            *proof_pieces("fl-2026-0007", PROOF),
            *proof_pieces("fl-2026-0007", BINARY),
        ],
        [*proof_chunks(PROOF), *proof_chunks(BINARY)],
    ),
    own_keys=own_keys([OWN_KEY.encode()]),
    contacts=frozenset({"security@example.org"}),
    released=frozenset({"fl-2026-0003"}),
)
STRANGER = Recipient(address="operator@example.net")
PARTY = Recipient(
    address="maintainer@example.org",
    cases=frozenset({"fl-2026-0007"}),
    names=frozenset({"fl-2026-0007"}),
)


def mailed(body: str, subject: str = "News", to: Recipient = STRANGER) -> Judgement:
    """The verdict on a mail."""
    outgoing = Outgoing(channel=Channel.MAIL, recipients=(to,), subject=subject, body=body)
    return judge(outgoing, KNOWLEDGE)


def posted(body: str, to: Recipient = PARTY) -> Judgement:
    """The verdict on a webhook's body."""
    outgoing = Outgoing(channel=Channel.WEBHOOK, recipients=(to,), subject="news", body=body)
    return judge(outgoing, KNOWLEDGE)


def published(body: str, discloses: str = "") -> Judgement:
    """The verdict on a document that releases a case, or none."""
    reader = replace(PUBLIC, names=frozenset({discloses} - {""}))
    outgoing = Outgoing(
        channel=Channel.DOCUMENT,
        recipients=(reader,),
        subject="Advisory",
        body=body,
        discloses=frozenset({discloses} - {""}),
    )
    return judge(outgoing, KNOWLEDGE)
