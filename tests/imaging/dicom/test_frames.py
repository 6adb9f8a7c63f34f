"""Frames are copied where they lie on the voxels of an image, and refused or resampled where not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from made_drawings import SIZE, doubts, grid, refusal, scan
from made_segments import blob, get, made, refused
from made_series import ORIGIN, SPACING
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from scipy.spatial.transform import Rotation

from radcompare.imaging.dicom.segmentation import read_segments
from radcompare.imaging.geometry import Grid

OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix().ravel())


def by_simpleitk(inside: NDArray[Any], of: Grid, onto: Grid) -> NDArray[np.bool_]:
    image = sitk.GetImageFromArray(inside.astype(np.uint8))
    image.SetSpacing(of.spacing)
    image.SetOrigin(of.origin)
    image.SetDirection(of.direction)
    like = sitk.Image(onto.size, sitk.sitkUInt8)
    like.SetSpacing(onto.spacing)
    like.SetOrigin(onto.origin)
    like.SetDirection(onto.direction)
    moved = sitk.Resample(image, like, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    return np.asarray(sitk.GetArrayFromImage(moved) == 1)


class TestPlacing:
    @pytest.mark.slow
    def test_frames_of_a_part_of_the_image(self, tmp_path: Path) -> None:
        part = blob()[2:7, 3:12, 5:18]
        x, y, z = (o + s * n for o, s, n in zip(ORIGIN, SPACING, (5, 3, 2), strict=True))
        inside = get(made(tmp_path, {"t": part}, placed=grid((13, 9, 5), origin=(x, y, z))))
        expected = np.zeros(SIZE[::-1], dtype=bool)
        expected[2:7, 3:12, 5:18] = part
        np.testing.assert_array_equal(inside.voxels, expected)
        assert inside.doubts == ()

    @pytest.mark.parametrize("axes", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
    @pytest.mark.parametrize("flips", [(False, False, False), (True, False, True), (True, True, True)])
    def test_flipped_and_turned_frames(
        self, tmp_path: Path, axes: tuple[int, int, int], flips: tuple[bool, bool, bool]
    ) -> None:
        image = sitk.GetImageFromArray(blob().astype(np.uint8))
        image.SetSpacing(SPACING)
        image.SetOrigin(ORIGIN)
        image.SetDirection(OBLIQUE)
        turned = sitk.Flip(sitk.PermuteAxes(image, axes), flips)
        path = made(tmp_path, {"t": sitk.GetArrayFromImage(turned) == 1}, placed=Grid.of(turned))
        np.testing.assert_array_equal(get(path, scan(grid(direction=OBLIQUE))).voxels, blob())

    def test_slices_in_between_without_frames(self, tmp_path: Path) -> None:
        sparse = blob()
        sparse[[2, 3, 5]] = False
        np.testing.assert_array_equal(get(made(tmp_path, {"t": sparse})).voxels, sparse)

    def test_slices_of_a_series_lie_evenly_only_nearly(self, tmp_path: Path) -> None:
        def jitter(file: Dataset) -> None:
            group = file.PerFrameFunctionalGroupsSequence[3].PlanePositionSequence[0]
            x, y, z = group.ImagePositionPatient
            group.ImagePositionPatient = [x, y, z + 0.05 * SPACING[2]]

        np.testing.assert_array_equal(get(made(tmp_path, edit=jitter)).voxels, blob())

    def test_beyond_the_image(self, tmp_path: Path) -> None:
        z = ORIGIN[2] + 5 * SPACING[2]
        inside = get(made(tmp_path, placed=grid(origin=(*ORIGIN[:2], z))))
        np.testing.assert_array_equal(inside.voxels[5:], blob()[:3])
        lost, whole = blob()[3:].sum(), blob().sum()
        assert f"reaches beyond the image: {lost} of {whole} pixels" in doubts(inside)

    def test_all_beyond_the_image(self, tmp_path: Path) -> None:
        path = made(tmp_path, placed=grid(origin=(*ORIGIN[:2], 400.0)))
        assert "nothing of the segment 'tumour' of" in refused(path)


class TestOtherGrids:
    @pytest.mark.parametrize(
        ("off", "said"),
        [
            ({"spacing": (0.5, 0.5, 2.5)}, "spacing (0.75, 0.5, 2.5) against (0.5, 0.5, 2.5)"),
            ({"origin": (-120.2, 33.25, -80.0)}, "origin (-120.5, 33.25, -80) against (-120.2, 33.25, "),
            ({"spacing": (0.75, 0.5, 1.25)}, "spacing (0.75, 0.5, 2.5) against (0.75, 0.5, 1.25)"),
            ({"direction": OBLIQUE}, "direction (1, 0, 0, 0, 1, 0, 0, 0, 1) against (0.5"),
        ],
    )
    def test_are_refused_or_resampled(self, tmp_path: Path, off: dict[str, Any], said: str) -> None:
        of = grid(**off)
        path = made(tmp_path, {"t": np.ones(SIZE[::-1])}, placed=of)
        error = refusal(read_segments, path, scan())
        assert said in error.message
        assert "--reading resample_mask=true" in error.hint
        inside = get(path, resample_mask=True)
        assert said in str(inside.facts["mask_resampled"])
        np.testing.assert_array_equal(inside.voxels, by_simpleitk(np.ones(SIZE[::-1]), of, grid()))

    @pytest.mark.parametrize("kind", ["BINARY", "LABELMAP", "FRACTIONAL"])
    def test_every_kind_is_resampled(self, tmp_path: Path, kind: str) -> None:
        one, two = blob(1), blob(2) & ~blob(1)
        of = grid(spacing=(0.6, 0.7, 1.9))
        path = made(
            tmp_path, {"a": one * 1.0, "b": two * 0.4 if kind == "FRACTIONAL" else two * 1.0}, kind, placed=of
        )
        inside = get(path, label=2, resample_mask=True, threshold=0.3)
        np.testing.assert_array_equal(inside.voxels, by_simpleitk(two, of, grid()))

    def test_a_tolerance_may_let_them_pass(self, tmp_path: Path) -> None:
        x, y, z = ORIGIN
        path = made(tmp_path, placed=grid(origin=(x + 0.02 * SPACING[0], y, z)))
        assert "origin" in refused(path)
        np.testing.assert_array_equal(get(path, tolerance=0.03).voxels, blob())

    def test_uneven_planes_cannot_be_resampled(self, tmp_path: Path) -> None:
        def shifted(file: Dataset) -> None:
            group = file.PerFrameFunctionalGroupsSequence[3].PlanePositionSequence[0]
            x, y, z = group.ImagePositionPatient
            group.ImagePositionPatient = [x, y, z + 0.4 * SPACING[2]]

        assert "its planes are not evenly spaced" in refused(made(tmp_path, edit=shifted), resample_mask=True)
