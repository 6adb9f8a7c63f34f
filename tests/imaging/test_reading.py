"""Files to regions: every format comes back as written, and every broken input is refused with its reason."""

import csv
import gzip
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.reading import examine, read_region
from radcompare.imaging.suspicions import suspicions
from radcompare.tables.case import Case, Problem

SPACING = (0.703125, 0.78125, 2.5)  # exact in the single precision of NIfTI
ORIGIN = (-120.5, 33.25, -80.0)
FLIPPED = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0)
SHAPE = (8, 14, 16)


def write(
    path: Path,
    voxels: NDArray[np.generic],
    spacing: tuple[float, ...] = SPACING,
    origin: tuple[float, ...] = ORIGIN,
    direction: tuple[float, ...] = FLIPPED,
    compress: bool = False,
) -> Path:
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection(direction)
    sitk.WriteImage(image, str(path), compress)
    return path


def write_picture(path: Path, pixels: NDArray[np.generic]) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(pixels, isVector=pixels.ndim == 3), str(path))
    return path


def scan() -> NDArray[np.int16]:
    return np.random.default_rng(3).integers(-1000, 400, SHAPE).astype(np.int16)


def tumour(label: int = 1) -> NDArray[np.uint8]:
    """4 x 6 x 7 = 168 voxels, away from the border."""
    mask = np.zeros(SHAPE, dtype=np.uint8)
    mask[2:6, 4:10, 5:12] = label
    return mask


def disc() -> NDArray[np.uint8]:
    y, x = np.ogrid[:40, :50]
    return (((y - 20) ** 2 + (x - 25) ** 2 < 100) * 255).astype(np.uint8)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return write(tmp_path / "image.nii.gz", scan())


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    return write(tmp_path / "mask.nii.gz", tumour())


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write_picture(
        tmp_path / "picture.png", np.random.default_rng(4).integers(0, 256, (40, 50)).astype(np.uint8)
    )


def refusal(image: Path, mask: Path, **more: object) -> CaseError:
    """The error of a case, checked to be also what `examine` reports."""
    with pytest.raises(CaseError) as caught:
        read_region(Case("case 7", image, mask, **more))
    error = caught.value
    assert error.message.startswith("case case 7: ")
    assert error.hint
    reported = [p for p in examine(Case("case 7", image, mask, **more))[0] if p.severity == "error"]
    assert Problem("case 7", "error", error.message.removeprefix("case case 7: "), error.hint) in reported
    return error


