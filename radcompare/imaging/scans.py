"""The image of a case, whatever it is kept as: a file, or the DICOM series in a folder."""

from pathlib import Path

from radcompare.imaging.volume import Volume, read_volume
from radcompare.tables.case import Case

KNOWN = (
    *(".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd"),
    *(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"),
)
"""Suffixes of files that are not looked into for DICOM."""


def read_scan(case: Case) -> Volume:
    """Read the image of a case.

    Raises:
        CaseError: it is missing, unreadable, or not one volume.
    """
    if may_be_dicom(case.image):
        from radcompare.imaging.dicom.series import read_series

        return read_series(case, case.image)
    return read_volume(case.case, case.image)


def may_be_dicom(path: Path) -> bool:
    """A folder, or a file that is DICOM."""
    if path.name.lower().endswith(KNOWN):
        return path.is_dir()
    from radcompare.imaging.dicom.headers import is_dicom

    return path.is_dir() or (path.is_file() and is_dicom(path))
