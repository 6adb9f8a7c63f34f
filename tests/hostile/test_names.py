"""Names from data that would be a path, a formula, a script, a line of ours or a command to the terminal.

They go through every command, come out of every table as they went in, and act nowhere.
"""

import csv
import io
import re
import sys
import xml.dom.minidom
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare import console
from radcompare.config import Experiment, parse
from radcompare.errors import ConfigError
from radcompare.printable import visible
from radcompare.tables.case import Failure
from radcompare.tables.failures import write_failures

Run = Callable[..., Any]
NAMES = (
    *(
        "../../escape",
        "/etc/passwd",
        "..",
        "C:\\x\\y",
        'a "quote"',
        "it's",
        "a, comma",
        "-o",
        "a;b;c;d;e;f",
        "a\tb",
    ),
    *(
        "two\nlines",
        "c1: error: forged\n    do this",
        "carriage\rreturn",
        "a\u2028b\x85c",
        "NA",
        "007",
        "1e5",
        "true",
    ),
    *(
        '=HYPERLINK("http://x";"y")',
        "+1+1",
        "@SUM(1)",
        "-2+3",
        "%s%n",
        "$x^2$",
        "{{ 7*7 }}",
        "${jndi:x}",
        "$(id)",
    ),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</td></table>", "<!--", "&lt;b&gt;"),
    *(
        "\x1b]0;title\x07",
        "\x1b[2J\x1b[31mred",
        "\x9b31m",
        "\x7f",
        "[bold]x[/bold]",
        "[/]",
        "\u202eevil\u2066",
    ),
    *("שלום", "مرحبا", "漢字", "e\u0301\u0302", "👩\u200d🔬", "\ufeffmark", "x" * 10_000),
)
OUTCOMES = 2
COLUMN = "<i>=cmd|'x'!A0;\t\x1b[2J\n"
ARMS = (
    "<script>alert(1)</script>\x1b[2J",
    '"><img src=x onerror=alert(1)>',
    "/etc/passwd\nnote: forged",
    "שלום\u202e",
)


