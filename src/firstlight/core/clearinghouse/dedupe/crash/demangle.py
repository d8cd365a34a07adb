"""Itanium C++ names, as far as a stack frame needs them: scopes and the name, no arguments.

Source: Itanium C++ ABI, 5.1 "External Names (a.k.a. Mangling)". Templates, operators and
substitutions are left mangled: equal names stay equal, which is all that comparing needs.
"""

from __future__ import annotations

import re

_PREFIX = re.compile(r"_{1,3}Z(N?)[KVr]{0,3}")
_LENGTH = re.compile(r"[1-9]\d{0,3}")
_CONSTRUCTOR = re.compile(r"C[1-3]")
_DESTRUCTOR = re.compile(r"D[0-2]")


def demangled(name: str) -> str:
    """``_ZN4base5debug10StackTraceC2Ev`` as ``base::debug::StackTrace::StackTrace``."""
    prefix = _PREFIX.match(name)
    if not prefix:
        return name
    parts: list[str] = []
    at = prefix.end()
    while length := _LENGTH.match(name, at):
        at = length.end() + int(length[0])
        part = name[length.end() : at]
        if len(part) != int(length[0]):
            return name
        parts.append(part)
        if not prefix[1]:
            return part  # not nested: arguments follow
    if parts and _CONSTRUCTOR.match(name, at):
        parts.append(parts[-1])
    elif parts and _DESTRUCTOR.match(name, at):
        parts.append(f"~{parts[-1]}")
    elif not parts or not name.startswith("E", at):
        return name
    return "::".join(part for part in parts if not part.startswith("_GLOBAL__N"))
