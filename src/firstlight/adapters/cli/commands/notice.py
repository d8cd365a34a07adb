"""`firstlight notice`."""

from __future__ import annotations

import json
from typing import Any

import click

from firstlight.adapters.cli.options import Remote, remote
from firstlight.adapters.cli.output import shown

_NAME = click.argument("name", metavar="NAME")


@click.group()
def notice() -> None:
    """Decide where notices of reviews go: mail to you, webhooks of your organisation."""


@notice.command()
@remote
def show(session: Remote) -> None:
    """Show where they go, and how the last try at each webhook went.

    Example: firstlight notice show
    """
    _told(session, session.client.get("notices").json())


@notice.command()
@remote
@click.argument("wish", type=click.Choice(("on", "off")))
def mail(session: Remote, wish: str) -> None:
    """Switch mail about reviews on or off, for you alone.

    Example: firstlight notice mail off
    """
    _told(session, session.client.post("notices", "mail", body={"mail": wish == "on"}).json())


@notice.group()
def webhook() -> None:
    """Add, test, pause and remove webhooks of your organisation."""


@webhook.command()
@remote
@_NAME
@click.argument("url", metavar="URL")
def add(session: Remote, name: str, url: str) -> None:
    """Have notices sent to an https address; prints the secret, once.

    A name that is in use gets the new address and a new secret. The operator must allow the host.

    Example: firstlight notice webhook add release-desk https://hooks.example.org/firstlight
    """
    made = session.client.send(
        "PUT",
        "notices",
        "webhooks",
        name,
        data=json.dumps({"url": url}).encode(),
        media_type="application/json",
    ).json()
    if session.out.as_json:
        session.out.json(made)
        return
    session.out.say(f"{name} is {made['webhook']['state']}. Its secret, shown now and never again:")
    session.out.say(made["secret"])


@webhook.command()
@remote
@_NAME
def test(session: Remote, name: str) -> None:
    """Send a test, within a few seconds; `firstlight notice show` says how it went.

    Example: firstlight notice webhook test release-desk
    """
    asked = session.client.post("notices", "webhooks", name, "test").json()
    if session.out.as_json:
        session.out.json(asked)
    session.out.say(f"A test is on its way to {name}; see `firstlight notice show`.")


@webhook.command()
@remote
@_NAME
def pause(session: Remote, name: str) -> None:
    """Send nothing there until it is resumed.

    Example: firstlight notice webhook pause release-desk
    """
    _moved(session, name, "pause")


@webhook.command()
@remote
@_NAME
def resume(session: Remote, name: str) -> None:
    """Send notices there again.

    Example: firstlight notice webhook resume release-desk
    """
    _moved(session, name, "resume")


@webhook.command()
@remote
@_NAME
def remove(session: Remote, name: str) -> None:
    """Never send anything there again, and destroy its secret.

    Example: firstlight notice webhook remove release-desk
    """
    _state(session, session.client.delete("notices", "webhooks", name).json())


def _moved(session: Remote, name: str, move: str) -> None:
    body = {"move": move}
    _state(session, session.client.post("notices", "webhooks", name, "moves", body=body).json())


def _state(session: Remote, found: dict[str, Any]) -> None:
    if session.out.as_json:
        session.out.json(found)
    session.out.say(f"{found['name']} is {found['state']}.")


def _told(session: Remote, found: dict[str, Any]) -> None:
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.facts({"Mail to you": "on" if found["mail"] else "off"})
    session.out.table(
        ("WEBHOOK", "STATE", "ADDRESS", "LAST TRY", "LAST TAKEN", "ERROR"),
        [
            shown(row, "name", "state", "url", "tried_at", "delivered_at", "error")
            for row in found["webhooks"]
        ],
        empty="Your organisation has no webhook.",
    )
