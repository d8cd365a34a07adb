"""What every test here bears."""

from __future__ import annotations

import pytest

INSPECT = [
    pytest.mark.inspect,
    # Of Inspect and its providers, which leave streams to be collected in a later test; ours stay
    # errors everywhere else.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
