"""Before the features: the image, mask and box that pyradiomics ends with, and what both refuse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.radiomics.native.resampling import DEFAULTS, Prepared, prepare

pytest.importorskip("radiomics")

Pair = tuple[sitk.Image, sitk.Image]
OBLIQUE = (0.8, -0.6, 0.0, 0.48, 0.64, -0.6, 0.36, 0.48, 0.8)
SETTINGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "finer": {"resampledPixelSpacing": [0.5, 0.6, 1]},
    "coarser": {"resampledPixelSpacing": [2, 2, 2], "interpolator": "sitkLinear", "padDistance": 1},
    "half of the axes": {"resampledPixelSpacing": [0, 0, 1.3], "interpolator": "sitkNearestNeighbor"},
    "the same": {"resampledPixelSpacing": [0.9, 0.7, 2.5]},
    "unknown interpolator": {"resampledPixelSpacing": [1, 1, 1], "interpolator": "sitkNoSuch"},
    "no interpolator": {"resampledPixelSpacing": [1, 1, 1], "interpolator": None},
    "normalised": {"normalize": True, "normalizeScale": 100},
    "without outliers": {"normalize": True, "removeOutliers": 1.5, "normalizeScale": 2.5},
    "normalised and resampled": {"normalize": True, "resampledPixelSpacing": [1, 1, 1]},
    "cropped": {"preCrop": True, "padDistance": 2},
    "above": {"resegmentRange": [-50]},
    "between": {"resegmentRange": [200, -100], "resegmentMode": "absolute"},
    "shares": {"resegmentRange": [0.1, 0.6], "resegmentMode": "relative", "resegmentShape": True},
    "deviations": {"resegmentRange": [-1, 1.5], "resegmentMode": "sigma"},
    "everything": {
        **{"normalize": True, "normalizeScale": 100, "removeOutliers": 2, "resampledPixelSpacing": [1, 1, 2]},
        **{"resegmentRange": [-1, 1], "resegmentMode": "sigma", "padDistance": 3},
    },
}


def theirs(image: sitk.Image, mask: sitk.Image, settings: dict[str, Any]) -> tuple[sitk.Image, ...]:
    """pyradiomics' image and mask, and what it crops out of image, mask and mask for shape."""
    from radiomics import imageoperations
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    chosen = RadiomicsFeatureExtractor._getDefaultSettings() | settings
    image, mask = RadiomicsFeatureExtractor.loadImage(image, mask, None, **chosen)
    box, corrected = imageoperations.checkMask(image, mask, **chosen)
    mask = kept = mask if corrected is None else corrected
    if chosen["resegmentRange"] is not None:
        kept = imageoperations.resegmentMask(image, mask, **chosen)
        box, _ = imageoperations.checkMask(image, kept, **chosen)
    shape_mask = kept if chosen.get("resegmentShape") else mask
    cropped, inside = imageoperations.cropToTumorMask(image, kept, box)
    return image, kept, cropped, inside, imageoperations.cropToTumorMask(image, shape_mask, box)[1]


def assert_same(found: Prepared, expected: tuple[sitk.Image, ...]) -> None:
    image, mask, cropped, inside, shape_inside = (sitk.GetArrayFromImage(each) for each in expected)
    assert found.voxels.dtype == image.dtype
    np.testing.assert_array_equal(found.voxels, image)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(found.mask), mask)
    np.testing.assert_array_equal(found.voxels[found.box], cropped)
    np.testing.assert_array_equal(found.inside, inside == found.label)
    np.testing.assert_array_equal(found.shape_inside, shape_inside == found.label)
    assert found.spacing == pytest.approx(expected[0].GetSpacing()[::-1], rel=1e-15)
    assert found.image.GetOrigin() == pytest.approx(expected[0].GetOrigin(), abs=1e-9)
    assert found.image.GetDirection() == pytest.approx(expected[0].GetDirection(), abs=1e-15)


