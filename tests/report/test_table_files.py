"""Tables as files: CSV that reads back to the last digit, LaTeX that compiles whatever a name holds."""

import csv
import math
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare.report.table_files import NAMES, as_csv, as_latex, write_tables
from radcompare.report.text import Grid
from radcompare.tables.results import Metric, NonInferiority, Results, Stability

Make = Callable[..., Any]
COMMANDS = {
    r"\textbackslash": "\\",
    r"\textasciitilde": "~",
    r"\textasciicircum": "^",
    r"\textless": "<",
    r"\textgreater": ">",
    r"\textbar": "|",
}
SIGNS = r"""\ & % $ # _ { } ~ ^ < > | [ ] * " ' ` ! ? @ = + / ; : ( )"""


def grid(*cells: str, header: tuple[str, ...] = (), title: str = "t") -> Grid:
    return Grid(title, header or tuple("abcdefgh"[: len(cells)]), (tuple(cells),), 1)


def body(text: str) -> list[str]:
    """The rows of a table, without the lines that every table has."""
    lines = text.splitlines()
    assert lines[0].startswith("% ")
    assert re.fullmatch(r"\\begin\{tabular\}\{l*r*\}", lines[1])
    assert lines[-1] == r"\end{tabular}"
    rows = [line for line in lines[2:-1] if line not in (r"\toprule", r"\midrule", r"\bottomrule")]
    assert all(row.endswith(r" \\") for row in rows)
    return rows


def shown(row: str) -> list[str]:
    """The cells that TeX sets from a row, read sign by sign; anything that it would stumble over is an error."""
    cells, rest = [""], row.removesuffix(r" \\")
    while rest:
        if found := re.match(r"(\\text[a-z]+)\{\}", rest):
            sign, length = COMMANDS[found[1]], found.end()
        elif found := re.match(r"\\([&%$#_{}])", rest):
            sign, length = found[1], 2
        elif rest.startswith("$-$"):
            sign, length = "-", 3
        elif rest.startswith("{}"):
            sign, length = "", 2
        elif rest[0] == "&":
            cells.append("")
            sign, length = "", 1
        else:
            assert rest[0] not in "\\$#_{}~^%", f"TeX would read {rest[:12]!r} as a command"
            sign, length = rest[0], 1
        cells[-1] += sign
        rest = rest[length:]
    return [cell.strip() for cell in cells]


@pytest.mark.parametrize("sign", SIGNS.split())
def test_every_sign_of_data_is_shown_as_it_is(sign: str) -> None:
    names = (sign, f"a{sign}b", f"{sign}{sign}", f"x {sign}")
    header, row = body(as_latex(grid(*names, header=names)))
    assert shown(header) == shown(row) == list(names)


@pytest.mark.parametrize("start", ["[untrained]", "[0.1, 0.2]", "*", "*x"])
def test_a_row_is_never_read_as_the_option_of_the_line_before(start: str) -> None:
    r"""`\\ [x]` would be a length, and `\midrule [x]` a width."""
    for row in body(as_latex(Grid("t", (start, "b"), ((start, "1"), (start, "2")), 1))):
        assert not row.startswith(("[", "*"))
        assert shown(row)[0] == start


def test_whitespace_and_signs_that_cannot_be_seen_are_no_new_line() -> None:
    text = as_latex(grid("a\nb", "c\r\td", "e\x1bf", "\u2028g", title="one\ntwo % three"))
    assert len(text.splitlines()) == 8
    (_, row) = body(text)
    assert shown(row) == ["a b", "c d", "e\\x1bf", "g"]
    assert text.splitlines()[0].startswith("% one two % three; needs")


@pytest.mark.parametrize(
    ("cell", "latex"),
    [
        ("-0.125 [-0.250, +0.062]", "$-$0.125 [$-$0.250, +0.062]"),
        ("a − b", "a $-$ b"),
        ("–", "--"),
        ("cnn-f", "cnn-f"),
        ("2020-01-02", "2020-01-02"),
        ("Spearman's ρ", r"Spearman's $\rho$"),
        ("<0.001", r"\textless{}0.001"),
    ],
)
def test_numbers_keep_their_sign_and_names_their_hyphen(cell: str, latex: str) -> None:
    assert body(as_latex(grid(cell)))[1] == rf"{latex} \\"


