"""How long a radiopharmaceutical had decayed when a PET value was true, from what the headers say.

Rules and numbers are those of the IBSI's manual (see `suv`).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from radcompare.imaging.dicom.headers import text

if TYPE_CHECKING:
    from pydicom import Dataset

EARLIEST = -3600.0
"""Seconds from administration to scan: a dynamic scan may begin before it."""
BELIEVED_HALF_LIVES = 2.0
"""A date of administration that is further away than this is not believed where the isotope is short-lived."""
SHORT_LIVED = 41_400.0
"""Half-life in seconds up to which the scan is taken to be within a day of administration."""
DAY = 86_400.0
START_TAGS = (
    ("GE", 0x00090010, "GEMS_PETD_01", 0x0009100D),
    ("Siemens", 0x00710010, "SIEMENS MED PT", 0x00711022),
)
"""Private: the time that values were decay-corrected to. Whose, where its creator stands, which, and the tag."""
UNDATED = "19000101"
"""The day of what has a time alone: far from any other, so that no difference in days is believed."""


class NoUptakeError(ValueError):
    """Why no SUV can be computed, as a clause of its own."""


@dataclass(frozen=True)
class Decay:
    """Of the values of a series.

    Attributes:
        seconds: from administration to the time that the values of each slice stand for.
        since: what that time was taken from.
        doubt: what looks wrong; empty if nothing does.
    """

    seconds: tuple[float, ...]
    since: str = ""
    doubt: str = ""


def decay_of(headers: Sequence["Dataset"], isotope: "Dataset", half_life: float, correction: str) -> Decay:
    """How long the dose had decayed.

    Args:
        headers: slice by slice.
        isotope: the item of Radiopharmaceutical Information Sequence.
        half_life: in seconds.
        correction: Decay Correction: `ADMIN`, `START` or `NONE`.

    Raises:
        NoUptakeError: a time is missing, or makes no sense.
    """
    if correction == "ADMIN":
        return Decay((0.0,) * len(headers))
    if correction == "START":
        start, since = _start(headers, half_life)
        seconds, doubt = _since_administration(isotope, start, half_life)
        return Decay((seconds,) * len(headers), since, doubt)
    if correction != "NONE":
        raise NoUptakeError(
            f"DecayCorrection (0054,1102) is {correction or 'missing'}, not START, ADMIN or NONE"
        )
    middles = [_acquired(header) + _average(header, half_life) for header in headers]
    found = [_since_administration(isotope, middle, half_life) for middle in middles]
    return Decay(tuple(seconds for seconds, _ in found), "AcquisitionTime", found[0][1])


def positive(header: "Dataset", keyword: str, tag: str, or_zero: bool = False) -> float:
    """A number that has to be there.

    Args:
        header: of a slice, or of an isotope.
        keyword: its name.
        tag: its number, for messages.
        or_zero: 0 will do.

    Raises:
        NoUptakeError: it is missing, no number, or not positive.
    """
    told = text(header, keyword)
    try:
        number = float(told)
    except ValueError:
        raise NoUptakeError(f"{keyword} {tag} is {told or 'missing'}") from None
    if not (number > 0 or (or_zero and number == 0)) or math.isinf(number):
        raise NoUptakeError(f"{keyword} {tag} is {told}")
    return number


def private(header: "Dataset", creator_at: int, creator: str, tag: int) -> str:
    """A private value in words; empty where it is missing or of another creator."""
    return _words(header, tag) if _words(header, creator_at) == creator else ""


def _start(headers: Sequence["Dataset"], half_life: float) -> tuple[datetime, str]:
    """The time that a series was decay-corrected to, and where it stands.

    That is a private tag, or Series Time where no slice was acquired before it. A later Series Time is of some
    processing; then the first acquisition leads back to the start: Frame Reference Time is how long after it the
    activity was as it is on average in the frame (GE: how long after it the frame began).
    """
    for maker, creator_at, creator, tag in START_TAGS:
        if moment := _date_time(private(headers[0], creator_at, creator, tag)):
            return moment, f"private scan time of {maker}"
    first = min(headers, key=_acquired_or_never)
    acquired = _acquired_or_never(first)
    series = _date_and_time(
        text(first, "SeriesDate") or text(first, "AcquisitionDate"), text(first, "SeriesTime")
    )
    if series is not None and series.replace(microsecond=0) <= acquired.replace(microsecond=0):
        return series, "SeriesTime"
    back = timedelta(milliseconds=positive(first, "FrameReferenceTime", "(0054,1300)", or_zero=True))
    within = (
        timedelta() if text(first, "Manufacturer").upper().startswith("GE") else _average(first, half_life)
    )
    return _acquired(first) - back + within, "AcquisitionTime and FrameReferenceTime"


def _average(header: "Dataset", half_life: float) -> timedelta:
    """From the beginning of a frame to when the activity was as it is on average in it (PS3.3 C.8.9.4.1.5)."""
    rate = math.log(2) / half_life
    duration = positive(header, "ActualFrameDuration", "(0018,1242)") / 1000
    return timedelta(seconds=math.log(rate * duration / -math.expm1(-rate * duration)) / rate)


def _since_administration(isotope: "Dataset", moment: datetime, half_life: float) -> tuple[float, str]:
    """Seconds, and what is odd about them.

    The date of administration is often missing, or was shifted to hide it. For short-lived isotopes the time of day
    is enough: it was on the day of the scan, or on the one before.
    """
    start = _date_time(text(isotope, "RadiopharmaceuticalStartDateTime"))
    time = _date_and_time("", text(isotope, "RadiopharmaceuticalStartTime"))
    told = math.inf if start is None else (moment - start).total_seconds()
    if EARLIEST <= told < BELIEVED_HALF_LIVES * half_life:
        return told, ""
    if (at := start or time) is None:
        raise NoUptakeError(
            "RadiopharmaceuticalStartTime (0018,1072) and RadiopharmaceuticalStartDateTime (0018,1078) are missing"
        )
    if half_life >= SHORT_LIVED:
        raise NoUptakeError(
            f"the half-life is {half_life / 3600:.3g} h, and RadiopharmaceuticalStartDateTime (0018,1078) "
            + ("is missing" if start is None else f"is {told / 3600:.4g} h before the scan")
        )
    seconds = _second_of_day(moment) - _second_of_day(at)
    seconds += DAY if seconds < EARLIEST else 0
    if start is None or abs(seconds - told) < 1:
        return seconds, ""
    return seconds, (
        f"RadiopharmaceuticalStartDateTime is {told / 3600:.4g} h before the scan: its date is not believed, and its "
        f"time of day makes it {seconds / 60:.4g} minutes"
    )


def _acquired_or_never(header: "Dataset") -> datetime:
    """Acquisition Date and Time; the end of all days where it is not said, so that Series Time is believed."""
    day = text(header, "AcquisitionDate") or text(header, "SeriesDate")
    return _date_and_time(day, text(header, "AcquisitionTime")) or datetime.max


def _acquired(header: "Dataset") -> datetime:
    found = _acquired_or_never(header)
    if found == datetime.max:
        raise NoUptakeError("AcquisitionTime (0008,0032) is missing")
    return found


def _date_and_time(day: str, time: str) -> datetime | None:
    """DICOM's DA and TM; None without a time."""
    return _date_time((day.replace(".", "") or UNDATED) + time.replace(":", "")) if time else None


def _date_time(told: str) -> datetime | None:
    """DICOM's DT; None where there is no hour in it. Offsets from UTC are left out.

    Raises:
        NoUptakeError: it is no time.
    """
    digits, _, fraction = re.split(r"[+-]", told)[0].strip().partition(".")
    if len(digits) < len("YYYYMMDDHH"):
        return None
    try:
        whole = datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S")
        return whole + timedelta(seconds=float(f"0.{fraction or 0}"))
    except ValueError:
        raise NoUptakeError(f"{told} is no time") from None


def _second_of_day(moment: datetime) -> float:
    return (moment - datetime.combine(moment.date(), datetime.min.time())).total_seconds()


def _words(header: "Dataset", tag: int) -> str:
    value = header[tag].value if tag in header else ""
    return (value.decode("latin-1") if isinstance(value, bytes) else str(value)).strip(" \0")
