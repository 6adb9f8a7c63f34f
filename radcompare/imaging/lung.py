"""Synthetic lung around a phantom tumour: aerated tissue with vessels running through it, in HU."""

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.lattice import Lattice, Points, correlated_noise, soft_edge

AIR_FILLED = -850.0
"""Mean of aerated lung in HU."""

UNEVENNESS = 35.0
GRAIN_MM = 1.2
VESSEL_HU = 30.0


def lung(lattice: Lattice, rng: np.random.Generator) -> NDArray[np.float64]:
    """Aerated lung with three to seven vessels, without scanner noise."""
    image = AIR_FILLED + UNEVENNESS * correlated_noise(lattice, GRAIN_MM, rng)
    points = lattice.points()
    for _ in range(rng.integers(3, 8)):
        share = _vessel(points, rng)
        image += share * (VESSEL_HU - image)
    return image


def _vessel(points: Points, rng: np.random.Generator) -> NDArray[np.float64]:
    """The share of every voxel that one gently winding vessel of 0.6 to 1.8 mm radius fills."""
    along, aside, up = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    start = rng.uniform(-14, 14, size=3)
    bend, turns, phase = rng.uniform(0.5, 3), rng.uniform(0.08, 0.25), rng.uniform(0, 2 * np.pi)
    offset = points - start
    swing = bend * np.sin(turns * (offset @ along) + phase)
    distance = np.hypot(offset @ aside - swing, offset @ up)
    return soft_edge(rng.uniform(0.6, 1.8) - distance)
