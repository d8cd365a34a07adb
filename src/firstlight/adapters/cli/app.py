"""The root command. A noun's module is imported when the noun is used, so that help is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from firstlight.adapters.cli.failures import Exit, exit_of, tell
from firstlight.core.kernel.errors import FirstlightError

if TYPE_CHECKING:
    from firstlight.adapters.cli.host import Host

_HERE = "firstlight.adapters.cli.commands"

COMMANDS: dict[str, tuple[str, str]] = {
    "report": ("report:report", "Send and read reports of flaws."),
    "finding": ("finding:finding", "Send files of many records; read candidates."),
    "case": ("case:case", "Follow cases from the report to the advisory."),
    "patch": ("patch:patch", "Propose patches and see how they fared."),
    "advisory": ("advisory:advisory", "Draft, approve and withdraw advisories."),
    "review": ("reviews.root:review", "Show a model to named people before its release."),
    "ledger": ("ledger:ledger", "Export the ledger, and check an export offline."),
    "source": ("source:source", "Load outside catalogues (KEV, EPSS, SSVC)."),
    "document": ("document:document", "Upload sealed documents; read those shown to you."),
    "notice": ("notice:notice", "Decide where notices of reviews go: mail, webhooks."),
    "directives": ("directive:directives", "Show the order's duties as they stand on a day."),
    "duty": ("directive:duty", "Record what shows how a duty stands."),
    "use": ("use:use", "See how an endpoint is used, and stop everything."),
    "grant": ("use:grant", "Use a grant: key, budget, presence."),
    "tool": ("tool:tool", "Offer, ask for and use defensive tools."),
    "participant": ("participant:participant", "Read and enter the register of participants."),
    "guard": ("guard:guard", "See what the outbound guard holds; release or refuse it."),
    "job": ("job:job", "See and retry background work."),
    "measure": (
        "measure:measure",
        "Run suites under containment; make figures, statements and reports.",
    ),
    "simulate": ("simulate:simulate", "Replay a published flood of findings under three policies."),
    "target": ("target:target", "List and prove the shipped targets."),
    "suite": ("suite:suite", "Tasks that models are measured with: list, prove, commit, open."),
    "behaviour": (
        "behaviour:behaviour",
        "Turn a paragraph about a behaviour into a test, and run it.",
    ),
    "token": ("token:token", "Make, list and revoke API tokens, on the server."),
    "organisation": ("organisation:organisation", "List and vet organisations, on the server."),
    "admin": ("admin:admin", "Let people in, on the server."),
    "serve": ("run:serve", "Run the portal and the API."),
    "worker": ("run:worker", "Do background jobs."),
    "runner": ("run:runner", "Run untrusted code for workers, without database or secrets."),
    "gateway": ("run:gateway", "Stand between reviewers and developers' endpoints."),
    "serve-public": ("run:serve_public", "Serve the public zone and the OSV query API."),
    "migrate": ("data:migrate", "Bring the database to this version."),
    "backup": ("data:backup", "Write a copy of the data."),
    "restore": ("data:restore", "Read a copy of the data back."),
    "publish": ("data:publish", "Write the public zone anew."),
    "doctor": ("data:doctor", "Say what is present, what is missing, and how to get it."),
    "demo": ("data:demo", "Run the guided tour from two reports to one signed advisory."),
}
"""name to module and attribute, and the line that help shows"""

_EPILOG = """\
Exit codes: 0 done; 1 a check failed; 2 usage; 3 refused; 4 invalid input; 5 conflict; 6 missing;
7 unavailable. An error says its code, a sentence and a hint.
"""


class Nouns(click.Group):
    """Knows its commands without importing them; takes `cases` for `case`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the noun."""
        name = cmd_name if cmd_name in COMMANDS else cmd_name.removesuffix("s")
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(f"{_HERE}.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """From the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


@click.command(
    cls=Nouns,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(package_name="firstlight", prog_name="firstlight")
def root() -> None:
    """Firstlight: a clearinghouse for flaws, from the report to the signed advisory.

    Commands about things that people share (reports, cases, reviews, documents, ...) speak to a
    server (--server or FIRSTLIGHT_URL) with the token of FIRSTLIGHT_TOKEN or of a file that only
    you can read. The others work on the server itself; `directives` and `measure`
    work without any.
    """


def run(arguments: Sequence[str], open_host: Callable[[], Host]) -> int:
    """Run one command line; returns the exit code.

    Args:
        arguments: without the program's name
        open_host: makes the host when a command needs it
    """
    try:
        code = root.main(
            args=list(arguments),
            prog_name="firstlight",
            obj=open_host,
            standalone_mode=False,
        )
    except FirstlightError as error:
        tell(error, as_json="--json" in arguments)
        return int(exit_of(error))
    except click.ClickException as error:
        error.show()
        return int(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("stopped\n")
        return 130  # as shells say for SIGINT
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); nothing is wrong, and nobody listens.
        sys.stderr.close()
        return int(Exit.OK)
    return code if isinstance(code, int) else int(Exit.OK)
