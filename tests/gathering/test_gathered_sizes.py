"""Sizes from headers are those that SimpleITK reads."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from radcompare.gathering.sizes import size_of


def read(path: Path) -> tuple[int, ...]:
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    return tuple(reader.GetSize()) + (1,) * (3 - reader.GetDimension())


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd"])
@pytest.mark.parametrize("shape", [(3, 4, 5), (4, 5)])
def test_volumes(tmp_path: Path, suffix: str, shape: tuple[int, ...]) -> None:
    path = tmp_path / f"a{suffix}"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros(shape, np.int16)), str(path))
    assert size_of(path) == read(path) == (5, 4, 3 if len(shape) == 3 else 1)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp"])
def test_pictures(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((7, 9, 3), np.uint8), isVector=True), str(path))
    assert size_of(path) == read(path) == (9, 7, 1)


def test_pages_of_a_tiff_are_slices(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 7, 9), np.uint8)), str(path))
    assert size_of(path) == (9, 7, 3)


def test_colours_are_no_axis(tmp_path: Path) -> None:
    path = tmp_path / "a.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 4, 5, 3), np.uint8), isVector=True), str(path))
    assert size_of(path) == (5, 4, 3)


def test_a_fourth_axis_of_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    sitk.WriteImage(sitk.JoinSeries(sitk.GetImageFromArray(np.zeros((3, 4, 5), np.uint8))), str(path))
    assert size_of(path) == (5, 4, 3)


def test_numbers_for_every_voxel_are_no_axis(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 4, 5, 2), np.float32), isVector=True), str(path))
    assert size_of(path) == (5, 4, 3)


def test_nifti_2_is_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(b"\x1c\x02\x00\x00n+2\x00" + bytes(532))
    assert size_of(tmp_path / "a.nii") is None


def test_real_files(shared_data: Path) -> None:
    files = sorted((shared_data / "pyradiomics").glob("*.nrrd")) + sorted(
        (shared_data / "awkward-masks").rglob("*.gz")
    )
    files += (
        sorted((shared_data / "busi").rglob("*.png"))[:5]
        + sorted((shared_data / "lidc-nodules").rglob("*.gz"))[:5]
    )
    assert len(files) > 20
    assert [size_of(file) for file in files] == [read(file) for file in files]
