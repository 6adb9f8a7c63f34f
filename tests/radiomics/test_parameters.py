"""Parameter files: what a wrong one says."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest

from radcompare.errors import ConfigError, MissingLibraryError
from radcompare.radiomics.parameters import read_parameters


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
        ("setting:\n  binWidth: wide\n", "setting.binWidth: Value 'wide' is not of type 'float'"),
        ("setting:\n  binWidth: -5\n", "setting.binWidth: Type 'scalar' has size of '-5'"),
        ("setting: 3\n", "setting: Value '3' is not a dict"),
        ("- a\n", "the file: Value '['a']' is not a dict"),
        ("setting: [1, 2\nfoo: }", "is no parameter file"),
        ("", "is no parameter file"),
        ("setting:\n  binWidth: 25 # \xe9\n", "is no parameter file"),
        (
            "featureClass:\n  glcm: [Contrasty]\n",
            "featureClass.glcm: unknown name 'Contrasty'; did you mean 'Contrast'?",
        ),
        ("featureClass:\n  glcmm:\n", "featureClass: unknown name 'glcmm'; did you mean 'glcm'?"),
        ("imageType:\n  Wavelets: {}\n", "imageType: unknown name 'Wavelets'; did you mean 'Wavelet'?"),
        ("imageType:\n  Original:\n", "imageType.Original: Value 'None' is not a dict"),
        ("imageType:\n  Wavelet: {wavelett: db1}\n", "imageType.Wavelet.wavelett; did you mean 'wavelet'?"),
        ("imageType:\n  Wavelet: {wavelet: db99}\n", 'wavelet: Wavelet "db99" not available'),
        ("setting:\n  interpolator: cubic\n", 'interpolator: Interpolator value "cubic" not valid'),
        ("setting:\n  weightingNorm: l7\n", 'weightingNorm: WeightingNorm value "l7" not valid'),
        (
            "setting:\n  resampledPixelSpacing: [1, 1]\n",
            "setting.resampledPixelSpacing: expected 3 numbers, found 2",
        ),
        (
            "setting:\n  resegmentRange: [1, 2, 3]\n",
            "setting.resegmentRange: expected 1 or 2 numbers, found 3",
        ),
        ("featureClass: 7\n", "featureClass"),
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
    with pytest.raises(ConfigError, match="Unknown file format"):
        read_parameters(written(tmp_path, "setting:\n  binWidth: 25\n", "params.txt"))


def test_a_missing_file_names_itself(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml: cannot be read: No such file"):
        read_parameters(tmp_path / "absent.yaml")


@pytest.mark.parametrize(("name", "module"), [("LBP2D", "skimage.feature"), ("LBP3D", "trimesh.creation")])
def test_a_filter_without_its_library_is_refused(
    name: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pyradiomics would leave its columns out and go on."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingLibraryError, match=rf"imageType\.{name}: cannot import .*{module}"):
        read_parameters(written(tmp_path, f"imageType:\n  {name}: {{}}\n"))
