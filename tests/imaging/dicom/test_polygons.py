"""Polygons are filled as point-in-polygon says of every centre, and neighbours neither share nor lose a pixel."""

import time
from collections.abc import Sequence

import numpy as np
import pytest
import skimage.draw
from made_drawings import box
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from radcompare.imaging.dicom.polygons import BESIDE, filled

SHAPE = (24, 30)
L_SHAPE = [[2, 2], [12, 2], [12, 8], [7, 8], [7, 20], [2, 20]]
KEYHOLE = [
    [1, 1],
    [21, 1],
    [21, 21],
    [1, 21],
    [1, 10],
    [6, 10],
    [6, 15],
    [16, 15],
    [16, 6],
    [6, 6],
    [6, 10],
    [1, 10],
]


def fill(*polygons: Sequence[Sequence[float]] | NDArray[np.float64]) -> NDArray[np.bool_]:
    return filled([np.asarray(polygon, dtype=float) for polygon in polygons], SHAPE)


def by_ray(x: float, y: float, polygon: NDArray[np.float64]) -> bool:
    """W. R. Franklin's PNPOLY, as it is written in C."""
    inside = False
    j = len(polygon) - 1
    for i in range(len(polygon)):
        (xi, yi), (xj, yj) = polygon[i], polygon[j]
        if (yi > y) != (yj > y) and x < (xj - xi) * (y - yi) / (yj - yi) + xi:
            inside = not inside
        j = i
    return inside


def every_centre(*polygons: NDArray[np.float64]) -> NDArray[np.bool_]:
    rows, columns = SHAPE
    right, down = BESIDE
    return np.array(
        [
            [sum(by_ray(x + right, y + down, p) for p in polygons) % 2 == 1 for x in range(columns)]
            for y in range(rows)
        ]
    )


def random_polygon(rng: np.random.Generator, reach: float = 4.0) -> NDArray[np.float64]:
    """Any corners in any order: most cross themselves, many leave the image."""
    return rng.uniform(-reach, np.array(SHAPE[::-1]) + reach, (rng.integers(3, 12), 2))


