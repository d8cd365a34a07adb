"""`firstlight serve`, `worker`, `runner`, `gateway`, `serve-public`: processes that stay."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from firstlight.adapters.cli.options import Local, local
from firstlight.adapters.cli.output import visible

_ADDRESS = click.option(
    "--address", default="127.0.0.1", show_default=True, help="On which to listen."
)


def _tell(sentence: str) -> None:
    sys.stderr.write(visible(sentence) + "\n")


@click.command()
@local
@_ADDRESS
@click.option("--port", type=click.IntRange(1, 65535), default=8600, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--worker/--no-worker", default=True, show_default=True, help="Do jobs as well.")
def serve(session: Local, address: str, port: int, processes: int, worker: bool) -> None:
    """Run the portal and the API until a signal ends it.

    Example: firstlight serve --port 8600
    """
    session.host.serve(address=address, port=port, processes=processes, worker=worker, tell=_tell)


@click.command()
@local
@click.option("--concurrency", type=click.IntRange(1, 64), default=2, show_default=True)
def worker(session: Local, concurrency: int) -> None:
    """Do background jobs until a signal ends it. Any number may run, on any machine.

    Example: firstlight worker --concurrency 4
    """
    session.host.work(concurrency=concurrency, tell=_tell)


@click.command()
@local
@_ADDRESS
@click.option("--port", type=click.IntRange(1, 65535), default=8601, show_default=True)
@click.option("--places", type=click.IntRange(1, 64), default=2, show_default=True)
def runner(session: Local, address: str, port: int, places: int) -> None:
    """Run untrusted code for workers. Holds neither database nor secrets.

    The bearer token that workers must send is FIRSTLIGHT_RUNNER_TOKEN.

    Example: firstlight runner --address 10.0.0.7
    """
    session.host.run_runner(address=address, port=port, places=places, tell=_tell)


@click.command()
@local
@_ADDRESS
@click.option("--port", type=click.IntRange(1, 65535), default=8602, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True)
def gateway(session: Local, address: str, port: int, processes: int) -> None:
    """Stand between reviewers and developers' endpoints until a signal ends it.

    Each use is admitted, written down, forwarded once and completed. The hosts that may be reached
    are FIRSTLIGHT_GATEWAY_HOSTS. Start `firstlight serve` once before, for the database's tables.

    Example: firstlight gateway --port 8602
    """
    session.host.run_gateway(address=address, port=port, processes=processes, tell=_tell)


@click.command(name="serve-public")
@local
@click.argument("folder", required=False, metavar="[FOLDER]")
@_ADDRESS
@click.option("--port", type=click.IntRange(1, 65535), default=8603, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--certificate", metavar="FILE", help="TLS certificate chain, PEM.")
@click.option("--key", metavar="FILE", help="Its private key, PEM.")
def serve_public(  # noqa: PLR0917  # click passes each option by name
    session: Local,
    folder: str | None,
    address: str,
    port: int,
    processes: int,
    certificate: str | None,
    key: str | None,
) -> None:
    """Serve the public zone: its files, and the OSV query API over its records.

    FOLDER is the zone, `public` in the data folder when left out; a copy on another machine will
    do. The server needs no database, no keys and no other setting, and writes nothing. TLS is the
    business of a proxy in front, or of --certificate and --key.

    Example: firstlight serve-public /srv/public --port 8603
    """
    if bool(certificate) is not bool(key):
        raise click.UsageError("--certificate and --key belong together.")
    session.host.serve_public(
        Path(folder) if folder else None,
        address=address,
        port=port,
        processes=processes,
        tls=(Path(certificate), Path(key)) if certificate and key else None,
        tell=_tell,
    )
