"""What typer, the system and Python complain of, as errors of ours: what was found, and what to do."""

from pathlib import Path
from typing import Any

from typer.exceptions import TyperException

from radcompare.errors import ConfigError, RadcompareError, did_you_mean

SHOWN = 20
"""Characters that are told on both sides of one that is wrong."""


def of_typer(problem: TyperException) -> RadcompareError:
    """A command line that cannot be parsed. Without any arguments typer has shown the help, and nothing is added."""
    context = getattr(problem, "ctx", None)
    command = context.command_path if context is not None else "radcompare"
    said = _wrong_value(problem) or _unknown_option(problem) or problem.format_message()
    return ConfigError(said, _outcome_hint(problem) + f"{command} --help shows what it takes" if said else "")


def _wrong_value(problem: Any) -> str:
    """`--top: expected at least 1, found '0'`, or nothing when the complaint is not about a value."""
    from pydantic import ValidationError

    from radcompare.wrong_settings import in_words

    if not isinstance(problem.__cause__, ValidationError):
        return ""
    wrong = [{**error, "loc": ()} for error in problem.__cause__.errors()]
    return f"{_names(problem)}: {'; '.join(in_words(wrong, lambda _: ()))}"


def _unknown_option(problem: Any) -> str:
    name = getattr(problem, "option_name", "")
    if not name or not hasattr(problem, "possibilities"):
        return ""
    parameters = problem.ctx.command.params
    every = [option for each in parameters for option in (*each.opts, *each.secondary_opts)]
    known = [option for option in every if option[0] == "-"]
    return f"no option {name}{did_you_mean(name, known)}"


def _outcome_hint(problem: Any) -> str:
    """What the program that wrote the table calls the outcome, where the option for it is missing."""
    from radcompare.tables.foreign import recognised
    from radcompare.tables.header import first_names

    parameter, context = getattr(problem, "param", None), getattr(problem, "ctx", None)
    if parameter is None or context is None or parameter.name != "outcome":
        return ""
    table = str(context.params.get("table", ""))
    if not Path(table).is_file():
        return ""
    known = [program for program in recognised(first_names(table)) if program.outcome]
    return "".join(
        f"{program.name} calls it {program.outcome}: --outcome {program.outcome}; " for program in known
    )


def _names(problem: Any) -> str:
    parameter = problem.param
    return (
        "/".join(parameter.opts) if parameter.param_type_name == "option" else str(parameter.display_name_raw)
    )


def of_system(problem: OSError) -> RadcompareError:
    """A file or a device that fails: the path if there is one, else the disk or the terminal itself."""
    reason = problem.strerror or str(problem)
    if problem.filename is None:
        return RadcompareError(f"the system refuses: {reason}", "free some space, or write elsewhere")
    return ConfigError(f"{problem.filename}: {reason}", "check the path and its permissions")


def of_text(problem: UnicodeEncodeError) -> RadcompareError:
    """A name that is no text: a shell hands on any bytes."""
    wrong = problem.object[max(0, problem.start - SHOWN) : problem.end + SHOWN]
    return ConfigError(f"{wrong!r} is not UTF-8 text", "paths of files may hold other bytes, names may not")


def unexpected(problem: Exception) -> RadcompareError:
    """A fault of the program itself."""
    return RadcompareError(
        f"unexpected {type(problem).__name__}: {problem}",
        "this is a fault of radcompare; set RADCOMPARE_DEBUG=1 for the details and report it",
    )
