"""Stored numbers become values exactly, however they are encoded; damaged files are refused first."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from made_series import image_header, read, refusal, voxels, write, write_enhanced, write_series
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

STORED = voxels((1, 8, 10))
ANY_ERROR = "cannot be read as DICOM"


def one_slice(path: Path, pixels: NDArray[np.generic], modality: str = "CT", **tags: object) -> Path:
    header = image_header(pixels, modality, "single", 0)
    for keyword, value in tags.items():
        setattr(header, keyword, value)
    return write(path, header)


def by_simpleitk(path: Path) -> NDArray[np.generic]:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "slope", "intercept", "expected"),
        [
            (np.int16, 1, 0, np.int16),
            (np.uint16, 1, 0, np.uint16),
            (np.uint8, 1, 0, np.uint8),
            (np.int32, 1, 0, np.int32),
            (np.uint16, 1, -1024, np.int16),
            (np.uint8, 1, -128, np.int16),
            (np.int16, 1, -40000, np.int32),
            (np.uint16, 300, 0, np.int32),
            (np.int32, 1000, 2**40, np.int64),
            (np.uint16, 0.5, 0, np.float64),
            (np.int16, 1, 0.25, np.float64),
            (np.int16, 0.0123, -4.5, np.float64),
        ],
    )
    def test_are_slope_times_stored_plus_intercept(
        self,
        tmp_path: Path,
        kind: type[np.integer],
        slope: float,
        intercept: float,
        expected: type[np.generic],
    ) -> None:
        stored = (voxels((1, 8, 10)) % 200).astype(kind)
        path = one_slice(tmp_path / "x.dcm", stored[0], RescaleSlope=slope, RescaleIntercept=intercept)
        volume = read(path)
        exact = stored.astype(float) * slope + intercept
        np.testing.assert_array_equal(volume.voxels, exact)
        assert volume.voxels.dtype == expected
        if slope != 1000:
            np.testing.assert_array_equal(volume.voxels, by_simpleitk(path))

    def test_have_slopes_slice_by_slice(self, tmp_path: Path) -> None:
        slopes = [0.5, 0.25, 1.0, 2.0, 0.125, 0.0625]
        stored = voxels(kind=np.uint16)
        write_series(
            tmp_path, stored, "NM", edit=lambda header, i: setattr(header, "RescaleSlope", slopes[i])
        )
        volume = read(tmp_path)
        np.testing.assert_array_equal(volume.voxels, stored * np.array(slopes)[:, None, None])
        assert volume.facts["rescale"] == "slope 0.0625 to 2, intercept 0"

    @pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
    def test_in_another_unit_are_refused(self, tmp_path: Path, keyword: str) -> None:
        line = {"RescaleSlope": 1, "RescaleIntercept": -1024}
        files = write_series(tmp_path, voxels(), edit=lambda h, i: i == 3 and h.pop(keyword), **line)
        message = refusal(tmp_path).message
        assert f"holds 6 slices, 1 of them without {keyword}: {files[3].name}" in message

    def test_widen_to_what_any_slice_needs(self, tmp_path: Path) -> None:
        """The largest value comes in the last slice, after a type was chosen for the first."""
        stored = np.zeros((4, 3, 3), np.uint16)
        stored[3] = 60000
        write_series(tmp_path, stored, RescaleIntercept=-1024, RescaleSlope=1)
        volume = read(tmp_path)
        assert volume.voxels.dtype == np.int32
        assert [int(plane[0, 0]) for plane in volume.voxels] == [-1024, -1024, -1024, 58976]

    def test_of_slices_that_are_signed_and_not(self, tmp_path: Path) -> None:
        stored = voxels()

        def unsigned(header: Dataset, index: int) -> None:
            if index == 5:
                header.PixelRepresentation = 0

        write_series(tmp_path, stored, edit=unsigned)
        expected = stored.astype(np.int32)
        expected[5] = stored[5].astype(np.uint16)
        np.testing.assert_array_equal(read(tmp_path).voxels, expected)

    def test_of_twelve_bits(self, tmp_path: Path) -> None:
        """Signed or not, and with rubbish above the bits that count."""
        low = (STORED[0] % 4096).astype(np.uint16)
        for dirty in (low, low | 0xF000):
            path = one_slice(tmp_path / "u.dcm", dirty, BitsStored=12, HighBit=11)
            np.testing.assert_array_equal(read(path).voxels[0], low)
        signed = (STORED[0] % 4096) - 2048
        bits = (signed & 0x0FFF).astype(np.uint16)
        path = one_slice(tmp_path / "s.dcm", bits, BitsStored=12, HighBit=11, PixelRepresentation=1)
        np.testing.assert_array_equal(read(path).voxels[0], signed)
        np.testing.assert_array_equal(read(path).voxels, by_simpleitk(path))

    def test_of_floats(self, tmp_path: Path) -> None:
        numbers = np.random.default_rng(2).normal(size=(8, 10)).astype(np.float32)
        header = image_header(STORED[0].astype(np.int32), "OT", "floats", 0)
        del header.PixelData, header.PixelRepresentation, header.BitsStored, header.HighBit
        header.BitsAllocated, header.FloatPixelData = 32, numbers.tobytes()
        volume = read(write(tmp_path / "x.dcm", header))
        np.testing.assert_array_equal(volume.voxels[0], numbers)

    def test_by_a_table_are_refused(self, tmp_path: Path) -> None:
        table = Dataset()
        table.LUTDescriptor, table.LUTData = [2, 0, 16], b"\1\0\2\0"
        path = one_slice(tmp_path / "x.dcm", STORED[0], ModalityLUTSequence=[table])
        assert "by a table (Modality LUT): x.dcm" in refusal(path).message


class TestShown:
    @pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16])
    def test_dark_for_bright_is_turned_in_x_rays(self, tmp_path: Path, kind: type[np.integer]) -> None:
        stored = (STORED[0] % 200).astype(kind)
        path = one_slice(tmp_path / "x.dcm", stored, "CR", PhotometricInterpretation="MONOCHROME1")
        volume = read(path)
        top = np.iinfo(kind).max + np.iinfo(kind).min
        np.testing.assert_array_equal(volume.voxels[0], top - stored.astype(int))
        assert volume.voxels.dtype == kind
        assert volume.facts["turned"] == "MONOCHROME1"
        assert any("MONOCHROME1" in doubt.problem for doubt in volume.doubts)
        if kind != np.int16:
            np.testing.assert_array_equal(volume.voxels, by_simpleitk(path))

    def test_dark_for_bright_is_left_where_numbers_mean_something(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), "MR", PhotometricInterpretation="MONOCHROME1")
        np.testing.assert_array_equal(read(tmp_path).voxels, voxels())
        assert "turned" not in read(tmp_path).facts

    def test_padding_is_told(self, tmp_path: Path) -> None:
        path = one_slice(tmp_path / "x.dcm", STORED[0], PixelPaddingValue=-2000, RescaleIntercept=-24)
        assert read(path).facts["padding"] == -2024

    def test_loss_is_told(self, tmp_path: Path) -> None:
        path = one_slice(tmp_path / "x.dcm", STORED[0], LossyImageCompression="01")
        assert any("compressed with loss" in doubt.problem for doubt in read(path).doubts)


def jpeg(path: Path, pixels: NDArray[np.generic]) -> pydicom.Dataset:
    """A slice compressed as JPEG lossless or JPEG 2000 by GDCM."""
    writer = sitk.ImageFileWriter()
    writer.SetFileName(str(path))
    writer.UseCompressionOn()
    writer.SetCompressor("JPEG")
    writer.Execute(sitk.GetImageFromArray(pixels[np.newaxis]))
    return pydicom.dcmread(path)


class TestEncodings:
    @pytest.mark.parametrize(
        "syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, RLELossless, JPEGLSLossless]
    )
    def test_are_read(self, tmp_path: Path, syntax: pydicom.uid.UID) -> None:
        header = image_header(STORED[0], "CT", "encoded", 0)
        if syntax.is_encapsulated:
            header.file_meta = pydicom.dataset.FileMetaDataset()
            header.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
            header.compress(syntax, generate_instance_uid=False)
        path = write(tmp_path / "x.dcm", header, syntax)
        volume = read(path)
        np.testing.assert_array_equal(volume.voxels, STORED)
        assert "decoder" not in volume.facts

    def test_blank_images_may_be_small_files(self, tmp_path: Path) -> None:
        header = image_header(np.zeros((512, 512), np.int16), "CT", "blank", 0)
        path = write(tmp_path / "x.dcm", header, DeflatedExplicitVRLittleEndian)
        assert path.stat().st_size < 5000
        assert not read(path).voxels.any()

    def test_big_endian(self, tmp_path: Path) -> None:
        header = image_header(STORED[0], "CT", "encoded", 0)
        header.PixelData = STORED[0].astype(">i2").tobytes()
        path = write(tmp_path / "x.dcm", header, ExplicitVRBigEndian)
        np.testing.assert_array_equal(read(path).voxels, STORED)

    @pytest.mark.parametrize("implicit", [True, False])
    def test_without_a_start(self, tmp_path: Path, implicit: bool) -> None:
        """Files of old archives: no preamble, no meta information, only the suffix says what they are."""
        header = image_header(STORED[0], "CT", "encoded", 0)
        pydicom.dcmwrite(tmp_path / "x.dcm", header, implicit_vr=implicit, little_endian=True)
        np.testing.assert_array_equal(read(tmp_path).voxels, STORED)

    @pytest.mark.parametrize("kind", [np.int16, np.uint16])
    def test_what_pydicom_cannot_decode_simpleitk_does(self, tmp_path: Path, kind: type[np.integer]) -> None:
        stored = voxels((4, 8, 10), kind)

        def compressed(header: Dataset, index: int) -> None:
            header.PixelData = jpeg(tmp_path / "alone.dcm", stored[index]).PixelData

        folder = tmp_path / "series"
        for file in write_series(folder, stored, "MR", RescaleSlope=0.5, edit=compressed):
            header = pydicom.dcmread(file)
            header.file_meta.TransferSyntaxUID = JPEGLosslessSV1
            header["PixelData"].is_undefined_length = True
            header.save_as(file)
        volume = read(folder)
        np.testing.assert_array_equal(volume.voxels, stored * 0.5)
        assert volume.facts["decoder"] == "SimpleITK"
        np.testing.assert_array_equal(volume.voxels, by_simpleitk_series(folder))

    def test_what_nothing_decodes(self, tmp_path: Path) -> None:
        path = with_pixels(tmp_path / "x.dcm", HTJ2KLossless, b"\xff\x4f\xff\x51 no codestream")
        error = refusal(path)
        assert "are compressed as High-Throughput JPEG 2000" in error.message
        assert "which nothing installed here decodes" in error.message
        assert error.hint == "pip install pylibjpeg pylibjpeg-openjpeg, or export the images uncompressed"

    def test_a_video(self, tmp_path: Path) -> None:
        path = with_pixels(tmp_path / "x.dcm", pydicom.uid.MPEG2MPML, b"\0" * 40)
        assert "are compressed as MPEG2" in refusal(path).message
        assert refusal(path).hint == "export the images uncompressed"

    def test_damage_within_compressed_pixels(self, tmp_path: Path) -> None:
        path = with_pixels(tmp_path / "x.dcm", JPEG2000Lossless, b"\xff\x4f\xff\x51 no codestream")
        assert ANY_ERROR in refusal(path).message


def with_pixels(path: Path, syntax: pydicom.uid.UID, stream: bytes) -> Path:
    header = image_header(STORED[0], "CT", "encoded", 0)
    header.PixelData = pydicom.encaps.encapsulate([stream])
    header["PixelData"].is_undefined_length = True
    return write(path, header, syntax)


def by_simpleitk_series(folder: Path) -> NDArray[np.generic]:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return sitk.GetArrayFromImage(reader.Execute())


class TestDamage:
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 0.999])
    def test_truncated(self, tmp_path: Path, share: float) -> None:
        files = write_series(tmp_path, voxels((6, 40, 40)))
        whole = files[3].read_bytes()
        files[3].write_bytes(whole[: int(len(whole) * share)])
        message = refusal(tmp_path).message
        assert f"{files[3]} cannot be read as DICOM" in message

    @pytest.mark.parametrize("end", range(132, 900, 24))
    def test_truncated_in_its_header(self, tmp_path: Path, end: int) -> None:
        files = write_series(tmp_path, voxels())
        files[5].write_bytes(files[5].read_bytes()[:end])
        assert files[5].name in refusal(tmp_path).message

    @pytest.mark.parametrize(
        "content", [b"", b"these are words", b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM words"]
    )
    def test_rubbish(self, tmp_path: Path, content: bytes) -> None:
        write_series(tmp_path, voxels())
        (tmp_path / "x.dcm").write_bytes(content)
        assert f"{tmp_path / 'x.dcm'} {ANY_ERROR}" in refusal(tmp_path).message

    @pytest.mark.parametrize("size", [65535, 4000])
    def test_sizes_beyond_the_file_take_no_memory(self, tmp_path: Path, size: int) -> None:
        path = one_slice(tmp_path / "x.dcm", STORED[0], Rows=size, Columns=size)
        assert f"{size} x {size} pixels take {size * size * 2} bytes, the file has" in refusal(path).message

    def test_compressed_sizes_beyond_reason_take_no_memory(self, tmp_path: Path) -> None:
        path = with_pixels(tmp_path / "x.dcm", JPEGLSLossless, b"\0" * 100)
        header = pydicom.dcmread(path)
        header.Rows = header.Columns = 65535
        header.save_as(path)
        assert "65535 x 65535 pixels take" in refusal(path).message

    def test_frames_beyond_the_file(self, tmp_path: Path) -> None:
        def many(header: Dataset) -> None:
            header.PerFrameFunctionalGroupsSequence = list(header.PerFrameFunctionalGroupsSequence) * 50
            header.NumberOfFrames = 300

        path = write_enhanced(tmp_path / "x.dcm", voxels((6, 50, 50)), edit=many)
        assert "300 frames of 50 x 50 pixels take" in refusal(path).message

    def test_no_pixels(self, tmp_path: Path) -> None:
        header = image_header(STORED[0], "CT", "none", 0)
        del header.PixelData
        assert "it ends before its pixels" in refusal(write(tmp_path / "x.dcm", header)).message

    @pytest.mark.parametrize("keyword", ["BitsAllocated", "PixelRepresentation", "SamplesPerPixel"])
    def test_pixels_that_are_not_described(self, tmp_path: Path, keyword: str) -> None:
        header = image_header(STORED[0], "CT", "none", 0)
        delattr(header, keyword)
        assert ANY_ERROR in refusal(write(tmp_path / "x.dcm", header)).message

    def test_words_where_numbers_belong(self, tmp_path: Path) -> None:
        """What is needed is refused, what is not is passed over."""
        files = write_series(tmp_path, voxels(), GantryDetectorTilt="12345678", EchoTime="23456789")
        for file in files:
            content = file.read_bytes()
            file.write_bytes(content.replace(b"12345678", b"straight").replace(b"23456789", b"nonsense"))
        np.testing.assert_array_equal(read(tmp_path).voxels, voxels())
        files = write_series(tmp_path, voxels(), RescaleSlope="12345678")
        files[2].write_bytes(files[2].read_bytes().replace(b"12345678", b"straight"))
        assert f"{files[2]} {ANY_ERROR}" in refusal(tmp_path).message

    def test_says_nothing_on_the_terminal(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
    ) -> None:
        write_series(tmp_path, voxels(), StudyID="a name longer than the standard allows")
        read(tmp_path)
        assert capfd.readouterr() == ("", "")
        assert not recwarn.list
