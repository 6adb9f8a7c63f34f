"""From slices to a volume's grid: sorted along their normal, and refused where they are no volume."""

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.dicom.headers import text
from radcompare.imaging.dicom.slices import Slice, named
from radcompare.imaging.geometry import Grid
from radcompare.reading_settings import TOLERANCE

SAME = 1e-3
"""Slices that lie nearer to each other than this, in mm, lie at one position."""
UNEVEN, UNEVEN_MM = 0.01, 0.01
"""How far a gap may stray: this share of the usual one, or these mm where that is more (positions are rounded)."""
DRIFT = 0.1
"""How far gaps within that may add up: this share of a slice's distance."""
ASIDE, ASIDE_PIXELS = 1e-3, 0.1
"""How far a slice may lie beside the normal through another: this share of the way, or of a pixel if that is more."""
APART = "one folder or series must be one volume: move the others elsewhere, or name the series in a column Series"

Groups = list[tuple[Slice, ...]]


def at_positions(case: str, path: Path, slices: Sequence[Slice]) -> Groups:
    """The slices by position along their normal, those of one position together.

    Args:
        case: for messages.
        path: the folder or file.
        slices: in any order, at least one.

    Raises:
        CaseError: they differ in size, pixel spacing or orientation, do not say where they lie, or lie beside each
            other.
    """
    _refuse_differing(case, path, slices, "sizes", lambda one: one.size, "{0[0]} x {0[1]} pixels")
    if len(slices) == 1:
        return [(slices[0],)]
    _refuse_homeless(case, path, slices)
    _refuse_differing(case, path, slices, "pixel spacings", _spacing(slices[0]), "{0[0]:.7g} x {0[1]:.7g} mm")
    _refuse_differing(case, path, slices, "orientations", _orientation(slices[0]), "{0}")
    _refuse_aside(case, path, slices)
    heights = _heights(slices)
    order = sorted(range(len(slices)), key=lambda i: (heights[i], slices[i].name))
    groups: list[list[int]] = []
    for index in order:
        if groups and heights[index] - heights[groups[-1][0]] < SAME:
            groups[-1].append(index)
        else:
            groups.append([index])
    return [tuple(slices[index] for index in group) for group in groups]


def grid_of(case: str, path: Path, slices: Sequence[Slice]) -> Grid:
    """The grid of sorted slices, one a position.

    A single slice is as thick as SpacingBetweenSlices says, else as SliceThickness, else 1 mm.

    Raises:
        CaseError: slices are missing, or their distances are uneven.
    """
    first, (columns, rows) = slices[0], slices[0].size
    distance = _thickness(first)
    if len(slices) > 1:
        heights = _heights(slices)
        _refuse_gaps(case, path, slices, heights)
        distance = float(heights[-1] - heights[0]) / (len(slices) - 1)
    x, y = first.spacing or (1.0, 1.0)
    origin = (0.0, 0.0, 0.0) if first.position is None else tuple(float(v) for v in first.position)
    direction = tuple(float(v) for v in np.column_stack([*_axes(first), _normal(first)]).ravel())
    return Grid((columns, rows, len(slices)), (x, y, distance), origin, direction)  # type: ignore[arg-type]


def height(one: Slice) -> float:
    """Where a slice lies along its own normal, in mm; 0 where it does not say."""
    return 0.0 if one.position is None else float(one.position @ _normal(one))


def _heights(slices: Sequence[Slice]) -> NDArray[np.float64]:
    """Along the normal of the first, shape (n,); all of them say where they lie."""
    return _positions(slices) @ _normal(slices[0])


def _positions(slices: Sequence[Slice]) -> NDArray[np.float64]:
    return np.array([one.position for one in slices], dtype=np.float64)


def _axes(one: Slice) -> NDArray[np.float64]:
    """Those of the patient where a slice does not say."""
    return np.eye(3)[:2] if one.axes is None else one.axes


def _normal(one: Slice) -> NDArray[np.float64]:
    normal = np.cross(*_axes(one))
    return np.asarray(normal / np.linalg.norm(normal))


def _thickness(one: Slice) -> float:
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        with suppress(ValueError):  # empty, or no number
            if 0 < (told := float(text(one.header, keyword))) < np.inf:
                return told
    return 1.0


def _spacing(first: Slice) -> Callable[[Slice], Hashable]:
    """Pixel spacings that agree with the first's are the first's."""

    def rounded(one: Slice) -> Hashable:
        near = np.allclose(one.spacing or (), first.spacing or (), rtol=TOLERANCE, atol=0)
        return first.spacing if near else one.spacing

    return rounded


def _orientation(first: Slice) -> Callable[[Slice], Hashable]:
    def rounded(one: Slice) -> Hashable:
        near = np.abs(_axes(one) - _axes(first)).max() <= TOLERANCE
        return tuple(float(v) for v in np.round(_axes(first if near else one), 4).ravel())

    return rounded


