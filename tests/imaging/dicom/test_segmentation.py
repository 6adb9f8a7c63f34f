"""Segments become voxels: copied where their planes lie on the image, and refused or resampled where not."""

from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from made_drawings import FRAME, SIZE, doubts, grid, refusal, scan, wanted
from made_segments import blob, get, made, refused, write_segments
from made_series import read, uid, write_series
from pydicom.dataset import Dataset
from scipy.spatial.transform import Rotation

from radcompare.imaging.dicom.masks import contours_or_segments, read_dicom_mask
from radcompare.imaging.dicom.segmentation import read_segments
from radcompare.imaging.geometry import Grid
from radcompare.imaging.reading import examine
from radcompare.tables.case import Case

OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix().ravel())


CT_GRID = Grid(
    (16, 16, 3), (0.488281, 0.488281, 1.25), (-125.0, -128.100006, 103.019997), (1, 0, 0, 0, 1, 0, 0, 0, 1)
)
"""Where the slices lie that most of the real files were drawn on; those themselves are not at hand."""


class TestRealFiles:
    """highdicom's own test files, against pydicom's pixels and highdicom's volumes."""

    def test_a_single_frame_on_its_image(self, shared_data: Path) -> None:
        folder = shared_data / "dicom-seg"
        path = folder / "seg_image_ct_binary_single_frame.dcm"
        inside = get(path, read(folder / "ct_image.dcm"))
        np.testing.assert_array_equal(inside.voxels[0], pydicom.dcmread(path).pixel_array == 1)
        assert inside.facts == {"mask_format": "DICOM SEG", "structure": "first segment", "label": 1}
        assert inside.doubts == ()

    def test_the_same_through_the_whole_reading(self, shared_data: Path) -> None:
        folder = shared_data / "dicom-seg"
        case = Case("a", folder / "ct_image.dcm", folder / "seg_image_ct_binary_single_frame.dcm")
        problems, region = examine(case)
        assert [problem for problem in problems if problem.severity == "error"] == []
        assert region is not None
        assert region.mask.sum() == 1832

    @pytest.mark.parametrize(
        ("name", "threshold", "from_here"),
        [
            ("binary", None, 1),
            ("binary_fractional", None, 128),
            ("true_fractional", None, 128),
            ("true_fractional", 0.25, 64),
            ("true_fractional", 64 / 255, 64),
            ("true_fractional", 0.2511, 128),
        ],
    )
    def test_three_slices(
        self, shared_data: Path, name: str, threshold: float | None, from_here: int
    ) -> None:
        path = shared_data / f"dicom-seg/seg_image_ct_{name}.dcm"
        inside = get(path, scan(CT_GRID), threshold=threshold)
        np.testing.assert_array_equal(inside.voxels, pydicom.dcmread(path).pixel_array >= from_here)
        assert inside.facts.get("threshold") == (None if name == "binary" else threshold or 0.5)

    @pytest.mark.parametrize("label", [1, 2])
    def test_segments_that_overlap(self, shared_data: Path, label: int) -> None:
        path = shared_data / "dicom-seg/seg_image_ct_binary_overlap.dcm"
        inside = get(path, scan(CT_GRID), label=label)
        theirs = hd.seg.segread(path).get_volume(segment_numbers=[label]).array[:3, ..., 0]
        np.testing.assert_array_equal(inside.voxels, theirs[::-1] == 1)
        # Four frames of each, the first one 200 mm away from the others.
        frame = pydicom.dcmread(path).pixel_array[4 * (label - 1)]
        assert f"{frame.sum()} of {4 * frame.sum()} pixels" in doubts(inside)
        assert "beyond the image" in doubts(inside)

    def test_segments_that_overlap_taken_together(self, shared_data: Path) -> None:
        path = shared_data / "dicom-seg/seg_image_ct_binary_overlap.dcm"
        assert "'first segment' (number 1), 'second segment' (number 2)" in refused(path, scan(CT_GRID))
        both = get(path, scan(CT_GRID), structure="*segment", union=True)
        one, two = (get(path, scan(CT_GRID), label=label) for label in (1, 2))
        np.testing.assert_array_equal(both.voxels, one.voxels | two.voxels)
        assert (one.voxels & two.voxels).any()
        assert both.facts == {"mask_format": "DICOM SEG", "structure": "first segment; second segment"}

    def test_a_radiograph_has_no_positions(self, shared_data: Path) -> None:
        path = shared_data / "dicom-seg/seg_image_cr_binary.dcm"
        inside = get(path, scan(grid(size=(16, 16, 1)).unit()))
        np.testing.assert_array_equal(inside.voxels[0], pydicom.dcmread(path).pixel_array == 1)
        assert inside.facts["mask_placed"] == "pixel by pixel, the file gives no positions"
        said = refused(path, scan(grid(size=(16, 17, 1)).unit()))
        assert "a frame of 16 x 16 pixels is not the image scan of 16 x 17 x 1" in said
        assert "of 20 x 16 x 8" in refused(path)

    def test_another_patient_is_another_frame(self, shared_data: Path) -> None:
        folder = shared_data / "dicom-seg"
        said = refused(folder / "seg_image_ct_binary.dcm", read(folder / "ct_image.dcm"))
        assert "another frame of reference" in said


