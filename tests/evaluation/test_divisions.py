"""The folds all arms share: no group on both sides, and a word where nothing keeps patients together."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from radcompare.config import Validation
from radcompare.errors import DataError
from radcompare.evaluation.divisions import divide
from radcompare.evaluation.study import Study

MakeStudy = Callable[..., Study]
Y = [0, 1] * 12
PATIENTS = [f"p{i // 3}" for i in range(24)]


def validation(scheme: Any, **settings: Any) -> Validation:
    short = Validation.model_validate(scheme).model_dump()
    return Validation.model_validate(short | settings)


@pytest.mark.parametrize("scheme", ["loo", "4", "4x3"])
def test_groups_never_straddle(make_study: MakeStudy, scheme: str) -> None:
    study = make_study({}, Y, {"patient_id": PATIENTS})
    division = divide(study, validation(scheme, groups="patient_id"), seed=3)
    assert division.groups is not None
    for fold in division.folds:
        assert not set(division.groups[fold.train]) & set(division.groups[fold.test])
    for repeat in {fold.repeat for fold in division.folds}:
        tested = np.concatenate([fold.test for fold in division.folds if fold.repeat == repeat])
        assert sorted(tested.tolist()) == list(range(24)), "every case is tested once in every run"
    assert division.notes == ()


def test_a_group_in_both_cohorts_is_refused(make_study: MakeStudy) -> None:
    cohort = ["A"] * 13 + ["B"] * 11  # the fifth patient's first case is in A, the others in B
    study = make_study({}, Y, {"patient_id": PATIENTS, "cohort": cohort})
    with pytest.raises(DataError, match="group 'p4' has cases in A and in B"):
        divide(study, validation("cohort", groups="patient_id"), seed=1)


def test_cohorts_of_different_groups_are_fine(make_study: MakeStudy) -> None:
    study = make_study({}, Y, {"patient_id": PATIENTS, "cohort": ["A"] * 12 + ["B"] * 12})
    (fold,) = divide(study, validation("cohort", groups="patient_id"), seed=1).folds
    assert (fold.train.tolist(), fold.test.tolist()) == (list(range(12)), list(range(12, 24)))


def test_patients_that_nothing_keeps_together_are_told(make_study: MakeStudy) -> None:
    (note,) = divide(make_study({}, Y, {"patient_id": PATIENTS}), validation("4"), seed=1).notes
    assert note.startswith("24 cases are of 8 patients")
    assert divide(make_study({}, Y, {"patient_id": range(24)}), validation("4"), seed=1).notes == ()
    assert divide(make_study({}, Y, {"patient_id": [None] * 24}), validation("4"), seed=1).notes == ()


def test_a_cohort_column_is_needed(make_study: MakeStudy) -> None:
    with pytest.raises(DataError, match="validation by cohort: no column 'cohort'"):
        divide(make_study({}, Y, {"age": range(24)}), validation("cohort"), seed=1)


def test_the_same_seed_gives_the_same_folds(make_study: MakeStudy) -> None:
    study = make_study({}, Y)
    tested = [[f.test.tolist() for f in divide(study, validation("2x4"), seed=s).folds] for s in (5, 5, 6)]
    assert tested[0] == tested[1]
    assert tested[0] != tested[2]
