"""The mask of a case on the grid of its image, whatever it is kept as."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.geometry import differences
from radcompare.imaging.inside import Fact, Inside, Suspicion
from radcompare.imaging.labels import has_grey_edges, region_voxels
from radcompare.imaging.scans import may_be_dicom, read_scan
from radcompare.imaging.volume import Volume
from radcompare.reading_settings import Reading
from radcompare.tables.case import Case


def read_mask(case: Case, path: Path, scan: Volume | None) -> tuple[Inside | None, list[CaseError]]:
    """The region that a mask holds, and everything that is wrong with it.

    Args:
        case: its label or structure says which region; its reading what is done on the way.
        path: the mask.
        scan: the image; None where it could not be read, and only what can be told without it is told.

    Returns:
        The region where there is one, and errors; a region with errors cannot be used.
    """
    try:
        drawn = _drawn(case, path)
        if drawn is None:
            return _labelled(case, _label_map(case, path), scan)
        if scan is None:
            return None, []
        from radcompare.imaging.dicom.masks import read_dicom_mask

        return read_dicom_mask(case, drawn, scan), []
    except CaseError as error:
        return None, [error]


def _drawn(case: Case, path: Path) -> Path | None:
    """The RTSTRUCT or SEG file; None where the mask is an image of labels."""
    if not may_be_dicom(path):
        return None
    from radcompare.imaging.dicom.masks import contours_or_segments

    return contours_or_segments(case, path)


def _label_map(case: Case, path: Path) -> Volume:
    """A mask that is an image itself, of whole numbers as they are stored."""
    return read_scan(replace(case, image=path, series="", reading=Reading(pet="stored")))


def _labelled(case: Case, mask: Volume, scan: Volume | None) -> tuple[Inside | None, list[CaseError]]:
    errors: list[CaseError] = []
    found = differences(scan.grid, mask.grid, case.reading.tolerance) if scan is not None else []
    if scan is not None and found and not case.reading.resample_mask:
        errors.append(_other_grid(case, scan, mask, found))
    try:
        inside = region_voxels(case.case, mask, case.label, case.reading)
        if scan is not None and found and not errors:
            inside = _brought_onto(case, inside, mask, scan)
    except CaseError as error:
        return None, [*errors, error]
    facts: dict[str, Fact] = {"mask_format": mask.facts.get("image_format", "")}
    if case.label is not None:
        facts["label"] = case.label
    if found:
        facts["mask_resampled"] = "; ".join(found)
    return Inside(inside, facts, _doubts(case, mask)), errors


def _brought_onto(case: Case, inside: NDArray[np.bool_], mask: Volume, scan: Volume) -> NDArray[np.bool_]:
    from radcompare.imaging.onto import nearest_onto

    brought = nearest_onto(inside, mask.grid, scan.grid)
    if not brought.any():
        raise CaseError(
            f"case {case.case}: nothing of the region in {mask.path} lies on the image {scan.path}",
            "check that the two belong together",
        )
    return brought


def _doubts(case: Case, mask: Volume) -> tuple[Suspicion, ...]:
    if case.label is not None or case.reading.threshold is not None or not has_grey_edges(mask):
        return ()
    found = f"{mask.path} is white on black with greys between: all of them are taken as inside"
    return (Suspicion(found, "if the edge should be sharper, save the mask with black and white alone"),)


def _other_grid(case: Case, scan: Volume, mask: Volume, found: list[str]) -> CaseError:
    return CaseError(
        f"case {case.case}: {mask.path} does not lie on the grid of {scan.path}: {'; '.join(found)} "
        "(image against mask, x y z)",
        "check that the two belong together; if they do, --reading resample_mask=true brings the mask onto the "
        "image with nearest-neighbour interpolation",
    )
