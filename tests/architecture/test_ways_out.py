"""Whatever leaves the confidential zone passes the outbound guard; a new way out cannot forget it.

Two things make it so: what sends or publishes takes a `Passed` by type, and only the guard makes
one. These tests read the code for both, and for a way out that nobody has thought of.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from tests import databases

databases.ready()

from firstlight.adapters.api.answers import _Later  # noqa: E402  # after ready()
from firstlight.adapters.notify import dispatch, mail, webhooks  # noqa: E402
from firstlight.adapters.publication.zone import FolderZone  # noqa: E402
from firstlight.core.guard.passing import Passed  # noqa: E402
from firstlight.usecases.ports import Cleared, PublicZone  # noqa: E402

SRC = Path(__file__).parents[2] / "src" / "firstlight"
NETWORK = {"smtplib", "httpx", "http.client", "urllib.request", "firstlight.adapters.outgoing"}
PASSING = "firstlight.core.guard.passing"
WAYS = {
    "adapters/notify": "mail and webhooks: each takes a Passed",
    "adapters/gateway": "a reviewer's own words to an endpoint that was opened for them",
    "adapters/runner": "experiments to our own runner, which is inside",
    "adapters/registries": "names of public releases, to fetch them",
    "adapters/outgoing": "the client that the others are given",
    "adapters/bench": "tasks to the model that is measured, in a run that a person starts",
    "adapters/cli": "what a person sends to their own server",
    "host": "composition, and catalogues of others that are fetched",
    "demo": "the guided tour speaks to itself",
    "bootstrap.py": "composition",
}
"""who may speak to a network, and why it is no way around the guard"""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the program."""
    for path in sorted(SRC.rglob("*.py")):
        yield path.relative_to(SRC).as_posix(), ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    """The names of modules that a module imports."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def callers(name: str) -> set[str]:
    """Modules that call something of this name."""
    found = set()
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                plain = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                if plain == name:
                    found.add(path)
    return found


def test_only_known_places_speak_to_a_network() -> None:
    """A new one stands in the list above with its reason, or it fails here."""
    unknown = [
        path
        for path, tree in modules()
        if imported(tree) & NETWORK and not any(path.startswith(way) for way in WAYS)
    ]
    assert unknown == []


def test_mail_leaves_by_one_module() -> None:
    """Nobody else opens a connection to a mail server or makes a message for one."""
    assert [path for path, tree in modules() if "smtplib" in imported(tree)] == [
        "adapters/notify/mail.py"
    ]
    assert callers("EmailMessage") == {"adapters/notify/mail.py"}


def test_only_the_guard_makes_what_passed() -> None:
    """Nobody makes one, or says of something that it is public already, but where that is known."""
    knowing = {path for path, tree in modules() if f"{PASSING}.Passed" in imported(tree)}
    assert callers("Passed") & (knowing | {"core/guard/passing.py"}) == {"core/guard/passing.py"}
    assert callers("public_already") == {"usecases/guard/documents.py"}
    assert callers("Cleared") == {"usecases/guard/documents.py"}
    naming = [path for path, tree in modules() if "_BY_THE_GUARD" in ast.dump(tree)]
    assert naming == ["core/guard/passing.py"]


@pytest.mark.parametrize(
    "way",
    [mail.into_folder, mail.through_server, webhooks.over_https],
    ids=lambda way: way.__name__,
)
def test_every_way_out_takes_what_passed(way: Callable[..., object]) -> None:
    """By type, so that the checker refuses a text that nobody has judged."""
    assert get_type_hints(way)["return"] == Callable[[Passed], None]


def test_no_other_function_is_a_way_out() -> None:
    """Every public function of these modules that gives a sender is tested above."""
    ways = {
        name
        for module in (mail, webhooks)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and get_type_hints(function).get("return") == Callable[[Passed], None]
    }
    assert ways == {"into_folder", "through_server", "over_https"}
    hints = get_type_hints(dispatch.past_the_guard)
    assert hints["way"] == Callable[[Passed], None]


@pytest.mark.parametrize("zone", [PublicZone, FolderZone, _Later], ids=lambda zone: zone.__name__)
def test_the_public_zone_takes_what_was_cleared(zone: type) -> None:
    """Files enter it with the text that passed; `put_beside` takes what was public before."""
    assert get_type_hints(zone.put)["cleared"] is Cleared  # type: ignore[attr-defined]
    assert callers("put_beside") == {"host/machine.py"}
