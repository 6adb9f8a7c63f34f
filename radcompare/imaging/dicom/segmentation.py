"""Regions out of DICOM SEG files, on the grid of an image."""

# mypy: untyped-calls-exclude="highdicom"
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.dicom.belonging import other_series, refuse_other_frame, refuse_unplaced
from radcompare.imaging.dicom.choosing import Part, chosen, facts_of
from radcompare.imaging.dicom.frames import (
    Cut,
    Frame,
    OnLattice,
    cut_at,
    frames_of,
    is_fractional,
    on_lattice,
    segments_with_frames,
    stacked,
    stacked_grid,
)
from radcompare.imaging.dicom.headers import quiet_pydicom, refusing_damaged, text
from radcompare.imaging.geometry import Grid, differences
from radcompare.imaging.inside import Fact, Inside, Suspicion
from radcompare.imaging.onto import nearest_onto
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case

if TYPE_CHECKING:
    from highdicom.seg import Segmentation

HALF = 0.5
"""The share from which a pixel of a fractional segment is inside, unless the reading says another."""


def read_segments(case: Case, path: Path, scan: Volume) -> Inside:
    """The voxels of an image that lie in a segment.

    Frames whose pixels lie on the image's voxels are copied, flipped or turned as need be; others are refused, or
    brought there with nearest-neighbour interpolation if the reading says so.

    Args:
        case: its structure (Segment Label, else Segment Description) or label (Segment Number) says which one; its
            reading whether several are united, from which share fractional ones are inside, and how far grids may
            disagree.
        path: the SEG: BINARY, FRACTIONAL or LABELMAP.
        scan: the image.

    Raises:
        CaseError: the file is damaged or of tiles, no segment is meant or several are, or it does not lie on the
            image.
    """
    with refusing_damaged(case.case, path):
        file = _opened(path)
        _refuse_tiles(case, path, file)
        meant = chosen(case, path, _parts(file), "segment")
        refuse_other_frame(case, path, {text(file, "FrameOfReferenceUID")}, scan)
        segments = _Segments(case, path, file, tuple(part.number for part in meant), scan)
        placed = segments.placed()
        series = {text(item, "SeriesInstanceUID") for item in file.get("ReferencedSeriesSequence") or []} - {
            ""
        }
    names = ", ".join(repr(part.name) for part in meant)
    told = f"the segment{'s' if len(meant) > 1 else ''} {names} of {path}"
    if not placed.voxels.any():
        raise _empty(case, told, placed, segments)
    facts = {"mask_format": "DICOM SEG", **facts_of(meant), **segments.facts(), **placed.facts}
    return Inside(placed.voxels, facts, (*other_series(path, series, scan), *_doubts(told, placed)))


