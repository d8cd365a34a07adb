"""Which weaknesses may be two names for one flaw.

Finders name the same overflow CWE-787, CWE-122 or CWE-119, and a crash only shows its symptom. So
weaknesses are compared by class: the nearest common parents in CWE's research view (CWE-1000),
drawn where one flaw is often reported under several names and two flaws seldom share one.

Source: MITRE CWE 4.x, relations ChildOf of view 1000.
"""

from __future__ import annotations

import re
from enum import StrEnum

_NUMBER = re.compile(r"(?:CWE-)?0*([0-9]{1,5})$", re.IGNORECASE)


class WeaknessClass(StrEnum):
    """A family of weaknesses that may name the same flaw."""

    BOUNDS = "memory outside its bounds"
    """below CWE-118 and CWE-119"""
    LIFETIME = "memory after its lifetime"
    """below CWE-672 and CWE-825"""
    NULL = "null pointer"
    """CWE-476"""
    UNINITIALISED = "memory never set"
    """below CWE-665"""
    ARITHMETIC = "arithmetic"
    """below CWE-682"""
    TYPE = "type confusion"
    """below CWE-704"""
    RACE = "race"
    """below CWE-362"""
    EXHAUSTION = "exhausted resource"
    """below CWE-400 and CWE-834"""
    LEAK = "leaked resource"
    """below CWE-404"""
    EXCEPTION = "unhandled condition"
    """below CWE-703"""
    COMMAND = "command injection"
    """below CWE-77"""
    CODE = "code injection"
    """below CWE-94"""
    SQL = "query injection"
    """below CWE-943"""
    SCRIPT = "cross-site scripting"
    """below CWE-79"""
    PATH = "path outside its folder"
    """below CWE-22 and CWE-59"""
    OBJECT = "untrusted object"
    """below CWE-502 and CWE-913"""
    XML = "XML entity"
    """below CWE-611"""
    REQUEST = "forged request"
    """below CWE-441"""
    ACCESS = "access control"
    """below CWE-284"""
    CRYPTO = "cryptography"
    """below CWE-693, the cryptographic part"""
    EXPOSURE = "exposed information"
    """below CWE-200"""


_W = WeaknessClass
_MEMBERS: dict[WeaknessClass, tuple[int, ...]] = {
    _W.BOUNDS: (
        *(118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 129, 130, 131, 170, 193, 242, 466),
        *(676, 680, 785, 786, 787, 788, 805, 806, 822, 823),
    ),
    _W.LIFETIME: (415, 416, 562, 590, 672, 761, 762, 763, 825),
    _W.NULL: (395, 476, 690),
    _W.UNINITIALISED: (456, 457, 665, 824, 908, 909),
    _W.ARITHMETIC: (*(128, 190, 191, 192, 194, 195, 196, 197, 369, 680, 681, 682, 1335, 1339),),
    _W.TYPE: (588, 704, 843),
    _W.RACE: (362, 364, 366, 367, 421, 662, 667, 820, 833),
    _W.EXHAUSTION: (
        *(400, 405, 407, 409, 606, 674, 730, 770, 776, 789, 834, 835, 1050, 1325, 1333),
    ),
    _W.LEAK: (401, 404, 771, 772, 773, 775),
    _W.EXCEPTION: (248, 252, 391, 397, 617, 703, 754, 755),
    _W.COMMAND: (77, 78, 88),
    _W.CODE: (94, 95, 96, 98, 470, 917, 1336),
    _W.SQL: (89, 90, 564, 643, 943),
    _W.SCRIPT: (79, 80, 81, 83, 84, 85, 86, 87, 116),
    _W.PATH: (22, 23, 24, 25, 26, 27, 29, 35, 36, 37, 59, 61, 73, 434, 552),
    _W.OBJECT: (502, 913, 915, 1321),
    _W.XML: (611, 776, 827),
    _W.REQUEST: (352, 441, 601, 918),
    _W.ACCESS: (
        *(269, 276, 284, 285, 287, 288, 290, 294, 302, 306, 345, 346, 639, 732, 798, 862, 863),
    ),
    _W.CRYPTO: (295, 297, 310, 311, 319, 320, 326, 327, 328, 330, 331, 335, 338, 347, 354, 916),
    _W.EXPOSURE: (200, 201, 203, 208, 209, 212, 215, 497, 532, 538),
}

_BY_NUMBER: dict[int, frozenset[WeaknessClass]] = {
    number: frozenset(kind for kind, numbers in _MEMBERS.items() if number in numbers)
    for numbers in _MEMBERS.values()
    for number in numbers
}

_ANY_MEMORY = frozenset({_W.BOUNDS, _W.LIFETIME, _W.NULL, _W.UNINITIALISED, _W.TYPE})
"""A bare signal tells that memory was misused, not how."""

_BY_CRASH: tuple[tuple[tuple[str, ...], frozenset[WeaknessClass]], ...] = (
    (("buffer-overflow", "buffer-underflow", "container-overflow"), frozenset({_W.BOUNDS})),
    (("out-of-bounds", "index out of range", "slice bounds"), frozenset({_W.BOUNDS})),
    (("param-overlap", "negative-size-param", "object-size"), frozenset({_W.BOUNDS})),
    (("use-after", "double-free", "invalid-free", "bad-free"), frozenset({_W.LIFETIME})),
    (("tag-mismatch", "heap-corruption"), frozenset({_W.BOUNDS, _W.LIFETIME})),
    (("null-dereference", "null-ptr-deref", "invalid memory address"), frozenset({_W.NULL})),
    (("uninit",), frozenset({_W.UNINITIALISED})),
    (("bad-cast", "incorrect-function-pointer-type"), frozenset({_W.TYPE})),
    (("data race", "lock-order"), frozenset({_W.RACE})),
    (("integer-overflow", "divide-by-zero", "undefined-shift"), frozenset({_W.ARITHMETIC})),
    (("float-cast-overflow", "implicit-conversion"), frozenset({_W.ARITHMETIC})),
    (("integer divide by zero", "floating-point-exception"), frozenset({_W.ARITHMETIC})),
    (("out-of-memory", "timeout", "stack-overflow", "stack overflow"), frozenset({_W.EXHAUSTION})),
    (("makeslice",), frozenset({_W.EXHAUSTION})),
    (("leak",), frozenset({_W.LEAK})),
    (("command injection",), frozenset({_W.COMMAND})),
    (("arbitrary file open",), frozenset({_W.PATH})),
    (("unknown", "segv", "bus", "sigsegv", "sigbus", "exc_bad_access"), _ANY_MEMORY),
    (("read", "write", "null_pointer"), _ANY_MEMORY),
)


def classes_of_cwe(name: str) -> frozenset[WeaknessClass]:
    """Classes of ``CWE-787`` or ``787``; empty for one that tells too little (CWE-20)."""
    match = _NUMBER.match(name.strip())
    return _BY_NUMBER.get(int(match[1]), frozenset()) if match else frozenset()


def classes_of_crash(crash_type: str) -> frozenset[WeaknessClass]:
    """Classes that a crash type may be a symptom of; empty when any may be (a failed check)."""
    lowered = crash_type.lower()
    for signs, classes in _BY_CRASH:
        if any(sign in lowered for sign in signs):
            return classes
    return frozenset()
