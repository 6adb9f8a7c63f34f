"""Principal components: new columns made of all columns of the training rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

TINY = 1e-10
"""Rounding leaves a direction without variance a length of this order, as a share of the longest."""


@dataclass(eq=False)
class PrincipalComponents:
    """The first K principal components of columns that are filled and scaled.

    Directions come from the training rows alone, and so does the centre. There are at most as many as columns,
    and one fewer than training cases; a direction without variance is left out. The sign of a component makes
    its largest coefficient positive. Components are not scaled again, so distances between cases are kept.

    Args:
        top: how many components.
    """

    top: int = 10

    def fit(self, X: Matrix) -> "PrincipalComponents":
        """Learn from training rows of shape (cases, columns), without missing values."""
        from sklearn.decomposition import PCA

        most = min(self.top, len(X) - 1, X.shape[1])
        self._fitted: Any = None
        if most > 0 and np.ptp(X, axis=0).any():
            self._fitted = PCA(most, svd_solver="full").fit(X)
            lengths = self._fitted.singular_values_
            self._varies = lengths > TINY * lengths[0]
        return self

    def transform(self, X: Matrix) -> Matrix:
        """Rows as components, shape (cases, components)."""
        if self._fitted is None:
            return np.empty((len(X), 0))
        components: Matrix = self._fitted.transform(X)[:, self._varies]
        return components
