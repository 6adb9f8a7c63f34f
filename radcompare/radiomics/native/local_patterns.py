"""Local binary patterns: which samples around a voxel are no lower than it is, in a plane or on a sphere.

Definition: pyradiomics 3.0.1 (`imageoperations.getLBP2DImage`, `getLBP3DImage`), which asks scikit-image for the
former (Ojala, Pietikäinen and Mäenpää 2002) and SciPy and trimesh for the latter (Banerjee et al. 2012). Arithmetic
is in their order, for where samples are equal to the voxel but for rounding, rounding decides.
"""

import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Voxels = NDArray[Any]
Floats = NDArray[np.float64]
Box = tuple[slice, slice, slice]

REACH = 40
"""Voxels after which a cubic spline has forgotten the image, to the last digit: 0.27 to the power of that."""
AT_ONCE = 1 << 19
"""Samples on spheres that are taken at once."""


def planar_patterns(image: Voxels, settings: Mapping[str, Any], box: Box) -> Voxels:
    """Patterns of samples on a circle around every voxel, plane by plane; outside the image there is 0.

    Args:
        image: shape (z, y, x), any pixel type, which the values are put into.
        settings: `lbp2DRadius` (1, voxels), `lbp2DSamples` (8), `lbp2DMethod` (uniform), `force2Ddimension` (0: axis
            across the planes, counted from z).
        box: what to compute.
    """
    radius, samples = settings.get("lbp2DRadius", 1), settings.get("lbp2DSamples", 8)
    axis = int(settings.get("force2Ddimension", 0))
    planes = image[_along(axis, box[axis])].swapaxes(0, axis).astype(np.float64)
    inner = _swapped(box, axis)
    rows, columns = (np.arange(side.start, side.stop) for side in inner)
    centre = planes[:, inner[0], inner[1]]
    angles = 2 * np.pi * np.arange(samples) / samples
    down, right = np.round(-radius * np.sin(angles), 5), np.round(radius * np.cos(angles), 5)
    found = np.stack([_sampled(planes, rows + dr, columns + dc) for dr, dc in zip(down, right, strict=True)])
    patterns = METHODS[settings.get("lbp2DMethod", "uniform")](found, found >= centre)
    with np.errstate(invalid="ignore"):  # var is missing where all samples are equal
        return patterns.astype(image.dtype).swapaxes(0, axis)


def _along(axis: int, side: slice) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, side)


def _swapped(box: Box, axis: int) -> tuple[slice, slice]:
    sides = list(box)
    sides[0], sides[axis] = sides[axis], sides[0]
    return sides[1], sides[2]


def _sampled(planes: Floats, rows: Floats, columns: Floats) -> Floats:
    """Values between pixels, from the four around each, shape (planes, rows, columns); 0 beyond the border."""
    top, left = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
    bottom, right = np.ceil(rows).astype(np.intp), np.ceil(columns).astype(np.intp)
    dr, dc = (rows - top)[:, None], columns - left
    upper = (1 - dc) * _pixels(planes, top, left) + dc * _pixels(planes, top, right)
    lower = (1 - dc) * _pixels(planes, bottom, left) + dc * _pixels(planes, bottom, right)
    return np.asarray((1 - dr) * upper + dr * lower)