class TestVolumes:
    @pytest.mark.parametrize("compress", [False, True])
    @pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "mha", "mhd"])
    def test_come_back_as_written(self, tmp_path: Path, suffix: str, compress: bool) -> None:
        image = write(tmp_path / f"image.{suffix}", scan(), compress=compress)
        mask = write(tmp_path / f"mask.{suffix}", tumour(), compress=compress)
        region = read_region(Case("a", image, mask))
        np.testing.assert_array_equal(region.image, scan())
        np.testing.assert_array_equal(region.mask, tumour() == 1)
        assert (region.case, region.image.dtype, region.mask.dtype) == ("a", scan().dtype, np.bool_)
        assert region.spacing == SPACING[::-1]
        assert region.origin == ORIGIN
        assert region.direction == pytest.approx(FLIPPED, rel=0, abs=1e-7)
        assert region.organ is None

    @pytest.mark.parametrize("kind", [np.int16, np.uint16, np.int32, np.float32, np.float64, np.uint8])
    def test_of_any_type(self, tmp_path: Path, mask: Path, kind: type[np.generic]) -> None:
        voxels = np.abs(scan()).astype(np.uint8).astype(kind)
        region = read_region(Case("a", write(tmp_path / "typed.nii.gz", voxels), mask))
        np.testing.assert_array_equal(region.image, voxels)

    def test_fractions_survive(self, tmp_path: Path, mask: Path) -> None:
        voxels = np.random.default_rng(0).normal(size=SHAPE)
        region = read_region(Case("a", write(tmp_path / "double.nrrd", voxels), mask))
        np.testing.assert_array_equal(region.image, voxels)

    def test_formats_may_be_mixed(self, tmp_path: Path) -> None:
        """NIfTI rounds the spacing to single precision, NRRD does not: the same grid all the same."""
        uneven, origin = (0.7123456789, 0.7123456789, 2.4999), (-211.123456789, 17.7654321, 0.1)
        image = write(tmp_path / "image.nrrd", scan(), uneven, origin)
        mask = write(tmp_path / "mask.nii.gz", tumour(), uneven, origin)
        assert read_region(Case("a", image, mask)).spacing == uneven[::-1]

    def test_a_2d_volume_is_one_slice(self, tmp_path: Path) -> None:
        flat = {"spacing": (0.5, 0.25), "origin": (3.0, 4.0), "direction": (1.0, 0.0, 0.0, 1.0)}
        image = write(tmp_path / "image.nii", scan()[4], **flat)
        region = read_region(Case("a", image, write(tmp_path / "mask.nii", tumour()[4], **flat)))
        np.testing.assert_array_equal(region.image, scan()[4:5])
        assert region.spacing == (1.0, 0.25, 0.5)
        assert region.origin == (3.0, 4.0, 0.0)

    def test_a_series_of_one_volume_is_a_volume(self, tmp_path: Path, mask: Path) -> None:
        image = sitk.ReadImage(str(write(tmp_path / "image.nii", scan())))
        sitk.WriteImage(sitk.JoinSeries([image]), str(tmp_path / "series.nii"))
        np.testing.assert_array_equal(read_region(Case("a", tmp_path / "series.nii", mask)).image, scan())

    def test_with_an_organ(self, tmp_path: Path, image: Path, mask: Path) -> None:
        organ = np.ones(SHAPE, dtype=np.uint8)
        organ[0] = 0
        region = read_region(Case("a", image, mask, organ=write(tmp_path / "organ.nii", organ)))
        np.testing.assert_array_equal(region.organ, organ == 1)


