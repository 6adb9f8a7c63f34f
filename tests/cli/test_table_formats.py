"""Every command that takes a table takes every format, from a file and from a pipe, and writes what it can read."""

import gzip
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from radcompare.tables.files import read_frame, to_csv

Run = Callable[..., Any]
Ask = Callable[..., tuple[str, str]]
FORMS = (".csv", ".csv.gz", ".parquet", ".arff")
WRITTEN = (".csv", ".csv.gz", ".parquet")
EXPERIMENT = """
table: {table}
outcome: malignant
sources: {{all: {{columns: "original_*"}}}}
arms: {{all: {{sources: all, select: "relieff:2"}}}}
validation: {{scheme: kfold, folds: 3, groups: patient_id}}
"""


def arff(frame: pd.DataFrame, levels: str = "") -> str:
    """A table as Weka writes it; the column called `levels` is nominal."""

    def kind(name: str) -> str:
        if name == levels:
            return f"{{{','.join(map(str, sorted(frame[name].unique())))}}}"
        return "numeric" if pd.api.types.is_numeric_dtype(frame[name]) else "string"

    names = "".join(f"@attribute '{name}' {kind(name)}\n" for name in frame.columns)
    return f"@relation r\n{names}@data\n{frame.to_csv(index=False, header=False, na_rep='?')}"


def content(frame: pd.DataFrame, form: str) -> bytes:
    """The bytes of a file of that form."""
    if form == ".parquet":
        packed = io.BytesIO()
        frame.to_parquet(packed)
        return packed.getvalue()
    text = (arff(frame) if form == ".arff" else frame.to_csv(index=False)).encode()
    return gzip.compress(text) if form == ".csv.gz" else text


TAKES = {
    "merge": ("t.csv", ("merge", "{}", "right.csv")),
    "select": ("t.csv", ("select", "{}", "--outcome", "malignant", "--top", "2")),
    "scores": ("t.csv", ("select", "{}", "--outcome", "malignant", "--scores", "--method", "su")),
    "evaluate": (
        "t.csv",
        (
            "evaluate",
            "{}",
            "--outcome",
            "malignant",
            "--cv",
            "3",
            "--groups",
            "patient_id",
            "--select",
            "relieff:2",
        ),
    ),
    "check": ("t.csv", ("check", "{}", "--json")),
    "compare": ("p.csv", ("compare", "{}", "--json")),
    "ensemble": ("p.csv", ("ensemble", "{}")),
}
"""Which table, and what is asked of it, where {} stands for it."""


@pytest.fixture
def features(table: Path, predictions: Path, phantom: Path, tmp_path: Path) -> pd.DataFrame:
    """The features in t.csv; beside it lie p.csv, right.csv and a folder of images."""
    read = pd.read_csv(table)
    right = read[["ID"]].assign(stage="I", r219_more=np.arange(24) / 3)
    right.to_csv(tmp_path / "right.csv", index=False)
    (tmp_path / "cohort").symlink_to(phantom)
    return read


@pytest.fixture
def predicted(predictions: Path) -> pd.DataFrame:
    """The predictions in p.csv."""
    return pd.read_csv(predictions)


@pytest.fixture
def ask(radcompare: Run, features: pd.DataFrame, tmp_path: Path) -> Ask:
    """What a command says of a table in a form: to standard output, and to standard error."""

    def said(command: str, form: str, *, piped: bool = False) -> tuple[str, str]:
        table, arguments = TAKES[command]
        given = content(pd.read_csv(tmp_path / table), form)
        source = "-" if piped else f"given{form}"
        (tmp_path / f"given{form}").write_bytes(given)
        ended = radcompare(*named(arguments, source), stdin=given if piped else b"")
        assert ended.code == 0, ended.err
        name = "standard input" if piped else source
        return ended.out.replace(name, "TABLE"), ended.err.replace(name, "TABLE")

    return said


def named(arguments: Iterable[str], source: str) -> list[str]:
    return [source if word == "{}" else word for word in arguments]


