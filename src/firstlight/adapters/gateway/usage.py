"""Counts tokens in an answer as it passes, without changing or holding it.

The official figures stand in fields of the three protocols:

- chat completions: `usage.prompt_tokens`, `usage.completion_tokens`, in a stream only when the
  client asks with `stream_options.include_usage`;
- responses: `response.usage` of the last event, or `usage` of the whole answer;
- messages: `message.usage` of the first event, then `usage.output_tokens` as a running total;
  input from and into caches is named apart, and is input.

Where none is sent, output is estimated as one token for each event of a stream, or a quarter of
the bytes of a whole answer.
"""

from __future__ import annotations

import msgspec

from firstlight.adapters.gateway.dialects import ESTIMATED_BYTES_PER_TOKEN
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.core.review.spending import Counted, Usage

_END_OF_EVENT = (b"\n\n", b"\n\r\n")
_TAIL = 3
_LAST = frozenset(
    {
        b"data: [DONE]",
        b"event: response.completed",
        b"event: response.incomplete",
        b"event: response.failed",
        b"event: message_stop",
    }
)
"""lines of the event that ends a stream, in the three protocols"""


class _Figures(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Inner(msgspec.Struct):
    usage: _Figures | None = None


class _Answer(msgspec.Struct):
    usage: _Figures | None = None
    message: _Inner | None = None
    response: _Inner | None = None


_DECODER = msgspec.json.Decoder(_Answer)


class Meter:
    """Reads one answer. Its memory is bounded by the two limits, whatever passes."""

    def __init__(self, *, request_bytes: int, events: bool, limits: GatewayLimits) -> None:
        """`events`: the answer is an event stream (WHATWG HTML, server-sent events)."""
        self._request_bytes = request_bytes
        self._is_stream = events
        self._most = limits.event_line if events else limits.whole_answer
        self._held = bytearray()
        self._skipping = False
        self._tail = b"\n\n"
        self._last_began = False
        self._input: int | None = None
        self._output: int | None = None
        self.events = 0
        self.bytes = 0

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        self.bytes += len(chunk)
        if not self._is_stream:
            self._hold(chunk)
            return
        self._tail = (self._tail + chunk)[-_TAIL:]
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            if not self._skipping:
                self._line(bytes(self._held) + line if self._held else line)
            self._held.clear()
            self._skipping = False
        self._hold(rest)

    def _hold(self, piece: bytes) -> None:
        if self._skipping or len(self._held) + len(piece) > self._most:
            self._held.clear()
            self._skipping = True
        else:
            self._held += piece

    def _line(self, line: bytes) -> None:
        self._last_began = self._last_began or line.rstrip() in _LAST
        if not line.startswith(b"data:"):
            return
        self.events += 1
        if b'usage"' in line:
            self._read(line[5:].strip())

    def _read(self, document: bytes) -> None:
        try:
            answer = _DECODER.decode(document)
        except (msgspec.DecodeError, RecursionError):
            return  # what the endpoint sends is passed on, readable or not
        for inner in (answer.message, answer.response, answer):
            if inner is not None and inner.usage is not None:
                self._take(inner.usage)

    def _take(self, found: _Figures) -> None:
        read = found.prompt_tokens if found.input_tokens is None else found.input_tokens
        caches = (found.cache_creation_input_tokens or 0) + (found.cache_read_input_tokens or 0)
        if read is not None and read + caches >= 0:
            self._input = max(self._input or 0, read + caches)
        wrote = found.completion_tokens if found.output_tokens is None else found.output_tokens
        if wrote is not None and wrote >= 0:
            self._output = max(self._output or 0, wrote)

    @property
    def between_events(self) -> bool:
        """Whether an event of our own could follow here without breaking another."""
        return self._is_stream and self._tail.endswith(_END_OF_EVENT)

    @property
    def finished(self) -> bool:
        """Whether the event that ends a stream has passed whole."""
        return self._last_began and self.between_events

    def least_tokens(self) -> int:
        """Tokens that were used by now, at least about."""
        return (self._input or 0) + max(self.events if self._is_stream else 0, self._output or 0)

    def usage(self, *, complete: bool) -> Usage:
        """The figures, as good as they are; an answer that broke off may have said too little."""
        if not self._is_stream and not self._skipping and self._input is None and self._held:
            self._read(bytes(self._held))
            self._held.clear()
        if complete and self._input is not None and self._output is not None:
            return Usage(
                input_tokens=self._input, output_tokens=self._output, counted=Counted.REPORTED
            )
        estimated = self.events if self._is_stream else self.bytes // ESTIMATED_BYTES_PER_TOKEN
        return Usage(
            input_tokens=self._input or self._request_bytes // ESTIMATED_BYTES_PER_TOKEN,
            output_tokens=max(estimated, self._output or 0),
            counted=Counted.ESTIMATED,
        )
