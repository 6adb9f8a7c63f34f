"""Fits as rows of tables and as notes."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from radcompare.config import Selection
from radcompare.evaluation.fold import Scored
from radcompare.evaluation.nested import Fit
from radcompare.evaluation.rows import SELECTED, arm_rows, lost_note, selection_notes
from radcompare.evaluation.study import Available, Study
from radcompare.learning.splits import Fold
from radcompare.selection.choosing import Choice
from radcompare.tables.predictions import COLUMNS

SU3, RELIEFF2, EVERYTHING = (Selection.model_validate(text) for text in ("su:3", "relieff:2", "all"))


def scored(
    selection: Selection,
    number: int,
    columns: list[int],
    *,
    zeros: int = 0,
    asked: int | None = None,
    classifier: str = "cart",
    undecided: bool = False,
) -> Scored:
    fold = Fold(0, number, np.array([0, 1]), np.array([2, 3]))
    wanted = len(columns) if asked is None else asked
    choice = Choice(selection, np.array(columns), zeros, wanted)
    scores = np.array([0.25, 0.75]) + number
    return Scored(
        choice, classifier, fold, scores, np.array([0, 1]), np.array([0.2, np.nan]), 0 if undecided else 3
    )


def folds_of(scored: list[Scored]) -> list[Fit]:
    return [Fit((part,)) for part in scored]


def usable(lost: tuple[str, ...] = ()) -> Available:
    names = pd.MultiIndex.from_tuples([("s", "a"), ("s", "b"), ("t", "c"), ("t", "d")])
    return Available(np.array([1, 2, 4, 5]), pd.DataFrame(np.zeros((4, 4)), columns=names), lost)


def test_rows_name_the_case_the_fold_and_the_configuration(make_study: Callable[..., Study]) -> None:
    study = make_study({}, [0, 1, 0, 1, 1, 0])
    fits = [scored(EVERYTHING, 0, [0, 1]), scored(SU3, 0, [3, 0, 1]), scored(EVERYTHING, 1, [0, 1])]
    rows = arm_rows(
        study, "arm", usable(), folds_of([*fits, scored(SU3, 1, [0, 1, 2])]), "untrained (random, seed 1)"
    )
    assert list(rows.predictions.columns) == [*COLUMNS, "probability", "untrained"]
    told = rows.predictions[["ID", "selector", "k", "fold", "y_true", "score", "predicted"]]
    assert told.values.tolist() == [
        ["c04", "all", "", 0, 1, 0.25, 0],
        ["c05", "all", "", 0, 0, 0.75, 1],
        ["c04", "all", "", 1, 1, 1.25, 0],
        ["c05", "all", "", 1, 0, 1.75, 1],
        ["c04", "su", "3", 0, 1, 0.25, 0],
        ["c05", "su", "3", 0, 0, 0.75, 1],
        ["c04", "su", "3", 1, 1, 1.25, 0],
        ["c05", "su", "3", 1, 0, 1.75, 1],
    ]
    assert set(rows.predictions["untrained"]) == {"untrained (random, seed 1)"}


def test_rows_of_a_classifier_stand_together(make_study: Callable[..., Study]) -> None:
    fits = [scored(SU3, fold, [0, 1, 2], classifier=name) for fold in (0, 1) for name in ("cart", "knn")]
    rows = arm_rows(make_study({}, [0, 1] * 3), "arm", usable(), folds_of(fits), "").predictions
    assert rows["classifier"].tolist() == ["cart"] * 4 + ["knn"] * 4


def test_kept_features_are_listed_once_best_first(make_study: Callable[..., Study]) -> None:
    fits = [
        scored(SU3, 0, [3, 0, 1]),
        scored(SU3, 0, [3, 0, 1], classifier="knn"),
        scored(EVERYTHING, 0, [0]),
    ]
    selected = arm_rows(make_study({}, [0, 1] * 3), "arm", usable(), folds_of(fits), "").selected
    assert list(selected.columns) == list(SELECTED)
    assert selected.values.tolist() == [
        ["arm", "su", "3", 0, 0, 1, "d"],
        ["arm", "su", "3", 0, 0, 2, "a"],
        ["arm", "su", "3", 0, 0, 3, "b"],
    ]


def test_without_a_selection_there_is_nothing_to_list(make_study: Callable[..., Study]) -> None:
    rows = arm_rows(
        make_study({}, [0, 1] * 3), "arm", usable(), folds_of([scored(EVERYTHING, 0, [0, 1, 2, 3])]), ""
    )
    assert rows.selected.empty
    assert list(rows.selected.columns) == list(SELECTED)
    assert rows.notes == ()


def test_a_top_k_filled_with_zeros_is_told() -> None:
    fits = [scored(SU3, 0, [0, 1, 2], zeros=2), scored(SU3, 1, [0, 1, 2]), scored(SU3, 2, [0, 1, 2], zeros=3)]
    (note,) = selection_notes("arm", fits)
    assert note.startswith(
        "arm 'arm', su:3: in 2 of 3 fits up to 3 of the kept features had no positive score"
    )


def test_a_top_k_that_cannot_be_filled_is_told() -> None:
    (note,) = selection_notes("arm", [scored(RELIEFF2, 0, [0, 1, 2], asked=4)])
    assert note == "arm 'arm', relieff:2: there are fewer features to choose from; 3 are kept"
    assert not list(selection_notes("arm", [scored(RELIEFF2, 0, [0, 1, 2, 3], asked=4)]))


def test_fits_without_anything_to_learn_are_told(make_study: Callable[..., Study]) -> None:
    fits = [scored(SU3, 0, [0], undecided=True), scored(SU3, 1, [0])]
    (note,) = arm_rows(make_study({}, [0, 1] * 3), "arm", usable(), folds_of(fits), "").notes
    assert note.startswith("arm 'arm': in 1 of 2 fits no kept feature varied")


def test_lost_cases_are_named() -> None:
    assert list(lost_note("deep", ["c1", "c2"])) == ["arm 'deep' lacks 2 cases: c1, c2"]
    assert not list(lost_note("deep", []))
