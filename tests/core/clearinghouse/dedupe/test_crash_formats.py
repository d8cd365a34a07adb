"""Each family of crash formats, on a small report of its own."""

from __future__ import annotations

import pytest

from firstlight.core.clearinghouse.dedupe.crash import (
    Access,
    AccessKind,
    AddressClass,
    Crash,
    Tool,
    parse_crash,
)
from firstlight.core.clearinghouse.dedupe.crash.demangle import demangled
from firstlight.core.clearinghouse.dedupe.crash.normalise import (
    condition,
    file_name,
    frame_name,
    state_line,
)

ASAN = "==1==ERROR: AddressSanitizer: "
STACK = "    #0 0x1 in memcpy /b/glibc-2.31/x.c:1\n    #1 0x2 in ns::f(int) src/a.cc:12:3\n"
ABORT = ASAN + "ABRT on unknown address 0x1 (pc 0x1 bp 0x2 sp 0x3 T0)\n"


def crash(text: str) -> Crash:
    """The crash in a text that must hold one."""
    answer = parse_crash(text)
    assert isinstance(answer, Crash), answer
    return answer


@pytest.mark.parametrize(
    ("text", "kind", "state", "tool"),
    [
        (
            ASAN + "heap-use-after-free on address 0x60f0 at pc 0x1 bp 0x2\n"
            "WRITE of size 4 at 0x60f0 thread T0\n" + STACK,
            "Heap-use-after-free\nWRITE 4",
            ("ns::f",),
            Tool.ASAN,
        ),
        (
            ASAN + "attempting double-free on 0x6 in\n" + STACK,
            "Heap-double-free",
            ("ns::f",),
            Tool.ASAN,
        ),
        (
            ASAN + "negative-size-param: (size=-1)\n" + STACK,
            "Negative-size-param",
            ("ns::f",),
            Tool.ASAN,
        ),
        (
            ASAN + "alloc-dealloc-mismatch (malloc vs operator delete) on 0x6020\n" + STACK,
            "Alloc-dealloc-mismatch",
            ("ns::f",),
            Tool.ASAN,
        ),
        (
            ASAN + "FPE on unknown address 0x55 (pc\n" + STACK,
            "Floating-point-exception",
            ("ns::f",),
            Tool.ASAN,
        ),
        (
            ASAN + "access-violation on unknown address 0xbad00000 (pc 0x1)\n"
            "==1==The signal is caused by a WRITE memory access.\n" + STACK,
            "UNKNOWN WRITE",
            ("ns::f",),
            Tool.ASAN,
        ),
        (
            '==1==AddressSanitizer CHECK failed: /b/t.cc:12 "((0)) == ((1))" (0x0, 0x1)\n' + STACK,
            "Sanitizer CHECK failure",
            ('"((0)) == ((1))" (0x0, 0x1)',),
            Tool.ASAN,
        ),
        (
            "==1==ERROR: HWAddressSanitizer: allocation-tail-overwritten; heap object [0x1,0x2)\n"
            + STACK,
            "Allocation-tail-overwritten",
            ("ns::f",),
            Tool.HWASAN,
        ),
        (
            "==1==WARNING: MemorySanitizer: use-of-uninitialized-value\n"
            + STACK
            + "  Uninitialized value was created by an allocation of 'x'\n    #0 0x1 in g a.c:1\n",
            "Use-of-uninitialized-value",
            ("ns::f",),
            Tool.MSAN,
        ),
        (
            (
                "WARNING: ThreadSanitizer: data race (pid=2)\n"
                "  Write of size 8 at 0x7b04 by thread T1:\n"
                "    #0 update(int) src/a.cc:10:3 (prog+0x12)\n"
                "    #1 worker src/b.cc:20 (prog+0x12)\n"
            ),
            "Data race\nWRITE 8",
            ("update", "worker"),
            Tool.TSAN,
        ),
        (
            "a.c:1:2: runtime error: left shift of negative value -1\n" + STACK,
            "Undefined-shift",
            ("ns::f",),
            Tool.UBSAN,
        ),
        (
            "a.c:1:2: runtime error: 1e+20 is outside the range of representable values of type "
            "'int'\n" + STACK,
            "Float-cast-overflow",
            ("ns::f",),
            Tool.UBSAN,
        ),
        (
            "a.c:1:2: runtime error: variable length array bound evaluates to non-positive value "
            "-1\n" + STACK,
            "Non-positive-vla-bound-value",
            ("ns::f",),
            Tool.UBSAN,
        ),
        (
            "a.c:1:2: runtime error: division of -2147483648 by -1 cannot be represented in type "
            "'int'\n" + STACK,
            "Integer-overflow",
            ("ns::f",),
            Tool.UBSAN,
        ),
        (
            "b.cc:1:3: runtime error: member call on address 0x7f00 which does not point to an "
            "object of type 'D'\n0x7f00: note: object is of type 'B'\n 00 00\n" + STACK,
            "Bad-cast",
            ("Bad-cast to D from B", "ns::f"),
            Tool.UBSAN,
        ),
        (
            "Indirect leak of 8 byte(s)\n" + STACK + "Direct leak of 9 byte(s)\n"
            "    #0 0x1 in malloc x.c:1\n    #1 0x1 in g a.c:1\n"
            "Indirect leak of 8 byte(s)\n    #0 0x1 in h a.c:1\n",
            "Direct-leak",
            ("g",),
            Tool.LSAN,
        ),
        (
            "prog: a/b.c:12: int f(int): Assertion `x > 0' failed.\n" + ABORT + STACK,
            "ASSERT",
            ("x > 0", "ns::f"),
            Tool.CHECK,
        ),
        (
            "/usr/include/c++/v1/vector:12: assertion __n < size() failed: vector[] index out of "
            "bounds\n" + STACK,
            "ASSERT",
            ("vector[] index out of bounds", "ns::f"),
            Tool.CHECK,
        ),
        (
            "ASSERTION FAILED: !p\n"
            + ASAN
            + "SEGV on unknown address 0x0000bbadbeef (pc\n"
            + STACK,
            "ASSERT",
            ("!p", "ns::f"),
            Tool.CHECK,
        ),
        (
            (
                "thread 'main' panicked at src/lib.rs:10:5:\nindex out of bounds: len is 3\n"
                "stack backtrace:\n   0: rust_begin_unwind\n   1: mylib::decode\n"
            ),
            "ASSERT",
            ("index out of bounds: len is 3", "mylib::decode"),
            Tool.RUST,
        ),
        (
            "#\n# Fatal error in ../../src/a.cc, line 12\n# Debug check failed: a == b (1 vs. 2).\n"
            "#\n" + ASAN + "ILL on unknown address 0x1 (pc\n" + STACK,
            "DCHECK failure",
            ("a == b in a.cc", "ns::f"),
            Tool.V8,
        ),
        (
            (
                "[   35.1] BUG: KASAN: use-after-free in foo_bar+0x12/0x30 net/foo.c:12\n"
                "[   35.1] Read of size 64 at addr ffff888 by task a/12\n[   35.1] Call Trace:\n"
                "[   35.1]  dump_stack+0x1d8/0x2f8 lib/dump_stack.c:118\n"
                "[   35.1]  ? stale+0x1/0x2 net/foo.c:12\n"
                "[   35.1]  foo_bar+0x12/0x30 net/foo.c:12\n[   35.1]  baz.isra.0+0x12/0x30 a.c:1\n"
            ),
            "Kernel failure\nUse-after-free\nREAD {*}",
            ("foo_bar", "baz"),
            Tool.KERNEL,
        ),
        (
            (
                "Internal error: Oops: 817 [#1] PREEMPT SMP ARM\n[<c0667574>] (f_a+0xa0/0x124)\n"
                "Kernel panic - not syncing: Fatal exception\n"
            ),
            "Kernel failure\nWRITE Translation Fault, Page (2071)".replace("2071", "{*}"),
            ("f_a",),
            Tool.KERNEL,
        ),
        (
            (
                "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x14\nbacktrace:\n"
                "    #00 pc 00012345  /system/lib/libfoo.so (_ZN3foo3barEv+4)\n"
            ),
            "Null-dereference",
            ("foo::bar",),
            Tool.ANDROID,
        ),
        (
            (
                "FATAL EXCEPTION: main\njava.lang.NullPointerException\n"
                "\tat com.x.Foo.bar(Foo.java:1)\n"
            ),
            "Fatal Exception",
            ("com.x.Foo.bar",),
            Tool.JAVA,
        ),
        (
            (
                "Program received signal SIGSEGV, Segmentation fault.\n"
                "#0  parse_header (buf=0x0) at src/parse.c:33\n"
                "#1  0x0000000000400a2b in read_file (f=0x1) at src/read.c:20\n"
            ),
            "SIGSEGV",
            ("parse_header", "read_file"),
            Tool.DEBUGGER,
        ),
        (
            (
                "* thread #1, stop reason = EXC_BAD_ACCESS (code=1, address=0x0)\n"
                "  * frame #0: 0x0000000100003f50 prog`f(int) at f.c:5:3\n"
            ),
            "EXC_BAD_ACCESS",
            ("f",),
            Tool.DEBUGGER,
        ),
        (
            (
                "Attempt to write to address 00000010\nChildEBP RetAddr\n"
                "002df7e4 00fd1423 App!crash+0x1e\n"
            ),
            "WRITE",
            ("crash",),
            Tool.WINDOWS,
        ),
        (
            "/b/png_fuzzer: Running 1 inputs 1 time(s) each.\n"
            "==1== ERROR: libFuzzer: timeout after 26 seconds\n" + STACK,
            "Timeout",
            ("png_fuzzer",),
            Tool.FUZZER,
        ),
        (
            "==1== ERROR: libFuzzer: out-of-memory (used: 2049Mb; limit: 2048Mb)\n" + STACK,
            "Out-of-memory",
            ("ns::f",),
            Tool.FUZZER,
        ),
        (
            (
                "panic: runtime error: index out of range [5] with length 3\n\n"
                "goroutine 1 [running]:\n"
                "github.com/a/b.Parse[...](0x1?)\n\t/x/b.go:1 +0x1\n"
            ),
            "Index out of range",
            ("b.Parse",),
            Tool.GO,
        ),
        (
            (
                'Exception in thread "main" java.lang.IllegalStateException: x\n'
                "\tat com.example.Parser.read(Parser.java:42)\n"
            ),
            "Uncaught exception",
            ("com.example.Parser.read",),
            Tool.JAVA,
        ),
        (
            (
                "/app/index.js:3\n  foo.bar.baz\n\nTypeError: Cannot read properties of undefined\n"
                "    at parse (/app/lib/parse.js:3:7)\n"
                "    at Module._compile (node:internal/modules/cjs/loader:1103:14)\n"
            ),
            "Uncaught exception",
            ("parse",),
            Tool.JAVASCRIPT,
        ),
        (
            (
                "=== Uncaught Python exception: ===\nValueError: x\n"
                "Traceback (most recent call last):\n"
                '  File "fuzz.py", line 10, in TestOneInput\n    lib.go(data)\n'
                '  File "lib/x.py", line 20, in go\n    raise ValueError\n\n==1== ERROR: x\n'
            ),
            "Uncaught exception",
            ("go", "TestOneInput"),
            Tool.PYTHON,
        ),
    ],
)
def test_a_report_is_read(text: str, kind: str, state: tuple[str, ...], tool: Tool) -> None:
    """Type, state and tool of a small report of the family."""
    got = crash(text)
    assert (got.type, got.state, got.tool) == (kind, state, tool)


