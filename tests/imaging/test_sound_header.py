"""Headers that would end the program are refused, and those of real files are not."""

from math import inf
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from radcompare.errors import CaseError
from radcompare.imaging.sound_header import DEFLATE, LONGEST, packing, unsound
from radcompare.imaging.volume import read_volume

NRRD = (
    "NRRD0004\ntype: short\ndimension: {dimension}\nspace: {space}\nsizes: 2 2 2\nencoding: raw\n\n"
    + "\0" * 16
)
META = "{more}NDims = {axes}\nDimSize = 2 2 2\nElementType = MET_SHORT\nElementDataFile = LOCAL\n" + "\0" * 16


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "x.nrrd",
            NRRD.format(dimension="a" * 9000, space="left"),
            "the field 'dimension' of its header has 90",
        ),
        ("x.nrrd", NRRD.format(dimension=3, space="l" * 9000), "the field 'space' of its header has 90"),
        ("x.nrrd", NRRD.format(dimension=99, space="left"), "its header says dimension '99'"),
        ("x.nrrd", NRRD.format(dimension=-3, space="left"), "its header says dimension '-3'"),
        ("x.mha", META.format(more="ObjectType = Image\n", axes=-3), "its header says NDims '-3'"),
        ("x.mha", META.format(more="\ufeffObjectType = Image\n", axes=255), "its header says NDims '255'"),
        ("x.mha", META.format(more="", axes="1" * 400), "its header says NDims '1111"),
    ],
)
def test_are_refused(tmp_path: Path, name: str, content: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        read_volume("a", path)
    assert caught.value.message.startswith(f"case a: {path} cannot be read as an image ({words}")
    assert caught.value.hint


@pytest.mark.parametrize("suffix", ["nrrd", "mha", "mhd"])
def test_what_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    path = tmp_path / f"x.{suffix}"
    sitk.WriteImage(sitk.GetImageFromArray(voxels), str(path))
    assert unsound(path) is None
    np.testing.assert_array_equal(read_volume("a", path).voxels, voxels)


def test_long_comments_and_keys_of_a_users_own_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.nrrd"
    head = f"NRRD0004\n# {'c' * 5000}\nSegment0_Tags:={'t' * (LONGEST + 5)}\ntype: short\ndimension: 3\n\n"
    path.write_text(head + "x" * 3000, encoding="utf-8")
    assert unsound(path) is None


def zeros(path: Path, sides: list[int], compress: bool = True) -> Path:
    sitk.WriteImage(sitk.Image(sides, sitk.sitkUInt8), str(path), compress)
    return path


class TestMoreThanItHolds:
    @pytest.mark.parametrize("suffix", ["nrrd", "mha"])
    def test_gigabytes_over_a_few_bytes_are_refused(self, tmp_path: Path, suffix: str) -> None:
        path = zeros(tmp_path / f"x.{suffix}", [4, 4, 4])
        content = path.read_bytes()
        for name in (b"sizes: ", b"DimSize = "):
            content = content.replace(name + b"4 4 4", name + b"4000 4000 400")
        path.write_bytes(content)
        with pytest.raises(CaseError, match="declares 6,400,000,000 bytes of voxels in a file of"):
            read_volume("a", path)

    @pytest.mark.slow
    @pytest.mark.parametrize("suffix", ["nrrd", "mha", "nii.gz"])
    def test_an_empty_mask_of_half_a_gigabyte_is_read(self, tmp_path: Path, suffix: str) -> None:
        """Nothing packs better, and such a mask says by itself that it is empty."""
        path = zeros(tmp_path / f"x.{suffix}", [800, 800, 800])
        assert path.stat().st_size * 900 < 800**3
        assert read_volume("a", path).voxels.shape == (800, 800, 800)

    def test_voxels_in_another_file_are_not_held_against_the_header(self, tmp_path: Path) -> None:
        for suffix in ("mhd", "nhdr"):
            assert packing(zeros(tmp_path / f"x.{suffix}", [4, 4, 4], compress=False)) == inf
        for suffix in ("mha", "nrrd"):
            assert packing(zeros(tmp_path / f"x.{suffix}", [4, 4, 4])) == DEFLATE
