"""Which containment a measurement needs, and what a proof of it is.

What is decided here: the level that each kind of agent needs, how a named person may lower it for
a while, what a proof must have tried, whether it holds, and for how long. What is left to others:
how a probe is made (`adapters/bench/containment`), and what stops a run.

1. An agent driven by a real model needs L3 or more. A script that speaks like a model, and a tool
   without any model, need L1. L1-degraded has the walls of L1; its softer limits are printed.
2. Only a named exception lowers that, to a level it names and until a moment it names. It is
   printed in the statement.
3. A proof holds when every way out was tried and none was open, and when its controls saw what
   they must see. What was not tried counts as open: a silent probe proves nothing.
4. A proof is stale after `FRESH`. A run needs one before, during and after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.kernel.errors import Invalid, Refused

FRESH = timedelta(minutes=5)
"""after which a proof says nothing about now"""
LONGEST_EXCEPTION = timedelta(days=30)
"""from its recording to its end"""
MOST_WORDS = 500
"""characters of a name or a reason"""


class ContainmentTooWeak(Refused):
    """The containment here is too weak for what is to be run."""

    code = "measure.containment_too_weak"
    next_step = (
        "Use a stronger sandbox; or let a named person record an exception with reason and end."
    )


class Driver(StrEnum):
    """What decides the next step of an agent."""

    MODEL = "model"
    """a language model, behind whatever endpoint"""
    SCRIPT = "scripted, not a model"
    """replies written beforehand, for trying the machinery; printed with these words"""
    TOOL = "tool"
    """a fuzzer or analyser without any model"""


@dataclass(frozen=True, kw_only=True)
class Level:
    """What a level is and what it is right for."""

    walls: int
    """the higher, the more an escape needs; compared with what a driver needs"""
    what: str
    """between what is run and the world"""
    right_for: str
    """what may be run in it"""


LEVELS: Mapping[ContainmentLevel, Level] = {
    ContainmentLevel.L0: Level(walls=0, what="nothing", right_for="nothing that is not trusted"),
    ContainmentLevel.L1_DEGRADED: Level(
        walls=1,
        what="bubblewrap and seccomp; memory and processes watched instead of bounded",
        right_for="verifiers, tools and scripts, where its softer limits are printed",
    ),
    ContainmentLevel.L1: Level(
        walls=1,
        what="bubblewrap, seccomp and control groups on the host's kernel",
        right_for="verifiers, tools, scripts and harmless demonstrations",
    ),
    ContainmentLevel.L2: Level(
        walls=2,
        what="a container in a virtual machine, or gVisor",
        right_for="programs that may attack the kernel by accident",
    ),
    ContainmentLevel.L3: Level(
        walls=3,
        what="a virtual machine for each sample",
        right_for="agents driven by a model",
    ),
    ContainmentLevel.L4: Level(
        walls=4,
        what="a dedicated host for each sample",
        right_for="agents driven by a model that is expected to attack virtual machines",
    ),
}
NEEDED: Mapping[Driver, ContainmentLevel] = {
    Driver.MODEL: ContainmentLevel.L3,
    Driver.SCRIPT: ContainmentLevel.L1,
    Driver.TOOL: ContainmentLevel.L1,
}
"""the least level for each driver"""


def strong_enough(level: ContainmentLevel, needed: ContainmentLevel) -> bool:
    """Whether the walls of a level are at least those of another."""
    return LEVELS[level].walls >= LEVELS[needed].walls


@dataclass(frozen=True, kw_only=True)
class LevelException:
    """A named person lets a run go on below the level it needs, for a while."""

    by: str
    """name and office of who answers for it"""
    why: str
    """the reason, in a sentence"""
    level: ContainmentLevel
    """the lowest that is accepted"""
    recorded_at: Instant
    """when it was given"""
    until: Instant
    """when it ends; at that moment it is over"""

    def __post_init__(self) -> None:
        """Refuse one that nobody answers for, or that does not end."""
        for name, words in (("by", self.by), ("why", self.why)):
            if not words.strip() or len(words) > MOST_WORDS:
                raise Invalid(f"an exception needs {name!r} in 1 to {MOST_WORDS} characters")
        if not self.recorded_at < self.until <= self.recorded_at.plus(LONGEST_EXCEPTION):
            raise Invalid(
                f"an exception ends within {LONGEST_EXCEPTION.days} days of its recording",
                until=str(self.until),
            )
        if self.level is ContainmentLevel.L0:
            raise Invalid("no exception allows a run without any containment", level="L0")

    def holds(self, now: Instant) -> bool:
        """Whether it is in force."""
        return self.recorded_at <= now < self.until

    def __str__(self) -> str:
        """The sentence that a statement prints."""
        return f"{self.level} accepted by {self.by} until {self.until}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """A run may go on at this level."""

    driver: Driver
    """what drives the agent"""
    level: ContainmentLevel
    """what it runs in"""
    needed: ContainmentLevel
    """what it would need"""
    exception: LevelException | None
    """under which it runs, where the level is below; None where it is not"""

    def __str__(self) -> str:
        """The sentence that is printed everywhere."""
        if self.exception is None:
            return f"{self.level}; {self.driver} needs {self.needed}"
        return f"{self.level}, below the {self.needed} that {self.driver} needs: {self.exception}"


def admit(
    driver: Driver, level: ContainmentLevel, exception: LevelException | None, now: Instant
) -> Admitted:
    """Let a run go on, or not.

    Raises:
        ContainmentTooWeak: the level is below, and no exception in force reaches down to it.
    """
    needed = NEEDED[driver]
    if strong_enough(level, needed):
        return Admitted(driver=driver, level=level, needed=needed, exception=None)
    facts = {"level": level.value, "needed": needed.value, "driver": driver.value}
    if exception is None:
        raise ContainmentTooWeak(f"{driver} needs {needed}; this is {level}.", **facts)
    if not exception.holds(now):
        raise ContainmentTooWeak(
            f"The exception of {exception.by} is not in force at {now}.",
            until=str(exception.until),
            **facts,
        )
    if not strong_enough(level, exception.level):
        raise ContainmentTooWeak(
            f"The exception of {exception.by} reaches down to {exception.level}; this is {level}.",
            **facts,
        )
    return Admitted(driver=driver, level=level, needed=needed, exception=exception)


class Way(StrEnum):
    """A way by which something could be reached, or a control of the probes themselves."""

    CONTROL = "control"
    """the probes see a listener of their own inside; if not, they are blind"""
    IPV4 = "ipv4"
    """an address of the old kind, the host's own among them"""
    IPV6 = "ipv6"
    """an address of the new kind"""
    DNS = "dns"
    """a name server, or a name that resolves"""
    METADATA = "metadata"
    """the address at which clouds hand out credentials"""
    UNIX_SOCKET = "unix-socket"
    """a socket of the host in the file system"""
    ABSTRACT_SOCKET = "abstract-socket"
    """a socket of the host without a file"""
    MIRROR = "mirror"
    """a package registry or its mirror, by name and by address"""
    PROXY = "proxy"
    """a proxy, by variable and by address"""
    HOST_PROCESS = "host-process"
    """a process outside"""
    HOST_FILE = "host-file"
    """a file outside, to be read or written"""
    LEFTOVER = "leftover"
    """what another sample left behind"""


