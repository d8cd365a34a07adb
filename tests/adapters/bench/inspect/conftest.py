"""Tests of the extra `inspect`. `make test-inspect` runs them, in the environment that has it.

Elsewhere they are not collected: there is nothing that they could say. They cannot be left out
silently, because `make test-deep` calls `make test-inspect`, and pytest fails where it finds none.
"""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("inspect_ai") else ["test_*.py"]
