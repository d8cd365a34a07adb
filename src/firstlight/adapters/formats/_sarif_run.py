"""One run of a SARIF log: what its results point to (rules, messages, artefacts, functions)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from firstlight.adapters.formats.plain import partial
from firstlight.adapters.formats.reading import Intake, Node, cwes
from firstlight.adapters.formats.text import cut

_TEXT = 200_000
"""characters of one message or rule text that are looked at; a rule's are, for each result"""
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([0-9]{1,4})\}")
_FILE_URI = re.compile(r"file:/{0,5}(?=[A-Za-z]:|/)")


def fill(text: str, arguments: Sequence[Node], limit: int) -> str:
    """Replace {0}, {1}, ... by `arguments` (SARIF 3.11.5), stopping beyond `limit` characters.

    Without arguments the text is left alone: many tools put bare braces into it. A placeholder
    without its argument stays visible.
    """
    if not arguments:
        return text
    pieces: list[str] = []
    length = position = 0
    for match in _PLACEHOLDER.finditer(text):
        index = int(match.group(1)) if match.group(1) else -1
        if index < 0:
            new = match.group()[0]
        else:
            new = arguments[index].string() if index < len(arguments) else match.group()
        pieces += [text[position : match.start()], new]
        length += match.start() - position + len(new)
        position = match.end()
        if length > limit:
            break
    return "".join([*pieces, text[position : position + limit]])


def text_of(message: Node) -> str:
    """Plain text of a message or multiformat string; Markdown only where there is no text."""
    text = cut(message.get("text").string(), _TEXT).strip()
    return text or cut(message.get("markdown").string(), _TEXT).strip()


def weakness_texts(bag: Node) -> list[str]:
    """Texts of a property bag that may name a CWE."""
    return [text for key in ("tags", "cwe") for text in bag.loose(key).scalars()]


def taxon_texts(targets: Sequence[Node]) -> list[str]:
    """CWEs among references to taxa (3.52, 3.54)."""
    numbers = (
        target.get("id").string()[:20].upper().removeprefix("CWE-")
        for target in targets
        if target.at("toolComponent", "name").string().upper() == "CWE"
    )
    return [f"CWE-{number}" for number in numbers]


@dataclass(frozen=True, kw_only=True)
class Described:
    """A rule's own words, not cleaned yet."""

    short: str
    general: str
    weaknesses: tuple[str, ...]
    """CWEs from its property bag and its relationships"""


class Run:
    """A run and its tables."""

    def __init__(self, node: Node, intake: Intake) -> None:
        """Look only; nothing is read before it is asked for."""
        self.node = node
        self.driver = node.at("tool", "driver")
        bag = node.get("properties").loose("firstlight")
        self.partial = intake.once(lambda: partial(bag, intake))
        self._described: dict[int, Described] = {}

    @cached_property
    def tool(self) -> str:
        """Name and version of the tool."""
        version = self.driver.get("semanticVersion").string() or self.driver.get("version").string()
        return f"{self.driver.get('name').string()} {version}".strip()

    @cached_property
    def _components(self) -> Sequence[Node]:
        return [self.driver, *self.node.at("tool", "extensions").items()]

    @cached_property
    def _rules(self) -> dict[str, Node]:
        """Rules of every component by id; the driver's own come first."""
        named: dict[str, Node] = {}
        for component in self._components:
            for rule in component.get("rules").items():
                named.setdefault(rule.get("id").string(), rule)
        return named

    def rule_id(self, result: Node) -> str:
        """The result's rule id, wherever it is given."""
        return result.get("ruleId").string() or result.at("rule", "id").string()

    def rule(self, result: Node) -> Node:
        """The result's rule (3.27.5 to 3.27.7); empty when the log does not describe it.

        An index that leads to a rule of another name is a tool's mistake; the name wins.
        """
        name = self.rule_id(result)
        index = result.at("rule", "index").number()
        if index is None:
            index = result.get("ruleIndex").number()
        place = result.at("rule", "toolComponent", "index").number()
        component = self.driver if place is None else self.node.at("tool", "extensions").item(place)
        rule = component.get("rules").item(index) if not component.missing else component
        if not rule.missing and (not name or self._same(rule.get("id").string(), name)):
            return rule
        head = name.partition("/")[0]
        return self._rules.get(name) or self._rules.get(head) or Node(None)

    def described(self, rule: Node) -> Described:
        """The rule's own words, read once for each rule however many results repeat them."""
        known = self._described.get(id(rule.value))
        if known is None:
            targets = [link.get("target") for link in rule.get("relationships").items()]
            texts = [*weakness_texts(rule.get("properties")), *taxon_texts(targets)]
            short = text_of(rule.get("shortDescription"))
            known = Described(
                short=short,
                general=text_of(rule.get("fullDescription")) or short,
                weaknesses=cwes(texts),
            )
            self._described[id(rule.value)] = known
        return known

    @staticmethod
    def _same(identifier: str, name: str) -> bool:
        """A result may name a sub-rule: CA1000/1 belongs to CA1000 (3.27.5)."""
        return identifier == name or name.startswith(f"{identifier}/")

    def message(self, message: Node, rule: Node, limit: int) -> str:
        """The text of a message, looked up by id if need be, its placeholders filled."""
        found = text_of(message)
        if not found and not message.get("id").missing:
            key = message.get("id").string()
            found = text_of(rule.at("messageStrings", key)) or text_of(
                self.driver.at("globalMessageStrings", key)
            )
        return fill(found, message.get("arguments").items(), limit)

    def artifact(self, location: Node) -> Node:
        """The artefact that an artifactLocation points to by index; empty without one."""
        return self.node.get("artifacts").item(location.get("index").number())

    def path(self, location: Node) -> str:
        """The path of an artifactLocation: no scheme, no host, percent escapes undone."""
        uri = location.get("uri").string() or self.artifact(location).at("location", "uri").string()
        return unquote(_FILE_URI.sub("", uri[:4_000]))

    def function(self, location: Node) -> str:
        """The innermost function that a location names."""
        for logical in location.get("logicalLocations").items():
            known = self.node.get("logicalLocations").item(logical.get("index").number())
            for key in ("fullyQualifiedName", "name", "decoratedName"):
                name = logical.get(key).string() or known.get(key).string()
                if name:
                    return name
        return ""
