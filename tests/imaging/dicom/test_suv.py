"""SUV by arithmetic: every branch of the QIBA pseudo-code, and what the IBSI's manual adds to it.

Cases named DRO_* are made after the entries of the IBSI's list of digital reference objects of those names.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_series import read, refusal, voxels, write_enhanced, write_series
from pydicom.dataset import Dataset

from radcompare.imaging.volume import Volume
from radcompare.reading_settings import Reading

STORED = voxels(kind=np.uint16)
F18, GA68, ZR89, C11 = 6586.2, 4070.4, 282_240.0, 1224.0
DOSE, WEIGHT = 400e6, 80.0
HOUR = 3600


def isotope(**tags: Any) -> list[Dataset]:
    """Administered at 9 o'clock; None leaves a tag out."""
    item = Dataset()
    told = {
        "RadiopharmaceuticalStartTime": "090000",
        "RadionuclideTotalDose": DOSE,
        "RadionuclideHalfLife": F18,
    }
    for keyword, value in (told | tags).items():
        if value is not None:
            setattr(item, keyword, value)
    return [item]


def pet(folder: Path, edit: Any = None, **tags: Any) -> Path:
    """Scanned at 10 o'clock, in two bed positions of 3 minutes."""

    def beds(header: Dataset, index: int) -> None:
        late = index >= 3
        header.setdefault("AcquisitionTime", "100300" if late else "100000")
        average = 90.0 - (3 * 60) ** 2 * np.log(2) / F18 / 24  # to the second order
        header.setdefault("FrameReferenceTime", round(1000 * (average + 180 * late), 3))
        if edit is not None:
            edit(header, index)

    told: dict[str, Any] = {
        "Units": "BQML",
        "DecayCorrection": "START",
        "CorrectedImage": ["DECY", "ATTN", "SCAT"],
        "PatientWeight": WEIGHT,
        "SeriesDate": "20200311",
        "SeriesTime": "100000",
        "AcquisitionDate": "20200311",
        "ActualFrameDuration": 180_000,
        "RadiopharmaceuticalInformationSequence": isotope(),
        "Manufacturer": "SIEMENS",
    }
    write_series(folder, STORED, "PT", edit=beds, **(told | tags))
    return folder


def _untimed(header: Dataset, index: int) -> None:
    del header.AcquisitionTime


def factor(volume: Volume) -> float:
    """What the stored values were multiplied with, which must be the same everywhere and what is told."""
    assert volume.voxels.dtype == np.float64
    told = volume.facts["suv_factor"]
    assert isinstance(told, float)
    np.testing.assert_allclose(volume.voxels, STORED * told, rtol=1e-13)
    return told


def expected(seconds: float, half_life: float = F18, dose: float = DOSE, weight: float = WEIGHT) -> float:
    return weight * 1000 / (dose * 2 ** (-seconds / half_life))


