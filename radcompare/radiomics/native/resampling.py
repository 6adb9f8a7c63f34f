"""What happens to image and mask before features: normalisation, resampling, cropping, checks, resegmentation.

Definition: pyradiomics 3.0.1, `RadiomicsFeatureExtractor.loadImage` and `execute`, with SimpleITK's filters as there.
Its order: choose the label; `normalize`; `resampledPixelSpacing`, or else `preCrop`; check that image and mask share
a grid, or `correctMask`; check the size of the region; `resegmentRange`; check again.

Its conventions: a mask that is the same everywhere holds no label, even if it is 1 everywhere. After resegmentation
shape still measures the mask before it (unless `resegmentShape`), but within the bounding box of the mask after it.
"""

# mypy: untyped-calls-exclude="SimpleITK"
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from radcompare.errors import CaseError, DataError
from radcompare.imaging.geometry import bounding_box

DEFAULTS: Mapping[str, Any] = {
    "minimumROIDimensions": 2,
    "minimumROISize": None,
    "normalize": False,
    "normalizeScale": 1,
    "removeOutliers": None,
    "resampledPixelSpacing": None,
    "interpolator": "sitkBSpline",
    "preCrop": False,
    "padDistance": 5,
    "force2D": False,
    "force2Ddimension": 0,
    "resegmentRange": None,
    "label": 1,
}
"""pyradiomics' own settings; what a parameter file says goes before them."""
TOLERANCE = 1e-6
"""`geometryTolerance` unless set: of origin and spacing in voxels (along x), of the direction absolute."""
BORDER = 1e-3
"""Voxels by which a region may reach over the image's border."""
REMEDY = (
    "minimumROIDimensions and minimumROISize in the parameter file say what is accepted; check mask and label"
)
GRID_REMEDY = "set correctMask, or geometryTolerance if they differ by rounding only"

Box = tuple[slice, slice, slice]
Observer = Callable[[str, sitk.Image, sitk.Image], None]
"""Shown the name of a stage, the image and the mask."""


