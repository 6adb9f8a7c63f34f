"""What run lengths, zone sizes and dependences have in common: counts by grey level and size, and their emphases."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EPS = float(np.spacing(1))
POWERS = (2, -2)


class SizeMatrix:
    """Counts of what has a grey level and a size, and what is told of them; every figure is of shape (directions,).

    Args:
        counts: shape (directions, levels, sizes).
        levels: the grey levels, shape (levels,).
        sizes: the sizes, shape (sizes,).
    """

    def __init__(self, counts: Floats, levels: Floats, sizes: Floats) -> None:
        self.counts, self.levels, self.sizes = counts, levels, sizes
        self.by_level: Floats = counts.sum(axis=2)
        self.by_size: Floats = counts.sum(axis=1)
        self.total: Floats = self.by_level.sum(axis=1)
        self._of_level = levels[:, None] ** POWERS
        self._of_size = sizes[:, None] ** POWERS

    @cached_property
    def _level_emphases(self) -> Floats:
        return (self.by_level @ self._of_level) / self.total[:, None]

    @cached_property
    def _size_emphases(self) -> Floats:
        return (self.by_size @ self._of_size) / self.total[:, None]

    @cached_property
    def _joint_emphases(self) -> Floats:
        return (self._of_level.T @ (self.counts @ self._of_size)) / self.total[:, None, None]

    def of_levels(self, power: int) -> Floats:
        """The mean of a power (2 or -2) of the grey level."""
        return self._level_emphases[:, POWERS.index(power)]

    def of_sizes(self, power: int) -> Floats:
        """The mean of a power (2 or -2) of the size."""
        return self._size_emphases[:, POWERS.index(power)]

    def of_both(self, level: int, size: int) -> Floats:
        """The mean of a power of the level times a power of the size, each 2 or -2."""
        return self._joint_emphases[:, POWERS.index(level), POWERS.index(size)]

    @cached_property
    def level_non_uniformity(self) -> Floats:
        """The sum of the squared counts of the levels over the total."""
        return _dots(self.by_level, self.by_level) / self.total

    @cached_property
    def size_non_uniformity(self) -> Floats:
        """The same of the sizes."""
        return _dots(self.by_size, self.by_size) / self.total

    def level_variance(self) -> Floats:
        """The variance of the grey level."""
        return _variance(self.levels, self.by_level / self.total[:, None])

    def size_variance(self) -> Floats:
        """The variance of the size."""
        return _variance(self.sizes, self.by_size / self.total[:, None])

    def entropy(self) -> Floats:
        """The entropy of level and size together, in bits."""
        shares = (
            self.counts.reshape(len(self.total), self.levels.size * self.sizes.size) / self.total[:, None]
        )
        return -_dots(shares, np.log2(shares + EPS))

    def voxels(self) -> Floats:
        """Counts times sizes: how many voxels there are."""
        return self.by_size @ self.sizes


def _dots(one: Floats, two: Floats) -> Floats:
    """Row by row, the sum of products."""
    return np.asarray(np.einsum("ij,ij->i", one, two))


def _variance(values: Floats, shares: Floats) -> Floats:
    away = values - (shares @ values)[:, None]
    return _dots(shares, away * away)