class TestActivity:
    def test_decayed_to_the_series_time(self, tmp_path: Path) -> None:
        """DRO_0_0."""
        volume = read(pet(tmp_path))
        assert factor(volume) == pytest.approx(expected(HOUR), rel=1e-14)
        assert volume.facts["units"] == "BQML"
        assert volume.facts["suv_time"] == "SeriesTime"
        assert volume.facts["uptake_minutes"] == 60.0
        assert volume.doubts == ()

    def test_with_slopes_of_its_slices(self, tmp_path: Path) -> None:
        """DRO_1_0."""
        slopes = np.array([0.5, 1.5, 2.5, 0.25, 1.25, 3.75])
        volume = read(pet(tmp_path, lambda header, i: setattr(header, "RescaleSlope", slopes[i])))
        exact = STORED * slopes[:, None, None] * expected(HOUR)
        np.testing.assert_allclose(volume.voxels, exact, rtol=1e-13)

    def test_with_an_intercept(self, tmp_path: Path) -> None:
        volume = read(pet(tmp_path, RescaleIntercept=7, RescaleSlope=2))
        np.testing.assert_allclose(volume.voxels, (2.0 * STORED + 7) * expected(HOUR), rtol=1e-13)

    def test_series_time_before_the_first_acquisition(self, tmp_path: Path) -> None:
        assert factor(read(pet(tmp_path, SeriesTime="095930"))) == pytest.approx(
            expected(HOUR - 30), rel=1e-13
        )

    def test_fractions_of_seconds_do_not_make_it_later(self, tmp_path: Path) -> None:
        volume = read(pet(tmp_path, SeriesTime="100000.75"))
        assert factor(volume) == pytest.approx(expected(HOUR + 0.75), rel=1e-13)

    @pytest.mark.parametrize("time", ["10:00:00", "1000", "10", "100000.000000 "])
    def test_ways_to_write_a_time(self, tmp_path: Path, time: str) -> None:
        assert factor(read(pet(tmp_path, SeriesTime=time))) == pytest.approx(expected(HOUR), rel=1e-13)

    def test_without_acquisition_times(self, tmp_path: Path) -> None:
        volume = read(pet(tmp_path, _untimed))
        assert factor(volume) == pytest.approx(expected(HOUR), rel=1e-13)

    def test_of_a_later_series_time_the_first_acquisition_counts(self, tmp_path: Path) -> None:
        """DRO_3_2_0: Siemens, Philips and others say when the average activity was."""
        volume = read(pet(tmp_path, SeriesTime="112233"))
        assert factor(volume) == pytest.approx(expected(HOUR), rel=1e-6)
        assert volume.facts["suv_time"] == "AcquisitionTime and FrameReferenceTime"

    def test_only_a_later_bed_is_left(self, tmp_path: Path) -> None:
        """Frame Reference Time leads back to the start of the scan from any bed."""

        def second(header: Dataset, index: int) -> None:
            header.AcquisitionTime = "100300"
            average = 90.0 - (3 * 60) ** 2 * np.log(2) / F18 / 24
            header.FrameReferenceTime = round(1000 * (average + 180), 3)

        volume = read(pet(tmp_path, second, SeriesTime="112233"))
        assert factor(volume) == pytest.approx(expected(HOUR), rel=1e-6)

    def test_of_a_later_series_time_of_ge(self, tmp_path: Path) -> None:
        """DRO_3_2_1: GE says when the frame began."""
        volume = read(
            pet(
                tmp_path,
                lambda header, i: setattr(header, "FrameReferenceTime", 180_000 * (i >= 3)),
                SeriesTime="112233",
                Manufacturer="GE MEDICAL SYSTEMS",
                ActualFrameDuration=None,
            )
        )
        assert factor(volume) == pytest.approx(expected(HOUR), rel=1e-13)

    @pytest.mark.parametrize(
        ("group", "creator", "offset"), [(0x0009, "GEMS_PETD_01", 0x0D), (0x0071, "SIEMENS MED PT", 0x22)]
    )
    def test_a_private_scan_time_counts_most(
        self, tmp_path: Path, group: int, creator: str, offset: int
    ) -> None:
        """DRO_3_3_0 and DRO_3_3_1."""

        def private(header: Dataset, index: int) -> None:
            header.private_block(group, creator, create=True).add_new(offset, "DT", "20200311095800.00")

        volume = read(pet(tmp_path, private, SeriesTime="112233"))
        assert factor(volume) == pytest.approx(expected(HOUR - 120), rel=1e-13)
        assert str(volume.facts["suv_time"]).startswith("private scan time")

    def test_a_private_tag_of_another_maker_is_not_believed(self, tmp_path: Path) -> None:
        def private(header: Dataset, index: int) -> None:
            header.private_block(0x0009, "SOMEBODY", create=True).add_new(0x0D, "DT", "20200311095800.00")

        assert factor(read(pet(tmp_path, private))) == pytest.approx(expected(HOUR), rel=1e-13)

    def test_corrected_to_administration(self, tmp_path: Path) -> None:
        """DRO_3_1."""
        volume = read(pet(tmp_path, DecayCorrection="ADMIN"))
        assert factor(volume) == pytest.approx(expected(0), rel=1e-14)
        assert "uptake_minutes" not in volume.facts

    def test_not_corrected(self, tmp_path: Path) -> None:
        """DRO_3_4_0: every slice counts from the middle of its own acquisition, weighted by activity."""
        volume = read(pet(tmp_path, DecayCorrection="NONE", CorrectedImage=["ATTN"]))
        rate, frame = np.log(2) / F18, 180.0
        mean_of_frame = (1 - np.exp(-rate * frame)) / (rate * frame)
        for z in range(6):
            begin = HOUR + 180 * (z >= 3)
            exact = WEIGHT * 1000 / (DOSE * np.exp(-rate * begin) * mean_of_frame)
            np.testing.assert_allclose(volume.voxels[z], STORED[z] * exact, rtol=1e-10)  # of a microsecond
        assert " to " in str(volume.facts["suv_factor"])

    def test_a_dose_in_mbq(self, tmp_path: Path) -> None:
        """DRO_3_0."""
        volume = read(
            pet(tmp_path, RadiopharmaceuticalInformationSequence=isotope(RadionuclideTotalDose=400))
        )
        assert factor(volume) == pytest.approx(expected(HOUR), rel=1e-13)
        (doubt,) = volume.doubts
        assert "RadionuclideTotalDose is 400, which is taken as MBq" in doubt.problem

    def test_of_gallium(self, tmp_path: Path) -> None:
        """DRO_5_0."""
        volume = read(
            pet(tmp_path, RadiopharmaceuticalInformationSequence=isotope(RadionuclideHalfLife=GA68))
        )
        assert factor(volume) == pytest.approx(expected(HOUR, GA68), rel=1e-13)

    def test_doubts(self, tmp_path: Path) -> None:
        volume = read(pet(tmp_path, CorrectedImage=["DECY"], PatientWeight=80_000))
        said = " ".join(doubt.problem for doubt in volume.doubts)
        assert "not corrected for attenuation" in said
        assert "PatientWeight is 80000 kg" in said


