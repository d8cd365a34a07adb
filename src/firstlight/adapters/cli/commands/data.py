"""`migrate`, `backup`, `restore`, `publish`, `doctor`, `demo`: looking after a server."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from firstlight.adapters.cli.failures import Exit
from firstlight.adapters.cli.host import Archive, Demo
from firstlight.adapters.cli.options import Local, local
from firstlight.adapters.cli.output import visible


def _tell(sentence: str) -> None:
    sys.stderr.write(visible(sentence) + "\n")


@click.command()
@local
def migrate(session: Local) -> None:
    """Bring the database to this version's tables. Safe to repeat.

    Example: firstlight migrate
    """
    session.host.migrate(_tell)
    if session.out.as_json:
        session.out.json({"migrated": True})
    session.out.say("The database is up to date.")


@click.command()
@local
@click.argument("file", metavar="FILE")
def backup(session: Local, file: str) -> None:
    """Write a consistent copy of the database into a new FILE.

    Private keys are not in it; copy their folder to an offline medium.

    Example: firstlight backup firstlight-2026-11-21.tar.zst
    """
    _archive(session, session.host.backup(Path(file)), "written")


@click.command()
@local
@click.argument("file", metavar="FILE")
@click.option("--force", is_flag=True, help="Replace the data that are here.")
def restore(session: Local, file: str, force: bool) -> None:
    """Read a backup back. Refuses to replace data unless --force is given.

    Example: firstlight restore firstlight-2026-11-21.tar.zst --force
    """
    _archive(session, session.host.restore(Path(file), force=force), "read back")


def _archive(session: Local, found: Archive, what: str) -> None:
    if session.out.as_json:
        session.out.json(
            {"file": str(found.path), "bytes": found.size, "contents": list(found.contents)}
        )
        return
    session.out.say(f"{found.path} was {what} ({found.size} bytes)")
    for line in found.contents:
        session.out.say(f"  {line}")


@click.command()
@local
def publish(session: Local) -> None:
    """Write the public zone anew from every public advisory.

    Advisories are published by themselves at their go-live time; this is for a zone that was lost,
    or whose settings changed. Documents come out the same, and kept signatures are copied back.

    Example: firstlight publish
    """
    count = session.host.rebuild_public_zone()
    if session.out.as_json:
        session.out.json({"advisories": count})
    session.out.say(f"The files of {count} advisories stand in the public zone.")


@click.command()
@local
def doctor(session: Local) -> None:
    """Say what is present, what is missing, and how to get it.

    Exit code 0: everything needed is there. 1: something needed is missing.

    Example: firstlight doctor
    """
    found = session.host.doctor()
    healthy = all(check.ok for check in found if check.needed)
    if session.out.as_json:
        items = [
            {
                "name": check.name,
                "ok": check.ok,
                "needed": check.needed,
                "found": check.found,
                "remedy": check.remedy,
            }
            for check in found
        ]
        session.out.json({"ok": healthy, "checks": items})
    else:
        for check in found:
            mark = "ok     " if check.ok else "MISSING" if check.needed else "absent "
            session.out.say(f"{mark}  {check.name}: {check.found}")
            if check.remedy and not check.ok:
                session.out.text(
                    "\n".join(f"         {line}" for line in check.remedy.splitlines())
                )
    if not healthy:
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


@click.command()
@local
@click.option("--once", is_flag=True, help="Stop the portal at the end instead of leaving it.")
def demo(session: Local, once: bool) -> None:
    """Run the guided tour: four reports, one flaw, one case, one patch, one signed advisory.

    The portal is left running with a one-time sign-in link; Ctrl-C stops it.

    Example: firstlight demo
    """
    told = session.host.demo(_tell)
    _show_tour(session, told)
    if not once:
        _tell("The portal is running; Ctrl-C stops it.")
    session.host.leave_demo(at_once=once)


def _show_tour(session: Local, told: Demo) -> None:
    link = told.link
    if session.out.as_json:
        session.out.json(
            {
                "steps": list(told.steps),
                "look_at": list(told.look_at),
                "link": link.url if link else None,
                "seconds": round(told.seconds, 1),
            }
        )
        return
    session.out.say("")
    session.out.say(f"The tour took {told.seconds:.0f} seconds. Look at:")
    for place in told.look_at:
        session.out.say(f"  {place}")
    if link:
        session.out.say(f"Sign in once, until {link.expires_at}: {link.url}")