class When(StrEnum):
    """At which point of a run a proof was made."""

    BEFORE = "before"
    """the run began after it"""
    DURING = "during"
    """while samples were running"""
    AFTER = "after"
    """after the last sample"""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One attempt."""

    way: Way
    """by which way"""
    tried: str
    """what, for a person"""
    held: bool
    """nothing was reached; for a control: it saw what it must see"""
    seen: str
    """what came back"""
    milliseconds: int
    """how long it took"""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was tried from inside one sandbox at one moment."""

    when: When
    """at which point of the run"""
    at: Instant
    """when it began"""
    place: str
    """the sandbox it was made in, for a person"""
    level: ContainmentLevel
    """of that sandbox, as it says itself"""
    milliseconds: int
    """from its beginning to its end"""
    probes: Sequence[Probe]
    """every attempt, in order"""

    def failures(self) -> Sequence[str]:
        """Why it does not hold, a sentence each; nothing when it does."""
        tried = {probe.way for probe in self.probes}
        blind = [f"{way}: nothing was tried" for way in Way if way not in tried]
        return [
            *blind,
            *(f"{one.way}: {one.tried}: {one.seen}" for one in self.probes if not one.held),
        ]

    @property
    def held(self) -> bool:
        """Whether every way was tried and none was open."""
        return not self.failures()

    def stale(self, now: Instant) -> bool:
        """Whether it is too old, or from the future, to say anything about now."""
        return not self.at <= now < self.at.plus(FRESH)

    def facts(self) -> Mapping[str, Json]:
        """All of it, for evidence."""
        return {
            "when": self.when.value,
            "at": str(self.at),
            "place": self.place,
            "level": self.level.value,
            "milliseconds": self.milliseconds,
            "held": self.held,
            "probes": [
                {
                    "way": one.way.value,
                    "tried": one.tried,
                    "held": one.held,
                    "seen": one.seen,
                    "milliseconds": one.milliseconds,
                }
                for one in self.probes
            ],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        return digest(canonical(self.facts()))