class TestAdministration:
    def scanned(self, folder: Path, time: str = "100000", half_life: float = F18, **tags: Any) -> Volume:
        item = isotope(RadionuclideHalfLife=half_life, **tags)
        day = {"SeriesTime": time, "RadiopharmaceuticalInformationSequence": item}
        return read(pet(folder, _untimed, **day))

    def test_by_date_and_time_alone(self, tmp_path: Path) -> None:
        """DRO_4_0."""
        start = {
            "RadiopharmaceuticalStartTime": None,
            "RadiopharmaceuticalStartDateTime": "20200311090000.00",
        }
        assert factor(self.scanned(tmp_path, **start)) == pytest.approx(expected(HOUR), rel=1e-13)

    def test_past_midnight(self, tmp_path: Path) -> None:
        """DRO_4_2: 40 minutes from 23:50 to 0:30."""
        volume = self.scanned(tmp_path, "003000", RadiopharmaceuticalStartTime="235000.00")
        assert factor(volume) == pytest.approx(expected(40 * 60), rel=1e-13)
        assert volume.facts["uptake_minutes"] == 40.0

    def test_past_midnight_with_a_date(self, tmp_path: Path) -> None:
        """DRO_4_3."""
        start = "20200310235000.000000+0100"
        volume = self.scanned(tmp_path, "003000", RadiopharmaceuticalStartDateTime=start)
        assert factor(volume) == pytest.approx(expected(40 * 60), rel=1e-13)

    def test_shifted_dates(self, tmp_path: Path) -> None:
        """DRO_4_4: one date was shifted to hide it; the times of day are right."""
        start = "20151224235000.000000"
        volume = self.scanned(tmp_path, "003000", RadiopharmaceuticalStartDateTime=start)
        assert factor(volume) == pytest.approx(expected(40 * 60), rel=1e-13)
        (doubt,) = volume.doubts
        assert "its date is not believed" in doubt.problem

    def test_no_dates_at_all(self, tmp_path: Path) -> None:
        volume = read(pet(tmp_path, SeriesDate=None, AcquisitionDate=None))
        assert factor(volume) == pytest.approx(expected(HOUR), rel=1e-13)

    def test_days_before(self, tmp_path: Path) -> None:
        """DRO_4_5: of a long-lived isotope."""
        volume = self.scanned(tmp_path, half_life=ZR89, RadiopharmaceuticalStartDateTime="20200308090000")
        assert factor(volume) == pytest.approx(expected(73 * HOUR, ZR89), rel=1e-13)

    def test_shortly_after_the_start_of_a_dynamic_scan(self, tmp_path: Path) -> None:
        volume = self.scanned(tmp_path, RadiopharmaceuticalStartTime="100030")
        assert factor(volume) == pytest.approx(expected(-30), rel=1e-13)
        (doubt,) = volume.doubts
        assert "from administration to scan" in doubt.problem

    def test_many_half_lives(self, tmp_path: Path) -> None:
        volume = self.scanned(tmp_path, half_life=C11, RadiopharmaceuticalStartTime="081500")
        assert factor(volume) == pytest.approx(expected(1.75 * HOUR, C11), rel=1e-13)
        (doubt,) = volume.doubts
        assert "105 minutes, 5.15 half-lives" in doubt.problem

    @pytest.mark.parametrize(
        ("half_life", "tags", "found"),
        [
            (F18, {"RadiopharmaceuticalStartTime": None}, "(0018,1072) and RadiopharmaceuticalStartDateTime"),
            (F18, {"RadiopharmaceuticalStartTime": "113000"}, "12.3 half-lives, from administration to scan"),
            (F18, {"RadiopharmaceuticalStartTime": "996100"}, "996100 is no time"),
            (
                ZR89,
                {},
                "the half-life is 78.4 h, and RadiopharmaceuticalStartDateTime (0018,1078) is missing",
            ),
            (ZR89, {"RadiopharmaceuticalStartDateTime": "20190101090000"}, "h before the scan"),
        ],
    )
    def test_makes_no_sense(self, tmp_path: Path, half_life: float, tags: dict[str, Any], found: str) -> None:
        """DRO_error_4_0, _4_1 and _4_2 among them."""
        item = isotope(RadionuclideHalfLife=half_life, **tags)
        error = refusal(pet(tmp_path, RadiopharmaceuticalInformationSequence=item))
        assert found in error.message
        assert "--reading pet=stored" in error.hint


