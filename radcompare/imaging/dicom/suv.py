"""Body-weight standardised uptake values (SUV) of PET, from what the headers say.

SUV = activity in Bq/ml x body weight in g / administered activity in Bq, the last decayed to the time that the first
stands for. After the QIBA vendor-neutral pseudo-code, and after the IBSI's manual where that is silent (Vacha et al.,
Comprehensive Manual for SUV Computation, oncoray.github.io/suv_computation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from radcompare.errors import CaseError
from radcompare.imaging.dicom.headers import text
from radcompare.imaging.dicom.uptake_time import START_TAGS, NoUptakeError, decay_of, positive, private
from radcompare.imaging.inside import Fact, Suspicion

if TYPE_CHECKING:
    from pydicom import Dataset

LEAST_BQ = 1e4
"""Less than this cannot be imaged: such a Radionuclide Total Dose is in MBq (IBSI)."""
MOST_KG = 400.0
MOST_HALF_LIVES, LONG_HALF_LIVES = 10.0, 5.0
"""From administration to scan: beyond the first nothing would be left to measure; beyond the second it is odd."""
PHILIPS, PHILIPS_CREATOR_AT, PHILIPS_CREATOR = (
    (0x70531000, 0x70531009),
    0x70530010,
    "Philips PET Private Group",
)
"""SUV Scale Factor, and Activity Concentration Scale Factor, from counts to Bq/ml."""
PET: tuple[str | int, ...] = (
    *("Units", "SUVType", "DecayCorrection", "CorrectedImage", "PatientWeight", "SeriesDate", "SeriesTime"),
    *("StudyDate", "AcquisitionDate", "AcquisitionTime", "FrameReferenceTime", "ActualFrameDuration"),
    *("RadiopharmaceuticalInformationSequence", "Manufacturer"),
    *(tag for _, creator_at, _, at in START_TAGS for tag in (creator_at, at)),
    *(PHILIPS_CREATOR_AT, *PHILIPS),
)
"""What is read of a header for it: keywords, and private tags."""
DOUBT_HINT = "compare the headers with the protocol of the scan"
HINT = "complete the headers, or measure the values as they are stored: --reading pet=stored"


@dataclass(frozen=True)
class Uptake:
    """What the values of each slice are multiplied with.

    Attributes:
        factors: by slice.
        facts: for the record: `units` as stored, `suv_factor`, `suv_time` and `uptake_minutes` where decay counted.
        doubts: what looks wrong.
    """

    factors: tuple[float, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    doubts: tuple[Suspicion, ...] = ()


def as_stored(headers: Sequence["Dataset"]) -> Uptake:
    """The values as they are, and their units."""
    units = text(headers[0], "Units")
    return Uptake((1.0,) * len(headers), {"units": units} if units else {})


def body_weight_suv(case: str, path: Path, headers: Sequence["Dataset"]) -> Uptake:
    """What makes SUV of the values of a PET series.

    Units GML are SUV already; BQML are divided by the dose in the body; CNTS have factors of Philips. The dose is
    decayed from administration to the time that the values were corrected to: none with Decay Correction ADMIN, the
    start of the scan with START, the middle of each slice's own acquisition with NONE.

    Args:
        case: for messages.
        path: the folder or file.
        headers: with at least `PET`, slice by slice.

    Raises:
        CaseError: something that is needed is missing, zero or contradicts itself; the message names the tags.
    """
    try:
        return _uptake(path, headers)
    except NoUptakeError as error:
        raise CaseError(f"case {case}: of {path} no SUV can be computed: {error}", HINT) from error


def _uptake(path: Path, headers: Sequence["Dataset"]) -> Uptake:
    units = _alike(headers, "Units", "(0054,1001)")
    if units == "GML":
        kind = text(headers[0], "SUVType") or "BW"
        if kind != "BW":
            raise NoUptakeError(f"it holds SUV by {kind} (SUVType, (0054,1006)), not by body weight")
        return Uptake((1.0,) * len(headers), {"units": units, "suv_factor": 1.0})
    if units == "BQML":
        return _per_activity(path, headers, [1.0] * len(headers))
    if units != "CNTS":
        raise NoUptakeError(f"Units (0054,1001) are {units or 'missing'}, not BQML, GML or CNTS")
    suv, activity = ([_philips(header, tag) for header in headers] for tag in PHILIPS)
    if all(suv):
        return Uptake(tuple(suv), {"units": units, "suv_factor": _range(suv)})
    if all(activity):
        return _per_activity(path, headers, activity)
    raise NoUptakeError(
        "Units (0054,1001) are CNTS, and Philips' factors (7053,1000) and (7053,1009) are missing or 0"
    )


def _per_activity(path: Path, headers: Sequence["Dataset"], scales: Sequence[float]) -> Uptake:
    """Of values that are Bq/ml once they are multiplied with `scales`."""
    correction = _alike(headers, "DecayCorrection", "(0054,1102)")
    doubts = _check_corrected(path, headers[0], correction)
    isotope = _isotope(headers[0])
    half_life = positive(isotope, "RadionuclideHalfLife", "(0018,1075)")
    dose, in_mbq = _dose(isotope)
    weight = positive(headers[0], "PatientWeight", "(0010,1030)")
    decay = decay_of(headers, isotope, half_life, correction)
    odd = (decay.doubt, in_mbq, _odd_weight(weight), _odd_time(max(decay.seconds), half_life))
    factors = [
        scale * 1000 * weight / (dose * 2 ** (-seconds / half_life))
        for scale, seconds in zip(scales, decay.seconds, strict=True)
    ]
    facts: dict[str, Fact] = {"units": text(headers[0], "Units"), "suv_factor": _range(factors)}
    if decay.since:
        facts |= {"suv_time": decay.since, "uptake_minutes": round(min(decay.seconds) / 60, 2)}
    doubts += [f"{path}: {doubt}" for doubt in odd if doubt]
    return Uptake(tuple(factors), facts, tuple(Suspicion(doubt, DOUBT_HINT) for doubt in doubts))


def _check_corrected(path: Path, header: "Dataset", correction: str) -> list[str]:
    """What Corrected Image says against SUV; nothing where it says nothing.

    Raises:
        NoUptakeError: it contradicts Decay Correction.
    """
    corrected = text(header, "CorrectedImage")
    if corrected and correction in ("START", "ADMIN") and "DECY" not in corrected.split("\\"):
        raise NoUptakeError(
            f"DecayCorrection is {correction}, CorrectedImage (0028,0051) {corrected} without DECY"
        )
    if corrected and "ATTN" not in corrected.split("\\"):
        return [f"{path} was not corrected for attenuation (CorrectedImage {corrected})"]
    return []


def _isotope(header: "Dataset") -> "Dataset":
    items = header.get("RadiopharmaceuticalInformationSequence") or []
    if len(items) != 1:
        found = f"holds {len(items)} items, expected one" if items else "is missing"
        raise NoUptakeError(f"RadiopharmaceuticalInformationSequence (0054,0016) {found}")
    isotope: Dataset = items[0]
    return isotope


def _dose(isotope: "Dataset") -> tuple[float, str]:
    """In Bq, and what was thought of it."""
    dose = positive(isotope, "RadionuclideTotalDose", "(0018,1074)")
    if dose >= LEAST_BQ:
        return dose, ""
    return dose * 1e6, f"RadionuclideTotalDose is {dose:g}, which is taken as MBq"


def _odd_weight(weight: float) -> str:
    return f"PatientWeight is {weight:g} kg" if weight > MOST_KG else ""


def _odd_time(seconds: float, half_life: float) -> str:
    """What is odd about the time from administration to scan.

    Raises:
        NoUptakeError: nothing would be left to measure.
    """
    passed = f"{seconds / 60:.4g} minutes, {seconds / half_life:.3g} half-lives, from administration to scan"
    if seconds > MOST_HALF_LIVES * half_life:
        raise NoUptakeError(f"by the headers it was {passed}")
    return passed if seconds > LONG_HALF_LIVES * half_life or seconds < 0 else ""


def _philips(header: "Dataset", tag: int) -> float:
    """A private factor; 0 where it is missing, empty, 0 or no number."""
    told = private(header, PHILIPS_CREATOR_AT, PHILIPS_CREATOR, tag)
    try:
        return max(float(told or 0), 0.0)
    except ValueError:
        return 0.0


def _alike(headers: Sequence["Dataset"], keyword: str, tag: str) -> str:
    """What all slices say.

    Raises:
        NoUptakeError: they do not say the same.
    """
    told = sorted({text(header, keyword) for header in headers})
    if len(told) > 1:
        raise NoUptakeError(f"{keyword} {tag} differs from slice to slice: {', '.join(told)}")
    return told[0]


def _range(factors: Sequence[float]) -> Fact:
    low, high = min(factors), max(factors)
    return low if low == high else f"{low:.8g} to {high:.8g}"
