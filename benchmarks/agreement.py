"""How near our features are to pyradiomics': every value of some cohorts under several parameter files.

    python benchmarks/agreement.py COHORT.csv [COHORT.csv ...] [--every 1] [--most-voxels N]

pyradiomics reads the files itself and measures with its own extractor; so does radcompare. Differences are relative
(|a - b| / |b|), or 0 where both are within 1e-9 of one another. Prints a histogram per parameter file and the ten
largest differences of all, with the feature and the case.
"""

import argparse
import logging
import sys
import tempfile
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from radcompare.config import RadiomicsSource
from radcompare.errors import RadcompareError
from radcompare.imaging.reading import read_region
from radcompare.radiomics.engine import PyRadiomics
from radcompare.tables.case import Case
from radcompare.tables.cohort import read_cohort

FILTERS = """
imageType:
  Original: {}
  Wavelet: {}
  LoG: {sigma: [1.0, 3.0]}
  Square: {}
  SquareRoot: {}
  Logarithm: {}
  Exponential: {}
  Gradient: {}
  LBP2D: {binWidth: 1}
  LBP3D: {binWidth: 1}
"""
FILES = {
    "defaults": "setting: {binWidth: 25}\n",
    "every image type": FILTERS,
    "resampled, normalised": """
setting:
  normalize: true
  normalizeScale: 100
  removeOutliers: 3
  voxelArrayShift: 300
  binWidth: 5
  resampledPixelSpacing: [2, 2, 2]
  interpolator: sitkBSpline
  padDistance: 10
imageType: {Original: {}, Wavelet: {wavelet: db2, level: 2}, LoG: {sigma: [2.0]}}
""",
    "2-D, weighted": """
setting:
  binCount: 32
  force2D: true
  weightingNorm: euclidean
  distances: [1, 2]
  symmetricalGLCM: false
  gldm_a: 1
imageType: {Original: {}, Wavelet: {}, Gradient: {gradientUseSpacing: false}}
featureClass: {firstorder: , glcm: , gldm: , glrlm: , glszm: , ngtdm: }
""",
    "resegmented": """
setting:
  binWidth: 10
  resegmentRange: [-2, 2]
  resegmentMode: sigma
  preCrop: true
imageType: {Original: {}, SquareRoot: {}, Logarithm: {}}
""",
}
NEAR = 1e-9
if sys.path[0] == str(Path(__file__).parent):
    del sys.path[0]  # else `radiomics` would be the benchmark beside this one
LARGEST = 10


def pairs(name: str, text: str, cases: list[Case], folder: Path) -> Iterator[tuple[str, str, float, float]]:
    """Case, feature, our value, pyradiomics' value."""
    from radcompare.radiomics.library import pyradiomics

    path = folder / f"{name.replace(' ', '-').replace(',', '')}.yaml"
    path.write_text(text, encoding="utf-8")
    ours = PyRadiomics(RadiomicsSource(extractor="pyradiomics", params=path))
    theirs: Any = pyradiomics().featureextractor.RadiomicsFeatureExtractor(str(path))
    for case in cases:
        label = case.label or 1
        try:
            region = read_region(case)
            found = ours.extract(region)
        except RadcompareError as error:
            found, refused = {}, str(error)
        try:
            expected = theirs.execute(str(case.image), str(case.mask), label=label)
        except Exception as error:  # noqa: BLE001 - each kind of refusal has its own
            print(f"  {case.case}: pyradiomics: {error}; radcompare: {refused if not found else 'measured'}")
            continue
        for feature, value in expected.items():
            if not feature.startswith("diagnostics_"):
                yield case.case, feature, found.get(feature, np.nan), float(value)


def difference(mine: float, other: float) -> float:
    """Relative; 0 where both are missing or next to one another, infinite where one is missing."""
    if not np.isfinite(other):
        return 0.0 if np.isnan(mine) else np.inf
    if np.isnan(mine):
        return np.inf
    return 0.0 if abs(mine - other) <= NEAR else abs(mine - other) / abs(other)


def histogram(differences: list[float]) -> str:
    """Shares per power of ten."""
    values = np.array(differences)
    parts = [f"equal or within {NEAR:g}: {np.mean(values == 0):.4%}"]
    edges = [0, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, np.inf]
    for low, high in pairwise(edges):
        count = int(((values > low) & (values <= high)).sum())
        if count:
            parts.append(f"to {high:g}: {count}")
    return "; ".join(parts)


def main() -> None:
    """Print the histograms, then the ten largest differences."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cohorts", nargs="+")
    parser.add_argument("--every", type=int, default=1, help="of every so many cases, one")
    parser.add_argument("--only", choices=FILES, help="one parameter file")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if not hasattr(
        special, "sph_harm"
    ):  # pyradiomics calls it, and SciPy gave it up; only the cosine of phi counts
        special.sph_harm = lambda m, n, t, p: special.sph_harm_y(n, m, np.abs(p), t)
    worst: list[tuple[float, str]] = []
    everything: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for source in given.cohorts:
            cases = list(read_cohort(source).cases)[:: given.every]
            for name, text in FILES.items():
                if given.only not in (None, name):
                    continue
                found = []
                for case, feature, mine, other in pairs(name, text, cases, Path(folder)):
                    apart = difference(mine, other)
                    found.append(apart)
                    worst.append((apart, f"{apart:.1e}  {feature} of {case} ({name}): {mine!r}, {other!r}"))
                everything += found
                worst = sorted(worst, reverse=True)[:LARGEST]
                print(
                    f"{source}: {len(cases)} cases, {name}: {len(found)} values; {histogram(found)}",
                    flush=True,
                )
    print(f"\nall {len(everything)} values: {histogram(everything)}\nthe largest:")
    print("\n".join(text for _, text in worst))
    sys.exit(max(everything) > 1e-6)


if __name__ == "__main__":
    main()
