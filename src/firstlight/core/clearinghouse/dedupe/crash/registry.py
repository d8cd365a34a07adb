"""Every family of crash formats, in the order in which each line is shown to them.

Order matters where one line means different things to two families: assertions come before
everything, because the program's own words outrank the signal that follows them; Go comes before
undefined behaviour, because both say ``runtime error:``; the families that only guess come last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.families.android import Android, Trusty
from firstlight.core.clearinghouse.dedupe.crash.families.checks import Assertion, Check
from firstlight.core.clearinghouse.dedupe.crash.families.debuggers import (
    UnixDebugger,
    WindowsDebugger,
)
from firstlight.core.clearinghouse.dedupe.crash.families.fuzzers import Behaviour, Fuzzer
from firstlight.core.clearinghouse.dedupe.crash.families.golang import Go
from firstlight.core.clearinghouse.dedupe.crash.families.java import Java
from firstlight.core.clearinghouse.dedupe.crash.families.javascript import (
    JavaScript,
    PlainJavaScript,
)
from firstlight.core.clearinghouse.dedupe.crash.families.kernel import Kernel
from firstlight.core.clearinghouse.dedupe.crash.families.loader import Chromium, Loader
from firstlight.core.clearinghouse.dedupe.crash.families.python import Python
from firstlight.core.clearinghouse.dedupe.crash.families.sanitizer import Leak, Sanitizer
from firstlight.core.clearinghouse.dedupe.crash.families.undefined import Undefined
from firstlight.core.clearinghouse.dedupe.crash.families.v8 import V8

if TYPE_CHECKING:
    from firstlight.core.clearinghouse.dedupe.crash.families.base import Family

FAMILIES: tuple[Family, ...] = (
    Assertion(),
    UnixDebugger(),
    WindowsDebugger(),
    Leak(),
    Go(),
    Undefined(),
    Python(),
    JavaScript(),
    Trusty(),
    Sanitizer(),
    Android(),
    Kernel(),
    Behaviour(),
    Check(),
    Fuzzer(),
    V8(),
    Java(),
    Loader(),
    Chromium(),
)
"""For any text."""

LAST_RESORT: tuple[Family, ...] = (PlainJavaScript(),)
"""For a text that none of the others understood: its signs are too common to be tried first."""
