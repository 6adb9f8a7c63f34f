"""What every key of a parameter file may hold: pyradiomics 3.0.1's schema, as rules of our own.

Source: `radiomics/schemas/paramSchema.yaml` and `schemaFuncs.py`. Keys whose absence
means something may be without a value; a text that reads as a number is one, as there.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf, isfinite
from typing import Any

Rule = Callable[[Any], Any]
"""Returns the value as it is used; raises `ValueError` with what was expected."""

INTERPOLATORS = (
    *("sitkNearestNeighbor", "sitkLinear", "sitkBSpline", "sitkGaussian", "sitkLabelGaussian"),
    *("sitkHammingWindowedSinc", "sitkCosineWindowedSinc", "sitkWelchWindowedSinc"),
    *("sitkLanczosWindowedSinc", "sitkBlackmanWindowedSinc"),
)
NORMS = ("euclidean", "manhattan", "infinity", "no_weighting")


def whole(least: int | None = None, most: int | None = None) -> Rule:
    """A whole number from `least` to `most`."""

    def rule(value: Any) -> Any:
        limits = (
            "" if least is None else f" of at least {least}" if most is None else f" from {least} to {most}"
        )
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not fits or not (-inf if least is None else least) <= value <= (inf if most is None else most):
            raise ValueError(f"a whole number{limits}")
        return value

    return rule


def number(above: float = -inf, least: float = -inf) -> Rule:
    """A finite number, above one limit or at least another."""

    def rule(value: Any) -> Any:
        limits = f" above {above:g}" if above > -inf else f" of at least {least:g}" if least > -inf else ""
        try:
            found = float(value)
        except (TypeError, ValueError, OverflowError):
            found = inf
        if isinstance(value, bool) or not isfinite(found) or not found > above or found < least:
            raise ValueError(f"a number{limits}")
        return found if isinstance(value, str) else value

    return rule


def flag(value: Any) -> Any:
    """True or false; nothing counts as false."""
    if value is not None and not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def each(rule: Rule, *lengths: int) -> Rule:
    """A list of what passes a rule, of one of some lengths."""

    def checked(value: Any) -> Any:
        try:
            values = [rule(item) for item in value] if isinstance(value, list) else None
        except ValueError as error:
            raise ValueError(f"a list, each {error}") from None
        if values is None:
            raise ValueError("a list of numbers, in brackets")
        if lengths and len(values) not in lengths:
            raise ValueError(f"{' or '.join(map(str, lengths))} numbers")
        return values

    return checked


def one_of(*names: str) -> Rule:
    """One of some words."""

    def rule(value: Any) -> Any:
        if value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value

    return rule


def wavelet(value: Any) -> Any:
    """A name of PyWavelets."""
    import pywt

    if not isinstance(value, str) or value not in pywt.wavelist():
        raise ValueError("the name of a wavelet of PyWavelets, such as coif1 or db2")
    return value


def or_nothing(rule: Rule) -> Rule:
    """What passes a rule, or no value, where that means something to pyradiomics."""
    return lambda value: None if value is None else rule(value)


def interpolator(value: Any) -> Any:
    """SimpleITK's name for it, or its number."""
    if isinstance(value, str):
        return one_of(*INTERPOLATORS)(value)
    return whole(1, 10)(value)


def anything_numeric(value: Any) -> Any:
    """A number, also nan."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a number") from None


SETTINGS: Mapping[str, Rule] = {
    "minimumROIDimensions": whole(1, 3),
    "minimumROISize": or_nothing(whole(1)),
    "geometryTolerance": or_nothing(number(above=0)),
    "correctMask": flag,
    "additionalInfo": flag,
    "label": whole(1),
    "label_channel": whole(0),
    "binWidth": number(above=0),
    "binCount": or_nothing(whole(1)),
    "normalize": flag,
    "normalizeScale": number(above=0),
    "removeOutliers": or_nothing(number(above=0)),
    "resampledPixelSpacing": or_nothing(each(number(least=0), 3)),
    "interpolator": or_nothing(interpolator),
    "padDistance": whole(0),
    "distances": each(whole(1)),
    "force2D": flag,
    "force2Ddimension": whole(0, 2),
    "resegmentRange": or_nothing(each(number(), 1, 2)),
    "resegmentMode": one_of("absolute", "relative", "sigma"),
    "resegmentShape": flag,
    "preCrop": flag,
    "sigma": each(number(above=0)),
    "start_level": whole(0),
    "level": whole(1),
    "wavelet": wavelet,
    "gradientUseSpacing": flag,
    "lbp2DRadius": number(above=0),
    "lbp2DSamples": whole(1),
    "lbp2DMethod": one_of("default", "ror", "uniform", "var"),
    "lbp3DLevels": whole(1),
    "lbp3DIcosphereRadius": number(above=0),
    "lbp3DIcosphereSubdivision": whole(0),
    "voxelArrayShift": whole(),
    "symmetricalGLCM": flag,
    "weightingNorm": or_nothing(one_of(*NORMS)),
    "gldm_a": whole(0),
}
"""The keys under `setting`, and under every image type."""
VOXEL_SETTINGS: Mapping[str, Rule] = {
    "kernelRadius": whole(1),
    "maskedKernel": flag,
    "initValue": anything_numeric,
    "voxelBatch": whole(1),
}
"""The keys under `voxelSetting`, which matter to maps of features alone; pyradiomics passes over them, too."""
BLOCKS: Sequence[str] = ("setting", "voxelSetting", "featureClass", "imageType")
