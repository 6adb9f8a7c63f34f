"""The frames of a DICOM SEG: what of them is inside, and where they lie on the voxels of an image."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radcompare.imaging.dicom.stacks import in_voxels
from radcompare.imaging.geometry import Grid

if TYPE_CHECKING:
    from highdicom.seg import Segmentation
    from pydicom import Dataset

OFF_SLICE = 0.1
"""In slice spacings, how far a frame may lie off its slice: a grid is even, the slices of a scan only nearly so."""

Cut = Callable[[NDArray[Any]], NDArray[np.bool_]]
"""Which of the stored values of frames are inside."""


@dataclass(frozen=True)
class Frame:
    """One frame of pixels.

    Attributes:
        number: in the file, from 1.
        position: of the centre of its first pixel in mm, shape (3,); None where the file gives none.
        steps: from a pixel to the next one of its row, and to the next one of its column, in mm, shape (2, 3).
    """

    number: int
    position: NDArray[np.float64] | None
    steps: NDArray[np.float64] | None


def frames_of(file: "Segmentation", numbers: Iterable[int]) -> list[Frame]:
    """The frames that hold any of some segments; of a label map, all of them.

    Args:
        file: with functional groups for every frame, as the standard asks.
        numbers: Segment Numbers.
    """
    wanted = set(numbers)
    shared = file.SharedFunctionalGroupsSequence[0]
    groups = enumerate(file.PerFrameFunctionalGroupsSequence, start=1)
    return [
        _frame(number, own, shared)
        for number, own in groups
        if is_label_map(file) or _segment(own, shared) in wanted
    ]


def segments_with_frames(file: "Segmentation") -> set[int] | None:
    """Numbers of the segments that any frame is of; None for a label map, where frames are of all."""
    if is_label_map(file):
        return None
    shared = file.SharedFunctionalGroupsSequence[0]
    return {_segment(own, shared) for own in file.PerFrameFunctionalGroupsSequence}


def cut_at(file: "Segmentation", numbers: Iterable[int], threshold: float) -> Cut:
    """What of the stored values is inside one of some segments.

    Args:
        file: BINARY, FRACTIONAL or LABELMAP.
        numbers: Segment Numbers.
        threshold: of FRACTIONAL ones, the share of Maximum Fractional Value from which a pixel is inside.

    Raises:
        AttributeError: it is FRACTIONAL, and does not say what the largest value is.
    """
    if is_label_map(file):
        held = np.array(sorted(numbers))
        return lambda values: np.isin(values, held)
    if is_fractional(file):
        largest = float(file.MaximumFractionalValue)
        return lambda values: np.asarray(values / largest >= threshold)
    return lambda values: values != 0


def is_label_map(file: "Segmentation") -> bool:
    """Whether pixels hold segment numbers, all segments in one frame."""
    return str(file.SegmentationType) == "LABELMAP"


def is_fractional(file: "Segmentation") -> bool:
    """Whether pixels hold shares of Maximum Fractional Value."""
    return str(file.SegmentationType) == "FRACTIONAL"


@dataclass(frozen=True)
class OnLattice:
    """A frame whose pixels lie on voxels.

    Attributes:
        number: in the file, from 1.
        first: voxel (x, y, z) of its first pixel, which may lie beyond the image.
        steps: voxels to the next pixel of its row, and of its column: one along one axis, shape (2, 3).
    """

    number: int
    first: NDArray[np.intp]
    steps: NDArray[np.intp]

    def put(self, inside: NDArray[np.bool_], voxels: NDArray[np.bool_]) -> int:
        """Set the voxels under the pixels that are inside.

        Args:
            inside: the frame, shape (rows, columns).
            voxels: shape (z, y, x); changed.

        Returns:
            How many pixels that are inside lie beyond the image.
        """
        row, column = np.nonzero(inside)
        xyz = self.first + column[:, np.newaxis] * self.steps[0] + row[:, np.newaxis] * self.steps[1]
        on = np.all((xyz >= 0) & (xyz < voxels.shape[::-1]), axis=1)
        x, y, z = xyz[on].T
        voxels[z, y, x] = True
        return int(np.count_nonzero(~on))


def on_lattice(frame: Frame, grid: Grid, tolerance: float) -> OnLattice | None:
    """A frame as pixels on voxels, flipped or turned by right angles or not; None if it lies otherwise.

    Args:
        frame: with a position.
        grid: of the image.
        tolerance: how far spacing and direction may be off, relative, and the first pixel in voxels; off a slice it
            may lie farther.
    """
    assert frame.position is not None
    assert frame.steps is not None
    corners = in_voxels(np.stack([frame.position, *(frame.position + frame.steps)]), grid)
    first, steps = corners[0], corners[1:] - corners[0]
    whole = np.rint(steps).astype(np.intp)
    single = np.array_equal(np.abs(whole).sum(axis=1), [1, 1]) and not np.any(whole[0] & whole[1])
    slack = np.full(3, tolerance)
    if not whole[:, 2].any():
        slack[2] = max(tolerance, OFF_SLICE)
    near = np.abs(steps - whole).max() <= tolerance and bool(np.all(np.abs(first - np.rint(first)) <= slack))
    return OnLattice(frame.number, np.rint(first).astype(np.intp), whole) if single and near else None


def stacked_grid(file: "Segmentation") -> Grid | None:
    """The grid of the frames where they are evenly spaced planes, with or without gaps; None otherwise."""
    geometry = file.get_volume_geometry()
    if geometry is None:
        return None
    slices, rows, columns = geometry.spatial_shape
    # highdicom counts slices against the normal of its rows and columns; here they run along it.
    axes = geometry.affine[:3, [2, 1, 0]] * np.array([1, 1, -1])
    first = geometry.affine[:3, 3] - (slices - 1) * axes[:, 2]
    spacing = np.linalg.norm(axes, axis=0)
    return Grid(
        (int(columns), int(rows), int(slices)),
        _three(spacing),
        _three(first),
        tuple(float(cosine) for cosine in (axes / spacing).ravel()),
    )


def stacked(file: "Segmentation", numbers: Sequence[int], cut: Cut) -> NDArray[np.bool_]:
    """What is inside on the grid of `stacked_grid`, shape (z, y, x).

    Args:
        file: evenly spaced planes.
        numbers: Segment Numbers.
        cut: for stored values.
    """
    volume = file.get_volume(segment_numbers=list(numbers), rescale_fractional=False)
    inside = np.asarray(volume.array != 0) if is_label_map(file) else cut(volume.array)
    return np.ascontiguousarray(np.any(inside, axis=-1)[::-1])


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _frame(number: int, own: "Dataset", shared: "Dataset") -> Frame:
    position = _macro("PlanePositionSequence", own, shared)
    orientation = _macro("PlaneOrientationSequence", own, shared)
    measures = _macro("PixelMeasuresSequence", own, shared)
    if position is None or orientation is None or measures is None:
        return Frame(number, None, None)
    between_rows, between_columns = (float(value) for value in measures.PixelSpacing)
    cosines = np.array(orientation.ImageOrientationPatient, dtype=np.float64).reshape(2, 3)
    return Frame(
        number,
        np.array(position.ImagePositionPatient, dtype=np.float64),
        cosines * np.array([[between_columns], [between_rows]]),
    )


def _segment(own: "Dataset", shared: "Dataset") -> int:
    identified = _macro("SegmentIdentificationSequence", own, shared)
    return -1 if identified is None else int(identified.ReferencedSegmentNumber)


def _macro(keyword: str, own: "Dataset", shared: "Dataset") -> "Dataset | None":
    """The one item of a functional group, of a frame itself or shared by all; None where neither has it."""
    items = own.get(keyword) or shared.get(keyword)
    return items[0] if items else None
