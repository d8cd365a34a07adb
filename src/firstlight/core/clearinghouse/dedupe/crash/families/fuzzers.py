"""Fuzzers' own reports: libFuzzer, Centipede, and sanitizers of behaviour."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_LIBFUZZER = re.compile(r"ERROR:\s{0,8}libFuzzer:\s{0,8}")
_TARGET = re.compile(r"([\w.+-]{1,120}): Running \d{1,9} inputs? \d{1,9} time")
_LIBFUZZER_KINDS = (
    ("deadly signal", "Fatal-signal"),
    ("fuzz target exited", "Unexpected-exit"),
    ("fuzz target overwrites its const input", "Overwrites-const-input"),
)
_MEMORY = (
    *("libFuzzer: out-of-memory (", "rss limit exhausted", "========= RSS limit exceeded:"),
    *("Sanitizer: allocation-size-too-big", "Sanitizer: calloc-overflow", "in rust_oom"),
    *("Sanitizer: calloc parameters overflow", "Sanitizer: out of memory"),
    *("allocator is out of memory trying to allocate", "Out of memory. Dying."),
    *("Out of memory. size=", "TerminateBecauseOutOfMemory", "FX_OutOfMemoryTerminate"),
    *("blinkGCOutOfMemory", "::OnNoMemory"),
)
_BEHAVIOUR = (
    ("Shell corruption===", "Command injection"),
    ("Shell injection===", "Command injection"),
    ("Arbitrary file open===", "Arbitrary file open"),
    ("Arbitrary domain name resolution===", "Arbitrary DNS resolution"),
    ("PySecSan:", "PySecSan"),
)


class Fuzzer(Family):
    """Time, memory and signals, as the fuzzer saw them."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        target = _TARGET.search(line) if ": Running " in line else None
        if target:
            draft.target = target[1]
        kind = line[m.end() :] if (m := _LIBFUZZER.search(line)) else ""
        late = kind.startswith("timeout") or "========= Per-input timeout exceeded:" in line
        if late and not draft.from_language:
            draft.report("Timeout", Tool.FUZZER)
        if any(sign in line for sign in _MEMORY) or _refused_allocation(line):
            draft.report("Out-of-memory", Tool.FUZZER)
        if "========= Stack limit exceeded" in line:
            draft.retype("Stack-overflow", Tool.FUZZER)
        if kind and not draft.type:
            for sign, name in _LIBFUZZER_KINDS:
                if kind.startswith(sign):
                    draft.report(name, Tool.FUZZER)
        return False


def _refused_allocation(line: str) -> bool:
    if "Sanitizer" not in line:
        return False
    asked = "Sanitizer: requested allocation size" in line and "exceeds maximum supported" in line
    return asked or ("ERROR" in line and "Sanitizer failed to allocate" in line)


class Behaviour(Family):
    """Sanitizers that watch what a program does: commands it runs, files and names it opens."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if line.startswith("===BUG DETECTED: "):
            for sign, name in _BEHAVIOUR:
                if sign in line:
                    draft.retype(name, Tool.EXTRA)
        return False
