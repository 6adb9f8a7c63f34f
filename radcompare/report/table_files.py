"""The tables of a report as files: CSV with every digit for programs, LaTeX as they are shown for papers."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from radcompare.printable import visible
from radcompare.provenance import written_atomically
from radcompare.report.text import Grid, arms_grid, margins_grid, metrics_grid, pairs_grid, stability_grid
from radcompare.tables.results import ArmResult, Results

_SPECIAL = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "–": "--",
    "ρ": r"$\rho$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
NAMES = ("arms", "pairs", "metrics", "non_inferiority", "stability", "exploratory")

Row = dict[str, Any]


def write_tables(results: Results, folder: Path) -> None:
    """Write `NAME.csv` and `NAME.tex` of every table that has rows; those of an earlier report are removed."""
    rows, grids = dict(_rows(results)), dict(_grids(results))
    for name in NAMES:
        _write_or_remove(folder / f"{name}.csv", as_csv(rows[name]) if rows.get(name) else None)
        _write_or_remove(folder / f"{name}.tex", as_latex(grids[name]) if name in grids else None)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of equal keys as CSV; what is undefined is empty."""
    lines = [list(rows[0]), *(["" if value is None else value for value in row.values()] for row in rows)]
    return "".join(f"{_csv_line(line)}\n" for line in lines)


def _csv_line(cells: Sequence[Any]) -> str:
    """A row; while it is made it ends in both signs, as Python then quotes a cell that holds either."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def as_latex(grid: Grid) -> str:
    """A table of the package booktabs, every sign of data escaped."""
    columns = "l" * (len(grid.header) - grid.numeric) + "r" * grid.numeric
    lines = [
        f"% {_plain(grid.title)}; needs \\usepackage{{booktabs}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _latex_row(grid.header),
        r"\midrule",
        *map(_latex_row, grid.rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _latex_row(cells: Sequence[str]) -> str:
    row = " & ".join(map(_latex, cells)) + r" \\"
    return (
        "{}" + row if row.startswith(("[", "*")) else row
    )  # which the line before would take for its option


def _latex(text: str) -> str:
    """Text that LaTeX shows as it is; a number keeps its sign as a minus."""
    shown = "".join(_SPECIAL.get(sign, sign) for sign in _plain(text))
    return re.sub(r"(?<![\w.])-(?=\d)", "$-$", shown)


def _plain(text: str) -> str:
    return visible(" ".join(text.split()))


def _grids(results: Results) -> Iterator[tuple[str, Grid]]:
    yield "arms", arms_grid(results.arms)
    yield "metrics", metrics_grid(results.arms)
    if results.pairs:
        yield "pairs", pairs_grid(results)
    if results.non_inferiority:
        yield "non_inferiority", margins_grid(results)
    if results.stability:
        yield "stability", stability_grid(results.stability)
    if results.exploratory:
        yield "exploratory", arms_grid(results.exploratory)


def _rows(results: Results) -> Iterator[tuple[str, list[Row]]]:
    yield "arms", [_arm(arm) for arm in results.arms]
    yield "exploratory", [_arm(arm) for arm in results.exploratory]
    yield "metrics", [row for arm in results.arms for row in _metrics(arm)]
    yield "pairs", [_flat(vars(pair), ("ci", "by_luck")) for pair in results.pairs]
    yield "non_inferiority", [_flat(vars(found), ("by_luck",)) for found in results.non_inferiority]
    stable = ("arm", "selector", "k", "fits", "features", "kuncheva", "nogueira")
    yield "stability", [{name: getattr(entry, name) for name in stable} for entry in results.stability]


def _arm(arm: ArmResult) -> Row:
    names = ("arm", "variant", "selector", "k", "classifier", "untrained", "n", "n_pos", "n_neg")
    figures = ("accuracy", "accuracy_ci", "accuracy_method", "auc", "auc_ci", "auc_method")
    more = ("sensitivity", "specificity", "balanced_accuracy")
    return _flat({name: getattr(arm, name) for name in (*names, *figures, *more)}, ("accuracy_ci", "auc_ci"))


def _metrics(arm: ArmResult) -> Iterator[Row]:
    configuration = ("arm", "variant", "selector", "k", "classifier")
    for metric in arm.metrics:
        yield {name: getattr(arm, name) for name in configuration} | _flat(vars(metric), ("ci",))


def _flat(values: Mapping[str, Any], intervals: Sequence[str]) -> Row:
    """Intervals as two columns each."""
    row: Row = {}
    for name, value in values.items():
        if name in intervals:
            row[f"{name}_low"], row[f"{name}_high"] = value or (None, None)
        else:
            row[name] = value
    return row


def _write_or_remove(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        return
    with written_atomically(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
