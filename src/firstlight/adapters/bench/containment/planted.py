"""What a proof plants outside, so that a hole is not only possible but answered."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from firstlight.core.measure.containment import Way

NOWHERE = ("192.0.2.1", "198.51.100.1")
"""reserved for documentation: nobody answers, but a route to them is a route to anywhere"""


class Planted:
    """What one proof plants outside, and what arrives there."""

    def __init__(self, stack: contextlib.ExitStack, nonce: str) -> None:
        """Everything is gone when `stack` closes; what can be seen carries the nonce."""
        # Not in TMPDIR, which may be long: the address of a socket holds 107 bytes.
        place = tempfile.TemporaryDirectory(prefix="firstlight-probe-", dir="/tmp")
        self.folder = stack.enter_context(place)
        Path(self.folder).chmod(0o755)
        self.file = f"{self.folder}/file"
        Path(self.file).write_bytes(b"outside")
        self.socket_file = f"{self.folder}/socket"
        self.abstract = f"firstlight-{secrets.token_hex(8)}"
        self.word = f"firstlight-{nonce}"
        self._listening: list[tuple[Way, str, socket.socket]] = []
        self.tcp: list[tuple[str, int]] = []
        for host in ("127.0.0.1", "::1", *_own_addresses()):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            # A host without IPv6 has nothing to be reached by it.
            with contextlib.suppress(OSError):
                server = socket.create_server((host, 0), family=family)
                self.tcp.append((host, server.getsockname()[1]))
                self._keep(stack, Way.IPV6 if ":" in host else Way.IPV4, f"TCP to {host}", server)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        self.dns: tuple[str, int] = udp.getsockname()
        self._keep(stack, Way.DNS, "a question to a planted name server", udp)
        for way, address in (
            (Way.UNIX_SOCKET, self.socket_file),
            (Way.ABSTRACT_SOCKET, f"\0{self.abstract}"),
        ):
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.bind(address)
            server.listen(4)
            self._keep(stack, way, "a connection", server)
        Path(self.socket_file).chmod(0o777)
        process = subprocess.Popen(
            [self.word, "60"],
            executable="/usr/bin/sleep",
            stdin=subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)

    def _keep(
        self, stack: contextlib.ExitStack, way: Way, what: str, server: socket.socket
    ) -> None:
        stack.callback(server.close)
        server.setblocking(False)
        self._listening.append((way, what, server))

    def arrived(self) -> Sequence[tuple[Way, str, bool]]:
        """For each planted listener, whether something arrived."""
        return [(way, what, _came(server)) for way, what, server in self._listening]


def _came(server: socket.socket) -> bool:
    try:
        if server.type == socket.SOCK_DGRAM:
            server.recv(16)
        else:
            server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _own_addresses() -> Sequence[str]:
    """The address by which this machine would go out, if it has one; nothing is sent."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking,
        contextlib.suppress(OSError),
    ):
        asking.connect((NOWHERE[0], 9))
        return [asking.getsockname()[0]]
    return ()
