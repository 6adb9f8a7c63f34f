"""Slices that are no volume are refused, each with what is wrong and where."""

from pathlib import Path

import numpy as np
import pytest
from made_series import ORIGIN, SPACING, image_header, read, refusal, uid, voxels, write, write_series
from pydicom.dataset import Dataset
from scipy.spatial.transform import Rotation

OBLIQUE = tuple(Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix().ravel())


def moved(index: int, by: tuple[float, float, float]) -> object:
    """An edit that puts one slice elsewhere."""

    def edit(header: Dataset, at: int) -> None:
        if at == index:
            header.ImagePositionPatient = [float(v) for v in np.add(header.ImagePositionPatient, by)]

    return edit


class TestGaps:
    @pytest.mark.parametrize("direction", [(1, 0, 0, 0, 1, 0, 0, 0, 1), OBLIQUE])
    def test_one_missing(self, tmp_path: Path, direction: tuple[float, ...]) -> None:
        files = write_series(tmp_path, voxels(), direction=direction)
        files[3].unlink()
        error = refusal(tmp_path)
        assert "1 slice is missing: 1 between " in error.message
        assert files[2].name in error.message
        assert files[4].name in error.message
        assert "usually they lie 2.5 mm apart" in error.message
        assert "copy or export the series again" in error.hint

    def test_says_where_in_mm(self, tmp_path: Path) -> None:
        files = write_series(tmp_path, voxels())
        files[3].unlink()
        message = refusal(tmp_path).message
        assert f"1 between -75 mm ({files[2].name}) and -70 mm ({files[4].name})" in message

    def test_several_missing(self, tmp_path: Path) -> None:
        files = write_series(tmp_path, voxels((12, 4, 5)))
        for index in (2, 6, 7, 9):
            files[index].unlink()
        message = refusal(tmp_path).message
        assert "4 slices are missing: 1 between" in message
        assert "2 between -67.5 mm" in message

    def test_one_of_three_is_enough_to_tell(self, tmp_path: Path) -> None:
        files = write_series(tmp_path, voxels((4, 4, 5)))
        files[1].unlink()
        assert "1 slice is missing" in refusal(tmp_path).message

    def test_more_places_than_are_told(self, tmp_path: Path) -> None:
        files = write_series(tmp_path, voxels((20, 4, 5)))
        for index in (2, 6, 10, 14):
            files[index].unlink()
        assert "4 slices are missing" in refusal(tmp_path).message
        assert "and 1 more places" in refusal(tmp_path).message

    def test_uneven(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), edit=moved(3, (0, 0, 0.4)))
        message = refusal(tmp_path).message
        assert "distances between slices are uneven: 2.9 mm between -75 mm" in message
        assert "2.1 mm between -72.1 mm" in message

    @pytest.mark.parametrize("shift", [0.004, 0.012, 0.024])
    def test_rounded_positions_will_do(self, tmp_path: Path, shift: float) -> None:
        write_series(tmp_path, voxels(), edit=moved(3, (0, 0, shift)))
        assert read(tmp_path).grid.spacing == pytest.approx(SPACING, rel=1e-12)

    def test_thin_slices_rounded_to_hundredths_will_do(self, tmp_path: Path) -> None:
        def rounded(header: Dataset, index: int) -> None:
            header.ImagePositionPatient = [0.0, 0.0, round(0.625 * index, 2)]

        write_series(tmp_path, voxels((9, 4, 5)), edit=rounded)
        assert read(tmp_path).grid.spacing[2] == pytest.approx(0.625)

    def test_small_steps_must_not_add_up(self, tmp_path: Path) -> None:
        def widening(header: Dataset, index: int) -> None:
            header.ImagePositionPatient = [0.0, 0.0, 2.5 * index + max(index - 40, 0) * 0.02]

        write_series(tmp_path, voxels((80, 2, 2)), edit=widening)
        assert "distances between slices change from 2.5 to 2.52 mm" in refusal(tmp_path).message


