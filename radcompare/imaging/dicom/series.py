"""A DICOM series, or one DICOM file, as a volume."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from radcompare.errors import CaseError
from radcompare.imaging.dicom import slices as headers_of_slices
from radcompare.imaging.dicom.arrangement import at_positions, grid_of
from radcompare.imaging.dicom.headers import dicom_files, kind_of, read_header, refusing_damaged, text
from radcompare.imaging.dicom.pixels import StoredPixels, is_turned, values
from radcompare.imaging.dicom.repeats import one_each, refuse_equal_uids
from radcompare.imaging.dicom.slices import Slice, slices_of
from radcompare.imaging.dicom.suv import PET, Uptake, as_stored, body_weight_suv
from radcompare.imaging.inside import Fact, Suspicion
from radcompare.imaging.volume import Volume
from radcompare.tables.case import Case

if TYPE_CHECKING:
    from pydicom import Dataset

WANTED: tuple[str | int, ...] = (
    *(
        "SeriesInstanceUID",
        "SeriesDescription",
        "FrameOfReferenceUID",
        "Manufacturer",
        "LossyImageCompression",
    ),
    *(*headers_of_slices.WANTED, *PET),
)
Headers = list[tuple[Path, "Dataset"]]


def read_series(case: Case, path: Path) -> Volume:
    """Read the image series in a folder, or an image of one file.

    Slices are sorted by their positions, whatever their files are called. Values are RescaleSlope x stored +
    RescaleIntercept, slice by slice; of PET body-weight SUV unless the reading says `stored`.

    Args:
        case: its `series` picks one of several: the SeriesInstanceUID, the end of it, or the SeriesDescription.
        path: a folder, of which only the files directly in it count, and RTSTRUCT, SEG and what is no image do not;
            or a file: one slice, or a multi-frame image with functional groups.

    Raises:
        CaseError: there is no image, or a choice between several; it is not one volume of evenly spaced slices;
            a file is damaged or cannot be decoded; SUV cannot be computed.
    """
    headers, doubts = _chosen(case, path)
    slices = slices_of(case.case, path, headers)
    groups = at_positions(case.case, path, slices)
    refuse_equal_uids(case.case, path, groups)
    pixels = StoredPixels(case.case)
    kept, more = one_each(case.case, path, groups, pixels)
    grid = grid_of(case.case, path, kept)
    with refusing_damaged(case.case, path):
        uptake = _uptake(case, path, kept)
        voxels = values(kept, pixels, uptake.factors)
        facts = {**_facts(kept, pixels), **uptake.facts}
    header = headers[0][1]
    return Volume(
        path=path,
        voxels=voxels,
        grid=grid,
        modality=text(header, "Modality"),
        series=text(header, "SeriesInstanceUID"),
        frame_of_reference=text(header, "FrameOfReferenceUID"),
        facts=facts,
        doubts=(*doubts, *more, *_doubts(path, kept), *uptake.doubts),
    )


def _uptake(case: Case, path: Path, slices: Sequence[Slice]) -> Uptake:
    """What the values of each slice are multiplied with; 1 but for PET."""
    told = [one.header for one in slices]
    if text(told[0], "Modality") != "PT":
        return Uptake((1.0,) * len(slices))
    return as_stored(told) if case.reading.pet == "stored" else body_weight_suv(case.case, path, told)


def _chosen(case: Case, path: Path) -> tuple[Headers, tuple[Suspicion, ...]]:
    """The headers of one series, and the doubt about localizers that were left out of it or beside it."""
    images = _images(case, path)
    if case.series:
        images = _picked(case, path, _by_uid(images))
    taken = [(file, header) for file, header in images if not _is_localizer(header)] or images
    doubts: tuple[Suspicion, ...] = ()
    if len(taken) < len(images):
        found = (
            f"{path} holds {len(images) - len(taken)} localizers (ImageType) beside {len(taken)} other images"
        )
        doubts = (Suspicion(f"{found}; they are left out", "move them elsewhere"),)
    return taken if case.series else _picked(case, path, _by_uid(taken)), doubts


def _by_uid(images: Headers) -> dict[str, Headers]:
    """By SeriesInstanceUID."""
    found: dict[str, Headers] = {}
    for file, header in images:
        found.setdefault(text(header, "SeriesInstanceUID"), []).append((file, header))
    return found


def _images(case: Case, path: Path) -> Headers:
    """The headers of everything in a folder, or of one file, that is an image."""
    if not path.exists():
        raise CaseError(
            f"case {case.case}: {path} does not exist, expected a DICOM series",
            "correct the path in the cohort",
        )
    with refusing_damaged(case.case, path):
        files = dicom_files(path) if path.is_dir() else [path]
    headers = [(file, read_header(case.case, file, WANTED)) for file in files]
    images = [(file, header) for file, header in headers if kind_of(header) == "image"]
    if not images:
        raise _no_image(case, path, headers)
    return images


def _no_image(case: Case, path: Path, headers: Headers) -> CaseError:
    kinds = sorted({text(header, "Modality") or "no modality" for _, header in headers})
    if not path.is_dir():
        return CaseError(
            f"case {case.case}: {path} is a DICOM file of {kinds[0]}, expected an image",
            "give the image itself",
        )
    inside = f"{len(headers)} DICOM files of {', '.join(kinds)}" if headers else "no DICOM file"
    return CaseError(
        f"case {case.case}: {path} is a folder with {inside} in it, expected the images of a DICOM series",
        "give the folder that holds the files themselves, or an image file",
    )


def _is_localizer(header: "Dataset") -> bool:
    return "LOCALIZER" in text(header, "ImageType").split("\\")


def _picked(case: Case, path: Path, by_uid: dict[str, Headers]) -> Headers:
    if not case.series and len(by_uid) == 1:
        return next(iter(by_uid.values()))
    fitting = _fitting(case.series, by_uid) if case.series else list(by_uid)
    if len(fitting) == 1:
        return by_uid[fitting[0]]
    listed = [_described(by_uid[uid]) for uid in fitting or by_uid]
    several = f"holds {len(by_uid)} series" if len(by_uid) > 1 else "holds one series"
    wish = ""
    if case.series:
        wish = f", {len(fitting) or 'none'} of them {case.series!r}"
    more = f"; and {len(listed) - 8} more" if len(listed) > 8 else ""
    raise CaseError(
        f"case {case.case}: {path} {several}{wish}: {'; '.join(listed[:8])}{more}",
        "say which one is meant in a column Series of the cohort: its SeriesInstanceUID, or as much of its end as "
        "tells it from the others",
    )


def _fitting(series: str, by_uid: dict[str, Headers]) -> list[str]:
    """The UIDs that a name means: itself, the description, or the end of it, the first of these that is one."""
    wish = series.strip()
    if wish in by_uid:
        return [wish]
    described = [uid for uid, found in by_uid.items() if text(found[0][1], "SeriesDescription") == wish]
    return described or [uid for uid in by_uid if uid.endswith(wish)]


def _described(headers: Headers) -> str:
    header = headers[0][1]
    description = text(header, "SeriesDescription")
    files = f"{len(headers)} files" if len(headers) > 1 else "1 file"
    kind = text(header, "Modality") or "no modality"
    return f"{files} {kind} {description!r} {text(header, 'SeriesInstanceUID') or '(no UID)'}"


def _facts(slices: Sequence[Slice], pixels: StoredPixels) -> dict[str, Fact]:
    first = slices[0]
    facts: dict[str, Fact] = {"image_format": "DICOM", "slices": len(slices), "rescale": _rescale(slices)}
    told = {"manufacturer": "Manufacturer", "kernel": "ConvolutionKernel"}
    facts |= {name: found for name, keyword in told.items() if (found := text(first.header, keyword))}
    with suppress(ValueError):  # empty, or no number
        facts["thickness_mm"] = float(f"{float(text(first.header, 'SliceThickness')):.6g}")
    if (padding := first.header.get("PixelPaddingValue")) is not None:
        facts["padding"] = float(padding) * first.slope + first.intercept
    if is_turned(first):
        facts["turned"] = "MONOCHROME1"
    if pixels.decoders != {"pydicom"}:
        facts["decoder"] = " and ".join(sorted(pixels.decoders))
    return facts


def _rescale(slices: Sequence[Slice]) -> str:
    def told(numbers: set[float]) -> str:
        low, high = min(numbers), max(numbers)
        return f"{low:.10g}" if low == high else f"{low:.6g} to {high:.6g}"

    slopes, intercepts = {one.slope for one in slices}, {one.intercept for one in slices}
    return f"slope {told(slopes)}, intercept {told(intercepts)}"


def _doubts(path: Path, slices: Sequence[Slice]) -> list[Suspicion]:
    doubts = []
    if slices[0].spacing is None:
        found = (
            f"{path} does not say how far its pixels lie apart (PixelSpacing): they are taken as 1 mm wide"
        )
        doubts.append(Suspicion(found, "measure no sizes in it, or give an image that knows them"))
    if any(text(one.header, "LossyImageCompression") == "01" for one in slices):
        found = f"{path} was compressed with loss once (LossyImageCompression)"
        doubts.append(Suspicion(found, "texture is not what was scanned: prefer the original images"))
    if is_turned(slices[0]):
        found = f"{path} is stored dark for bright (MONOCHROME1): it is turned around, as shown"
        doubts.append(Suspicion(found, "nothing if all images of the cohort are shown alike"))
    return doubts
