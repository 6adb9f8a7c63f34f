"""ensemble: from predictions to predictions, with arms made of arms, and on to compare."""

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Run = Callable[..., Any]


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), keep_default_na=False)


def compared(radcompare: Run, table: str) -> dict[str, dict[str, Any]]:
    ended = radcompare("compare", "-", "--json", stdin=table.encode())
    assert ended.code == 0
    return {arm["arm"]: arm for arm in json.loads(ended.out)["arms"]}


def test_the_mean_of_all_arms_follows_what_was_given(radcompare: Run, predictions: Path) -> None:
    ended = radcompare("ensemble", "p.csv")
    given, frame = pd.read_csv(predictions), read(ended.out)
    assert ended.code == 0
    assert ended.err == "note: no `predicted` for a, b: scores of 0.5 and more count as positive\n"
    assert list(frame["arm"].unique()) == ["a", "b", "mean"]
    assert frame["score"].tolist()[:48] == given["score"].tolist()
    halves = given["score"].to_numpy().reshape(2, 24).sum(axis=0) / 2
    assert frame["score"].tolist()[48:] == halves.tolist()
    assert set(frame["classifier"][48:]) == {"mean"}
    assert radcompare("ensemble", "p.csv", "-q").err == ""


@pytest.mark.slow
def test_several_ways_are_several_arms_for_compare(radcompare: Run, predictions: Path) -> None:
    ways = ("--how", "vote", "--how", "mean", "--how", "median", "--how", "weighted")
    weights = ("--weight", "a=3", "--weight", "b=1")
    ended = radcompare("ensemble", "p.csv", *ways, *weights, "-o", "-", "-q")
    assert list(compared(radcompare, ended.out)) == ["a", "b", "vote", "mean", "median", "weighted"]
    frame = read(ended.out).pivot(index="ID", columns="arm", values="score")
    assert frame["weighted"].to_numpy() == pytest.approx((3 * frame["a"] + frame["b"]) / 4, abs=1e-15)
    assert frame["mean"].equals(frame["median"].rename("mean"))
    assert set(frame["vote"]) == {0, 0.5, 1}


@pytest.mark.slow
def test_published_votes_through_the_command(radcompare: Run) -> None:
    """56 of 85 positive and 134 of 152 negative cases right: 80.17 %, and an AUC of hard labels, 0.770."""
    y = np.repeat([1, 0], [85, 152])
    right = np.repeat([True, False, True, False], [56, 29, 134, 18])
    random = np.random.default_rng(0)
    dissenting = random.integers(0, 4, len(y))  # which of three models disagrees; 3: none
    shared = {"ID": range(len(y)), "y_true": y}
    arms = []
    for n in range(3):
        positive = (y == 1) == (right ^ (dissenting == n))
        sure = random.uniform(0.51, 1, len(y))
        arms.append(pd.DataFrame({**shared, "arm": f"arch{n}", "score": np.where(positive, sure, 1 - sure)}))
    pd.concat(arms).to_csv("p.csv", index=False)
    arms_of = compared(radcompare, radcompare("ensemble", "p.csv", "--how", "vote", "--how", "median").out)
    vote, median = arms_of["vote"], arms_of["median"]
    assert (round(100 * vote["accuracy"], 2), round(vote["auc"], 3)) == (80.17, 0.77)
    assert (vote["n_pos"], vote["n_neg"]) == (85, 152)
    assert (vote["sensitivity"], vote["specificity"]) == (56 / 85, 134 / 152)
    assert median["accuracy"] == vote["accuracy"]
    assert median["auc"] != vote["auc"]