def test_names_stand_left_and_numbers_right() -> None:
    text = as_latex(Grid("Arms", ("a", "b", "c"), (("x", "1", "2"),), 2))
    assert text.splitlines() == [
        r"% Arms; needs \usepackage{booktabs}",
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r"a & b & c \\",
        r"\midrule",
        r"x & 1 & 2 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_hostile_arms_compile(nasty: Results, tmp_path: Path) -> None:
    write_tables(nasty, tmp_path)
    for name in ("arms", "pairs", "metrics", "exploratory"):
        header, *rows = body((tmp_path / f"{name}.tex").read_text(encoding="utf-8"))
        assert {len(shown(row)) for row in rows} <= {len(shown(header))}
    (_, *rows) = body((tmp_path / "arms.tex").read_text(encoding="utf-8"))
    assert [shown(row)[0] for row in rows] == [arm.label for arm in nasty.arms]


def test_csv_reads_back_to_the_last_digit(
    make_arm: Make, make_pair: Make, make_results: Make, tmp_path: Path
) -> None:
    numbers = (0.1 + 0.2, 1 / 3, 5e-324, math.nextafter(1, 0))
    metric = Metric("auc", numbers[0], (numbers[2], numbers[3]), "delong")
    arm = make_arm("a", auc=numbers[1], auc_ci=(numbers[2], numbers[3]), accuracy=None, metrics=(metric,))
    pair = make_pair("a", "b", difference=-numbers[0], p=numbers[2], ci=None, by_luck=(0.04, numbers[1]))
    write_tables(make_results((arm, make_arm("b")), (pair,)), tmp_path)
    first = next(csv.DictReader((tmp_path / "arms.csv").open(encoding="utf-8")))
    assert (float(first["auc"]), float(first["auc_ci_low"]), float(first["auc_ci_high"])) == numbers[1:]
    assert (first["accuracy"], first["n_pos"], first["arm"]) == ("", "25", "a")
    row = next(csv.DictReader((tmp_path / "pairs.csv").open(encoding="utf-8")))
    assert (float(row["difference"]), float(row["p"]), float(row["by_luck_high"])) == (
        -numbers[0],
        numbers[2],
        numbers[1],
    )
    assert (row["ci_low"], row["ci_high"], row["detectable"]) == ("", "", "")
    told = next(csv.DictReader((tmp_path / "metrics.csv").open(encoding="utf-8")))
    assert (told["name"], float(told["value"]), float(told["ci_low"])) == ("auc", numbers[0], numbers[2])
    assert (told["arm"], told["method"]) == ("a", "delong")


@pytest.mark.parametrize(
    "name", ['a "quoted", comma', "two\nlines", "car\rriage", "=1+1", " blank ", "NA", "肺结节"]
)
def test_a_name_reads_back_as_it_is(name: str) -> None:
    text = as_csv([{"arm": name, "n": 1}, {"arm": "b", "n": 2}])
    rows = list(csv.reader(StringIO(text, newline="")))
    assert rows == [["arm", "n"], [name, "1"], ["b", "2"]]
    frame = pd.read_csv(StringIO(text, newline=""), keep_default_na=False)
    assert frame["arm"].tolist() == [name, "b"]


@pytest.fixture
def whole(make_arm: Make, make_pair: Make, make_results: Make) -> Results:
    """Results with every table."""
    arm = make_arm("a", metrics=(Metric("auc", 0.5),))
    margin = NonInferiority("a", "b", "tango", "accuracy", 40, 0.1, -0.02, -0.08, 0.01, 0.02, shown=True)
    stable = Stability("a", "su", "2", 4, 9, None, 0.375, (("x", 1.0),))
    found: Results = make_results(
        (arm, make_arm("b")), (make_pair("a", "b"),), exploratory=(make_arm("a", k="2"),),
        non_inferiority=(margin,), stability=(stable,),
    )  # fmt: skip
    return found


def test_every_table_is_written_in_both_forms(whole: Results, tmp_path: Path) -> None:
    write_tables(whole, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}.{form}" for name in NAMES for form in ("csv", "tex")
    }
    for name in NAMES:
        rows = list(csv.DictReader((tmp_path / f"{name}.csv").open(encoding="utf-8")))
        lines = body((tmp_path / f"{name}.tex").read_text(encoding="utf-8"))
        assert len(rows) == (2 if name == "arms" else 1)
        assert len(lines) == len(rows) + 1
    (stable,) = csv.DictReader((tmp_path / "stability.csv").open(encoding="utf-8"))
    assert (stable["kuncheva"], stable["nogueira"], stable["features"]) == ("", "0.375", "9")


def test_tables_of_an_earlier_report_are_removed(whole: Results, tmp_path: Path) -> None:
    write_tables(whole, tmp_path)
    (tmp_path / "mine.csv").write_text("of the user")
    write_tables(replace(whole, pairs=(), exploratory=(), non_inferiority=(), stability=()), tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"arms.csv", "arms.tex", "metrics.csv", "metrics.tex", "mine.csv"}


def test_the_same_results_give_the_same_bytes(nasty: Results, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_tables(nasty, tmp_path / folder)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
