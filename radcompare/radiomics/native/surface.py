"""The surface halfway between the voxels inside and outside a mask: its area, volume, and how far it reaches.

Marching cubes: eight neighbouring voxel centres are the corners of a cube, and every edge between a corner inside
and one outside carries a vertex at its middle. Which triangles join them is Lorensen and Cline's table as Paul
Bourke published it ("Polygonising a scalar field", 1994), and, as in pyradiomics 3.0.1, only its first half: a cube
with corner 7 inside is its complement turned inside out. Where two such cubes share an ambiguous face the surface
has a hole, and its volume then depends on the origin, which is one voxel outside the lowest corner of the array.

A cube's share of the volume is that of the cones from the origin to its triangles. It is a sum of halves of whole
numbers, so volumes are exact up to the voxel size. Marching squares are the same in the plane.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

CUBE_EDGES = (
    *((0.0, 0.0, 0.5), (0.0, 0.5, 1.0), (0.0, 1.0, 0.5), (0.0, 0.5, 0.0)),
    *((1.0, 0.0, 0.5), (1.0, 0.5, 1.0), (1.0, 1.0, 0.5), (1.0, 0.5, 0.0)),
    *((0.5, 0.0, 0.0), (0.5, 0.0, 1.0), (0.5, 1.0, 1.0), (0.5, 1.0, 0.0)),
)
"""The middle (z, y, x) of every edge of a cube."""
CUBE_TRIANGLES = """
- 083 190 183198 12a 08312a 92a029 2832a8a98 b23 b2008b 190b23 b2119b98b 3a1ba3 a1008a8ba 9033b9ba9 98aba8
478 043473 190478 194147173 12a478 34730412a 92a902478 2a9297273479 478b23 b47b24204 190478b23 47b94bb29192
3a1ba3478 ba114b10447b 4789033b9ba9 47b4b99ba 954 954083 054015 854835315 12a954 08312a954 2a5542240
2a5325354834 954b23 b2008b954 054015b23 215258b28548 3a1ba3954 549a1008a8ba 54050ba5bb03 548a58ba8 789579
309539357 780017715 157173 78957912a 12a309395357 0288258572a5 2a5253357 579789b23 579972209b27 b23018178157
21b17b157 7895793a1ba3 5705097b0a10ba0 ba003ba50078570 ba557b 65a 08365a 19065a 18319865a 165126 165126083
965906026 598582526832 b2365a b2008b65a 190b2365a b2119b98b65a 63b653513 08b0b50515b6 63b036065059 65969bb98
47865a 04347365a 19047865a 19414717365a 478165126 043473165126 478965906026 739479329596269 b2347865a
b47b2420465a 190b2347865a 47b94bb2919265a 47863b653513 51b5b610b47b04b 47863b036065059 65969b4797b9 a4964a
a4964a083 01aa60640 18316886461a 149124264 149124264083 024426 832824426 b23a4964a b2008ba4964a b2301aa60640
64161a148b2118b 964369139b63 18b081b61149641 63b036640 86468b 67a78a89a 67a0a709a073 67a1a7178018 67a1a7173
126168189678 269129679309739 078706602 273267 b2367a78a89a 207b2709767a9a7 67a1a7178018b23 b2117ba61167
896678169b63136 09167b 07870603bb60 67b
"""
"""Per case (bit a: corner a is inside), the edges of its triangles, three hexadecimal digits each; - for none."""
SQUARE_EDGES = ((0.0, 0.5), (0.5, 1.0), (1.0, 0.5), (0.5, 0.0))
"""The middle (y, x) of every edge of a square."""
SQUARE_LINES = "- 30 01 31 12 1230 02 32 23 20 0123 21 13 10 03 -"
"""Per case, the edges that its lines join, two digits each."""


@dataclass(frozen=True)
class Pieces:
    """The triangles (or lines) of all cases, in voxels.

    Attributes:
        case: the case that each belongs to, shape (m,).
        normal2: squares of twice the area times the normal, axis by axis, shape (m, d); of a line, of its length.
        cone: per case, d! times the signed volume of the cones from the cube's own corner, shape (cases,).
        flux: per case, the sum of normals, shape (cases, d): what moving the cube by a voxel adds to `cone`.
    """

    case: NDArray[np.intp]
    normal2: NDArray[np.float64]
    cone: NDArray[np.float64]
    flux: NDArray[np.float64]


def area_and_volume(mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> tuple[float, float]:
    """Area (mm²) of the surface around a mask, and the volume (mm³) that it encloses.

    Args:
        mask: shape (z, y, x); what is beyond the array is outside.
        spacing: mm, in the order (z, y, x).
    """
    sz, sy, sx = spacing
    pieces = cube_pieces()
    counts, cones = _tally(_cube_cases(_framed(mask)), pieces)
    sizes = np.sqrt(pieces.normal2 @ np.square((sy * sx, sz * sx, sz * sy)))
    return float(counts[pieces.case] @ sizes) / 2, cones / 6 * (sz * sy * sx)


def perimeter_and_area(mask: NDArray[np.bool_], spacing: tuple[float, float]) -> tuple[float, float]:
    """Length (mm) of the outline of a plane mask, and the area (mm²) that it encloses.

    Args:
        mask: shape (y, x); what is beyond the array is outside.
        spacing: mm, in the order (y, x).
    """
    sy, sx = spacing
    pieces = square_pieces()
    counts, cones = _tally(_square_cases(_framed(mask)), pieces)
    sizes = np.sqrt(pieces.normal2 @ np.square((sx, sy)))
    return float(counts[pieces.case] @ sizes), cones / 2 * (sy * sx)


@cache
def cube_pieces() -> Pieces:
    """The triangles of all 256 cases of a cube."""
    half = [_points(word, CUBE_EDGES, 3) for word in CUBE_TRIANGLES.split()]
    signs = np.repeat((1.0, -1.0), 128)
    triangles = half + half[::-1]
    normals = [np.cross(t[:, 0] - t[:, 2], t[:, 1] - t[:, 2]) for t in triangles]
    return _pieces(triangles, [n * s for n, s in zip(normals, signs, strict=True)])


@cache
def square_pieces() -> Pieces:
    """The lines of all 16 cases of a square."""
    lines = [_points(word, SQUARE_EDGES, 2) for word in SQUARE_LINES.split()]
    turned = [(p[:, 1] - p[:, 0])[:, ::-1] * (1.0, -1.0) for p in lines]
    return _pieces(lines, turned)


def _points(word: str, edges: tuple[tuple[float, ...], ...], corners: int) -> NDArray[np.float64]:
    """The corners of the triangles or lines of one case, shape (pieces, corners, axes)."""
    numbers = [int(digit, 16) for digit in word.strip("-")]
    return np.array(edges)[numbers].reshape(-1, corners, len(edges[0]))


def _pieces(points: list[NDArray[np.float64]], normals: list[NDArray[np.float64]]) -> Pieces:
    return Pieces(
        case=np.repeat(np.arange(len(points)), [len(each) for each in points]),
        normal2=np.concatenate(normals) ** 2,
        cone=np.array([(p[:, 0] * n).sum() for p, n in zip(points, normals, strict=True)]),
        flux=np.array([n.sum(axis=0) for n in normals]),
    )


def _framed(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """1 inside, 0 outside and one voxel around."""
    framed = np.zeros([size + 2 for size in mask.shape], dtype=np.uint8)
    framed[(slice(1, -1),) * mask.ndim] = mask
    return framed


def _cube_cases(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    squares = _square_cases(mask)
    return squares[:-1] | (squares[1:] << np.uint8(4))


def _square_cases(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The case of every square in the last two axes: corners (0, 0), (0, 1), (1, 1), (1, 0) are bits 0 to 3."""
    left, right = mask[..., :-1], mask[..., 1:]
    one, two, three = np.uint8(1), np.uint8(2), np.uint8(3)
    upper, lower = left | (right << one), (left << three) | (right << two)
    return np.asarray(upper[..., :-1, :] | lower[..., 1:, :], dtype=np.uint8)


def _tally(cases: NDArray[np.uint8], pieces: Pieces) -> tuple[NDArray[np.intp], float]:
    """How often each case occurs, and the sum of all cones from the first voxel of the array."""
    flat, full = cases.ravel(), len(pieces.cone) - 1
    at = np.flatnonzero(flat - np.uint8(1) < full - 1)  # neither 0, which wraps around, nor full
    case = flat[at]
    counts = np.bincount(case, minlength=full + 1)
    where = np.stack(np.unravel_index(at, cases.shape), axis=1)
    return counts, float(counts @ pieces.cone + np.einsum("ij,ij->", where, pieces.flux[case]))
