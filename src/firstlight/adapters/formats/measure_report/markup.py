"""HTML and SVG without a template language: what is not `Markup` is escaped, always."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeAlias

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


class Markup(str):
    """Text that is HTML already. Made by `tag` and `join` alone."""

    __slots__ = ()


Child: TypeAlias = str | int | None


def text(value: object) -> Markup:
    """Escaped; characters that turn or hide text are shown as their numbers."""
    shown = "".join(
        character
        if unicodedata.category(character) not in _HIDDEN
        else f"\\u{{{ord(character):x}}}"
        for character in str(value)
    )
    return Markup(escape(shown))


def tag(name: str, *children: Child, **attributes: str | float | None) -> Markup:
    """An element. `class_` is class, `aria_label` is aria-label; None is left out."""
    parts = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_plain(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{parts}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """One after the other."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else text(child)
            for child in children
            if child is not None
        )
    )


def _plain(value: str | float | None) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def table(
    caption: str, columns: Sequence[str], rows: Sequence[Sequence[Child]], *, empty: str = ""
) -> Markup:
    """A table whose first column names the row; `empty` in its place when there is no row."""
    if not rows:
        return tag("p", empty, class_="empty")
    head = tag("tr", *(tag("th", column, scope="col") for column in columns))
    body = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        for row in rows
    ]
    inner = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", inner, class_="wide", tabindex="0", role="region", aria_label=caption)


def section(title: str, *children: Child) -> Markup:
    """A part of the page."""
    return tag("section", tag("h2", title), *children)


def paragraphs(sentences: Iterable[str]) -> Markup:
    """A list of sentences."""
    return tag("ul", *(tag("li", each) for each in sentences))
