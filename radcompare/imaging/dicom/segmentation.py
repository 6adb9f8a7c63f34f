"""Regions of a file."""

from pathlib import Path

from radcompare.imaging.inside import Inside
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case


def read_segments(case: Case, path: Path, scan: Volume) -> Inside:
    """A region."""
    raise NotImplementedError
