"""E-mail: into a folder by default, through a mail server when one is set.

Only what passed the outbound guard is sent. A message says that something happened and where to
look, never what a sealed report contains.
"""

from __future__ import annotations

import secrets
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import urlsplit

from firstlight.core.guard.passing import Passed
from firstlight.core.kernel.errors import Unavailable

_TIMEOUT_SECONDS = 20
_TLS_PORT = 465

Send = Callable[[Passed], None]


class MailNotSent(Unavailable):
    """The mail server did not take a message; it is tried again."""

    code = "notify.mail_not_sent"
    next_step = "Check FIRSTLIGHT_MAIL_URL and the mail server's own log."


def mail_of(message: Passed, sender: str) -> EmailMessage:
    """An RFC 5322 message. Line breaks in a subject or address cannot add headers."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = " ".join(message.to.split())
    mail["Subject"] = " ".join(message.subject.split())
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
    mail.set_content(message.body)
    return mail


def into_folder(folder: Path, sender: str) -> Send:
    """Messages become files that the operator can read or send on."""

    def send(message: Passed) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = folder / f".{secrets.token_hex(8)}"
        part.write_bytes(mail_of(message, sender).as_bytes())
        part.rename(folder / f"{secrets.token_hex(8)}.eml")

    return send


def through_server(url: str, sender: str) -> Send:
    """Messages leave by SMTP (`smtp://host:port`, STARTTLS) or by `smtps://host:port`."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    context = ssl.create_default_context()

    def send(message: Passed) -> None:
        try:
            if parts.scheme == "smtps":
                with smtplib.SMTP_SSL(
                    host, parts.port or _TLS_PORT, timeout=_TIMEOUT_SECONDS, context=context
                ) as server:
                    server.send_message(mail_of(message, sender))
                return
            with smtplib.SMTP(host, parts.port or 25, timeout=_TIMEOUT_SECONDS) as server:
                if server.has_extn("starttls"):
                    server.starttls(context=context)
                server.send_message(mail_of(message, sender))
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent(f"{host}: {type(error).__name__}") from error

    return send
