"""Write docs/reference from the code: commands, errors, operations, access table, settings.

Run it after a change: `python docs/generate.py`. A test fails while what is written differs.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import click

from firstlight.adapters.cli.app import root
from firstlight.adapters.cli.failures import Exit
from firstlight.core.kernel.parties import Role
from firstlight.settings import Settings
from firstlight.usecases.access.table import TABLE, Action, Reach, Rule

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "firstlight"
REFERENCE = ROOT / "docs" / "reference"
_MADE = "<!-- Made by docs/generate.py from the code; change the code instead. -->\n"
_CLIENT_VARIABLES = (
    ("FIRSTLIGHT_URL", "the server that commands speak to"),
    ("FIRSTLIGHT_TOKEN", "the API token that commands send"),
    ("FIRSTLIGHT_TOKEN_FILE", "a file with that token, readable by its owner only"),
)

_CLI_HEAD = (
    "Commands about reports, cases, patches, advisories, the ledger, sources and jobs speak to a"
    " server; the others work on the server itself. `--json` prints JSON for programs.\n"
)
_API_HEAD = (
    "The machine-readable description is at `/api/v1/openapi.json` (OpenAPI 3.1), the schema of a"
    " plain report at `/api/v1/schemas/report-1.0.json`.\n"
)


def pages() -> Mapping[str, str]:
    """File name to text."""
    return {
        "cli.md": cli_page(),
        "errors.md": errors_page(),
        "api.md": api_page(),
        "access.md": access_page(),
        "settings.md": settings_page(),
    }


def _page(title: str, *parts: str) -> str:
    return "\n".join((_MADE, f"# {title}", "", *parts)).rstrip() + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    for row in rows:
        cells = [str(cell).replace("|", "\\|").replace("\n", " ") for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _member_docs(path: Path, name: str) -> dict[str, str]:
    """The string below each field or member of a class: attribute name to sentence."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return dict(_strings_below(node.body))
    raise LookupError(name)


