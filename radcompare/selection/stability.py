"""How alike the sets of features are that several fits kept.

Neither measure comes with an interval here: the formulas for one take the fits as independent, and folds share most
of their training rows.
"""

import numpy as np
from numpy.typing import NDArray

Kept = NDArray[np.bool_]
"""Which features every fit kept, shape (fits, features)."""


def frequencies(kept: Kept) -> NDArray[np.float64]:
    """The share of the fits that kept each feature, shape (features,)."""
    return np.asarray(kept.mean(axis=0))


def kuncheva(kept: Kept) -> float | None:
    """The mean consistency of all pairs of fits: (r p - k^2) / (k (p - k)), r features in common of k kept.

    1 for equal sets, 0 on average for sets drawn by luck. Kuncheva (2007), IASTED Artificial Intelligence, 390.

    Returns:
        None for fewer than two fits, and where it is not defined: sets of different sizes, empty ones, or of all
        features.
    """
    fits, p = kept.shape
    sizes = kept.sum(axis=1)
    k = int(sizes[0]) if fits else 0
    if fits < 2 or (sizes != k).any() or k in (0, p):
        return None
    times = kept.sum(axis=0).astype(np.int64)
    in_common = int((times * (times - 1)).sum()) / (fits * (fits - 1))  # the mean over pairs
    return float((in_common * p - k**2) / (k * (p - k)))


def nogueira(kept: Kept) -> float | None:
    """One minus the variance of being kept, as a share of what luck would give; sets may differ in size.

    1 for equal sets, 0 on average by luck, and Kuncheva's where all sets are of one size. Nogueira, Sechidis and
    Brown (2018), JMLR 18(174), definition 4.

    Returns:
        None for fewer than two fits, and where every fit kept nothing or everything.
    """
    fits, p = kept.shape
    mean = kept.sum() / fits / p if fits and p else 0.0
    if fits < 2 or mean in (0.0, 1.0):
        return None
    share = kept.mean(axis=0)
    variance = fits / (fits - 1) * share * (1 - share)
    return float(1 - variance.mean() / (mean * (1 - mean)))
