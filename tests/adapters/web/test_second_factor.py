"""The fallback: an authenticator app and recovery codes, through the real pages."""

from __future__ import annotations

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection
from django.test import Client
from tests.browser.world import World

PICTURE = "/account/methods/app/picture.svg"
PASSWORD = {"login": "asker@example.org", "password": "three unusual words"}


def code_for(secret: str, at: float) -> str:
    """The six digits that an app would show (RFC 6238, 30 seconds)."""
    return str(format_hotp_value(hotp_value(secret, int(at // 30))))


def entered(fields: dict[str, str]) -> tuple[Client, int]:
    """A client after the password, and the status of a page that needs more."""
    client = Client(SERVER_NAME="localhost")
    assert client.post("/account/login/", fields).status_code == 302
    return client, client.get("/advisories/").status_code


def test_password_and_app_together_open_and_each_code_once(world: World) -> None:
    """Set up, sign out, and in again: with the code yes, with a wrong one or a used one no."""
    assert world.case
    client, before = entered(PASSWORD)
    assert before == 403
    page = client.get("/account/methods/app/").content.decode()
    found = re.search(r'class="secret">([A-Z2-7]+)<', page)
    assert found is not None
    secret = found.group(1)
    made = client.post("/account/methods/app/", {"code": code_for(secret, time.time())})
    assert made.headers["Location"] == "/account/methods/codes/"
    assert client.get("/advisories/").status_code == 200
    codes = re.findall(r"\b\d{8}\b", client.get("/account/methods/codes/").content.decode())
    assert len(codes) == 10
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        assert secret not in str(cursor.fetchall()), "a copy of the database gives no codes"

    again, waiting = entered(PASSWORD)
    assert waiting == 200, "a half signed-in person is a stranger, and strangers read advisories"
    assert again.get("/account/methods/").status_code == 302
    wrong = again.post("/account/methods/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert again.get("/account/methods/").status_code == 302
    right = again.post("/account/methods/authenticate/", {"code": codes[0]})
    assert right.status_code == 302
    assert again.get("/account/methods/").status_code == 200

    third, _ = entered(PASSWORD)
    assert third.post("/account/methods/authenticate/", {"code": codes[0]}).status_code == 200
    assert third.get("/account/methods/").status_code == 302


def test_the_picture_holds_the_secret_of_the_own_session(world: World) -> None:
    """As an SVG from our own address; none without a pending secret, none for strangers."""
    assert world.case
    client = signed(world)
    assert client.get(PICTURE).status_code == 404
    page = client.get("/account/methods/app/").content.decode()
    found = re.search(r'class="secret">([A-Z2-7]+)<', page)
    assert found is not None
    assert f'<img src="{PICTURE}"' in page
    response = client.get(PICTURE)
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content.startswith(b"<?xml")
    assert found.group(1) not in PICTURE + response.content.decode()
    again = client.get(PICTURE).content
    assert again == response.content, "the same secret gives the same picture"
    assert Client(SERVER_NAME="localhost").get(PICTURE).status_code == 302


def signed(world: World) -> Client:
    """The finder's session, by a one-time link."""
    client = Client(SERVER_NAME="localhost")
    client.post(world.link_for("finder").removeprefix("http://localhost"))
    return client
