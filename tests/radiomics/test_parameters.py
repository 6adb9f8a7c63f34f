"""Parameter files: what a wrong one says."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest

from radcompare.errors import ConfigError, MissingLibraryError
from radcompare.radiomics.feature_names import CLASSES, IMAGE_TYPES, features_of, known_features
from radcompare.radiomics.parameter_rules import SETTINGS
from radcompare.radiomics.parameters import read_parameters, refuse_missing_libraries


def written(folder: Path, text: str, name: str = "params.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode("latin-1"))
    return path


def test_a_valid_file(tmp_path: Path) -> None:
    text = "setting: {binWidth: 10}\nimageType:\n  LoG: {sigma: [3.0]}\nfeatureClass:\n  glcm: [Contrast]\n  shape:\n"
    path = written(tmp_path, text)
    parameters = read_parameters(path)
    assert parameters.setting == {"binWidth": 10}
    assert parameters.image_types == {"LoG": {"sigma": [3.0]}}
    assert parameters.feature_classes == {"glcm": ["Contrast"], "shape": None}
    assert parameters.sha256 == sha256(text.encode()).hexdigest()


def test_json_is_read_too(tmp_path: Path) -> None:
    path = written(tmp_path, '{"setting": {"binWidth": 10}}', "params.json")
    assert read_parameters(path).setting == {"binWidth": 10}


def test_what_a_file_does_not_name(tmp_path: Path) -> None:
    parameters = read_parameters(written(tmp_path, "setting:\n  binWidth: 10\n"))
    assert parameters.image_types == {"Original": {}}
    assert parameters.feature_classes == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("setting:\n  binwidth: 25\n", "unknown key setting.binwidth; did you mean 'binWidth'?"),
        ("settings:\n  binWidth: 25\n", "unknown key settings; did you mean 'setting'?"),
        ("setting:\n  binWidth: wide\n", "setting.binWidth: expected a number above 0, found 'wide'"),
        ("setting:\n  binWidth: -5\n", "setting.binWidth: expected a number above 0, found -5"),
        ("setting: 3\n", "setting: expected keys, found 3"),
        ("- a\n", "expected keys such as setting and imageType, found ['a']"),
        ("setting: [1, 2\nfoo: }", "is no parameter file"),
        ("", "is no parameter file"),
        ("setting:\n  binWidth: 25 # \xe9\n", "is no parameter file"),
        (
            "featureClass:\n  glcm: [Contrasty]\n",
            "featureClass.glcm: unknown name 'Contrasty'; did you mean 'Contrast'?",
        ),
        ("featureClass:\n  glcmm:\n", "featureClass: unknown name 'glcmm'; did you mean 'glcm'?"),
        ("imageType:\n  Wavelets: {}\n", "imageType: unknown name 'Wavelets'; did you mean 'Wavelet'?"),
        ("imageType:\n  Original:\n", "imageType.Original: expected settings of its own, or {} for none"),
        ("imageType:\n  Wavelet: {wavelett: db1}\n", "imageType.Wavelet.wavelett; did you mean 'wavelet'?"),
        (
            "imageType:\n  Wavelet: {wavelet: db99}\n",
            "imageType.Wavelet.wavelet: expected the name of a wavelet of PyWavelets",
        ),
        ("setting:\n  interpolator: cubic\n", "setting.interpolator: expected one of sitkNearestNeighbor"),
        ("setting:\n  weightingNorm: l7\n", "setting.weightingNorm: expected one of euclidean"),
        (
            "setting:\n  resampledPixelSpacing: [1, 1]\n",
            "setting.resampledPixelSpacing: expected 3 numbers, found [1, 1]",
        ),
        (
            "setting:\n  resegmentRange: [1, 2, 3]\n",
            "setting.resegmentRange: expected 1 or 2 numbers, found [1, 2, 3]",
        ),
        ("featureClass: 7\n", "featureClass: expected keys, found 7"),
        ("featureClass:\n  glcm: Contrast\n", "featureClass.glcm: expected a list of features"),
        ("setting:\n  label: 1.5\n", "setting.label: expected a whole number of at least 1, found 1.5"),
        ("setting:\n  binWidth: 5\n  binWidth: 6\n", "is no parameter file"),
    ],
)
def test_a_wrong_file_names_itself_and_the_key(
    text: str, says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_parameters(path)
    assert caught.value.message.startswith(f"{path}: ")
    assert says in caught.value.message
    assert "pyradiomics.readthedocs.io" in caught.value.hint
    assert capfd.readouterr() == ("", "")


def test_every_problem_is_listed(tmp_path: Path) -> None:
    path = written(tmp_path, "setting:\n  binwidth: 25\n  normalise: true\n")
    with pytest.raises(ConfigError, match=r"(?s)setting\.binwidth.*setting\.normalise") as caught:
        read_parameters(path)
    assert len(caught.value.message.splitlines()) == 2


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ends in none of \.yaml, \.yml, \.json"):
        read_parameters(written(tmp_path, "setting:\n  binWidth: 25\n", "params.txt"))


def test_a_missing_file_names_itself(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml: cannot be read: No such file"):
        read_parameters(tmp_path / "absent.yaml")


@pytest.mark.parametrize(("name", "module"), [("LBP2D", "skimage.feature"), ("LBP3D", "trimesh.creation")])
def test_a_filter_that_pyradiomics_would_leave_out_is_refused(
    name: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    parameters = read_parameters(written(tmp_path, f"imageType:\n  {name}: {{}}\n"))
    with pytest.raises(
        MissingLibraryError, match=rf"imageType\.{name}: pyradiomics cannot import .*{module}"
    ):
        refuse_missing_libraries(parameters)


VALUES = (
    "5",
    "-5",
    "0",
    "2.5",
    "1e-6",
    "'7'",
    "true",
    "wide",
    "[1]",
    "[1, 2]",
    "[1, 2, 0]",
    "[1, a]",
    "[]",
    "{}",
)
WORDS = ("absolute", "sitkLinear", "euclidean", "coif1", "ror")
DIFFERENT = {
    # pyradiomics lets these pass and fails at every case: nothing is resampled to two axes, or to a range of three.
    *(("resampledPixelSpacing", text) for text in ("[1]", "[1, 2]", "[]")),
    *(("resegmentRange", text) for text in ("[1, 2, 0]", "[]")),
    ("interpolator", "true"),  # there it is the number 1
}


@pytest.mark.parametrize("key", SETTINGS)
def test_what_passes_is_what_pyradiomics_lets_pass(key: str, tmp_path: Path) -> None:
    pytest.importorskip("radiomics")
    from pykwalify.core import Core
    from radiomics import getParameterValidationFiles

    schema, functions = getParameterValidationFiles()
    for text in (*VALUES, *WORDS):
        path = written(tmp_path, f"setting:\n  {key}: {text}\n")
        try:
            Core(source_file=str(path), schema_files=[schema], extensions=[functions]).validate()
            theirs = True
        except Exception:  # noqa: BLE001 - each kind of value has its own
            theirs = False
        try:
            read_parameters(path)
            ours = True
        except ConfigError:
            ours = False
        assert ours == (theirs and (key, text) not in DIFFERENT), text


def test_numbers_written_as_text_are_numbers(tmp_path: Path) -> None:
    text = "setting:\n  binWidth: '2.5'\n  geometryTolerance: 1e-5\n  interpolator:\n"
    found = read_parameters(written(tmp_path, text)).setting
    assert found == {"binWidth": 2.5, "geometryTolerance": 1e-5, "interpolator": None}


def test_the_names_are_those_of_pyradiomics() -> None:
    radiomics = pytest.importorskip("radiomics")
    classes = radiomics.getFeatureClasses()
    assert list(CLASSES) == list(classes)
    assert list(IMAGE_TYPES) == radiomics.getImageTypes()
    for name in CLASSES:
        known = classes[name].getFeatureNames()
        assert list(features_of(name)) == [feature for feature, old in known.items() if not old]
        assert sorted(known_features(name)) == sorted(known)
