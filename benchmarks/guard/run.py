"""Precision and recall of the outbound guard on the labelled messages.

    python benchmarks/guard/run.py            both parts, a table for each
    python benchmarks/guard/run.py --misses   and every message that was judged otherwise

A *catch* is any verdict but pass. Exit code 1 when a message that must be blocked passes, or leaves
rewritten with what it must not tell.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from firstlight.core.guard.judge import judge
from firstlight.core.guard.material import (
    Kind,
    Knowledge,
    Material,
    Sealed,
    own_keys,
    phrases,
    proof_chunks,
    proof_pieces,
)
from firstlight.core.guard.model import Channel, Judgement, Outgoing, Recipient, Verdict
from firstlight.core.kernel.marking import Marking

HERE = Path(__file__).parent
PARTS = ("made", "unseen")
_KINDS = (("titles", Kind.TITLE), ("paths", Kind.PATH), ("functions", Kind.FUNCTION))
_NAMES = ("identifiers", "names")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A message with its verdict."""

    message: Mapping[str, Any]
    judgement: Judgement

    @property
    def wanted(self) -> Verdict:
        """What its author expects."""
        return Verdict(self.message["expected"])

    @property
    def got(self) -> Verdict:
        """What the guard said."""
        return self.judgement.verdict


def world() -> Mapping[str, Any]:
    """What the guard is told."""
    read: Mapping[str, Any] = json.loads((HERE / "world.json").read_text())
    return read


def knowledge(told: Mapping[str, Any]) -> Knowledge:
    """The world as the guard knows it."""
    pieces = [Sealed(kind=Kind.CANARY, text=text, case="") for text in told["canaries"]]
    chunks: list[bytes] = []
    for case in told["open_cases"]:
        pieces += _pieces(case)
        for proof in case["proofs"]:
            pieces += proof_pieces(case["number"].lower(), proof.encode())
            chunks += proof_chunks(proof.encode())
    return Knowledge(
        material=Material.of(pieces, chunks),
        own_keys=own_keys(secret.encode() for secret in told["own_secrets"]),
        contacts=frozenset(told["contacts"]),
        released=frozenset(number.lower() for number in told["public"]["numbers"]),
    )


def _pieces(case: Mapping[str, Any]) -> Iterator[Sealed]:
    key = case["number"].lower()
    for name in (case["number"], *(each for names in _NAMES for each in case[names])):
        yield Sealed(kind=Kind.NAME, text=name, case=key)
    yield Sealed(kind=Kind.PACKAGE, text=case["package"], case=key)
    for title, path in zip_longest(case["titles"], case["paths"], fillvalue=""):
        yield from phrases(key, title, path)
    for field, kind in _KINDS:
        for text in case[field]:
            yield Sealed(kind=kind, text=text, case=key)


def recipient(told: Mapping[str, Any], name: str) -> Recipient:
    """One of the world's recipients."""
    row = told["recipients"][name]
    theirs = {case["number"]: case for case in told["open_cases"] if case["number"] in row["cases"]}
    names = {number.lower() for number in theirs}
    names |= {each for case in theirs.values() for each in case["identifiers"]}
    return Recipient(
        address=row["address"],
        known=row.get("known", True),
        ceiling=Marking(row["ceiling"]),
        cases=frozenset(number.lower() for number in theirs),
        names=frozenset(names),
    )


def outgoing(told: Mapping[str, Any], message: Mapping[str, Any]) -> Outgoing:
    """A message as the guard is shown it."""
    number = message.get("discloses", "")
    software = {case["package"] for case in told["open_cases"] if case["number"] == number}
    readers = tuple(recipient(told, name) for name in message["to"])
    own = frozenset({number.lower()} - {""})
    if number:
        readers = (Recipient(address="", names=own),)
    return Outgoing(
        channel=Channel(message["channel"]),
        recipients=readers,
        subject=message["subject"],
        body=message["body"],
        marking=Marking(message.get("marking", "TLP:CLEAR")),
        discloses=own,
        software=frozenset(software),
    )


def judged(part: str) -> Sequence[Judged]:
    """Every message of a part with its verdict; empty when the part is not there."""
    path = HERE / f"{part}.jsonl"
    if not path.exists():
        return ()
    told = world()
    known = knowledge(told)
    read = (json.loads(line) for line in path.read_text().splitlines() if line.strip())
    return tuple(
        Judged(message=each, judgement=judge(outgoing(told, each), known)) for each in read
    )


def escaped(found: Sequence[Judged]) -> Sequence[Judged]:
    """Messages that must be blocked and were not stopped: passed, or left rewritten."""
    left = {Verdict.PASS, Verdict.REWRITE}
    return [each for each in found if each.wanted is Verdict.BLOCK and each.got in left]


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.3f}" if whole else "none"


def _shown(found: Sequence[Judged]) -> None:
    pairs = Counter((each.wanted, each.got) for each in found)
    print(f"{'expected':>10} " + "".join(f"{verdict.value:>9}" for verdict in Verdict))
    for wanted in Verdict:
        row = "".join(f"{pairs[wanted, got]:>9}" for got in Verdict)
        print(f"{wanted.value:>10} {row}")
    caught = [each for each in found if each.got is not Verdict.PASS]
    bad = [each for each in found if each.wanted is not Verdict.PASS]
    both = sum(each.wanted is not Verdict.PASS for each in caught)
    print(
        f"caught at all    precision {_share(both, len(caught))}, recall {_share(both, len(bad))}"
    )
    for verdict in list(Verdict)[1:]:
        right = pairs[verdict, verdict]
        got = sum(pairs[wanted, verdict] for wanted in Verdict)
        wanted_ = sum(pairs[verdict, other] for other in Verdict)
        print(
            f"{verdict.value:<16} precision {_share(right, got)}, recall {_share(right, wanted_)}"
        )
    exact = sum(count for (wanted, got), count in pairs.items() if wanted is got)
    print(f"exactly as expected  {_share(exact, len(found))}")
    print(f"must be blocked and left  {len(escaped(found))}")


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list what was judged otherwise")
    asked = parser.parse_args()
    bad = 0
    for part in PARTS:
        begun = time.perf_counter()
        found = judged(part)
        taken = time.perf_counter() - begun
        if not found:
            print(f"\n{part}: not written yet; see BRIEF.md")
            continue
        print(f"\n{part}: {len(found)} messages in {taken:.2f} s")
        _shown(found)
        bad += len(escaped(found))
        for each in found if asked.misses else ():
            if each.wanted is not each.got:
                rules = sorted({one.rule.value for one in each.judgement.breaches})
                text = f"{each.message['subject']} | {each.message['body'][:100]!r}"
                print(
                    f"  {each.message['id']} wanted {each.wanted}, got {each.got} {rules}: {text}"
                )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
