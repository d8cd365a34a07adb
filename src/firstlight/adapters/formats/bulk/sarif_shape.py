"""The members of a SARIF result that candidates need, as types that msgspec reads in one pass.

Everything else in a result is stepped over here and kept in its document. A missing member and
`null` mean the same; another type is an error with its place.
"""

from __future__ import annotations

from typing import Any

import msgspec

_LINES = 2_000_000_000
"""more is no line; both databases keep 32 bits"""
_SNIPPET = 2_000


class Message(msgspec.Struct, frozen=True, gc=False):
    """SARIF 3.11."""

    text: str | None = None
    id: str | None = None
    markdown: str | None = None


class _Region(msgspec.Struct, frozen=True, gc=False, rename={"start_line": "startLine"}):
    start_line: int | None = None
    snippet: Message | None = None


class _Artifact(msgspec.Struct, frozen=True, gc=False):
    uri: str | None = None
    index: int | None = None


class _Physical(msgspec.Struct, frozen=True, gc=False, rename={"artifact_": "artifactLocation"}):
    artifact_: _Artifact | None = None
    region: _Region | None = None

    @property
    def artifact(self) -> _Artifact:
        """Empty when there is none."""
        return self.artifact_ or _NO_ARTIFACT


class _Logical(msgspec.Struct, frozen=True, gc=False, rename={"full": "fullyQualifiedName"}):
    full: str | None = None
    name: str | None = None
    index: int | None = None


class _Place(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={"physical_": "physicalLocation", "logical": "logicalLocations"},
):
    physical_: _Physical | None = None
    logical: list[_Logical] | None = None

    @property
    def physical(self) -> _Physical:
        """Empty when there is none."""
        return self.physical_ or _NO_PHYSICAL

    @property
    def function(self) -> str:
        """The innermost function that is named."""
        first = self.logical[0] if self.logical else None
        return (first.full or first.name or "") if first else ""

    @property
    def line(self) -> int | None:
        """Where it begins; None when that is no line."""
        region = self.physical.region
        line = region.start_line if region else None
        return line if line is not None and 0 < line < _LINES else None

    @property
    def snippet(self) -> str:
        """The code at the place itself, blanks apart; what stands around it may change."""
        region = self.physical.region
        text = region.snippet.text if region and region.snippet else None
        return " ".join(text[:_SNIPPET].split()) if text else ""

    @property
    def points(self) -> bool:
        """Whether a number stands where the run has the text."""
        artifact = self.physical.artifact
        return (artifact.index is not None and not artifact.uri) or any(
            one.index is not None for one in self.logical or ()
        )


class _Suppression(msgspec.Struct, frozen=True, gc=False):
    status: str | None = None

    @property
    def counts(self) -> bool:
        """Unless it is still looked at, or was turned down (3.35.3)."""
        return self.status in {None, "", "accepted"}


class Result(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "rule_id": "ruleId",
        "rule_index": "ruleIndex",
        "baseline": "baselineState",
        "places": "locations",
        "partial": "partialFingerprints",
        "message_": "message",
    },
):
    """SARIF 3.27."""

    rule_id: str | None = None
    rule_index: int | None = None
    rule: Any = None
    kind: str | None = None
    level: str | None = None
    baseline: str | None = None
    message_: Message | None = None
    places: list[_Place] | None = None
    suppressions: list[_Suppression] | None = None
    fingerprints: dict[str, Any] | None = None
    partial: dict[str, Any] | None = None
    attachments: list[Any] | None = None
    properties: Any = None

    @property
    def locations(self) -> list[_Place]:
        """None when there are none."""
        return self.places or []

    @property
    def message(self) -> Message:
        """Empty when there is none."""
        return self.message_ or _NO_MESSAGE

    @property
    def points(self) -> bool:
        """Whether a number or a name stands where the run has the text."""
        message = self.message
        return (not message.text and message.id is not None) or any(
            place.points for place in self.places or ()
        )


_NO_MESSAGE, _NO_ARTIFACT, _NO_PHYSICAL = Message(), _Artifact(), _Physical()
NOWHERE = _Place()
"""of a result without a location"""
decode_result = msgspec.json.Decoder(Result).decode
"""raises msgspec.ValidationError or msgspec.DecodeError"""
