"""A small real HTTP server in the place of a developer's endpoint: scripted, and no model.

It speaks chat completions, says so in every answer, and keeps a log of its own in JSON lines, as a
developer's server would: with the identifier of the use that each request carries.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODEL = "scripted"
SAYS = "This text is scripted; no model wrote it."
KEY = "sk-the-demonstrations-own-key"
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class ScriptedEndpoint:
    """Where it listens, and what it wrote down."""

    address: str
    log: Path


@contextmanager
def scripted_endpoint(log: Path) -> Iterator[ScriptedEndpoint]:
    """Listen on loopback until the block ends."""
    writing = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            """Answer a chat completion."""
            length = int(self.headers.get("Content-Length") or 0)
            asked = self.rfile.read(min(length, _MOST_BYTES))
            known = self.headers.get("Authorization") == f"Bearer {KEY}"
            status, body = (200, _answer(asked)) if known else (401, b"{}")
            line = {
                "path": self.path,
                "status": status,
                "firstlight-use": self.headers.get("Firstlight-Use"),
            }
            with writing, log.open("a") as file:
                file.write(json.dumps(line) + "\n")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The log above is enough."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, name="scripted", daemon=True).start()
        yield ScriptedEndpoint(address=f"http://127.0.0.1:{server.server_port}", log=log)
        server.shutdown()


def _answer(asked: bytes) -> bytes:
    tokens = len(asked) // 4
    message = {"role": "assistant", "content": SAYS}
    return json.dumps(
        {
            "id": "chatcmpl-scripted",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": MODEL,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": tokens,
                "completion_tokens": 9,
                "total_tokens": tokens + 9,
            },
        }
    ).encode()