@dataclass(frozen=True)
class Prepared:
    """Image and mask as features see them.

    Attributes:
        image: what filters are run on; larger than the box.
        mask: 32-bit, on the grid of the image; the region has the value `label`.
        shape_mask: the same for shape features, which resegmentation may not concern.
        box: the part of the image that features are computed in: z, y, x.
        label: the value inside.
    """

    image: sitk.Image
    mask: sitk.Image
    shape_mask: sitk.Image
    box: Box
    label: int

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel size in mm, in the order (z, y, x)."""
        x, y, z = self.image.GetSpacing()
        return z, y, x

    @property
    def voxels(self) -> NDArray[Any]:
        """Intensities of the whole image, shape (z, y, x), in the pixel type that pyradiomics would have."""
        return np.asarray(sitk.GetArrayFromImage(self.image))

    @property
    def inside(self) -> NDArray[np.bool_]:
        """The region within the box."""
        return _inside(self.mask, self.label)[self.box]

    @property
    def shape_inside(self) -> NDArray[np.bool_]:
        """The region that shape features measure, within the box."""
        return _inside(self.shape_mask, self.label)[self.box]


def prepare(
    image: sitk.Image,
    mask: sitk.Image,
    settings: Mapping[str, Any],
    case: str = "",
    observe: Observer | None = None,
) -> Prepared:
    """Everything that pyradiomics does before it computes features.

    Args:
        image: in space (3-D).
        mask: in space; of several components, `label_channel` (0) is the one.
        settings: pyradiomics' settings.
        case: the ID, for messages.
        observe: shown image and mask as they are `original`, and after they were `interpolated`, `corrected` or
            `resegmented`.

    Raises:
        CaseError: the mask lacks the label, is not on the image's grid, lies outside it, or is too small.
    """
    chosen = {**DEFAULTS, **settings}
    try:
        return _prepared(image, mask, chosen, observe or _unobserved)
    except DataError as error:
        raise CaseError(f"case {case}: cannot be measured: {error.message}", error.hint) from None
    except RuntimeError as error:
        raise CaseError(f"case {case}: cannot be measured: SimpleITK: {error}", "check the files") from error


def _unobserved(stage: str, image: sitk.Image, mask: sitk.Image) -> None:
    """Nobody looks."""


def _prepared(
    image: sitk.Image, mask: sitk.Image, settings: Mapping[str, Any], observe: Observer
) -> Prepared:
    if image.GetDimension() != 3 or mask.GetDimension() != 3:
        raise DataError("image and mask must have three axes", "store a 2-D image as one slice")
    mask = choose_label(mask, settings)
    observe("original", image, mask)
    if settings["normalize"]:
        image = normalise(image, settings)
    if settings["interpolator"] is not None and settings["resampledPixelSpacing"] is not None:
        image, mask = resample(image, mask, settings)
        observe("interpolated", image, mask)
    elif settings["preCrop"]:
        box, mask = check(image, mask, settings)
        image, mask = _padded_crop(image, mask, box, int(settings["padDistance"]))
    loaded = mask
    box, mask = check(image, mask, settings)
    if mask is not loaded:
        observe("corrected", image, mask)
    kept = mask
    if settings["resegmentRange"] is not None:
        kept = resegment(image, mask, settings)
        box, kept = check(image, kept, settings)
        observe("resegmented", image, kept)
    shape_mask = kept if settings.get("resegmentShape", False) else mask
    return Prepared(image, kept, shape_mask, box, int(settings["label"]))


def choose_label(mask: sitk.Image, settings: Mapping[str, Any]) -> sitk.Image:
    """The mask as 32-bit whole numbers, one component.

    Raises:
        DataError: it is the same everywhere, or lacks the label or the component.
    """
    components = mask.GetNumberOfComponentsPerPixel()
    if components > 1 or "vector" in mask.GetPixelIDTypeAsString():
        channel = int(settings.get("label_channel", 0))
        if channel >= components:
            raise DataError(
                f"label_channel {channel} is not in the mask, which has {components}", "set label_channel"
            )
        mask = sitk.VectorIndexSelectionCast(mask, channel)
    mask = sitk.Cast(mask, sitk.sitkUInt32)
    voxels, label = sitk.GetArrayViewFromImage(mask), settings["label"]
    if voxels.min() == voxels.max():
        raise DataError(f"no label in the mask, which is {voxels.flat[0]} everywhere", REMEDY)
    if not (voxels == label).any():
        found = ", ".join(map(str, np.unique(voxels[voxels != 0])))
        raise DataError(f"label {label} is not in the mask, which has {found}", "set label")
    return mask


def normalise(image: sitk.Image, settings: Mapping[str, Any]) -> sitk.Image:
    """Intensities in standard deviations from their mean, cut at `removeOutliers`, times `normalizeScale`."""
    found: sitk.Image = sitk.Normalize(image)
    if settings["removeOutliers"] is not None:
        limit = settings["removeOutliers"]
        cut = sitk.GetImageFromArray(np.clip(sitk.GetArrayViewFromImage(found), -limit, limit))
        cut.CopyInformation(image)
        found = cut
    scaled: sitk.Image = found * settings["normalizeScale"]
    return scaled


def resample(
    image: sitk.Image, mask: sitk.Image, settings: Mapping[str, Any]
) -> tuple[sitk.Image, sitk.Image]:
    """Image and mask with voxels of `resampledPixelSpacing` (x, y, z), around the region and `padDistance` voxels.

    The new grid is aligned with the corner of the mask's. A spacing of 0, and that of an axis along which the region
    is one voxel thick, stays. Outside the image there is 0.

    Raises:
        DataError: the spacing has not three numbers, or the region lies outside the image.
    """
    old = np.array(mask.GetSpacing())
    wanted = np.array(settings["resampledPixelSpacing"], dtype=float)
    if len(wanted) != len(old):
        raise DataError(f"resampledPixelSpacing has {len(wanted)} numbers, not {len(old)}", "give x, y, z")
    start, size = _region(image, mask, settings)
    new = np.where((wanted == 0) | (size == 1), old, wanted)
    if np.allclose(image.GetSpacing(), new):
        mask = _like(mask, image)
        return _padded_crop(image, mask, _box(_inside(mask, settings["label"])), int(settings["padDistance"]))
    ratio, pad = old / new, settings["padDistance"]
    low = np.maximum(np.floor((start - 0.5) * ratio - pad), 0)
    high = np.minimum(
        np.ceil((start + size - 0.5) * ratio + pad), np.ceil(np.array(mask.GetSize()) * ratio) - 1
    )
    resampler = sitk.ResampleImageFilter()
    resampler.SetOutputSpacing(new.tolist())
    resampler.SetOutputDirection(mask.GetDirection())
    resampler.SetSize((high - low + 1).astype(int).tolist())
    corner = 0.5 * (new - old) / old + low / ratio
    resampler.SetOutputOrigin(mask.TransformContinuousIndexToPhysicalPoint(corner.tolist()))
    return _resampled(resampler, image, _interpolator(settings)), _resampled(
        resampler, mask, sitk.sitkNearestNeighbor
    )


def check(image: sitk.Image, mask: sitk.Image, settings: Mapping[str, Any]) -> tuple[Box, sitk.Image]:
    """The bounding box of the region, and the mask, on the image's grid.

    Raises:
        DataError: mask and image differ in their grid without `correctMask`, or the region is too small.
    """
    if problem := _grids_differ(image, mask, settings.get("geometryTolerance") or TOLERANCE):
        if not settings.get("correctMask", False):
            raise DataError(f"{problem} of image and mask differ", GRID_REMEDY)
        _region(image, mask, settings)
        mask = _like(mask, image)
    inside = _inside(mask, settings["label"])
    box = _box(inside)
    _check_size(inside[box], settings)
    return box, mask


def resegment(image: sitk.Image, mask: sitk.Image, settings: Mapping[str, Any]) -> sitk.Image:
    """The mask without the voxels whose intensity is outside `resegmentRange`: a lower limit, or both.

    With the `resegmentMode` absolute the limits are intensities, with relative shares of the largest intensity
    inside, with sigma standard deviations from the mean inside.

    Raises:
        DataError: the range or mode is wrong, or no more than one voxel is left.
    """
    limits, mode = sorted(settings["resegmentRange"]), settings.get("resegmentMode", "absolute")
    if len(limits) not in (1, 2):
        raise DataError(f"resegmentRange has {len(limits)} numbers", "give the lower limit, or both")
    voxels, inside = sitk.GetArrayViewFromImage(image), _inside(mask, settings["label"])
    values = voxels[inside]
    if mode == "relative":
        limits = [values.max() * limit for limit in limits]
    elif mode == "sigma":
        limits = [values.mean() + values.std() * limit for limit in limits]
    elif mode != "absolute":
        raise DataError(f"unknown resegmentMode {mode!r}", "known: absolute, relative, sigma")
    kept = values >= limits[0]
    if len(limits) == 2:
        kept &= values <= limits[1]
    if kept.sum() <= 1:
        raise DataError(
            f"resegmentation leaves {kept.sum()} of {kept.size} voxels", "choose a wider resegmentRange"
        )
    inside[inside] = kept
    found = sitk.GetImageFromArray(np.where(inside, settings["label"], 0).astype(np.uint32))
    found.CopyInformation(mask)
    return found


def _inside(mask: sitk.Image, label: float) -> NDArray[np.bool_]:
    return np.asarray(sitk.GetArrayViewFromImage(mask) == label)


def _box(inside: NDArray[np.bool_]) -> Box:
    if not inside.any():
        raise DataError("the label is not in the mask", REMEDY)
    return bounding_box(inside)


def _check_size(inside: NDArray[np.bool_], settings: Mapping[str, Any]) -> None:
    """Refuse a region of too few voxels or axes; `inside` is cut to its bounding box."""
    extended, least = sum(size > 1 for size in inside.shape), settings["minimumROIDimensions"]
    if not extended:
        raise DataError("the mask only contains 1 segmented voxel", REMEDY)
    if extended < least:
        raise DataError(f"the mask has too few dimensions: {extended}, required are {least}", REMEDY)
    size, smallest = np.count_nonzero(inside), settings["minimumROISize"]
    if smallest is not None and size <= smallest:
        raise DataError(f"the region is too small: {size} voxels, required are more than {smallest}", REMEDY)


def _grids_differ(image: sitk.Image, mask: sitk.Image, tolerance: float) -> str:
    """What two grids differ in, as ITK compares them; "" if in nothing."""
    if image.GetSize() != mask.GetSize():
        return "the sizes"
    near = abs(tolerance * image.GetSpacing()[0])
    for name, allowed in (("Origin", near), ("Spacing", near), ("Direction", tolerance)):
        one, two = (np.array(getattr(each, f"Get{name}")()) for each in (image, mask))
        if not np.all(np.abs(one - two) <= allowed):
            return f"the {name.lower()}s"
    return ""


def _region(
    image: sitk.Image, mask: sitk.Image, settings: Mapping[str, Any]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First voxel and size (x, y, z) of the region in the mask's grid.

    Raises:
        DataError: it reaches over the border of the image.
    """
    box = _box(_inside(mask, settings["label"]))[::-1]
    start = np.array([side.start for side in box])
    size = np.array([side.stop - side.start for side in box])
    corners = [
        mask.TransformContinuousIndexToPhysicalPoint((at - 0.5).tolist()) for at in (start, start + size)
    ]
    ends = np.array([image.TransformPhysicalPointToContinuousIndex(corner) for corner in corners])
    low, high = -0.5 - BORDER, np.array(image.GetSize()) - 0.5 + BORDER
    if (ends < low).any() or (ends > high).any():
        raise DataError(
            "the region lies outside the image, or partly", "check that mask and image belong together"
        )
    return start, size


