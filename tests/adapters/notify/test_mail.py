"""Messages leave as mail, once, and cannot forge headers."""

from __future__ import annotations

import email
import socketserver
import threading
from email.policy import default
from pathlib import Path

import pytest
from tests.outbound import let_pass

from firstlight.adapters.notify.mail import MailNotSent, into_folder, through_server
from firstlight.core.guard.model import Channel

MESSAGE = let_pass(Channel.MAIL, "finder@example.org", "Your report", "It ran.\n")


def test_a_message_becomes_one_file(tmp_path: Path) -> None:
    """The default keeps mail in a folder, whole, and leaves no part behind."""
    into_folder(tmp_path / "mail", "firstlight@localhost")(MESSAGE)
    (path,) = (tmp_path / "mail").iterdir()
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert (mail["To"], mail["Subject"]) == ("finder@example.org", "Your report")
    assert mail.get_content().split() == ["It", "ran."]


def test_a_subject_cannot_add_a_header(tmp_path: Path) -> None:
    """A line break in a title stays text."""
    forged = let_pass(Channel.MAIL, "b@example.org", "x\r\nBcc: b@example.org", "y")
    into_folder(tmp_path, "firstlight@localhost")(forged)
    (path,) = tmp_path.iterdir()
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "x Bcc: b@example.org"


class _Server(socketserver.StreamRequestHandler):
    """Speaks just enough SMTP (RFC 5321) to take one message."""

    taken: list[bytes]

    def handle(self) -> None:
        """Answer each command; keep what comes after DATA."""
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                self.taken.append(body)
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


def test_a_message_reaches_a_mail_server() -> None:
    """Over a real connection the server receives the body."""
    taken: list[bytes] = []
    handler = type("Handler", (_Server,), {"taken": taken})
    with socketserver.TCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        port = server.server_address[1]
        through_server(f"smtp://127.0.0.1:{port}", "firstlight@localhost")(MESSAGE)
    assert b"It ran." in taken[0]


def test_a_server_that_is_away_is_an_error_that_is_tried_again() -> None:
    """A refused connection is Unavailable, so the outbox keeps the message."""
    with socketserver.TCPServer(("127.0.0.1", 0), _Server) as gone:
        port = gone.server_address[1]
    with pytest.raises(MailNotSent):
        through_server(f"smtp://127.0.0.1:{port}", "firstlight@localhost")(MESSAGE)
