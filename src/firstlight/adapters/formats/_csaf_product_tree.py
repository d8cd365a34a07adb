"""The product tree of an outgoing CSAF 2.0 document, and which of its products have which status.

Each package gives one branch of vendor and product name; below it one product for the affected
range (as a vers range) and one for each exact version that is spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from firstlight.adapters.formats.purl import BadPurl, parse, with_version
from firstlight.core.clearinghouse.advisory.model import AffectedPackage
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Invalid

_RANGE_WORDS = re.compile(
    r"[<>*=]|\b(?:after|all|any|before|earlier|later|newer|older|prior|since|through|till|until"
    r"|up|versions?)\b|\.x\b",
    re.IGNORECASE,
)


class Contradiction(Invalid):
    """The advisory calls the same version affected and not affected."""

    code = "advisory.contradiction"
    next_step = "Correct the versions in the draft before it is approved."


@dataclass(kw_only=True)
class Statuses:
    """Product identifiers by status, and per package for its remediation."""

    affected: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    not_affected: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A tree and its statuses, one entry of `packages` for each package in order."""

    branches: Sequence[Json]
    packages: Sequence[Statuses]

    def all(self, status: str) -> list[str]:
        """The product identifiers of all packages under one status."""
        return [product for package in self.packages for product in getattr(package, status)]


def build(packages: Sequence[AffectedPackage]) -> Tree:
    """The tree of an advisory.

    Raises:
        Contradiction: a version is both affected and fixed or unaffected.
    """
    vendors: dict[str, dict[str, list[Json]]] = {}
    statuses = []
    number = 0
    for package in packages:
        own = Statuses()
        leaves = vendors.setdefault(_vendor(package), {}).setdefault(_name(package), [])
        for status, version, is_range in _versions(package):
            number += 1
            product = f"FLPID-{number:04}"
            getattr(own, status).append(product)
            leaves.append(_leaf(package, version, product, is_range=is_range))
        statuses.append(own)
    branches: list[Json] = [
        {
            "category": "vendor",
            "name": vendor,
            "branches": [
                {"category": "product_name", "name": name, "branches": leaves}
                for name, leaves in names.items()
            ],
        }
        for vendor, names in vendors.items()
    ]
    return Tree(branches=branches, packages=statuses)


def _versions(package: AffectedPackage) -> Iterable[tuple[str, str, bool]]:
    """Status, version, and whether it is the range; the range comes first."""
    affected = dict.fromkeys(filter(None, package.affected_versions))
    fixed = package.fixed
    spared = dict.fromkeys(filter(None, package.unaffected_versions))
    wrong = [version for version in affected if version in spared or version == fixed]
    if wrong:
        raise Contradiction(
            f"{package.name} {wrong[0]} is called affected and not affected",
            package=package.purl,
            versions=wrong[:10],
        )
    yield "affected", vers_range(package), True
    for version in affected:
        yield "affected", version, False
    if fixed:
        yield "fixed", fixed, False
    for version in spared:
        if version != fixed:
            yield "not_affected", version, False


def vers_range(package: AffectedPackage) -> str:
    """The affected range after the vers specification, for example vers:pypi/>=3.0|<3.2.5."""
    kind = package.purl.partition("/")[0].removeprefix("pkg:") or "generic"
    bounds = []
    if package.introduced not in {"", "0"}:
        bounds.append(f">={quote(package.introduced, safe='+~-._:')}")
    if package.fixed:
        bounds.append(f"<{quote(package.fixed, safe='+~-._:')}")
    return f"vers:{kind}/{'|'.join(bounds) or '*'}"


def _vendor(package: AffectedPackage) -> str:
    """The purl's namespace, else the ecosystem: open source often has no vendor."""
    try:
        namespace = parse(package.purl).namespace
    except BadPurl:
        namespace = None
    return namespace or package.ecosystem or "unknown vendor"


def _name(package: AffectedPackage) -> str:
    return package.name or package.purl or "unknown product"


def _leaf(package: AffectedPackage, version: str, product: str, *, is_range: bool) -> Json:
    """One product. A version that reads like a range is given as one (test 6.1.31)."""
    looks_like_range = is_range or _RANGE_WORDS.search(version) is not None
    described: dict[str, Json] = {"name": f"{_name(package)} {version}", "product_id": product}
    try:
        purl = with_version(package.purl, "" if is_range else version)
        described["product_identification_helper"] = {"purl": purl}
    except BadPurl:
        pass  # a product without a package URL is still a product
    return {
        "category": "product_version_range" if looks_like_range else "product_version",
        "name": version,
        "product": described,
    }
