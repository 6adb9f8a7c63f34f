"""Filtered images: wavelets, Laplacian of Gaussian, gradient, local patterns, and functions of the intensity.

Definition: pyradiomics 3.0.1, `imageoperations.get*Image`; names are pyradiomics' prefixes. A filter looks at the
whole image, and computes only the box that is asked for, with as much around it as its values depend on. The pixel
type goes in as the file holds it: of whole numbers LoG and gradient are single precision, as SimpleITK makes them.

A filter that does not suit the image (LoG of fewer than 4 voxels, or of a sigma wider than the image) yields
nothing, as in pyradiomics. An image of zeros becomes nan under Square, Logarithm and Exponential, as there.
"""

# mypy: untyped-calls-exclude="SimpleITK"
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radcompare.radiomics.native.local_patterns import planar_patterns, spherical_patterns

Voxels = NDArray[Any]
Spacing = tuple[float, float, float]
Box = tuple[slice, slice, slice]
Filtered = Iterator[tuple[str, Voxels]]
Filter = Callable[[Voxels, Spacing, Mapping[str, Any], Box | None], Filtered]

LOG_REACH = 24.0
"""Sigmas after which a recursive Gaussian has forgotten where the image ended, to the last digit."""
LOG_LEAST = 4
"""Voxels along every axis that the recursion needs."""


def original(
    image: Voxels,
    spacing: Spacing,  # noqa: ARG001 - every filter is called alike
    settings: Mapping[str, Any],  # noqa: ARG001
    box: Box | None = None,
) -> Filtered:
    """The image itself; arguments as `wavelet`."""
    yield "original", image[_whole(image, box)]


def wavelet(
    image: Voxels,
    spacing: Spacing,  # noqa: ARG001 - every filter is called alike
    settings: Mapping[str, Any],
    box: Box | None = None,
) -> Filtered:
    """Stationary wavelet decomposition: every combination of high and low pass, per level, then the approximation.

    The image is periodic; an axis with an odd number of voxels gets its first plane once more at the end. Every
    level filters the approximation of the one before with the same, undilated wavelet. The first letter of a name
    is for x, the last for z.

    Args:
        image: shape (z, y, x), any pixel type.
        spacing: mm, in the order (z, y, x).
        settings: `wavelet` (coif1), `level` (1), `start_level` (0: levels that are passed over);
            with `force2D`, the axis `force2Ddimension` (0) is not filtered.
        box: what to compute; the whole image unless given.

    Yields:
        Prefix and values, of the shape of the box.
    """
    import pywt

    kind = settings.get("wavelet", "coif1")
    filters = kind if isinstance(kind, pywt.Wavelet) else pywt.Wavelet(kind)
    skipped, count = int(settings.get("start_level", 0)), int(settings.get("level", 1))
    axes = [2, 1, 0]
    if settings.get("force2D", False):
        axes.remove(int(settings.get("force2Ddimension", 0)))
    margin = filters.dec_len // 2 * (skipped + count)
    values, inner = _window(image, _whole(image, box), axes, margin)
    low = "a" * len(axes)
    for level in range(1, skipped + count + 1):
        parts = _split(values, filters, axes, inner, last=level == skipped + count)
        values = parts.pop(low)
        if level > skipped:
            for name, part in parts.items():
                yield _wavelet_name(level - skipped, name), part
    yield _wavelet_name(count, low), values if skipped + count else values[inner]


def laplacian_of_gaussian(
    image: Voxels, spacing: Spacing, settings: Mapping[str, Any], box: Box | None = None
) -> Filtered:
    """The Laplacian after smoothing, times sigma², for every sigma; arguments as `wavelet`.

    Args:
        settings: `sigma`, mm, one or several (none).
    """
    box = _whole(image, box)
    for sigma in settings.get("sigma", []):
        enough = np.ceil(sigma / np.array(spacing)) + 1 if sigma > 0 else np.inf
        if min(image.shape) < LOG_LEAST or not np.all(np.array(image.shape) >= enough):
            continue
        outer, inner = _widened(
            image, box, [int(np.ceil(LOG_REACH * sigma / step)) + LOG_LEAST for step in spacing]
        )
        import SimpleITK as sitk

        smoother = sitk.LaplacianRecursiveGaussianImageFilter()
        smoother.SetNormalizeAcrossScale(True)
        smoother.SetSigma(sigma)
        name = str(sigma).replace(".", "-")
        yield f"log-sigma-{name}-mm-3D", _executed(smoother, image[outer], spacing)[inner]


