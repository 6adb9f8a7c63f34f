"""Rows with the same features, found by eight bytes of each."""

import hashlib

import numpy as np
from numpy.typing import NDArray


def row_hashes(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """A hash of every row, equal for equal values; -0 is 0, and all that is missing is alike."""
    plain = np.ascontiguousarray(np.where(np.isnan(values), np.nan, values + 0.0))
    digests = [hashlib.blake2b(row.data, digest_size=8).digest() for row in plain]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def same_rows(hashes: NDArray[np.uint64], compared: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Rows by number from 0 that have the same hash, in the order of the first of each.

    Args:
        hashes: of all rows.
        compared: the rows to look at.
    """
    rows = compared.nonzero()[0]
    _, kinds, counts = np.unique(hashes[rows], return_inverse=True, return_counts=True)
    repeated = counts[kinds] > 1
    rows, kinds = rows[repeated], kinds[repeated]
    order = np.argsort(kinds, kind="stable")
    groups = np.split(rows[order], np.flatnonzero(np.diff(kinds[order])) + 1) if len(rows) else []
    return sorted(groups, key=lambda group: int(group[0]))
