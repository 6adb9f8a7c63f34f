"""pyradiomics as an extractor: the same values as pyradiomics called by hand."""

import json
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare import __version__, registry
from radcompare.config import RadiomicsSource
from radcompare.errors import CaseError
from radcompare.imaging.reading import read_region
from radcompare.imaging.region import Region
from radcompare.radiomics.catalogue import entries
from radcompare.radiomics.engine import PyRadiomics
from radcompare.radiomics.feature_names import IMAGE_TYPES
from radcompare.radiomics.native.image_types import FILTERS as FILTERS_BY_NAME
from radcompare.tables.cohort import read_cohort

SPACING = (2.5, 0.7, 0.7)
FILTERS = """
setting:
  binWidth: 20
  resampledPixelSpacing: [1, 1, 2]
  label: 3
imageType:
  Original: {}
  LoG: {sigma: [1.0, 2]}
  Wavelet: {level: 2, binWidth: 10}
  SquareRoot: {}
  Gradient: {}
featureClass:
  shape:
  firstorder: [Mean, StandardDeviation, 90Percentile]
  glcm: [Contrast, JointEnergy]
  ngtdm: []
"""


def extractor_of(
    params: Path | None = None, engine: Literal["native", "pyradiomics"] | None = None
) -> PyRadiomics:
    return PyRadiomics(RadiomicsSource(extractor="pyradiomics", params=params, engine=engine))


def written(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text)
    return path


def by_hand(region: Region, *params: str) -> dict[str, Any]:
    """pyradiomics on 16-bit integers, as it reads them from a file."""
    import SimpleITK as sitk
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(100)
    extractor = RadiomicsFeatureExtractor(*params)
    image = sitk.GetImageFromArray(region.image.astype(np.int16))
    mask = sitk.GetImageFromArray(region.mask.astype(np.uint8) * extractor.settings["label"])
    for each in (image, mask):
        each.SetSpacing(region.spacing[::-1])
        each.SetOrigin(region.origin)
        each.SetDirection(region.direction)
    features = extractor.execute(image, mask)
    return {name: float(value) for name, value in features.items() if not name.startswith("diagnostics")}


