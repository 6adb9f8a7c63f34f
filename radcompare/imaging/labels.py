"""Which voxels of a mask file are the region of interest."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.volume import Volume
from radcompare.reading_settings import AS_STORED, Reading

ROUNDING = 1e-4
"""How far a mask value may lie from a whole number: masks stored with a scale factor are off by about 1e-7."""

_SHOWN = 10


def region_voxels(
    case: str, mask: Volume, label: int | None = None, reading: Reading = AS_STORED
) -> NDArray[np.bool_]:
    """True where the mask holds the label.

    Without a label the mask must hold one value besides 0, unless the reading takes all together. A picture drawn
    white on black (its largest value is 255 or 65535) may hold greys too, from smoothed edges: there every non-zero
    voxel is inside.

    Args:
        case: the ID, for messages.
        mask: the mask file; colour is accepted where its channels are equal, alpha is ignored.
        label: the value of the region.
        reading: its `labels`, and its `threshold` for a mask of fractions: inside from there on.

    Returns:
        Booleans of shape (z, y, x), at least one True.

    Raises:
        CaseError: the mask is empty, coloured, holds fractions, lacks the label, or leaves a choice.
    """
    values = _whole_numbers(case, mask, reading.threshold)
    found, counts = np.unique(values[values != 0], return_counts=True)
    if not found.size:
        raise CaseError(
            f"case {case}: {mask.path} is an empty mask: every voxel is 0",
            "segment the tumour or drop the case",
        )
    listing = _listing(found, counts)
    if label is None:
        if reading.labels == "one":
            _refuse_choice(case, mask, found, listing)
        return np.asarray(values != 0)
    if label not in found:
        raise CaseError(
            f"case {case}: {mask.path} does not hold label {label}; it holds {listing}",
            "correct the case's `Label` in the cohort",
        )
    return np.asarray(values == label)


def has_grey_edges(mask: Volume) -> bool:
    """Whether a mask is a white on black picture with greys between."""
    values = _single_channel(mask)
    if not mask.picture or values.dtype.kind != "u":
        return False
    white = np.iinfo(values.dtype).max
    return bool(values.max() == white and ((values > 0) & (values < white)).any())


def _refuse_choice(case: str, mask: Volume, found: NDArray[Any], listing: str) -> None:
    if found.size == 1:
        return
    if mask.picture == "JPEG":
        raise CaseError(
            f"case {case}: {mask.path} is a JPEG mask with {found.size} shades besides black, expected one",
            "JPEG blurs the edge of a mask: save it as PNG",
        )
    if not has_grey_edges(mask):
        hint = (
            "add a `Label` column to the cohort with the value to measure, or --reading labels=union for all"
        )
        if found.size > _SHOWN:
            hint += "; so many values suggest an image where a mask was expected"
        raise CaseError(f"case {case}: {mask.path} holds several labels: {listing}; expected one", hint)


def _whole_numbers(case: str, mask: Volume, threshold: float | None) -> NDArray[Any]:
    values = _single_channel(mask)
    if values.ndim == 4:
        raise CaseError(
            f"case {case}: {mask.path} is a coloured mask", "save it in grey, with 0 outside the region"
        )
    if np.issubdtype(values.dtype, np.integer):
        return values
    if threshold is not None:
        return _cut(case, mask, values, threshold)
    whole = np.rint(values)
    odd = ~(np.isfinite(values) & np.isclose(values, whole, rtol=0, atol=ROUNDING))
    if odd.any():
        raise CaseError(
            f"case {case}: {mask.path} holds {int(odd.sum())} voxels that are no whole numbers, "
            f"such as {values[odd].flat[0]:.6g}",
            "a mask holds labels: --reading threshold=0.5 cuts a probability map, resample masks with "
            "nearest-neighbour interpolation",
        )
    return np.asarray(whole)


def _cut(case: str, mask: Volume, values: NDArray[Any], threshold: float) -> NDArray[np.uint8]:
    """1 from a threshold on; what is no share is no probability, and a threshold says nothing of it."""
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
        raise CaseError(
            f"case {case}: {mask.path} holds values from {values.min():.6g} to {values.max():.6g}, and a threshold "
            "of fractions was given",
            "a threshold cuts masks of values from 0 to 1: leave it out for masks of labels",
        )
    return (values >= threshold).astype(np.uint8)


def _single_channel(mask: Volume) -> NDArray[Any]:
    """The one channel of a mask, or all of them when the first three differ."""
    voxels = mask.voxels
    if voxels.ndim == 4 and (voxels[..., :3] == voxels[..., :1]).all():
        return np.asarray(voxels[..., 0])
    return voxels


def _listing(found: NDArray[Any], counts: NDArray[np.integer]) -> str:
    """`1 (345 voxels), 2 (12 voxels)`, at most ten of them."""
    parts = [f"{int(value)} ({count} voxels)" for value, count in zip(found, counts, strict=True)]
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return ", ".join(parts[:_SHOWN]) + more
