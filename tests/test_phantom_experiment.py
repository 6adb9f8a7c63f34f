"""The main job on phantoms: where the classes differ it finds that, and with effect 0 no arm finds anything."""

from pathlib import Path

import numpy as np
import pytest

from radcompare.cache import Cache
from radcompare.config import load_experiment, sample_config
from radcompare.experiment import run

CASES = 40
SEEDS = (11, 12, 13, 14)
HALF = CASES / 2
STANDARD_ERROR = np.sqrt((CASES + 1) / (12 * HALF * HALF))  # of one AUC without effect (Mann-Whitney): 0.092


def areas(folder: Path, effect: float, seed: int) -> dict[str, float]:
    """AUC of every arm of the demo."""
    overrides = {"phantom": {"cases": CASES, "effect": effect, "seed": seed}, "seed": seed, "views": 0}
    experiment = load_experiment(sample_config("demo"), overrides)
    finished = run(experiment, folder / f"{effect}-{seed}", cache=Cache(folder / "cache"), jobs=2)
    assert not finished.failures
    return {arm.arm: arm.auc for arm in finished.results.arms if arm.auc is not None}


@pytest.mark.slow
def test_without_effect_no_arm_finds_anything(tmp_path: Path) -> None:
    found = [areas(tmp_path, 0.0, seed) for seed in SEEDS]
    assert set(found[0]) == {"radiomics", "deep", "merged", "diameter"}
    for arm in found[0]:
        mean = np.mean([auc[arm] for auc in found])
        assert abs(mean - 0.5) < 3 * STANDARD_ERROR / np.sqrt(len(SEEDS)), (arm, found)


@pytest.mark.slow
def test_with_effect_radiomics_find_it_and_the_diameter_does_not(tmp_path: Path) -> None:
    found = [areas(tmp_path, 2.0, seed) for seed in SEEDS[:2]]
    assert min(auc["radiomics"] for auc in found) > 0.5 + 3 * STANDARD_ERROR
    assert abs(np.mean([auc["diameter"] for auc in found]) - 0.5) < 3 * STANDARD_ERROR
