"""First-order features: pyradiomics' numbers, its conventions for flat regions, and the definitions by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.errors import DataError
from radcompare.radiomics.library import measure
from radcompare.radiomics.native.first_order import features

pytest.importorskip("radiomics")

SPACING = (2.5, 0.7, 0.9)
SETTINGS = (
    *({}, {"voxelArrayShift": 2000}, {"binWidth": 3.5, "voxelArrayShift": -7}, {"binCount": 12}),
    {"binWidth": 0.1, "label": 1},
)
TYPES = ("int16", "int32", "float32", "float64")
REAL = ("brain1", "brain2", "breast1")


def theirs(
    image: NDArray[Any],
    mask: NDArray[np.bool_],
    spacing: tuple[float, float, float],
    settings: dict[str, Any],
) -> dict[str, float]:
    """pyradiomics' values; nan where it has none or an infinite one."""
    pair = sitk.GetImageFromArray(image), sitk.GetImageFromArray(mask.astype(np.uint8))
    for each in pair:
        each.SetSpacing(spacing[::-1])
    return measure("firstorder", *pair, settings)


def assert_same(found: dict[str, float], expected: dict[str, float]) -> None:
    assert list(found) == list(expected)
    assert all(type(value) is float for value in found.values())
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_features_of_pyradiomics(kind: str, settings: dict[str, Any]) -> None:
    rng = np.random.default_rng(8)
    for share in (0.02, 0.3, 1):
        image = rng.normal(10, 30, (6, 9, 8)).astype(kind)
        mask = rng.random(image.shape) < share
        mask[2, 3, 4] = True
        assert_same(features(image, mask, SPACING, settings), theirs(image, mask, SPACING, settings))


def test_all_18_in_pyradiomics_order() -> None:
    found = features(np.arange(24.0).reshape(2, 3, 4), np.ones((2, 3, 4), bool), SPACING, {})
    assert len(found) == 18
    assert list(found)[:3] == ["10Percentile", "90Percentile", "Energy"]
    assert "StandardDeviation" not in found  # deprecated there


@pytest.mark.parametrize("value", [0, 7, -3.3, 0.1, 1e6 + 0.1])
@pytest.mark.parametrize("size", [1, 2, 3, 40])
def test_flat_regions(value: float, size: int) -> None:
    image, mask = np.full((1, 1, 40), value), np.arange(40).reshape(1, 1, 40) < size
    assert_same(features(image, mask, SPACING, {}), theirs(image, mask, SPACING, {}))


def test_a_flat_region_by_hand() -> None:
    found = features(np.full((2, 2, 2), 5), np.ones((2, 2, 2), bool), (1, 1, 1), {})
    assert (found["Skewness"], found["Kurtosis"], found["Variance"], found["Uniformity"]) == (0, 0, 0, 1)
    assert found["Entropy"] == -np.log2(1 + np.spacing(1))


@pytest.mark.slow
def test_where_rounding_leaves_nothing_between_the_percentiles() -> None:
    found = 0
    for size in range(2, 300):
        image = np.full((1, 1, size), 3.3 / size)
        mask = np.ones(image.shape, bool)
        expected = theirs(image, mask, SPACING, {})
        assert_same(features(image, mask, SPACING, {}), expected)
        found += np.isnan(expected["RobustMeanAbsoluteDeviation"])
    values = np.array([[[0.1, 0.1, 0.1, 0.1, 0.1, 0.3]]])
    inside = np.ones(values.shape, bool)
    assert_same(features(values, inside, SPACING, {}), theirs(values, inside, SPACING, {}))


def test_the_definitions_by_hand() -> None:
    values = [1, 2, 4, 8, 30, 60]
    found = features(np.array([[values]]), np.ones((1, 1, 6), bool), (2, 3, 4), {"voxelArrayShift": 10})
    mean = sum(values) / 6
    assert found["Mean"] == mean
    assert found["Energy"] == sum((v + 10) ** 2 for v in values)
    assert found["TotalEnergy"] == 24 * found["Energy"]
    assert found["RootMeanSquared"] == pytest.approx((found["Energy"] / 6) ** 0.5, rel=1e-15)
    assert found["MeanAbsoluteDeviation"] == pytest.approx(sum(abs(v - mean) for v in values) / 6, rel=1e-15)
    assert (found["Median"], found["Range"]) == (6, 59)
    assert (found["10Percentile"], found["90Percentile"]) == (1.5, 45)
    assert found["RobustMeanAbsoluteDeviation"] == (9 + 7 + 3 + 19) / 4  # 2, 4, 8 and 30 are around 11
    assert found["Uniformity"] == (4**2 + 1 + 1) / 36  # 1 to 8; 30; 60


def test_numpy_has_the_same_percentiles() -> None:
    rng = np.random.default_rng(2)
    for size in (1, 2, 5, 11, 100, 1001):
        values = rng.normal(size=(1, 1, size))
        found = features(values, np.ones(values.shape, bool), (1, 1, 1), {})
        p10, p25, p50, p75, p90 = np.percentile(values, (10, 25, 50, 75, 90))
        assert (found["10Percentile"], found["90Percentile"]) == (p10, p90)
        assert found["InterquartileRange"] == p75 - p25
        assert found["Median"] == pytest.approx(p50, rel=1e-15)


def test_what_is_outside_does_not_matter() -> None:
    image, mask = np.random.default_rng(0).normal(size=(4, 4, 4)), np.zeros((4, 4, 4), bool)
    mask[1:3, 1:3, 1:4] = True
    other = np.where(mask, image, np.nan)
    assert features(image, mask, SPACING, {}) == features(other, mask, SPACING, {})


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_inside_is_refused(bad: float) -> None:
    with pytest.raises(DataError, match="not finite"):
        features(np.full((1, 1, 3), bad), np.ones((1, 1, 3), bool), SPACING, {})


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(DataError, match="mask is empty"):
        features(np.zeros((1, 2, 3)), np.zeros((1, 2, 3), bool), SPACING, {})


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("settings", SETTINGS[:4], ids=str)
def test_real_images(name: str, settings: dict[str, Any], shared_data: Path) -> None:
    folder = shared_data / "pyradiomics"
    image, label = (sitk.ReadImage(str(folder / f"{name}_{part}.nrrd")) for part in ("image", "label"))
    voxels, inside = sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(label) == 1
    found = features(voxels, inside, image.GetSpacing()[::-1], settings)
    assert_same(found, measure("firstorder", image, label, settings))


def test_real_nodules(shared_data: Path) -> None:
    files = sorted((shared_data / "lidc-nodules" / "image").glob("*.nii.gz"))[:40]
    assert len(files) == 40
    for path in files:
        image = sitk.ReadImage(str(path))
        label = sitk.ReadImage(str(path.parents[1] / "mask" / path.name)) > 0
        voxels, inside = sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(label) == 1
        assert_same(
            features(voxels, inside, image.GetSpacing()[::-1], {}), measure("firstorder", image, label, {})
        )
