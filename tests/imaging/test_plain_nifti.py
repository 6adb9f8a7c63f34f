"""Plain NIfTI files: what SimpleITK reads, to the last bit; and which files are left to it."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.geometry import Grid
from radcompare.imaging.plain_nifti import read_plain
from radcompare.imaging.volume import read_volume

TYPES = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.float32, np.float64)
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
SIGNS = [
    (x, 0.0, 0.0, 0.0, y, 0.0, 0.0, 0.0, z) for x in (1.0, -1.0) for y in (1.0, -1.0) for z in (1.0, -1.0)
]
HEADER = 352


def written(
    path: Path,
    kind: type = np.int16,
    direction: tuple[float, ...] = IDENTITY,
    shape: tuple[int, ...] = (3, 4, 5),
) -> Path:
    voxels = np.random.default_rng(5).integers(0, 100, shape).astype(kind)
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((0.7, 0.976562, 2.5))
    image.SetOrigin((-100.25, 30.7, -0.1))
    image.SetDirection(direction)
    sitk.WriteImage(image, str(path), useCompression=path.suffix == ".gz")
    return path


def assert_as_simpleitk(path: Path) -> None:
    found = read_plain(path)
    assert found is not None
    voxels, grid = found
    image = sitk.ReadImage(str(path))
    expected: NDArray[np.generic] = sitk.GetArrayFromImage(image)
    assert voxels.dtype == expected.dtype
    np.testing.assert_array_equal(voxels, expected)
    assert grid == Grid.of(image)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("suffix", ["nii", "nii.gz"])
def test_every_pixel_type(tmp_path: Path, kind: type, suffix: str) -> None:
    assert_as_simpleitk(written(tmp_path / f"image.{suffix}", kind))


@pytest.mark.parametrize("direction", SIGNS, ids=lambda d: str(d[::4]))
def test_every_axis_may_be_turned(tmp_path: Path, direction: tuple[float, ...]) -> None:
    assert_as_simpleitk(written(tmp_path / "image.nii.gz", direction=direction))


def changed(path: Path, at: int, code: str, *values: float) -> None:
    data = bytearray(path.read_bytes())
    struct.pack_into(f"<{code}", data, at, *values)
    path.write_bytes(bytes(data))


def swap(path: Path) -> None:
    """The same file in the other byte order."""
    data = bytearray(path.read_bytes())
    for at, code in ((0, "i"), (40, "8h"), (68, "4h"), (76, "8f"), (108, "3f"), (252, "2h"), (256, "18f")):
        struct.pack_into(f">{code}", data, at, *struct.unpack_from(f"<{code}", data, at))
    data[HEADER:] = np.frombuffer(bytes(data[HEADER:]), "<i2").astype(">i2").tobytes()
    path.write_bytes(bytes(data))


def rows_that_agree(path: Path) -> None:
    """The matrix beside the quaternion, as many programs write both."""
    data = path.read_bytes()
    x, y, z = struct.unpack_from("<3f", data, 80)
    a, b, c = struct.unpack_from("<3f", data, 268)
    changed(path, 254, "h", 1)
    changed(path, 280, "12f", -x, 0, 0, a, 0, -y, 0, b, 0, 0, z, c)


@pytest.mark.parametrize("change", [swap, rows_that_agree, lambda path: changed(path, 112, "2f", 0, 0)])
def test_other_ways_to_say_the_same(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = written(tmp_path / "image.nii")
    change(path)
    assert_as_simpleitk(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: changed(path, 112, "2f", 2, 0),  # a scale factor
        lambda path: changed(path, 112, "2f", 0, 7),
        lambda path: changed(path, 123, "b", 3),  # micrometres
        lambda path: changed(path, 252, "h", 0),  # no orientation
        lambda path: changed(path, 280, "f", 9),  # two orientations that differ
        lambda path: changed(path, 70, "h", 32),  # complex numbers
        lambda path: changed(path, 80, "f", -1),  # a negative spacing
        lambda path: changed(path, 256, "f", 0.1),  # an oblique axis
        lambda path: path.write_bytes(path.read_bytes()[:-1]),  # truncated
        lambda path: path.write_bytes(gzip.compress(path.read_bytes())[:-20]),
        lambda path: path.write_bytes(b""),
    ],
)
def test_what_is_not_plain_is_left_to_simpleitk(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = written(tmp_path / "image.nii")
    change(path)
    assert read_plain(path) is None


@pytest.mark.parametrize("shape", [(4, 5), (1, 4, 5), (2, 3, 4, 5)])
def test_three_axes_of_more_than_one_slice(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tmp_path / "image.nii"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros(shape, np.int16), isVector=False), str(path))
    assert read_plain(path) is None


def test_every_shared_file(shared_data: Path) -> None:
    files = sorted(shared_data.rglob("*.nii.gz"))
    assert len(files) > 700
    for path in files[::7]:
        assert_as_simpleitk(path)


def test_other_formats_are_left_to_simpleitk(tmp_path: Path) -> None:
    for suffix in ("nrrd", "mha"):
        assert read_plain(written(tmp_path / f"image.{suffix}")) is None


def test_only_so_much_is_unpacked_as_the_header_declares(tmp_path: Path) -> None:
    """A few bytes may unpack to gigabytes after the voxels; the sum over them cannot be had then."""
    path = written(tmp_path / "a.nii.gz")
    voxels, grid = read_plain(path) or pytest.fail("not plain")
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(content + bytes(1 << 20)))
    found = read_plain(path) or pytest.fail("not plain")
    np.testing.assert_array_equal(found[0], voxels)
    assert found[1] == grid
    path.write_bytes(gzip.compress(content + bytes(1 << 23)))
    assert read_plain(path) is None
    np.testing.assert_array_equal(read_volume("a", path).voxels, voxels)


@pytest.mark.parametrize("at", [-8, -4])
def test_a_sum_that_is_wrong_is_told_by_the_other_reader(tmp_path: Path, at: int) -> None:
    path = written(tmp_path / "a.nii.gz")
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    assert read_plain(path) is None
    with pytest.raises(CaseError, match="is truncated: the compressed data are damaged"):
        read_volume("a", path)
