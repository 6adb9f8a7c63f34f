"""The closed contours of one structure on an image: voxels, or the reason why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.dicom.stacks import Contour, Stack
from radcompare.imaging.geometry import Grid
from radcompare.imaging.inside import Suspicion
from radcompare.imaging.volume import Volume

OFF_SLICE = 0.1
"""In slice spacings: contours that lie farther off the slices were not drawn on them."""


@dataclass(frozen=True)
class Structure:
    """One structure of a file.

    Attributes:
        case: the ID, for messages.
        told: `the structure 'NAME' of FILE`, to begin sentences with.
        contours: closed ones, in mm; at least one.
    """

    case: str
    told: str
    contours: Sequence[Contour]

    def refused(self, why: str, hint: str) -> CaseError:
        """The error that says of this structure why it is of no use."""
        return CaseError(f"case {self.case}: {self.told} {why}", hint)


def rasterised(structure: Structure, scan: Volume) -> tuple[NDArray[np.bool_], list[Suspicion]]:
    """The voxels whose centres lie inside the contours of a structure.

    Every plane of contours goes to the nearest slice, up to half a slice spacing away; of several that go to one
    slice the nearest is taken. Contours may also lie in planes of voxels across the slices, if they leave none out.

    Args:
        structure: its contours.
        scan: the image, whose grid may lie in any way.

    Returns:
        Booleans of shape (z, y, x), at least one True; and what looks wrong.

    Raises:
        CaseError: contours are not parallel to the image, all lie beyond it, or no voxel's centre is inside.
    """
    contours, grid = structure.contours, scan.grid
    stack = Stack.along_slices(contours, grid) or Stack.across_slices(contours, grid)
    if stack is None:
        raise _not_parallel(structure, scan)
    if not stack.nearest:
        raise _beyond(structure, scan)
    voxels = stack.voxels()
    if not voxels.any():
        raise _empty(structure, scan, stack)
    return voxels, list(_doubts(structure, stack))


def _doubts(structure: Structure, stack: Stack) -> Iterator[Suspicion]:
    told, total = structure.told, len(stack.planes)
    check = "check that image and structure belong together, in one orientation and one part of the body"
    if stack.beyond:
        yield Suspicion(
            f"{told} has {total} planes of contours, {stack.beyond} of them beyond the slices of the image",
            check,
        )
    over, _ = stack.beside()
    if over:
        yield Suspicion(f"{told} reaches beyond the edge of the image in {over} contours", check)
    if stack.skipped:
        yield Suspicion(
            f"{told} has no contours on {stack.skipped} slices between its first and last: nothing is inside there",
            "if it was drawn on every second slice or so, interpolate where it was drawn; if it has parts that lie "
            "apart, all is well",
        )
    if stack.passed_over:
        yield Suspicion(
            f"{told} has contours closer together than slices: of {total} planes, {len(stack.nearest)} were taken, "
            "each the nearest to its slice",
            "if it was drawn on another image, give that one",
        )
    if stack.farthest > OFF_SLICE:
        yield Suspicion(
            f"{told} was not drawn on the slices of the image: contours lie up to {stack.farthest:.2g} slice "
            "spacings off, and were taken to the nearest slice",
            "if it was drawn on another image, give that one",
        )
    if stack.repeated:
        yield Suspicion(f"{told} holds {stack.repeated} contours twice", "they were taken once")


def _not_parallel(structure: Structure, scan: Volume) -> CaseError:
    normal, spacing = _normal(scan.grid), scan.grid.spacing[2]
    steepest = max(structure.contours, key=lambda contour: float(np.ptp(contour @ normal)))
    rise = float(np.ptp(steepest @ normal))
    across = np.linalg.svd(steepest - steepest.mean(axis=0), full_matrices=False)[2][-1]
    angle = np.degrees(np.arccos(min(abs(float(across @ normal)), 1.0)))
    return structure.refused(
        f"was not drawn on the slices of {scan.path}: one contour rises over {rise:.4g} mm "
        f"({rise / spacing:.3g} slice spacings), tilted against the slices by {angle:.0f} degrees",
        "give the image that it was drawn on, or export it as a label map on the image's grid",
    )


def _beyond(structure: Structure, scan: Volume) -> CaseError:
    normal = _normal(scan.grid)
    name = (
        "xyz"[int(np.abs(normal).argmax())] if np.abs(normal).max() > 0.999 else "position along its slices"
    )
    heights = np.concatenate(structure.contours) @ normal
    first = float(np.array(scan.grid.origin) @ normal)
    last = first + (scan.grid.size[2] - 1) * scan.grid.spacing[2] * _sense(scan.grid)
    low, high = sorted((first, last))
    return structure.refused(
        f"lies beyond the image {scan.path}: {name} of its contours from {heights.min():.6g} to "
        f"{heights.max():.6g} mm, of the image's slices from {low:.6g} to {high:.6g} mm",
        "check that the two belong together",
    )


def _empty(structure: Structure, scan: Volume, stack: Stack) -> CaseError:
    contours = [contour for plane in stack.nearest.values() for contour in plane.contours]
    if stack.beside()[1] < len(contours):
        return structure.refused(
            f"encloses no voxel's centre of {scan.path}: it is smaller than a voxel",
            "measure an image of smaller voxels, or drop the case",
        )
    low, high = (f(np.concatenate(contours), axis=0)[:2] for f in (np.min, np.max))
    return structure.refused(
        f"lies beside the image {scan.path}: its contours at columns {low[0]:.4g} to {high[0]:.4g} "
        f"and rows {low[1]:.4g} to {high[1]:.4g} of {stack.size[0]} and {stack.size[1]}",
        "check that the two belong together",
    )


def _sense(grid: Grid) -> float:
    """-1 where the slices run against the axis of the patient that they mostly follow."""
    across = np.array(grid.direction).reshape(3, 3)[:, 2]
    return -1.0 if across[np.abs(across).argmax()] < 0 else 1.0


def _normal(grid: Grid) -> NDArray[np.float64]:
    """The direction across the slices, towards higher x, y or z of the patient."""
    return np.array(grid.direction).reshape(3, 3)[:, 2] * _sense(grid)
