"""The summary of what tools solved of a suite, as a file beside the suite."""

from __future__ import annotations

from typing import Literal

import msgspec

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.baselines import Summary, ToolTried, Tried
from firstlight.core.measure.record import Ended
from firstlight.core.measure.task import Kind

NAME = "tools.json"
"""of the file, in the folder of the suite"""
COMMAND = "python benchmarks/measure/tools.py --cpu-seconds {cpu_seconds} --write"
"""makes it again"""
_LIMITS = JsonLimits(size=1 << 20, depth=8, elements=50_000)


class _Wire(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    pass


class _Tried(_Wire):
    task: str
    kind: Kind
    ended: Ended
    cpu_milliseconds: int


class _Tool(_Wire):
    name: str
    version: str
    tried: list[_Tried]


class _Summary(_Wire):
    format: Literal["firstlight-tools-1"]
    suite: str
    suite_version: str
    cpu_seconds: int
    command: str
    tools: list[_Tool]


def read_summary(content: bytes) -> Summary:
    """Strictly.

    Raises:
        Invalid: it is something else, or contradicts itself.
    """
    try:
        wire = msgspec.convert(decode(content, _LIMITS), _Summary)
    except msgspec.ValidationError as error:
        raise Invalid(f"the summary of tools: {error}", field=NAME) from None
    return Summary(
        suite=wire.suite,
        version=wire.suite_version,
        cpu_seconds=wire.cpu_seconds,
        tools=tuple(
            ToolTried(
                name=tool.name,
                version=tool.version,
                tried=tuple(
                    Tried(
                        task=one.task,
                        kind=one.kind,
                        ended=one.ended,
                        cpu_milliseconds=one.cpu_milliseconds,
                    )
                    for one in tool.tried
                ),
            )
            for tool in wire.tools
        ),
    )


def write_summary(summary: Summary) -> bytes:
    """Readable, and the same for the same summary."""
    wire = _Summary(
        format="firstlight-tools-1",
        suite=summary.suite,
        suite_version=summary.version,
        cpu_seconds=summary.cpu_seconds,
        command=COMMAND.format(cpu_seconds=summary.cpu_seconds),
        tools=[
            _Tool(
                name=tool.name,
                version=tool.version,
                tried=[
                    _Tried(
                        task=one.task,
                        kind=one.kind,
                        ended=one.ended,
                        cpu_milliseconds=one.cpu_milliseconds,
                    )
                    for one in tool.tried
                ],
            )
            for tool in summary.tools
        ],
    )
    return msgspec.json.format(msgspec.json.encode(wire), indent=2) + b"\n"
