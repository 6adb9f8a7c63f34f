"""The folds that all arms share, and a word where nothing keeps the cases of a patient together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from radcompare.config import Inner, Validation
from radcompare.evaluation.study import Study
from radcompare.learning.splits import Fold, folds, inner_folds

PATIENT = "patient_id"
"""The column that says which cases are of one patient, where the validation names no other."""


@dataclass(frozen=True)
class Division:
    """How the cases of a study are divided.

    Attributes:
        folds: in the numbering of the study's cases.
        groups: the group of every case, shape (cases,); None where cases are independent.
        inner: how training sides are divided once more to pick a configuration; None where they are not.
        notes: what the user should know about it.
    """

    folds: tuple[Fold, ...]
    groups: NDArray[Any] | None
    inner: Inner | None
    notes: tuple[str, ...]


def divide(study: Study, validation: Validation, *, seed: int) -> Division:
    """Divide the cases of a study.

    Raises:
        DataError: a column that the validation names is absent or incomplete, the folds or those of an inner
            loop cannot be made, or a group would be trained on and tested.
    """
    groups = study.labels(validation.groups, "groups")
    cohort = study.labels("cohort" if validation.scheme == "cohort" else None, "validation by cohort")
    made = folds(validation, study.outcome.codes, seed=seed, groups=groups, cohort=cohort)
    if validation.inner is not None:
        for fold in made:
            inner_folds(validation.inner, fold, study.outcome.codes, seed=seed, groups=groups)
    return Division(tuple(made), groups, validation.inner, tuple(_ungrouped(study, validation)))


def _ungrouped(study: Study, validation: Validation) -> Iterator[str]:
    """Cases of one patient that nothing keeps together."""
    if validation.groups is not None or PATIENT not in study.columns.columns:
        return
    patients = study.columns[PATIENT].dropna()
    if patients.duplicated().any():
        yield (
            f"{len(patients)} cases are of {patients.nunique()} patients and may be trained on and tested at "
            f"once, and every interval takes them as independent: set the groups to {PATIENT}"
        )