@pytest.fixture(scope="module")
def region(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> Region:
    return make_region(blob, spacing=SPACING)


def test_the_registry_finds_it() -> None:
    assert registry.load("extractor", "pyradiomics") is PyRadiomics


def test_by_default_the_107_features_of_pyradiomics(region: Region) -> None:
    found = extractor_of(engine="pyradiomics").extract(region)
    assert found == by_hand(region)
    native = extractor_of().extract(region)
    assert native == pytest.approx(found, rel=1e-9, abs=1e-10)
    assert list(native) == list(found)
    assert list(found) == [entry.name for entry in entries("pyradiomics")]
    assert len(found) == 107
    assert all(type(value) is float for value in found.values())


def test_a_file_does_what_it_does_in_pyradiomics(region: Region, tmp_path: Path) -> None:
    path = written(tmp_path, FILTERS)
    found = extractor_of(path, engine="pyradiomics").extract(region)
    expected = by_hand(region, str(path))
    assert found.keys() == expected.keys()
    assert found == expected
    assert extractor_of(path).extract(region) == pytest.approx(expected, rel=1e-9, abs=1e-10)
    assert len(found) == 14 + 20 * (3 + 2 + 5)


def test_direction_and_origin_are_passed_on(region: Region, tmp_path: Path) -> None:
    path = written(tmp_path, "setting:\n  resampledPixelSpacing: [1, 1, 2]\nfeatureClass:\n  firstorder:\n")
    turned = (0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
    there = Region("there", region.image, region.mask, SPACING, (3.0, 4.0, 5.0), turned)
    expected = by_hand(there, str(path))
    assert extractor_of(path, engine="pyradiomics").extract(there) == expected
    assert extractor_of(path).extract(there) == pytest.approx(expected, rel=1e-9, abs=1e-10)


def test_fractions_stay_fractions(region: Region, tmp_path: Path) -> None:
    path = written(
        tmp_path, "setting:\n  resampledPixelSpacing: [1, 1, 2]\nfeatureClass:\n  firstorder: [Mean]\n"
    )
    halves = Region("halves", region.image + 0.5, region.mask, SPACING)
    whole = extractor_of(path).extract(region)["original_firstorder_Mean"]
    half = extractor_of(path).extract(halves)["original_firstorder_Mean"]
    assert half - 0.5 != whole  # of whole numbers, resampling gives whole numbers
    assert half - 0.5 == pytest.approx(whole, abs=0.5)


def test_a_filter_that_the_image_is_too_small_for_leaves_missing_values(
    make_region: Callable[..., Region], tmp_path: Path
) -> None:
    text = "imageType:\n  Original: {}\n  LoG: {sigma: [1.0]}\nfeatureClass:\n  firstorder: [Mean]\n"
    found = extractor_of(written(tmp_path, text)).extract(make_region(np.pad(np.ones((1, 4, 4)), 1)))
    assert list(found) == ["original_firstorder_Mean", "log-sigma-1-0-mm-3D_firstorder_Mean"]
    assert np.isnan(found["log-sigma-1-0-mm-3D_firstorder_Mean"])


def test_a_single_voxel_keeps_what_it_has(make_region: Callable[..., Region]) -> None:
    found = extractor_of().extract(make_region(np.pad(np.ones((1, 1, 1)), 2)))
    missing = {name for name, value in found.items() if np.isnan(value)}
    textures = {e.name for e in entries("pyradiomics") if e.family not in ("firstorder", "shape")}
    assert missing == textures | {"original_shape_Elongation", "original_shape_Flatness"}


def test_a_line_of_voxels_is_measured_without_a_file(make_region: Callable[..., Region]) -> None:
    found = extractor_of().extract(make_region(np.pad(np.ones((1, 1, 4)), 2)))
    assert np.isfinite(list(found.values())).all()


def test_a_2d_image_has_planar_shape(make_region: Callable[..., Region], tmp_path: Path) -> None:
    mask = np.pad(np.ones((1, 6, 7)), ((0, 0), (2, 2), (2, 2)))
    mask[0, 2, 2] = 0
    region = make_region(mask, spacing=(1.0, 0.5, 0.5))
    found = extractor_of(engine="pyradiomics").extract(region)
    assert extractor_of().extract(region) == pytest.approx(found, rel=1e-9, abs=1e-10)
    path = written(tmp_path, "setting:\n  force2D: true\n")
    expected = by_hand(region, str(path))  # shape2D, and shape of a slab one slice thick
    assert sum(name.startswith("original_shape2D_") for name in found) == 9
    assert not any(name.startswith("original_shape_") for name in found)
    assert found == {name: value for name, value in expected.items() if "_shape_" not in name}
    assert extractor_of(path, engine="pyradiomics").extract(region) == expected
    assert extractor_of(path).extract(region) == pytest.approx(expected, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize(
    ("shape", "text", "reason"),
    [
        ((1, 1, 1), "setting:\n  binWidth: 25\n", "mask only contains 1 segmented voxel"),
        ((1, 1, 4), "setting:\n  binWidth: 25\n", "too few dimensions"),
        ((3, 3, 3), "setting:\n  minimumROISize: 50\n", "too small"),
        ((3, 3, 3), "setting:\n  force2D: true\nfeatureClass:\n  shape2D:\n", "shape"),
    ],
)
def test_what_pyradiomics_refuses_names_the_case(
    shape: tuple[int, int, int], text: str, reason: str, make_region: Callable[..., Region], tmp_path: Path
) -> None:
    with pytest.raises(CaseError, match="case nodule-3: cannot be measured"):
        extractor_of(written(tmp_path, text)).extract(make_region(np.pad(np.ones(shape), 2), case="nodule-3"))
    extractor = extractor_of(written(tmp_path, text), engine="pyradiomics")
    with pytest.raises(CaseError, match="case nodule-3: pyradiomics") as caught:
        extractor.extract(make_region(np.pad(np.ones(shape), 2), case="nodule-3"))
    assert reason in caught.value.message
    assert "minimumROIDimensions" in caught.value.hint


def test_flat_regions_follow_pyradiomics(make_region: Callable[..., Region]) -> None:
    region = make_region(np.pad(np.ones((3, 4, 5)), 2), image=np.full((7, 8, 9), 50.0))
    found = extractor_of(engine="pyradiomics").extract(region)
    assert found == by_hand(region)
    assert found["original_glcm_Correlation"] == 1
    assert extractor_of().extract(region) == pytest.approx(found, rel=1e-9, abs=1e-10)


def test_it_travels_to_other_processes(region: Region, tmp_path: Path) -> None:
    path = written(tmp_path, FILTERS)
    extractors = [extractor_of(), extractor_of(path)]
    path.unlink()  # from here on the file is not needed
    for extractor in extractors:
        before = extractor.extract(region)
        copy = pickle.loads(pickle.dumps(extractor))
        assert copy.extract(region) == before
        assert copy.settings() == extractor.settings()


def test_settings_are_json_and_follow_the_content(tmp_path: Path) -> None:
    settings = extractor_of().settings()
    assert json.loads(json.dumps(settings)) == settings
    assert settings["engine"] == "native"
    assert extractor_of(engine="pyradiomics").settings()["program"] == "pyradiomics 3.0.1"
    assert settings["featureClass"].keys() == {entry.family for entry in entries("pyradiomics")}  # type: ignore[attr-defined]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = extractor_of(written(tmp_path / "a", FILTERS)).settings()
    same = extractor_of(written(tmp_path / "b", FILTERS)).settings()
    other = extractor_of(written(tmp_path / "b", FILTERS.replace("20", "21"))).settings()
    assert one == same
    assert one != other
    assert json.loads(json.dumps(one)) == one


def test_every_column_names_its_program(tmp_path: Path) -> None:
    for params in (None, written(tmp_path, FILTERS)):
        assert extractor_of(params).source_of("original_glcm_Contrast") == f"radcompare {__version__}"
        reference = extractor_of(params, engine="pyradiomics")
        assert reference.source_of("original_glcm_Contrast") == "pyradiomics 3.0.1"


def test_every_filter_is_there_natively() -> None:
    assert set(FILTERS_BY_NAME) == set(IMAGE_TYPES)


def test_a_filter_that_is_not_defined_everywhere_leaves_missing_values(
    make_region: Callable[..., Region], tmp_path: Path
) -> None:
    """Squares of an image of zeros; pyradiomics gives up the case."""
    text = "imageType:\n  Original: {}\n  Square: {}\nfeatureClass:\n  firstorder: [Mean]\n"
    region = make_region(np.pad(np.ones((3, 3, 3)), 1), image=np.zeros((5, 5, 5), np.int16))
    found = extractor_of(written(tmp_path, text)).extract(region)
    assert found == pytest.approx(
        {"original_firstorder_Mean": 0.0, "square_firstorder_Mean": np.nan}, nan_ok=True
    )


FILES = (
    FILTERS,
    "setting:\n  binCount: 16\n",
    "setting:\n  force2D: true\n  resegmentRange: [-1, 1]\n  resegmentMode: sigma\n"
    "imageType:\n  Original: {}\n  Wavelet: {}\nfeatureClass:\n  shape:\n  ngtdm:\n  gldm:\n  glszm:\n",
    "setting:\n  normalize: true\n  normalizeScale: 100\n  removeOutliers: 3\n  voxelArrayShift: 300\n  binWidth: 5\n"
    "  distances: [1, 2]\n  weightingNorm: euclidean\n  gldm_a: 2\n  symmetricalGLCM: false\n",
    "setting:\n  preCrop: true\n  padDistance: 3\n  resampledPixelSpacing: [1, 1, 0]\n  interpolator: sitkLinear\n"
    "imageType:\n  Square: {}\n  Logarithm: {binWidth: 40}\n  Exponential: {}\n  Gradient: {}\n"
    "  LoG: {sigma: [2.0]}\n"
    "  LBP2D: {binWidth: 1}\n"
    "featureClass:\n  glrlm: [RunEntropy]\n"
    "  shape: [Compactness1, Compactness2, SphericalDisproportion, MeshVolume]\n"
    "  firstorder: [StandardDeviation]\n  glcm: [Homogeneity1, SumVariance, MCC]\n",
)


@pytest.mark.parametrize("text", FILES, ids=range(len(FILES)))
def test_a_file_gives_the_same_natively(text: str, region: Region, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    expected = extractor_of(path, engine="pyradiomics").extract(region)
    found = extractor_of(path, engine="native").extract(region)
    assert list(found) == list(expected)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True)


def test_what_a_file_refuses_it_refuses_natively(make_region: Callable[..., Region], tmp_path: Path) -> None:
    mask = np.zeros((6, 7, 8))
    mask[3, 3, 3] = 1
    path = written(tmp_path, "setting:\n  binWidth: 20\n")
    for engine in ("native", "pyradiomics"):
        with pytest.raises(CaseError, match="case case-1"):
            extractor_of(path, engine=engine).extract(make_region(mask))


@pytest.mark.parametrize("inside", [np.inf, np.nan])
def test_what_the_native_engine_cannot_measure_names_the_case(
    make_region: Callable[..., Region], inside: float
) -> None:
    image = np.full((7, 8, 9), 50.0)
    image[3, 4, 5] = inside
    with pytest.raises(CaseError, match="case case-1"):
        extractor_of().extract(make_region(np.pad(np.ones((3, 4, 5)), 2), image=image))
    wide = np.full((7, 8, 9), 50.0)
    wide[3, 4, 5] = 1e15
    with pytest.raises(CaseError, match="case case-1: binWidth 25 makes 39999999999998 bins"):
        extractor_of().extract(make_region(np.pad(np.ones((3, 4, 5)), 2), image=wide))


@pytest.mark.slow
def test_every_nodule_natively(shared_data: Path) -> None:
    cohort = read_cohort(str(shared_data / "lidc-nodules" / "cohort.csv"))
    reference, native = extractor_of(engine="pyradiomics"), extractor_of()
    assert len(cohort.cases) == 383
    for case in cohort.cases[::6]:
        region = read_region(case)
        assert native.extract(region) == pytest.approx(
            reference.extract(region), rel=1e-9, abs=1e-10, nan_ok=True
        )


def test_it_prints_nothing(region: Region, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = FILTERS.replace("[Contrast, JointEnergy]", "[SumAverage, Homogeneity1]") + "  shape2D:\n"
    for engine in ("native", "pyradiomics"):
        extractor_of(written(tmp_path, text), engine=engine).extract(region)
        extractor_of(engine=engine).extract(region)
    assert capfd.readouterr() == ("", "")
