"""SARIF 2.1.0 by the hundred thousand: each result becomes a log of its own.

A result points to what its run holds once: rules, artefacts, messages. Here each result is made
whole, so that it can be kept, compared and read alone, by the very reader that reads reports. The
run's own members may stand behind its results (a tool that sorts its keys writes them so); where
that may be, they are looked for in a second walk over the file that steps over the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Protocol, TypeVar, cast

import msgspec

from firstlight.adapters.formats._sarif_run import Run
from firstlight.adapters.formats.bounded_json import MalformedJson
from firstlight.adapters.formats.bulk.fields import fault, line_of, member, package_of
from firstlight.adapters.formats.bulk.fields import text as text_at
from firstlight.adapters.formats.bulk.sarif_shape import NOWHERE, Message, Result, decode_result
from firstlight.adapters.formats.bulk.window import BOUNDS, Window
from firstlight.adapters.formats.limits import DEFAULT
from firstlight.adapters.formats.reading import Intake, Node, WrongType, flaw_names
from firstlight.core.clearinghouse.finding import Format
from firstlight.core.clearinghouse.intake.flood import (
    Candidate,
    Passed,
    Read,
    content_of,
    likeness,
    steady,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import BadEncoding, FirstlightError

Head = dict[str, Json]
Found = TypeVar("Found")
_NO_PROBLEM = frozenset({"pass", "notApplicable", "informational"})
_RULES = 10_000
"""of one run that are kept at hand"""
_DRIFTING = ("column", "startline", "linenumber")
"""parts of names of fingerprints that hold a place, which drifts"""
_SHARED = frozenset({"properties", "versionControlProvenance"})
"""members of a run that are told with each of its results"""
_SHARED_WORDS = ('"versionControlProvenance"', '"purl"', '"versions"', '"firstlight"')
"""a file without these has nothing of the kind behind its results"""
_MESSAGE = 2_000
_TITLE = 120


class Aside(Protocol):
    """Lets somebody look at a log from its start, and comes back to where reading stands."""

    def __call__(self, look: Callable[[Window], Found]) -> Found:
        """What `look` finds."""
        ...


def results(window: Window, aside: Aside, purl: str) -> Iterator[Read]:
    """Every result of a log; the window stands before its array of runs.

    Args:
        window: left behind the array
        aside: lets somebody look at the same log from its start
        purl: package of every result that names none

    Raises:
        FirstlightError: the log cannot be read any further.
    """
    outlines: list[Head] = []

    @cache
    def mentioned() -> bool:
        return aside(lambda window: window.mentions(_SHARED_WORDS))

    def outline(number: int) -> Head:
        if not outlines:
            outlines.extend(aside(lambda window: list(_outlines(window))))
        return outlines[number]

    for number in window.elements():
        head: Head = {}
        for key in window.members():
            if key != "results" or window.peek() != "[":
                head[key] = window.value(BOUNDS.head)
                continue
            late = "tool" not in head or (not head.keys() >= _SHARED and mentioned())
            if late:
                head = {**outline(number), **head}
            whole = _Whole(head, lambda at=number: outline(at), purl)  # type: ignore[misc]
            for place in window.elements():
                yield _result(window, whole, f"$.runs[{number}].results[{place}]")


def _result(window: Window, whole: _Whole, position: str) -> Read:
    try:
        value, written = window.scanned()
    except BadEncoding:
        raise
    except FirstlightError as error:
        window.skip()
        return fault(position, error)
    try:
        return whole.read(value, written, position)
    except FirstlightError as error:
        return fault(position, error)


def _outlines(window: Window) -> Iterator[Head]:
    """Every run without its results."""
    for key in window.members():
        if key != "runs":
            window.skip()
            continue
        for _ in window.elements():
            head: Head = {}
            for name in window.members():
                if name == "results":
                    window.skip()
                else:
                    head[name] = window.value(BOUNDS.head)
            yield head


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule as each of its results needs it."""

    before: bytes
    """of the log, up to the result"""
    name: str
    title: str
    level: str
    flaws: str
    """names of flaws in it, by blanks"""
    texts: Mapping[str, Any]

    def told(self, message: Message) -> str:
        """A message that is named by its id, or has Markdown alone."""
        found = self.texts.get(message.id or "")
        known = found.get("text") if isinstance(found, dict) else None
        return known if isinstance(known, str) else message.markdown or ""