@dataclass(frozen=True)
class _Placed:
    """Segments on the grid of an image.

    Attributes:
        voxels: True inside, shape (z, y, x).
        pixels: how many pixels of the file are inside.
        beyond: how many of them lie beyond the image, as far as that was counted.
        facts: how they came there.
    """

    voxels: NDArray[np.bool_]
    pixels: int
    beyond: int = 0
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True)
class _Segments:
    """Segments of a file that are one region, and the image that they are wanted on."""

    case: Case
    path: Path
    file: "Segmentation"
    numbers: tuple[int, ...]
    scan: Volume

    @property
    def threshold(self) -> float:
        """The share from which pixels of fractional segments are inside."""
        return self.case.reading.threshold or HALF

    @property
    def cut(self) -> Cut:
        """Which stored values are inside."""
        return cut_at(self.file, self.numbers, self.threshold)

    def facts(self) -> dict[str, Fact]:
        """What was done to the values."""
        return {"threshold": self.threshold} if is_fractional(self.file) else {}

    def placed(self) -> _Placed:
        """The segments on the grid of the image, in the way that their positions ask for."""
        frames = frames_of(self.file, self.numbers)
        if any(frame.position is None for frame in frames):
            return self._as_pixels(frames)
        refuse_unplaced(self.case, self.path, self.scan)
        lying = [on_lattice(frame, self.scan.grid, self.case.reading.tolerance) for frame in frames]
        on = [frame for frame in lying if frame is not None]
        return self._copied(on) if len(on) == len(frames) else self._resampled()

    def _copied(self, frames: Sequence[OnLattice]) -> _Placed:
        voxels = np.zeros(self.scan.grid.size[::-1], dtype=np.bool_)
        pixels = beyond = 0
        for frame in frames:
            inside = self.cut(self.file.get_stored_frame(frame.number))
            pixels += int(np.count_nonzero(inside))
            beyond += frame.put(inside, voxels)
        return _Placed(voxels, pixels, beyond)

    def _as_pixels(self, frames: Sequence[Frame]) -> _Placed:
        """Without positions a frame is all of a flat image, or nowhere."""
        columns, rows, slices = self.scan.grid.size
        size = int(self.file.Columns), int(self.file.Rows)
        if slices > 1 or size != (columns, rows):
            raise CaseError(
                f"case {self.case.case}: {self.path} does not say where its frames lie, and a frame of {size[0]} x "
                f"{size[1]} pixels is not the image {self.scan.path} of {columns} x {rows} x {slices}",
                "check that the two belong together; a volume needs a mask with positions",
            )
        inside = np.any([self.cut(self.file.get_stored_frame(frame.number)) for frame in frames], axis=0)
        facts = {"mask_placed": "pixel by pixel, the file gives no positions"}
        return _Placed(inside[np.newaxis], int(np.count_nonzero(inside)), 0, facts)

    def _resampled(self) -> _Placed:
        grid = stacked_grid(self.file)
        found = "its planes are not evenly spaced" if grid is None else self._off(grid)
        if grid is None or not self.case.reading.resample_mask:
            raise CaseError(
                f"case {self.case.case}: {self.path} does not lie on the voxels of {self.scan.path}: {found}",
                "check that the two belong together; if they do, --reading resample_mask=true brings evenly spaced "
                "planes onto the image with nearest-neighbour interpolation",
            )
        inside = stacked(self.file, self.numbers, self.cut)
        voxels = nearest_onto(inside, grid, self.scan.grid)
        return _Placed(voxels, int(np.count_nonzero(inside)), 0, {"mask_resampled": found})

    def _off(self, grid: Grid) -> str:
        found = differences(self.scan.grid, grid, self.case.reading.tolerance)
        return "; ".join(found) + " (image against mask, x y z)"


def _opened(path: Path) -> "Segmentation":
    """The file, whose frames are read when they are asked for."""
    quiet_pydicom()
    import highdicom

    file = highdicom.seg.segread(path, lazy_frame_retrieval=True)
    # highdicom 0.28 reads a byte too few of a frame of bits that begins within a byte.
    aligned = file.Rows * file.Columns % 8 == 0
    return file if aligned else highdicom.seg.segread(path)


def _refuse_tiles(case: Case, path: Path, file: "Segmentation") -> None:
    if file.is_tiled:
        raise CaseError(
            f"case {case.case}: {path} holds tiles of a slide, expected planes of a scan",
            "export the region of the slide as a picture and a mask",
        )


def _parts(file: "Segmentation") -> list[Part]:
    """All segments besides the background; of a label map, pixels alone tell which are empty."""
    held = segments_with_frames(file)
    return [
        Part(
            number,
            text(described, "SegmentLabel"),
            text(described, "SegmentDescription"),
            "" if held is None or number in held else "no frames",
        )
        for number in file.segment_numbers
        for described in [file.get_segment_description(number)]
    ]


def _empty(case: Case, told: str, placed: _Placed, segments: _Segments) -> CaseError:
    if placed.pixels:
        return CaseError(
            f"case {case.case}: nothing of {told} lies on the image {segments.scan.path}",
            "check that the two belong together",
        )
    fractional = is_fractional(segments.file)
    below = f" from a share of {segments.threshold:g} on" if fractional else ""
    return CaseError(
        f"case {case.case}: {told} is empty: no pixel is inside{below}",
        "lower --reading threshold, or drop the case"
        if fractional
        else "segment the tumour or drop the case",
    )


def _doubts(told: str, placed: _Placed) -> tuple[Suspicion, ...]:
    if not placed.beyond:
        return ()
    found = f"{told} reaches beyond the image: {placed.beyond} of {placed.pixels} pixels that are inside"
    return (Suspicion(found, "check that image and mask belong together"),)