def philips(suv: float | None, activity: float | None) -> Any:
    def private(header: Dataset, index: int) -> None:
        block = header.private_block(0x7053, "Philips PET Private Group", create=True)
        for offset, value in ((0x00, suv), (0x09, activity)):
            if value is not None:
                block.add_new(offset, "DS", str(value))

    return private


class TestOtherUnits:
    def test_suv_already(self, tmp_path: Path) -> None:
        """DRO_2_0: as it is, in the type that it is stored in; nothing else is needed."""
        path = pet(tmp_path, Units="GML", PatientWeight=None, DecayCorrection=None)
        volume = read(path)
        np.testing.assert_array_equal(volume.voxels, STORED)
        assert (volume.facts["units"], volume.facts["suv_factor"]) == ("GML", 1.0)
        assert volume.doubts == ()

    def test_suv_by_body_weight(self, tmp_path: Path) -> None:
        np.testing.assert_array_equal(read(pet(tmp_path, Units="GML", SUVType="BW")).voxels, STORED)

    @pytest.mark.parametrize("kind", ["LBM", "LBMJAMES128", "IBW", "BSA"])
    def test_suv_by_something_else(self, tmp_path: Path, kind: str) -> None:
        error = refusal(pet(tmp_path, Units="GML", SUVType=kind))
        assert f"it holds SUV by {kind}" in error.message

    @pytest.mark.parametrize("activity", [None, 3.0])
    def test_counts_with_a_factor_to_suv(self, tmp_path: Path, activity: float | None) -> None:
        """DRO_2_4."""
        volume = read(pet(tmp_path, philips(0.000551, activity), Units="CNTS"))
        assert factor(volume) == 0.000551
        assert volume.facts["units"] == "CNTS"

    @pytest.mark.parametrize("suv", [None, 0.0])
    def test_counts_with_a_factor_to_activity(self, tmp_path: Path, suv: float | None) -> None:
        """DRO_2_5."""
        volume = read(pet(tmp_path, philips(suv, 2.5), Units="CNTS"))
        assert factor(volume) == pytest.approx(2.5 * expected(HOUR), rel=1e-13)

    @pytest.mark.parametrize("edit", [None, philips(None, None), philips(0, 0)])
    def test_counts_without_factors(self, tmp_path: Path, edit: Any) -> None:
        """DRO_error_2_6."""
        error = refusal(pet(tmp_path, edit, Units="CNTS"))
        assert "Philips' factors (7053,1000) and (7053,1009) are missing or 0" in error.message
        assert "--reading pet=stored" in error.hint

    @pytest.mark.parametrize("units", ["PROPCNTS", "CM2ML", None])
    def test_others(self, tmp_path: Path, units: str | None) -> None:
        """DRO_error_2_7."""
        assert f"Units (0054,1001) are {units or 'missing'}" in refusal(pet(tmp_path, Units=units)).message

    def test_of_an_enhanced_image_are_not_known(self, tmp_path: Path) -> None:
        path = write_enhanced(
            tmp_path / "x.dcm", STORED, edit=lambda header: setattr(header, "Modality", "PT")
        )
        assert "Units (0054,1001) are missing" in refusal(path).message
        assert read(path, reading=Reading(pet="stored")).voxels.max() == STORED.max() - 1024


