"""Whether a file of contours or segments belongs to an image."""

from collections.abc import Collection
from pathlib import Path

from radcompare.errors import CaseError
from radcompare.imaging.inside import Suspicion
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case


def refuse_unplaced(case: Case, path: Path, scan: Volume) -> None:
    """What was drawn in mm has no place on an image that says nothing of where it lies.

    Raises:
        CaseError: the image is a picture, or a DICOM image without a position and a frame of reference.
    """
    nowhere = bool(scan.series) and not scan.frame_of_reference and scan.grid.origin == (0.0, 0.0, 0.0)
    if scan.picture or nowhere:
        raise CaseError(
            f"case {case.case}: {path} was drawn at positions in mm, and the image {scan.path} has none",
            "give the image that it was drawn on, or a mask that is a picture of the same size",
        )


def refuse_other_frame(case: Case, path: Path, frames: Collection[str], scan: Volume) -> None:
    """Positions in mm mean nothing in another frame of reference.

    Args:
        case: for messages.
        path: the file.
        frames: Frame of Reference UIDs of what was drawn; empty strings where it does not say.
        scan: the image.

    Raises:
        CaseError: both say their frame of reference, and they differ.
    """
    known = [frame for frame in frames if frame]
    if not scan.frame_of_reference or all(frame == scan.frame_of_reference for frame in known):
        return
    raise CaseError(
        f"case {case.case}: {path} was drawn in another frame of reference than the image {scan.path}, so that "
        "positions in the one say nothing of the other",
        "give the image that it was drawn on, or carry it over to this image with registration software",
    )


def other_series(path: Path, series: Collection[str], scan: Volume) -> tuple[Suspicion, ...]:
    """The doubt about a file that names the series that it was drawn on, where the image is not among them.

    Args:
        path: the file.
        series: Series Instance UIDs that it refers to; empty where it does not say.
        scan: the image.
    """
    if not scan.series or not series or scan.series in series:
        return ()
    found = (
        f"{path} was drawn on another series than {scan.path}, in the same coordinates as far as they tell"
    )
    return (Suspicion(found, "check that the patient lay still between the two, or give the series itself"),)
