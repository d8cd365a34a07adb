from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.formats.purl import (
    BadPurl,
    NoEcosystem,
    from_osv,
    osv_ecosystem,
    osv_name,
    package_of,
    parse,
    with_version,
)


@pytest.mark.parametrize(
    ("purl", "package", "version"),
    [
        ("pkg:PyPI/Django@3.2", "pkg:pypi/django", "3.2"),
        ("pkg:pypi/zope_interface", "pkg:pypi/zope-interface", ""),
        ("pkg:npm/%40babel/core@7.0.0?x=y#src", "pkg:npm/%40babel/core", "7.0.0"),
        (
            "pkg:deb/debian/libxml2@2.9.4%2Bdfsg1?distro=stretch",
            "pkg:deb/debian/libxml2",
            "2.9.4+dfsg1",
        ),
    ],
)
def test_a_package_and_its_version(purl: str, package: str, version: str) -> None:
    """Normalised as the type demands; qualifiers and subpath do not belong to the package."""
    assert package_of(purl) == (package, version)
    assert package_of(with_version(package, version)) == (package, version)


@pytest.mark.parametrize(
    ("purl", "ecosystem", "name"),
    [
        ("pkg:pypi/django", "PyPI", "django"),
        ("pkg:npm/%40babel/core", "npm", "@babel/core"),
        ("pkg:maven/org.apache/commons", "Maven", "org.apache:commons"),
        ("pkg:golang/github.com/a/b", "Go", "github.com/a/b"),
        ("pkg:cargo/serde", "crates.io", "serde"),
        ("pkg:deb/debian/zlib?distro=bookworm", "Debian:12", "zlib"),
        ("pkg:deb/debian/zlib?distro=debian-11", "Debian:11", "zlib"),
        ("pkg:deb/ubuntu/zlib?distro=22.04", "Ubuntu:22.04", "zlib"),
        ("pkg:deb/debian/zlib", "Debian", "zlib"),
        ("pkg:apk/alpine/zlib?distro=3.19", "Alpine:v3.19", "zlib"),
    ],
)
def test_names_as_osv_writes_them(purl: str, ecosystem: str, name: str) -> None:
    """A query to an OSV server finds the package."""
    assert (osv_ecosystem(purl), osv_name(purl)) == (ecosystem, name)
    if "alpine" not in purl:
        assert from_osv(ecosystem, name) == package_of(purl)[0]


def test_a_type_without_an_ecosystem_says_so() -> None:
    """Unknown is an error with a reason, not an empty text."""
    with pytest.raises(NoEcosystem):
        osv_ecosystem("pkg:generic/zlib")
    with pytest.raises(NoEcosystem):
        from_osv("OSS-Fuzz", "zlib")


@pytest.mark.parametrize(
    "text",
    ["", "zlib", "pkg:", "pkg:pypi/", "pkg:pypi/a b", "pkg:pypi/a\nb", "pkg:p/" + "x" * 1100],
)
def test_what_is_no_package_url_is_refused(text: str) -> None:
    """With its own code, whatever the library says."""
    with pytest.raises(BadPurl):
        parse(text)


def test_a_name_without_end_is_refused() -> None:
    """Wherever the package URL is made, and not only where it is read."""
    with pytest.raises(BadPurl):
        from_osv("PyPI", "x" * 2_000_000)
    with pytest.raises(BadPurl):
        with_version("pkg:pypi/x", "1" * 2_000_000)


@given(st.text(max_size=60).map("pkg:".__add__) | st.from_regex(r"pkg:[a-z]+/[!-~]{1,30}"))
def test_any_text_is_read_or_refused_with_our_error(text: str) -> None:
    """And what is read is stable: its package is its own package."""
    try:
        package, _ = package_of(text)
    except BadPurl:
        return
    assert package_of(package) == (package, "")
