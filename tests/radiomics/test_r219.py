"""The whole set: names, sources, what must not change a value, tiny masks, processes."""

import json
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from radcompare import __version__, registry
from radcompare.config import RadiomicsSource
from radcompare.errors import CaseError, ConfigError, UnknownNameError
from radcompare.imaging.region import Region
from radcompare.radiomics.catalogue import entries
from radcompare.radiomics.engine import PyRadiomics
from radcompare.radiomics.r219 import R219
from radcompare.radiomics.r219_entries import wavelet_bands

SPACING = (2.5, 0.7, 0.7)
COUNTS = {
    "size": 10,
    "shape": 17,
    "location": 6,
    "firstorder": 10,
    "glrlm": 11,
    "glcm": 10,
    "laws": 125,
    "wavelet": 30,
}


@pytest.fixture(scope="module")
def extractor() -> R219:
    return R219(RadiomicsSource(extractor="r219"))


@pytest.fixture(scope="module")
def region(blob: NDArray[np.bool_], make_region: Callable[..., Region]) -> Region:
    """A blob attached to the wall of its organ, with some air, in noise."""
    organ = np.ones_like(blob)
    organ[:, :, : int(np.argwhere(blob)[:, 2].mean())] = False
    image = np.random.default_rng(2).normal(-500, 300, blob.shape).round()
    return make_region(blob, image=image, spacing=SPACING, organ=organ)


@pytest.fixture(scope="module")
def found(extractor: R219, region: Region) -> dict[str, float]:
    return extractor.extract(region)


def missing(features: dict[str, float]) -> set[str]:
    return {name for name, value in features.items() if np.isnan(value)}


def of_families(*families: str) -> set[str]:
    return {entry.name for entry in entries("r219") if entry.family in families}


def transformed(
    region: Region, change: Callable, spacing: tuple[float, float, float] | None = None
) -> Region:
    assert region.organ is not None
    return Region(
        region.case,
        change(region.image).copy(),
        change(region.mask).copy(),
        spacing or region.spacing,
        organ=change(region.organ).copy(),
    )


def test_the_registry_finds_it() -> None:
    assert registry.load("extractor", "r219") is R219


def test_exact_counts(found: dict[str, float]) -> None:
    assert Counter(name.split("_")[1] for name in found) == COUNTS
    assert len(found) == 219
    assert list(found) == [entry.name for entry in entries("r219")]
    assert missing(found) == set()
    assert all(type(value) is float for value in found.values())


def test_what_pyradiomics_has_is_pyradiomics_value(
    found: dict[str, float], region: Region, tmp_path: Path
) -> None:
    params = tmp_path / "all.yaml"
    params.write_text(
        "featureClass:\n  shape: [Maximum2DDiameterSlice, MeshVolume, SurfaceArea, Sphericity, Compactness1, "
        "Compactness2, SurfaceVolumeRatio]\n  firstorder: [StandardDeviation, Mean, Minimum, Maximum, Median, "
        "InterquartileRange, Skewness, Kurtosis, Energy, Entropy]\n  glrlm:\n  glcm:\n"
    )
    source = RadiomicsSource(extractor="pyradiomics", params=params, engine="pyradiomics")
    expected = PyRadiomics(source).extract(region)
    by_it = R219(RadiomicsSource(extractor="r219", engine="pyradiomics")).extract(region)
    checked = 0
    for entry in entries("r219"):
        if entry.defined_by == "pyradiomics":
            word = entry.name.removeprefix("r219_").replace("size_", "shape_")
            assert by_it[entry.name] == expected[f"original_{word}"], entry.name
            assert found[entry.name] == pytest.approx(expected[f"original_{word}"], rel=1e-9, abs=1e-10)
            checked += 1
    assert checked == 10 + 11 + 10 + 7


def test_a_shift_of_the_grid_changes_nothing(
    extractor: R219, region: Region, found: dict[str, float]
) -> None:
    assert region.organ is not None
    wider = Region(
        "shifted",
        np.pad(region.image, ((3, 0), (1, 5), (4, 2)), mode="edge"),
        np.pad(region.mask, ((3, 0), (1, 5), (4, 2))),
        region.spacing,
        origin=(5.0, -7.0, 100.0),
        organ=np.pad(region.organ, ((3, 0), (1, 5), (4, 2)), mode="edge"),
    )
    assert extractor.extract(wider) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_mirroring_changes_only_the_wavelet(
    axis: int, extractor: R219, region: Region, found: dict[str, float]
) -> None:
    """coif1 is not symmetric, and decimation keeps other coefficients."""
    mirrored = extractor.extract(transformed(region, lambda values: np.flip(values, axis)))
    for name in found.keys() - of_families("wavelet"):
        assert mirrored[name] == pytest.approx(found[name], rel=1e-9, abs=1e-12), name