def write(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return path


def feature_table(path: Path) -> Path:
    rows: list[list[object]] = [
        ["ID", "malignant", COLUMN, *(f"r219_glcm_F{k}" for k in range(3)), "deep_x_0"]
    ]
    for at, name in enumerate(NAMES):
        rows.append([name, at % OUTCOMES, "text", *((at * (k + 3)) % 7 + at % 2 * k for k in range(4))])
    return write(path, rows)


def ids_of(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row["ID"] for row in csv.DictReader(file)]


def refuse_commands(text: str) -> None:
    """Nothing on a terminal but what can be seen, line breaks and tabs of ours."""
    assert not {sign for sign in text if not sign.isprintable() and sign != "\n"}


def refuse_escape(top: Path) -> None:
    """Nothing was written but below the folder that the program ran in."""
    below = top / "a" / "b" / "c"
    assert [path for path in top.rglob("*") if below not in (path, *path.parents) and path.is_file()] == []


@pytest.fixture
def cohort(radcompare: Run) -> Path:
    """Phantom cases under those names; the masks of four of them are missing."""
    from radcompare.config import Phantom
    from radcompare.imaging.phantom import write_cohort

    write_cohort(Phantom(cases=6), Path("phantom"))
    frame = pd.read_csv("phantom/cohort.csv")
    rows = [["ID", "Image", "Mask", "malignant", COLUMN]]
    for at, name in enumerate(NAMES):
        image, mask = (f"phantom/{frame[column][at % 6]}" for column in ("Image", "Mask"))
        rows.append([name, image, "../absent" if at % 12 == 10 else mask, str(at % OUTCOMES), "text"])
    return write(Path("cohort.csv"), rows)


def test_check_says_one_line_per_problem(radcompare: Run, cohort: Path) -> None:
    ended = radcompare("check", cohort)
    assert ended.code == 3
    refuse_commands(ended.out + ended.err)
    told, hints = ended.out.splitlines()[::2], ended.out.splitlines()[1::2]
    assert all(hint.startswith("    ") for hint in hints)
    assert all(": error: " in line or ": warning: " in line for line in told)
    assert [
        line.partition(": error: ")[0] for line in told if ": error: " in line and "forged" not in line
    ] == [shown for shown in map(visible, NAMES[10::12]) if "forged" not in shown]


@pytest.mark.slow
def test_cases_through_extraction(radcompare: Run, cohort: Path, tmp_path: Path) -> None:
    failed = [name for at, name in enumerate(NAMES) if at % 12 == 10]
    measured = [name for name in NAMES if name not in failed]
    for what in (
        ["radiomics"],
        ["deep", "--network", "arch3", "--weights", "random", "--layer", "conv3", "--size", 56],
    ):
        ended = radcompare("extract", what[0], cohort, *what[1:], "-o", f"{what[0]}.csv")
        assert ended.code == 4
        refuse_commands(ended.err)
        assert ids_of(Path(f"{what[0]}.csv")) == measured
        assert ids_of(Path("failures.csv")) == failed
        assert COLUMN.strip() in pd.read_csv(f"{what[0]}.csv").columns
    ended = radcompare("merge", "radiomics.csv", "deep.csv", "-o", "merged.csv")
    assert (ended.code, ids_of(Path("merged.csv"))) == (0, measured)
    refuse_escape(tmp_path)


@pytest.mark.slow
def test_sheets_have_names_of_ours(radcompare: Run, cohort: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(cohort, keep_default_na=False, dtype="str")
    frame[frame["ID"].str.len() < 1000].to_csv(
        cohort, index=False, quoting=csv.QUOTE_ALL, lineterminator="\r\n"
    )
    ended = radcompare("preview", cohort, "--network", "arch3", "--size", 56, "--out", "sheets")
    assert ended.code == 4
    refuse_commands(ended.out + ended.err)
    assert {path.name for path in Path("sheets").iterdir()} <= {"failures.csv", "sheet-01.png"}
    refuse_escape(tmp_path)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_tables_give_names_back(radcompare: Run, suffix: str) -> None:
    """Through a table that is written and read twice, and on the way to the next program."""
    table = feature_table(Path("t.csv"))
    assert radcompare("merge", table, table, "-o", f"m{suffix}").code == 0
    ended = radcompare("merge", f"m{suffix}", table, "-o", "again.csv")
    assert (ended.code, ids_of(Path("again.csv"))) == (0, list(NAMES))
    assert pd.read_csv("again.csv").columns[2] == COLUMN.strip()
    ended = radcompare("select", "again.csv", "--outcome", "malignant", "--top", 2, "-o", "top.csv")
    assert (ended.code, ids_of(Path("top.csv"))) == (0, list(NAMES))
    refuse_commands(ended.err)


def test_a_pipe_gets_names_as_they_are_and_a_terminal_does_not(
    radcompare: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = feature_table(Path("t.csv"))
    piped = radcompare("merge", table, table).out
    assert [row["ID"] for row in csv.DictReader(io.StringIO(piped, newline=""))] == list(NAMES)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    console.write(piped)
    shown = capsys.readouterr().out
    assert not {sign for sign in shown if not sign.isprintable() and sign not in "\n\t"}
    assert r"\x1b]0;title\x07" in shown


@pytest.mark.slow
def test_arms_on_the_terminal(radcompare: Run) -> None:
    arms = [option for name in ARMS if "=" not in name for option in ("--arm", f"{name}=r219_*")]
    table = feature_table(Path("t.csv"))
    made = radcompare("evaluate", table, "--outcome", "malignant", "--cv", 3, *arms, "-o", "p.csv")
    assert made.code == 0
    assert ids_of(Path("p.csv"))
    ended = radcompare("compare", "p.csv", "--metrics")
    assert ended.code == 0
    refuse_commands(ended.out + ended.err + made.out + made.err)
    assert "note: forged" not in (made.err + ended.err).splitlines()


class Seen(HTMLParser):
    """Every element with the names of its attributes, and all text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: set[tuple[str, str]] = set()
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements |= {(tag, name) for name, _ in attrs} | {(tag, "")}

    def handle_data(self, data: str) -> None:
        self.text += data


def run_report(radcompare: Run, arms: Sequence[str], columns: Sequence[str], out: str) -> Seen:
    from yaml import safe_dump

    experiment = {
        "name": "x",
        "table": "t.csv",
        "outcome": "malignant",
        "sources": dict(zip(columns, ({"columns": ["r219_*"]}, {"columns": ["deep_*"]}), strict=True)),
        "arms": {arm: {"sources": columns[at % 2]} for at, arm in enumerate(arms)},
        "classifiers": "naive-bayes",
        "validation": 3,
    }
    Path("x.yaml").write_text(safe_dump(experiment, allow_unicode=True), encoding="utf-8")
    ended = radcompare("run", "x.yaml", "--out", out)
    assert ended.code == 0
    refuse_commands(ended.out + ended.err)
    failures = [Failure(name, name, f"case {name}: {name}", name) for name in (*NAMES, *ARMS)]
    write_failures(failures, Path(out) / "failures.csv")
    assert radcompare("report", out).code == 0
    return Seen(Path(out) / "report.html")


@pytest.mark.slow
def test_a_report_holds_nothing_of_a_name_but_text(radcompare: Run, tmp_path: Path) -> None:
    feature_table(Path("t.csv"))
    evil = run_report(radcompare, ARMS, ("../../../evil", "<img src=x onerror=alert(1)>"), "evil")
    good = run_report(radcompare, "abcd", ("x", "y"), "good")
    assert evil.elements == good.elements
    assert not [
        each for each in evil.elements if each[0] in ("script", "img", "iframe") or each[1][:2] == "on"
    ]
    page = Path("evil/report.html").read_text(encoding="utf-8")
    assert all(link.startswith("#") for link in re.findall(r"<a[^>]*href=\"([^\"]*)", page))
    refuse_commands(evil.text)
    assert "<script>alert(1)</script>\\x1b[2J" in evil.text
    assert "שלום\\u202e" in evil.text
    for figure in Path("evil/figures").iterdir():
        assert not {"script", "image", "foreignObject"} & _tags(figure)
        assert figure.name.isascii()
    assert Path("evil/predictions.csv").is_file()
    refuse_escape(tmp_path)


def _tags(figure: Path) -> set[str]:
    document = xml.dom.minidom.parse(str(figure))
    return {element.tagName for element in document.getElementsByTagName("*")}


@pytest.mark.parametrize("name", ["../x", "/x", "..", "a/b", "a\\b", "", "x" * 300, "\x1b[2J", "nul\n"])
def test_an_experiments_name_is_a_folder_of_ours(radcompare: Run, tmp_path: Path, name: str) -> None:
    """Without --out a run goes into runs/NAME."""
    raw = {
        "table": "t.csv",
        "outcome": "y",
        "sources": {"x": {"columns": ["*"]}},
        "arms": {"a": {"sources": "x"}},
    }
    try:
        experiment = parse(Experiment, {**raw, "name": name}, origin="x.yaml")
    except ConfigError:
        return
    folder = (Path("runs") / experiment.name).resolve()
    assert folder.parent == Path("runs").resolve()


def test_a_nul_is_refused_where_it_stands(radcompare: Run) -> None:
    """Whether a table is held or read by rows."""
    Path("t.csv").write_bytes(b"ID,malignant,r219_x\na\0b,0,1\na\0c,1,2\n")
    for command in (["select", "t.csv", "--outcome", "malignant", "--top", 1], ["check", "t.csv"]):
        ended = radcompare(*command)
        assert ended.code == 3
        assert "t.csv, line 2: holds a NUL character" in ended.err
    frame = pd.DataFrame({"ID": ["a\0b", "c"], "malignant": [0, 1], "r219_x": [1.0, 2.0]})
    frame.to_parquet("t.parquet")
    for command in (["select", "t.parquet", "--outcome", "malignant", "--top", 1], ["check", "t.parquet"]):
        ended = radcompare(*command)
        assert ended.code == 3
        assert "the column 'ID' holds a NUL character" in ended.err


def test_what_typer_says_of_arguments_is_shown_as_well(radcompare: Run) -> None:
    for arguments in (
        ["\x1b[2J"],
        ["merge", "--\x1b]0;x\x07"],
        ["describe", "\x1b[2J"],
        ["select", "a\x1b[2J.csv"],
    ):
        ended = radcompare(*arguments)
        assert ended.code in (2, 3)
        refuse_commands(ended.out + ended.err)


def test_arguments_that_are_no_text(radcompare: Run) -> None:
    """A shell hands on any bytes; what is no UTF-8 comes as half characters."""
    table = feature_table(Path("t.csv"))
    base = ["evaluate", table, "--outcome", "malignant", "--cv", 3]
    for arguments in ([*base, "--arm", "\udcff=r219_*", "-o", "p.csv"], [*base, "--groups", "\udcff"]):
        ended = radcompare(*arguments)
        assert ended.code in (2, 3), sys.argv
        refuse_commands(ended.err)
