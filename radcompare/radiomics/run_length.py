"""Run length: how long runs of one grey level are, averaged over 13 directions, as pyradiomics defines it."""

from radcompare.radiomics.engines import Measure
from radcompare.radiomics.r219_entries import RUN_LENGTH


def run_length(measure: Measure, settings: dict[str, object]) -> dict[str, float]:
    """The 11 features of the grey level run length matrix; missing for a single voxel."""
    return measure("glrlm", settings, RUN_LENGTH)