def _pixels(planes: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    _, height, width = planes.shape
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
    found = planes[:, rows.clip(0, height - 1)[:, None], columns.clip(0, width - 1)]
    return np.where(inside, found, 0.0)


def _number(samples: Floats, above: NDArray[np.bool_]) -> Floats:  # noqa: ARG001 - every method is called alike
    """The samples as the digits of a binary number."""
    weights = 2.0 ** np.arange(len(above))
    return np.asarray(np.tensordot(weights, above.astype(np.float64), axes=1))


def _least_turned(samples: Floats, above: NDArray[np.bool_]) -> Floats:
    """The least number that turning the circle gives."""
    return np.asarray(
        np.min([_number(samples, np.roll(above, turn, axis=0)) for turn in range(len(above))], axis=0)
    )


def _uniform(samples: Floats, above: NDArray[np.bool_]) -> Floats:  # noqa: ARG001
    """How many are above, if they change no more than twice along the circle; else one more than there are."""
    changes = (above[1:] != above[:-1]).sum(axis=0)
    return np.where(changes <= 2, above.sum(axis=0), len(above) + 1).astype(np.float64)


def _variance(samples: Floats, above: NDArray[np.bool_]) -> Floats:  # noqa: ARG001
    """The variance of the samples; missing where it is 0."""
    total, squares = np.zeros(samples.shape[1:]), np.zeros(samples.shape[1:])
    for sample in samples:  # one after the other, as scikit-image adds
        total += sample
        squares += sample * sample
    count = len(samples)
    variance = (squares - total * total / count) / count
    return np.where(variance != 0, variance, np.nan)


METHODS = {"default": _number, "ror": _least_turned, "uniform": _uniform, "var": _variance}
"""By the names of scikit-image."""


def spherical_patterns(image: Voxels, settings: Mapping[str, Any], box: Box) -> Iterator[tuple[str, Floats]]:
    """Patterns of samples on a sphere around every voxel: per degree of spherical harmonics, and their kurtosis.

    Samples are interpolated by cubic splines in the pixel type of the image; outside it there is 0.

    Args:
        image: shape (z, y, x), any pixel type.
        settings: `lbp3DLevels` (2, degrees), `lbp3DIcosphereRadius` (1, voxels), `lbp3DIcosphereSubdivision` (1).
        box: what to compute.

    Yields:
        `m1`, `m2`, ... and `k`, each of the shape of the box.
    """
    from scipy.ndimage import spline_filter

    levels = int(settings.get("lbp3DLevels", 2))
    radius = float(settings.get("lbp3DIcosphereRadius", 1))
    vertices = radius * icosphere(int(settings.get("lbp3DIcosphereSubdivision", 1)))
    harmonics, degrees = _harmonics(vertices / radius, levels)
    margin = REACH + int(np.ceil(radius))
    outer = tuple(slice(max(side.start - margin, 0), side.stop + margin) for side in box)
    part = image[outer]
    splines = spline_filter(part, order=3, output=np.float64, mode="constant")
    inner = [
        range(side.start - cut.start, side.stop - cut.start) for side, cut in zip(box, outer, strict=True)
    ]
    where = np.stack(np.meshgrid(*inner, indexing="ij"), axis=-1).reshape(-1, 3)
    found = np.empty((levels + 1, len(where)))
    many = max(1, AT_ONCE // len(vertices))
    for start in range(0, len(where), many):
        some = where[start : start + many]
        found[:, start : start + many] = _on_spheres(part, splines, some, vertices, harmonics, degrees)
    shape = tuple(len(side) for side in inner)
    for number in range(levels):
        yield f"m{number + 1}", found[number].reshape(shape)
    yield "k", found[levels].reshape(shape)


def _on_spheres(
    image: Voxels,
    splines: Floats,
    where: NDArray[np.intp],
    vertices: Floats,
    harmonics: NDArray[np.complex128],
    degrees: NDArray[np.intp],
) -> Floats:
    """The norm of the pattern's part of every degree, then the samples' kurtosis; shape (degrees + 1, voxels)."""
    from scipy.ndimage import map_coordinates
    from scipy.stats import kurtosis

    at = (where[:, None] + vertices).transpose(2, 0, 1)
    samples = map_coordinates(splines, at, order=3, prefilter=False, output=image.dtype)
    centre = image[where[:, 0], where[:, 1], where[:, 2]]
    pattern = (samples >= centre[:, None]).astype(np.int64)
    shares = (pattern[:, :, None] * harmonics).sum(axis=1)
    # Sums of products, not products of matrices: many voxels have the same pattern, so the last digit decides which
    # of them lie within a percentile.
    parts = [
        (shares[:, None, degrees == degree] * harmonics[None, :, degrees == degree]).sum(axis=2)
        for degree in range(int(degrees[-1]) + 1)
    ]
    found = np.sqrt((np.stack(parts, axis=2) ** 2).sum(axis=1)).real.T
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # missing where all samples are equal
        return np.vstack([found, kurtosis(samples, axis=1)])


def _harmonics(directions: Floats, levels: int) -> tuple[NDArray[np.complex128], NDArray[np.intp]]:
    """Spherical harmonics, shape (directions, n), and the degree of each, with pyradiomics' angles.

    It gives the polar angle for the azimuth and the other way round.
    """
    azimuth = np.arccos(directions[:, 2].clip(-1, 1))
    polar = np.abs(np.arctan2(directions[:, 1], directions[:, 0]))  # only its cosine counts there
    kinds = [(degree, order) for degree in range(levels) for order in range(-degree, degree + 1)]
    values = np.stack([_harmonic(degree, order, polar, azimuth) for degree, order in kinds], axis=1)
    return values, np.array([degree for degree, _ in kinds])


def _harmonic(degree: int, order: int, polar: Floats, azimuth: Floats) -> NDArray[np.complex128]:
    from scipy import special

    if hasattr(special, "sph_harm_y"):
        return np.asarray(special.sph_harm_y(degree, order, polar, azimuth))
    return np.asarray(special.sph_harm(order, degree, azimuth, polar))  # SciPy before 1.15


@cache
def icosphere(subdivisions: int) -> Floats:
    """Vertices of an icosahedron whose triangles are divided by four so many times, on the unit sphere, (n, 3).

    They are in the order of trimesh, in which single precision adds up differently.
    """
    golden = (1 + np.sqrt(5)) / 2
    ends = [(first, second) for second in (1, -1) for first in (-1, 1)]
    vertices = np.array(
        [
            *((one, golden * two, 0.0) for one, two in ends),
            *((0.0, one, golden * two) for one, two in ends),
            *((golden * two, 0.0, one) for one, two in ends),
        ]
    )
    vertices /= np.linalg.norm(vertices, axis=1)[:, None]
    edge = np.linalg.norm(vertices[:, None] - vertices, axis=2)
    near = (edge > 0) & (edge < 1.1)
    triangles = np.array(
        [t for t in combinations(range(12), 3) if all(near[a, b] for a, b in combinations(t, 2))]
    )
    for _ in range(subdivisions):
        vertices, triangles = _divided(vertices, triangles)
    return vertices


def _divided(vertices: Floats, triangles: NDArray[np.intp]) -> tuple[Floats, NDArray[np.intp]]:
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    unique, middle = np.unique(edges[:, ::-1], axis=0, return_inverse=True)
    new = vertices[unique].mean(axis=1)
    new /= np.sqrt((new**2).sum(axis=1))[:, None]
    ab, bc, ca = (middle.reshape(-1, 3)[:, side] + len(vertices) for side in range(3))
    a, b, c = triangles.T
    parts = [np.stack(part, axis=1) for part in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
    return np.concatenate([vertices, new]), np.concatenate(parts)