def pair_of(mask: NDArray[Any], kind: str = "int16", direction: tuple[float, ...] | None = None) -> Pair:
    """Noise and a mask on one grid with spacing (0.9, 0.7, 2.5)."""
    image = sitk.GetImageFromArray(np.random.default_rng(6).normal(30, 200, mask.shape).astype(kind))
    label = sitk.GetImageFromArray(mask.astype(np.uint8))
    for each in (image, label):
        each.SetSpacing((0.9, 0.7, 2.5))
        each.SetOrigin((3.0, -100.0, 7.5))
        each.SetDirection(direction or np.eye(3).ravel().tolist())
    return image, label


@pytest.mark.parametrize("direction", [None, OBLIQUE], ids=["straight", "oblique"])
@pytest.mark.parametrize("kind", ["int16", "float32", "float64"])
@pytest.mark.parametrize("name", SETTINGS)
def test_the_image_and_mask_of_pyradiomics(
    name: str, kind: str, direction: tuple[float, ...] | None, blob: NDArray[np.bool_]
) -> None:
    image, mask = pair_of(blob, kind, direction)
    assert_same(prepare(image, mask, SETTINGS[name]), theirs(image, mask, SETTINGS[name]))


@pytest.mark.parametrize("name", ["defaults", "finer", "coarser", "cropped", "everything"])
def test_a_mask_at_the_border(name: str, blob: NDArray[np.bool_]) -> None:
    near = np.zeros((9, 10, 11), bool)
    near[:5, 4:, :3] = near[0, 0, 0] = near[-1, -1, -1] = True
    image, mask = pair_of(near)
    assert_same(prepare(image, mask, SETTINGS[name]), theirs(image, mask, SETTINGS[name]))


def test_one_slice_keeps_its_thickness() -> None:
    flat = np.zeros((6, 9, 9), bool)
    flat[3, 2:7, 3:8] = True
    image, mask = pair_of(flat)
    settings = {"resampledPixelSpacing": [1, 1, 1], "interpolator": "sitkLinear"}
    found = prepare(image, mask, settings)
    assert found.spacing[0] == 2.5
    assert_same(found, theirs(image, mask, settings))


def test_other_labels_and_components(blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob * 3 + ~blob * 1)
    assert_same(prepare(image, mask, {"label": 3}), theirs(image, mask, {"label": 3}))
    both = sitk.Compose(mask == 1, mask == 3)
    settings = {"label_channel": 1}
    assert_same(prepare(image, both, settings), theirs(image, both, settings))


def test_shape_sees_the_old_mask_in_the_new_box(blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob)
    found = prepare(image, mask, {"resegmentRange": [0]})
    assert found.shape_inside.sum() > found.inside.sum()
    new = prepare(image, mask, {"resegmentRange": [0], "resegmentShape": True})
    assert np.array_equal(new.shape_inside, new.inside)


def shifted(mask: sitk.Image, by: float) -> sitk.Image:
    moved = sitk.Image(mask)
    moved.SetOrigin([at + by for at in mask.GetOrigin()])
    return moved


@pytest.mark.parametrize(("by", "settings"), [(5e-7, {}), (1e-3, {"geometryTolerance": 0.01})], ids=str)
def test_grids_may_differ_by_rounding(by: float, settings: dict[str, Any], blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob)
    assert prepare(image, shifted(mask, by), settings).inside.sum() == blob.sum()


def larger(mask: sitk.Image) -> sitk.Image:
    """The same mask on a grid with two voxels more on every side."""
    return sitk.ConstantPad(mask, (2, 2, 2), (2, 2, 2), 0)


@pytest.mark.parametrize("change", [larger, lambda mask: shifted(mask, 0.2)], ids=["larger", "shifted"])
def test_a_mask_on_another_grid(change: Callable[[sitk.Image], sitk.Image], blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob)
    other = change(mask)
    with pytest.raises(CaseError, match="of image and mask differ") as caught:
        prepare(image, other, {}, "nodule-3")
    assert "correctMask" in caught.value.hint
    assert_same(prepare(image, other, {"correctMask": True}), theirs(image, other, {"correctMask": True}))


