"""Which intensities become black and white."""

from collections.abc import Mapping

import numpy as np

from radcompare.errors import CaseError
from radcompare.imaging.region import Region
from radcompare.source_settings import intensity_range

PERCENTILES = (1.0, 99.0)
HOUNSFIELD = "-1000:400"
EIGHT_BITS = "0:255"
PERCENTILE = "percentile"
OTHER = "other"
"""The key of a mapping that stands for every modality without one of its own."""
FINITE_HINT = "replace NaN and infinite voxels in the image"


def chosen(region: Region, setting: str | Mapping[str, str]) -> str:
    """The rule for one case: `LOW:HIGH` or `percentile`.

    `auto` goes by what is known: CT is shown from -1000 to 400 HU, and so is a file of which nothing is known; a
    picture of 8 bits (PNG, JPEG, ...) from 0 to 255; anything else by percentiles inside the mask.

    Args:
        region: the case with its modality.
        setting: a rule for all, or one for every modality (in any case) with `other` for the rest.

    Raises:
        CaseError: the setting has no rule for the case's modality.
    """
    if not isinstance(setting, str):
        rules = {modality.lower(): rule for modality, rule in setting.items()}
        rule = rules.get(region.modality.lower(), rules.get(OTHER))
        if rule is None:
            named = f"is {region.modality}" if region.modality else "is not given"
            raise CaseError(
                f"{region.case}: its modality {named}, and intensity has rules for {', '.join(setting)}",
                "add a rule for it, or one for other",
            )
        setting = rule
    return _by_modality(region) if setting == "auto" else setting


def _by_modality(region: Region) -> str:
    if region.picture:  # which holds no Hounsfield units, whatever it was made from
        return EIGHT_BITS if region.eight_bits else PERCENTILE
    if region.modality.upper() == "CT":
        return HOUNSFIELD
    return PERCENTILE if region.modality else HOUNSFIELD


def bounds(region: Region, rule: str) -> tuple[float, float]:
    """The intensities that become 0 and 1.

    Args:
        region: the case.
        rule: `LOW:HIGH`, or `percentile`: the 1st and 99th inside the mask.

    Raises:
        CaseError: voxels inside the mask are not finite, or the percentiles leave no range.
    """
    fixed = intensity_range(rule)
    if fixed is not None:
        return fixed
    inside = region.image[region.mask].astype(np.float64)
    if not np.isfinite(inside).all():
        raise CaseError(
            f"{region.case}: the image has voxels inside the mask that are not finite", FINITE_HINT
        )
    low, high = (float(value) for value in np.percentile(inside, PERCENTILES))
    if not low < high:
        raise CaseError(
            f"{region.case}: the 1st and 99th percentile inside the mask are both {low:g}",
            "give the intensity range as LOW:HIGH instead of percentile",
        )
    return low, high