def _strings_below(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    named = ""
    for statement in body:
        match statement:
            case (
                ast.AnnAssign(target=ast.Name(id=found)) | ast.Assign(targets=[ast.Name(id=found)])
            ):
                named = found
            case ast.Expr(value=ast.Constant(value=str(text))) if named:
                yield named, " ".join(text.split())
                named = ""
            case _:
                named = ""


# Commands


def cli_page() -> str:
    """Every command as its own help tells it."""
    codes = _member_docs(SOURCE / "adapters/cli/failures.py", "Exit")
    parts = [
        _CLI_HEAD,
        "## Exit codes\n",
        _table(("code", "meaning"), [(int(code), codes[code.name]) for code in Exit]),
    ]
    for path, command in _commands(root, ()):
        parts.append(f"## firstlight {' '.join(path)}\n" if path else "## firstlight\n")
        parts.append(f"```text\n{_help(path, command)}\n```\n")
    return _page("Commands", *parts)


def _commands(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _commands(below, (*path, name))


def _help(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(
        command,
        info_name=" ".join(("firstlight", *path)),
        terminal_width=88,
        max_content_width=88,
        help_option_names=["-h", "--help"],
    )
    return command.get_help(context)


# Errors


@dataclass(frozen=True)
class _Error:
    name: str
    bases: tuple[str, ...]
    sentence: str
    own: Mapping[str, str]
    """code and next_step, where the class says them itself"""


def errors_page() -> str:
    """Every code of the error tree, with its sentence, its status and what to do."""
    from firstlight.adapters.api.problems import STATUS  # noqa: PLC0415  # needs Django

    statuses = {kind.__name__: status for kind, status in STATUS}
    tree = {error.name: error for error in _errors()}
    rows: dict[str, tuple[object, ...]] = {}
    for error in tree.values():
        ancestry = list(_ancestry(error, tree))
        if ancestry[-1].name != "FirstlightError":
            continue
        code = _said(ancestry, "code")
        status = next(statuses[one.name] for one in ancestry if one.name in statuses)
        if "code" in error.own:
            step = _said(ancestry, "next_step")
            rows[code] = (
                f"`{code}`",
                status,
                ancestry[1].name if len(ancestry) > 1 else "-",
                error.sentence,
                step,
            )
    return _page(
        "Errors",
        "Every failure has a stable code, whichever door it leaves by. The API sends it as a"
        " problem document (RFC 9457) with the status below; commands print it and end with the"
        " exit code of its parent (see [commands](cli.md)).\n",
        _table(
            ("code", "status", "parent", "sentence", "what to do next"),
            [rows[code] for code in sorted(rows)],
        ),
    )


def _errors() -> Iterator[_Error]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.bases:
                own = {
                    target.id: statement.value.value
                    for statement in node.body
                    if isinstance(statement, ast.Assign | ast.AnnAssign)
                    and isinstance(statement.value, ast.Constant)
                    and isinstance(statement.value.value, str)
                    for target in (
                        statement.targets
                        if isinstance(statement, ast.Assign)
                        else [statement.target]
                    )
                    if isinstance(target, ast.Name)
                }
                sentence = (ast.get_docstring(node) or "").partition("\n")[0]
                bases = tuple(ast.unparse(base) for base in node.bases)
                yield _Error(node.name, bases, sentence, own)


def _ancestry(error: _Error, tree: Mapping[str, _Error]) -> Iterator[_Error]:
    """The class and its parents, as far as they are ours."""
    yield error
    for base in error.bases:
        if base in tree and base != error.name:
            yield from _ancestry(tree[base], tree)
            return


def _said(ancestry: Sequence[_Error], name: str) -> str:
    return next(one.own[name] for one in ancestry if name in one.own)


# Operations


def api_page() -> str:
    """Every operation, with its gate."""
    from firstlight.adapters.api.app import api, openapi  # noqa: PLC0415  # needs Django
    from firstlight.adapters.api.describe import actions  # noqa: PLC0415  # likewise

    described, gates = openapi(), actions(api)
    parts = [
        described["info"]["description"] + "\n",
        _API_HEAD,
    ]
    tags: dict[str, list[str]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            gate = gates[operation["operationId"]].action
            text = _operation(path, method, operation, gate.value if gate else "")
            tags.setdefault(operation["tags"][0], []).append(text)
    for tag, operations in tags.items():
        parts += [f"## {tag.capitalize()}\n", *operations]
    return _page("HTTP API", *parts)


def _operation(path: str, method: str, operation: Mapping[str, Any], action: str) -> str:
    lines = [f"### {operation['summary']}\n", f"`{method.upper()} {path}`\n"]
    lines.append(operation["description"].strip() + "\n")
    gate = f"Needs `{action}` (see [access](access.md))." if action else "Open to everybody."
    lines.append(gate + "\n")
    rows = [
        (f"`{one['name']}`", one["in"], one.get("description", ""))
        for one in operation["parameters"]
    ]
    if rows:
        lines.append(_table(("parameter", "in", "meaning"), rows))
    if "requestBody" in operation:
        kinds = ", ".join(f"`{kind}`" for kind in operation["requestBody"]["content"])
        lines.append(f"Body: {kinds}.\n")
    answers = [
        f"{status} ({', '.join(answer.get('content', {})) or 'no body'})"
        for status, answer in operation["responses"].items()
        if status.startswith(("2", "3"))
    ]
    failures = [status for status in operation["responses"] if status.startswith(("4", "5"))]
    lines.append(f"Answers: {', '.join(answers)}. Problems: {', '.join(failures)}.\n")
    return "\n".join(lines)


# Access


def access_page() -> str:
    """The access table itself."""
    reaches = _member_docs(SOURCE / "usecases/access/rules.py", "Reach")
    roles = _member_docs(SOURCE / "core/kernel/parties.py", "Role")
    shown = [role for role in Role if role is not Role.SYSTEM]
    rows = [
        (f"`{action.value}`", *(_cell(TABLE.get(role, {}).get(action)) for role in shown))
        for action in Action
    ]
    return _page(
        "Access",
        "One table decides everything: which role may do which action to what, up to which marking"
        " (TLP 2.0). What has no row is denied. A token's scopes are names of actions; it can do"
        " what both its role and its scopes allow.\n",
        "## How far an action reaches\n",
        _table(
            ("reach", "meaning"), [(reach.name.lower(), reaches[reach.name]) for reach in Reach]
        ),
        "## Roles\n",
        _table(("role", "meaning"), [(role.value, roles[role.name]) for role in Role]),
        "## The table\n",
        "The program itself (role `system`) has every action but those by which people lead a "
        "review: of reviews it reads, and admits uses.\n",
        _table(("action", *(role.value for role in shown)), rows),
    )


def _cell(rule: Rule | None) -> str:
    if rule is None or rule.reach is Reach.NOTHING:
        return ""
    full = rule.ceiling.value == "TLP:RED"
    return rule.reach.name.lower() + ("" if full else f", up to {rule.ceiling.value}")


# Settings


def settings_page() -> str:
    """Every variable of the environment."""
    docs = _member_docs(SOURCE / "settings.py", "Settings")
    rows = []
    for field in fields(Settings):
        name = (
            "DATABASE_URL" if field.name == "database_url" else f"FIRSTLIGHT_{field.name.upper()}"
        )
        rows.append((f"`{name}`", _default(field.name, field.default), docs[field.name]))
    return _page(
        "Settings",
        "Settings are variables of the environment; there is no settings file. Without any, the"
        " program works in the folder `.firstlight` below the current one.\n",
        "## The server\n",
        _table(("variable", "default", "meaning"), rows),
        "## The command line as a client\n",
        _table(("variable", "meaning"), [(f"`{name}`", what) for name, what in _CLIENT_VARIABLES]),
    )


def _default(name: str, value: object) -> str:
    if value is MISSING:
        return {
            "data": "`.firstlight`",
            "database_url": "`firstlight.sqlite3` in the data folder",
        }[name]
    if isinstance(value, bool):
        return "`1` switches it on" if not value else "on"
    return f"`{value}`" if value not in {"", ()} else "empty"


def main() -> None:
    """Write every page."""
    from django.conf import settings  # noqa: PLC0415  # nothing else here needs it

    settings.configure(ROOT_URLCONF="firstlight.adapters.api.urls")
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
