"""Co-occurrence: which grey levels are neighbours, averaged over 13 directions, by pyradiomics."""

from math import nan
from typing import Any

from radcompare.radiomics.library import measure
from radcompare.radiomics.r219_entries import COOCCURRENCE


def cooccurrence(image: Any, mask: Any, settings: dict[str, object]) -> dict[str, float]:
    """The 10 features of the grey level co-occurrence matrix; missing where no two voxels touch.

    The correlation is missing when all pairs have one grey level: pyradiomics gives 1.
    """
    values = measure("glcm", image, mask, settings, COOCCURRENCE)
    if values["SumSquares"] == 0:
        values["Correlation"] = nan
    return values
