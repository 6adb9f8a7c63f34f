"""The voxels on which a phantom is drawn: their positions, smooth random fields, and the scanner's blur."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import ndtr

BLUR_MM = 0.6
"""Standard deviation of the scanner's point spread, which softens every edge."""

Points = NDArray[np.float64]
"""Positions in mm; the last axis holds (z, y, x)."""


class Lattice(NamedTuple):
    """Number of voxels and voxel side in mm, both (z, y, x); positions count from the centre."""

    size: tuple[int, int, int]
    spacing: tuple[float, float, float]

    def points(self) -> Points:
        """The position of every voxel's centre, shape (z, y, x, 3)."""
        steps = zip(self.size, self.spacing, strict=True)
        axes = [(np.arange(count) - (count - 1) / 2) * step for count, step in steps]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


def correlated_noise(lattice: Lattice, grain_mm: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """White noise smoothed by a Gaussian of standard deviation `grain_mm`, rescaled to standard deviation 1."""
    sigma = [grain_mm / step for step in lattice.spacing]
    field = ndimage.gaussian_filter(rng.standard_normal(lattice.size), sigma, mode="wrap")
    return np.asarray(field / field.std())


def soft_edge(depth_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of a voxel that lies inside an object, from its depth below the surface (negative outside)."""
    return np.asarray(ndtr(depth_mm / BLUR_MM))
