"""Shape: what remains of a region when its size is taken away, and how far its border is.

The features named after Definiens/eCognition compare the region with the ellipsoid and the box that have its
volume and the proportions of its second moments (Trimble, eCognition Developer 9.0 Reference Book,
Geometry > Shape, 3-D objects).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.solid import ROUNDING, Solid

FROM_MESH = ("Sphericity", "Compactness1", "Compactness2", "SurfaceVolumeRatio")


def shape(solid: Solid, mesh: Mapping[str, float]) -> dict[str, float]:
    """The 17 shape features.

    Args:
        solid: the geometry of the region.
        mesh: pyradiomics' shape features; those that need a thickness are missing in a 2-D image.
    """
    radii = _ellipsoid_radii(solid)
    return {
        **{name: mesh[name] for name in FROM_MESH},
        "Asymmetry": 1 - float(np.sqrt(solid.moments[-1] / solid.moments[0])),
        "EllipticFit": _elliptic_fit(solid),
        "RectangularFit": _rectangular_fit(solid),
        "Roundness": radii[1] - radii[0],
        "ShapeIndex": _shape_index(solid),
        "Density": float(solid.volume ** (1 / solid.dimension) / np.sqrt(solid.moments.sum())),
        "EnclosedEllipsoidRadius": radii[0],
        "EnclosingEllipsoidRadius": radii[1],
        "FractionalAnisotropy": _fractional_anisotropy(solid.moments),
        **_centroid_to_border(solid),
    }


def _in_ellipsoid(solid: Solid, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of points from the centroid, in units of the equal-volume ellipsoid's radius."""
    radii: NDArray[np.float64] = np.linalg.norm(solid.principal(points) / solid.ellipsoid_axes, axis=1)
    return radii


def _elliptic_fit(solid: Solid) -> float:
    inside = _in_ellipsoid(solid, solid.points) <= 1 + ROUNDING
    return 2 * float(inside.mean()) - 1


def _rectangular_fit(solid: Solid) -> float:
    inside = np.abs(solid.principal(solid.points)) <= solid.box_sides / 2 * (1 + ROUNDING)
    return float(inside.all(axis=1).mean())


def _ellipsoid_radii(solid: Solid) -> tuple[float, float]:
    """Scales of the largest enclosed and the smallest enclosing ellipsoid.

    No ellipsoid about a centroid that lies outside the region is enclosed by it: its radius is 0.
    """
    radii = _in_ellipsoid(solid, solid.border)
    return float(radii.min()) if solid.holds_centroid else 0.0, float(radii.max())


def _shape_index(solid: Solid) -> float:
    """Border over that of the cube (square) of equal volume, both along voxel faces."""
    cube = 2 * solid.dimension * solid.volume ** (1 - 1 / solid.dimension)
    return float(solid.face_areas.sum() / cube)


def _fractional_anisotropy(moments: NDArray[np.float64]) -> float:
    d = len(moments)
    spread = np.linalg.norm(moments - moments.mean()) / np.linalg.norm(moments)
    return float(np.sqrt(d / (d - 1)) * spread)


def _centroid_to_border(solid: Solid) -> dict[str, float]:
    """Distances to the border in mm; mean and standard deviation weigh every face by its area."""
    distances = np.linalg.norm(solid.border, axis=1)
    mean = float(np.average(distances, weights=solid.face_areas))
    variance = float(np.average((distances - mean) ** 2, weights=solid.face_areas))
    return {
        "CentroidBorderMean": mean,
        "CentroidBorderStandardDeviation": float(np.sqrt(variance)),
        "CentroidBorderMinimum": float(distances.min()),
        "CentroidBorderMaximum": float(distances.max()),
    }
