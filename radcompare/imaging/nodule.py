"""The phantom's tumour: a perturbed ellipsoid of soft tissue, its surface and texture set by two latents.

All three latents are standard scores: 0 is the typical benign tumour of the cohort, 1 a standard deviation.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.diameter import in_plane_diameter
from radcompare.imaging.lattice import Lattice, Points, correlated_noise, soft_edge

RIM_MM = 0.8
"""How far the tumour goes on beyond the mask's edge, which is drawn where a voxel is 91 % tumour."""

WAVES = 24
LOBE = 0.4
"""Correlation length of the surface's bumps, as a distance on the unit sphere."""

Array = NDArray[np.float64]


class Nodule(NamedTuple):
    """A tumour on a lattice.

    Attributes:
        share: the part of every voxel that is tumour, 0 to 1, blurred as a scanner does.
        mask: where it is solid.
    """

    share: Array
    mask: NDArray[np.bool_]


def roughness(shape: float) -> float:
    """Standard deviation of the logarithm of the radius over the surface."""
    return min(0.1 * float(np.exp(0.4 * shape)), 0.5)


def heterogeneity(texture: float) -> tuple[float, float]:
    """Standard deviation in HU, and grain in mm, of the tissue inside."""
    return 40.0 * float(np.exp(0.3 * texture)), 1.4 * float(np.exp(-0.1 * texture))


def mean_density(intensity: float) -> float:
    """Mean of the tissue inside, in HU."""
    return 10.0 + 20.0 * intensity


def nodule(
    lattice: Lattice, centre: Array, rotation: Array, diameter: float, shape: float, rng: np.random.Generator
) -> Nodule:
    """A tumour of a given diameter and surface.

    Args:
        lattice: the volume to draw in.
        centre: its middle in mm, (z, y, x), from the volume's centre.
        rotation: 3x3, turns the ellipsoid below the bumps.
        diameter: the longest in-plane diameter of the mask in mm; scaling to it keeps size apart from shape.
            A tumour that would come within two voxels of the border is drawn smaller.
        shape: the latent that `roughness` turns into bumps.
        rng: draws the axes and the bumps.
    """
    offset = lattice.points() - centre
    distance = np.linalg.norm(offset, axis=-1)
    radius = _radius(offset / np.maximum(distance, 1e-9)[..., np.newaxis], rotation, roughness(shape), rng)
    scale = _scale(distance / radius, lattice, diameter)
    depth = scale * radius - distance
    return Nodule(soft_edge(depth + RIM_MM), depth > 0)


def tissue(
    lattice: Lattice, mask: NDArray[np.bool_], intensity: float, texture: float, rng: np.random.Generator
) -> Array:
    """Soft tissue in HU: inside the mask exactly the mean and spread that the two latents ask for."""
    spread, grain = heterogeneity(texture)
    field = correlated_noise(lattice, grain, rng)
    inside = field[mask]
    return np.asarray(mean_density(intensity) + spread * (field - inside.mean()) / inside.std())


def _radius(directions: Points, rotation: Array, rough: float, rng: np.random.Generator) -> Array:
    """Relative distance from the middle to the surface along unit vectors."""
    half_axes = np.exp(rng.normal(0, 0.08, size=3))
    ellipsoid = 1 / np.linalg.norm(directions @ rotation / half_axes, axis=-1)
    waves, phases = rng.standard_normal((3, WAVES)) / LOBE, rng.uniform(0, 2 * np.pi, WAVES)

    def bumps(where: Points) -> Array:
        return np.asarray(np.cos(where @ waves + phases).sum(axis=-1))

    everywhere = bumps(_sphere(400))
    return np.asarray(ellipsoid * np.exp(rough * (bumps(directions) - everywhere.mean()) / everywhere.std()))


def _sphere(count: int) -> Points:
    """Directions spread evenly over the sphere (Fibonacci lattice)."""
    index = np.arange(count) + 0.5
    height, turn = 1 - 2 * index / count, np.pi * (1 + np.sqrt(5)) * index
    ring = np.sqrt(1 - height**2)
    return np.stack([height, ring * np.sin(turn), ring * np.cos(turn)], axis=-1)


def _scale(reach: Array, lattice: Lattice, diameter: float) -> float:
    """The size at which the mask `reach < size` has the wanted diameter, by fixed-point iteration."""
    size = diameter / 2
    for _ in range(4):
        size *= diameter / in_plane_diameter(reach < size, lattice.spacing)
    interior = np.zeros(lattice.size, dtype=bool)
    interior[2:-2, 2:-2, 2:-2] = True
    return float(min(size, 0.999 * reach[~interior].min()))
