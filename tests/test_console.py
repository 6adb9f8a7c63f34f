"""What is printed, where it goes, and how it looks."""

import io
import json
import re
import sys
from dataclasses import replace

import pandas as pd
import pytest

from radcompare import console
from radcompare.compare.comparison import compare
from radcompare.config import Statistics
from radcompare.errors import ConfigError
from radcompare.report.text import Grid
from radcompare.tables.predictions import checked_predictions
from radcompare.tables.results import Pipeline

GRID = Grid("Arms", ("arm", "n"), (("radiomics [bold]", "40"), ("a", "7")), 1)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_results_and_everything_else_part(capsys: pytest.CaptureFixture[str]) -> None:
    console.write("a result")
    console.write("another\n")
    console.note("something")
    console.notes(["one", "two"])
    console.notes(["not wanted"], quiet=True)
    console.error(ConfigError("x.yaml: no", "write yes"))
    console.error(ConfigError("no hint"))
    out, err = capsys.readouterr()
    assert out == "a result\nanother\n"
    assert err == (
        "note: something\nnote: one\nnote: two\nerror: x.yaml: no\nhint: write yes\nerror: no hint\n"
    )


def test_json_keeps_order_and_letters(capsys: pytest.CaptureFixture[str]) -> None:
    console.write_json({"b": "ä − ü", "a": [1.5, None]})
    out = capsys.readouterr().out
    assert list(json.loads(out)) == ["b", "a"]
    assert "ä − ü" in out
    with pytest.raises(ValueError, match="not JSON compliant"):
        console.write_json({"x": float("nan")})


def test_a_grid_in_a_pipe_is_aligned_and_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    console.grids([GRID])
    assert (
        capsys.readouterr().out == "Arms:\narm               n\nradiomics [bold]  40\na                 7\n"
    )


def test_a_grid_on_a_terminal_is_drawn_and_names_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    console.grids([GRID])
    assert "radiomics [bold]" in terminal.getvalue()
    assert "───" in terminal.getvalue()


def test_a_narrow_terminal_folds_cells_and_cuts_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    console.grids(
        [Grid("Arms", ("arm", "AUC"), (("a_very_long_name_of_an_arm", "0.712 [0.551, 0.873]"),), 1)]
    )
    words = terminal.getvalue().split()
    assert {"a_very_long_name_of_an_arm", "0.712", "[0.551,", "0.873]"} <= set(words)


@pytest.mark.parametrize("verbose", [False, True])
def test_a_terminal_shows_the_answer_in_80_columns(monkeypatch: pytest.MonkeyPatch, verbose: bool) -> None:
    """All of it with -v, as it is in a pipe."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(console, "_is_verbose", verbose)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    frame = pd.DataFrame(
        [
            {
                "ID": i,
                "arm": arm,
                "y_true": i % 2,
                "score": (i * step % 17) / 17 + (i % 2) / 4,
                "group": i // 2,
            }
            for arm, step in (("radiomics", 5), ("deep [untrained]", 7))
            for i in range(40)
        ]
    )
    found = compare(checked_predictions(frame, "test"), reference="radiomics")
    assert found.refused
    console.results(found)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert ("Refused: delong" in shown) == verbose
    assert ("-v says why" in shown) != verbose
    if not verbose:
        table = [line for line in shown.splitlines() if "[0." in line]
        assert len(table) == 2
        assert max(map(len, table)) <= 80


def test_a_terminal_shows_what_was_asked_for_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    """The p of permutations, and whether an arm is no worse, in short as well."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    frame = pd.DataFrame(
        [
            {"ID": i, "arm": arm, "y_true": i % 2, "score": (i * step % 17) / 17 + (i % 2) / 4}
            for arm, step in (("a", 5), ("b", 7))
            for i in range(40)
        ]
    )
    found = compare(checked_predictions(frame, "test"), reference="a", statistics=Statistics(margin=0.1))
    pipeline = Pipeline("every arm", "the best of 2", 0.7, 0.0625, 15, 0.5, 0.61, 0.0625)
    console.results(replace(found, pipelines=(pipeline,)))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert "0.062" in shown
    assert "Non-inferiority" in shown


def test_problems_are_a_line_each_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    problem = {
        "case": "c1",
        "severity": "error",
        "problem": "x.nii does not exist",
        "hint": "correct the path",
    }
    console.problems([problem, problem | {"case": "c2", "severity": "warning"}])
    assert capsys.readouterr().out == (
        "c1: error: x.nii does not exist\n    correct the path\n"
        "c2: warning: x.nii does not exist\n    correct the path\n"
    )


