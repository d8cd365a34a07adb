"""How long grouping takes as findings come in by the hundred thousand.

Run: ``python -m benchmarks.dedupe.grouping [FINDINGS]`` from the root of the repository.
The findings are made up, evenly spread over flaws, and the same in every run.
"""

from __future__ import annotations

import sys
import time

from firstlight.core.clearinghouse.dedupe.facets import CrashSignature, Facets, RootCause
from firstlight.core.clearinghouse.dedupe.grouping import group
from firstlight.core.clearinghouse.dedupe.weakness import WeaknessClass

_PER_FLAW = 4
_PACKAGES = 1000


def finding(number: int, flaws: int) -> Facets:
    """The finding of that number: what it tells depends on its turn among its flaw's findings."""
    flaw, turn = number % flaws, number // flaws
    telling = CrashSignature(family="memory", lines=(f"a{flaw}", f"b{flaw}", f"c{flaw}"))
    return Facets(
        finding=f"finding-{number:08}",
        package=f"pkg:deb/debian/package{flaw % _PACKAGES}",
        crash=telling if turn % 2 else None,
        root_causes=(
            RootCause(
                file=f"src/m{flaw}.c",
                function=f"a{flaw}",
                weakness=frozenset({WeaknessClass.BOUNDS}) if turn % 3 else frozenset(),
            ),
        ),
        identifiers=frozenset({f"CVE-2026-{flaw:06}"}) if not turn else frozenset(),
    )


def main() -> int:
    """Print the figures."""
    findings = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    flaws = max(1, findings // _PER_FLAW)
    facets = [finding(number, flaws) for number in range(findings)]
    start = time.perf_counter()
    groups = group(facets)
    seconds = time.perf_counter() - start
    print(f"{findings} findings in {len(groups.groups)} groups ({flaws} flaws): {seconds:.2f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