class TestPlaces:
    @pytest.mark.parametrize("tilt", [0.2, 12.0])
    def test_a_tilted_gantry(self, tmp_path: Path, tilt: float) -> None:
        def tilted(header: Dataset, index: int) -> None:
            shift = np.tan(np.radians(tilt)) * SPACING[2] * index
            header.ImagePositionPatient = [
                ORIGIN[0],
                float(ORIGIN[1] + shift),
                ORIGIN[2] + SPACING[2] * index,
            ]
            header.GantryDetectorTilt = tilt

        write_series(tmp_path, voxels((20, 4, 5)), edit=tilted)
        error = refusal(tmp_path)
        assert "not stacked along their normal" in error.message
        assert f"{tilt:.3g} degrees (GantryDetectorTilt {tilt})" in error.message
        assert "dcm2niix" in error.hint

    def test_one_beside_the_others(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), edit=moved(2, (5.0, 0, 0)))
        assert "mm beside it" in refusal(tmp_path).message

    def test_two_side_by_side(self, tmp_path: Path) -> None:
        """Tiles at one height are no copies of each other."""
        write_series(tmp_path, voxels(), series="one")
        write_series(
            tmp_path, voxels(), series="two", SeriesInstanceUID=uid("one"), edit=moved(0, (30.0, 0, 0))
        )
        assert "not stacked along their normal" in refusal(tmp_path).message

    def test_rounded_cosines_will_do(self, tmp_path: Path) -> None:
        def rounded(header: Dataset, index: int) -> None:
            header.ImageOrientationPatient = [round(float(v), 5) for v in header.ImageOrientationPatient]

        write_series(tmp_path, voxels((40, 4, 5)), direction=OBLIQUE, edit=rounded)
        assert len(read(tmp_path).voxels) == 40

    @pytest.mark.parametrize("keyword", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"])
    def test_not_said(self, tmp_path: Path, keyword: str) -> None:
        def silent(header: Dataset, index: int) -> None:
            if index == 1:
                del header[keyword]

        files = write_series(tmp_path, voxels(), edit=silent)
        message = refusal(tmp_path).message
        assert f"holds 6 slices, 1 of them without {keyword}: {files[1].name}" in message

    def test_empty_is_not_said(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), ImagePositionPatient=[])
        assert "6 of them without ImagePositionPatient" in refusal(tmp_path).message

    @pytest.mark.parametrize(
        ("keyword", "value", "found"),
        [
            ("ImagePositionPatient", [1.0, 2.0], "ImagePositionPatient is 1.0\\2.0"),
            ("ImageOrientationPatient", [1, 0, 0, 1, 0, 0], "its direction cosines are"),
            ("PixelSpacing", [0.0, 1.0], "its pixel spacing is [0.0, 1.0] mm"),
            ("PixelSpacing", [float("inf"), 1.0], "PixelSpacing is inf"),
            ("RescaleSlope", 0, "its rescale slope is 0.0"),
            ("Rows", 0, "its image has 10 x 0 pixels"),
        ],
    )
    def test_nonsense(self, tmp_path: Path, keyword: str, value: object, found: str) -> None:
        files = write_series(tmp_path, voxels(), edit=lambda h, i: i == 4 and setattr(h, keyword, value))
        message = refusal(tmp_path).message
        assert found in message
        assert files[4].name in message


class TestMixtures:
    def test_of_orientations(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), series="one")
        coronal = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, -1.0, 0.0)
        write_series(tmp_path, voxels()[:2], series="two", SeriesInstanceUID=uid("one"), direction=coronal)
        error = refusal(tmp_path)
        assert "2 different orientations: 6 of (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)" in error.message
        assert "2 of (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)" in error.message
        assert "must be one volume" in error.hint

    def test_of_sizes(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels(), series="one")
        write_series(tmp_path, voxels((1, 5, 4)), series="two", SeriesInstanceUID=uid("one"))
        message = refusal(tmp_path).message
        assert "2 different sizes: 6 of 10 x 8 pixels" in message
        assert "1 of 4 x 5 pixels (two_0000.dcm)" in message

    def test_of_pixel_spacings(self, tmp_path: Path) -> None:
        files = write_series(
            tmp_path, voxels(), edit=lambda h, i: i == 5 and setattr(h, "PixelSpacing", [0.5, 0.8])
        )
        message = refusal(tmp_path).message
        assert "2 different pixel spacings: " in message
        assert f"1 of 0.8 x 0.5 mm ({files[5].name})" in message

    def test_of_a_report_in_colour(self, tmp_path: Path) -> None:
        write_series(tmp_path, voxels())
        pixels = np.zeros((8, 10, 3), np.uint8)
        header = image_header(pixels[..., 0], "CT", "one", 9)
        header.SamplesPerPixel, header.PhotometricInterpretation, header.PlanarConfiguration = 3, "RGB", 0
        header.PixelData = pixels.tobytes()
        write(tmp_path / "report.dcm", header)
        error = refusal(tmp_path)
        assert "1 colour images (RGB) among 7: report.dcm" in error.message
        assert "PNG" in error.hint
        for kind in ("YBR_FULL_422", "PALETTE COLOR"):
            header.PhotometricInterpretation = kind
            alone = write(tmp_path / "alone.dcm", header)
            assert f"1 colour images ({kind}) among 1" in refusal(alone).message
