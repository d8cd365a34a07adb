"""Facets: equal flaws have equal facets, however each finder writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.dedupe.crash import Crash, parse_crash
from firstlight.core.clearinghouse.dedupe.facets import (
    facets_of,
    function_name,
    identifiers_of,
    package_name,
    root_cause_of,
    signature_of,
    source_path,
    words_of,
)
from firstlight.core.clearinghouse.dedupe.weakness import (
    WeaknessClass,
    classes_of_crash,
    classes_of_cwe,
)
from firstlight.core.clearinghouse.finding import Format, Location, Product, Report

LIBPNG = "pkg:deb/debian/libpng"


@pytest.mark.parametrize(
    ("purl", "name"),
    [
        ("pkg:deb/debian/libpng@1.6.2?arch=source", "pkg:deb/debian/libpng"),
        ("pkg:npm/%40scope/thing@1.0#lib", "pkg:npm/%40scope/thing"),
        ("libpng 1.6", None),
        ("", None),
    ],
)
def test_packages_lose_their_version(purl: str, name: str | None) -> None:
    """Two versions of a package are the same package; what is no package URL is unknown."""
    assert package_name(purl) == name


@pytest.mark.parametrize(
    "path",
    [
        "src/png.c",
        "./src/png.c",
        "/build/libpng-1.6.2/src/png.c",
        "/src/libpng/src/png.c",
        "..\\..\\src\\png.c",
        "libpng_1.6.2~rc1/src/png.c",
    ],
)
def test_source_paths_lose_the_builders_folders(path: str) -> None:
    """The same file has the same path wherever it was built."""
    assert source_path(path, package=LIBPNG) == "src/png.c"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("void ns::Foo<int>::bar(int, char)", "bar"),
        ("(anonymous namespace)::f()", "f"),
        ("gonids.(*Rule).option", "option"),
        ("vm.(*VM).execute.func1", "execute"),
        ("com.example.Parser.read", "read"),
        ("mylib::decode::h0123456789abcdef", "decode"),
        ("Foo::operator()(int)", "operator()(int)"),
        ("<module>", ""),
        ("", ""),
    ],
)
def test_functions_lose_scopes_and_arguments(function: str, name: str) -> None:
    """A debugger's, a tracer's and a person's way to write a function are one."""
    assert function_name(function) == name


def test_only_names_of_single_flaws_identify() -> None:
    """CVE and GHSA names count in any case; weaknesses and bundles of fixes do not."""
    names = ["cve-2026-1234", "GHSA-aaaa-bbbb-cccc", "CWE-787", "DSA-5000-1", "bug 7", ""]
    assert identifiers_of(names) == {"CVE-2026-1234", "GHSA-AAAA-BBBB-CCCC"}


def test_short_titles_tell_nothing() -> None:
    """A title needs several telling words before it may propose anything."""
    assert words_of("Buffer overflow vulnerability") == frozenset()
    assert words_of("Heap buffer overflow in png_read_row") == {
        "heap", "buffer", "overflow", "png_read_row",
    }  # fmt: skip


@pytest.mark.parametrize("cwe", ["CWE-787", "CWE-125", "CWE-122", "CWE-119", "121", "cwe-0787"])
def test_names_of_one_overflow_are_one_class(cwe: str) -> None:
    """The weaknesses that finders give for an out-of-bounds access are compatible."""
    assert classes_of_cwe(cwe) == {WeaknessClass.BOUNDS}


def test_unlike_and_unknown_weaknesses() -> None:
    """Different classes stay apart; a weakness that says too little has none."""
    assert not classes_of_cwe("CWE-416") & classes_of_cwe("CWE-787")
    assert not classes_of_cwe("CWE-20")
    assert not classes_of_cwe("nonsense")
    assert classes_of_crash("Heap-buffer-overflow\nREAD 4") == {WeaknessClass.BOUNDS}
    assert WeaknessClass.BOUNDS in classes_of_crash("UNKNOWN READ")
    assert not classes_of_crash("CHECK failure")


def test_signatures_join_symptoms_of_one_memory_error() -> None:
    """With and without a sanitizer the same overflow has the same signature."""
    stack = "    #0 0x1 in ns::f(int) a.c:1\n    #1 0x1 in ns::g() a.c:2\n"
    with_asan = parse_crash(
        "ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6\n" + stack
    )
    without = parse_crash("ERROR: AddressSanitizer: SEGV on unknown address 0x666666\n" + stack)
    assert isinstance(with_asan, Crash)
    assert isinstance(without, Crash)
    assert signature_of(with_asan) == signature_of(without)


def test_the_crash_shows_a_root_cause() -> None:
    """The innermost frame of the program gives file, function and weakness."""
    crash = parse_crash(
        "ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6\n"
        "    #0 0x1 in memcpy x/sanitizer_common/a.inc:1\n"
        "    #1 0x1 in png_read(int) /build/libpng-1.6/src/png.c:3\n"
    )
    assert isinstance(crash, Crash)
    cause = root_cause_of(crash, package=LIBPNG)
    assert cause is not None
    assert (cause.file, cause.function) == ("src/png.c", "png_read")
    assert cause.weakness == {WeaknessClass.BOUNDS}


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=200))
def test_any_report_has_facets(purl: str, function: str, crash: str) -> None:
    """Whatever a finder writes, facets are made of it without raising."""
    report = Report(
        format=Format.PLAIN,
        title=crash,
        product=Product(purl=purl),
        root_cause=Location(path=function, function=function),
        crash=crash,
        cwe=(function,),
        identifiers=(purl,),
    )
    facets = facets_of("f", report, observed_crash=crash)
    assert facets.finding == "f"
    assert facets.crash == facets.confirmed_crash