class TestAgainstOthers:
    @pytest.mark.parametrize("seed", range(25))
    def test_the_point_beside_every_centre_by_a_plain_loop(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        polygons = [random_polygon(rng) for _ in range(rng.integers(1, 4))]
        np.testing.assert_array_equal(filled(polygons, SHAPE), every_centre(*polygons))

    @pytest.mark.parametrize("seed", range(10))
    def test_the_loop_also_where_centres_lie_on_corners_and_edges(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        polygon = np.rint(rng.uniform(0, 22, (6, 2)))
        polygon[:, 1] = np.cumsum(rng.choice([-4, 0, 2, 4], 6)) + 10
        np.testing.assert_array_equal(fill(polygon), every_centre(polygon))

    @pytest.mark.parametrize("seed", range(25))
    def test_matplotlib(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        # Around a point, so that it does not cross itself: there matplotlib counts turns, not parity.
        angles = np.sort(rng.uniform(0, 2 * np.pi, 40))
        radii = rng.uniform(3, 14, 40)
        star = np.column_stack([15 + radii * np.cos(angles), 12 + radii * np.sin(angles)])
        y, x = np.indices(SHAPE)
        theirs = (
            Outline(star).contains_points(np.column_stack([x.ravel(), y.ravel()]) + BESIDE).reshape(SHAPE)
        )
        np.testing.assert_array_equal(fill(star), theirs)

    @pytest.mark.parametrize("seed", range(25))
    def test_scikit_image_where_no_centre_lies_on_an_edge(self, seed: int) -> None:
        polygon = random_polygon(np.random.default_rng(seed))
        theirs = np.zeros(SHAPE, dtype=bool)
        column, row = (polygon - BESIDE).T
        theirs[skimage.draw.polygon(row, column, SHAPE)] = True
        np.testing.assert_array_equal(fill(polygon), theirs)

    def test_scikit_image_takes_all_centres_on_edges_and_so_counts_those_of_neighbours_twice(self) -> None:
        left, right = np.array(box(2, 2, 6, 6)), np.array(box(6, 2, 9, 6))
        theirs = [np.zeros(SHAPE, dtype=int) for _ in range(2)]
        for made, polygon in zip(theirs, (left, right), strict=True):
            made[skimage.draw.polygon(polygon[:, 1], polygon[:, 0], SHAPE)] = 1
        assert (theirs[0] + theirs[1]).max() == 2
        assert (fill(left).astype(int) + fill(right)).max() == 1


class TestShapes:
    def test_a_box_between_centres(self) -> None:
        expected = np.zeros(SHAPE, dtype=bool)
        expected[4:9, 3:7] = True
        np.testing.assert_array_equal(fill(box(2.5, 3.5, 6.5, 8.5)), expected)

    def test_an_l(self) -> None:
        expected = np.zeros(SHAPE, dtype=bool)
        expected[2:8, 2:12] = True
        expected[8:20, 2:7] = True
        np.testing.assert_array_equal(fill(L_SHAPE), expected)

    def test_a_hole_and_an_island_in_it(self) -> None:
        outer, hole, island = box(1, 1, 21, 21), box(6, 6, 16, 15), box(9, 9, 12, 12)
        inside = fill(outer, hole, island)
        assert inside.sum() == 20 * 20 - 10 * 9 + 3 * 3
        np.testing.assert_array_equal(inside, fill(island, outer, hole))

    def test_a_keyhole_is_the_hole_that_it_leads_to(self) -> None:
        np.testing.assert_array_equal(fill(KEYHOLE), fill(box(1, 1, 21, 21), box(6, 6, 16, 15)))

    def test_a_slanting_keyhole_too(self) -> None:
        outer, inner = np.array(box(1.3, 1.3, 21.7, 21.7)), np.array(box(6.1, 6.2, 16.3, 15.4))
        way = np.concatenate([outer, outer[:1], inner[::-1], inner[-1:]])
        np.testing.assert_array_equal(fill(way), fill(outer, inner))

    @pytest.mark.parametrize("turned", [False, True])
    @pytest.mark.parametrize("start", [0, 2, 5])
    def test_neither_sense_nor_start_matter(self, turned: bool, start: int) -> None:
        polygon = np.roll(np.array(L_SHAPE, dtype=float), start, axis=0)[:: -1 if turned else 1]
        np.testing.assert_array_equal(fill(polygon), fill(L_SHAPE))

    def test_a_repeated_first_point_changes_nothing(self) -> None:
        np.testing.assert_array_equal(fill([*L_SHAPE, L_SHAPE[0]]), fill(L_SHAPE))

    @pytest.mark.parametrize("polygon", [[], [[5, 5]], [[5, 5], [9, 9]], box(5.1, 5.1, 5.9, 5.9)])
    def test_what_encloses_no_centre_is_empty(self, polygon: list[list[float]]) -> None:
        assert not fill(np.reshape(polygon, (-1, 2))).any()

    def test_no_polygons_are_empty(self) -> None:
        assert not filled([], SHAPE).any()

    def test_beyond_the_image_is_cut_off(self) -> None:
        assert fill(box(-50, -50, 100, 100)).all()
        assert not fill(box(40, 2, 50, 9)).any()
        assert not fill(box(-50, 2, -40, 9)).any()


class TestCentresOnEdges:
    def test_belong_to_the_side_of_higher_columns_and_rows(self) -> None:
        expected = np.zeros(SHAPE, dtype=bool)
        expected[3:8, 2:6] = True
        np.testing.assert_array_equal(fill(box(2, 3, 6, 8)), expected)

    def test_of_a_slanting_edge_belong_to_the_side_of_higher_columns(self) -> None:
        right, left = [[2, 2], [12, 2], [12, 12]], [[2, 2], [12, 12], [2, 12]]
        assert fill(right)[5, 5]
        assert not fill(left)[5, 5]

    @pytest.mark.parametrize("seed", range(20))
    def test_polygons_that_share_edges_neither_share_nor_lose_a_pixel(self, seed: int) -> None:
        """A fan of triangles around a point, with corners on centres or anywhere: together they are their outline."""
        rng = np.random.default_rng(seed)
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        outline = np.column_stack([15 + 12 * np.cos(angles), 12 + 10 * np.sin(angles)])
        middle = np.array([15.0, 12.0])
        if seed % 2:
            outline = np.rint(outline)
        triangles = [np.array([middle, outline[i - 1], outline[i]]) for i in range(len(outline))]
        times = sum(fill(triangle).astype(int) for triangle in triangles)
        # The outline covers the middle once if the fan goes once around it, which some draws of angles do not.
        np.testing.assert_array_equal(times % 2 == 1, fill(outline))
        if np.diff([*angles, angles[0] + 2 * np.pi]).max() < np.pi:
            np.testing.assert_array_equal(times, fill(outline).astype(int))

    def test_are_found_in_spite_of_rounding_on_the_way_from_millimetres(self) -> None:
        spacing, origin = 0.9765620231628418, -23.437616
        millimetres = np.array(box(2, 3, 6, 8)) * spacing + origin
        np.testing.assert_array_equal(fill((millimetres - origin) / spacing), fill(box(2, 3, 6, 8)))
        for left_over in (-5e-8, 5e-8):
            np.testing.assert_array_equal(fill(np.array(box(2, 3, 6, 8)) + left_over), fill(box(2, 3, 6, 8)))

    @pytest.mark.parametrize("slope", [1.0, 1 / 3, 0.7])
    @pytest.mark.parametrize("start", [0.0, 0.1, 0.3, 0.7])
    def test_are_found_on_edges_whatever_their_slope_and_ends(self, slope: float, start: float) -> None:
        """Through the centres of column slope * row where that is a whole number."""
        x, y = 2 + slope * start, start
        edge = [[x, y], [x + 20 * slope, y + 20]]
        inside = fill([*edge, [29, y + 20], [29, y]])
        centres = [(row, round(2 + slope * row)) for row in range(1, 20) if slope * row % 1 < 1e-9]
        assert centres
        assert all(inside[row, column] and not inside[row, column - 1] for row, column in centres)


def test_a_hundred_contours_of_five_hundred_points_take_well_under_a_second() -> None:
    angles = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    circle = np.column_stack([256 + 180 * np.cos(angles), 256 + 180 * np.sin(angles)])
    started = time.perf_counter()
    for _ in range(100):
        inside = filled([circle], (512, 512))
    assert time.perf_counter() - started < 2
    assert abs(inside.sum() / (np.pi * 180**2) - 1) < 1e-3
