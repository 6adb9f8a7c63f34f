"""Two-level wavelet transform of the bounding box: energy and entropy of its 15 sub-bands.

A column such as `r219_wavelet_HLL1_Energy` names the filter along x first, then y, then z (H high pass, L low
pass), and the level. The transform is decimated (Mallat, IEEE Trans PAMI 1989;11:674-693), with the wavelet coif1
(pyradiomics' default) and the box extended by mirroring, so that no edge is invented at its sides.
"""

from math import nan

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.patch import Patch
from radcompare.radiomics.r219_entries import wavelet_bands

WAVELET = "coif1"
MODE = "symmetric"
LEVELS = 2
ROUNDING = 1e-12
"""A coefficient this small against the largest intensity is rounding."""


def wavelet(patch: Patch) -> dict[str, float]:
    """Mean squared coefficient (squared intensity) and entropy of the squared coefficients (bits) per sub-band.

    An axis with one voxel is not transformed, and sub-bands that are high pass along it are missing; all are for
    a single voxel. The entropy of a sub-band without energy is missing.
    """
    box = patch.image[patch.box]
    floor = ROUNDING * float(np.abs(box).max())
    bands = sub_bands(box)
    features = {}
    for name in wavelet_bands():
        energy, entropy = _energy_and_entropy(bands[name], floor) if name in bands else (nan, nan)
        features[f"{name}_Energy"] = energy
        features[f"{name}_Entropy"] = entropy
    return features


def sub_bands(box: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """The coefficients by name: details of level 1, then details and approximation of level 2.

    Args:
        box: shape (z, y, x).
    """
    import pywt

    axes = tuple(axis for axis in range(3) if box.shape[axis] > 1)
    bands: dict[str, NDArray[np.float64]] = {}
    if not axes:
        return bands
    approximation = box
    for level in range(1, LEVELS + 1):
        parts = pywt.dwtn(approximation, WAVELET, mode=MODE, axes=axes)
        bands |= {_name(key, axes) + str(level): values for key, values in parts.items()}
        approximation = bands[f"LLL{level}"] if level == LEVELS else bands.pop(f"LLL{level}")
    return bands


def _name(key: str, axes: tuple[int, ...]) -> str:
    """PyWavelets' `ad` per transformed axis (z first) as L and H along x, y and z."""
    letters = dict(zip(axes, key, strict=True))
    return "".join("H" if letters.get(axis) == "d" else "L" for axis in (2, 1, 0))


def _energy_and_entropy(coefficients: NDArray[np.float64], floor: float) -> tuple[float, float]:
    squares = np.where(np.abs(coefficients) > floor, coefficients, 0.0).ravel() ** 2
    total = float(squares.sum())
    if total == 0:
        return 0.0, nan
    shares = squares[squares > 0] / total
    return total / squares.size, float(-(shares * np.log2(shares)).sum()) + 0.0
