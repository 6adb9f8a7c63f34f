"""What to know of features and classes before they are selected from."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from radcompare.config import Selection
from radcompare.tables.roles import abridged


def unvarying(X: NDArray[np.float64], names: Sequence[str]) -> Iterator[str]:
    """Features that are the same, or missing, in all rows; X has shape (rows, features)."""
    if not X.size:
        return
    missing = np.isnan(X)
    known = np.where(missing, np.inf, X).min(axis=0, initial=np.inf)
    same = ((known == X) | missing).all(axis=0)
    empty = missing.all(axis=0)
    for which, what in ((empty, "no value at all"), (same & ~empty, "one value alone")):
        if which.any():
            named = abridged([names[int(column)] for column in np.flatnonzero(which)], 3)
            yield f"{what}, and so nothing to tell, in {int(which.sum())} of {len(names)} features: {named}"


def few_neighbours(selection: Selection, smallest: int) -> Iterator[str]:
    """A class with fewer rows than Relief-F looks for; `smallest` is the size of the smaller class."""
    if selection.method == "relieff" and smallest <= selection.neighbours:
        yield (
            f"{selection}: a class has {smallest} rows to learn from, no more than the {selection.neighbours} "
            "neighbours asked for, and all of them count"
        )
