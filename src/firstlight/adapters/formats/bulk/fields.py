"""Small steps that every bulk reader takes: texts out of decoded JSON, safe to keep and to show.

Unlike `reading.Node` nothing here remembers the way, since a hundred thousand records have to pass;
the record's own position is told instead.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from packageurl import PackageURL

from firstlight.adapters.formats.reading import WrongType
from firstlight.adapters.formats.text import clean_line
from firstlight.core.clearinghouse.intake.flood import Fault
from firstlight.core.kernel.errors import FirstlightError

_LINE = 300
_REASON = 300
_MOST_LINE = 2_000_000_000
"""of line numbers; both databases keep 32 bits"""


def fault(position: str, error: FirstlightError) -> Fault:
    """What a person needs in order to mend the record."""
    return Fault(position=position, code=error.code, reason=line_of(error.message))


def line_of(text: str, limit: int = _LINE) -> str:
    """One line that is safe to show; most are so already."""
    if len(text) <= limit and text.isprintable():
        return text.strip()
    return clean_line(text, limit).encode("utf-8", "replace").decode()


def member(value: Any, key: str, kind: type) -> Any:  # noqa: ANN401  # decoded JSON
    """The member `key`; None when it is missing.

    Raises:
        WrongType: the value is no object, or its member of another type.
    """
    if value is None:
        return None
    if type(value) is not dict:
        raise WrongType(f"an object is needed around {key}", expected="an object")
    found = value.get(key)
    # Exactly the type: JSON knows no others, and True is no number here.
    if found is None or type(found) is kind:
        return found
    raise WrongType(f"{key} has another type than it needs", expected=kind.__name__)


def text(value: Any, key: str) -> str:  # noqa: ANN401  # decoded JSON
    """A text member; empty when it is missing. Raises WrongType."""
    found: str = member(value, key, str) or ""
    return found


def first(value: Any, key: str) -> Any:  # noqa: ANN401  # decoded JSON
    """The first element of a list member; None without one. Raises WrongType."""
    found = member(value, key, list)
    return found[0] if found else None


def line_number(value: Any, key: str) -> int | None:  # noqa: ANN401  # decoded JSON
    """A line; None when it is missing or none. Raises WrongType."""
    found = member(value, key, int)
    return found if found is not None and 0 < found < _MOST_LINE else None


@lru_cache(maxsize=4_096)
def package_of(purl: str) -> str:
    """A package URL without version, qualifiers and subpath; empty when it cannot be read."""
    try:
        url = PackageURL.from_string(purl.strip())
    except ValueError:
        return ""
    return line_of(PackageURL(type=url.type, namespace=url.namespace, name=url.name).to_string())