def test_a_recursion_is_told_by_what_repeats() -> None:
    """A Python recursion error has the calls of the cycle as its state, wherever it was cut."""
    calls = [("ping", 3), ("pong", 6)] * 5
    lines = "".join(f'  File "a.py", line {line}, in {name}\n    x()\n' for name, line in calls)
    got = crash(
        f"Traceback (most recent call last):\n{lines}"
        "  [Previous line repeated 993 more times]\n"
        "RecursionError: maximum recursion depth exceeded\n"
    )
    assert got.exception == "RecursionError"
    assert set(got.state) == {"ping", "pong"}
    assert len(got.state) == 2


def test_access_and_address_are_kept() -> None:
    """What was done to which memory is told in fields, not only in the type."""
    got = crash(
        ASAN + "heap-buffer-overflow on address 0x60200\nREAD of size 3 at 0x60200 thread\n"
    )
    assert got.access == Access(kind=AccessKind.READ, size=3)
    assert got.address == "0x60200"
    assert got.address_class is AddressClass.ORDINARY
    assert got.family == "Heap-buffer-overflow"


@pytest.mark.parametrize(
    ("address", "kind", "address_class"),
    [
        ("0x000000000000", "Null-dereference", AddressClass.NULL_PAGE),
        ("0x00000000ffff", "Null-dereference", AddressClass.NULL_PAGE),
        ("0x000000010000", "UNKNOWN", AddressClass.ORDINARY),
        ("0x0000bbadbeef", "UNKNOWN", AddressClass.DELIBERATE),
    ],
)
def test_addresses_have_a_class(address: str, kind: str, address_class: AddressClass) -> None:
    """Below 64 KiB a wild access is a null dereference; magic addresses are recognised."""
    got = crash(f"{ASAN}SEGV on unknown address {address} (pc 0x1)\n{STACK}")
    assert (got.type, got.address_class) == (kind, address_class)