class TestPictures:
    @pytest.mark.parametrize("suffix", ["png", "tif", "tiff", "bmp"])
    def test_are_one_slice_of_a_millimetre(self, tmp_path: Path, suffix: str) -> None:
        pixels = np.random.default_rng(1).integers(0, 256, (40, 50)).astype(np.uint8)
        region = read_region(
            Case(
                "a",
                write_picture(tmp_path / f"image.{suffix}", pixels),
                write_picture(tmp_path / f"mask.{suffix}", disc()),
            )
        )
        np.testing.assert_array_equal(region.image, pixels[np.newaxis])
        np.testing.assert_array_equal(region.mask, disc()[np.newaxis] == 255)
        assert region.spacing == (1, 1, 1)

    def test_a_jpeg_image_is_what_simpleitk_decodes(self, tmp_path: Path) -> None:
        pixels = np.random.default_rng(1).integers(0, 256, (40, 50)).astype(np.uint8)
        path = write_picture(tmp_path / "image.jpg", pixels)
        region = read_region(Case("a", path, write_picture(tmp_path / "mask.png", disc())))
        np.testing.assert_array_equal(region.image[0], sitk.GetArrayFromImage(sitk.ReadImage(str(path))))

    def test_16_bits(self, tmp_path: Path) -> None:
        pixels = np.arange(2000, dtype=np.uint16).reshape(40, 50) * 30
        region = read_region(
            Case(
                "a",
                write_picture(tmp_path / "image.png", pixels),
                write_picture(tmp_path / "mask.png", disc().astype(np.uint16) * 257),
            )
        )
        np.testing.assert_array_equal(region.image[0], pixels)
        assert region.mask.sum() == (disc() > 0).sum()

    def test_dots_per_inch_are_ignored(self, tmp_path: Path) -> None:
        image = sitk.GetImageFromArray(disc())
        image.SetSpacing((0.0846, 0.0846))
        sitk.WriteImage(image, str(tmp_path / "image.tif"))
        region = read_region(Case("a", tmp_path / "image.tif", write_picture(tmp_path / "mask.png", disc())))
        assert region.spacing == (1, 1, 1)

    @pytest.mark.parametrize("channels", [3, 4])
    def test_colour_becomes_luminance(self, tmp_path: Path, channels: int) -> None:
        colour = np.random.default_rng(2).integers(0, 256, (40, 50, channels)).astype(np.uint8)
        region = read_region(
            Case(
                "a",
                write_picture(tmp_path / "image.png", colour),
                write_picture(tmp_path / "mask.png", disc()),
            )
        )
        expected = colour[..., :3].astype(float) @ [0.299, 0.587, 0.114]
        np.testing.assert_allclose(region.image[0], expected, rtol=0, atol=1e-12)

    def test_grey_saved_as_colour_keeps_its_values_exactly(self, tmp_path: Path) -> None:
        grey = np.random.default_rng(2).integers(0, 256, (40, 50)).astype(np.uint8)
        image = write_picture(tmp_path / "image.png", np.stack([grey] * 3, axis=-1))
        region = read_region(Case("a", image, write_picture(tmp_path / "mask.png", disc())))
        np.testing.assert_array_equal(region.image[0], grey)

    def test_pages_of_a_tiff_are_slices(self, tmp_path: Path) -> None:
        image = write_picture(tmp_path / "image.png", disc())
        pages = np.stack([disc(), disc() // 2, disc() // 4])
        sitk.WriteImage(sitk.GetImageFromArray(pages), str(tmp_path / "pages.tif"))
        region = read_region(Case("a", tmp_path / "pages.tif", tmp_path / "pages.tif", label=63))
        np.testing.assert_array_equal(region.image, pages)
        assert "size (50, 40, 3) against (50, 40, 1)" in refusal(tmp_path / "pages.tif", image).message


class TestLabels:
    def test_any_single_value_is_the_region(self, tmp_path: Path, image: Path) -> None:
        region = read_region(Case("a", image, write(tmp_path / "seven.nii", tumour(7))))
        assert region.mask.sum() == 168

    def test_the_label_chooses(self, tmp_path: Path, image: Path) -> None:
        two = tumour(1)
        two[0, 0, :5] = 2
        path = write(tmp_path / "two.nii", two)
        np.testing.assert_array_equal(read_region(Case("a", image, path, label=2)).mask, two == 2)
        np.testing.assert_array_equal(read_region(Case("a", image, path, label=1)).mask, two == 1)

    def test_several_without_a_label(self, tmp_path: Path, image: Path) -> None:
        two = tumour(1)
        two[0, 0, :5] = 2
        error = refusal(image, write(tmp_path / "two.nii", two))
        assert "two.nii holds several labels: 1 (168 voxels), 2 (5 voxels); expected one" in error.message
        assert "add a `Label` column" in error.hint

    def test_an_image_in_place_of_a_mask(self, image: Path) -> None:
        error = refusal(image, image)
        assert "more; expected one" in error.message
        assert error.message.count("voxels)") == 10
        assert "suggest an image" in error.hint

    @pytest.mark.parametrize("label", [2, 0])
    def test_absent(self, image: Path, mask: Path, label: int) -> None:
        error = refusal(image, mask, label=label)
        assert f"mask.nii.gz does not hold label {label}; it holds 1 (168 voxels)" in error.message

    def test_empty(self, tmp_path: Path, image: Path) -> None:
        error = refusal(image, write(tmp_path / "empty.nii", tumour(0)), label=1)
        assert "empty.nii is an empty mask" in error.message

    def test_whole_numbers_stored_as_fractions(self, tmp_path: Path, image: Path) -> None:
        off = tumour(2).astype(np.float32) * np.float32(1.0000003)
        assert read_region(Case("a", image, write(tmp_path / "float.nii", off), label=2)).mask.sum() == 168

    @pytest.mark.parametrize("value", [0.5, 1.001, np.nan, np.inf])
    def test_fractions(self, tmp_path: Path, image: Path, value: float) -> None:
        odd = tumour().astype(np.float32)
        odd[3, 5, 6:8] = value
        error = refusal(image, write(tmp_path / "soft.nii", odd))
        assert f"soft.nii holds 2 voxels that are no whole numbers, such as {value:g}" in error.message

    def test_a_mask_in_three_equal_channels(self, tmp_path: Path, picture: Path) -> None:
        colour = write_picture(tmp_path / "mask.png", np.stack([disc()] * 3, axis=-1))
        assert read_region(Case("a", picture, colour)).mask.sum() == (disc() > 0).sum()

    def test_alpha_is_ignored(self, tmp_path: Path, picture: Path) -> None:
        opaque = np.full_like(disc(), 255)
        colour = write_picture(tmp_path / "mask.png", np.stack([disc()] * 3 + [opaque], axis=-1))
        assert read_region(Case("a", picture, colour)).mask.sum() == (disc() > 0).sum()

    def test_a_coloured_mask(self, tmp_path: Path, picture: Path) -> None:
        red = np.stack([disc(), 0 * disc(), 0 * disc()], axis=-1)
        error = refusal(picture, write_picture(tmp_path / "red.png", red))
        assert "red.png is a coloured mask" in error.message

    def test_grey_edges_of_white_on_black_are_inside_and_noted(self, tmp_path: Path, picture: Path) -> None:
        soft = disc()
        soft[20, 35:37] = (128, 3)
        path = write_picture(tmp_path / "soft.png", soft)
        np.testing.assert_array_equal(read_region(Case("a", picture, path)).mask[0], soft > 0)
        (noted,) = examine(Case("a", picture, path))[0]
        assert noted.severity == "warning"
        assert "soft.png is white on black with greys between" in noted.problem

    def test_labels_in_a_picture_are_not_merged(self, tmp_path: Path, picture: Path) -> None:
        two = (disc() > 0).astype(np.uint8)
        two[:, 25:] *= 2
        path = write_picture(tmp_path / "two.png", two)
        assert "several labels: 1 (" in refusal(picture, path).message
        np.testing.assert_array_equal(read_region(Case("a", picture, path, label=2)).mask[0], two == 2)

    def test_a_blurred_jpeg_mask(self, tmp_path: Path, picture: Path) -> None:
        error = refusal(picture, write_picture(tmp_path / "mask.jpg", disc()))
        assert "is a JPEG mask with" in error.message
        assert "PNG" in error.hint


def truncated(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


class TestBrokenFiles:
    def test_missing(self, tmp_path: Path, image: Path, mask: Path) -> None:
        assert "gone.nii does not exist, expected an image" in refusal(tmp_path / "gone.nii", mask).message
        assert "gone.nii does not exist, expected an image" in refusal(image, tmp_path / "gone.nii").message

    def test_a_folder(self, tmp_path: Path, mask: Path) -> None:
        assert f"{tmp_path} is a folder" in refusal(tmp_path, mask).message

    @pytest.mark.parametrize("name", ["x.nii.gz", "x.png", "x.nrrd", "x.txt"])
    @pytest.mark.parametrize("content", [b"", b"these are words"])
    def test_not_an_image(self, tmp_path: Path, mask: Path, name: str, content: bytes) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        error = refusal(path, mask)
        assert f"{name} cannot be read as an image" in error.message
        assert "0x" not in error.message

    @pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
    @pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "mha"])
    def test_a_truncated_volume(
        self, tmp_path: Path, mask: Path, suffix: str, share: float, capfd: pytest.CaptureFixture[str]
    ) -> None:
        path = truncated(write(tmp_path / f"short.{suffix}", scan()), share)
        assert "truncated" in str(refusal(path, mask))
        assert capfd.readouterr() == ("", "")

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
    @pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp"])
    def test_a_truncated_picture(
        self, tmp_path: Path, suffix: str, share: float, capfd: pytest.CaptureFixture[str]
    ) -> None:
        colour = np.random.default_rng(2).integers(0, 256, (40, 50, 3)).astype(np.uint8)
        mask = write_picture(tmp_path / "mask.png", disc())
        path = truncated(write_picture(tmp_path / f"short.{suffix}", colour), share)
        assert "truncated" in str(refusal(path, mask))
        assert capfd.readouterr() == ("", "")

    def test_says_how_much_is_missing(self, tmp_path: Path, mask: Path) -> None:
        """352 bytes of header and 2 for each voxel."""
        path = truncated(write(tmp_path / "short.nii", scan()), 0.5)
        whole = 352 + 2 * scan().size
        assert f"it declares {whole} bytes and holds {whole // 2}" in refusal(path, mask).message

    def test_a_whole_gzip_of_a_truncated_volume(self, tmp_path: Path, mask: Path) -> None:
        short = truncated(write(tmp_path / "short.nii", scan()), 0.5).read_bytes()
        (tmp_path / "short.nii.gz").write_bytes(gzip.compress(short))
        assert "is truncated: it declares" in refusal(tmp_path / "short.nii.gz", mask).message

    def test_a_flipped_bit(self, tmp_path: Path, mask: Path) -> None:
        path = write(tmp_path / "bit.nii.gz", scan())
        data = bytearray(path.read_bytes())
        data[-6] ^= 1  # in the checksum of the gzip trailer
        path.write_bytes(data)
        assert "damaged" in refusal(path, mask).message

    @pytest.mark.parametrize("order", ["<", ">"])
    def test_either_byte_order(self, tmp_path: Path, mask: Path, order: str) -> None:
        voxels = scan().astype(np.float32)
        voxels[0, 1, 2] = np.nan
        path = write_nifti(tmp_path / "bytes.nii", voxels, order)
        np.testing.assert_array_equal(read_region(Case("a", path, mask)).image, voxels)
        whole = 352 + 4 * voxels.size
        error = refusal(truncated(path, 0.5), mask)
        assert f"it declares {whole} bytes and holds {whole // 2}" in error.message

    def test_a_damaged_jpeg_prints_nothing(self, tmp_path: Path) -> None:
        """libjpeg complains on standard output, buffered, where tables go: a process of its own shows it."""
        pixels = np.random.default_rng(1).integers(0, 256, (40, 50)).astype(np.uint8)
        path = write_picture(tmp_path / "damaged.jpg", pixels)
        data = bytearray(path.read_bytes())
        middle = len(data) // 2
        data[middle : middle + 40] = bytes(40)
        path.write_bytes(data)
        mask = write_picture(tmp_path / "mask.png", disc())
        program = (
            "import sys; from pathlib import Path; from radcompare.imaging.reading import read_region;"
            "from radcompare.tables.case import Case;"
            "read_region(Case('a', Path(sys.argv[1]), Path(sys.argv[2]))); print('read')"
        )
        arguments = [sys.executable, "-c", program, str(path), str(mask)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == ("read\n", "")

    def test_a_mask_that_cannot_be_read_does_not_hide_the_image(self, tmp_path: Path) -> None:
        found = examine(Case("a", tmp_path / "no-image.nii", tmp_path / "no-mask.nii"))[0]
        assert [p.problem.split()[0] for p in found] == [
            str(tmp_path / "no-image.nii"),
            str(tmp_path / "no-mask.nii"),
        ]


def write_nifti(path: Path, voxels: NDArray[np.float32], order: str) -> Path:
    """A NIfTI-1 file of floats byte by byte (nifti1.h), on the grid of `write`."""
    header = bytearray(352)
    x, y, z = ORIGIN
    fields: dict[int, tuple[str, tuple[float, ...]]] = {
        0: ("i", (348,)),
        40: ("8h", (3, *voxels.shape[::-1], 1, 1, 1, 1)),
        70: ("2h", (16, 32)),
        76: ("8f", (-1, *SPACING, 1, 1, 1, 1)),
        108: ("f", (352,)),
        252: ("2h", (1, 0)),  # by quaternion, in RAS: x and y change sign
        256: ("6f", (0, 1, 0, -x, -y, z)),
    }
    for offset, (layout, values) in fields.items():
        struct.pack_into(order + layout, header, offset, *values)
    header[344:348] = b"n+1\0"
    path.write_bytes(bytes(header) + voxels.astype(f"{order}f4").tobytes())
    return path


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"spacing": (0.703125, 0.78125, 2.0)}, "spacing (0.703125, 0.78125, 2.5) against"),
            (
                {"origin": (-120.5, 33.25, -77.5)},
                "origin (-120.5, 33.25, -80) against (-120.5, 33.25, -77.5)",
            ),
            ({"direction": tuple(np.eye(3).ravel())}, "direction (1, 0, 0, 0, -1, 0, 0, 0, 1) against"),
        ],
    )
    def test_another_geometry(
        self, tmp_path: Path, image: Path, change: dict[str, object], said: str
    ) -> None:
        moved = write(tmp_path / "moved.nii.gz", tumour(), **change)
        error = refusal(image, moved)
        assert f"moved.nii.gz does not lie on the grid of {image}: {said}" in error.message.replace(
            "-0,", "0,"
        )
        assert "nearest-neighbour" in error.hint

    def test_another_size(self, tmp_path: Path, image: Path) -> None:
        small = write(tmp_path / "small.nii.gz", tumour()[:-1])
        assert "size (16, 14, 8) against (16, 14, 7)" in refusal(image, small).message

    def test_an_organ_elsewhere(self, tmp_path: Path, image: Path, mask: Path) -> None:
        organ = write(tmp_path / "organ.nii", tumour(), origin=(0.0, 0.0, 0.0))
        assert f"{organ} does not lie on the grid" in refusal(image, mask, organ=organ).message

    def test_four_dimensions(self, tmp_path: Path, image: Path, mask: Path) -> None:
        volume = sitk.ReadImage(str(image))
        sitk.WriteImage(sitk.JoinSeries([volume, volume]), str(tmp_path / "4d.nii"))
        error = refusal(tmp_path / "4d.nii", mask)
        assert "4d.nii is 4-D, size (16, 14, 8, 2), expected 2-D or 3-D" in error.message

    def test_a_vector_field(self, tmp_path: Path, mask: Path) -> None:
        field = sitk.GetImageFromArray(np.zeros((*SHAPE, 3), dtype=np.float32), isVector=True)
        sitk.WriteImage(field, str(tmp_path / "field.nrrd"))
        assert "holds 3 numbers per voxel" in refusal(tmp_path / "field.nrrd", mask).message

    def test_complex_numbers(self, tmp_path: Path, mask: Path) -> None:
        part = sitk.Image(16, 14, 8, sitk.sitkFloat32)
        sitk.WriteImage(sitk.RealAndImaginaryToComplex(part, part), str(tmp_path / "kspace.nii"))
        assert "'complex of 32-bit float'" in refusal(tmp_path / "kspace.nii", mask).message

    @pytest.mark.parametrize("kind", [np.float32, np.float64])
    @pytest.mark.parametrize("suffix", ["nii", "nii.gz", "nrrd", "mha"])
    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_not_finite_inside(
        self, tmp_path: Path, mask: Path, value: float, suffix: str, kind: type[np.floating]
    ) -> None:
        """SimpleITK turns the NaN of a NIfTI file into 0, so this is no matter of course."""
        voxels = scan().astype(kind)
        voxels[3, 5, 6] = voxels[4, 9, 11] = value
        error = refusal(write(tmp_path / f"nan.{suffix}", voxels), mask)
        assert f"nan.{suffix} holds 2 voxels inside the mask" in error.message
        assert "(x, y, z) = (6, 5, 3)" in error.message

    def test_not_finite_outside_is_allowed(self, tmp_path: Path, mask: Path) -> None:
        voxels = scan().astype(np.float32)
        voxels[0] = np.nan
        path = write(tmp_path / "nan.nii", voxels)
        np.testing.assert_array_equal(read_region(Case("a", path, mask)).image, voxels)
        assert examine(Case("a", path, mask))[0] == []

    def test_all_errors_are_told_at_once(self, tmp_path: Path) -> None:
        voxels = scan().astype(np.float32)
        voxels[:] = np.nan
        image = write(tmp_path / "nan.nii", voxels)
        mask = write(tmp_path / "moved.nii", tumour(), spacing=(1.0, 1.0, 1.0))
        found = examine(Case("a", image, mask, organ=tmp_path / "gone.nii"))[0]
        assert [p.severity for p in found] == ["error"] * 3
        assert [
            "does not lie" in found[0].problem,
            "gone" in found[1].problem,
            "NaN" in found[2].problem,
        ] == [True] * 3


