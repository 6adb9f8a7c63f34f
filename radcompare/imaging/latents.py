"""The truth below the phantom cohort: each case's class, three latents that follow it, and what does not."""

from dataclasses import dataclass

import numpy as np

from radcompare.config import Phantom
from radcompare.imaging.lattice import Lattice

PROTOCOLS = (
    Lattice((30, 64, 64), (1.25, 0.6640625, 0.6640625)),
    Lattice((26, 64, 64), (1.5, 0.5859375, 0.5859375)),
    Lattice((20, 60, 60), (2.0, 0.703125, 0.703125)),
    Lattice((16, 56, 56), (2.5, 0.78125, 0.78125)),
)
"""Volumes of about 40 mm as four scanners might give them; the numbers are exact in single precision."""

DIAMETER_MM = (10.0, 26.0)

_CLASSES, _LATENTS, _VOXELS = range(3)
"""Independent streams of random numbers below one seed."""


@dataclass(frozen=True)
class Latents:
    """The truth about one phantom case.

    Attributes:
        case: the ID.
        malignant: the class, 0 or 1.
        intensity: standard score of the mean density.
        texture: standard score of the internal heterogeneity.
        shape: standard score of the roughness of the surface.
        diameter: wanted longest in-plane diameter in mm.
        noise: standard deviation of the scanner noise in HU.
        protocol: index into `PROTOCOLS`.
        centre: of the tumour from the centre of the volume in mm, (z, y, x).
        rotation: unit quaternion (w, x, y, z).
    """

    case: str
    malignant: int
    intensity: float
    texture: float
    shape: float
    diameter: float
    noise: float
    protocol: int
    centre: tuple[float, ...]
    rotation: tuple[float, ...]


def phantom_latents(settings: Phantom) -> list[Latents]:
    """The latents of all cases, without drawing a voxel."""
    return [_draw(settings, index, label) for index, label in enumerate(_classes(settings))]


def latents_of(settings: Phantom, index: int) -> Latents:
    """The latents of one case, counted from 0."""
    return _draw(settings, index, _classes(settings)[index])


def voxel_generator(settings: Phantom, index: int) -> np.random.Generator:
    """The random numbers from which one case's voxels are drawn."""
    return _rng(settings, _VOXELS, index)


def _rng(settings: Phantom, *stream: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=stream))


def _classes(settings: Phantom) -> list[int]:
    """Half benign (0), half malignant (1), in an order that says nothing; an odd case is benign."""
    balanced = np.arange(settings.cases) % 2
    return [int(label) for label in _rng(settings, _CLASSES).permutation(balanced)]


def _draw(settings: Phantom, index: int, malignant: int) -> Latents:
    rng = _rng(settings, _LATENTS, index)
    intensity, texture, shape = rng.standard_normal(3) + settings.effect * malignant
    turn = rng.standard_normal(4)
    return Latents(
        case=f"phantom-{index + 1:03d}",
        malignant=malignant,
        intensity=float(intensity),
        texture=float(texture),
        shape=float(shape),
        diameter=float(np.clip(17 * np.exp(rng.normal(0, 0.22)), *DIAMETER_MM)),
        noise=float(12 * np.exp(rng.normal(0, 0.25))),
        protocol=int(rng.integers(len(PROTOCOLS))),
        centre=tuple(float(v) for v in rng.uniform(-2, 2, size=3)),
        rotation=tuple(float(v) for v in turn / np.linalg.norm(turn)),
    )
