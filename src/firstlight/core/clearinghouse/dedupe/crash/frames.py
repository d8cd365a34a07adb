"""Formats of stack frames that several tools share. Each is tried in turn on a bounded line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.demangle import demangled
from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBERED = re.compile(r"\s*#\d{1,6}(?:\.\d{1,4})?\s+(?:0[xX])?[0-9a-fA-F]{1,18}(?:\s+(.*))?$")
_PLACE = re.compile(r"^([^:]*(?::[\\/][^:]*)?):(\d{1,7})(?::\d{1,7})?$")
_CHROMIUM = re.compile(r" *#\d{1,6} (?:0[xX])?[0-9a-fA-F]{1,18} ([^/\\]+)$")
_CHROMIUM_WINDOWS = re.compile(r"\[(?:0[xX])?[0-9a-fA-F]{1,18}\+\d+\](?: \((.*):(\d{1,7})\))?")
_HEX_WORD = re.compile(r"[0-9a-fA-F`]{4,18}$")
_HEX_OFFSET = re.compile(r"(?:0[xX])?[0-9a-fA-F]+")
_FUZZ_ENTRY = "LLVMFuzzerTestOneInput"


def sanitizer(line: str) -> RawFrame | None:
    """``#0 0x4f6b78 in f(int) file.c:76:7``, ``#1 0x63 (lib.so+0x12)``: sanitizers, gdb."""
    match = _NUMBERED.match(line)
    if not match or not match[1]:
        return None
    rest = match[1].strip()
    if rest == "in":
        return RawFrame(text="")
    if rest.startswith("in "):
        return _named(rest[3:].strip())
    if rest.startswith("("):
        module = rest[1:].split(")", 1)[0]
        name = module if "+0x" in module else None
        return RawFrame(text=module, function=name, module=module.partition("+0x")[0])
    return None


def _named(body: str) -> RawFrame:
    last = body.rpartition(" ")[2]
    place = _PLACE.match(last)
    file, number = (place[1], int(place[2])) if place else (None, None)
    module = last[1:].partition("+0x")[0].rstrip(")") if last.startswith("(/") else None
    if body.startswith(_FUZZ_ENTRY) and file:
        # Every target has this entry; its file tells which one.
        body = file.replace("\\", "/").rpartition("/")[2] + body[len(_FUZZ_ENTRY) :]
    return RawFrame(text=body, file=file, line=number, module=module)


def chromium(line: str) -> RawFrame | None:
    """``#0 0x7fe0 base::debug::StackTrace::StackTrace()``: Chromium's in-process stack."""
    match = _CHROMIUM.match(line)
    return RawFrame(text=match[1].strip()) if match else None


def chromium_mac(line: str) -> RawFrame | None:
    """``4   Framework   0x000123 _ZN4base5debug + 19``: macOS."""
    at = line.find(" 0x")
    if at < 0:
        return None
    number, _, image = line[:at].strip().partition(" ")
    address, _, rest = line[at + 1 :].strip().partition(" ")
    name, plus, offset = rest.rpartition(" + ")
    if not (number.isascii() and number.isdigit() and image and plus and offset.strip().isdigit()):
        return None
    if not _HEX_OFFSET.fullmatch(address) or "/" in name or "\\" in name:
        return None
    return RawFrame(text=demangled(name.strip()), module=image.strip())


def chromium_windows(line: str) -> RawFrame | None:
    r"""``blink::f [0x1B23CD91+41] (C:\b\PluginData.cpp:56)``: Chromium on Windows."""
    at = line.find(" [0x")
    match = _CHROMIUM_WINDOWS.match(line, at + 1) if at > 0 else None
    name = line[:at].strip()
    if not match or not name or "/" in name or "\\" in name:
        return None
    number = int(match[2]) if match[2] else None
    return RawFrame(text=name, file=match[1], line=number)


def windows_debugger(line: str) -> RawFrame | None:
    """``002df7e4 00fd1423 App!crash+0x1e``: cdb and WinDbg."""
    first, _, rest = line.partition(" ")
    second, _, rest = rest.partition(" ")
    if not (_HEX_WORD.match(first) and _HEX_WORD.match(second)):
        return None
    module, bang, name = rest.partition("!")
    name, plus, offset = name.rpartition("+")
    if not (bang and plus and name and _HEX_OFFSET.match(offset)):
        return None
    if not module.replace("_", "a").isalnum():
        return None
    return RawFrame(text=name, module=module)


FORMATS: tuple[Callable[[str], RawFrame | None], ...] = (
    windows_debugger,
    sanitizer,
    chromium,
    chromium_mac,
    chromium_windows,
)
"""In this order: the first that fits is taken."""
