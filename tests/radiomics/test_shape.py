"""Shape: ellipsoids, boxes, and a second implementation that loops over voxels."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare.config import RadiomicsSource
from radcompare.imaging.region import Region
from radcompare.radiomics.engine import PyRadiomics
from radcompare.radiomics.patch import patch_of
from radcompare.radiomics.r219 import R219
from radcompare.radiomics.r219_entries import SHAPE
from radcompare.radiomics.shape import FROM_MESH, shape
from radcompare.radiomics.solid import solid_of

MESH = dict.fromkeys(FROM_MESH, 0.5)


def measure(region: Region) -> dict[str, float]:
    return shape(solid_of(patch_of(region)), MESH)


def box(*shape: int) -> NDArray[np.bool_]:
    return np.pad(np.ones(shape, dtype=bool), 2)


def test_names_are_those_of_the_catalogue(make_region: Callable[..., Region]) -> None:
    assert set(measure(make_region(box(2, 3, 4)))) == {row[0] for row in SHAPE}


def test_a_cube_by_arithmetic(make_region: Callable[..., Region]) -> None:
    found = measure(make_region(box(9, 9, 9), spacing=(0.7, 0.7, 0.7)))
    assert found["RectangularFit"] == 1
    assert found["ShapeIndex"] == pytest.approx(1, rel=1e-13)
    assert found["Density"] == pytest.approx(2, rel=1e-13)  # a over a/2
    assert found["Asymmetry"] == pytest.approx(0, abs=1e-13)
    assert found["FractionalAnisotropy"] == pytest.approx(0, abs=1e-13)
    radius = (3 / (4 * np.pi)) ** (1 / 3) * 9  # of the equal sphere, in voxels
    assert found["EnclosedEllipsoidRadius"] == pytest.approx(4.5 / radius, rel=1e-13)
    corner = np.linalg.norm([4.5, 4, 4])  # the outermost face centre
    assert found["EnclosingEllipsoidRadius"] == pytest.approx(corner / radius, rel=1e-13)
    assert found["Roundness"] == pytest.approx((corner - 4.5) / radius, rel=1e-13)
    assert found["CentroidBorderMinimum"] == pytest.approx(4.5 * 0.7, rel=1e-13)
    assert found["CentroidBorderMaximum"] == pytest.approx(corner * 0.7, rel=1e-13)


def test_a_box_by_arithmetic(make_region: Callable[..., Region]) -> None:
    found = measure(make_region(box(4, 6, 10), spacing=(2.0, 1.0, 0.5)))  # 8 x 6 x 5 mm
    moments = np.array([64, 36, 25]) / 12
    assert found["RectangularFit"] == 1
    assert found["Asymmetry"] == pytest.approx(1 - 5 / 8, rel=1e-13)
    assert found["Density"] == pytest.approx(240 ** (1 / 3) / np.sqrt(moments.sum()), rel=1e-13)
    assert found["ShapeIndex"] == pytest.approx(2 * (48 + 30 + 40) / (6 * 240 ** (2 / 3)), rel=1e-13)
    anisotropy = np.sqrt(1.5) * np.linalg.norm(moments - moments.mean()) / np.linalg.norm(moments)
    assert found["FractionalAnisotropy"] == pytest.approx(anisotropy, rel=1e-13)


@pytest.mark.parametrize("semi_axes", [(22, 22, 22), (14, 20, 30), (8, 30, 30)])
def test_an_ellipsoid_fits_itself(
    semi_axes: tuple[float, ...],
    ellipsoid: Callable[..., NDArray[np.bool_]],
    make_region: Callable[..., Region],
) -> None:
    found = measure(make_region(ellipsoid(*semi_axes)))
    small, large = min(semi_axes), max(semi_axes)
    assert found["EllipticFit"] > 0.985
    assert found["RectangularFit"] < 0.95  # the equal-volume box cuts off the poles
    assert found["EnclosedEllipsoidRadius"] == pytest.approx(1, abs=0.75 / small)  # the staircase
    assert found["EnclosingEllipsoidRadius"] == pytest.approx(1, abs=0.75 / small)
    assert found["Asymmetry"] == pytest.approx(1 - small / large, abs=0.005)
    variances = np.array(semi_axes, dtype=float) ** 2 / 5
    volume = 4 / 3 * np.pi * np.prod(semi_axes)
    assert found["Density"] == pytest.approx(volume ** (1 / 3) / np.sqrt(variances.sum()), rel=0.03 / small)
    assert found["CentroidBorderMinimum"] == pytest.approx(small, abs=0.75)
    assert found["CentroidBorderMaximum"] == pytest.approx(large, abs=0.75)


def test_a_disc_in_a_2d_image(
    ellipsoid: Callable[..., NDArray[np.bool_]], make_region: Callable[..., Region]
) -> None:
    found = measure(make_region(ellipsoid(40, 24)[None], spacing=(9.0, 0.5, 0.5)))
    assert found["EllipticFit"] > 0.985
    assert found["Asymmetry"] == pytest.approx(1 - 24 / 40, abs=0.005)
    assert found["CentroidBorderMaximum"] == pytest.approx(20, abs=0.5)
    assert found["ShapeIndex"] == pytest.approx((2 * 41 + 2 * 25) / (np.sqrt(np.pi * 40 * 24) * 2), rel=0.03)


def test_no_ellipsoid_lies_in_a_region_around_its_centroid(make_region: Callable[..., Region]) -> None:
    ring = box(1, 9, 9)
    ring[2, 4:9, 4:9] = False
    found = measure(make_region(ring))
    assert found["EnclosedEllipsoidRadius"] == 0
    assert found["Roundness"] == found["EnclosingEllipsoidRadius"]
    assert found["CentroidBorderMinimum"] == 2.5


def test_a_blob_by_loops(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    """The definitions once more, written with loops and no shared code."""
    spacing = np.array([2.0, 0.8, 0.6])
    voxels = np.argwhere(blob)
    centre = voxels.mean(axis=0)
    covariance = np.zeros((3, 3))
    for voxel in voxels:
        offset = (voxel - centre) * spacing
        covariance += np.outer(offset, offset) / len(voxels)
    covariance += np.diag(spacing**2) / 12
    moments, axes = np.linalg.eigh(covariance)
    volume = len(voxels) * spacing.prod()
    ellipsoid = np.sqrt(moments) * (volume / (4 / 3 * np.pi * np.sqrt(moments.prod()))) ** (1 / 3)
    half = np.sqrt(moments) * (volume / np.sqrt(moments.prod())) ** (1 / 3) / 2
    in_ellipsoid = in_box = 0
    distances, weights, radii = [], [], []
    for voxel in voxels:
        along = axes.T @ ((voxel - centre) * spacing)
        in_ellipsoid += np.sum((along / ellipsoid) ** 2) <= 1
        in_box += bool(np.all(np.abs(along) <= half))
        for axis in range(3):
            for side in (-1, 1):
                across = voxel.copy()
                across[axis] += side
                if not blob[tuple(across)]:
                    face = ((voxel + across) / 2 - centre) * spacing
                    distances.append(np.linalg.norm(face))
                    weights.append(spacing.prod() / spacing[axis])
                    radii.append(np.sqrt(np.sum((axes.T @ face / ellipsoid) ** 2)))
    mean = np.average(distances, weights=weights)
    found = measure(make_region(blob, spacing=tuple(spacing)))
    expected = {
        "Asymmetry": 1 - np.sqrt(moments[0] / moments[2]),
        "EllipticFit": 2 * in_ellipsoid / len(voxels) - 1,
        "RectangularFit": in_box / len(voxels),
        "ShapeIndex": sum(weights) / (6 * volume ** (2 / 3)),
        "EnclosingEllipsoidRadius": max(radii),
        "EnclosedEllipsoidRadius": min(radii) if blob[tuple(np.round(centre).astype(int))] else 0,
        "CentroidBorderMean": mean,
        "CentroidBorderStandardDeviation": np.sqrt(np.average((distances - mean) ** 2, weights=weights)),
        "CentroidBorderMinimum": min(distances),
        "CentroidBorderMaximum": max(distances),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-11), name


def test_the_mesh_is_pyradiomics(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> None:
    region = make_region(blob, spacing=(2.5, 0.7, 0.7))
    expected = PyRadiomics(RadiomicsSource(extractor="pyradiomics")).extract(region)
    found = R219(RadiomicsSource(extractor="r219")).extract(region)
    for name in ("Sphericity", "SurfaceVolumeRatio"):
        assert found[f"r219_shape_{name}"] == expected[f"original_shape_{name}"]
    sphericity = found["r219_shape_Sphericity"]
    assert found["r219_shape_Compactness2"] == pytest.approx(sphericity**3, rel=1e-12)
    assert found["r219_shape_Compactness1"] == pytest.approx(sphericity**1.5 / (6 * np.pi), rel=1e-12)
