"""The reference is what the code says."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests import databases

ROOT = Path(__file__).parents[3]
PAGES = ("cli.md", "errors.md", "api.md", "access.md", "settings.md")


@cache
def generator() -> Any:  # noqa: ANN401  # a module that is no package's
    """docs/generate.py, loaded from its file."""
    databases.ready()
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys  # noqa: PLC0415  # dataclasses look their module up

    sys.modules["generate"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PAGES)
def test_what_is_written_is_what_the_code_says(name: str) -> None:
    """Each generated page equals the one that is kept; otherwise run `python docs/generate.py`."""
    made = generator().pages()[name]
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == made


def test_no_page_is_forgotten() -> None:
    """The generator knows exactly these pages."""
    assert tuple(generator().pages()) == PAGES


def test_every_code_is_there_once() -> None:
    """No two errors share a code or a name, so each leads to one row."""
    errors = [error for error in generator()._errors() if "." in error.own.get("code", "")]
    for said in ([error.own["code"] for error in errors], [error.name for error in errors]):
        assert sorted(said) == sorted(set(said))
    page = generator().errors_page()
    for code in ("access.refused", "request.no_such_address", "cli.plain_http", "ledger.broken"):
        assert f"`{code}`" in page
