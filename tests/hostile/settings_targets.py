"""Settings: experiment files, values of `--set`, and parameter files."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from targets import Target

from radcompare.errors import ConfigError

SAMPLES = Path(__file__).parents[2] / "sample_configs"
PARAMETERS = b"""imageType:
  Original: {}
  LoG: {sigma: [1.0, 3.0], binWidth: 10}
  Wavelet: {wavelet: coif1, start_level: 0, level: 1}
featureClass:
  firstorder: [Mean, Energy]
  glcm:
setting:
  binWidth: 25
  resampledPixelSpacing: [1, 1, 1]
  interpolator: sitkBSpline
  normalize: false
  label: 1
  distances: [1, 2]
"""
JSON = b"""{"imageType": {"Original": {}}, "featureClass": {"shape": null, "glcm": ["Contrast"]},
 "setting": {"binWidth": 25.0, "sigma": [1, 2], "normalizeScale": 100, "voxelArrayShift": 300}}
"""


def experiments() -> Sequence[bytes]:
    return [path.read_bytes() for path in sorted(SAMPLES.glob("*.yaml"))]


def read_experiment(path: Path) -> object:
    from radcompare.config import load_experiment

    os.environ |= dict.fromkeys(("RADCOMPARE_COHORT", "RADCOMPARE_DATA"), "data")
    return load_experiment(path).model_dump(mode="json")


def read_value(path: Path) -> object:
    """What `--set` is given, put into an experiment wherever it fits."""
    from radcompare.config import load_experiment, parse_value

    value = parse_value(path.read_bytes().decode("utf-8", "surrogateescape"))
    fits = []
    for key in ("seed", "validation", "arms.all", "sources", "classifiers", "select", "name"):
        with suppress(ConfigError):
            fits.append(load_experiment(SAMPLES / "demo.yaml", {key: value}))
    if not fits:
        raise ConfigError("fits nowhere", "give another value")
    return fits


def read_parameters(path: Path) -> object:
    from radcompare.radiomics.parameters import read_parameters

    return read_parameters(path)


TARGETS = (
    Target("experiment", ".yaml", experiments, read_experiment, head=2000),
    Target(
        "value",
        ".txt",
        lambda: [b"5", b"[naive-bayes, knn]", b"{scheme: kfold, folds: 3}", b"relieff:10"],
        read_value,
    ),
    Target("parameters", ".yaml", lambda: [PARAMETERS], read_parameters, head=2000),
    Target("parameters-json", ".json", lambda: [JSON], read_parameters, head=2000),
)
