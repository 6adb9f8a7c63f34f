"""Run length: how long runs of one grey level are, averaged over 13 directions, by pyradiomics."""

from typing import Any

from radcompare.radiomics.library import measure
from radcompare.radiomics.r219_entries import RUN_LENGTH


def run_length(image: Any, mask: Any, settings: dict[str, object]) -> dict[str, float]:
    """The 11 features of the grey level run length matrix; missing for a single voxel."""
    return measure("glrlm", image, mask, settings, RUN_LENGTH)