class _Whole:
    """Makes results of one run whole."""

    def __init__(self, head: Head, more: Callable[[], Head], purl: str) -> None:
        self._head = head
        self._more = more
        self._known: dict[tuple[Any, ...], _Rule] = {}
        self._purl = purl or _purl_in(head.get("properties"))
        self._run = Run(Node(cast("Json", self._head)), Intake(DEFAULT))
        self._tool = line_of(self._run.driver.get("name").string())

    def _complete(self) -> None:
        self._head = {**self._more(), **self._head}

    def read(self, value: Json, written: str, position: str) -> Read:
        """One result. Raises what is wrong with it."""
        text = _utf8(written)
        result = _shaped(text)
        if (
            result.kind in _NO_PROBLEM
            or result.baseline == "absent"
            or (result.suppressions and all(one.counts for one in result.suppressions))
        ):
            return Passed(position)
        rule = self._rule(result, value)
        if result.points or not result.rule_id:
            text = _encoded(self._resolved(cast("dict[str, Any]", value), rule))
            result = _shaped(text)
        location = result.locations[0] if result.locations else NOWHERE
        path = line_of(location.physical.artifact.uri or "")
        function = line_of(location.function)
        message = (result.message.text or rule.told(result.message))[:_MESSAGE]
        package = package_of(_purl_in(result.properties) or self._purl)
        document = self._document(result, rule, text)
        return Candidate(
            Format.SARIF,
            likeness(
                *(package, self._tool, rule.name, path),
                *(_prints(result) or (function, steady(message), location.snippet)),
            ),
            content_of(document),
            document,
            position,
            package,
            rule.name,
            rule.title or line_of(message, _TITLE) or rule.name,
            path,
            location.line,
            function,
            line_of(result.level) if result.level else rule.level,
            rule.flaws,
        )

    def _rule(self, result: Result, value: Json) -> _Rule:
        """The rule, made ready once."""
        pointer = str(result.rule) if result.rule else ""
        key = (result.rule_id, result.rule_index, pointer)
        known = self._known.get(key)
        if known is None:
            known = self._made(Node(value))
            if len(self._known) < _RULES:
                self._known[key] = known
        return known

    def _made(self, result: Node) -> _Rule:
        rule = self._run.rule(result)
        name = line_of(self._run.rule_id(result) or rule.get("id").string())
        driver = {
            field: self._run.driver.get(field).string()
            for field in ("name", "version", "semanticVersion")
            if not self._run.driver.get(field).missing
        }
        run: dict[str, Any] = {"tool": {"driver": driver}}
        if not rule.missing:
            run["tool"]["driver"]["rules"] = [rule.value]
        for field in sorted(_SHARED):
            if field in self._head:
                run[field] = self._head[field]
        short = line_of(rule.at("shortDescription", "text").string(), _TITLE + 1)
        level = rule.at("defaultConfiguration", "level").string() or "warning"
        texts = rule.get("messageStrings").value
        return _Rule(
            before=_encoded({"version": "2.1.0", "runs": [run]})[:-3] + b',"results":[',
            name=name,
            title=short if len(short) <= _TITLE else "",
            level=line_of(level),
            flaws=" ".join(flaw_names([name, short])),
            texts=cast("Mapping[str, Any]", texts) if isinstance(texts, Mapping) else {},
        )

    def _resolved(self, result: dict[str, Any], rule: _Rule) -> dict[str, Any]:
        """With what each number stands for in the run in its place. Raises WrongType."""
        if rule.name:
            result["ruleId"] = rule.name
        for location in result.get("locations") or ():
            artifact = member(member(location, "physicalLocation", dict), "artifactLocation", dict)
            index = artifact.pop("index", None) if artifact else None
            if artifact is not None and index is not None and not artifact.get("uri"):
                found = self._at("artifacts", index)
                artifact["uri"] = text_at(member(found, "location", dict), "uri")
            for logical in member(location, "logicalLocations", list) or ():
                known = self._at("logicalLocations", member(logical, "index", int))
                logical.pop("index", None)
                for name, value in known.items():
                    logical.setdefault(name, value)
        message = member(result, "message", dict)
        if message and not message.get("text") and "id" in message:
            shared = member(self._driver(), "globalMessageStrings", dict) or {}
            told = text_at(shared.get(text_at(message, "id")), "text")
            if told:
                message["text"] = told
        return result

    def _at(self, table: str, index: int | None) -> dict[str, Any]:
        """An element of one of the run's tables; empty when there is none."""
        if not isinstance(index, int) or index < 0:
            return {}
        if table not in self._head:
            self._complete()
        rows = member(self._head, table, list) or []
        return cast("dict[str, Any]", rows[index]) if index < len(rows) else {}

    def _driver(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self._run.driver.value or {})

    def _document(self, result: Result, rule: _Rule, text: bytes) -> bytes:
        """A log with this one result, and with the artefacts that its attachments point to."""
        if not result.attachments:
            return rule.before + text + b"]}]}"
        value = msgspec.json.decode(text)
        kept: list[Any] = []
        for attachment in value["attachments"]:
            location = member(attachment, "artifactLocation", dict)
            found = self._at("artifacts", location.get("index") if location else None)
            if location is not None and found:
                location["index"] = len(kept)
                kept.append(found)
        artifacts = b'],"artifacts":' + _encoded(kept)
        return rule.before + _encoded(value) + artifacts + b"}]}"


def _encoded(value: object) -> bytes:
    """Raises BadEncoding for half of a character."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        raise BadEncoding(f"a text holds {error.object[error.start]!r}") from None


def _utf8(written: str) -> bytes:
    """Raises BadEncoding for half of a character."""
    try:
        return written.encode()
    except UnicodeEncodeError as error:
        raise BadEncoding(f"a text holds {error.object[error.start]!r}") from None


def _shaped(text: bytes) -> Result:
    """Raises WrongType with the place, or MalformedJson."""
    try:
        return decode_result(text)
    except msgspec.ValidationError as error:
        raise WrongType(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedJson(str(error)) from None


def _purl_in(bag: Any) -> str:  # noqa: ANN401  # a property bag holds anything
    found = bag.get("purl") if isinstance(bag, dict) else None
    return found if isinstance(found, str) else ""


@lru_cache(maxsize=1_024)
def _drifts(name: str) -> bool:
    """Whether a fingerprint of this name holds a place."""
    return any(sign in name.lower() for sign in _DRIFTING)


def _prints(result: Result) -> tuple[str, ...]:
    """The tool's own fingerprints, but for those that hold a place."""
    for found in (result.fingerprints, result.partial):
        if found:
            steady_ones = [
                f"{name}={value}"
                for name, value in found.items()
                if isinstance(value, str) and not _drifts(name)
            ]
            if steady_ones:
                return tuple(sorted(steady_ones))
    return ()