class TestKinds:
    @pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
    def test_voxels_come_back_by_number_and_name(self, tmp_path: Path, kind: str) -> None:
        one, two = blob(1), blob(2) & ~blob(1)
        path = made(tmp_path, {"tumour": one, "oedema": two}, kind)
        np.testing.assert_array_equal(get(path, label=2).voxels, two)
        np.testing.assert_array_equal(get(path, structure="tumour").voxels, one)
        np.testing.assert_array_equal(get(path, union=True).voxels, one | two)
        assert get(path, structure="OED*").facts == {
            "mask_format": "DICOM SEG",
            "structure": "oedema",
            "label": 2,
        }

    @pytest.mark.parametrize("largest", [255, 100])
    @pytest.mark.parametrize("threshold", [None, 0.2, 1.0])
    @pytest.mark.parametrize("fraction", ["PROBABILITY", "OCCUPANCY"])
    def test_fractions(self, tmp_path: Path, largest: int, threshold: float | None, fraction: str) -> None:
        stored = np.random.default_rng(3).integers(0, largest + 1, SIZE[::-1])
        stored[1, 2, 3] = largest
        path = made(
            tmp_path,
            {"t": stored / largest},
            "FRACTIONAL",
            max_fractional_value=largest,
            fractional_type=fraction,
        )
        inside = get(path, threshold=threshold)
        np.testing.assert_array_equal(inside.voxels, stored / largest >= (threshold or 0.5))
        assert inside.facts["threshold"] == (threshold or 0.5)

    def test_a_threshold_leaves_binary_ones_alone(self, tmp_path: Path) -> None:
        inside = get(made(tmp_path), threshold=0.9)
        np.testing.assert_array_equal(inside.voxels, blob())
        assert "threshold" not in inside.facts

    def test_pixels_that_do_not_fill_bytes(self, tmp_path: Path) -> None:
        odd = np.random.default_rng(1).uniform(size=(5, 7, 11)) < 0.5
        path = write_segments(tmp_path / "seg.dcm", tmp_path / "series", {"t": odd})
        np.testing.assert_array_equal(get(path, scan(grid((11, 7, 5)))).voxels, odd)

    def test_run_length_encoding(self, tmp_path: Path) -> None:
        labels = made(tmp_path, {"a": blob()}, "LABELMAP", transfer_syntax_uid=pydicom.uid.RLELossless)
        np.testing.assert_array_equal(get(labels).voxels, blob())

    def test_the_description_where_no_label_is_meant(self, tmp_path: Path) -> None:
        def described(file: Dataset) -> None:
            for item, words in zip(file.SegmentSequence, ("the primary", "a node"), strict=True):
                item.SegmentDescription = words

        path = made(tmp_path, {"1": blob(1), "2": blob(2)}, edit=described)
        assert get(path, structure="A Node").facts["label"] == 2
        assert get(path, structure="*primary").facts["label"] == 1


class TestBelonging:
    def test_a_picture_has_no_positions(self, tmp_path: Path) -> None:
        picture = replace(scan(grid(size=(20, 16, 1)).unit()), picture="PNG")
        assert "was drawn at positions in mm" in refused(made(tmp_path), picture)

    def test_its_own_series(self, tmp_path: Path) -> None:
        path = made(tmp_path)
        inside = get(path, read(tmp_path / "series"))
        np.testing.assert_array_equal(inside.voxels, blob())
        assert inside.doubts == ()

    def test_another_series_and_frame(self, tmp_path: Path) -> None:
        path = made(tmp_path)
        assert "another series" in doubts(get(path, scan(series=uid("other"), frame=FRAME)))
        assert "another frame of reference" in refused(path, scan(frame=uid("elsewhere")))


