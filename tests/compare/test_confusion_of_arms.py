"""Which cases an arm called what, against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from radcompare.compare.comparison import compare
from radcompare.config import Statistics
from radcompare.tables.predictions import checked_predictions
from radcompare.tables.results import ArmResult

CASES = 60
CLASSES = ("ADC", "LCC", "SCC")
FEW = Statistics(resamples=100)


def two_classes(repeats: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(1)
    runs = [
        pd.DataFrame(
            {
                "ID": [f"c{number}" for number in range(CASES)],
                "arm": "a",
                "repeat": repeat,
                "y_true": np.arange(CASES) % 3 == 0,
                "score": random.normal(size=CASES),
                "predicted": random.integers(0, 2, CASES),
            }
        ).astype({"y_true": int})
        for repeat in range(repeats)
    ]
    return pd.concat(runs, ignore_index=True)


def three_classes(missing: str = "", repeats: int = 1) -> pd.DataFrame:
    """Scores of three classes, none of which is ever called `missing`."""
    random = np.random.default_rng(2)
    frames = []
    for repeat in range(repeats):
        truth = np.array(CLASSES)[np.arange(CASES) % 3]
        frame = pd.DataFrame({"ID": [f"c{n}" for n in range(CASES)], "arm": "a", "y_true": truth})
        for name in CLASSES:
            frame[f"score_{name}"] = random.random(CASES) * (name != missing)
        frames.append(frame.assign(repeat=repeat))
    return pd.concat(frames, ignore_index=True)


def arm_of(frame: pd.DataFrame) -> ArmResult:
    (arm,) = compare(checked_predictions(frame, "p"), statistics=FEW).arms
    return arm


def test_two_classes() -> None:
    frame = two_classes()
    found = confusion_matrix(frame["y_true"], frame["predicted"])
    assert arm_of(frame).confusion == (
        ("0", "0", found[0, 0]),
        ("0", "1", found[0, 1]),
        ("1", "0", found[1, 0]),
        ("1", "1", found[1, 1]),
    )


@pytest.mark.parametrize("missing", ["", "SCC"])
def test_three_classes_with_every_pair_even_where_one_is_never_called(missing: str) -> None:
    frame = three_classes(missing)
    called = frame[[f"score_{name}" for name in CLASSES]].idxmax(axis=1).str.removeprefix("score_")
    found = confusion_matrix(frame["y_true"], called, labels=CLASSES)
    assert arm_of(frame).confusion == tuple(
        (true, name, found[row, column])
        for row, true in enumerate(CLASSES)
        for column, name in enumerate(CLASSES)
    )
    assert (found[:, 2] == 0).all() == bool(missing)


def test_the_shares_are_the_sensitivity_and_the_specificity() -> None:
    arm = arm_of(two_classes())
    counts = {(true, called): count for true, called, count in arm.confusion}
    assert counts["1", "1"] / (counts["1", "1"] + counts["1", "0"]) == arm.sensitivity
    assert counts["0", "0"] / (counts["0", "0"] + counts["0", "1"]) == arm.specificity
    assert sum(counts.values()) == arm.n == CASES


@pytest.mark.parametrize("frame", [two_classes(2), three_classes(repeats=2)], ids=["two", "three"])
def test_several_runs_have_no_one_matrix(frame: pd.DataFrame) -> None:
    assert arm_of(frame).confusion == ()


def test_scores_without_a_cut_have_none() -> None:
    frame = two_classes().drop(columns="predicted").assign(score=lambda rows: rows["score"] * 9)
    arm = arm_of(frame)
    assert arm.confusion == ()
    assert arm.roc
