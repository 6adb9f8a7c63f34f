"""Contours in planes go to the slices that they belong to, on any grid; or the reason why not."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from made_drawings import SIZE, at, box, doubts, grid, scan
from made_series import STRAIGHT, read, write_series
from made_structures import CUBE, cube, drawn, get, moved, refused
from scipy.spatial.transform import Rotation

from radcompare.imaging.geometry import Grid
from radcompare.imaging.volume import Volume

OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix().ravel())
FLIPPED = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0)
DOWNWARD = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
LEFT_HANDED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


class TestPlacing:
    @pytest.mark.parametrize("direction", [STRAIGHT, OBLIQUE, FLIPPED, DOWNWARD, SAGITTAL, LEFT_HANDED])
    @pytest.mark.parametrize("spacing", [(0.75, 0.5, 2.5), (3.0, 0.7, 0.4)])
    def test_a_cube_is_where_it_was_drawn(
        self, tmp_path: Path, direction: tuple[float, ...], spacing: tuple[float, float, float]
    ) -> None:
        of = grid(spacing=spacing, direction=direction)
        inside = get(drawn(tmp_path, CUBE, of), scan(of))
        np.testing.assert_array_equal(inside.voxels, cube())
        assert inside.doubts == ()

    @pytest.mark.parametrize("axes", [(1, 2, 0), (2, 1, 0), (0, 2, 1)])
    def test_an_image_whose_axes_were_stored_in_another_order(
        self, tmp_path: Path, axes: tuple[int, int, int]
    ) -> None:
        file = drawn(tmp_path, CUBE)
        of = grid()
        image = sitk.GetImageFromArray(cube().astype(np.uint8))
        image.SetSpacing(of.spacing)
        image.SetOrigin(of.origin)
        other = sitk.PermuteAxes(image, axes)
        onto = Volume(Path("scan"), sitk.GetArrayFromImage(other), Grid.of(other))
        np.testing.assert_array_equal(get(file, onto).voxels, onto.voxels == 1)

    def test_a_made_series_and_implicit_transfer_syntax(self, tmp_path: Path) -> None:
        write_series(tmp_path / "series", np.zeros(SIZE[::-1], np.int16), direction=OBLIQUE)
        onto = read(tmp_path / "series")
        file = drawn(tmp_path, CUBE, grid(direction=OBLIQUE), series=onto.series, implicit=True)
        inside = get(file, onto)
        np.testing.assert_array_equal(inside.voxels, cube())
        assert inside.doubts == ()

    def test_holes_islands_and_keyholes(self, tmp_path: Path) -> None:
        rings = [
            at(2, box(1.5, 1.5, 12.5, 12.5)),
            at(2, box(3.5, 3.5, 9.5, 9.5)),
            at(2, box(5.5, 5.5, 7.5, 7.5)),
        ]
        way = np.concatenate([rings[0], rings[0][:1], rings[1][::-1], rings[1][-1:]])
        inside = get(drawn(tmp_path, [*rings, way + np.array([0, 0, 1])])).voxels
        ring = np.zeros((16, 20), dtype=bool)
        ring[2:13, 2:13] = True
        ring[4:10, 4:10] = False
        np.testing.assert_array_equal(inside[3], ring)
        ring[6:8, 6:8] = True
        np.testing.assert_array_equal(inside[2], ring)

    def test_a_slice_that_is_the_only_one(self, tmp_path: Path) -> None:
        of = grid(size=(20, 16, 1))
        inside = get(drawn(tmp_path, [at(0.3, box(3.5, 4.5, 9.5, 8.5))], of), scan(of))
        np.testing.assert_array_equal(inside.voxels, cube()[2:3])


class TestBetweenSlices:
    def test_contours_go_to_the_nearest_slice(self, tmp_path: Path) -> None:
        inside = get(drawn(tmp_path, moved(z=-0.4)))
        np.testing.assert_array_equal(inside.voxels, cube())
        assert "contours lie up to 0.4 slice spacings off" in doubts(inside)

    def test_a_little_off_is_no_doubt(self, tmp_path: Path) -> None:
        inside = get(drawn(tmp_path, moved(z=0.03)))
        np.testing.assert_array_equal(inside.voxels, cube())
        assert inside.doubts == ()

    def test_half_a_slice_off_all_go_one_way_in_spite_of_rounding(self, tmp_path: Path) -> None:
        jitter = np.array([0.004, -0.004, 0.003, -0.002])
        inside = get(drawn(tmp_path, moved(z=-0.5 + jitter)))
        np.testing.assert_array_equal(inside.voxels, cube())

    def test_half_a_slice_before_the_first_and_after_the_last_still_belongs(self, tmp_path: Path) -> None:
        ends = [at(z, box(3.5, 4.5, 9.5, 8.5)) for z in (-0.5, 7.5)]
        found = np.flatnonzero(get(drawn(tmp_path, ends)).voxels.any(axis=(1, 2)))
        assert found.tolist() == [0, 7]

    def test_of_contours_closer_than_slices_the_nearest_are_taken(self, tmp_path: Path) -> None:
        """Even-odd over all that go to one slice would let every second one cut holes."""
        dense = [at(z, box(3.5, 4.5, 9.5 + (z % 1 != 0), 8.5)) for z in np.arange(2, 5.01, 0.25)]
        inside = get(drawn(tmp_path, dense))
        np.testing.assert_array_equal(inside.voxels, cube())
        assert "of 13 planes, 4 were taken" in doubts(inside)

    def test_slices_without_contours_stay_empty_and_are_counted(self, tmp_path: Path) -> None:
        inside = get(drawn(tmp_path, [at(z, box(3.5, 4.5, 9.5, 8.5)) for z in (1, 3, 5)]))
        assert np.flatnonzero(inside.voxels.any(axis=(1, 2))).tolist() == [1, 3, 5]
        assert "no contours on 2 slices between its first and last" in doubts(inside)

    def test_a_contour_that_is_there_twice_counts_once(self, tmp_path: Path) -> None:
        again = np.roll(CUBE[0][::-1], 2, axis=0)
        inside = get(drawn(tmp_path, [*CUBE, again]))
        np.testing.assert_array_equal(inside.voxels, cube())
        assert "holds 1 contours twice" in doubts(inside)


class TestBeyond:
    def test_all_slices(self, tmp_path: Path) -> None:
        said = refused(drawn(tmp_path, moved(z=10)))
        assert "z of its contours from -50 to -42.5 mm, of the image's slices from -80 to -62.5 mm" in said

    def test_all_slices_of_an_image_that_runs_downward(self, tmp_path: Path) -> None:
        of = grid(direction=DOWNWARD)
        said = refused(drawn(tmp_path, moved(z=10), of), scan(of))
        assert "z of its contours from -117.5 to -110 mm, of the image's slices from -97.5 to -80 mm" in said

    def test_all_slices_of_an_oblique_image(self, tmp_path: Path) -> None:
        of = grid(direction=OBLIQUE)
        said = refused(drawn(tmp_path, moved(z=10), of), scan(of))
        assert "position along its slices of its contours" in said

    def test_some_slices(self, tmp_path: Path) -> None:
        inside = get(drawn(tmp_path, moved(z=4)))
        assert np.flatnonzero(inside.voxels.any(axis=(1, 2))).tolist() == [6, 7]
        assert "4 planes of contours, 2 of them beyond the slices" in doubts(inside)

    def test_the_edge(self, tmp_path: Path) -> None:
        inside = get(drawn(tmp_path, moved(x=14)))
        np.testing.assert_array_equal(inside.voxels[..., 18:], np.roll(cube(), 14, axis=2)[..., 18:])
        assert "beyond the edge of the image in 4 contours" in doubts(inside)

    def test_all_of_the_edge(self, tmp_path: Path) -> None:
        said = refused(drawn(tmp_path, moved(x=40)))
        assert "columns 43.5 to 49.5 and rows 4.5 to 8.5 of 20 and 16" in said

    def test_smaller_than_a_voxel(self, tmp_path: Path) -> None:
        assert "encloses no voxel's centre" in refused(drawn(tmp_path, [at(2, box(3.1, 3.1, 3.9, 3.9))]))


class TestOtherOrientations:
    def test_contours_across_slices_are_refused_with_their_tilt(self, tmp_path: Path) -> None:
        sagittal = [p[:, [2, 0, 1]] for p in (at(4, box(3.5, 1.5, 9.5, 6.5)), at(7, box(3.5, 1.5, 9.5, 6.5)))]
        said = refused(drawn(tmp_path, sagittal))
        assert (
            "one contour rises over 12.5 mm (5 slice spacings), tilted against the slices by 90 degrees"
            in said
        )

    def test_tilted_contours(self, tmp_path: Path) -> None:
        tilted = [points @ Rotation.from_euler("x", 15, degrees=True).as_matrix() for points in CUBE]
        of = grid(spacing=(1.0, 1.0, 1.0))
        assert "by 15 degrees" in refused(drawn(tmp_path, tilted, of), scan(of))
