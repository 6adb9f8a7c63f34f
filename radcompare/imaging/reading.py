"""From files to a `Region`: image and mask are read, checked against each other, and refused with a reason.

`read_region` stops a case at its first error; `examine` goes through the same checks and tells all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from radcompare.errors import CaseError
from radcompare.imaging.inside import Inside, Suspicion
from radcompare.imaging.masks import read_mask
from radcompare.imaging.preparation import layout, prepare
from radcompare.imaging.region import Region
from radcompare.imaging.scans import read_scan
from radcompare.imaging.suspicions import suspicions
from radcompare.imaging.volume import Volume, intensities
from radcompare.parallel.limit import is_limited
from radcompare.tables.case import Case, Problem

P = ParamSpec("P")
T = TypeVar("T")


def read_region(case: Case) -> Region:
    """Read one case.

    Args:
        case: its image is NIfTI, NRRD, MHA or another 3-D format of SimpleITK, a folder with a DICOM series, or a 2-D
            PNG, JPEG, TIFF or BMP, which becomes one slice of voxels of 1 mm (colour becomes luminance, Rec. 601,
            alpha is ignored). Its mask is a file of whole numbers on the same grid, an RTSTRUCT or a DICOM SEG.
            Without a label or structure it must hold one region; of a white on black picture every non-zero voxel is
            inside. An organ mask obeys the same rules.

    Returns:
        Intensities and the mask, shape (z, y, x), as `case.reading` says. Voxels outside the mask may be NaN or
        infinite.

    Raises:
        CaseError: a file is missing or unreadable, the grids differ, the mask is empty or leaves a choice, or a voxel
            inside it is not finite. The message names the file.
    """
    findings = _gather(case)
    if findings.region is None:
        raise findings.errors[0]
    return findings.region


def examine(case: Case) -> tuple[list[Problem], Region | None]:
    """All errors of one case, and what looks wrong about it; nothing is raised.

    Returns:
        Errors before warnings, none when there is nothing to say; and the region where there is no error.
    """
    findings = _gather(case)
    doubts = findings.doubts + (list(suspicions(findings.region)) if findings.region else [])
    prefix = f"case {case.case}: "
    errors = [Problem(case.case, "error", e.message.removeprefix(prefix), e.hint) for e in findings.errors]
    warnings = [Problem(case.case, "warning", doubt.problem, doubt.hint) for doubt in doubts]
    return errors + warnings, findings.region


@dataclass
class _Findings:
    """What came of reading a case: a region, or at least one error."""

    case: str
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
        except MemoryError as error:
            if is_limited():  # the loop tells what the limit was
                raise
            problem = f"case {self.case}: its voxels take more memory than there is ({error})"
            self.errors.append(
                CaseError(problem, "is the size in its header right? fewer jobs leave more for each")
            )
            return None

    def mask(self, case: Case, path: Path, scan: Volume | None) -> Inside | None:
        """The region in a mask, or None; its errors and doubts noted."""
        inside, errors = read_mask(case, path, scan)
        self.errors += errors
        self.doubts += inside.doubts if inside is not None else ()
        return inside


def _gather(case: Case) -> _Findings:
    """Go through every check that the earlier ones leave possible."""
    findings = _Findings(case.case)
    scan = findings.attempt(read_scan, case)
    inside = findings.mask(case, case.mask, scan)
    whole = replace(case, label=None, structure="")
    around = None if case.organ is None else findings.mask(whole, case.organ, scan)
    if scan is None:
        return findings
    findings.doubts[:0] = scan.doubts
    pixels = findings.attempt(intensities, scan)
    if pixels is None:
        return findings
    if inside is not None and inside.voxels.shape == pixels.shape:
        findings.attempt(_refuse_non_finite, case, pixels, inside.voxels)
    if not findings.errors and inside is not None:
        findings.region = findings.attempt(_region, case, scan, pixels, inside, around)
    return findings


def _region(case: Case, scan: Volume, pixels: NDArray[Any], inside: Inside, around: Inside | None) -> Region:
    x, y, z = scan.grid.spacing
    region = Region(
        case.case,
        pixels,
        inside.voxels,
        (z, y, x),
        scan.grid.origin,
        scan.grid.direction,
        None if around is None else around.voxels,
        picture=scan.picture,
        eight_bits=scan.voxels.dtype == np.uint8,
        modality=case.modality or scan.modality,
    )
    facts = {**scan.facts, **inside.facts, **layout(region)}
    if not case.reading.prepares:
        return replace(region, facts=facts)
    prepared, done = prepare(region, case.reading)
    _refuse_non_finite(case, prepared.image, prepared.mask)
    return replace(prepared, facts=facts | done)


def _refuse_non_finite(case: Case, pixels: NDArray[Any], inside: NDArray[np.bool_]) -> None:
    if pixels.dtype.kind != "f":
        return
    broken = inside & ~np.isfinite(pixels)
    if broken.any():
        z, y, x = (int(i) for i in np.argwhere(broken)[0])
        raise CaseError(
            f"case {case.case}: {case.image} holds {int(broken.sum())} voxels inside the mask that are NaN or "
            f"infinite, the first at (x, y, z) = ({x}, {y}, {z})",
            "take them out of the mask or mend the image; outside the mask they do no harm",
        )
