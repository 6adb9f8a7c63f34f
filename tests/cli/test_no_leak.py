"""No way through the commands lets selection on all rows profit without a word, and test outcomes teach nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from radcompare.compare.auc import auc

Run = Callable[..., Any]
N, P = 60, 300
SEEDS = range(6)


def noise(seed: int, folder: Path, name: str = "noise.csv") -> Path:
    """Features that have nothing to do with the outcome."""
    random = np.random.default_rng(seed)
    columns = {f"original_firstorder_F{j}": random.normal(size=N) for j in range(P)}
    frame = pd.DataFrame({"ID": [f"c{i}" for i in range(N)], "y": np.arange(N) % 2} | columns)
    frame.to_csv(folder / name, index=False)
    return folder / name


def area(path: Path) -> float:
    rows = pd.read_csv(path, keep_default_na=False)
    return auc(rows["y_true"], rows["score"])


@pytest.mark.slow
@pytest.mark.parametrize("method", ["relieff", "su"])
def test_selection_by_evaluate_finds_nothing_in_noise(radcompare: Run, tmp_path: Path, method: str) -> None:
    found = []
    for seed in SEEDS:
        table = noise(seed, tmp_path)
        ended = radcompare(
            "evaluate", table, "--outcome", "y", "--select", f"{method}:10", "-q", "-o", "p.csv"
        )
        assert ended.code == 0
        found.append(area(tmp_path / "p.csv"))
    assert np.mean(found) == pytest.approx(0.5, abs=0.1), found


@pytest.mark.slow
@pytest.mark.parametrize("method", ["relieff", "su"])
def test_selection_on_all_rows_profits_and_says_so(radcompare: Run, tmp_path: Path, method: str) -> None:
    """The test above could see a leak; and the command that makes this one warns of it."""
    found = []
    for seed in SEEDS:
        table = noise(seed, tmp_path)
        chosen = radcompare(
            "select", table, "--outcome", "y", "--method", method, "--top", 10, "-o", "best.csv"
        )
        assert "scores of these features on the same rows are optimistic" in chosen.err
        assert radcompare("evaluate", "best.csv", "--outcome", "y", "-q", "-o", "p.csv").code == 0
        found.append(area(tmp_path / "p.csv"))
    assert np.mean(found) > 0.62, found


@pytest.mark.slow
def test_a_run_finds_nothing_in_noise(radcompare: Run, tmp_path: Path) -> None:
    """The experiment file goes another way to the same folds, here with an inner loop and components."""
    found = []
    for seed in SEEDS:
        experiment = {
            "table": str(noise(seed, tmp_path)),
            "outcome": "y",
            "sources": {"x": {"columns": ["*"]}},
            "arms": {"a": {"sources": "x", "select": ["anova:5", "pca:5"]}},
            "validation": {"folds": 5, "inner": 3},
        }
        (tmp_path / "e.yaml").write_text(yaml.safe_dump(experiment))
        assert radcompare("run", "e.yaml", "--out", "out", "-q").code == 0
        rows = pd.read_csv(tmp_path / "out" / "predictions.csv", keep_default_na=False)
        rows = rows[rows["selector"] == "nested"]
        found.append(auc(rows["y_true"], rows["score"]))
    assert np.mean(found) == pytest.approx(0.5, abs=0.1), found


@pytest.mark.slow
def test_outcomes_of_the_test_cohort_change_no_score(radcompare: Run, tmp_path: Path) -> None:
    train, test = noise(1, tmp_path, "train.csv"), noise(2, tmp_path, "test.csv")
    command = ("evaluate", train, "--test-table", test, "--outcome", "y", "--select", "relieff:5", "-q")
    before = radcompare(*command, "-o", "before.csv")
    frame = pd.read_csv(test)
    frame.assign(y=np.random.default_rng(3).permutation(frame["y"])).to_csv(test, index=False)
    after = radcompare(*command, "-o", "after.csv")
    assert (before.code, after.code) == (0, 0)
    one, other = (pd.read_csv(tmp_path / name) for name in ("before.csv", "after.csv"))
    assert one["score"].tolist() == other["score"].tolist()
    assert one["y_true"].tolist() != other["y_true"].tolist()
