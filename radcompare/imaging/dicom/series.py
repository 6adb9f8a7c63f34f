"""One DICOM series as a volume."""

from pathlib import Path

from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case


def read_series(case: Case, path: Path) -> Volume:
    """Read the image series in a folder."""
    raise NotImplementedError