def test_swapping_x_and_y_swaps_letters(extractor: R219, region: Region, found: dict[str, float]) -> None:
    swapped = extractor.extract(transformed(region, lambda values: values.transpose(0, 2, 1)))
    for name, value in found.items():
        other = name
        if "_laws_" in name:
            x, y, z = (name[-6:][i : i + 2] for i in (0, 2, 4))
            other = f"r219_laws_{y}{x}{z}"
        if "_wavelet_" in name:
            band = name.split("_")[2]
            other = name.replace(band, band[1] + band[0] + band[2:])
        assert swapped[other] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_a_quarter_turn_changes_only_the_letters(
    extractor: R219, region: Region, found: dict[str, float]
) -> None:
    turned = extractor.extract(transformed(region, lambda values: np.rot90(values, axes=(1, 2))))
    for name in found.keys() - of_families("wavelet", "laws"):
        assert turned[name] == pytest.approx(found[name], rel=1e-9, abs=1e-12), name


def test_doubled_spacing_scales_by_the_unit(extractor: R219, region: Region, found: dict[str, float]) -> None:
    factors = {"mm": 2.0, "mm²": 4.0, "mm³": 8.0, "1/mm": 0.5}
    double = tuple(2 * step for step in SPACING)
    scaled = extractor.extract(transformed(region, lambda values: values, double))
    for entry in entries("r219"):
        expected = found[entry.name] * factors.get(entry.unit, 1.0)
        assert scaled[entry.name] == pytest.approx(expected, rel=1e-12, abs=1e-13), entry.name


def test_doubled_intensities_scale_by_the_unit(region: Region, tmp_path: Path) -> None:
    """With bins twice as wide; the air, below a fixed HU, is the exception."""
    params = tmp_path / "bins.yaml"
    params.write_text("setting:\n  binWidth: 50\n")
    before = R219(RadiomicsSource(extractor="r219")).extract(region)
    louder = Region(region.case, 2 * region.image, region.mask, region.spacing, organ=region.organ)
    after = R219(RadiomicsSource(extractor="r219", params=params)).extract(louder)
    factors = {"intensity": 2.0, "intensity²": 4.0}
    for entry in entries("r219"):
        if "AirSpace" not in entry.name:
            expected = before[entry.name] * factors.get(entry.unit, 1.0)
            assert after[entry.name] == pytest.approx(expected, rel=1e-10), entry.name


def test_intensities_shifted_by_whole_bins_keep_their_texture(
    extractor: R219, region: Region, found: dict[str, float]
) -> None:
    shifted = Region(region.case, region.image + 4 * 25, region.mask, region.spacing, organ=region.organ)
    after = extractor.extract(shifted)
    for entry in entries("r219"):
        if entry.family in ("size", "shape", "glcm", "glrlm"):
            assert after[entry.name] == pytest.approx(found[entry.name], rel=1e-12), entry.name
    for name in ("Variance", "Skewness", "Entropy", "Range"):
        if f"r219_firstorder_{name}" in found:
            assert after[f"r219_firstorder_{name}"] == pytest.approx(
                found[f"r219_firstorder_{name}"], rel=1e-10
            )
    assert after["r219_firstorder_Mean"] == pytest.approx(found["r219_firstorder_Mean"] + 100)


def test_a_single_voxel(extractor: R219, make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((1, 1, 1)), 3)
    features = extractor.extract(make_region(mask))
    undefined = {"r219_firstorder_Skewness", "r219_firstorder_Kurtosis"}
    assert missing(features) == of_families("location", "glrlm", "glcm", "wavelet") | undefined
    assert features["r219_size_VoxelCount"] == 1
    assert features["r219_size_Maximum2DDiameterSlice"] == 1
    assert features["r219_shape_RectangularFit"] == 1


def test_a_flat_region(extractor: R219, make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((4, 5, 6)), 3)
    features = extractor.extract(make_region(mask, image=np.full(mask.shape, -50.3)))
    names = {"r219_firstorder_Skewness", "r219_firstorder_Kurtosis", "r219_glcm_Correlation"}
    entropies = {f"r219_wavelet_{band}_Entropy" for band in wavelet_bands() if band != "LLL2"}
    assert missing(features) == of_families("location") | names | entropies
    assert features["r219_glcm_Contrast"] == 0  # defined, and 0


def test_one_slice_in_a_3d_image(extractor: R219, make_region: Callable[..., Region]) -> None:
    features = extractor.extract(make_region(np.pad(np.ones((1, 5, 6)), 3), spacing=SPACING))
    high_along_z = {name for name in of_families("wavelet") if name.split("_")[2][2] == "H"}
    assert missing(features) == of_families("location") | high_along_z
    assert features["r219_size_Thickness"] == pytest.approx(2.5, rel=1e-12)


