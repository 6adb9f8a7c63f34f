"""The design in words, and what it means for the numbers."""

import pandas as pd
import pytest

from radcompare.compare.design import caveats, design_of


def rows(cases: int, folds: int, runs: int = 1, groups: int | None = None) -> pd.DataFrame:
    one = pd.DataFrame({"ID": [f"c{i}" for i in range(cases)], "fold": [i % folds for i in range(cases)]})
    frame = pd.concat([one.assign(repeat=run) for run in range(runs)])
    return frame if groups is None else frame.assign(group=[f"p{i % groups}" for i in range(cases)] * runs)


@pytest.mark.parametrize(
    ("frame", "words", "told"),
    [
        (
            rows(12, 12),
            "12 cases, leave-one-out",
            ["leave-one-out: the folds", "leave-one-out: without a case"],
        ),
        (rows(12, 4), "12 cases, 4-fold cross-validation", ["4-fold cross-validation: the folds"]),
        (rows(12, 4, 3), "12 cases, 4-fold cross-validation, 3 runs", ["nadeau-bengio corrects"]),
        (rows(12, 1), "12 cases, one score per case", []),
        (rows(1, 1), "1 cases, one score per case", []),
        (
            rows(12, 3, groups=6),
            "12 cases of 6 groups, 3-fold cross-validation",
            ["3-fold cross-validation: the"],
        ),
        (
            rows(12, 6, groups=6),
            "12 cases of 6 groups, leave-one-group-out",
            ["leave-one-group-out: the folds", "leave-one-group-out: without"],
        ),
        (
            rows(12, 12, groups=12),
            "12 cases, leave-one-out",
            ["leave-one-out: the", "leave-one-out: without"],
        ),
    ],
)
def test_the_design_and_its_caveats(frame: pd.DataFrame, words: str, told: list[str]) -> None:
    design = design_of(frame)
    assert str(design) == words
    for note, start in zip(caveats(design), told, strict=True):
        assert note.startswith(start)
    assert len(list(caveats(design, tested=False))) == sum(": without" in start for start in told)
