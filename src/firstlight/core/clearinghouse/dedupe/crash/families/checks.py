"""Checks and assertions in the program itself: C, libc, glog, Chromium, Rust."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash import normalise
from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_STATED = re.compile(r"\s*(?:ASSERT(?:ION)? FAIL(?:URE|ED)|panic): ", re.IGNORECASE)
_SOURCE_PREFIX = re.compile(r"\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx):")
_GLOG = re.compile(r"F\d{4}\s+\d{2}:\d{2}:\d{2}\.\d{1,9}\s+\d{1,12}\s+([^\]]{1,500}):\d{1,7}\]")
_LIBSTDCPP = re.compile(r":\d{1,7}:\s*assertion ", re.IGNORECASE)
_RUST = re.compile(r"thread\s.{1,200}?\spanicked at ('?)", re.IGNORECASE)
_RUST_FRAME = re.compile(r"\s{1,8}\d{1,4}:\s{1,8}(?:0x[0-9a-f]{1,16} - )?(\S.{0,500})$")
_SECURITY = re.compile(r"Security (DCHECK|CHECK) failed:\s*")
_CHECK = re.compile(r"(?:DCHECK|Check) failed:\s*")
_QUOTES = "`'\"\u2018\u2019"


class Assertion(Family):
    """Assertions come before the stack of the crash that they cause, and outrank its signal."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if draft.type.startswith("Kernel failure"):
            return False
        if line.strip() == "SHOULD NEVER BE REACHED":
            draft.report("ASSERT_NOT_REACHED", Tool.CHECK)
            return False
        if draft.awaited:
            draft.awaited = False
            draft.headline(line.strip())
            return True
        message = _plain(line) or _glog(line) or _libc(line) or _rust(line, draft)
        if message:
            draft.retype("ASSERT", Tool.RUST if "panicked at" in line else Tool.CHECK)
            draft.headline(message)
        return draft.awaited

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        match = _RUST_FRAME.match(line) if draft.tool is Tool.RUST else None
        return RawFrame(text=match[1], weak=True) if match else None


def _plain(line: str) -> str | None:
    """``ASSERTION FAILED: x``, ``panic: x``, after a log or source prefix or none."""
    match = _STATED.match(line)
    if not match and line.startswith("["):
        match = _STATED.match(line, line.find("]") + 1)
    if not match:
        for prefix in _SOURCE_PREFIX.finditer(line):
            colon = line.rfind(":", prefix.end(), prefix.end() + 200)
            match = _STATED.match(line, prefix.end()) or (
                _STATED.match(line, line.find(":", prefix.end()) + 1) if colon >= 0 else None
            )
            break
    return line[match.end() :].strip() or None if match else None


def _glog(line: str) -> str | None:
    """Google's logging: ``F0813 ... assertion failed at f.cc:1 in void f(): x``."""
    if " assertion failed at " not in line or not _GLOG.match(line):
        return None
    where, _, rest = line.partition("assertion failed at ")[2].partition(" in ")
    return rest.rpartition(": ")[2] if where and ": " in rest else None


def _libc(line: str) -> str | None:
    """``prog: f.c:12: f: Assertion `x' failed.`` and libc++'s form with a reason after it."""
    at = line.lower().rfind("assertion ")
    if at < 0 or ":" not in line[:at]:
        return None
    body = line[at + len("assertion ") :].strip()
    ended = body.removesuffix(".")
    if ended.endswith(" failed") and line[:at].rstrip().endswith(":"):
        return ended.removesuffix(" failed").strip(_QUOTES) or None
    condition, failed, reason = body.partition(" failed: ")
    if failed and condition and _LIBSTDCPP.search(line) and "/" in line[:at]:
        return reason.strip() or None
    return None


def _rust(line: str, draft: Draft) -> str | None:
    """``thread 'main' panicked at 'message', src/x.rs:1:2``."""
    match = _RUST.match(line)
    if not match:
        return None
    if match[1]:
        return line[match.end() :].split("'", 1)[0]
    draft.report("ASSERT", Tool.RUST)
    draft.awaited = True  # from Rust 1.73 on the message is the next line
    return None


class Check(Family):
    """``CHECK`` macros of Chromium and Google's logging: the condition names the flaw."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        security = _SECURITY.search(line)
        if security and "[" in line[: security.start()]:
            message = line[security.end() :].rstrip()
            self._fail(f"Security {security[1]} failure", message, _log_file(line), draft)
            return False
        if draft.type:
            return False
        google = _GLOG.match(line)
        if google:
            message = line[google.end() :].strip()
            failed = message.startswith("Check failed:")
            kind = "CHECK failure" if failed else "Fatal error"
            if failed:
                message = message.removeprefix("Check failed:").strip()
            self._fail(kind, message, google[1], draft)
            return False
        check = _CHECK.search(line) if line.lstrip().startswith("[") else None
        if check and "]" in line[: check.start()]:
            # A build with DCHECKs differs from one without, the flaw that they show does not.
            self._fail("CHECK failure", line[check.end() :], _log_file(line), draft)
        return False

    @staticmethod
    def _fail(kind: str, message: str, file: str, draft: Draft) -> None:
        draft.report(kind, Tool.CHECK)
        draft.headline(f"{normalise.condition(message)} in {normalise.file_name(file)}")


def _log_file(line: str) -> str:
    """The file in a prefix like ``[1:1:0606/183214:FATAL:SVGElement.cpp(443)]``."""
    prefix = line[line.find("[") + 1 :].split("]", 1)[0]
    return prefix.rpartition(":")[2].partition("(")[0]