def _refuse_differing(
    case: str, path: Path, slices: Sequence[Slice], what: str, key: Callable[[Slice], Hashable], words: str
) -> None:
    kinds: dict[Hashable, list[Slice]] = {}
    for one in slices:
        kinds.setdefault(key(one), []).append(one)
    if len(kinds) > 1:
        told = [f"{len(found)} of {words.format(kind)} ({named(found, 2)})" for kind, found in kinds.items()]
        raise CaseError(
            f"case {case}: {path} holds slices of {len(kinds)} different {what}: {'; '.join(told[:4])}", APART
        )


def _refuse_homeless(case: str, path: Path, slices: Sequence[Slice]) -> None:
    lacking = {
        "ImagePositionPatient": [one for one in slices if one.position is None],
        "ImageOrientationPatient": [one for one in slices if one.axes is None],
        "PixelSpacing": [one for one in slices if one.spacing is None],
    }
    for keyword, found in lacking.items():
        if found:
            raise CaseError(
                f"case {case}: {path} holds {len(slices)} slices, {len(found)} of them without {keyword}: "
                f"{named(found)}",
                "take out what is no slice of the volume (screenshots, reports), or convert it to NIfTI with a "
                "program that knows the scanner",
            )


def _refuse_aside(case: str, path: Path, slices: Sequence[Slice]) -> None:
    """Slices that are shifted within their planes: a tilted gantry, or parts of several stacks."""
    positions, normal = _positions(slices), _normal(slices[0])
    steps = positions - positions[0]
    along = np.abs(steps @ normal)
    aside = np.linalg.norm(steps - np.outer(steps @ normal, normal), axis=1)
    excess = aside - np.maximum(ASIDE * along, ASIDE_PIXELS * min(slices[0].spacing or (1.0, 1.0)))
    worst = int(np.argmax(excess))
    if excess[worst] <= 0:
        return
    angle = np.degrees(np.arctan2(aside[worst], along[worst]))
    tilt = text(slices[worst].header, "GantryDetectorTilt")
    raise CaseError(
        f"case {case}: {path} holds slices that are not stacked along their normal: {slices[worst].name} lies "
        f"{along[worst]:.4g} mm from {slices[0].name} and {aside[worst]:.4g} mm beside it, {angle:.3g} degrees"
        + (f" (GantryDetectorTilt {tilt})" if tilt else ""),
        "a tilted gantry shears the volume: straighten it first, e.g. with dcm2niix, and give that file; if these "
        "are several stacks, give them folders of their own",
    )


def _refuse_gaps(case: str, path: Path, slices: Sequence[Slice], heights: NDArray[np.float64]) -> None:
    gaps = np.diff(heights)
    usual = float(np.sort(gaps)[(len(gaps) - 1) // 2])
    allowed = max(UNEVEN * usual, UNEVEN_MM)
    odd = np.flatnonzero(np.abs(gaps - usual) > allowed)
    if not odd.size:
        _refuse_drift(case, path, heights)
        return
    times = np.maximum(np.round(gaps[odd] / usual), 1)
    missing = (times - 1).astype(int)
    whole = bool(np.all((missing > 0) & (np.abs(gaps[odd] - times * usual) <= times * allowed)))
    places = [
        f"{count if whole else f'{gaps[i]:.4g} mm'} between {heights[i]:.7g} mm ({slices[i].name}) and "
        f"{heights[i + 1]:.7g} mm ({slices[i + 1].name})"
        for i, count in zip(odd[:3], missing[:3], strict=True)
    ]
    places += [f"and {len(odd) - 3} more places"] * (len(odd) > 3)
    if whole:
        found = f"{missing.sum()} {'slices are' if missing.sum() > 1 else 'slice is'} missing"
    else:
        found = "distances between slices are uneven"
    raise CaseError(
        f"case {case}: of {path} {found}: {', '.join(places)}; usually they lie {usual:.4g} mm apart",
        "copy or export the series again, whole; if it was made like this, resample it to even slices first and "
        "give that file",
    )


def _refuse_drift(case: str, path: Path, heights: NDArray[np.float64]) -> None:
    even = np.linspace(heights[0], heights[-1], len(heights))
    distance = (heights[-1] - heights[0]) / (len(heights) - 1)
    off = float(np.abs(heights - even).max())
    if off > max(DRIFT * distance, UNEVEN_MM):
        raise CaseError(
            f"case {case}: of {path} distances between slices change from {np.diff(heights).min():.6g} to "
            f"{np.diff(heights).max():.6g} mm, so that a slice lies {off:.3g} mm from where even ones would",
            "resample it to even slices first and give that file",
        )
