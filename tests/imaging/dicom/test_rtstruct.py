"""Structures become voxels on any image; what cannot be placed or is left to choose is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from made_drawings import FRAME, doubts, grid, in_mm, refusal, scan, wanted, write_structures
from made_series import read, uid, write_series
from made_structures import CUBE, columns, cube, drawn, get, refused, several
from pydicom.dataset import Dataset

from radcompare.errors import CaseError
from radcompare.imaging.dicom.masks import contours_or_segments, read_dicom_mask
from radcompare.imaging.dicom.rtstruct import read_structure
from radcompare.imaging.geometry import Grid
from radcompare.imaging.reading import examine
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case


class TestRealScans:
    """Soft-tissue sarcoma (TCIA), contours by MIM; the voxel masks come from another program."""

    @pytest.mark.parametrize("modality", ["PET", "CT"])
    @pytest.mark.parametrize("patient", ["STS_001", "STS_002"])
    def test_every_voxel_is_the_expected_one(self, shared_data: Path, patient: str, modality: str) -> None:
        folder = shared_data / "dicom-rtstruct" / patient
        expected = sitk.ReadImage(str(folder / f"{modality}_expected_mask.nii.gz"))
        image = folder / modality / "image"
        case = Case("a", image, folder / modality / "mask")
        path = contours_or_segments(case, case.mask)
        assert path is not None
        inside = read_dicom_mask(case, path, read(image))
        np.testing.assert_array_equal(inside.voxels, sitk.GetArrayFromImage(expected) == 1)
        assert inside.facts == {"mask_format": "RTSTRUCT", "structure": f"GTV_Mass_{modality}", "label": 1}
        assert inside.doubts == ()

    def test_the_same_onto_a_nifti_of_the_image(self, shared_data: Path) -> None:
        folder = shared_data / "dicom-rtstruct/STS_002"
        mask = sitk.ReadImage(str(folder / "PET_expected_mask.nii.gz"))
        onto = Volume(Path("nifti"), sitk.GetArrayFromImage(mask), Grid.of(mask))
        np.testing.assert_array_equal(get(folder / "PET/mask/RS.dcm", onto).voxels, onto.voxels == 1)

    def test_contours_of_a_ct_on_the_pet_are_other_series_of_the_same_frame(self, shared_data: Path) -> None:
        folder = shared_data / "dicom-rtstruct/STS_002"
        inside = get(folder / "CT/mask/RS.dcm", read(folder / "PET/image"))
        expected = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "PET_expected_mask.nii.gz"))) == 1
        assert "was drawn on another series" in doubts(inside)
        shared = 2 * np.sum(inside.voxels & expected) / (inside.voxels.sum() + expected.sum())
        assert 0.95 < shared < 1

    def test_another_patient_is_another_frame(self, shared_data: Path) -> None:
        folder = shared_data / "dicom-rtstruct"
        said = refused(folder / "STS_001/PET/mask/RS.dcm", read(folder / "STS_002/PET/image"))
        assert "another frame of reference" in said

    def test_a_region_comes_out_of_the_whole_reading(self, shared_data: Path) -> None:
        folder = shared_data / "dicom-rtstruct/STS_002/CT"
        problems, region = examine(Case("a", folder / "image", folder / "mask"))
        assert [problem for problem in problems if problem.severity == "error"] == []
        assert region is not None
        assert region.mask.sum() == 17090


class TestChoice:
    def test_one_structure_needs_no_name(self, tmp_path: Path) -> None:
        assert get(drawn(tmp_path, CUBE)).facts == {"mask_format": "RTSTRUCT", "structure": "GTV", "label": 1}

    def test_the_only_one_with_contours(self, tmp_path: Path) -> None:
        def empty(file: Dataset) -> None:
            del file.ROIContourSequence[0].ContourSequence

        assert columns(get(several(tmp_path, "empty", "GTV", edit=empty))) == [3]

    @pytest.mark.parametrize(
        ("structure", "taken"),
        [
            ("GTV", "GTV"),
            ("GTV*2", "GTV-2"),
            ("gtv-2", "GTV-2"),
            ("gtv-?", "GTV-2"),
            ("LUNG", "Lung"),
            ("[x]", "[x]"),
        ],
    )
    def test_a_name_or_pattern(self, tmp_path: Path, structure: str, taken: str) -> None:
        file = several(tmp_path, "GTV", "GTV-2", "Lung", "[x]")
        assert get(file, structure=structure).facts["structure"] == taken

    @pytest.mark.parametrize("structure", ["GTV[1]", "gtv[1]"])
    def test_a_name_that_is_also_a_pattern_of_others(self, tmp_path: Path, structure: str) -> None:
        file = several(tmp_path, "GTV1", "GTV[1]")
        assert get(file, structure=structure).facts["structure"] == "GTV[1]"

    def test_case_counts_first(self, tmp_path: Path) -> None:
        file = several(tmp_path, "gtv", "GTV")
        assert columns(get(file, structure="GTV")) == [3]
        assert columns(get(file, structure="G*")) == [3]

    def test_a_number(self, tmp_path: Path) -> None:
        inside = get(several(tmp_path, "a", "b", "c"), label=2)
        assert columns(inside) == [3]
        assert inside.facts["label"] == 2

    def test_a_number_tells_structures_of_one_name_apart(self, tmp_path: Path) -> None:
        def same_names(file: Dataset) -> None:
            for item in file.StructureSetROISequence:
                item.ROIName = "GTV"

        file = several(tmp_path, "a", "b", edit=same_names)
        assert "'GTV' (number 1), 'GTV' (number 2)" in refused(file, structure="GTV")
        assert columns(get(file, structure="GTV", label=2)) == [3]

    @pytest.mark.parametrize("structure", ["", "GTV*"])
    def test_several_are_refused_by_name(self, tmp_path: Path, structure: str) -> None:
        error = refusal(read_structure, several(tmp_path, "GTV-1", "GTV-2"), scan(), structure=structure)
        assert "several structures that may be meant: 'GTV-1' (number 1), 'GTV-2' (number 2)" in error.message
        assert "`Structure` column" in error.hint
        assert "--reading labels=union" in error.hint

    def test_or_taken_together(self, tmp_path: Path) -> None:
        file = several(tmp_path, "GTV-1", "GTV-2", "lung")
        inside = get(file, structure="GTV*", union=True)
        assert columns(inside) == [1, 3]
        assert inside.facts == {"mask_format": "RTSTRUCT", "structure": "GTV-1; GTV-2"}

    def test_overlapping_ones_are_united_not_cut(self, tmp_path: Path) -> None:
        twice = {name: [in_mm(points, grid()) for points in CUBE] for name in ("a", "b")}
        file = write_structures(tmp_path / "rs.dcm", twice)
        np.testing.assert_array_equal(get(file, union=True).voxels, cube())

    def test_none_of_that_name(self, tmp_path: Path) -> None:
        said = refused(several(tmp_path, "GTV-1", "Lung"), structure="GTV_1")
        assert "a structure 'GTV_1'; did you mean 'GTV-1'?; it holds 'GTV-1' (number 1), 'Lung'" in said

    def test_none_of_that_number(self, tmp_path: Path) -> None:
        assert "does not hold number 7; it holds 'a' (number 1)" in refused(several(tmp_path, "a"), label=7)

    def test_a_name_and_number_that_disagree(self, tmp_path: Path) -> None:
        said = refused(several(tmp_path, "a", "b"), structure="a", label=2)
        assert "does not hold a structure 'a' with number 2" in said


class TestBelonging:
    def test_another_frame_of_reference(self, tmp_path: Path) -> None:
        onto = scan(frame=uid("elsewhere"))
        assert "another frame of reference" in refused(drawn(tmp_path, CUBE), onto)

    def test_another_series_of_the_same_frame_is_a_doubt(self, tmp_path: Path) -> None:
        onto = scan(series=uid("this"), frame=FRAME)
        assert "another series" in doubts(get(drawn(tmp_path, CUBE, series=uid("that")), onto))
        assert doubts(get(drawn(tmp_path, CUBE, series=uid("this")), onto)) == ""

    def test_an_image_without_positions(self, tmp_path: Path) -> None:
        picture = replace(scan(grid(size=(20, 16, 1)).unit()), picture="PNG")
        radiograph = scan(grid(size=(20, 16, 1)).unit(), series=uid("this"))
        for onto in (picture, radiograph):
            assert "was drawn at positions in mm, and the image scan has none" in refused(
                drawn(tmp_path, CUBE), onto
            )

    def test_where_neither_says_anything_nothing_is_said(self, tmp_path: Path) -> None:
        assert get(drawn(tmp_path, CUBE, frame=""), scan(series=uid("this"), frame=FRAME)).doubts == ()


class TestKindsOfContours:
    @pytest.mark.parametrize("kind", ["POINT", "OPEN_PLANAR", "OPEN_NONPLANAR", ""])
    def test_that_enclose_nothing_alone_are_refused(self, tmp_path: Path, kind: str) -> None:
        for asked in ("", "GTV"):
            said = refused(drawn(tmp_path, CUBE, kind=kind), structure=asked)
            assert f"'GTV' (number 1), no closed contours, 4 of type {kind or 'none'}" in said

    def test_beside_closed_ones_are_a_doubt(self, tmp_path: Path) -> None:
        def point(file: Dataset) -> None:
            file.ROIContourSequence[0].ContourSequence[0].ContourGeometricType = "POINT"

        inside = get(drawn(tmp_path, [*CUBE[:1], *CUBE], edit=point))
        np.testing.assert_array_equal(inside.voxels, cube())
        assert "not closed and were passed over: 1 of type POINT" in doubts(inside)

    def test_xor_ones_are_closed(self, tmp_path: Path) -> None:
        np.testing.assert_array_equal(get(drawn(tmp_path, CUBE, kind="CLOSEDPLANAR_XOR")).voxels, cube())


class TestFinding:
    def test_one_file_of_a_folder(self, tmp_path: Path) -> None:
        write_series(tmp_path, np.zeros((3, 4, 5), np.int16))
        case = wanted(tmp_path)
        assert contours_or_segments(case, tmp_path) is None
        file = drawn(tmp_path, CUBE)
        assert contours_or_segments(case, tmp_path) == file
        assert contours_or_segments(case, file) == file

    def test_several_are_refused(self, tmp_path: Path) -> None:
        drawn(tmp_path, CUBE).rename(tmp_path / "other.dcm")
        drawn(tmp_path, CUBE)
        with pytest.raises(CaseError) as caught:
            contours_or_segments(wanted(tmp_path), tmp_path)
        assert "holds 2 RTSTRUCT or SEG files: other.dcm, rs.dcm" in caught.value.message

    def test_a_file_that_is_neither_mask_nor_image(self, tmp_path: Path) -> None:
        def plan(file: Dataset) -> None:
            file.Modality = "RTPLAN"

        file = drawn(tmp_path, CUBE, edit=plan)
        assert "of modality RTPLAN, expected a mask" in refusal(read_dicom_mask, file, scan()).message