class TestSuspicions:
    def doubts(self, tmp_path: Path, mask: NDArray[np.uint8], **more: object) -> list[str]:
        image = write(tmp_path / "image.nii", scan(), **more)
        found = examine(Case("a", image, write(tmp_path / "mask.nii", mask, **more)))[0]
        assert {p.severity for p in found} <= {"warning"}
        assert all(p.hint and p.case == "a" for p in found)
        return [p.problem for p in found]

    def test_none_about_a_sound_case(self, tmp_path: Path) -> None:
        assert self.doubts(tmp_path, tumour()) == []

    @pytest.mark.parametrize(
        ("box", "axes"),
        [
            ((slice(0, 4), slice(2, 8), slice(2, 8)), "z"),
            ((slice(4, 8), slice(2, 8), slice(2, 8)), "z"),
            ((slice(2, 5), slice(0, 8), slice(2, 8)), "y"),
            ((slice(2, 5), slice(2, 8), slice(8, 16)), "x"),
            ((slice(0, 8), slice(0, 14), slice(0, 16)), "z, y, x"),
        ],
    )
    def test_border(self, tmp_path: Path, box: tuple[slice, ...], axes: str) -> None:
        mask = tumour(0)
        mask[box] = 1
        assert self.doubts(tmp_path, mask) == [f"the mask touches the image border along {axes}"]

    def test_one_slice(self, tmp_path: Path) -> None:
        mask = tumour(0)
        mask[3, 2:12, 2:12] = 1
        assert self.doubts(tmp_path, mask) == ["the mask covers one slice only, of 8"]

    @pytest.mark.parametrize(("voxels", "expected"), [(63, 1), (64, 0)])
    def test_few_voxels(self, tmp_path: Path, voxels: int, expected: int) -> None:
        mask = tumour(0)
        mask[2:4, 2:6, 2:10] = 1
        mask[3, 5, 9] = voxels - 63
        doubts = self.doubts(tmp_path, mask)
        assert doubts == ["the mask holds 63 voxels, fewer than 64"][:expected]

    def test_pieces(self, tmp_path: Path) -> None:
        mask = tumour()
        mask[2, 1, 1] = 1
        mask[2, 1, 14] = 1
        assert self.doubts(tmp_path, mask) == ["the mask falls into 3 pieces, of 168, 1, 1 voxels"]

    def test_a_shared_corner_connects(self, tmp_path: Path) -> None:
        mask = tumour()
        mask[1, 3, 4] = 1
        assert self.doubts(tmp_path, mask) == []

    @pytest.mark.parametrize(("thickness", "expected"), [(2.5, 0), (2.75, 1)])
    def test_anisotropy(self, tmp_path: Path, thickness: float, expected: int) -> None:
        doubts = self.doubts(tmp_path, tumour(), spacing=(0.5, 0.5, thickness))
        assert doubts == ["voxel sides differ 5.5 fold (2.75 and 0.5 mm)"][:expected]

    def test_outside_the_organ(self, tmp_path: Path, image: Path, mask: Path) -> None:
        organ = np.ones(SHAPE, dtype=np.uint8)
        organ[:3] = 0
        found = examine(Case("a", image, mask, organ=write(tmp_path / "organ.nii", organ)))[0]
        assert [p.problem for p in found] == ["42 of 168 voxels of the region lie outside the organ"]

    def test_several_at_once(self, tmp_path: Path) -> None:
        mask = tumour(0)
        mask[0, 0, 0] = mask[0, 5, 5] = 1
        assert [text.split()[2] for text in self.doubts(tmp_path, mask, spacing=(0.2, 0.2, 2.0))] == [
            "touches",
            "covers",
            "holds",
            "falls",
            "differ",
        ]

    def test_a_picture_has_no_slices_to_miss(self, tmp_path: Path, picture: Path) -> None:
        assert examine(Case("a", picture, write_picture(tmp_path / "mask.png", disc())))[0] == []


