"""A finished run in the browser."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated

import typer

from radcompare import console
from radcompare.cli.options import EXPERIMENTS, Quiet, Verbose
from radcompare.cli.verifying import RunFolder

WHO = "only this machine can reach it, and every user of it; Ctrl-C ends it"


def add_to(app: typer.Typer) -> None:
    """Put the command of this file on the menu."""
    app.command(rich_help_panel=EXPERIMENTS)(view)


def view(
    folder: RunFolder,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port; 0 for any that is free.")
    ] = 0,
    browser: Annotated[
        bool | None,
        typer.Option("--open/--no-open", metavar="", help="Open a browser; only on a terminal if absent."),
    ] = None,
    quiet: Quiet = False,
    _verbose: Verbose = False,
) -> None:
    """Show the report in a browser, with tables that sort and the case behind every ROC point, until Ctrl-C."""
    with _until_interrupted():
        from radcompare.view.server import Viewer

        with Viewer(folder, port) as viewer:
            console.write(viewer.address)
            console.notes([WHO], quiet=quiet)
            if sys.stdout.isatty() if browser is None else browser:
                # A browser of the terminal ends only when the user leaves it, and wants to be served till then.
                threading.Thread(target=_open, args=(viewer.address, quiet), daemon=True).start()
            viewer.serve_forever()


@contextmanager
def _until_interrupted() -> Iterator[None]:
    """Take Ctrl-C and a request to terminate for the end that this command is made for."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _open(address: str, quiet: bool) -> None:
    import webbrowser

    if not webbrowser.open(address):
        console.notes(["no browser could be started: open the address in one"], quiet=quiet)
