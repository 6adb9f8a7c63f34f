"""Regions out of RTSTRUCT and DICOM SEG files, on the grid of an image."""

from pathlib import Path

from radcompare.errors import CaseError
from radcompare.imaging.dicom.headers import Kind, dicom_files, kind_of, read_tags, refusing_damaged, text
from radcompare.imaging.inside import Inside
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case

AFTER_SIZE = 0x00280012
"""What a file is stands before this tag: in the first kilobytes, however many contours or frames follow."""


def contours_or_segments(case: Case, path: Path) -> Path | None:
    """The RTSTRUCT or SEG file that a mask is; None where it is an image of labels.

    Args:
        case: for messages.
        path: a DICOM file, or a folder that holds one RTSTRUCT or SEG, or a series of images.

    Raises:
        CaseError: a folder holds several such files, or a file is damaged or neither a mask nor an image.
    """
    if not path.is_dir():
        return None if _mask_or_image(case, path) == "image" else path
    drawn = [file for file in dicom_files(path) if _kind(case, file)[0] in ("RTSTRUCT", "SEG")]
    if len(drawn) > 1:
        names = ", ".join(file.name for file in drawn[:3]) + (", ..." if len(drawn) > 3 else "")
        raise CaseError(
            f"case {case.case}: {path} holds {len(drawn)} RTSTRUCT or SEG files: {names}",
            "give the path of the one that is the mask",
        )
    return drawn[0] if drawn else None


def read_dicom_mask(case: Case, path: Path, scan: Volume) -> Inside:
    """The region of a case out of a DICOM file.

    Args:
        case: its structure or label says which region, its reading what is done on the way.
        path: an RTSTRUCT or SEG file.
        scan: the image, for the grid.

    Raises:
        CaseError: no such region, several, or it does not lie on the image.
    """
    if _mask_or_image(case, path) == "SEG":
        from radcompare.imaging.dicom.segmentation import read_segments

        return read_segments(case, path, scan)
    from radcompare.imaging.dicom.rtstruct import read_structure

    return read_structure(case, path, scan)


def _mask_or_image(case: Case, path: Path) -> Kind:
    """What a single file is.

    Raises:
        CaseError: it is damaged, or no mask and no image.
    """
    kind, modality = _kind(case, path)
    if kind == "other":
        raise CaseError(
            f"case {case.case}: {path} is a DICOM file of modality {modality or 'unknown'}, "
            "expected a mask: RTSTRUCT or SEG",
            "give the file with the contours or segments, or a folder of a label map as Image is given",
        )
    return kind


def _kind(case: Case, path: Path) -> tuple[Kind, str]:
    """What a file is, and its modality, from its first kilobytes."""
    with refusing_damaged(case.case, path):
        header = read_tags(path, stop_at=AFTER_SIZE)
        return kind_of(header), text(header, "Modality")
