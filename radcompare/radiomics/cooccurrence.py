"""Co-occurrence: which grey levels are neighbours, averaged over 13 directions, as pyradiomics defines it."""

from math import nan

from radcompare.radiomics.engines import Measure
from radcompare.radiomics.r219_entries import COOCCURRENCE


def cooccurrence(measure: Measure, settings: dict[str, object]) -> dict[str, float]:
    """The 10 features of the grey level co-occurrence matrix; missing where no two voxels touch.

    The correlation is missing when all pairs have one grey level: pyradiomics gives 1.
    """
    values = measure("glcm", settings, COOCCURRENCE)
    if values["SumSquares"] == 0:
        values["Correlation"] = nan
    return values