def test_chosen_arms_only(radcompare: Run, predictions: Path) -> None:
    three = pd.read_csv(predictions)
    extra = three[three["arm"] == "a"].assign(arm="logit", score=lambda f: 9 * f["score"], predicted=1)
    pd.concat([three, extra]).to_csv("p.csv", index=False)
    refused = radcompare("ensemble", "p.csv")
    assert (refused.code, refused.out) == (3, "")
    assert refused.error == "mean: arm 'logit' has no `probability` of every case, and scores outside 0 to 1"
    ended = radcompare("ensemble", "p.csv", "--arm", "a", "--arm", "b", "-q")
    assert list(compared(radcompare, ended.out)) == ["a", "b", "logit", "mean"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.parquet", "new/x.csv"])
def test_every_kind_of_file_reads_back(radcompare: Run, predictions: Path, tmp_path: Path, name: str) -> None:
    command = ("ensemble", "p.csv", "--how", "vote", "--how", "mean", "-q")
    written = radcompare(*command, "-o", name)
    assert (written.code, written.out, written.err) == (0, "", "")
    assert (tmp_path / name).stat().st_size > 0
    piped = radcompare("compare", "-", stdin=radcompare(*command).out.encode())
    assert radcompare("compare", name).out == piped.out


def test_standard_input_is_what_the_file_is(radcompare: Run, predictions: Path) -> None:
    content = predictions.read_bytes()
    from_file = radcompare("ensemble", "p.csv", "--how", "vote")
    piped = radcompare("ensemble", "-", "--how", "vote", stdin=content)
    assert (piped.code, piped.out, piped.err) == (0, from_file.out, from_file.err)


def test_an_ensemble_goes_on_with_what_it_was_given(radcompare: Run, predictions: Path) -> None:
    once = radcompare("ensemble", "p.csv", "-q").out
    again = radcompare("ensemble", "-", "--how", "vote", "--arm", "a", "--arm", "b", stdin=once.encode())
    assert list(read(again.out)["arm"].unique()) == ["a", "b", "mean", "vote"]
    clash = radcompare("ensemble", "-", stdin=once.encode())
    assert (clash.code, clash.error) == (2, "there is an arm 'mean' already")


def test_seeds_lost_cases_and_ties_are_told_once(radcompare: Run, predictions: Path) -> None:
    frame = pd.read_csv(predictions)
    seeds = frame["arm"].map({"a": "seed 1", "b": "seed 2"})
    frame = frame.assign(arm="net", variant=seeds).iloc[1:]
    frame.to_csv("p.csv", index=False)
    err = radcompare("ensemble", "p.csv", "--how", "mean", "--how", "vote").err.splitlines()
    assert err[1:3] == [
        "note: arm 'net' takes part 2 times: seed 1, seed 2",
        "note: 1 cases are left out where not every member scored them: c00",
    ]
    assert err[3].startswith("note: ")
    assert " of 23 votes are tied" in err[3]
    assert len(err) == 4


def test_names_that_look_like_numbers_and_groups_come_back(radcompare: Run, predictions: Path) -> None:
    frame = pd.read_csv(predictions).assign(arm=lambda f: f["arm"].map({"a": "01", "b": "NA"}), group="007")
    frame["group"] = [f"00{i // 2}" for i in range(24)] * 2
    frame.to_csv("p.csv", index=False)
    ended = radcompare("ensemble", "p.csv", "--arm", "01", "--arm", "NA", "-q")
    assert (
        '"design": "24 cases of 12 groups'
        in radcompare("compare", "-", "--json", stdin=ended.out.encode()).out
    )
    assert list(compared(radcompare, ended.out)) == ["01", "NA", "mean"]


def test_a_reader_who_has_gone_is_no_error(
    radcompare: Run, predictions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with suppress(BrokenPipeError), os.fdopen(writing, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        ended = radcompare("ensemble", "p.csv", "-q")
    assert (ended.code, ended.err) == (0, "")


WRONG = [
    (["--how", "voet"], "unknown way to combine 'voet'; did you mean 'vote'?"),
    (["--how", "vote", "--how", "vote"], "--how vote is given twice"),
    (["--arm", "a", "--arm", "bb"], "unknown arm 'bb'; did you mean 'b'?"),
    (["--arm", "a", "--arm", "a"], "arm 'a' is named twice"),
    (["--arm", "a"], "arm 'a' alone makes no ensemble"),
    (["--how", "weighted"], "weighted without weights: learned on the cases that they are scored on,"),
    (["--weight", "a=1"], "--weight without --how weighted"),
    (["--how", "weighted", "--weight", "a"], "--weight: expected NAME=NUMBER, found 'a'"),
    (["--how", "weighted", "--weight", "0.5"], "--weight: expected NAME=NUMBER, found '0.5'"),
    (["--how", "weighted", "--weight", "=1"], "--weight: expected NAME=NUMBER, found '=1'"),
    (["--how", "weighted", "--weight", "a=much"], "--weight: expected NAME=NUMBER, found 'a=much'"),
    (["--how", "weighted", "--weight", "a=1", "--weight", "a=2"], "--weight a is given twice"),
    (["--how", "weighted", "--weight", "a=1"], "no weight of 'b'"),
    (["--how", "weighted", "--weight", "a=1", "--weight", "b=-1"], "the weight of 'b' is -1"),
    (["--how", "weighted", "--weight", "a=1", "--weight", "b=nan"], "the weight of 'b' is nan"),
    (["--how", "weighted", "--weight", "a=1", "--weight", "bb=1"], "unknown arm to weigh 'bb'; did you mean 'b'?"),
    (["-o", "x.xlsx"], "x.xlsx: no writer for '.xlsx'"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("options", "error"), WRONG)
def test_wrong_options(radcompare: Run, predictions: Path, options: list[str], error: str) -> None:
    ended = radcompare("ensemble", "p.csv", *options)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.startswith(error)
    assert ended.hint


def test_a_name_with_an_equals_sign_has_a_weight(radcompare: Run, predictions: Path) -> None:
    pd.read_csv(predictions).replace({"a": "knn:k=3"}).to_csv("p.csv", index=False)
    weights = ("--weight", "knn:k=3=2", "--weight", "b = 1e0")
    assert radcompare("ensemble", "p.csv", "--how", "weighted", *weights).code == 0


WRONG_DATA = [
    (lambda f: f.assign(y_true=(np.arange(48) > 23) * 1), "p.csv: case 'c00' has y_true 0 in one row and 1"),
    (lambda f: f.assign(fold=np.arange(48)), "case 'c00' has fold 0 in arm 'a' and 24 in arm 'b'"),
    (lambda f: f.iloc[:24], "arm 'a' alone makes no ensemble"),
    (lambda f: f.head(0), "p.csv: "),
    (
        lambda f: f.rename(columns={"score": "score_0"}).assign(score_1=0.1, score_2=0.2),
        "ensembles are of two classes, and here are 3: 0, 1, 2",
    ),
]


@pytest.mark.parametrize(("how", "error"), WRONG_DATA)
def test_wrong_predictions(
    radcompare: Run, predictions: Path, how: Callable[[pd.DataFrame], pd.DataFrame], error: str
) -> None:
    how(pd.read_csv(predictions)).to_csv(predictions, index=False)
    ended = radcompare("ensemble", "p.csv")
    assert (ended.code, ended.out) in ((2, ""), (3, ""))
    assert ended.error.startswith(error)
    assert ended.hint
