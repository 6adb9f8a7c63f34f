"""What a reading does to masks: brought onto another grid, several labels, fractions, the tolerance."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.reading import examine, read_region
from radcompare.reading_settings import Reading
from radcompare.tables.case import Case

SHAPE = (8, 14, 16)


def write(
    path: Path,
    voxels: NDArray[np.generic],
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0),
    spacing: tuple[float, float, float] = (1.0, 1.0, 2.0),
) -> Path:
    image = sitk.GetImageFromArray(voxels)
    image.SetOrigin(origin)
    image.SetSpacing(spacing)
    sitk.WriteImage(image, str(path))
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return write(tmp_path / "image.nrrd", np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE))


def labels() -> NDArray[np.uint8]:
    made = np.zeros(SHAPE, dtype=np.uint8)
    made[2:6, 4:10, 5:9] = 1
    made[2:6, 4:10, 9:12] = 2
    return made


def read(image: Path, mask: Path, label: int | None = None, **reading: Any) -> Any:
    return read_region(Case("a", image, mask, label, reading=Reading(**reading)))


class TestOtherGrids:
    def test_are_refused_with_what_to_do(self, image: Path, tmp_path: Path) -> None:
        mask = write(tmp_path / "part.nrrd", labels()[1:7], origin=(0.0, 0.0, 2.0))
        with pytest.raises(CaseError, match=r"size \(16, 14, 8\) against \(16, 14, 6\)") as caught:
            read(image, mask, 1)
        assert "--reading resample_mask=true" in caught.value.hint

    def test_are_brought_onto_the_image(self, image: Path, tmp_path: Path) -> None:
        mask = write(tmp_path / "part.nrrd", labels()[1:7], origin=(0.0, 0.0, 2.0))
        region = read(image, mask, 2, resample_mask=True)
        np.testing.assert_array_equal(region.mask, labels() == 2)
        assert region.facts["label"] == 2
        assert region.facts["mask_resampled"].startswith("size (16, 14, 8) against (16, 14, 6); origin")

    def test_finer_masks_too(self, image: Path, tmp_path: Path) -> None:
        fine = (labels() == 1).astype(np.uint8).repeat(2, axis=0)
        mask = write(tmp_path / "fine.nrrd", fine, origin=(0.0, 0.0, -0.5), spacing=(1.0, 1.0, 1.0))
        region = read(image, mask, resample_mask=True)
        # A centre of the image lies between two fine slices of the same value.
        np.testing.assert_array_equal(region.mask, labels() == 1)

    def test_nothing_on_the_image_is_an_error(self, image: Path, tmp_path: Path) -> None:
        mask = write(tmp_path / "far.nrrd", labels(), origin=(500.0, 0.0, 0.0))
        with pytest.raises(CaseError, match=r"nothing of the region in .*far\.nrrd lies on the image"):
            read(image, mask, 1, resample_mask=True)

    def test_the_same_grid_is_not_resampled(self, image: Path, tmp_path: Path) -> None:
        region = read(image, write(tmp_path / "m.nrrd", labels()), 1, resample_mask=True)
        assert "mask_resampled" not in region.facts

    @pytest.mark.parametrize(("shift", "tolerance", "same"), [(0.01, 0.02, True), (0.03, 0.02, False)])
    def test_within_the_tolerance_they_are_the_same(
        self, image: Path, tmp_path: Path, shift: float, tolerance: float, same: bool
    ) -> None:
        mask = write(tmp_path / "m.nrrd", labels(), origin=(shift, 0.0, 0.0))
        found = examine(Case("a", image, mask, 1, reading=Reading(tolerance=tolerance)))[0]
        assert [p.severity for p in found] == ([] if same else ["error"])


class TestSeveralLabels:
    def test_are_refused_or_taken_together(self, image: Path, tmp_path: Path) -> None:
        mask = write(tmp_path / "m.nrrd", labels())
        with pytest.raises(CaseError, match=r"several labels: 1 .*, 2") as caught:
            read(image, mask)
        assert "--reading labels=union" in caught.value.hint
        np.testing.assert_array_equal(read(image, mask, labels="union").mask, labels() > 0)

    def test_one_of_them_goes_before_all(self, image: Path, tmp_path: Path) -> None:
        region = read(image, write(tmp_path / "m.nrrd", labels()), 2, labels="union")
        np.testing.assert_array_equal(region.mask, labels() == 2)


class TestFractions:
    def test_are_cut_where_asked(self, image: Path, tmp_path: Path) -> None:
        share = np.random.default_rng(1).random(SHAPE).astype(np.float32)
        share[0, 0, :3] = (0.25, 0.5, 1.0)
        mask = write(tmp_path / "p.nrrd", share)
        for threshold in (0.25, 0.5, 1.0):
            region = read(image, mask, threshold=threshold)
            np.testing.assert_array_equal(region.mask, share >= threshold)

    def test_are_refused_otherwise(self, image: Path, tmp_path: Path) -> None:
        mask = write(tmp_path / "p.nrrd", np.full(SHAPE, 0.3, dtype=np.float32))
        with pytest.raises(CaseError, match=r"no whole numbers, such as 0\.3") as caught:
            read(image, mask)
        assert "--reading threshold=0.5" in caught.value.hint

    @pytest.mark.parametrize("value", [1.5, -0.5, np.nan])
    def test_values_beyond_one_are_no_fractions(self, image: Path, tmp_path: Path, value: float) -> None:
        share = np.full(SHAPE, 0.3)
        share[0, 0, 0] = value
        with pytest.raises(CaseError, match="and a threshold of fractions was given"):
            read(image, write(tmp_path / "p.nrrd", share), threshold=0.5)


def test_a_nan_that_resampling_spreads_into_the_region_is_refused(image: Path, tmp_path: Path) -> None:
    """Beside the region it does no harm, but between it and a new voxel it does."""
    pixels = np.random.default_rng(2).normal(size=SHAPE)
    pixels[2:6, 4:10, 12] = np.nan
    holed = write(tmp_path / "holed.nrrd", pixels)
    mask = write(tmp_path / "m.nrrd", labels())
    assert np.isfinite(read(holed, mask, 2).image[labels() == 2]).all()
    with pytest.raises(CaseError, match="NaN or infinite"):
        read(holed, mask, 2, spacing=0.8)


def test_facts_of_a_case(image: Path, tmp_path: Path) -> None:
    region = read(image, write(tmp_path / "m.mha", labels()), 1)
    assert region.facts == {
        "image_format": "NRRD",
        "mask_format": "MetaImage",
        "label": 1,
        "modality": "",
        "size": "16 x 14 x 8",
        "spacing_mm": "1 x 1 x 2",
        "voxels": 96,
    }
