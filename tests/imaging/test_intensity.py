"""The rule that every kind of image gets, and black and white against numpy and arithmetic."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray
from PIL import Image

from radcompare.errors import CaseError
from radcompare.imaging.intensity import bounds, chosen
from radcompare.imaging.reading import read_region
from radcompare.imaging.region import Region
from radcompare.tables.case import Case

HOUNSFIELD = "-1000:400"


def region_of(
    image: NDArray[np.generic] | None = None, mask: NDArray[np.bool_] | None = None, modality: str = ""
) -> Region:
    image = np.zeros((1, 2, 2)) if image is None else image
    mask = np.ones(image.shape, dtype=bool) if mask is None else mask
    return Region("case 7", image, mask, (1.0, 1.0, 1.0), modality=modality)


def picture(modality: str = "", *, eight_bits: bool) -> Region:
    return Region(
        "case 7",
        np.zeros((1, 2, 2)),
        np.ones((1, 2, 2), dtype=bool),
        (1.0, 1.0, 1.0),
        picture="PNG",
        eight_bits=eight_bits,
        modality=modality,
    )


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (region_of(modality="CT"), HOUNSFIELD),
        (region_of(modality="ct"), HOUNSFIELD),
        (region_of(), HOUNSFIELD),
        (region_of(modality="MR"), "percentile"),
        (region_of(modality="FLAIR"), "percentile"),
        (region_of(modality="PT"), "percentile"),
        (picture(eight_bits=True), "0:255"),
        (picture("US", eight_bits=True), "0:255"),
        (picture(eight_bits=False), "percentile"),
        (picture("DX", eight_bits=False), "percentile"),
    ],
    ids=[
        *("CT", "ct", "nothing known", "MR", "a sequence", "PET"),
        *("8-bit picture", "8-bit ultrasound", "16-bit picture", "16-bit radiograph"),
    ],
)
def test_auto_goes_by_what_is_known(region: Region, expected: str) -> None:
    assert chosen(region, "auto") == expected
    assert chosen(region, {"other": "auto"}) == expected


def write_png(path: Path, pixels: NDArray[np.generic]) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def test_auto_goes_by_what_a_file_is(tmp_path: Path) -> None:
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4)
    mask = write_png(tmp_path / "mask.png", np.full((4, 4), 255, dtype=np.uint8))
    volume_mask = tmp_path / "mask.nii.gz"
    sitk.WriteImage(sitk.GetImageFromArray(np.ones((2, 4, 4), dtype=np.uint8)), str(volume_mask))
    volume = tmp_path / "volume.nii.gz"
    sitk.WriteImage(sitk.GetImageFromArray(np.stack([pixels, pixels]).astype(np.int16)), str(volume))
    files = {
        write_png(tmp_path / "grey.png", pixels): (mask, "0:255"),
        write_png(tmp_path / "colour.png", np.stack([pixels] * 3, axis=-1)): (mask, "0:255"),
        write_png(tmp_path / "deep.png", pixels.astype(np.uint16) * 500): (mask, "percentile"),
        volume: (volume_mask, HOUNSFIELD),
    }
    found = {
        image.name: chosen(read_region(Case("a", image, mask)), "auto") for image, (mask, _) in files.items()
    }
    assert found == {image.name: rule for image, (_, rule) in files.items()}


@pytest.mark.parametrize("rule", ["-160:240", "percentile"])
@pytest.mark.parametrize("modality", ["CT", "MR", ""])
def test_one_rule_is_for_every_modality(rule: str, modality: str) -> None:
    assert chosen(region_of(modality=modality), rule) == rule


@pytest.mark.parametrize(
    ("modality", "expected"),
    [
        ("CT", "-160:240"),
        ("ct", "-160:240"),
        ("MR", "percentile"),
        ("mr", "percentile"),
        ("PT", "0:20"),
        ("", "0:20"),
    ],
)
def test_rules_by_modality_are_found_in_any_case(modality: str, expected: str) -> None:
    rules = {"CT": "-160:240", "mr": "percentile", "Other": "0:20"}
    assert chosen(region_of(modality=modality), rules) == expected


def test_a_modality_may_be_left_to_what_is_known() -> None:
    rules = {"CT": "auto", "MR": "auto", "other": "0:1"}
    assert [chosen(region_of(modality=each), rules) for each in ("CT", "MR", "PT")] == [
        HOUNSFIELD,
        "percentile",
        "0:1",
    ]


@pytest.mark.parametrize(
    ("modality", "said"), [("PT", "its modality is PT"), ("", "its modality is not given")]
)
def test_a_modality_without_a_rule_is_named_with_those_that_have_one(modality: str, said: str) -> None:
    with pytest.raises(CaseError, match=f"case 7: {said}, and intensity has rules for CT, MR") as caught:
        chosen(region_of(modality=modality), {"CT": "-160:240", "MR": "percentile"})
    assert "add a rule for it, or one for other" in caught.value.hint


def test_a_fixed_range_is_taken_as_it_is_whatever_the_image_holds() -> None:
    image = np.array([[[np.nan, 3e5], [-7.0, np.inf]]])
    assert bounds(region_of(image), "-160:240.5") == (-160.0, 240.5)
    assert bounds(region_of(image), "1e3:2e3") == (1000.0, 2000.0)


def test_percentiles_of_the_numbers_from_0_to_100_are_1_and_99() -> None:
    values = np.random.default_rng(0).permutation(101).reshape(1, 1, 101).astype(np.int16)
    assert bounds(region_of(values), "percentile") == (1.0, 99.0)
    assert bounds(region_of(values * 10 - 500), "percentile") == (-490.0, 490.0)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int16, np.uint8])
def test_percentiles_are_numpys_inside_the_mask(kind: type[np.generic]) -> None:
    rng = np.random.default_rng(1)
    image = rng.uniform(0, 120, (3, 8, 9)).astype(kind)
    mask = rng.random(image.shape) < 0.3
    expected = np.percentile(image[mask].astype(np.float64), [1, 99])
    everywhere = np.percentile(image.astype(np.float64), [1, 99])
    found = bounds(region_of(image, mask), "percentile")
    assert found == tuple(expected)
    assert found != tuple(everywhere)


def test_what_lies_outside_the_mask_is_nothing_to_percentiles() -> None:
    image = np.arange(101.0).reshape(1, 1, 101)
    beside = np.array([[[np.nan, -1e6, np.inf]]])
    image = np.concatenate([image, beside], axis=2)
    mask = np.arange(104).reshape(1, 1, 104) < 101
    assert bounds(region_of(image, mask), "percentile") == (1.0, 99.0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_percentiles_refuse_voxels_inside_the_mask_that_are_not_finite(value: float) -> None:
    image = np.arange(101.0).reshape(1, 1, 101)
    image[0, 0, 50] = value
    with pytest.raises(
        CaseError, match="case 7: the image has voxels inside the mask that are not finite"
    ) as caught:
        bounds(region_of(image), "percentile")
    assert "replace NaN and infinite voxels" in caught.value.hint


def test_percentiles_refuse_a_flat_region() -> None:
    image = np.full((1, 4, 4), -12.5)
    image[0, 0, 0] = 300.0
    mask = np.ones(image.shape, dtype=bool)
    mask[0, 0, 0] = False
    with pytest.raises(CaseError, match=r"case 7: the 1st and 99th .* are both -12\.5") as caught:
        bounds(region_of(image, mask), "percentile")
    assert "LOW:HIGH" in caught.value.hint


def test_percentiles_refuse_a_region_that_is_flat_but_for_a_few_voxels() -> None:
    image = np.zeros((1, 1, 1001))
    image[0, 0, :9] = 5.0  # 0.9 % of the voxels
    with pytest.raises(CaseError, match=r"are both 0\b"):
        bounds(region_of(image), "percentile")
    image[0, 0, :12] = 5.0  # 1.2 %: the 99th percentile is the voxel of rank 990 of 0 to 1000
    assert bounds(region_of(image), "percentile") == (0.0, 5.0)


def test_a_picture_holds_no_hounsfield_units_whatever_it_was_made_from(tmp_path: Path) -> None:
    path, mask = tmp_path / "ct.png", tmp_path / "mask.png"
    Image.fromarray(np.arange(16, dtype=np.uint8).reshape(4, 4)).save(path)
    Image.fromarray(np.full((4, 4), 255, dtype=np.uint8)).save(mask)
    assert chosen(replace(read_region(Case("a", path, mask, None)), modality="CT"), "auto") == "0:255"