def gradient(
    image: Voxels, spacing: Spacing, settings: Mapping[str, Any], box: Box | None = None
) -> Filtered:
    """The length of the gradient by central differences; arguments as `wavelet`.

    Args:
        settings: `gradientUseSpacing` (true): per mm, else per voxel.
    """
    import SimpleITK as sitk

    outer, inner = _widened(image, _whole(image, box), (1, 1, 1))
    differences = sitk.GradientMagnitudeImageFilter()
    differences.SetUseImageSpacing(bool(settings.get("gradientUseSpacing", True)))
    yield "gradient", _executed(differences, image[outer], spacing)[inner]


def square(
    image: Voxels,
    spacing: Spacing,  # noqa: ARG001 - every filter is called alike
    settings: Mapping[str, Any],  # noqa: ARG001
    box: Box | None = None,
) -> Filtered:
    """Squares, scaled so that the largest magnitude of the image stays; arguments as `wavelet`."""
    values, peak = _doubles(image, box)
    with np.errstate(all="ignore"):
        yield "square", (values * (1 / np.sqrt(peak))) ** 2


def square_root(
    image: Voxels,
    spacing: Spacing,  # noqa: ARG001 - every filter is called alike
    settings: Mapping[str, Any],  # noqa: ARG001
    box: Box | None = None,
) -> Filtered:
    """Square roots with the sign of the intensity, scaled as `square`; arguments as `wavelet`."""
    values, peak = _doubles(image, box)
    yield "squareroot", np.copysign(np.sqrt(np.abs(values) * peak), values)


def logarithm(
    image: Voxels,
    spacing: Spacing,  # noqa: ARG001 - every filter is called alike
    settings: Mapping[str, Any],  # noqa: ARG001
    box: Box | None = None,
) -> Filtered:
    """log(magnitude + 1) with the sign of the intensity, scaled as `square`; arguments as `wavelet`."""
    values, peak = _doubles(image, box)
    with np.errstate(all="ignore"):
        scale = peak / np.log(peak + 1)
        yield "logarithm", np.copysign(np.log(np.abs(values) + 1), values) * scale


def exponential(
    image: Voxels,
    spacing: Spacing,  # noqa: ARG001 - every filter is called alike
    settings: Mapping[str, Any],  # noqa: ARG001
    box: Box | None = None,
) -> Filtered:
    """Exponentials, scaled so that the largest magnitude of the image stays; arguments as `wavelet`."""
    values, peak = _doubles(image, box)
    with np.errstate(all="ignore"):
        yield "exponential", np.exp((np.log(peak) / peak) * values)


def planar_pattern(
    image: Voxels,
    spacing: Spacing,  # noqa: ARG001 - every filter is called alike
    settings: Mapping[str, Any],
    box: Box | None = None,
) -> Filtered:
    """Local binary patterns in planes; arguments as `local_patterns.planar_patterns`."""
    yield "lbp-2D", planar_patterns(image, settings, _whole(image, box))


def spherical_pattern(
    image: Voxels,
    spacing: Spacing,  # noqa: ARG001 - every filter is called alike
    settings: Mapping[str, Any],
    box: Box | None = None,
) -> Filtered:
    """Local binary patterns on spheres; arguments as `local_patterns.spherical_patterns`."""
    for name, values in spherical_patterns(image, settings, _whole(image, box)):
        yield f"lbp-3D-{name}", values


FILTERS: dict[str, Filter] = {
    "Original": original,
    "Wavelet": wavelet,
    "LoG": laplacian_of_gaussian,
    "Square": square,
    "SquareRoot": square_root,
    "Logarithm": logarithm,
    "Exponential": exponential,
    "Gradient": gradient,
    "LBP2D": planar_pattern,
    "LBP3D": spherical_pattern,
}
"""By the name that a parameter file gives them under `imageType`."""


