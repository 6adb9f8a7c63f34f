"""The only module that prints. Results go to standard output, everything else to standard error.

Whatever comes from data is shown so that it cannot command a terminal or forge a line (`radcompare.printable`).
"""

import io
import json
import os
import re
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from radcompare.errors import RadcompareError
from radcompare.printable import visible

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from radcompare.report.text import Grid
    from radcompare.tables.results import Refusal, Results

EXPLORATORY = "Exploratory, never tested"
CONTINUED = "\n  "
"""How errors of several lines go on."""


_is_verbose = False


def be_verbose(wanted: bool) -> None:
    """Tell more on standard error from now on: versions, steps and their times."""
    global _is_verbose
    _is_verbose = wanted
    if wanted:
        from radcompare.provenance import versions

        note(", ".join(f"{name} {version}" for name, version in versions().items()))


def is_verbose() -> bool:
    """Whether `be_verbose` was asked for."""
    return _is_verbose


def open_streams() -> None:
    """Write UTF-8 wherever output goes, and go on where a terminal lacks a sign.

    A table that is piped has to be what the file would be, whatever the locale. A stream that the caller closed
    takes what it is given and keeps nothing; there is nothing to read from it either.
    """
    sys.stdin = sys.stdin or Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  # open to the end
    for name, errors in (("stdout", "surrogateescape"), ("stderr", "backslashreplace")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _nowhere())
        elif isinstance(stream, io.TextIOWrapper) and stream.isatty():
            stream.reconfigure(errors="replace")
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def abandon_output() -> None:
    """Drop what is still to be written: the reader of the pipe has seen enough and gone."""
    sys.stdout = _nowhere()


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def write(text: str) -> None:
    """Text for a person or a program, to standard output, with a line break at its end.

    A program gets it as it is; on a terminal signs that would command it are written out.
    """
    shown = visible(text, kept="\n\t") if sys.stdout.isatty() else text
    sys.stdout.write(shown if shown.endswith("\n") else shown + "\n")
    sys.stdout.flush()


