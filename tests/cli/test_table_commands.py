"""merge and select: their stable outputs, and what they say to wrong input."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Run = Callable[..., Any]
SELECT = ("select", "t.csv", "--outcome", "malignant")
FEATURES = [f"original_firstorder_F{i}" for i in range(6)]


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


@pytest.fixture
def change(table: Path) -> Callable[..., None]:
    """Rewrite t.csv."""

    def rewrite(how: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        how(pd.read_csv(table)).to_csv(table, index=False)

    return rewrite


@pytest.mark.parametrize("method", ["relieff", "su"])
@pytest.mark.parametrize("more", [[], ["--top", "2"]])
def test_scores_of_every_feature(radcompare: Run, table: Path, method: str, more: list[str]) -> None:
    ended = radcompare(*SELECT, "--method", method, "--scores", "-o", "-", *more)
    assert (ended.code, ended.err) == (0, "")
    scores = read(ended.out)
    assert list(scores.columns) == ["feature", "score", "rank"]
    assert sorted(scores["feature"]) == FEATURES
    assert list(scores["rank"]) == [1, 2, 3, 4, 5, 6]
    assert scores["score"].is_monotonic_decreasing
    assert set(scores["feature"][:2]) == set(FEATURES[:2])


def test_the_best_features_with_all_that_passes_through(radcompare: Run, table: Path) -> None:
    ended = radcompare(*SELECT, "--top", "2", "-o", "-")
    assert ended.code == 0
    assert list(read(ended.out).columns) == ["ID", "patient_id", "malignant", *FEATURES[:2]]
    pd.testing.assert_frame_equal(read(ended.out), pd.read_csv(table)[read(ended.out).columns])
    assert ended.err == (
        "note: selected on all 24 rows: scores of these features on the same rows are optimistic\n"
    )
    assert radcompare(*SELECT, "--top", "2", "-q").err == ""


def test_a_file_comes_with_its_sidecar(radcompare: Run, table: Path, tmp_path: Path) -> None:
    ended = radcompare(*SELECT, "--top", "2", "-o", "new/folder/best.parquet")
    assert (ended.code, ended.out) == (0, "")
    assert list(pd.read_parquet(tmp_path / "new/folder/best.parquet").columns[3:]) == FEATURES[:2]
    assert (tmp_path / "new/folder/best.meta.json").exists()


def test_more_than_there_are(radcompare: Run, table: Path) -> None:
    ended = radcompare(*SELECT, "--top", "99")
    assert list(read(ended.out).columns[3:]) == FEATURES
    assert "note: --top 99: there are fewer features, and all 6 are kept\n" in ended.err


def test_worthless_features_that_fill_the_top(radcompare: Run, change: Callable[..., None]) -> None:
    change(lambda frame: frame.assign(**dict.fromkeys(FEATURES[1:], 1.0)))
    ended = radcompare(*SELECT, "--top", "4")
    assert list(read(ended.out).columns[3:]) == FEATURES[:4]
    assert "note: kept without a positive score: 3; equal ones are taken in column order\n" in ended.err


@pytest.mark.parametrize("method", ["relieff", "su"])
def test_features_that_say_nothing_score_nothing(
    radcompare: Run, change: Callable[..., None], method: str
) -> None:
    empty, constant, half = FEATURES[2], FEATURES[3], FEATURES[4]
    change(lambda f: f.assign(**{empty: np.nan, constant: 3.0, half: f[half].where(f.index > 11)}))
    scores = read(radcompare(*SELECT, "--method", method, "--scores").out).set_index("feature")["score"]
    assert scores[[empty, constant]].abs().max() < 1e-12
    assert np.isfinite(scores).all()


WRONG_OPTIONS = [
    ([], "select needs --top K or --scores"),
    (["--top", "0"], "--top: expected at least 1, found '0'"),
    (["--scores", "--method", "relief"], "unknown selector 'relief'; did you mean 'relieff'?"),
    (["--scores", "--method", "all"], "unknown selector 'all'"),
    (["--scores", "--ties", "random"], "radcompare select: ties: expected 'index' or 'weka', found 'random'"),
    (["--scores", "--missing", "x"], "radcompare select: missing: expected 'merge' or 'value', found 'x'"),
    (["--scores", "--sigma", "0"], "radcompare select: sigma: expected more than 0, found 0.0"),
    (["--scores", "--sigma", "nan"], "radcompare select: sigma: expected a finite number, found nan"),
    (["--scores", "--neighbours", "0"], "--neighbours: expected at least 1, found '0'"),
    (["--scores", "--sample", "0"], "--sample: expected at least 1, found '0'"),
]


@pytest.mark.parametrize(("options", "error"), WRONG_OPTIONS)
def test_wrong_options_of_select(radcompare: Run, table: Path, options: list[str], error: str) -> None:
    ended = radcompare(*SELECT, *options)
    assert (ended.code, ended.out, ended.error) == (2, "", error)
    assert ended.hint


def test_a_missing_outcome_is_named_where_the_program_is_known(radcompare: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("MEAN_CC,ID,Target\n1,a,0\n2,b,1\n", encoding="utf-8")
    for command in (("select", "t.csv", "--scores"), ("evaluate", "t.csv")):
        ended = radcompare(*command)
        assert (ended.code, ended.out, ended.error) == (2, "", "Missing option '--outcome'.")
        assert ended.hint.startswith("radMLBench calls it Target: --outcome Target; ")
    ended = radcompare("select", "t.csv", "--outcome", "target", "--scores")
    assert (ended.code, ended.hint) == (3, "radMLBench calls it Target; the table has MEAN_CC, Target")


WRONG_TABLES = [
    (lambda f: f.drop(columns="malignant"), "t.csv: no outcome column 'malignant'"),
    (lambda f: f.rename(columns={"malignant": "malign"}), "t.csv: no outcome column 'malignant'; did you mean 'mal"),
    (lambda f: f.assign(malignant=1), "t.csv: the outcome 'malignant' has one class only"),
    (lambda f: f.assign(malignant=f.malignant.where(f.index > 0)), "t.csv: the outcome 'malignant' is missing for 1"),
    (lambda f: f.assign(malignant=range(len(f))), "t.csv: the outcome 'malignant' has 24 distinct values"),
    (lambda f: f.assign(ID="c00"), "t.csv: the ID 'c00' occurs 24 times"),
    (lambda f: f[["ID", "malignant"]], "t.csv: "),
    (lambda f: f.head(0), "t.csv: "),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("how", "error"), WRONG_TABLES)
def test_wrong_tables(
    radcompare: Run,
    change: Callable[..., None],
    how: Callable[[pd.DataFrame], pd.DataFrame],
    error: str,
) -> None:
    change(how)
    ended = radcompare(*SELECT, "--scores")
    assert (ended.code, ended.out) == (3, "")
    assert ended.error.startswith(error)
    assert ended.hint


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "t.csv: is empty"),
        (bytes(range(256)), "t.csv: is not UTF-8 text (byte 128)"),
        (b"ID,a,malignant\n1,2,0\n2,3,1,5\n", "t.csv, line 3: "),
        (b"hello world\nthis is prose, not a table\n", "t.csv, line 2: "),
    ],
)
def test_files_that_are_no_tables(radcompare: Run, table: Path, content: bytes, error: str) -> None:
    table.write_bytes(content)
    ended = radcompare(*SELECT, "--scores")
    assert (ended.code, ended.out) == (3, "")
    assert ended.error.startswith(error)
    assert ended.hint


def test_a_missing_file_and_a_folder(radcompare: Run, tmp_path: Path) -> None:
    ended = radcompare(*SELECT, "--scores")
    assert (ended.code, ended.error) == (3, "t.csv: cannot be read: No such file or directory")
    (tmp_path / "t.csv").mkdir()
    ended = radcompare(*SELECT, "--scores")
    assert (ended.code, ended.error) == (3, "t.csv: cannot be read: Is a directory")


def test_patterns_of_features(radcompare: Run, table: Path) -> None:
    chosen = read(radcompare(*SELECT, "--scores", "--features", "*F0", "--features", "*F5").out)
    assert sorted(chosen["feature"]) == [FEATURES[0], FEATURES[5]]
    ended = radcompare(*SELECT, "--scores", "--features", "nope*")
    assert (ended.code, ended.out) == (3, "")
    assert "nope*" in ended.error


def test_merge_puts_tables_side_by_side(radcompare: Run, table: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(table)
    frame[["ID", *FEATURES[:3]]].iloc[1:].to_csv("left.csv", index=False)
    frame[["ID", "malignant", *FEATURES[3:]]].to_csv("right.csv", index=False)
    ended = radcompare("merge", "left.csv", "-", stdin=(tmp_path / "right.csv").read_bytes())
    assert ended.code == 0
    assert set(read(ended.out).columns) == {"ID", "malignant", *FEATURES}
    assert len(read(ended.out)) == 23
    assert "c00" in ended.err
    assert radcompare("merge", "left.csv", "right.csv", "-q").err == ""


@pytest.mark.parametrize(
    ("tables", "code", "error"),
    [
        (["t.csv"], 2, "merge needs two tables or more, found 1"),
        (["-", "-"], 2, "merge: - is named twice, and standard input can be read once"),
        (["t.csv", "absent.csv"], 3, "absent.csv: cannot be read: No such file or directory"),
    ],
)
def test_wrong_merges(radcompare: Run, table: Path, tables: list[str], code: int, error: str) -> None:
    ended = radcompare("merge", *tables)
    assert (ended.code, ended.out, ended.error) == (code, "", error)
    assert ended.hint


@pytest.mark.parametrize("output", ["-", "merged.csv", "merged.csv.gz"])
def test_large_tables_are_merged_by_rows(
    radcompare: Run, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    frame = pd.read_csv(table)
    frame[["ID", *FEATURES[:3]]].iloc[1:].to_csv("left.csv", index=False)
    frame[["ID", "malignant", *FEATURES[3:]]].to_csv("right.csv", index=False)
    once = radcompare("merge", "left.csv", "right.csv", "-o", output)
    written = {path.name: path.read_bytes() for path in tmp_path.glob("merged*")}
    monkeypatch.setattr("radcompare.tables.streamed_merge.LARGE", 0)
    assert radcompare("merge", "left.csv", "right.csv", "-o", output) == once
    assert {path.name: path.read_bytes() for path in tmp_path.glob("merged*")} == written
    assert (once.code, "c00" in once.err) == (0, True)


def test_large_tables_that_disagree(
    radcompare: Run, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.read_csv(table)
    frame.assign(malignant=frame["malignant"].where(frame["ID"] != "c20", 7)).to_csv("other.csv", index=False)
    monkeypatch.setattr("radcompare.tables.streamed_merge.LARGE", 0)
    ended = radcompare("merge", "t.csv", "other.csv")
    assert (ended.code, ended.out) == (3, "")
    assert ended.error.startswith("case c20: the tables disagree on 'malignant'")


def test_merge_refuses_tables_without_a_common_case(radcompare: Run, table: Path) -> None:
    pd.read_csv(table).assign(ID=lambda f: "x" + f["ID"]).to_csv("other.csv", index=False)
    ended = radcompare("merge", "t.csv", "other.csv")
    assert (ended.code, ended.out) == (3, "")
    assert "no case in common" in ended.error
