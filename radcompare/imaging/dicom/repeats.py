"""Several slices at one position: copies, of which one is taken, or a choice that the user has to make."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from radcompare.errors import CaseError
from radcompare.imaging.dicom.arrangement import height
from radcompare.imaging.dicom.headers import text
from radcompare.imaging.dicom.pixels import StoredPixels
from radcompare.imaging.dicom.slices import TELLING, Slice, named
from radcompare.imaging.inside import Suspicion


def one_each(
    case: str, path: Path, groups: Sequence[tuple[Slice, ...]], pixels: StoredPixels
) -> tuple[list[Slice], tuple[Suspicion, ...]]:
    """One slice of every position.

    Args:
        case: for messages.
        path: the folder or file.
        groups: slices by position.
        pixels: decodes those that share a position.

    Raises:
        CaseError: slices at one position differ, in pixels or in what these stand for.
    """
    shared = [group for group in groups if len(group) > 1]
    for group in shared:
        if not all(_same(group[0], other, pixels) for other in group[1:]):
            raise _choice(case, path, groups, group)
    copies = [one for group in shared for one in group[1:]]
    doubts = (_copied(path, copies),) if copies else ()
    return [group[0] for group in groups], doubts


def refuse_equal_uids(case: str, path: Path, groups: Sequence[tuple[Slice, ...]]) -> None:
    """A SOPInstanceUID stands for one image; at several positions it does not.

    Raises:
        CaseError: two slices at different positions have the same.
    """
    seen: dict[str, Slice] = {}
    for group in groups:
        uids = {text(one.header, "SOPInstanceUID"): one for one in group if one.frame is None}
        for uid, one in uids.items():
            if uid and uid in seen:
                raise CaseError(
                    f"case {case}: in {path} {seen[uid].name} and {one.name} have the same SOPInstanceUID {uid} and "
                    "lie at different positions",
                    "something that rewrote the files (an anonymiser?) mixed them up: export the series again",
                )
        seen |= uids


def _same(one: Slice, other: Slice, pixels: StoredPixels) -> bool:
    line = (one.slope, one.intercept) == (other.slope, other.intercept)
    return line and np.array_equal(pixels.of(one), pixels.of(other))


def _copied(path: Path, copies: Sequence[Slice]) -> Suspicion:
    found = (
        f"{path} holds {len(copies)} slices more than once, with the same pixels: {named(copies)} left aside"
    )
    return Suspicion(found, "remove the copies if they are not wanted")


def _choice(
    case: str, path: Path, groups: Sequence[tuple[Slice, ...]], group: tuple[Slice, ...]
) -> CaseError:
    count = sum(len(some) for some in groups)
    told = {keyword: list(dict.fromkeys(text(one.header, keyword) for one in group)) for keyword in TELLING}
    differing = [f"{keyword} ({', '.join(found[:4])})" for keyword, found in told.items() if len(found) > 1]
    reasons = (
        f"they differ in {'; '.join(differing[:3])}"
        if differing
        else "nothing in their headers tells them apart"
    )
    return CaseError(
        f"case {case}: {path} holds {count} slices at {len(groups)} positions, and different pixels at one of them: "
        f"{len(group)} at {height(group[0]):.7g} mm ({named(group)}); {reasons}",
        "several phases, echoes or time points are several images: give each a folder of its own",
    )