def write_json(value: object) -> None:
    r"""JSON to standard output; what is not printable as `\uXXXX`, which means the same."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    if not text.replace("\n", "").isprintable():
        text = re.sub(r"[^\n]", lambda sign: _in_json(sign[0]), text)
    write(text)


def note(text: str) -> None:
    """Something the user should know, to standard error."""
    sys.stderr.write(f"note: {visible(text)}\n")


def error(problem: RadcompareError) -> None:
    """What went wrong and what to do, to standard error."""
    if problem.message:
        sys.stderr.write(f"error: {_lines(problem.message)}\n")
    if problem.hint:
        sys.stderr.write(f"hint: {_lines(problem.hint)}\n")


def where(problem: BaseException) -> None:
    """Where in the program something went wrong, to standard error."""
    for line in "".join(traceback.format_exception(problem)).splitlines():
        sys.stderr.write(f"{visible(line)}\n")


def notes(texts: Iterable[str], *, quiet: bool = False) -> None:
    """Several notes, or none for a user who wants none."""
    for text in () if quiet else texts:
        note(text)


def problems(found: Iterable[Mapping[str, str]]) -> None:
    """What is wrong with a cohort: a line per problem that `grep` and people can read, and below it what to do."""
    for problem in found:
        shown = {key: visible(text) for key, text in problem.items()}
        whose = f"{shown['case']}: " if shown["case"] else ""
        write(f"{whose}{shown['severity']}: {shown['problem']}\n    {shown['hint']}")


def results(found: "Results") -> None:
    """What a comparison found: the answer, the arms, the pairs, what was refused; in short on a terminal."""
    if sys.stdout.isatty() and not _is_verbose:
        _in_short(found)
        return
    from radcompare.report.answers import answers
    from radcompare.report.text import arms_grid, margins_grid, pairs_grid, pipelines_grid

    write(f"{visible(found.design)}\n")
    rest = [arms_grid(found.exploratory, EXPLORATORY)] if found.exploratory else []
    rest += [margins_grid(found)] if found.non_inferiority else []
    rest += [pipelines_grid(found.pipelines)] if found.pipelines else []
    grids([arms_grid(found.arms), *([pairs_grid(found)] if found.pairs else []), *rest])
    write("\n".join(map(visible, [*map(str, answers(found)), *_refusals(found.refused)])))


def _in_short(found: "Results") -> None:
    """One table, a line per comparison and a line per test that was refused."""
    from radcompare.report.answers import answers, compact_grids
    from radcompare.report.text import margins_grid, pipelines_grid

    write(f"{visible(found.design)}\n")
    rest = [margins_grid(found)] if found.non_inferiority else []
    rest += [pipelines_grid(found.pipelines)] if found.pipelines else []
    grids([*compact_grids(found), *rest])
    write("\n".join(visible(f"{one.pair}: {one.verdict}") for one in answers(found)))
    if found.exploratory:
        write(f"{EXPLORATORY}: {len(found.exploratory)} further configurations.")
    tests = ", ".join(dict.fromkeys(refusal.test for refusal in found.refused))
    if tests:
        write(visible(f"Refused, as they would be wrong here: {tests}; -v says why."))


def grids(tables: Iterable["Grid"]) -> None:
    """Tables to standard output: drawn on a terminal, aligned plain text elsewhere."""
    for table in tables:
        if sys.stdout.isatty():
            _draw(_shown(table))
        else:
            write(_plain(_shown(table)))


def refusals(refused: "Iterable[Refusal]") -> None:
    """Tests that were refused, and why."""
    for line in _refusals(refused):
        write(visible(line))


def _refusals(refused: Iterable["Refusal"]) -> Iterator[str]:
    """A line for every test that was refused, and why; pairs of arms with the same reason share one."""
    pairs: dict[tuple[str, str, str], list[str]] = {}
    for refusal in refused:
        same = pairs.setdefault((refusal.test, refusal.reason, refusal.instead), [])
        same += [f"{refusal.a}, {refusal.b}"] if refusal.a else []
    for (test, reason, instead), arms in pairs.items():
        who = f" ({'; '.join(arms)})" if arms else ""
        yield f"Refused: {test}{who}: {reason}; instead: {instead}."


class Progress:
    """Shows how far every loop is, on a terminal only; use as a context manager and call it per step."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._bars: Bars | None = None
        self._tasks: dict[str, Any] = {}
        self._since = time.monotonic()
        self._quiet = quiet or not sys.stderr.isatty()

    def __enter__(self) -> "Progress":
        if not self._quiet:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bars = Bars(*columns, console=Console(stderr=True))
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say that `done` of `total` items of `what` are finished."""
        if _is_verbose:
            self._tell_time(what, done, total)
        if self._bars is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(visible(what), total=total)
        self._bars.update(self._tasks[what], completed=done)

    def _tell_time(self, what: str, done: int, total: int) -> None:
        """A line for every loop that is done, with the time since the one before it was."""
        if done < total:
            return
        now = time.monotonic()
        told = f"{visible(what)}: {total} in {now - self._since:.1f} s"
        self._since = now
        if self._bars is None:
            note(told)
        else:  # above the bars, which keep their place
            self._bars.console.print(told, markup=False, highlight=False)


def _lines(text: str) -> str:
    """What an error says; its own lines are indented, and one of data cannot begin where ours do."""
    return CONTINUED.join(map(visible, text.split(CONTINUED)))


def _in_json(sign: str) -> str:
    return sign if sign.isprintable() else json.dumps(sign)[1:-1]


def _shown(table: "Grid") -> "Grid":
    from radcompare.report.text import Grid

    header, *rows = (tuple(map(visible, cells)) for cells in (table.header, *table.rows))
    return Grid(visible(table.title), header, tuple(rows), table.numeric)


def _draw(table: "Grid") -> None:
    """Columns on a terminal: where they are too wide for it cells are folded between words, and nothing is cut."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Everything as text: a name may hold what rich reads as markup.
    drawn = Table(title=Text(table.title), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for number, column in enumerate(zip(table.header, *table.rows, strict=True)):
        right = len(table.header) - number <= table.numeric
        longest = max(len(word) for cell in column for word in (cell.split() or [""]))
        justify: Literal["right", "left"] = "right" if right else "left"
        drawn.add_column(Text(column[0]), justify=justify, overflow="fold", min_width=longest)
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    Console().print(drawn, crop=False)


def _plain(table: "Grid") -> str:
    """Columns aligned by blanks, never wrapped or cut."""
    lines = [table.header, *table.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.header))]
    aligned = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([f"{table.title}:", *aligned, ""])
