"""RTSTRUCT files that are damaged or lack what they should hold are refused, and none loses contours."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_drawings import grid, in_mm, write_structures
from made_structures import CUBE, columns, cube, drawn, get, refused, several
from pydicom.dataset import Dataset


def first(file: Dataset) -> Dataset:
    return file.ROIContourSequence[0].ContourSequence[0]


def lost_point(file: Dataset) -> None:
    first(file).NumberOfContourPoints = 5


def lost_coordinate(file: Dataset) -> None:
    first(file).ContourData = first(file).ContourData[:-1]
    del first(file).NumberOfContourPoints


def no_data(file: Dataset) -> None:
    del first(file).ContourData


def empty_data(file: Dataset) -> None:
    first(file).ContourData = None


class TestDamage:
    @pytest.mark.parametrize(
        ("edit", "said"),
        [
            (lost_point, "has 12 coordinates in contour 1, and says it has 5 points"),
            (lost_coordinate, "has 11 coordinates in contour 1; expected three"),
            (no_data, "holds no points in contour 1"),
            (empty_data, "holds no points in contour 1"),
        ],
    )
    def test_of_contours_names_the_structure(
        self, tmp_path: Path, edit: Callable[[Dataset], None], said: str
    ) -> None:
        message = refused(drawn(tmp_path, CUBE, edit=edit))
        assert "the structure 'GTV'" in message
        assert said in message

    @pytest.mark.parametrize(
        ("value", "said"), [(b"nan", "NaN"), (b"inf", "infinite"), (b"1,5", "no number")]
    )
    def test_values_that_are_no_numbers(self, tmp_path: Path, value: bytes, said: str) -> None:
        file = drawn(tmp_path, CUBE)
        number = f"{in_mm(CUBE[0], grid())[0, 0]:.9f}".encode()
        whole = file.read_bytes()
        assert number in whole
        file.write_bytes(whole.replace(number, value.ljust(len(number)), 1))
        assert said in refused(file)

    def test_absent_sequences(self, tmp_path: Path) -> None:
        def nothing(file: Dataset) -> None:
            del file.StructureSetROISequence, file.ROIContourSequence, file.ReferencedFrameOfReferenceSequence

        def no_contours(file: Dataset) -> None:
            del file.ROIContourSequence

        assert "holds no structures" in refused(drawn(tmp_path, CUBE, edit=nothing))
        assert "'GTV' (number 1), no contours" in refused(drawn(tmp_path, CUBE, edit=no_contours))

    def test_contours_of_an_unknown_structure_have_a_number_alone(self, tmp_path: Path) -> None:
        def unknown(file: Dataset) -> None:
            file.ROIContourSequence[0].ReferencedROINumber = 44

        file = drawn(tmp_path, CUBE, edit=unknown)
        assert "'GTV' (number 1), no contours" in refused(file, structure="GTV")
        np.testing.assert_array_equal(get(file, label=44).voxels, cube())

    def test_contours_that_refer_to_none_are_passed_over(self, tmp_path: Path) -> None:
        def no_number(file: Dataset) -> None:
            del file.ROIContourSequence[0].ReferencedROINumber

        assert columns(get(several(tmp_path, "a", "b", edit=no_number))) == [3]

    @pytest.mark.parametrize("implicit", [False, True])
    @pytest.mark.parametrize("undefined", [False, True])
    def test_a_file_that_ends_early_never_loses_contours(
        self, tmp_path: Path, implicit: bool, undefined: bool
    ) -> None:
        def lengths(file: Dataset) -> None:
            if undefined:
                of_rois = [roi["ContourSequence"] for roi in file.ROIContourSequence]
                for sequence in (file["ROIContourSequence"], *of_rois):
                    sequence.is_undefined_length = True
                    for item in sequence.value:
                        item.is_undefined_length_sequence_item = True

        made = {name: [in_mm(points, grid()) for points in CUBE] for name in ("GTV", "node")}
        whole = write_structures(tmp_path / "rs.dcm", made, edit=lengths, implicit=implicit).read_bytes()
        file = tmp_path / "cut.dcm"
        # Between two contours of the second structure a cut looks like the end of a file of one.
        items = [start for start in range(len(whole)) if whole[start : start + 4] == b"\xfe\xff\x00\xe0"]
        for end in (*range(150, len(whole) - 1, 61), *items, len(whole) - 9):
            file.write_bytes(whole[:end])
            assert refused(file)

    def test_a_file_of_something_else(self, tmp_path: Path) -> None:
        file = tmp_path / "text.dcm"
        file.write_text("no DICOM at all " * 40)
        assert "cannot be read as DICOM" in refused(file)
        assert "cannot be read as DICOM" in refused(tmp_path / "absent.dcm")