def test_the_culprit_is_the_first_frame_of_the_program() -> None:
    """Frames of the C library are kept, but do not count."""
    got = crash(ASAN + "heap-buffer-overflow on address 0x6\n" + STACK)
    assert [frame.counted for frame in got.frames] == [False, True]
    assert got.culprit is not None
    assert (got.culprit.function, got.culprit.file, got.culprit.line) == ("ns::f", "src/a.cc", 12)


def test_frames_that_only_explain_are_left_out() -> None:
    """The stack of the allocation is not the stack of the crash."""
    got = crash(
        ASAN
        + "heap-buffer-overflow on address 0x6\n"
        + STACK
        + "previously allocated by thread T0 here:\n    #0 0x1 in g a.c:1\n"
    )
    assert [frame.function for frame in got.frames] == ["memcpy", "ns::f"]


@pytest.mark.parametrize(
    ("mangled", "plain"),
    [
        ("_ZN5blink7Element6attachEv", "blink::Element::attach"),
        ("_ZN4base5debug10StackTraceC2Ev", "base::debug::StackTrace::StackTrace"),
        ("__ZN7logging10LogMessageD2Ev", "logging::LogMessage::~LogMessage"),
        ("_ZNK3foo3barEv", "foo::bar"),
        ("_Z3foov", "foo"),
        ("_ZN12_GLOBAL__N_13fooEv", "foo"),
        ("_ZN4base8internal7InvokerIiE3RunEv", "_ZN4base8internal7InvokerIiE3RunEv"),
        ("_ZN9short", "_ZN9short"),
        ("plain", "plain"),
    ],
)
def test_simple_names_are_demangled(mangled: str, plain: str) -> None:
    """Nested names are read; what is not understood stays as it is."""
    assert demangled(mangled) == plain


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("(anonymous namespace)::f(int) a.cc:1", "f"),
        ("App!crash", "crash"),
        ("blink::V<int>::at a.cc:3", "blink::V<int>::at"),
        ("objc -[Foo bar]", "objc -"),
    ],
)
def test_frames_are_reduced_to_names(text: str, name: str) -> None:
    """Arguments, modules, places and anonymous scopes are dropped."""
    assert frame_name(text) == name


def test_state_lines_hold_nothing_that_changes_from_run_to_run() -> None:
    """Addresses, long numbers and control characters go; the line is bounded."""
    assert state_line("f 0x7f00a1 at 12345 x\x00+0x1f") == "f ADDRESS at NUMBER x"
    assert len(state_line("a" * 500)) == 80


def test_checks_are_told_without_their_values() -> None:
    """The same failed check with other values has the same text."""
    assert condition("len > 0 (-1 vs. 0)") == "len > 0"
    assert condition("CHECK_EQ( a,1u) failed: 25 vs. 1") == "CHECK_EQ( a,1u) failed"
    assert condition('url.is_valid(): "http://x/"') == "url.is_valid()"
    assert file_name("..\\..\\v8\\src\\objects.cc(12)") == "objects.cc"
    assert file_name("C:\\b\\c.cc:12") == "c.cc"
