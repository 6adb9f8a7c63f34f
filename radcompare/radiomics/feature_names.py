"""Names of everything that a parameter file can ask for: classes of features, features, filters."""

from functools import cache

from radcompare.radiomics.pyradiomics_entries import pyradiomics_entries

CLASSES = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape", "shape2D")
IMAGE_TYPES = (
    *("Exponential", "Gradient", "LBP2D", "LBP3D", "LoG", "Logarithm", "Original"),
    *("Square", "SquareRoot", "Wavelet"),
)
SHAPE2D = (
    *("Elongation", "MajorAxisLength", "MaximumDiameter", "MeshSurface", "MinorAxisLength", "Perimeter"),
    *("PerimeterSurfaceRatio", "PixelSurface", "Sphericity"),
)
DEPRECATED: dict[str, tuple[str, ...]] = {
    "firstorder": ("StandardDeviation",),
    "glcm": ("Dissimilarity", "Homogeneity1", "Homogeneity2", "SumVariance"),
    "gldm": ("DependencePercentage", "GrayLevelNonUniformityNormalized"),
    "shape": ("Compactness1", "Compactness2", "SphericalDisproportion"),
    "shape2D": ("SphericalDisproportion",),
}
"""What pyradiomics computes only if it is asked for by name."""


@cache
def features_of(feature_class: str) -> tuple[str, ...]:
    """The features of a class that are not deprecated, in the order of pyradiomics."""
    if feature_class == "shape2D":
        return SHAPE2D
    prefix = f"original_{feature_class}_"
    return tuple(e.name.removeprefix(prefix) for e in pyradiomics_entries() if e.family == feature_class)


def known_features(feature_class: str) -> tuple[str, ...]:
    """All features of a class, deprecated ones last."""
    return (*features_of(feature_class), *DEPRECATED.get(feature_class, ()))
