"""Classes of equal size in the training rows, for an outcome that is rare."""

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import DataError

Matrix = NDArray[np.float64]
Classes = NDArray[np.int64]

NEIGHBOURS = 5
"""Of the same class between which SMOTE puts new cases."""


def resampled(X: Matrix, y: Classes, how: str, seed: int, *, nominal: bool = False) -> tuple[Matrix, Classes]:
    """Training rows with as many cases of one class as of the other.

    Args:
        X: training rows, shape (cases, columns).
        y: classes 0 or 1, both of which occur.
        how: `under` drops cases of the larger class, `over` draws cases of the smaller one again, `smote` adds
            points between a case of the smaller class and one of its 5 nearest of that class (Chawla 2002), of
            all others where it has fewer than 6 cases; `none` leaves the rows as they are.
        seed: of what is drawn.
        nominal: whether a column is, or stands for, levels.

    Raises:
        DataError: `smote`, and the smaller class has one case, or a column is nominal.
    """
    if how == "none":
        return X, y
    if how == "smote":
        return _smote(X, y, seed, nominal)
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.under_sampling import RandomUnderSampler

    kind = RandomUnderSampler if how == "under" else RandomOverSampler
    drawn, classes = kind(random_state=seed).fit_resample(np.arange(len(y))[:, None], y)
    return X[drawn[:, 0]], np.asarray(classes, dtype=np.int64)


def _smote(X: Matrix, y: Classes, seed: int, nominal: bool) -> tuple[Matrix, Classes]:
    from imblearn.over_sampling import SMOTE

    if nominal:
        raise DataError(
            "sampling=smote puts new cases between two others, which levels of a nominal feature do not allow",
            "use sampling=over, or leave the nominal features out",
        )
    smaller = int(np.bincount(y).min())
    if smaller < 2:
        problem = "sampling=smote: a class has one training case, and there is nothing between it and another"
        raise DataError(problem, "use sampling=over, or fewer folds")
    if smaller * 2 == len(y):
        return X, y
    grown, classes = SMOTE(k_neighbors=min(NEIGHBOURS, smaller - 1), random_state=seed).fit_resample(X, y)
    return np.asarray(grown, dtype=np.float64), np.asarray(classes, dtype=np.int64)
