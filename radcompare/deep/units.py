"""What deep features are made of: units that never answer, that never change, and that only tell the size."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

SIZE = 0.8
"""Rank correlation with the volume from which a unit counts as telling the size; the threshold is ours."""


def census(
    values: NDArray[np.float32], volumes: Sequence[float], rectified: NDArray[np.bool_]
) -> dict[str, Any]:
    """How many columns are dead, constant, or tell the size.

    A column is dead when an activation belongs to it and it is above zero in no case; constant when all cases share
    one value; and it tells the size when its rank correlation (Spearman) with the region's volume is 0.8 or more,
    or -0.8 or less: resizing to a fixed window does not hide how large a tumour is.

    Args:
        values: (cases, columns).
        volumes: of the regions, in any unit.
        rectified: whether an activation belongs to a column, (columns,).
    """
    constant = (values == values[0]).all(axis=0)
    varying = values[:, ~constant]
    found: dict[str, Any] = {
        "columns": int(values.shape[1]),
        "dead": int(((values <= 0).all(axis=0) & rectified).sum()),
        "constant": int(constant.sum()),
    }
    if len(values) < 3 or not varying.size or len(set(volumes)) < 2:
        return found
    correlation = np.abs(spearman(varying, np.asarray(volumes)))
    tells = int((correlation >= SIZE).sum())
    size = {
        "threshold": SIZE,
        "columns": tells,
        "share": round(tells / varying.shape[1], 4),
        "median": round(float(np.median(correlation)), 4),
        "largest": round(float(correlation.max()), 4),
    }
    return {**found, "size": size}


def spearman(values: NDArray[Any], against: NDArray[Any]) -> NDArray[np.float64]:
    """Rank correlation of every column with one variable; ties share their mean rank.

    Args:
        values: (cases, columns), none constant.
        against: (cases,), not constant.
    """
    ranks = rankdata(values, axis=0)
    other = rankdata(against)
    ranks -= ranks.mean(axis=0)
    other -= other.mean()
    norms = np.sqrt((ranks**2).sum(axis=0) * (other**2).sum())
    correlation: NDArray[np.float64] = other @ ranks / norms
    return correlation


def in_words(found: Mapping[str, Any]) -> str:
    """One line for people."""
    size = found.get("size")
    told = (
        f"{size['columns']} tell the size (rank correlation with the volume at least {size['threshold']} either way; "
        f"median over all {size['median']:.2f})"
        if size
        else "too few cases to tell which follow the size"
    )
    return (
        f"of {found['columns']:,} columns {found['dead']:,} are dead, {found['constant']:,} constant; {told}"
    )
