"""Shape in space: pyradiomics' numbers for awkward masks and real ones, and solids whose shape is known."""

from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.errors import DataError
from radcompare.radiomics.native import surface
from radcompare.radiomics.native.shape import axis_variances, cut, features, longest_in_planes

pytest.importorskip("radiomics")

Mask = NDArray[np.bool_]
SPACINGS = ((1.0, 1.0, 1.0), (2.5, 0.7, 0.9), (0.3, 1.1, 4.0))


def theirs(mask: Mask, spacing: tuple[float, float, float]) -> dict[str, float]:
    """pyradiomics' values, not tidied: an infinite one stays."""
    from radiomics.shape import RadiomicsShape

    pair = sitk.GetImageFromArray(np.zeros(mask.shape)), sitk.GetImageFromArray(mask.astype(np.uint8))
    for each in pair:
        each.SetSpacing(spacing[::-1])
    with np.errstate(all="ignore"):
        return {name: float(value) for name, value in RadiomicsShape(*pair).execute().items()}


def assert_same(found: dict[str, float], expected: dict[str, float]) -> None:
    assert list(found) == list(expected)
    assert all(type(value) is float for value in found.values())
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-12, nan_ok=True)


def filled(shape: tuple[int, int, int], *voxels: tuple[Any, ...]) -> Mask:
    mask = np.zeros(shape, bool)
    for voxel in voxels:
        mask[voxel] = True
    return mask


def awkward() -> dict[str, Mask]:
    grid = np.indices((6, 7, 8))
    hollow = filled((7, 7, 7), np.s_[1:6, 1:6, 1:6])
    hollow[3, 3, 3] = False
    return {
        "one voxel": np.ones((1, 1, 1), bool),
        "two voxels": np.ones((1, 1, 2), bool),
        "line along z": np.ones((9, 1, 1), bool),
        "line along x": np.ones((1, 1, 9), bool),
        "diagonal": np.eye(5, dtype=bool)[None],
        "diagonal in space": filled((5, 5, 5), *((i, i, i) for i in range(5))),
        "two touching by a corner": filled((2, 2, 2), (0, 0, 0), (1, 1, 1)),
        "two touching by an edge": filled((2, 2, 1), (0, 0, 0), (1, 1, 0)),
        "one slice": np.ones((1, 6, 5), bool),
        "one column of slices": np.ones((6, 1, 5), bool),
        "oblique plane": grid.sum(axis=0) == 8,
        "box to the border": np.ones((4, 5, 6), bool),
        "hollow": hollow,
        "two parts": filled((4, 9, 9), np.s_[:2, :3, :2], np.s_[3:, 6:, 5:]),
        "two far voxels": filled((9, 1, 12), (0, 0, 11), (8, 0, 0)),
        "chessboard": grid.sum(axis=0) % 2 == 0,
        "ring": filled((1, 5, 5), np.s_[:, 0], np.s_[:, 4], np.s_[:, :, 0], np.s_[:, :, 4]),
    }


@pytest.mark.parametrize("spacing", SPACINGS, ids=str)
@pytest.mark.parametrize("name", awkward())
def test_awkward_masks(name: str, spacing: tuple[float, float, float]) -> None:
    mask = awkward()[name]
    assert_same(features(mask, spacing, {}), theirs(mask, spacing))


@pytest.mark.parametrize("seed", range(40))
def test_random_masks(seed: int) -> None:
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    size = rng.integers(2, 24, 3)
    mask = rng.random(size) < rng.random() if seed % 2 else gaussian_filter(rng.normal(size=size), 1.5) > 0
    mask.flat[rng.integers(mask.size)] = True
    spacing = (rng.uniform(0.3, 3), rng.uniform(0.3, 3), rng.uniform(0.3, 3))
    assert_same(features(mask, spacing, {}), theirs(cut(mask), spacing))


def test_long_rows_with_few_voxels(ellipsoid: Callable[..., Mask]) -> None:
    solid = ellipsoid(20, 23, 26)  # many rows: those at greater distances are compared too
    assert_same(features(solid, SPACINGS[1], {}), theirs(cut(solid), SPACINGS[1]))
    scattered = np.random.default_rng(0).random((40, 50, 30)) < 0.001
    assert_same(features(scattered, SPACINGS[2], {}), theirs(cut(scattered), SPACINGS[2]))


def test_where_in_the_image_does_not_matter(blob: Mask) -> None:
    assert features(blob, SPACINGS[1], {}) == features(cut(blob), SPACINGS[1], {})


def test_all_14_in_pyradiomics_order(blob: Mask) -> None:
    found = features(blob, SPACINGS[0], {"binWidth": 3, "force2D": True})
    assert len(found) == 14
    assert list(found) == sorted(found)


def test_a_single_voxel_by_hand() -> None:
    found = features(np.ones((1, 1, 1), bool), (1, 1, 1), {})
    assert found["MeshVolume"] == pytest.approx(1 / 6, rel=1e-15)  # an octahedron with a diagonal of 1
    assert found["SurfaceArea"] == pytest.approx(3**0.5, rel=1e-15)
    assert found["Maximum3DDiameter"] == 1
    assert found["VoxelVolume"] == 1
    assert found["MajorAxisLength"] == 0
    assert np.isnan([found["Elongation"], found["Flatness"]]).all()


