"""The commands by which libFuzzer and AFL++ work: build once, search in slices, try what is found.

Each command is one `run` call, as a model could make it: bounded in time, in a fresh sandbox, with
`/box` kept from slice to slice. A slice ends with the CPU seconds that it took, and with the names
of inputs that the shipped program, too, breaks on; what only the tool's own build breaks on, or
ran out of memory or time, is thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

from firstlight.adapters.bench.baselines.builds import SHOWN, WHERE, Build

DRIVER = "fuzz/driver.c"
"""where the driver lies in the box"""
SAMPLE_BYTES = 4096
"""of one input, at most"""
_SAMPLES = 100
"""of the package, at most"""
_GRACE = 5
"""seconds after which a search that does not end by itself is killed"""
_MEMORY = 800
"""megabytes after which libFuzzer begins anew; a harness may leave memory behind"""
_SANITIZE = "-w -g -O1 -fno-omit-frame-pointer"
_ENV = f"export FIRSTLIGHT_EXIT={SHOWN} ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:symbolize=0"
# AFL++ leaves the server of its processes unwaited for, so the shell cannot know what that took.
_COUNT = (
    '$2 == "(afl-fuzz)" { leads[$1] = 1; took[$1] = $14 + $15 } '
    '$2 == "(program)" && ($4 in leads) { took[$1] = $14 + $15 + $16 + $17 } '
    'END { for (one in took) all += took[one]; printf "0m%.2fs 0m0.00s\\n", all / 100 }'
)
_TIMES = re.compile(r"^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$", re.MULTILINE)
_CANDIDATE = re.compile(r"^shows (fuzz/[\w./,:+-]+)$", re.MULTILINE)


class Fuzzer(Protocol):
    """What differs between fuzzers: how it builds, how it searches, where it puts what it finds."""

    def build(self, build: Build) -> str:
        """Shell lines that leave `/box/fuzz/program`; the working folder is the sources'."""
        ...

    def search(self, seconds: int, seed: int) -> str:
        """Shell lines that search for so long and say what CPU it took; in `/box/fuzz`."""
        ...

    @property
    def found(self) -> str:
        """Pattern of what it found, below `/box/fuzz`."""
        ...


class LibFuzzer:
    """Guided by coverage and by the values that are compared."""

    found = "found/crash-*"

    def build(self, build: Build) -> str:
        """See the protocol."""
        return _compile("clang", "address,fuzzer-no-link", "address,fuzzer", build)

    def search(self, seconds: int, seed: int) -> str:
        """See the protocol."""
        return f"""\
mkdir -p found corpus
timeout -s KILL {seconds + _GRACE} ./program -max_total_time={seconds} -seed={seed} \
-max_len={SAMPLE_BYTES} -rss_limit_mb={_MEMORY} -use_value_profile=1 -close_fd_mask=3 \
-artifact_prefix=found/ corpus samples >/dev/null 2>&1
times
"""


class Afl:
    """Guided by coverage, in its persistent mode: many inputs in one process."""

    found = "out/default/crashes/id*"

    def build(self, build: Build) -> str:
        """See the protocol."""
        return "export AFL_QUIET=1\n" + _compile(
            "afl-clang-fast", "address", "address,fuzzer", build
        )

    def search(self, seconds: int, seed: int) -> str:
        """See the protocol."""
        return f"""\
export AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_AUTORESUME=1 \
AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_BENCH_UNTIL_CRASH=1 AFL_TMPDIR=/tmp
(while sleep 0.3; do cat /proc/[0-9]*/stat; done) >/tmp/stats 2>/dev/null &
timeout -s KILL {seconds + _GRACE} afl-fuzz -i samples -o out -V {seconds} -s {seed} -m none \
-t 1000 -G {SAMPLE_BYTES} -- ./program >/dev/null 2>&1
kill $!
awk '{_COUNT}' /tmp/stats
"""


FUZZERS: Mapping[str, Fuzzer] = {"libfuzzer": LibFuzzer(), "afl": Afl()}
"""by the name of the tool"""


def driver() -> bytes:
    """The source of what libFuzzer calls."""
    return files(__package__).joinpath("driver.c").read_bytes()


def build_command(fuzzer: Fuzzer, build: Build) -> str:
    """Builds the fuzzed program into the box, and puts samples beside it."""
    return f"""\
set -e
cp -r /target/src {WHERE} && cd {WHERE} && rm -f *.o
mkdir -p /box/fuzz/samples
{build.prepare}
ls -S -r {build.samples} 2>/dev/null | head -n {_SAMPLES} | while read -r name; do
    head -c {SAMPLE_BYTES} "$name" >"/box/fuzz/samples/$(basename "$name")"
done
printf '0' >/box/fuzz/samples/plain
{fuzzer.build(build)}"""


def search_command(fuzzer: Fuzzer, build: Build, seconds: int, seed: int) -> str:
    """One slice: search, count, try what was found."""
    return f"""\
cd /box/fuzz
{_ENV}
{fuzzer.search(seconds, seed)}
for one in {fuzzer.found}; do
    [ -f "$one" ] || continue
    cp "$one" /tmp/candidate
    {build.program} /tmp/candidate >/dev/null 2>&1
    code=$?
    if [ "$code" -ge {SHOWN} ]; then echo "shows fuzz/$one"; else rm -f "$one"; fi
done
rm -f found/oom-* found/timeout-* found/leak-* found/slow-*
exit 0
"""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What a slice gave."""

    cpu_seconds: float | None
    """None when it was ended before it could say"""
    candidates: Sequence[str]
    """files of the box that show something on the shipped program too"""


def read_slice(text: str) -> Slice:
    """From the output of `search_command`."""
    # The shell says two lines: of itself, and of everything that it started.
    cpu = [
        60 * (int(found[1]) + int(found[3])) + float(found[2]) + float(found[4])
        for found in _TIMES.finditer(text)
    ]
    return Slice(cpu_seconds=sum(cpu) if cpu else None, candidates=tuple(_CANDIDATE.findall(text)))


def _compile(cc: str, instrument: str, link: str, build: Build) -> str:
    """Both link the driver, which calls the harness's renamed main."""
    one = f"{cc} {_SANITIZE} {build.flags}"
    rest = (
        f"echo {build.rest} | tr ' ' '\\n' | "
        f"xargs -P 2 -I NAME clang -w -O0 {build.flags} -c NAME.c -o NAME.o"
    )
    return f"""\
{rest if build.rest else ":"}
{one} -fsanitize={instrument} -c {build.sources}
{one} -fsanitize={instrument} -Dmain=firstlight_main -c /target/harness/{build.harness} -o main.o
{one} -fsanitize={link} /box/{DRIVER} *.o -lm -o /box/fuzz/program
"""