def no_frames(file: Dataset) -> None:
    for group in file.PerFrameFunctionalGroupsSequence:
        group.SegmentIdentificationSequence[0].ReferencedSegmentNumber = 1


class TestRefusals:
    def test_several_segments(self, tmp_path: Path) -> None:
        error = refusal(read_segments, made(tmp_path, {"a": blob(1), "b": blob(2)}), scan())
        assert "several segments that may be meant: 'a' (number 1), 'b' (number 2)" in error.message
        assert "`Structure` column" in error.hint
        assert "--reading labels=union" in error.hint

    def test_no_such_segment(self, tmp_path: Path) -> None:
        path = made(tmp_path)
        assert "a segment 'tumor'; did you mean 'tumour'?; it holds 'tumour' (number 1)" in refused(
            path, structure="tumor"
        )
        assert "does not hold number 4" in refused(path, label=4)

    def test_a_segment_without_frames(self, tmp_path: Path) -> None:
        path = made(tmp_path, {"a": blob(1), "b": blob(2)}, edit=no_frames)
        assert "'b' (number 2), no frames" in refused(path, label=2)

    @pytest.mark.parametrize("kind", ["BINARY", "LABELMAP", "FRACTIONAL"])
    def test_a_segment_that_is_empty(self, tmp_path: Path, kind: str) -> None:
        path = made(tmp_path, {"t": np.zeros(SIZE[::-1])}, kind, omit_empty_frames=False)
        said = refused(path)
        assert "the segment 't' of" in said
        assert "is empty: no pixel is inside" in said
        assert ("from a share of 0.5 on" in said) == (kind == "FRACTIONAL")

    def test_tiles_of_a_slide(self, tmp_path: Path) -> None:
        def tiled(file: Dataset) -> None:
            file.TotalPixelMatrixRows = file.TotalPixelMatrixColumns = 40

        assert "holds tiles of a slide" in refused(made(tmp_path, edit=tiled))

    def test_fractions_of_no_known_largest_value(self, tmp_path: Path) -> None:
        def unknown(file: Dataset) -> None:
            del file.MaximumFractionalValue

        path = made(tmp_path, {"t": blob() * 1.0}, "FRACTIONAL", edit=unknown)
        assert "cannot be read as DICOM" in refused(path)

    @pytest.mark.parametrize("kind", ["BINARY", "LABELMAP", "FRACTIONAL"])
    def test_a_file_that_ends_early(self, tmp_path: Path, kind: str) -> None:
        whole = made(tmp_path, {"t": blob() * 1.0}, kind).read_bytes()
        cut = tmp_path / "cut.dcm"
        for end in (*range(150, len(whole), 397), len(whole) - 60, len(whole) - 20):
            cut.write_bytes(whole[:end])
            assert refused(cut)

    def test_a_file_of_odd_frames_that_ends_early(self, tmp_path: Path) -> None:
        odd = np.ones((5, 7, 11))
        path = write_segments(tmp_path / "seg.dcm", tmp_path / "series", {"t": odd})
        path.write_bytes(path.read_bytes()[:-3])
        assert "cannot be read as DICOM" in refused(path, scan(grid((11, 7, 5))))

    @pytest.mark.parametrize(
        "keyword", ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "SegmentSequence"]
    )
    def test_absent_sequences(self, tmp_path: Path, keyword: str) -> None:
        def without(file: Dataset) -> None:
            del file[keyword]

        assert "cannot be read as DICOM" in refused(made(tmp_path, edit=without))


class TestFinding:
    def test_among_the_slices_that_it_was_drawn_on(self, tmp_path: Path) -> None:
        path = made(tmp_path)
        path.rename(tmp_path / "series/seg.dcm")
        found = contours_or_segments(wanted(tmp_path), tmp_path / "series")
        assert found == tmp_path / "series/seg.dcm"
        inside = read_dicom_mask(wanted(found), found, read(tmp_path / "series"))
        np.testing.assert_array_equal(inside.voxels, blob())

    def test_a_folder_of_slices_is_none(self, tmp_path: Path) -> None:
        write_series(tmp_path, np.zeros((3, 4, 5), np.int16))
        assert contours_or_segments(wanted(tmp_path), tmp_path) is None
