"""From files to a `Region`: image and mask are read, checked against each other, and refused with a reason.

`read_region` stops a case at its first error; `problems` goes through the same checks and tells all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.geometry import differences
from radcompare.imaging.labels import has_grey_edges, region_voxels
from radcompare.imaging.region import Region
from radcompare.imaging.suspicions import Suspicion, suspicions
from radcompare.imaging.volume import Volume, intensities, read_volume

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or looks wrong, with a case.

    Attributes:
        case: the ID.
        severity: `error` when the case cannot be measured, `warning` when it can.
        problem: what was found, and in which file.
        hint: what to do about it.
    """

    case: str
    severity: Literal["error", "warning"]
    problem: str
    hint: str


def read_region(
    case: str, image: Path, mask: Path, label: int | None = None, organ: Path | None = None
) -> Region:
    """Read one case.

    Args:
        case: the ID, for messages.
        image: NIfTI, NRRD, MHA or another 3-D format of SimpleITK, or a 2-D PNG, JPEG, TIFF or BMP, which
            becomes one slice of voxels of 1 mm. Colour becomes luminance (Rec. 601), alpha is ignored.
        mask: a file on the same grid (`geometry.TOLERANCE`), whole numbers.
        label: the mask value of the region. Without it the mask must hold one value besides 0; of a white on
            black picture every non-zero voxel is inside.
        organ: a mask of the organ around the region, same grid, same rules.

    Returns:
        Intensities and the mask, shape (z, y, x). Voxels outside the mask may be NaN or infinite.

    Raises:
        CaseError: a file is missing or unreadable, the grids differ, the mask is empty or leaves a choice of
            label, or a voxel inside it is not finite. The message names the file.
    """
    findings = _examine(case, image, mask, label, organ)
    if findings.region is None:
        raise findings.errors[0]
    return findings.region


def problems(
    case: str, image: Path, mask: Path, label: int | None = None, organ: Path | None = None
) -> list[Problem]:
    """All errors of one case, and what looks wrong about it; nothing is raised.

    Args: as for `read_region`.

    Returns:
        Errors before warnings; empty when there is nothing to say.
    """
    findings = _examine(case, image, mask, label, organ)
    doubts = findings.doubts + (list(suspicions(findings.region)) if findings.region else [])
    prefix = f"case {case}: "
    errors = [Problem(case, "error", e.message.removeprefix(prefix), e.hint) for e in findings.errors]
    return errors + [Problem(case, "warning", doubt.problem, doubt.hint) for doubt in doubts]


@dataclass
class _Findings:
    """What came of reading a case: a region, or at least one error."""

    region: Region | None = None
    errors: list[CaseError] = field(default_factory=list)
    doubts: list[Suspicion] = field(default_factory=list)

    def attempt(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The result of one step, or None and its error noted."""
        try:
            return step(*args, **kwargs)
        except CaseError as error:
            self.errors.append(error)
            return None


def _examine(case: str, image: Path, mask: Path, label: int | None, organ: Path | None) -> _Findings:
    """Go through every check that the earlier ones leave possible."""
    findings = _Findings()
    scan = findings.attempt(read_volume, case, image)
    inside = _read_mask(findings, case, mask, label, scan)
    around = None if organ is None else _read_mask(findings, case, organ, None, scan)
    if scan is None:
        return findings
    pixels = intensities(scan)
    if inside is not None and inside.shape == pixels.shape:
        findings.attempt(_refuse_non_finite, case, image, pixels, inside)
    if not findings.errors and inside is not None:
        findings.region = _region(case, scan, pixels, inside, around)
    return findings


def _read_mask(
    findings: _Findings, case: str, path: Path, label: int | None, scan: Volume | None
) -> NDArray[np.bool_] | None:
    mask = findings.attempt(read_volume, case, path)
    if mask is None:
        return None
    if scan is not None:
        findings.attempt(_refuse_other_grid, case, scan, mask)
    inside = findings.attempt(region_voxels, case, mask, label)
    if inside is not None and label is None and has_grey_edges(mask):
        findings.doubts.append(
            Suspicion(
                f"{path} is white on black with greys between: all of them are taken as inside",
                "if the edge should be sharper, save the mask with black and white alone",
            )
        )
    return inside


def _region(
    case: str,
    scan: Volume,
    pixels: NDArray[Any],
    inside: NDArray[np.bool_],
    around: NDArray[np.bool_] | None,
) -> Region:
    x, y, z = scan.grid.spacing
    return Region(
        case,
        pixels,
        inside,
        (z, y, x),
        scan.grid.origin,
        scan.grid.direction,
        around,
        picture=scan.picture,
        eight_bits=scan.voxels.dtype == np.uint8,
    )


def _refuse_other_grid(case: str, scan: Volume, mask: Volume) -> None:
    found = differences(scan.grid, mask.grid)
    if found:
        raise CaseError(
            f"case {case}: {mask.path} does not lie on the grid of {scan.path}: {'; '.join(found)} "
            "(image against mask, x y z)",
            "check that the two belong together; if they do, resample the mask onto the image "
            "with nearest-neighbour interpolation",
        )


def _refuse_non_finite(case: str, path: Path, pixels: NDArray[Any], inside: NDArray[np.bool_]) -> None:
    if pixels.dtype.kind != "f":
        return
    broken = inside & ~np.isfinite(pixels)
    if broken.any():
        z, y, x = (int(i) for i in np.argwhere(broken)[0])
        raise CaseError(
            f"case {case}: {path} holds {int(broken.sum())} voxels inside the mask that are NaN or infinite, "
            f"the first at (x, y, z) = ({x}, {y}, {z})",
            "take them out of the mask or mend the image; outside the mask they do no harm",
        )
