"""A crash while it is being read, line by line, by one family of formats after another."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from firstlight.core.clearinghouse.dedupe.crash import noise, normalise
from firstlight.core.clearinghouse.dedupe.crash.model import (
    STATE_FRAMES,
    CrashLimits,
    Frame,
    NoCrashReason,
    Tool,
)

STATED_CAUSES = frozenset(
    {
        "Arbitrary file open",
        "ASSERT",
        "CHECK failure",
        "Command injection",
        "DCHECK failure",
        "Fatal error",
        "Security CHECK failure",
        "Security DCHECK failure",
        "V8 API error",
    }
)
"""Types after which an abort, trap or illegal instruction is the program stopping itself."""

_RANKS = {"V8 sandbox violation": 2, "Timeout": 1}
"""Types that a later, less telling one does not replace."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the whole text tells before its first line is read."""

    go: bool
    """it names Go source files, so ``runtime error`` may be Go's"""
    kasan: bool
    """it holds a KASAN report, which is better than the oops that follows it"""
    signal_only: bool
    """AddressSanitizer judged the crash to be a mere signal"""
    trusty: bool
    """it holds a stack of Android's trusted execution environment"""

    @classmethod
    def of(cls, text: str) -> Context:
        """Look for the marks of each."""
        return cls(
            go=".go:" in text,
            kasan="KASAN" in text,
            signal_only=" (signal)" in text and "SCARINESS: " in text,
            trusty="Trusted App crash stacktrace" in text,
        )


@dataclass(frozen=True, kw_only=True)
class RawFrame:
    """A frame as a format gives it, before it is judged."""

    text: str
    """function and location, or module: what the lists of noise are compared with"""
    function: str | None = None
    """the name to keep; None means that it is taken from `text`"""
    file: str | None = None
    line: int | None = None
    module: str | None = None
    weak: bool = False
    """used only when no better frame is found"""
    noise: bool | None = None
    """True or False when the format itself knows; None asks the lists"""


@dataclass(kw_only=True)
class Draft:
    """Collects type, state and stack. Families write to it through its methods."""

    context: Context
    limits: CrashLimits
    type: str = ""
    tool: Tool | None = None
    access: str | None = None
    """access line of the type, once there is one"""
    address: str | None = None
    exception: str | None = None
    process: str | None = None
    """name of the process, for when there is no stack"""
    target: str | None = None
    """name of the fuzz target"""
    place: str | None = None
    """source file that a fatal error named before it told its message"""
    lines: list[str] = field(default_factory=list)
    """state so far, not yet made comparable"""
    room: int = STATE_FRAMES
    """how many more frames the state takes"""
    frames: list[Frame] = field(default_factory=list)
    spare: list[RawFrame] = field(default_factory=list)
    """weak frames"""
    closed: bool = False
    """the stack of the crash has ended; later frames explain it (allocation, creation)"""
    awaited: bool = False
    """the message of an assertion is the next line"""
    over: bool = False
    """nothing that follows is about this crash"""
    no_crash: NoCrashReason | None = None

    def report(self, crash_type: str, tool: Tool, *, address: str | None = None) -> None:
        """A crash report begins here: what was known before belongs to something else."""
        if self.retype(crash_type, tool):
            self.access = None
        self.restart()
        self.address = address

    def retype(self, crash_type: str, tool: Tool) -> bool:
        """Give the type, keeping state and stack; False when a more telling type is known."""
        if _RANKS.get(crash_type, 0) < _RANKS.get(self.type, 0):
            return False
        self.type = crash_type
        self.tool = tool
        return True

    def restart(self) -> None:
        """Forget state and stack."""
        self.lines.clear()
        self.frames.clear()
        self.spare.clear()
        self.room = STATE_FRAMES
        self.closed = False
        self.address = None

    def headline(self, text: str, *, room: int = STATE_FRAMES - 1) -> None:
        """The state begins with a message; `room` frames may follow it."""
        self.lines[:] = [text]
        self.room = room

    def accessed(self, kind: str, size: str) -> None:
        """The access that failed, once per report."""
        if self.access is None:
            self.access = f"{kind.upper()} {size}"
            self.type += f"\n{self.access}"

    def close_stack(self) -> None:
        """No more frames for the state."""
        self.room = 0
        self.closed = True

    def add(self, raw: RawFrame) -> None:
        """Judge a frame; keep it, and let it into the state if it tells something."""
        if raw.weak:
            if len(self.spare) < self.limits.frames and not self.closed:
                self.spare.append(raw)
            return
        ignored = noise.is_noise(raw.text) if raw.noise is None else raw.noise
        name = normalise.frame_name(raw.text) if raw.function is None else raw.function
        if len(self.frames) < self.limits.frames and not self.closed:
            self.frames.append(
                Frame(
                    function=normalise.state_line(name),
                    file=raw.file,
                    line=raw.line,
                    module=raw.module,
                    counted=not ignored,
                )
            )
        if not ignored and self.room > 0:
            self.lines.append(name)
            self.room -= 1

    def settle(self) -> None:
        """Nothing more comes: make do with the weak frames if there are no others."""
        if any(frame.counted for frame in self.frames):
            return
        self.closed = False
        for raw in self.spare:
            self.add(replace(raw, weak=False))

    @property
    def stated(self) -> bool:
        """True when the program itself has already said why it stops."""
        return self.type in STATED_CAUSES

    @property
    def from_language(self) -> bool:
        """True when a language's runtime has told the cause; a signal is then its echo."""
        return self.tool in (Tool.GO, Tool.PYTHON, Tool.JAVASCRIPT) or self.type.startswith(
            "Kernel failure"
        )
