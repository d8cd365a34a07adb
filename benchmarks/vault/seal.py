"""What sealing and opening cost against bare AES-256-GCM over the same bytes.

    python benchmarks/vault/seal.py [--runs N] [--json]

All in turns, in one process. *Bare* is one call of the library on the whole content with a fresh
key; *bare in chunks* the same on pieces of 64 KiB that are not kept, the best that a form with
bounded memory can reach. Compare what is streamed with chunks, and what is whole with bare; small
pieces stay in the processor's cache, so chunks may be faster than one call. Ours reads the
engagement's key from its file each time, draws a data key, wraps it and binds the names. Times are
CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.adapters.vault.stream import CHUNK_BYTES

SIZES = {"4 KiB": 4 << 10, "1 MiB": 1 << 20, "64 MiB": 64 << 20}
_ENOUGH_BYTES = 64 << 20
_MOST_TIMES = 500


def bare(content: bytes) -> None:
    """One call."""
    AESGCM(AESGCM.generate_key(256)).encrypt(secrets.token_bytes(12), content, b"names")


def in_chunks(content: bytes) -> None:
    """One call for each chunk, with a counter as nonce."""
    cipher = AESGCM(AESGCM.generate_key(256))
    view = memoryview(content)
    for number, at in enumerate(range(0, len(content), CHUNK_BYTES)):
        cipher.encrypt(number.to_bytes(12), view[at : at + CHUNK_BYTES], None)


def kinds(vault: EngagementVault, content: bytes) -> Mapping[str, Callable[[], object]]:
    """What is compared."""
    sealed = vault.seal("eng", "doc", content, b"names")
    pieces = [content[at : at + 100_000] for at in range(0, len(content), 100_000)]

    def streamed() -> None:
        drain(vault.seal_stream("eng", "doc", pieces, b"names"))

    def open_streamed() -> None:
        drain(vault.open_stream("eng", "doc", [sealed.envelope], b"names"))

    return {
        "bare": lambda: bare(content),
        "bare in chunks": lambda: in_chunks(content),
        "seal": lambda: vault.seal("eng", "doc", content, b"names"),
        "seal, streamed": streamed,
        "open, streamed": open_streamed,
        "open": lambda: vault.open("eng", "doc", sealed, b"names"),
    }


def drain(pieces: Iterator[bytes]) -> None:
    """Take everything, keep nothing."""
    for _ in pieces:
        pass


def measure(vault: EngagementVault, size: int, runs: int) -> Mapping[str, float]:
    """Median CPU seconds of one operation, by kind."""
    compared = kinds(vault, secrets.token_bytes(size))
    times = max(1, min(_MOST_TIMES, _ENOUGH_BYTES // size))
    seconds: dict[str, list[float]] = {name: [] for name in compared}
    for each in compared.values():
        each()
    for _ in range(runs):
        for name, each in compared.items():
            began = time.process_time()
            for _ in range(times):
                each()
            seconds[name].append((time.process_time() - began) / times)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        vault = EngagementVault(Path(folder) / "keys")
        for label, size in SIZES.items():
            taken = measure(vault, size, options.runs)
            report[label] = {
                name: {
                    "microseconds": round(seconds * 1e6, 1),
                    "MB_per_second": round(size / seconds / 1e6, 1),
                    "of_bare": round(taken["bare"] / seconds, 3),
                    "of_chunks": round(taken["bare in chunks"] / seconds, 3),
                }
                for name, seconds in taken.items()
            }
    if options.json:
        print(json.dumps(report, indent=1))
        return
    for label, rows in report.items():
        print(label)
        for name, row in rows.items():
            print(
                f"  {name:15s} {row['microseconds']:11.1f} us {row['MB_per_second']:8.1f} MB/s"
                f"   {row['of_bare']:.2f} of bare, {row['of_chunks']:.2f} of chunks"
            )


if __name__ == "__main__":
    main()
