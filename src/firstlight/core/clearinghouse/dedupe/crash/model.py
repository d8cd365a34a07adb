"""What a crash report says once it has been read: values only, no parsing here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STATE_FRAMES = 3
"""How many frames tell two crashes apart: more split one flaw, fewer join two."""


class Tool(StrEnum):
    """Who noticed the crash."""

    ASAN = "asan"
    """AddressSanitizer"""
    HWASAN = "hwasan"
    """hardware-assisted AddressSanitizer"""
    MSAN = "msan"
    """MemorySanitizer"""
    TSAN = "tsan"
    """ThreadSanitizer"""
    UBSAN = "ubsan"
    """UndefinedBehaviorSanitizer and control flow integrity"""
    LSAN = "lsan"
    """LeakSanitizer"""
    EXTRA = "extra-sanitizer"
    """a sanitizer of behaviour: commands, files, names looked up"""
    KERNEL = "kernel"
    """Linux: oops, panic, KASAN and its relatives"""
    CHECK = "check"
    """an assertion or check in the program itself"""
    V8 = "v8"
    """the V8 JavaScript engine's own checks"""
    CHROMIUM = "chromium"
    """Chromium's crash handler"""
    ANDROID = "android"
    """Android's debuggerd or runtime"""
    WINDOWS = "windows-debugger"
    """cdb or WinDbg"""
    DEBUGGER = "debugger"
    """gdb or lldb"""
    FUZZER = "fuzzer"
    """libFuzzer or Centipede, without a sanitizer's report"""
    JAVA = "java"
    """the Java virtual machine"""
    PYTHON = "python"
    """the Python interpreter"""
    GO = "go"
    """the Go runtime"""
    JAVASCRIPT = "javascript"
    """Node.js"""
    RUST = "rust"
    """the Rust runtime"""
    TRUSTY = "trusty"
    """Android's trusted execution environment"""
    LOADER = "loader"
    """the dynamic loader"""


class AccessKind(StrEnum):
    """What the program did to the memory."""

    READ = "READ"
    """it read"""
    WRITE = "WRITE"
    """it wrote"""


@dataclass(frozen=True, kw_only=True)
class Access:
    """The memory access that failed."""

    kind: AccessKind
    """read or write; a read-modify-write counts as a write"""
    size: int | None
    """bytes; None when the report does not say"""


class AddressClass(StrEnum):
    """Where the address lies, which says more than its digits."""

    NOT_GIVEN = "not-given"
    """the report names no address"""
    NULL_PAGE = "null-page"
    """below 64 KiB: a null pointer, perhaps with an offset"""
    DELIBERATE = "deliberate"
    """a magic address that programs write to in order to stop themselves"""
    ORDINARY = "ordinary"
    """anything else"""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One call in the stack of the crash."""

    function: str
    """normalised: no arguments, no anonymous namespaces, no addresses"""
    file: str | None
    """as the report names it"""
    line: int | None
    """line in `file`"""
    module: str | None
    """library or program, when the report names one instead of a file"""
    counted: bool
    """False for frames of runtimes, allocators and handlers, which are the same in every crash"""


@dataclass(frozen=True, kw_only=True)
class Crash:
    """A crash, in the terms that ClusterFuzz publishes: a type and a state."""

    type: str
    """as ClusterFuzz writes it; access and size on a line of their own, e.g.
    ``Heap-buffer-overflow\\nREAD 8``"""
    state: tuple[str, ...]
    """the message, if there is one, and the top counted frames, normalised; may be empty"""
    tool: Tool
    """who noticed"""
    access: Access | None
    """the failed access, where the report tells it"""
    address: str | None
    """hexadecimal with 0x, as reported"""
    address_class: AddressClass
    """what kind of address it is"""
    frames: tuple[Frame, ...]
    """the stack of the crash from the innermost call; bounded"""
    exception: str | None
    """class of the uncaught exception (Java, Python, JavaScript)"""
    cut: bool
    """True when the text was longer than the limit and its middle was left out"""

    @property
    def family(self) -> str:
        """The type without access and size: the same flaw may be seen reading or writing."""
        lines = [line for line in self.type.split("\n") if not line.startswith(("READ", "WRITE"))]
        return " ".join(lines).removesuffix(" READ").removesuffix(" WRITE") or self.type

    @property
    def state_text(self) -> str:
        """The state in ClusterFuzz's form: a line each, or NULL when nothing is known."""
        return "".join(f"{line}\n" for line in self.state) or "NULL"

    @property
    def culprit(self) -> Frame | None:
        """The innermost frame that belongs to the program, not to a runtime under it."""
        return next((frame for frame in self.frames if frame.counted), None)


class NoCrashReason(StrEnum):
    """Why a text is not a crash."""

    EMPTY = "empty"
    """There is no text."""
    NOT_RECOGNISED = "not-recognised"
    """Nothing in the text is a crash report of a kind that is known here."""
    ENGINE_LIMIT = "engine-limit"
    """A JavaScript engine reached its own heap limit or raised its own runtime error, by design."""


@dataclass(frozen=True, kw_only=True)
class NoCrash:
    """The text tells of no crash, and why it was read so."""

    reason: NoCrashReason
    """machine-readable"""

    @property
    def sentence(self) -> str:
        """For the person."""
        return _SENTENCES[self.reason]


_SENTENCES = {
    NoCrashReason.EMPTY: "There is no text to read.",
    NoCrashReason.NOT_RECOGNISED: "No crash report of a known kind was found in the text.",
    NoCrashReason.ENGINE_LIMIT: (
        "The JavaScript engine stopped at a limit of its own, which is not a flaw by itself."
    ),
}


@dataclass(frozen=True, kw_only=True)
class CrashLimits:
    """Bounds on what is read. Text beyond them is left out, never refused."""

    text: int = 1 << 20
    """characters; of a longer text the first and the last half of this are read"""
    line: int = 8192
    """characters of one line; the rest of it is not read"""
    lines: int = 50_000
    """lines; the first and the last half of this are read"""
    frames: int = 512
    """frames kept; a deep recursion repeats itself long before"""


DEFAULT_LIMITS = CrashLimits()
"""Generous for real reports (the longest known is half of it), small for a hostile one."""
