"""A real HTTP endpoint that replays a script: *scripted, not a model*.

It speaks chat completions on loopback, remembers nothing of a conversation but how many were begun
about each instruction, and misbehaves on request in the ways that real endpoints have.
"""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from firstlight.adapters.bench.players.script import MISBEHAVING, known_by

_MOST_BODY = 32 << 20
_BYTES_PER_TOKEN = 4
_HUGE = 16 << 20
_CROWD = 5_000
_SEEN = "firstlight-script-1"
_NOTHING = "I have nothing more to do."
_OVERLOADED, _NO_KEY = 503, 401
_PAGE = b"<!doctype html><title>Sign in</title><p>Sign in to go on."
_BANNER = b"220 mail.example ESMTP ready\r\n250 go on\r\n\r\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script: Mapping[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name = str(script["name"])
        self.replies: Mapping[str, Sequence[Sequence[Any]]] = script["replies"]
        self.begun: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.closing = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # stdlib's
        """A client that leaves is no error of ours, and everything else shows in its answer."""
        del request, client_address


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # stdlib's name
        """Nothing is written down: a request holds the text of a task."""
        del format, args

    def do_POST(self) -> None:
        """Answer one request."""
        size = int(self.headers.get("content-length") or 0)
        if not self.path.endswith("/chat/completions") or not 0 < size <= _MOST_BODY:
            self._send(404, b"{}")
            return
        body = self.rfile.read(size)
        if self.server.name in MISBEHAVING and self._misbehave(self.server.name, size):
            return
        try:
            asked = json.loads(body)
            message = self._message(asked)
        except (ValueError, KeyError, TypeError, IndexError):
            self._send(400, b'{"error": {"message": "this is no request that is understood"}}')
            return
        self._send(200, _completion(self.server.name, message, size))

    def _message(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        odd = _ODD.get(self.server.name)
        if odd is not None:
            return odd()
        step = self._step(asked["messages"])
        if step is None:
            return {"role": "assistant", "content": _NOTHING}
        if not asked.get("tools"):
            return {"role": "assistant", "content": step["arguments"].get("answer", _NOTHING)}
        return _calls([(step["tool"], step["arguments"])])

    def _step(self, messages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The next step of this attempt; the conversation itself says how far it is."""
        told = next(one["content"] for one in messages if one["role"] == "user")
        key = known_by(told)
        attempts = self.server.replies.get(key, ())
        if not attempts:
            return None
        said = sum(one["role"] == "assistant" for one in messages)
        with self.server.lock:
            if said == 0:
                self.server.begun[key] += 1
            steps = attempts[(max(1, self.server.begun[key]) - 1) % len(attempts)]
        found: Mapping[str, Any] | None = steps[said] if said < len(steps) else None
        return found

    def _misbehave(self, name: str, size: int) -> bool:
        """Whether the answer was one that no well-behaved endpoint gives."""
        match name:
            case "huge":
                self._send(200, _completion(name, {"content": "x" * _HUGE}, size))
            case "binary":
                self._send(200, bytes(range(256)) * 16)
            case "html":
                self._send(200, _PAGE, "text/html")
            case "stream":
                self._send(200, b'data: {"choices": []}\n\ndata: [DONE]\n\n', "text/event-stream")
            case "other":
                self.wfile.write(_BANNER)
                self.close_connection = True
            case "stall":
                self.server.closing.wait()
                self.close_connection = True
            case "dies":
                self.send_response(200)
                self.send_header("content-length", "1000")
                self.end_headers()
                self.wfile.write(b'{"choices": [{"mess')
                self.wfile.flush()
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            case "busy":
                self._send(_OVERLOADED, b'{"error": {"message": "overloaded"}}')
            case "refuses":
                self._send(_NO_KEY, b'{"error": {"message": "no such key"}}')
            case _:
                return False
        return True

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


def _calls(asked: Sequence[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any]:
    calls = [_tool_call(n, tool, json.dumps(said)) for n, (tool, said) in enumerate(asked, 1)]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _tool_call(number: int, tool: str, arguments: str) -> Mapping[str, Any]:
    function = {"name": tool, "arguments": arguments}
    return {"id": f"call-{number}", "type": "function", "function": function}


def _malformed() -> Mapping[str, Any]:
    calls = [
        _tool_call(1, "run", "{not json"),
        _tool_call(2, "fly", "{}"),
        _tool_call(3, "read", '{"path": 7}'),
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls}


_ODD: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "silent": lambda: {"role": "assistant", "content": ""},
    "endless": lambda: _calls([("run", {"command": "true"})]),
    "malformed": _malformed,
    "crowd": lambda: _calls([("run", {"command": "true"})] * _CROWD),
}
"""replies in the protocol that lead nowhere"""


def _completion(name: str, message: Mapping[str, Any], asked: int) -> bytes:
    said = json.dumps(message)
    tokens_in, tokens_out = asked // _BYTES_PER_TOKEN, len(said) // _BYTES_PER_TOKEN
    answer = {
        "id": _SEEN,
        "object": "chat.completion",
        "model": f"scripted:{name}",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        },
    }
    return json.dumps(answer).encode()


@contextmanager
def serve(script: Mapping[str, Any]) -> Iterator[str]:
    """Serve a script while the block lasts; gives the address up to `/v1`."""
    server = _Server(script)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="script", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
