"""What run lengths, zone sizes and dependences have in common: counts by grey level and size, and their emphases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EPS = float(np.spacing(1))


@dataclass(frozen=True)
class SizeMatrix:
    """Counts of what has a grey level and a size, and what is told of them; every figure is of shape (directions,).

    Attributes:
        counts: shape (levels, sizes, directions).
        levels: the grey levels, shape (levels,).
        sizes: the sizes, shape (sizes,).
    """

    counts: Floats
    levels: Floats
    sizes: Floats

    @property
    def total(self) -> Floats:
        """How many there are."""
        return np.asarray(self.counts.sum(axis=(0, 1)))

    @property
    def by_level(self) -> Floats:
        """Shape (levels, directions)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def by_size(self) -> Floats:
        """Shape (sizes, directions)."""
        return np.asarray(self.counts.sum(axis=0))

    def of_levels(self, power: int) -> Floats:
        """The mean of a power of the grey level."""
        return np.asarray((self.by_level * (self.levels**power)[:, None]).sum(axis=0) / self.total)

    def of_sizes(self, power: int) -> Floats:
        """The mean of a power of the size."""
        return np.asarray((self.by_size * (self.sizes**power)[:, None]).sum(axis=0) / self.total)

    def of_both(self, level: int, size: int) -> Floats:
        """The mean of a power of the level times a power of the size."""
        product = np.outer(self.levels**level, self.sizes**size)
        return np.asarray((self.counts * product[:, :, None]).sum(axis=(0, 1)) / self.total)

    def level_non_uniformity(self) -> Floats:
        """The sum of the squared counts of the levels over the total."""
        return np.asarray((self.by_level**2).sum(axis=0) / self.total)

    def size_non_uniformity(self) -> Floats:
        """The same of the sizes."""
        return np.asarray((self.by_size**2).sum(axis=0) / self.total)

    def level_variance(self) -> Floats:
        """The variance of the grey level."""
        return _variance(self.levels, self.by_level / self.total)

    def size_variance(self) -> Floats:
        """The variance of the size."""
        return _variance(self.sizes, self.by_size / self.total)

    def entropy(self) -> Floats:
        """The entropy of level and size together, in bits."""
        shares = self.counts / self.total
        return np.asarray(-(shares * np.log2(shares + EPS)).sum(axis=(0, 1)))

    def voxels(self) -> Floats:
        """Counts times sizes: how many voxels there are."""
        return np.asarray((self.by_size * self.sizes[:, None]).sum(axis=0))


def _variance(values: Floats, shares: Floats) -> Floats:
    mean = (shares * values[:, None]).sum(axis=0)
    return np.asarray((shares * (values[:, None] - mean) ** 2).sum(axis=0))