def test_diameters_are_those_of_all_vertices(blob: Mask) -> None:
    # the definition in loops: midpoints between inside and outside, every pair, and pairs in one plane
    spacing = SPACINGS[1]
    framed = np.pad(cut(blob)[:, :7, :8], 1)
    points = [
        (np.array(at) + 0.5 * (np.arange(3) == axis)) * spacing
        for axis in range(3)
        for at in zip(*np.nonzero(np.diff(framed, axis=axis)), strict=True)
    ]
    found = features(framed, spacing, {})
    pairs = [(one, two, float(np.linalg.norm(one - two))) for one, two in combinations(points, 2)]
    assert found["Maximum3DDiameter"] == pytest.approx(max(d for *_, d in pairs), rel=1e-14)
    for axis, name in enumerate(("Slice", "Column", "Row")):
        longest = max(d for one, two, d in pairs if one[axis] == two[axis])
        assert found[f"Maximum2DDiameter{name}"] == pytest.approx(longest, rel=1e-14)


def test_the_table_of_cubes() -> None:
    from radiomics import cShape

    corners = ((0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0))
    sides = np.array((2.0, 3.0, 5.0))
    pieces = surface.cube_pieces()
    for case in range(256):
        cube = filled((2, 2, 2), *(at for bit, at in enumerate(corners) if case >> bit & 1))
        area, volume, _ = cShape.calculate_coefficients(cube, sides)
        own = pieces.normal2[pieces.case == case] @ np.array((15.0, 10.0, 6.0)) ** 2
        assert np.sqrt(own).sum() / 2 == pytest.approx(area, rel=1e-14)
        assert pieces.cone[case] / 6 * sides.prod() == pytest.approx(volume, rel=1e-14, abs=1e-14)


def test_a_surface_with_holes_can_have_no_volume() -> None:
    mask = filled((5, 4, 2), (0, 3, 1), (1, 3, 0), (4, 0, 0))
    found, expected = features(mask, (1, 1, 1), {}), theirs(mask, (1, 1, 1))
    assert found["MeshVolume"] == expected["MeshVolume"] == 0
    assert np.isnan([found["SurfaceVolumeRatio"], expected["SurfaceVolumeRatio"]]).all()
    spacing = (1.1, 0.7, 0.3)
    found, expected = features(mask, spacing, {}), theirs(mask, spacing)
    assert found["MeshVolume"] == 0
    assert 0 < abs(expected["MeshVolume"]) < 1e-15  # pyradiomics has its rounding error, and divides by it
    assert abs(expected["SurfaceVolumeRatio"]) > 1e15


def test_variances_of_a_box_by_hand() -> None:
    found = axis_variances(np.ones((2, 3, 4), bool), (1.0, 2.0, 3.0))
    # n equally spaced points have the variance (n² - 1) / 12
    assert found == pytest.approx([3 / 12, 4 * 8 / 12, 9 * 15 / 12], rel=1e-14)


def test_planes_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch, blob: Mask) -> None:
    whole = longest_in_planes(blob, 0.7, 0.9)
    monkeypatch.setattr("radcompare.radiomics.native.shape.AT_ONCE", 1)
    assert longest_in_planes(blob, 0.7, 0.9) == whole


@pytest.mark.parametrize("axes", [(0, 2, 1), (2, 1, 0), (1, 2, 0)], ids=str)
def test_turning_changes_only_the_names_of_planes(axes: tuple[int, int, int], blob: Mask) -> None:
    spacing = SPACINGS[1]
    turned = features(blob.transpose(axes), (spacing[axes[0]], spacing[axes[1]], spacing[axes[2]]), {})
    here = features(blob, spacing, {})
    planes = [f"Maximum2DDiameter{name}" for name in ("Slice", "Column", "Row")]
    for name, axis in zip(planes, axes, strict=True):
        assert turned[name] == pytest.approx(here[planes[axis]], rel=1e-14)
    same = ("Maximum3DDiameter", "VoxelVolume", "MajorAxisLength", "MinorAxisLength", "LeastAxisLength")
    for name in same:
        assert turned[name] == pytest.approx(here[name], rel=1e-13)


def test_doubling_the_spacing(blob: Mask) -> None:
    here, there = features(blob, (2.0, 1.0, 1.5), {}), features(blob, (4.0, 2.0, 3.0), {})
    assert there["SurfaceArea"] == pytest.approx(4 * here["SurfaceArea"], rel=1e-14)
    assert there["MeshVolume"] == 8 * here["MeshVolume"]
    assert there["Maximum3DDiameter"] == pytest.approx(2 * here["Maximum3DDiameter"], rel=1e-14)
    assert there["Sphericity"] == pytest.approx(here["Sphericity"], rel=1e-14)


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(DataError, match="mask is empty"):
        features(np.zeros((2, 3, 4), bool), SPACINGS[0], {})


@pytest.mark.parametrize("name", ["brain1", "brain2", "breast1", "lung1", "lung2"])
def test_real_masks(name: str, shared_data: Path) -> None:
    label = sitk.ReadImage(str(shared_data / "pyradiomics" / f"{name}_label.nrrd"))
    mask, spacing = cut(sitk.GetArrayFromImage(label) == 1), label.GetSpacing()[::-1]
    assert_same(features(mask, spacing, {}), theirs(mask, spacing))


def test_real_nodules(shared_data: Path) -> None:
    files = sorted((shared_data / "lidc-nodules" / "mask").glob("*.nii.gz"))[:60]
    assert len(files) == 60
    for path in files:
        label = sitk.ReadImage(str(path))
        mask, spacing = cut(sitk.GetArrayFromImage(label) > 0), label.GetSpacing()[::-1]
        assert_same(features(mask, spacing, {}), theirs(mask, spacing))


@pytest.mark.slow
def test_every_mask_of_eight_voxels() -> None:
    cubes = [np.array(bits, bool).reshape(2, 2, 2) for bits in product((0, 1), repeat=8)][1:]
    for mask in cubes:
        assert_same(features(mask, SPACINGS[1], {}), theirs(cut(mask), SPACINGS[1]))
