"""Laws' texture energy: the image through 125 separable 5x5x5 kernels, and what remains inside the mask.

A column such as `r219_laws_L5E5S5` names the kernel along x first, then y, then z. Kernels are Laws' own, not
normalised, applied in voxel units (Laws, PhD thesis, USC, 1980). The image around the mask is used as it is, and
mirrored at the edge of the voxels (`symmetric`) where the image ends within two voxels.
"""

from itertools import product
from math import nan

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.patch import Patch

KERNELS = {
    "L5": (1, 4, 6, 4, 1),
    "E5": (-1, -2, 0, 2, 1),
    "S5": (-1, 0, 2, 0, -1),
    "W5": (-1, 2, 0, -2, 1),
    "R5": (1, -4, 6, -4, 1),
}
TAPS = 5
HALF = TAPS // 2


def laws(patch: Patch) -> dict[str, float]:
    """Mean squared response inside the mask for every kernel, in squared intensity.

    Along an axis with a single voxel only L5 responds at all: the other kernels are missing there.
    """
    image = _with_context(patch)
    mask = np.flatnonzero(patch.mask[patch.box])
    flat = [length == 1 for length in patch.image.shape]
    energies = {}
    for z, along_z in _responses(image, axis=0).items():
        for y, along_y in _responses(along_z, axis=1).items():
            for x, energy in _energies_along_x(along_y, mask).items():
                silent = any(f and k != "L5" for f, k in zip(flat, (z, y, x), strict=True))
                energies[x + y + z] = nan if silent else energy
    return {"".join(names): energies["".join(names)] for names in product(KERNELS, repeat=3)}


def _with_context(patch: Patch) -> NDArray[np.float64]:
    """The bounding box with two voxels on every side."""
    missing = [
        (max(HALF - part.start, 0), max(part.stop + HALF - length, 0))
        for part, length in zip(patch.box, patch.image.shape, strict=True)
    ]
    padded = np.pad(patch.image, missing, mode="symmetric")
    starts = [part.start + before - HALF for part, (before, _) in zip(patch.box, missing, strict=True)]
    window = tuple(
        slice(start, start + part.stop - part.start + 2 * HALF)
        for start, part in zip(starts, patch.box, strict=True)
    )
    return padded[window]


def _responses(image: NDArray[np.float64], axis: int) -> dict[str, NDArray[np.float64]]:
    """The image through each kernel along one axis, four voxels shorter there."""
    length = image.shape[axis] - TAPS + 1
    before = (slice(None),) * axis
    shifted = [image[(*before, slice(tap, tap + length))] for tap in range(TAPS)]
    return {
        name: sum(
            (weight * part for weight, part in zip(kernel, shifted, strict=True) if weight), np.zeros(())
        )
        for name, kernel in KERNELS.items()
    }


def _energies_along_x(image: NDArray[np.float64], mask: NDArray[np.intp]) -> dict[str, float]:
    """Mean squared response along x at the voxels of the mask (flat indices into the bounding box)."""
    width = image.shape[2]
    row, column = np.divmod(mask, width - TAPS + 1)
    first = row * width + column
    values = image.ravel()
    taps = np.stack([values[first + tap] for tap in range(TAPS)])
    squares = (np.array(list(KERNELS.values()), dtype=np.float64) @ taps) ** 2
    return dict(zip(KERNELS, (float(energy) for energy in squares.mean(axis=1)), strict=True))