@pytest.mark.parametrize("piped", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("command", TAKES)
def test_every_command_takes_every_form(ask: Ask, command: str, form: str, piped: bool) -> None:
    expected = ask(command, ".csv")
    assert expected[0]
    assert ask(command, form, piped=piped) == expected


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_an_experiment_takes_every_form(
    radcompare: Run, tmp_path: Path, features: pd.DataFrame, form: str
) -> None:
    made = {}
    for number, suffix in enumerate((".csv", form)):
        (tmp_path / f"given{suffix}").write_bytes(content(features, suffix))
        text = EXPERIMENT.format(table=f"given{suffix}")
        (tmp_path / "experiment.yaml").write_text(text, encoding="utf-8")
        assert radcompare("run", "experiment.yaml", "--out", f"run{number}").code == 0
        made[number] = (tmp_path / f"run{number}" / "predictions.csv").read_bytes()
    assert made[0] == made[1]


@pytest.mark.parametrize("form", [".parquet", ".arff"])
def test_names_of_predictions_that_a_format_kept_as_numbers(
    radcompare: Run, tmp_path: Path, predicted: pd.DataFrame, form: str
) -> None:
    frame = predicted.assign(ID=lambda f: f["ID"].str[1:], arm=lambda f: f["arm"].map({"a": 1, "b": 2}))
    (tmp_path / "p.csv").write_bytes(content(frame, ".csv"))
    kept = frame.astype({"ID": "float64", "arm": "float64"})
    (tmp_path / f"p{form}").write_bytes(content(kept, form))
    assert radcompare("compare", f"p{form}", "--json").out == radcompare("compare", "p.csv", "--json").out


@pytest.mark.slow
@pytest.mark.parametrize("column", ["y_true", "arm"])
def test_predictions_with_declared_levels(
    radcompare: Run, tmp_path: Path, predicted: pd.DataFrame, column: str
) -> None:
    (tmp_path / "p.csv").write_bytes(content(predicted, ".csv"))
    (tmp_path / "p.arff").write_text(arff(predicted, column), encoding="utf-8")
    predicted.astype({column: "category"}).to_parquet(tmp_path / "p.parquet")
    expected = radcompare("compare", "p.csv", "--json").out
    assert radcompare("compare", "p.arff", "--json").out == expected
    assert radcompare("compare", "p.parquet", "--json").out == expected


def test_an_outcome_with_declared_levels(radcompare: Run, tmp_path: Path, features: pd.DataFrame) -> None:
    (tmp_path / "t.csv").write_bytes(content(features, ".csv"))
    (tmp_path / "t.arff").write_text(arff(features, "malignant"), encoding="utf-8")
    asked = ("--outcome", "malignant", "--cv", "3", "-q")
    assert radcompare("evaluate", "t.arff", *asked).out == radcompare("evaluate", "t.csv", *asked).out


def test_numbers_of_a_format_that_the_sidecar_calls_nominal(
    radcompare: Run, tmp_path: Path, features: pd.DataFrame
) -> None:
    frame = features.assign(stage=np.tile([1, 2, 3], 8))
    sidecar = {"features": ["stage"], "levels": {"stage": ["1", "2", "3"]}}
    said = []
    for form in (".csv", ".parquet", ".arff"):
        name = f"{form[1:]}/t{form}"
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(content(frame, form))
        (tmp_path / name).with_suffix(".meta.json").write_text(json.dumps(sidecar), encoding="utf-8")
        said.append(radcompare("evaluate", name, "--outcome", "malignant", "--cv", "3", "-q").out)
        merged = radcompare("merge", name, name, "-q").out
        assert pd.read_csv(io.StringIO(merged))["stage"].tolist() == frame["stage"].tolist()
    assert said[0]
    assert said[0] == said[1] == said[2]


WRITES = {
    "merge": ("merge", "t.csv", "right.csv"),
    "select": ("select", "t.csv", "--outcome", "malignant", "--top", "2"),
    "scores": ("select", "t.csv", "--outcome", "malignant", "--scores"),
    "evaluate": ("evaluate", "t.csv", "--outcome", "malignant", "--cv", "3"),
    "ensemble": ("ensemble", "p.csv"),
    "check": ("check", "p.csv"),
    "cohort": ("cohort", "cohort"),
}


@pytest.mark.usefixtures("features")
@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("command", WRITES)
def test_every_command_writes_every_form(radcompare: Run, tmp_path: Path, command: str, form: str) -> None:
    piped = radcompare(*WRITES[command], "-o", "-")
    filed = radcompare(*WRITES[command], "-o", f"out{form}")
    assert piped.code == filed.code, filed.err
    (tmp_path / "piped.csv").write_text(piped.out, encoding="utf-8")
    assert len(piped.out.splitlines()) > 1
    assert to_csv(read_frame(f"out{form}")[0]) == to_csv(read_frame("piped.csv")[0])


@pytest.mark.usefixtures("features")
@pytest.mark.parametrize("form", WRITTEN)
def test_a_chain_through_files_comes_to_what_a_pipe_comes_to(radcompare: Run, form: str) -> None:
    merged, best, predicted = (f"{name}{form}" for name in ("merged", "best", "predicted"))
    asked = ("--outcome", "malignant")
    assert radcompare("merge", "t.csv", "right.csv", "-o", merged).code == 0
    assert radcompare("select", merged, *asked, "--top", 3, "-o", best).code == 0
    assert radcompare("evaluate", best, *asked, "--cv", 3, "-o", predicted).code == 0
    filed = radcompare("compare", predicted, "--json").out
    piped = radcompare("merge", "t.csv", "right.csv").out.encode()
    for step in (("select", "-", *asked, "--top", 3), ("evaluate", "-", *asked, "--cv", 3)):
        piped = radcompare(*step, stdin=piped).out.encode()
    assert radcompare("compare", "-", "--json", stdin=piped).out == filed


@pytest.mark.usefixtures("features")
@pytest.mark.parametrize("command", TAKES)
@pytest.mark.parametrize(
    ("bytes_", "error", "hint"),
    [
        (b"PK\x03\x04 and the rest of a zip", "is a workbook of a spreadsheet program", "as CSV"),
        (b"PAR1 and no more", "cannot be parsed as a table", "expected CSV, Parquet or ARFF"),
        (gzip.compress(b"ID,x\na,1\n")[:-5], "cannot be parsed as a table", "expected CSV, Parquet or ARFF"),
        (b"@relation r\n@attribute x date\n@data\n", "is of type 'date'", "numeric, string"),
    ],
)
def test_a_damaged_or_foreign_file_is_one_error(
    radcompare: Run, tmp_path: Path, command: str, bytes_: bytes, error: str, hint: str
) -> None:
    (tmp_path / "t.xyz").write_bytes(bytes_)
    arguments = TAKES[command][1]
    for source, stdin in (("t.xyz", b""), ("-", bytes_)):
        ended = radcompare(*named(arguments, source), stdin=stdin)
        told = ended.error or json.loads(ended.out)[0]["problem"]
        assert ended.code == 3
        assert error in told
        assert told.startswith("standard input" if source == "-" else "t.xyz")
        assert hint in (ended.hint or ended.out)


@pytest.mark.usefixtures("features")
@pytest.mark.parametrize("command", WRITES)
@pytest.mark.parametrize("suffix", [".xlsx", ".arff", ".txt"])
def test_an_unknown_suffix_is_told_before_any_work(radcompare: Run, command: str, suffix: str) -> None:
    ended = radcompare(*WRITES[command], "-o", f"out{suffix}")
    assert (ended.code, ended.out, ended.error) == (2, "", f"out{suffix}: no writer for {suffix!r}")
    assert ended.hint == "write .csv, .csv.gz or .parquet"
