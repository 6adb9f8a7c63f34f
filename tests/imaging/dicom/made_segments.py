"""SEG files that the tests write with highdicom, and what the program makes of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
from made_drawings import SIZE, grid, in_mm, refusal, scan, wanted
from made_series import uid, write_series
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from radcompare.imaging.dicom.segmentation import read_segments
from radcompare.imaging.geometry import Grid
from radcompare.imaging.inside import Inside
from radcompare.imaging.volume import Volume


def blob(seed: int = 1, share: float = 0.4) -> NDArray[np.bool_]:
    """Voxels without any symmetry, so that nothing flipped or turned can pass for them; first slice empty."""
    made = np.random.default_rng(seed).uniform(size=SIZE[::-1]) < share
    made[0] = False
    return made


def get(path: Path, onto: Volume | None = None, **asked: Any) -> Inside:
    return read_segments(wanted(path, **asked), path, scan() if onto is None else onto)


def refused(path: Path, onto: Volume | None = None, **asked: Any) -> str:
    return refusal(read_segments, path, scan() if onto is None else onto, **asked).message


def made(
    folder: Path, segments: Mapping[str, NDArray[Any]] | None = None, kind: str = "BINARY", **more: Any
) -> Path:
    """One SEG with its series beside it; of one segment, tumour, unless others are given."""
    given = {"tumour": blob()} if segments is None else segments
    return write_segments(folder / "seg.dcm", folder / "series", given, kind, **more)


def write_segments(
    path: Path,
    folder: Path,
    segments: Mapping[str, NDArray[Any]],
    kind: str = "BINARY",
    edit: Callable[[Dataset], None] | None = None,
    placed: Grid | None = None,
    **more: Any,
) -> Path:
    """A SEG of a series that is made for it, with highdicom.

    Args:
        path: the file.
        folder: for the series, made with `write_series` unless it is there.
        segments: by label, shape (z, y, x) each; booleans, or shares for FRACTIONAL.
        kind: BINARY, FRACTIONAL or LABELMAP.
        edit: changes the data set before it is written.
        placed: where the frames lie, on the series' slices if None.
        **more: for highdicom.
    """
    stacked = np.stack(list(segments.values()), axis=-1)
    of = placed or grid(stacked.shape[2::-1])
    files = sorted(folder.glob("*.dcm")) or write_series(folder, np.zeros(stacked.shape[:3], np.int16))
    headers = sorted((_source(file) for file in files), key=lambda one: float(one.ImagePositionPatient[2]))
    if placed is not None:
        more |= _placement(of)
    made = hd.seg.Segmentation(
        source_images=headers,
        pixel_array=stacked if kind == "FRACTIONAL" else stacked.astype(np.uint8),
        segmentation_type=kind,
        segment_descriptions=[_segment(number, label) for number, label in enumerate(segments, start=1)],
        series_instance_uid=uid("segments"),
        series_number=9,
        sop_instance_uid=uid("segmented"),
        instance_number=1,
        manufacturer="radcompare",
        manufacturer_model_name="tests",
        software_versions="1",
        device_serial_number="1",
        **more,
    )
    if edit is not None:
        edit(made)
    made.save_as(path)
    return path


def _source(file: Path) -> Dataset:
    """A slice with all that highdicom wants to copy."""
    header = pydicom.dcmread(file)
    for keyword in ("PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime"):
        setattr(header, keyword, "")
    return header


def _placement(of: Grid) -> dict[str, Any]:
    """What highdicom is told of frames that lie on a grid, one for each of its slices."""
    axes = np.reshape(of.direction, (3, 3))
    corners = in_mm([[0, 0, z] for z in range(of.size[2])], of)
    return {
        "plane_positions": [
            hd.PlanePositionSequence("PATIENT", image_position=corner.tolist()) for corner in corners
        ],
        "plane_orientation": hd.PlaneOrientationSequence("PATIENT", [*axes[:, 0], *axes[:, 1]]),
        "pixel_measures": hd.PixelMeasuresSequence(
            (of.spacing[1], of.spacing[0]), of.spacing[2], spacing_between_slices=of.spacing[2]
        ),
    }


def _segment(number: int, label: str) -> hd.seg.SegmentDescription:
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=codes.SCT.Tissue,
        segmented_property_type=codes.SCT.Tissue,
        algorithm_type="MANUAL",
    )