def test_a_2d_image(extractor: R219, make_region: Callable[..., Region]) -> None:
    mask = np.pad(np.ones((1, 9, 8)), ((0, 0), (3, 3), (3, 3)))
    features = extractor.extract(make_region(mask, spacing=(1.0, 0.5, 0.5)))
    thick = {
        "size_MeshVolume",
        "size_SurfaceArea",
        "size_Thickness",
        "shape_Sphericity",
        "shape_Compactness1",
    }
    thick |= {"shape_Compactness2", "shape_SurfaceVolumeRatio"}
    along_z = {name for name in of_families("wavelet") if name.split("_")[2][2] == "H"}
    along_z |= {name for name in of_families("laws") if not name.endswith("L5")}
    assert missing(features) == of_families("location") | {f"r219_{name}" for name in thick} | along_z


def test_two_voxels_that_do_not_touch(extractor: R219, make_region: Callable[..., Region]) -> None:
    mask = np.zeros((9, 9, 9))
    mask[3, 3, 3] = mask[5, 5, 5] = 1
    features = extractor.extract(make_region(mask))
    assert missing(features) == of_families("location", "glcm")


def test_it_travels_to_other_processes(extractor: R219, region: Region, found: dict[str, float]) -> None:
    copy = pickle.loads(pickle.dumps(extractor))
    assert copy.extract(region) == found
    assert copy.settings() == extractor.settings()


def test_settings_are_json_and_follow_the_content(extractor: R219, tmp_path: Path) -> None:
    settings = extractor.settings()
    assert json.loads(json.dumps(settings)) == settings
    assert settings["engine"] == "native"
    assert "pyradiomics 3.0.1" not in settings["programs"]  # type: ignore[operator]
    assert settings["setting"] == {"binWidth": 25}
    here, there, other = (tmp_path / name for name in ("here.yaml", "there.yaml", "other.yaml"))
    for path, width in ((here, 25), (there, 25), (other, 10)):
        path.write_text(f"setting:\n  binWidth: {width}\n")
    given = [R219(RadiomicsSource(extractor="r219", params=path)).settings() for path in (here, there, other)]
    assert given[0] == given[1]
    assert given[0] != given[2]


def test_bins_of_a_fixed_number_replace_the_width(tmp_path: Path) -> None:
    params = tmp_path / "count.yaml"
    params.write_text("setting:\n  binCount: 32\n")
    settings = R219(RadiomicsSource(extractor="r219", params=params)).settings()
    assert settings["setting"] == {"binCount": 32}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("setting:\n  resampledPixelSpacing: [1, 1, 1]\n", "setting.resampledPixelSpacing"),
        ("featureClass:\n  glcm:\n", "featureClass"),
        ("imageType:\n  Wavelet: {}\n", "imageType.Wavelet"),
        ("imageType:\n  Original: {binWidth: 5}\n", "imageType.Original"),
    ],
)
def test_a_key_without_effect_is_refused(text: str, key: str, tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text(text)
    with pytest.raises(ConfigError) as caught:
        R219(RadiomicsSource(extractor="r219", params=params))
    assert str(params) in caught.value.message
    assert key in caught.value.message
    assert "binWidth" in caught.value.hint


def test_sources_name_program_and_version(extractor: R219) -> None:
    assert extractor.source_of("r219_glcm_Contrast") == f"radcompare {__version__}"
    reference = R219(RadiomicsSource(extractor="r219", engine="pyradiomics"))
    assert reference.source_of("r219_glcm_Contrast") == "pyradiomics 3.0.1"
    assert reference.source_of("r219_laws_L5E5S5").startswith("radcompare ")
    assert extractor.source_of("r219_laws_L5E5S5").startswith("radcompare ")
    assert extractor.source_of("r219_wavelet_LLL2_Energy").startswith("PyWavelets ")
    with pytest.raises(UnknownNameError, match="did you mean 'r219_glcm_Contrast'"):
        extractor.source_of("r219_glcm_contrast")


def test_an_empty_mask_is_an_error_of_its_case(extractor: R219, make_region: Callable[..., Region]) -> None:
    with pytest.raises(CaseError, match="case nodule-9"):
        extractor.extract(make_region(np.zeros((4, 4, 4)), case="nodule-9"))


@pytest.mark.slow
def test_real_nodules_lack_nothing(
    extractor: R219, shared_data: Path, read_region: Callable[[Path, Path], Region]
) -> None:
    """Without a lung mask the location is missing; of these nodules nothing else is."""
    images = sorted((shared_data / "lidc-nodules" / "image").glob("*.nii.gz"))[::40]
    assert len(images) >= 9
    for image in images:
        features = extractor.extract(read_region(image, image.parents[1] / "mask" / image.name))
        assert missing(features) == of_families("location"), image.name
        assert np.isfinite([value for value in features.values() if not np.isnan(value)]).all()
