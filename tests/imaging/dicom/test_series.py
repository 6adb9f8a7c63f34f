"""Series become volumes: as SimpleITK reads them, whatever the order of the files; anything else is refused."""

import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from made_series import (
    ORIGIN,
    SPACING,
    STRAIGHT,
    image_header,
    read,
    refusal,
    set_tags,
    uid,
    voxels,
    write,
    write_enhanced,
    write_series,
)
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from radcompare.imaging.volume import Volume
from radcompare.reading_settings import Reading

OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix().ravel())
UPSIDE_DOWN = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)


def by_simpleitk(folder: Path) -> sitk.Image:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def assert_same(volume: Volume, image: sitk.Image, integers: bool) -> None:
    expected = sitk.GetArrayFromImage(image)
    np.testing.assert_array_equal(volume.voxels, expected)
    assert volume.voxels.dtype.kind == ("i" if integers else "f")
    assert volume.grid.size == image.GetSize()
    for mine, theirs in [
        (volume.grid.spacing, image.GetSpacing()),
        (volume.grid.origin, image.GetOrigin()),
        (volume.grid.direction, image.GetDirection()),
    ]:
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-6)


class TestVolume:
    @pytest.mark.parametrize("direction", [STRAIGHT, OBLIQUE, UPSIDE_DOWN, SAGITTAL])
    def test_is_what_was_written(self, tmp_path: Path, direction: tuple[float, ...]) -> None:
        stored = voxels()
        write_series(tmp_path, stored, direction=direction)
        volume = read(tmp_path)
        np.testing.assert_array_equal(volume.voxels, stored)
        np.testing.assert_allclose(volume.grid.spacing, SPACING, rtol=1e-12)
        np.testing.assert_allclose(volume.grid.origin, ORIGIN, rtol=1e-12)
        np.testing.assert_allclose(volume.grid.direction, direction, rtol=0, atol=1e-12)
        assert volume.grid.size == stored.shape[::-1]

    @pytest.mark.parametrize("direction", [STRAIGHT, OBLIQUE, UPSIDE_DOWN, SAGITTAL])
    def test_is_what_simpleitk_reads(self, tmp_path: Path, direction: tuple[float, ...]) -> None:
        write_series(tmp_path, voxels(), direction=direction, RescaleSlope=1, RescaleIntercept=-1024)
        assert_same(read(tmp_path), by_simpleitk(tmp_path), integers=True)

    @pytest.mark.parametrize("series", ["STS_001/CT", "STS_001/PET", "STS_002/CT", "STS_002/PET"])
    def test_of_real_series_is_what_simpleitk_reads(self, shared_data: Path, series: str) -> None:
        folder = shared_data / "dicom-rtstruct" / series / "image"
        volume = read(folder, reading=Reading(pet="stored"))
        assert_same(volume, by_simpleitk(folder), integers=series.endswith("CT"))
        assert volume.modality == ("CT" if series.endswith("CT") else "PT")

    def test_does_not_hang_on_names_and_instance_numbers(self, tmp_path: Path) -> None:
        stored = voxels()
        for number, file in enumerate(write_series(tmp_path / "series", stored)):
            file.rename(tmp_path / f"{(number * 5) % 6}")
        np.testing.assert_array_equal(read(tmp_path).voxels, stored)

    def test_knows_its_series(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), "MR", Manufacturer="Maker", ConvolutionKernel="B30f")
        volume = read(tmp_path)
        assert (volume.modality, volume.series) == ("MR", str(uid("one")))
        assert (volume.path, volume.frame_of_reference) == (tmp_path, str(uid("frame of reference")))
        assert volume.doubts == ()
        assert volume.facts == {
            "image_format": "DICOM",
            "slices": 6,
            "rescale": "slope 1, intercept 0",
            "manufacturer": "Maker",
            "kernel": "B30f",
            "thickness_mm": 2.5,
        }

    def test_says_nothing_of_the_patient(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels())
        assert not [
            fact for fact in read(tmp_path).facts.values() if "P1" in str(fact) or "Some" in str(fact)
        ]

    def test_of_one_slice(self, tmp_path: Path) -> None:
        stored = voxels()[:1]
        (file,) = write_series(tmp_path, stored)
        for path in (tmp_path, file):
            volume = read(path)
            np.testing.assert_array_equal(volume.voxels, stored)
            assert volume.grid.spacing == SPACING
            assert volume.grid.origin == ORIGIN

    def test_of_one_slice_without_a_place(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.dcm", image_header(voxels()[0], "OT", "screen", 0))
        volume = read(path)
        assert (volume.grid.spacing, volume.grid.origin) == ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
        (doubt,) = volume.doubts
        assert "PixelSpacing" in doubt.problem


class TestFolder:
    def test_of_other_files_too(self, tmp_path: Path) -> None:
        """A structure set, a segmentation, a directory of files, notes and deeper folders are no slices."""
        stored = voxels()
        write_series(tmp_path, stored)
        for modality in ("RTSTRUCT", "SEG", "RTDOSE", "SR"):
            header = image_header(stored[0], modality, modality, 0)
            if modality == "SR":
                header.SOPClassUID = pydicom.uid.BasicTextSRStorage
                set_tags(header, {"Rows": None, "Columns": None, "PixelData": None})
            write(tmp_path / f"{modality}.dcm", header)
        (tmp_path / "notes.txt").write_text("words")
        write_series(tmp_path / "deeper", stored, series="two")
        np.testing.assert_array_equal(read(tmp_path).voxels, stored)

    def test_that_is_not_there(self, tmp_path: Path) -> None:
        assert "does not exist" in refusal(tmp_path / "nothing").message

    def test_without_files(self, tmp_path: Path) -> None:
        assert f"{tmp_path} is a folder with no DICOM file in it" in refusal(tmp_path).message

    def test_without_images(self, tmp_path: Path) -> None:
        write(tmp_path / "a.dcm", image_header(voxels()[0], "RTSTRUCT", "a", 0))
        message = refusal(tmp_path).message
        assert "is a folder with 1 DICOM files of RTSTRUCT in it, expected the images" in message
        assert "is a DICOM file of RTSTRUCT, expected an image" in refusal(tmp_path / "a.dcm").message


class TestSeveralSeries:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        write_series(tmp_path, voxels(), series="one")
        write_series(tmp_path, voxels()[:3] + 1, "MR", series="two")
        return tmp_path

    def test_are_listed(self, folder: Path) -> None:
        error = refusal(folder)
        assert "holds 2 series: " in error.message
        assert f"6 files CT 'series one' {uid('one')}" in error.message
        assert f"3 files MR 'series two' {uid('two')}" in error.message
        assert "column Series" in error.hint

    @pytest.mark.parametrize("name", [str(uid("two")), str(uid("two"))[-7:], "series two", f" {uid('two')} "])
    def test_one_is_picked(self, folder: Path, name: str) -> None:
        np.testing.assert_array_equal(read(folder, series=name).voxels, voxels()[:3] + 1)

    def test_a_name_of_none(self, folder: Path) -> None:
        assert "holds 2 series, none of them 'series three'" in refusal(folder, series="series three").message

    def test_a_name_of_two(self, folder: Path) -> None:
        last = {str(uid(name))[-1] for name in ("one", "two")}
        assert len(last) == 2  # so that an empty ending is all that they share
        write_series(folder, voxels(), series="three", SeriesDescription="series two")
        assert "holds 3 series, 2 of them 'series two'" in refusal(folder, series="series two").message

    def test_a_name_of_the_only_one(self, tmp_path: Path) -> None:
        (file, *_) = write_series(tmp_path, voxels())
        assert read(tmp_path, series="series one").series == str(uid("one"))
        for path in (tmp_path, file):
            assert "holds one series, none of them 'two'" in refusal(path, series="two").message

    def test_localizers_are_set_aside(self, tmp_path: Path) -> None:
        stored = voxels()
        write_series(tmp_path, stored)
        scout = {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "SeriesInstanceUID": uid("one")}
        write_series(tmp_path, voxels((1, 30, 20)), series="scout", direction=SAGITTAL, **scout)
        volume = read(tmp_path)
        np.testing.assert_array_equal(volume.voxels, stored)
        (doubt,) = volume.doubts
        assert "1 localizers (ImageType) beside 6 other images" in doubt.problem

    def test_localizers_of_another_series_are_no_choice(self, tmp_path: Path) -> None:
        """But they can be chosen."""
        write_series(tmp_path, voxels())
        scouts = voxels((2, 30, 20))
        write_series(tmp_path, scouts, series="scout", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
        assert read(tmp_path).series == str(uid("one"))
        np.testing.assert_array_equal(read(tmp_path, series="series scout").voxels, scouts)

    def test_localizers_alone_are_an_image(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels()[:1], ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
        assert read(tmp_path).doubts == ()


class TestRepeats:
    def test_copies_count_once(self, tmp_path: Path) -> None:
        stored = voxels()
        files = write_series(tmp_path, stored)
        shutil.copy(files[2], tmp_path / "copy of it.dcm")
        volume = read(tmp_path)
        np.testing.assert_array_equal(volume.voxels, stored)
        (doubt,) = volume.doubts
        assert "1 slices more than once, with the same pixels" in doubt.problem
        assert doubt.hint

    @pytest.mark.parametrize(
        ("keyword", "first", "second"),
        [
            ("EchoTime", 4.6, 9.2),
            ("AcquisitionNumber", 1, 2),
            ("TemporalPositionIdentifier", 1, 2),
            ("AcquisitionTime", "101500", "101530"),
            ("DiffusionBValue", 0.0, 800.0),
        ],
    )
    def test_phases_are_refused(self, tmp_path: Path, keyword: str, first: object, second: object) -> None:
        write_series(tmp_path, voxels(), "MR", series="one", **{keyword: first})
        other = {"SeriesInstanceUID": uid("one"), keyword: second}
        write_series(tmp_path, voxels() + 1, "MR", series="two", **other)
        error = refusal(tmp_path)
        assert (
            "holds 12 slices at 6 positions, and different pixels at one of them: 2 at -80 mm"
            in error.message
        )
        assert f"they differ in {keyword} ({first}, {second})" in error.message
        assert "a folder of its own" in error.hint

    def test_nothing_tells_apart(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), series="one")
        write_series(tmp_path, voxels() + 1, series="two", SeriesInstanceUID=uid("one"))
        assert "nothing in their headers tells them apart" in refusal(tmp_path).message

    def test_the_same_pixels_for_other_values_are_refused(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), series="one", RescaleSlope=1)
        write_series(tmp_path, voxels(), series="two", SeriesInstanceUID=uid("one"), RescaleSlope=2)
        assert "different pixels at one of them" in refusal(tmp_path).message

    def test_one_uid_for_two_slices_is_refused(self, tmp_path: Path) -> None:
        def same(header: pydicom.Dataset, index: int) -> None:
            header.SOPInstanceUID = uid("one", "slice", min(index, 4))

        write_series(tmp_path, voxels(), edit=same)
        assert "have the same SOPInstanceUID" in refusal(tmp_path).message


class TestEnhanced:
    @pytest.mark.parametrize("direction", [STRAIGHT, OBLIQUE])
    @pytest.mark.parametrize("modality", ["CT", "MR"])
    def test_is_a_volume(self, tmp_path: Path, direction: tuple[float, ...], modality: str) -> None:
        stored = voxels()
        order = [3, 0, 5, 1, 4, 2]
        path = write_enhanced(tmp_path / "x.dcm", stored, modality, direction=direction, order=order)
        for place in (path, tmp_path):
            volume = read(place)
            np.testing.assert_array_equal(volume.voxels, stored.astype(int) - 1024)
            np.testing.assert_allclose(volume.grid.spacing, SPACING, rtol=1e-12)
            np.testing.assert_allclose(volume.grid.origin, ORIGIN, rtol=1e-12)
            np.testing.assert_allclose(volume.grid.direction, direction, rtol=0, atol=1e-12)
            assert volume.modality == modality

    def test_is_what_highdicom_reads(self, tmp_path: Path) -> None:
        highdicom = pytest.importorskip("highdicom")
        path = write_enhanced(tmp_path / "x.dcm", voxels(), direction=OBLIQUE, order=[5, 3, 4, 0, 2, 1])
        theirs = highdicom.imread(path).get_volume()
        mine = read(path)
        affine = np.column_stack(
            [np.reshape(mine.grid.direction, (3, 3)) * mine.grid.spacing, mine.grid.origin]
        )
        by_position = theirs.match_geometry(_geometry(highdicom, affine, mine.voxels, theirs))
        np.testing.assert_allclose(by_position.array, mine.voxels)

    def test_has_slopes_frame_by_frame(self, tmp_path: Path) -> None:
        def sloped(header: pydicom.Dataset) -> None:
            shared = header.SharedFunctionalGroupsSequence[0]
            del shared.PixelValueTransformationSequence
            for number, group in enumerate(header.PerFrameFunctionalGroupsSequence):
                group.PixelValueTransformationSequence = [pydicom.Dataset()]
                set_tags(
                    group.PixelValueTransformationSequence[0],
                    {"RescaleSlope": number + 1, "RescaleIntercept": -number},
                )

        stored = voxels()
        path = write_enhanced(tmp_path / "x.dcm", stored, order=[3, 0, 5, 1, 4, 2], edit=sloped)
        numbers = np.array([1, 3, 5, 0, 4, 2])[:, None, None]  # the frame of every slice
        np.testing.assert_array_equal(read(path).voxels, stored.astype(int) * (numbers + 1) - numbers)

    def test_frames_of_several_phases(self, tmp_path: Path) -> None:
        def phases(header: pydicom.Dataset) -> None:
            for number, group in enumerate(header.PerFrameFunctionalGroupsSequence):
                group.FrameContentSequence = [pydicom.Dataset()]
                group.FrameContentSequence[0].TemporalPositionIndex = number // 3 + 1

        stored = voxels()
        stored[3:] = stored[:3] + 1
        path = write_enhanced(tmp_path / "x.dcm", stored, order=range(6), edit=phases)
        ds = pydicom.dcmread(path)
        for number in range(3):
            first = ds.PerFrameFunctionalGroupsSequence[number].PlanePositionSequence
            ds.PerFrameFunctionalGroupsSequence[number + 3].PlanePositionSequence = first
        ds.save_as(path)
        message = refusal(path).message
        assert "holds 6 slices at 3 positions" in message
        assert "x.dcm frame 1, x.dcm frame 4" in message
        assert "they differ in TemporalPositionIndex (1, 2)" in message

    def test_beside_others_is_refused(self, tmp_path: Path) -> None:
        write_enhanced(tmp_path / "a.dcm", voxels())
        shutil.copy(tmp_path / "a.dcm", tmp_path / "b.dcm")
        assert "2 files of one series, 2 of them multi-frame: a.dcm, b.dcm" in refusal(tmp_path).message

    def test_frames_that_are_not_described(self, tmp_path: Path) -> None:
        path = write_enhanced(
            tmp_path / "x.dcm", voxels(), edit=lambda header: header.PerFrameFunctionalGroupsSequence.pop()
        )
        assert "x.dcm cannot be read as DICOM (6 frames, 5 of them described)" in refusal(path).message

    def test_frames_without_places(self, tmp_path: Path) -> None:
        header = image_header(voxels(), "US", "cine", 0)
        header.NumberOfFrames = 6
        path = write(tmp_path / "x.dcm", header)
        assert "holds 6 frames and does not say where they lie" in refusal(path).message


def _geometry(
    highdicom: object, affine: NDArray[np.float64], array: NDArray[np.generic], theirs: object
) -> object:
    """highdicom's idea of our grid: its axes are slices, rows, columns."""
    matrix = np.eye(4)
    matrix[:3] = affine[:, [2, 1, 0, 3]]
    return highdicom.VolumeGeometry(  # type: ignore[attr-defined]
        matrix,
        array.shape,
        "PATIENT",
        theirs.frame_of_reference_uid,  # type: ignore[attr-defined]
    )
