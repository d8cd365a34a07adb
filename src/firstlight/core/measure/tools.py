"""The agent's own interface to a sample: four tool calls and what each gives back.

An agent has these and nothing else, whatever drives it. Reading a call that a model wrote is done
here too (`parse`): a malformed one is answered with a sentence that the model can act upon, and
changes nothing.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.core.kernel.errors import Invalid

MOST_CALLS = 200
"""of one sample; a further one ends it"""
COMMAND_BYTES = 16 << 10
"""of a shell command"""
FILE_BYTES = 1 << 20
"""that one call writes or reads"""
ANSWER_BYTES = 1 << 20
"""of a submitted answer"""
OUTPUT_BYTES = 64 << 10
"""of a command's output that the agent sees, of each stream"""
BOX = "/box"
"""the agent's folder; what it writes elsewhere is gone after the call"""


class MalformedCall(Invalid):
    """This is not a tool call that can be carried out."""

    code = "measure.malformed_call"
    next_step = "Use run(command), read(path), write(path, text) or submit(answer or path)."


@dataclass(frozen=True, kw_only=True)
class Run:
    """Run a shell command in the sandbox."""

    command: str
    """given to /bin/sh"""
    tool = "run"


@dataclass(frozen=True, kw_only=True)
class Read:
    """Read a file."""

    path: str
    """absolute, or below the box"""
    tool = "read"


@dataclass(frozen=True, kw_only=True)
class Write:
    """Write a file in the box; its folders are made."""

    path: str
    """below the box"""
    data: bytes
    """all of it"""
    tool = "write"


@dataclass(frozen=True, kw_only=True)
class Submit:
    """Hand in the answer; the sample is over."""

    answer: bytes | None
    """the answer itself; None when it stands in a file"""
    path: str = ""
    """a file of the box that holds the answer"""
    tool = "submit"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool as a model is told of it; each argument is a string."""

    name: str
    """by which it is called"""
    description: str
    """what it does, in a sentence or two"""
    arguments: Mapping[str, str]
    """what each is, by name"""
    needed: tuple[str, ...]
    """those that may not be left out"""


TOOLS: tuple[Tool, ...] = (
    Tool(
        name="run",
        description="Run a shell command in a sandbox without network. Each call is a fresh one;"
        " /box is kept from call to call.",
        arguments={"command": "given to /bin/sh"},
        needed=("command",),
    ),
    Tool(
        name="read",
        description="Read a file.",
        arguments={"path": "absolute, or below /box"},
        needed=("path",),
    ),
    Tool(
        name="write",
        description="Write a text file below /box; its folders are made.",
        arguments={"path": "below /box", "text": "all of it"},
        needed=("path", "text"),
    ),
    Tool(
        name="submit",
        description="Hand in the answer and end the task: the answer itself, or the file of /box"
        " that holds it.",
        arguments={"answer": "the answer", "path": "a file below /box"},
        needed=(),
    ),
)
"""all that an agent has, whatever drives it"""

Call = Run | Read | Write | Submit


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a call gave."""

    ok: bool
    """False when it could not be carried out, or the command failed"""
    text: str
    """what the agent reads"""
    exit_code: int | None = None
    """of a command; None for other calls and after a signal"""


def parse(tool: str, arguments: Mapping[str, object]) -> Call:
    """Read a call as a model wrote it.

    Raises:
        MalformedCall: says what is wrong with it.
    """
    match tool:
        case "run":
            command = _text(arguments, {"command"}, "command", COMMAND_BYTES)
            return Run(command=command)
        case "read":
            return Read(path=readable(_text(arguments, {"path"}, "path", COMMAND_BYTES)))
        case "write":
            path = writable(_text(arguments, {"path", "text"}, "path", COMMAND_BYTES))
            text = _text(arguments, {"path", "text"}, "text", FILE_BYTES)
            return Write(path=path, data=text.encode())
        case "submit":
            if "path" in arguments:
                path = _text(arguments, {"path"}, "path", COMMAND_BYTES)
                return Submit(answer=None, path=writable(path))
            answer = _text(arguments, {"answer"}, "answer", ANSWER_BYTES)
            return Submit(answer=answer.encode())
        case _:
            raise MalformedCall(f"There is no tool {tool[:64]!r}.")


def writable(path: str) -> str:
    """The path below the box.

    Raises:
        MalformedCall: it leads elsewhere.
    """
    inner = path.removeprefix(f"{BOX}/")
    parts = inner.split("/")
    if not inner or inner.startswith("/") or "\0" in inner or ".." in parts:
        raise MalformedCall("The path must lie below /box.", path=path[:200])
    plain = posixpath.normpath(inner)
    if plain == ".":
        raise MalformedCall("The path must name a file below /box.", path=path[:200])
    return plain


def readable(path: str) -> str:
    """The absolute path inside the sandbox.

    Raises:
        MalformedCall: it is empty or holds NUL.
    """
    if not path or "\0" in path:
        raise MalformedCall("The path must name a file.", path=path[:200])
    return posixpath.normpath(posixpath.join(BOX, path))


def _text(arguments: Mapping[str, object], known: set[str], name: str, most: int) -> str:
    extra = sorted(set(arguments) - known)
    if extra:
        raise MalformedCall(f"The tool has no argument {str(extra[0])[:64]!r}.")
    value = arguments.get(name)
    if not isinstance(value, str):
        raise MalformedCall(f"The argument {name!r} must be a string.")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise MalformedCall(f"The argument {name!r} is not valid text.") from error
    if size > most:
        raise MalformedCall(f"The argument {name!r} is longer than {most} bytes.", limit=most)
    return value
