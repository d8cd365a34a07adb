"""What a target is: two pinned releases of one package, and how to show the flaw between them.

A target describes; it does not fetch, build or run. Everything that is fetched is pinned by the
digest of its own content, so that two machines at two times test the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from packageurl import PackageURL

from firstlight.core.clearinghouse.validation.oracle import Oracle

TREE = "/target"
"""where the built tree stands during a run, read-only"""
PROOF = "proof"
"""name of the proof file below the box"""
HARNESS = "harness"
"""folder below the tree that holds the target's own files"""


class Ecosystem(StrEnum):
    """Where the package comes from."""

    DEBIAN = "debian"
    """source packages of a Debian release: C and C++ libraries"""
    PYPI = "pypi"
    """Python packages, pure or native"""
    NPM = "npm"
    """Node packages"""
    PLANTED = "planted"
    """small programs of our own, made for measuring; nobody publishes them"""


class Side(StrEnum):
    """One of the two releases that a proof must tell apart."""

    VULNERABLE = "vulnerable"
    """the last release that has the flaw, or one of those"""
    FIXED = "fixed"
    """the release in which the flaw is mended"""


@dataclass(frozen=True, kw_only=True)
class PypiFile:
    """One wheel or source archive of the Python index; never built or run on the host."""

    project: str
    """name on the index"""
    filename: str
    """the exact file of the release"""
    sha256: str
    """of the file"""
    into: str
    """folder below the tree; a source archive loses its single top folder"""


@dataclass(frozen=True, kw_only=True)
class NpmTarball:
    """One published npm version; its lifecycle scripts never run."""

    name: str
    """package name, scope included"""
    version: str
    """exact version"""
    integrity: str
    """`sha512-` and the digest in base64, as in a lock file"""
    into: str
    """folder below the tree"""


@dataclass(frozen=True, kw_only=True)
class DebianOrig:
    """The upstream archive of a Debian source package."""

    package: str
    """source package name; gives the folder in the pool"""
    filename: str
    """the exact `.orig.tar.*` file"""
    sha256: str
    """of the file"""
    into: str
    """folder below the tree; the archive loses its single top folder"""


@dataclass(frozen=True, kw_only=True)
class DebianPatch:
    """One file of `debian/patches`, applied inside the sandbox before the build.

    It is pinned by its own content: a newer Debian revision that still carries it serves as well.
    """

    package: str
    """source package name"""
    archive: str
    """the `.debian.tar.*` file to look in first"""
    patch: str
    """file name below debian/patches"""
    sha256: str
    """of the patch itself"""
    into: str
    """folder below the tree that it is applied to"""


@dataclass(frozen=True, kw_only=True)
class PlantedFiles:
    """The files of a program of our own; they come from its suite and from nowhere else."""

    sha256: str
    """of the tar with its single top folder"""
    into: str
    """folder below the tree"""


Source = PypiFile | NpmTarball | DebianOrig | DebianPatch | PlantedFiles


@dataclass(frozen=True, kw_only=True)
class Action:
    """One command that a target needs, with the bounds that it needs."""

    argv: tuple[str, ...]
    """program and arguments; there is no shell unless one is named"""
    cwd: str = TREE
    """folder inside the sandbox"""
    env: Mapping[str, str] = field(default_factory=dict)
    """environment beside the sandbox's own"""
    seconds: float = 30.0
    """wall time"""
    memory_mib: int = 512
    """memory of the whole run"""
    ptrace: bool = False
    """LeakSanitizer needs it; it weakens the run and is printed in the evidence"""
    stdin: bool = False
    """the proof is given on standard input as well as in the box"""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One side: a version and the pinned files that make it."""

    version: str
    """as the ecosystem writes it"""
    sources: tuple[Source, ...]
    """fetched outside the sandbox, unpacked and patched in this order"""


@dataclass(frozen=True, kw_only=True)
class PatchPlace:
    """Where a proposed unified diff applies, and what it must leave alone."""

    root: str
    """folder inside the sandbox"""
    strip: int = 1
    """leading path parts to drop, as `patch -p`"""
    protected: tuple[str, ...] = ()
    """paths below root that a proposal cannot change, such as the package's own tests"""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to build the tree, run a proof, and check a patch."""

    requires: tuple[str, ...]
    """tools, each `name` or `name>=1.2` or `name>=1.2,<2`; absent means not tried"""
    build: tuple[Action, ...]
    """in order, the tree writable, no network"""
    run: Action
    """reads the proof at /box/proof"""
    tests: Action | None = None
    """the package's own tests; exit 0 means that they pass"""
    regression: Action | None = None
    """a test of the flaw: fails on the vulnerable side and passes on the fixed one"""
    patch: PatchPlace | None = None
    """None where a patch is not supported, as for a wheel of compiled code"""


class Expect(StrEnum):
    """What a shipped proof is for."""

    SHOWS = "shows"
    """the reference, or another made differently for the same flaw"""
    SHOWS_NOTHING = "shows-nothing"
    """a harmless input, for the report of a flaw that is not there"""


@dataclass(frozen=True, kw_only=True)
class ShippedProof:
    """An input file for the target's own harness. It is data and is never executed as such."""

    name: str
    """unique within the target; the first that shows is the reference"""
    data: bytes
    """the file"""
    expect: Expect = Expect.SHOWS
    """what it must do on the vulnerable side"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the flaw lies in the source of the vulnerable side."""

    file: str
    """path below the patch root"""
    function: str
    """bare name"""


@dataclass(frozen=True, kw_only=True, repr=False)
class Target:
    """A publicly known, long fixed flaw that a harmless input shows; or one planted by us.

    In a log it is its name alone: a planted one may be sealed.
    """

    id: str
    """folder name, stable"""
    title: str
    """one line for a person"""
    cve: str
    """CVE identifier; empty for a planted flaw"""
    cwe: str
    """weakness, `CWE-` and a number"""
    ecosystem: Ecosystem
    """where it comes from"""
    package: PackageURL
    """without a version"""
    public_since: date | None
    """when the flaw became public; None for one that never did"""
    references: tuple[str, ...]
    """public pages about it"""
    vulnerable: Release
    """the side that must show it"""
    fixed: Release
    """the side that must not"""
    recipe: Recipe
    """how"""
    oracle: Oracle
    """what counts as shown"""
    proofs: tuple[ShippedProof, ...]
    """shipped inputs, the reference first"""
    harness: Mapping[str, bytes]
    """the target's own files by relative path; they stand in /target/harness"""
    proposed_patch: str | None = None
    """a unified diff that mends it, for the demonstration"""
    demo: bool = False
    """True for the quick one that the guided tour uses"""
    places: tuple[Place, ...] = ()
    """functions that the maintainers changed to mend it; empty where no source is shipped"""
    note: str = ""
    """what a reader should know, such as a published range that the runs contradict"""

    def __repr__(self) -> str:
        """The name."""
        return f"Target({self.id!r})"

    def release(self, side: Side) -> Release:
        """The release of one side."""
        return self.vulnerable if side is Side.VULNERABLE else self.fixed

    def purl(self, side: Side) -> str:
        """The package URL of one side, version included."""
        return PackageURL(
            type=self.package.type,
            namespace=self.package.namespace,
            name=self.package.name,
            version=self.release(side).version,
            qualifiers=self.package.qualifiers,
        ).to_string()

    @property
    def reference(self) -> ShippedProof:
        """The proof that was tried on both sides before the target was shipped."""
        return next(proof for proof in self.proofs if proof.expect is Expect.SHOWS)
