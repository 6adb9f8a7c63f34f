"""Regions out of RTSTRUCT and DICOM SEG files, on the grid of an image."""

from pathlib import Path

from radcompare.errors import CaseError
from radcompare.imaging.dicom.headers import Kind, dicom_files, kind_of, read_header
from radcompare.imaging.inside import Inside
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case


def contours_or_segments(case: Case, path: Path) -> Path | None:
    """The RTSTRUCT or SEG file that a mask is; None where it is an image of labels.

    Args:
        case: for messages.
        path: a DICOM file, or a folder that holds one RTSTRUCT or SEG, or a series of images.

    Raises:
        CaseError: a folder holds several such files, or a file is neither a mask nor an image.
    """
    if not path.is_dir():
        return path if _kind(case, path) != "image" else None
    drawn = [file for file in dicom_files(path) if _kind(case, file) in ("RTSTRUCT", "SEG")]
    if len(drawn) > 1:
        names = ", ".join(file.name for file in drawn[:3])
        raise CaseError(
            f"case {case.case}: {path} holds {len(drawn)} RTSTRUCT or SEG files: {names}",
            "give the path of the one that is the mask",
        )
    return drawn[0] if drawn else None


def _kind(case: Case, path: Path) -> Kind:
    return kind_of(read_header(case.case, path))


def read_dicom_mask(case: Case, path: Path, scan: Volume) -> Inside:
    """The region of a case out of a DICOM file.

    Args:
        case: its structure or label says which region, its reading what is done on the way.
        path: an RTSTRUCT or SEG file.
        scan: the image, for the grid.

    Raises:
        CaseError: no such region, several, or it does not lie on the image.
    """
    header = read_header(case.case, path)
    kind = kind_of(header)
    if kind == "RTSTRUCT":
        from radcompare.imaging.dicom.rtstruct import read_structure

        return read_structure(case, path, scan)
    if kind == "SEG":
        from radcompare.imaging.dicom.segmentation import read_segments

        return read_segments(case, path, scan)
    raise CaseError(
        f"case {case.case}: {path} is a DICOM file of modality {header.get('Modality', 'unknown')}, "
        "expected a mask: RTSTRUCT or SEG",
        "give the file with the contours or segments, or a folder of a label map as Image is given",
    )