def _padded_crop(image: sitk.Image, mask: sitk.Image, box: Box, pad: int) -> tuple[sitk.Image, sitk.Image]:
    """Image and mask around a box and some voxels more."""
    cut = tuple(
        slice(max(side.start - pad, 0), min(side.stop + pad, size))
        for side, size in zip(box[::-1], mask.GetSize(), strict=True)
    )
    return image[cut], mask[cut]


def _like(mask: sitk.Image, image: sitk.Image) -> sitk.Image:
    """The mask on the image's grid, each voxel as the nearest of the old ones."""
    return sitk.Resample(mask, image, sitk.Transform(), sitk.sitkNearestNeighbor, 0.0, mask.GetPixelID())


def _interpolator(settings: Mapping[str, Any]) -> int:
    """SimpleITK's number for a name such as `sitkLinear`; B-splines for a name that it does not have."""
    chosen = settings["interpolator"]
    return int(getattr(sitk, chosen, sitk.sitkBSpline) if isinstance(chosen, str) else chosen)


def _resampled(resampler: Any, image: sitk.Image, interpolator: int) -> sitk.Image:
    resampler.SetOutputPixelType(image.GetPixelID())
    resampler.SetInterpolator(interpolator)
    found: sitk.Image = resampler.Execute(image)
    return found
