"""How far the numbers of a run may lie apart: not at all on the same versions, a little across versions.

Between versions of numpy, scipy, SimpleITK or torch sums are taken in another order, which moves last digits, those
of networks most. What is chosen or counted (selected features, classes, folds) must stay the same all the same.
"""

from dataclasses import dataclass

EXACT = 0.0
ACROSS = {
    "glcm": 1e-8,  # ClusterProminence and ClusterShade: fourth and third powers
    "firstorder": 1e-8,
    "wavelet": 1e-7,
    "log-sigma": 1e-6,  # recursive filters
    "r219_": 1e-7,
    "deep_": 1e-3,  # float32 through tens of layers
}
"""By a part of the column's name, the largest relative difference across versions."""
OTHER_FEATURES = 1e-8
SCORES = 1e-4
"""Scores, metrics, intervals and p values across versions."""


@dataclass(frozen=True)
class Tolerance:
    """What is allowed.

    Attributes:
        exact: both runs had the same versions on the same kind of machine.
    """

    exact: bool

    def of(self, file: str, where: str) -> float:
        """The largest relative difference that is none."""
        if self.exact:
            return EXACT
        if not file.startswith("features/"):
            return SCORES
        return max((allowed for part, allowed in ACROSS.items() if part in where), default=OTHER_FEATURES)

    def in_words(self) -> str:
        """For people."""
        if self.exact:
            return "every number to its last digit, as the versions are the same"
        return (
            f"features to {OTHER_FEATURES:g} to {ACROSS['deep_']:g} by kind and scores to {SCORES:g}, as versions "
            "differ; what is selected and chosen exactly"
        )
