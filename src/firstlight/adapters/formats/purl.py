"""Package URLs, bounded and normalised, and the names that OSV uses for the same packages.

Sources: package-url/purl-spec; OSV schema 1.7, section "affected[].package field".
"""

from __future__ import annotations

import re

from packageurl import PackageURL

from firstlight.core.kernel.errors import Invalid

_CHARACTERS = 1024
_SHOWN = 100

_ECOSYSTEMS = {
    "apk": "Alpine",
    "bitnami": "Bitnami",
    "cargo": "crates.io",
    "composer": "Packagist",
    "conan": "ConanCenter",
    "cran": "CRAN",
    "deb": "Debian",
    "gem": "RubyGems",
    "githubactions": "GitHub Actions",
    "golang": "Go",
    "hackage": "Hackage",
    "hex": "Hex",
    "maven": "Maven",
    "npm": "npm",
    "nuget": "NuGet",
    "opam": "opam",
    "pub": "Pub",
    "pypi": "PyPI",
    "swift": "SwiftURL",
}
_KNOWN = frozenset({*_ECOSYSTEMS.values(), "Ubuntu", "OSS-Fuzz", "Linux", "Android"})
_DEB_VENDORS = {"debian": "Debian", "ubuntu": "Ubuntu"}
_DEBIAN_RELEASES = {
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "forky": "14",
}
_DISTRO = re.compile(r"(?:debian|ubuntu|alpine)?-?v?([0-9]{1,3}(?:\.[0-9]{1,3}){0,2})")


class BadPurl(Invalid):
    """This is not a package URL."""

    code = "input.bad_purl"
    next_step = "Write it as pkg:type/namespace/name, for example pkg:pypi/django."


class NoEcosystem(Invalid):
    """OSV has no ecosystem for packages of this type."""

    code = "input.no_ecosystem"
    next_step = "Name the package by its purl alone; OSV does not know its ecosystem."


def parse(text: str) -> PackageURL:
    """The package URL, with type, namespace and name normalised as its type demands.

    Raises:
        BadPurl: longer than 1024 characters, or malformed.
    """
    if len(text) > _CHARACTERS or any(character <= " " for character in text):
        raise BadPurl(f"{text[:_SHOWN]!r} is too long or holds spaces or control characters")
    try:
        return PackageURL.from_string(text)
    except (ValueError, TypeError) as error:
        raise BadPurl(f"{text[:_SHOWN]!r}: {str(error)[:_SHOWN]}") from None


def versionless(purl: PackageURL) -> str:
    """The package alone: no version, no qualifiers, no subpath."""
    return _written(purl.type, purl.namespace, purl.name, None)


def package_of(text: str) -> tuple[str, str]:
    """The versionless form and the version ("" when none is named) of a package URL.

    Raises:
        BadPurl: it is none.
    """
    purl = parse(text)
    return versionless(purl), purl.version or ""


def with_version(package: str, version: str) -> str:
    """The package URL of one version.

    Raises:
        BadPurl: `package` is none.
    """
    purl = parse(package)
    return _written(purl.type, purl.namespace, purl.name, version or None)


def _written(kind: str, namespace: str | None, name: str, version: str | None) -> str:
    if len(name) + len(namespace or "") + len(version or "") > _CHARACTERS:
        raise BadPurl(f"{name[:_SHOWN]!r} is too long")
    try:
        return PackageURL(kind, namespace or None, name, version).to_string()
    except (ValueError, TypeError) as error:
        raise BadPurl(f"{name[:_SHOWN]!r}: {str(error)[:_SHOWN]}") from None


def osv_ecosystem(text: str) -> str:
    """The ecosystem as OSV names it; Debian and Alpine with their release when `distro` tells it.

    Raises:
        BadPurl: not a package URL.
        NoEcosystem: OSV has none for the type.
    """
    purl = parse(text)
    name = _ECOSYSTEMS.get(purl.type, "")
    if purl.type == "deb":
        name = _DEB_VENDORS.get(purl.namespace or "debian", "")
    if not name:
        raise NoEcosystem(f"packages of type {purl.type!r} have no ecosystem", type=purl.type)
    qualifiers = purl.qualifiers if isinstance(purl.qualifiers, dict) else {}
    distro = str(qualifiers.get("distro", "")).lower()
    release = _DEBIAN_RELEASES.get(distro, "")
    if not release and (match := _DISTRO.fullmatch(distro)):
        release = match.group(1)
    if not release or name not in {"Debian", "Ubuntu", "Alpine"}:
        return name
    return f"{name}:v{release}" if name == "Alpine" else f"{name}:{release}"


def is_osv_ecosystem(name: str) -> bool:
    """Whether OSV's schema accepts this ecosystem, its release apart."""
    return name.partition(":")[0] in _KNOWN


def osv_name(text: str) -> str:
    """The package's name as OSV writes it.

    Maven joins group and artefact with a colon, distributions give the source name alone, the
    others join namespace and name with a slash.

    Raises:
        BadPurl: not a package URL.
    """
    purl = parse(text)
    if not purl.namespace or purl.type in {"deb", "apk"}:
        return purl.name
    return f"{purl.namespace}{':' if purl.type == 'maven' else '/'}{purl.name}"


def from_osv(ecosystem: str, name: str) -> str:
    """The package URL of an OSV package.

    Raises:
        NoEcosystem: no purl type belongs to the ecosystem.
        BadPurl: the name does not make one.
    """
    base = ecosystem.partition(":")[0]
    if base in _DEB_VENDORS.values():
        return _written("deb", base.lower(), name, None)
    kind = next((kind for kind, known in _ECOSYSTEMS.items() if known == base), "")
    if not kind:
        raise NoEcosystem(f"no package URL type for {ecosystem[:_SHOWN]!r}")
    namespace, _, bare = name.rpartition(":" if base == "Maven" else "/")
    return _written(kind, namespace, bare, None)