def _whole(image: Voxels, box: Box | None) -> Box:
    """A box with plain bounds; of the whole image if none is given."""
    z, y, x = (
        slice(*side.indices(size)[:2])
        for side, size in zip(box or (slice(None),) * 3, image.shape, strict=True)
    )
    return z, y, x


def _widened(image: Voxels, box: Box, margins: Sequence[int]) -> tuple[Box, Box]:
    """A box with margins, cut at the border of the image; and where the first box lies in it."""
    starts = [max(side.start - margin, 0) for side, margin in zip(box, margins, strict=True)]
    stops = [min(s.stop + margin, n) for s, margin, n in zip(box, margins, image.shape, strict=True)]
    z, y, x = (slice(start, stop) for start, stop in zip(starts, stops, strict=True))
    return (z, y, x), _relative(box, starts)


def _relative(box: Box, starts: Sequence[int]) -> Box:
    z, y, x = (slice(s.start - start, s.stop - start) for s, start in zip(box, starts, strict=True))
    return z, y, x


def _doubles(image: Voxels, box: Box | None) -> tuple[NDArray[np.float64], np.float64]:
    """The box in double precision, and the largest magnitude of the whole image."""
    peak = np.float64(max(abs(float(image.min())), abs(float(image.max()))))
    return image[_whole(image, box)].astype(np.float64, order="C"), peak


def _executed(step: Any, values: Voxels, spacing: Spacing) -> Voxels:
    """What a SimpleITK filter makes of an array."""
    import SimpleITK as sitk

    volume = sitk.GetImageFromArray(values)
    volume.SetSpacing(tuple(float(each) for each in spacing[::-1]))
    return np.asarray(sitk.GetArrayFromImage(step.Execute(volume)))


def _window(image: Voxels, box: Box, axes: Sequence[int], margin: int) -> tuple[Voxels, Box]:
    """The part of the image that a box depends on, even along every axis that is filtered; and the box in it.

    Where that part would reach over the border, it is the whole axis: there the sums over the two ends are rounded
    as PyWavelets rounds them, and a flat image, whose values are all rounding, has the same levels.

    Args:
        image: shape (z, y, x).
        box: what is needed in the end.
        axes: which are filtered; along the others only the box counts.
        margin: voxels that matter on both sides of the box.
    """
    starts = []
    for axis, (side, size) in enumerate(zip(box, image.shape, strict=True)):
        start, stop = side.start, side.stop
        if axis in axes:
            start, stop = start - margin, stop + margin + (stop - start) % 2
        if start < 0 or stop > size:
            start = 0
            image = image.take([*range(size), *[0] * (size % 2)], axis=axis)
        else:
            image = image[(slice(None),) * axis + (slice(start, stop),)]
        starts.append(start)
    return image, _relative(box, starts)


def _split(values: Voxels, filters: Any, axes: Sequence[int], box: Box, last: bool) -> dict[str, Voxels]:
    """One level: low (a) and high (d) pass along every axis, cut to the box.

    Only the approximation keeps its margin, and not even that on the last level. Cutting along each axis as soon as
    it is filtered leaves less for the next one.
    """
    import pywt

    done: list[int] = []
    parts = {"": values}
    for axis in axes:
        done.append(axis)
        split = {}
        for name, part in parts.items():
            low, high = pywt.swt(part, filters, level=1, start_level=0, axis=axis)[0]
            split[f"{name}a"], split[f"{name}d"] = low, high
        parts = {
            name: part[_cut(box, [axis] if last or "d" in name[:-1] else done)]
            if last or "d" in name
            else part
            for name, part in split.items()
        }
    untouched = [axis for axis in range(3) if axis not in axes]
    return {name: part[_cut(box, untouched)] for name, part in parts.items()}


def _cut(box: Box, axes: Sequence[int]) -> tuple[slice, ...]:
    return tuple(box[axis] if axis in axes else slice(None) for axis in range(3))


def _wavelet_name(level: int, name: str) -> str:
    number = "" if level == 1 else str(level)
    return f"wavelet{number}-" + name.replace("a", "L").replace("d", "H")