def refused() -> dict[str, tuple[NDArray[Any], dict[str, Any], str]]:
    box = np.zeros((7, 8, 9), np.uint8)
    box[2:5, 2:5, 2:5] = 1
    line, voxel = np.zeros_like(box), np.zeros_like(box)
    line[3, 3, 2:6] = voxel[3, 3, 3] = 1
    return {
        "empty": (box * 0, {}, "no label in the mask, which is 0 everywhere"),
        "full": (box * 0 + 1, {}, "no label in the mask, which is 1 everywhere"),
        "another label": (box * 4, {}, "label 1 is not in the mask, which has 4"),
        "one voxel": (voxel, {}, "only contains 1 segmented voxel"),
        "a line": (line, {}, "too few dimensions: 1, required are 2"),
        "too flat": (
            box * (np.arange(7) == 3)[:, None, None],
            {"minimumROIDimensions": 3},
            "too few dimensions: 2",
        ),
        "too few": (box, {"minimumROISize": 27}, "too small: 27 voxels, required are more than 27"),
        "resegmented away": (box, {"resegmentRange": [1e6]}, "resegmentation leaves 0 of 27 voxels"),
        "vanished": (voxel, {"resampledPixelSpacing": [1, 1, 1]}, "only contains 1 segmented voxel"),
    }


@pytest.mark.parametrize("name", refused())
def test_what_both_refuse(name: str) -> None:
    voxels, settings, reason = refused()[name]
    image, mask = pair_of(voxels)
    with pytest.raises((ValueError, RuntimeError)):
        theirs(image, mask, settings)
    with pytest.raises(CaseError, match=reason) as caught:
        prepare(image, mask, settings, "nodule-3")
    assert caught.value.message.startswith("case nodule-3: cannot be measured: ")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"resegmentRange": [1, 2, 3]}, "resegmentRange has 3 numbers"),
        ({"resegmentRange": [1], "resegmentMode": "rank"}, "unknown resegmentMode 'rank'"),
        ({"resampledPixelSpacing": [1, 1]}, "resampledPixelSpacing has 2 numbers"),
    ],
    ids=str,
)
def test_wrong_settings(settings: dict[str, Any], reason: str, blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob)
    with pytest.raises(CaseError, match=reason):
        prepare(image, mask, settings, "nodule-3")


def test_a_region_outside_the_image(blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob)
    far = shifted(mask, 50)
    for settings in ({"correctMask": True}, {"resampledPixelSpacing": [1, 1, 1]}):
        with pytest.raises(ValueError, match="larger than image space"):
            theirs(image, far, settings)
        with pytest.raises(CaseError, match="outside the image"):
            prepare(image, far, settings)


def test_a_component_that_is_not_there(blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob)
    with pytest.raises(CaseError, match="label_channel 2 is not in the mask, which has 2"):
        prepare(image, sitk.Compose(mask, mask), {"label_channel": 2})


def test_two_axes_are_refused(blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob)
    with pytest.raises(CaseError, match="three axes"):
        prepare(image[:, :, 4], mask[:, :, 4], {})


def test_the_defaults_are_pyradiomics() -> None:
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    there = RadiomicsFeatureExtractor._getDefaultSettings()
    assert dict(DEFAULTS) == {
        name: value for name, value in there.items() if name not in ("additionalInfo", "distances")
    }


def test_the_pair_is_left_as_it_was(blob: NDArray[np.bool_]) -> None:
    image, mask = pair_of(blob)
    before = sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(mask)
    prepare(image, mask, SETTINGS["everything"])
    assert np.array_equal(sitk.GetArrayFromImage(image), before[0])
    assert np.array_equal(sitk.GetArrayFromImage(mask), before[1])


@pytest.mark.parametrize("case", ["brain1", "brain2", "breast1"])
@pytest.mark.parametrize("name", ["defaults", "coarser", "finer", "everything"])
def test_real_images(case: str, name: str, shared_data: Path) -> None:
    folder = shared_data / "pyradiomics"
    image, mask = (sitk.ReadImage(str(folder / f"{case}_{part}.nrrd")) for part in ("image", "label"))
    assert_same(prepare(image, mask, SETTINGS[name]), theirs(image, mask, SETTINGS[name]))
