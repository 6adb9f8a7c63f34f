"""The command line: every command parses, calls one function, and presents what came back."""

import os
import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from radcompare import __version__, console
from radcompare.cli import (
    caching,
    checking,
    ensembles,
    gathering,
    images,
    menus,
    predictions,
    runs,
    tables,
    training,
    verifying,
    viewing,
)
from radcompare.cli.faults import of_system, of_text, of_typer, unexpected
from radcompare.errors import ExitCode, RadcompareError

app = typer.Typer(
    name="radcompare",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Do deep features beat handcrafted radiomics here, does merging help, and is it more than luck?",
)
for room in (
    runs,
    viewing,
    verifying,
    gathering,
    checking,
    images,
    training,
    tables,
    predictions,
    ensembles,
    menus,
    caching,
):
    room.add_to(app)


def _show_version(asked: bool) -> None:
    if asked:
        console.write(f"radcompare {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", metavar="", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Do deep features beat handcrafted radiomics here, does merging help, and is it more than luck?"""


def main() -> NoReturn:
    """Run the program and end it with the exit code; the one place where errors become output."""
    console.open_streams()
    console.be_verbose(False)
    try:
        code = _run()
    except RadcompareError as problem:
        console.error(problem)
        if console.is_verbose():
            console.where(problem)
        code = problem.exit_code
    except Exception as problem:  # a person gets a sentence; a developer sets RADCOMPARE_DEBUG
        if _is_debugging():
            raise
        console.error(unexpected(problem))
        if console.is_verbose():
            console.where(problem)
        code = ExitCode.UNEXPECTED
    sys.exit(int(code))


def _run() -> int:
    """Run a command and say with which code it ended.

    Raises:
        RadcompareError: what the user can mend, typer's and the system's complaints among it.
    """
    try:
        code = int(app(prog_name=app.info.name, standalone_mode=False) or ExitCode.DONE)
        sys.stdout.flush()
    except TyperException as problem:
        raise of_typer(problem) from problem
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except typer.Abort as problem:  # what typer makes of an EOFError, which here can only be a fault
        raise problem.__cause__ or problem from None
    except (BrokenPipeError, SystemExit) as problem:
        # typer takes a broken pipe for an error of ours and ends the program by itself.
        if isinstance(problem, SystemExit) and not isinstance(problem.__context__, BrokenPipeError):
            raise
        console.abandon_output()
        code = ExitCode.DONE
    except UnicodeEncodeError as problem:
        raise of_text(problem) from problem
    except OSError as problem:
        if _is_debugging():
            raise
        raise of_system(problem) from problem
    if code == ExitCode.INTERRUPTED:
        console.note("interrupted; measurements made so far are kept, the same command goes on from there")
    return code


def _is_debugging() -> bool:
    return bool(os.environ.get("RADCOMPARE_DEBUG"))
