"""A folder of DICOM as a hospital may hand it over: phantoms as CT series, with what was drawn on them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from made_drawings import at, box, grid, in_mm, write_structures
from made_segments import write_segments
from made_series import ORIGIN, uid, write_series
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from radcompare.config import Phantom
from radcompare.imaging.phantom import PhantomCase, phantom_case


def write_scans(folder: Path, cases: int) -> None:
    """`scans/PATIENT/ct`, every other with a SEG, the others with an RTSTRUCT; and `outcomes.csv`."""
    outcomes = ["patient_id,malignant"]
    for index in range(cases):
        case = phantom_case(Phantom(cases=cases), index)
        patient = f"LUNG-{index + 1:03d}"
        _write_scan(folder / "scans" / patient, patient, case, drawn=index % 4 > 1)
        outcomes.append(f"{patient},{case.latents.malignant}")
    (folder / "outcomes.csv").write_text("\n".join(outcomes) + "\n", encoding="utf-8")


def _write_scan(place: Path, patient: str, case: PhantomCase, *, drawn: bool) -> None:
    region, frame = case.region, uid("frame", patient)
    own = {"PatientID": patient, "StudyInstanceUID": uid("study", patient), "FrameOfReferenceUID": frame}
    write_series(place / "ct", region.image, spacing=region.spacing, series=patient, **own)
    if drawn:
        contours = _contours(region.mask, region.spacing)
        write_structures(
            place / "rs.dcm", {"GTV": contours}, frame, uid(patient), edit=_of(patient, "structures")
        )
    else:
        write_segments(
            place / "seg.dcm", place / "ct", {"tumour": region.mask}, edit=_of(patient, "segments")
        )


def _contours(mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> list[NDArray[np.float64]]:
    """The box of every slice, which is enough of a drawing to be found and measured."""
    on = grid(size=mask.shape[::-1], spacing=spacing, origin=ORIGIN)
    return [in_mm(at(z, box(*_edges(mask[z]))), on) for z in np.flatnonzero(mask.any(axis=(1, 2)))]


def _edges(inside: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(inside)
    return columns.min() - 0.5, rows.min() - 0.5, columns.max() + 0.5, rows.max() + 0.5


def _of(patient: str, kind: str) -> Callable[[Dataset], None]:
    def edit(header: Dataset) -> None:
        header.PatientID, header.SeriesInstanceUID = patient, uid(kind, patient)

    return edit
