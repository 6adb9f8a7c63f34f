"""Histogram: first-order statistics of the intensities inside the mask, as pyradiomics defines it."""

from math import nan

from radcompare.radiomics.engines import Measure
from radcompare.radiomics.r219_entries import HISTOGRAM

UNDEFINED_WHEN_FLAT = ("Skewness", "Kurtosis")


def histogram(measure: Measure, settings: dict[str, object]) -> dict[str, float]:
    """The 10 histogram features.

    Skewness and kurtosis of a flat region are missing: pyradiomics gives 0, or rounding over rounding.
    """
    values = measure("firstorder", settings, HISTOGRAM)
    if values["Minimum"] == values["Maximum"]:
        values.update(dict.fromkeys(UNDEFINED_WHEN_FLAT, nan))
    return values