class TestRefused:
    @pytest.mark.parametrize(
        ("tags", "found"),
        [
            ({"PatientWeight": None}, "PatientWeight (0010,1030) is missing"),
            ({"PatientWeight": 0}, "PatientWeight (0010,1030) is 0"),
            ({"PatientWeight": ""}, "PatientWeight (0010,1030) is missing"),
            ({"DecayCorrection": None}, "DecayCorrection (0054,1102) is missing"),
            ({"DecayCorrection": "LATER"}, "DecayCorrection (0054,1102) is LATER"),
            ({"CorrectedImage": ["ATTN"]}, "CorrectedImage (0028,0051) ATTN without DECY"),
            ({"RadiopharmaceuticalInformationSequence": None}, "Sequence (0054,0016) is missing"),
            ({"RadiopharmaceuticalInformationSequence": isotope() * 2}, "(0054,0016) holds 2 items"),
            (
                {"SeriesTime": "112233", "ActualFrameDuration": None},
                "ActualFrameDuration (0018,1242) is missing",
            ),
            ({"SeriesTime": "112233", "FrameReferenceTime": -1}, "FrameReferenceTime (0054,1300) is -1"),
            ({"SeriesTime": "soon"}, "soon is no time"),
        ],
    )
    def test_of_the_series(self, tmp_path: Path, tags: dict[str, Any], found: str) -> None:
        """DRO_error_2_0, _2_1 and _3_2 among them."""
        error = refusal(pet(tmp_path, **tags))
        assert "no SUV can be computed" in error.message
        assert found in error.message
        assert error.hint.endswith("--reading pet=stored")

    @pytest.mark.parametrize(
        ("keyword", "value", "found"),
        [
            ("RadionuclideTotalDose", None, "RadionuclideTotalDose (0018,1074) is missing"),
            ("RadionuclideTotalDose", 0, "RadionuclideTotalDose (0018,1074) is 0"),
            ("RadionuclideTotalDose", -4e8, "RadionuclideTotalDose (0018,1074) is -400000000.0"),
            ("RadionuclideHalfLife", None, "RadionuclideHalfLife (0018,1075) is missing"),
            ("RadionuclideHalfLife", 0, "RadionuclideHalfLife (0018,1075) is 0"),
        ],
    )
    def test_of_the_isotope(self, tmp_path: Path, keyword: str, value: Any, found: str) -> None:
        """DRO_error_3_0, _3_1 and _5_0 among them."""
        item = isotope(**{keyword: value})
        assert found in refusal(pet(tmp_path, RadiopharmaceuticalInformationSequence=item)).message

    def test_differing_from_slice_to_slice(self, tmp_path: Path) -> None:
        def other(header: Dataset, index: int) -> None:
            header.Units = "GML" if index == 2 else "BQML"

        assert (
            "Units (0054,1001) differs from slice to slice: BQML, GML"
            in refusal(pet(tmp_path, other)).message
        )

    def test_no_time_at_all(self, tmp_path: Path) -> None:
        path = pet(tmp_path, _untimed, SeriesTime=None)
        assert "AcquisitionTime (0008,0032)" in refusal(path).message


class TestStored:
    @pytest.mark.parametrize("units", ["BQML", "CNTS", "PROPCNTS", None])
    def test_values_as_they_are(self, tmp_path: Path, units: str | None) -> None:
        path = pet(tmp_path, Units=units, PatientWeight=None, RadiopharmaceuticalInformationSequence=None)
        volume = read(path, reading=Reading(pet="stored"))
        np.testing.assert_array_equal(volume.voxels, STORED)
        assert "suv_factor" not in volume.facts
        assert volume.facts.get("units") == units

    def test_other_modalities_know_nothing_of_it(self, tmp_path: Path) -> None:
        write_series(tmp_path, STORED, "NM", Units="BQML")
        np.testing.assert_array_equal(read(tmp_path).voxels, STORED)


class TestReal:
    @pytest.mark.parametrize(("patient", "highest"), [("STS_001", 25.4122982), ("STS_002", 21.6757469)])
    def test_series_are_suv_already(self, shared_data: Path, patient: str, highest: float) -> None:
        volume = read(shared_data / "dicom-rtstruct" / patient / "PET" / "image")
        assert (volume.facts["units"], volume.facts["suv_factor"]) == ("GML", 1.0)
        assert volume.voxels.max() == pytest.approx(highest, rel=1e-8)