class TestRealData:
    def rows(self, cohort: Path) -> list[dict[str, str]]:
        with cohort.open(encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    @pytest.mark.slow
    def test_ultrasound_pictures(self, shared_data: Path) -> None:
        folder = shared_data / "busi"
        for row in self.rows(folder / "cohort.csv"):
            region = read_region(Case(row["ID"], folder / row["Image"], folder / row["Mask"]))
            assert region.image.shape == region.mask.shape
            assert region.spacing == (1, 1, 1)
            assert 0 <= region.image.min() < region.image.max() <= 255

    def test_an_ultrasound_picture_against_plain_decoding(self, shared_data: Path) -> None:
        folder = shared_data / "busi"
        colour = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "image/benign_001.png")))
        mask = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "mask/benign_001.png")))
        region = read_region(Case("a", folder / "image/benign_001.png", folder / "mask/benign_001.png"))
        np.testing.assert_allclose(region.image[0], colour @ [0.299, 0.587, 0.114], rtol=0, atol=1e-10)
        np.testing.assert_array_equal(region.mask[0], mask > 0)

    def test_nodules(self, shared_data: Path) -> None:
        folder = shared_data / "lidc-nodules"
        for row in self.rows(folder / "cohort.csv")[::20]:
            region = read_region(Case(row["ID"], folder / row["Image"], folder / row["Mask"]))
            reader = sitk.ReadImage(str(folder / row["Mask"]))
            assert region.mask.sum() == sitk.GetArrayViewFromImage(reader).astype(bool).sum()
            assert region.spacing == reader.GetSpacing()[::-1]

    @pytest.mark.slow
    def test_known_trouble_of_the_nodules_is_found(self, shared_data: Path) -> None:
        """Few slices, masks at the border and under 64 voxels, as their description says; no errors."""
        folder = shared_data / "lidc-nodules"
        found = [
            problem
            for row in self.rows(folder / "cohort.csv")
            for problem in examine(Case(row["ID"], folder / row["Image"], folder / row["Mask"]))[0]
        ]
        assert {p.severity for p in found} == {"warning"}
        for text in ("image border", "fewer than 64"):
            assert any(text in p.problem for p in found), text

    @pytest.mark.parametrize(
        ("name", "label", "said"),
        [
            ("seg_empty", None, "is an empty mask"),
            ("seg_two_labels", None, "holds several labels: 1 ("),
            ("seg_one_label", 3, "does not hold label 3; it holds 1 ("),
        ],
    )
    def test_awkward_masks_are_refused(
        self, shared_data: Path, name: str, label: int | None, said: str
    ) -> None:
        folder = shared_data / "awkward-masks" / "prostate"
        assert said in refusal(folder / "img.nii.gz", folder / f"{name}.nii.gz", label=label).message

    def test_awkward_masks_that_can_be_read(self, shared_data: Path) -> None:
        folder = shared_data / "awkward-masks" / "prostate"
        image = folder / "img.nii.gz"
        two = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "seg_two_labels.nii.gz")))
        region = read_region(Case("a", image, folder / "seg_two_labels.nii.gz", label=2))
        np.testing.assert_array_equal(region.mask, two == 2)
        flat = read_region(Case("a", image, folder / "seg_single_slice.nii.gz"))
        assert "one slice only" in " ".join(doubt.problem for doubt in suspicions(flat))

    def test_a_mask_of_another_patient(self, shared_data: Path) -> None:
        folder = shared_data / "awkward-masks"
        error = refusal(folder / "prostate/img.nii.gz", folder / "CT_head_seg.nii.gz")
        assert "size (105, 81, 15) against (64, 64, 93)" in error.message

    @pytest.mark.parametrize("name", ["brain1", "breast1"])
    def test_nrrd(self, shared_data: Path, name: str) -> None:
        folder = shared_data / "pyradiomics"
        region = read_region(Case(name, folder / f"{name}_image.nrrd", folder / f"{name}_label.nrrd"))
        whole = sitk.ReadImage(str(folder / f"{name}_image.nrrd"))
        np.testing.assert_array_equal(region.image, sitk.GetArrayFromImage(whole))
        assert (region.origin, region.direction) == (whole.GetOrigin(), whole.GetDirection())