def test_refusals_of_the_same_reason_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {
            "ID": f"c{case}",
            "arm": arm,
            "y_true": case % 2,
            "score": score,
            "repeat": repeat,
            "fold": case // 4,
        }
        for arm, scores in (("a", (1, 2, 3, 4)), ("b", (4, 3, 2, 1)), ("c", (2, 1, 4, 3)))
        for repeat in range(2)
        for case, score in enumerate(scores * 2)
    ]
    found = compare(checked_predictions(pd.DataFrame(rows), "p.csv"))
    console.results(found)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Refused: ")]
    assert len(lines) < len(found.refused)
    assert lines[0].startswith("Refused: delong (a, b; a, c; b, c): ")
    assert lines[0].endswith(f"; instead: {found.refused[0].instead}.")


@pytest.mark.parametrize("quiet", [False, True])
def test_progress_is_for_terminals_alone(monkeypatch: pytest.MonkeyPatch, quiet: bool) -> None:
    for stream in (io.StringIO(), Terminal()):
        monkeypatch.setattr(sys, "stderr", stream)
        with console.Progress(quiet=quiet) as progress:
            for done in range(3):
                progress("r219: cases", done, 2)
        assert bool(stream.getvalue()) == (stream.isatty() and not quiet)
    assert quiet or "r219: cases" in stream.getvalue()


def test_streams_speak_utf_8_in_a_pipe_and_do_not_stumble_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Ascii(io.TextIOWrapper):
        terminal = False

        def isatty(self) -> bool:
            return self.terminal

    for terminal, expected in ((False, "a − b\n".encode()), (True, b"a ? b\n")):
        raw = io.BytesIO()
        stream = Ascii(raw, encoding="ascii")
        stream.terminal = terminal
        monkeypatch.setattr(sys, "stdout", stream)
        console.open_streams()
        console.write("a − b")
        assert raw.getvalue() == expected


def test_a_name_that_is_no_utf_8_is_shown_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, encoding="utf-8"))
    console.open_streams()
    console.error(ConfigError("\udcff.csv: is no table"))
    sys.stderr.flush()
    assert raw.getvalue() == b"error: \\udcff.csv: is no table\n"


HOSTILE = "a\x1b[2J\x1b]0;t\x07\nerror: forged\n  hint: forged\u202e\x9b"
SHOWN = r"a\x1b[2J\x1b]0;t\x07\nerror: forged\n  hint: forged\u202e\x9b"


def test_data_cannot_command_a_terminal_or_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    console.note(HOSTILE)
    console.problems([dict.fromkeys(("case", "severity", "problem", "hint"), HOSTILE)])
    console.grids([Grid(HOSTILE, ("x", HOSTILE), (("1", HOSTILE),), 0)])
    out, err = capsys.readouterr()
    assert err == f"note: {SHOWN}\n"
    assert out.splitlines()[:3] == [f"{SHOWN}: {SHOWN}: {SHOWN}", f"    {SHOWN}", f"{SHOWN}:"]
    assert out.count("\n") == 5


def test_errors_have_lines_of_their_own_which_data_cannot_begin(capsys: pytest.CaptureFixture[str]) -> None:
    console.error(ConfigError("x.yaml: one\n  two\nhint: forged \x1b[2J", "do\nerror: forged"))
    assert capsys.readouterr().err == (
        "error: x.yaml: one\n  two\\nhint: forged \\x1b[2J\nhint: do\\nerror: forged\n"
    )


def test_a_program_gets_texts_as_they_are_and_a_terminal_what_can_be_seen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    console.write(f"{HOSTILE}\t1\n")
    assert capsys.readouterr().out == f"{HOSTILE}\t1\n"
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    console.write("a\x1b[2J\t1\n2\n")
    assert terminal.getvalue() == "a\\x1b[2J\t1\n2\n"


def test_json_says_the_same_without_what_cannot_be_seen(capsys: pytest.CaptureFixture[str]) -> None:
    value = {HOSTILE: [HOSTILE, "ü", "\udcff", "\U000e0001", "\x7f"]}
    console.write_json(value)
    out = capsys.readouterr().out
    assert json.loads(out) == value
    assert out.replace("\n", "").isprintable()
    assert "ü" in out


def test_names_on_a_terminal_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    console.grids([Grid("[/bold]title", ("[red]arm", "[/]n"), (("[/x]a\x1b[2J", "1"),), 1)])
    shown = terminal.getvalue()
    assert all(part in shown for part in ("[/bold]title", "[red]arm", "[/]n", r"[/x]a\x1b[2J"))
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with console.Progress() as progress:
        progress("arm [/bold]\x1b[2J: networks", 1, 2)
    assert r"arm [/bold]\x1b[2J: networks" in terminal.getvalue()
