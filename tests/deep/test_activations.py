"""The extractor: columns, settings, and what it takes to give the same values again."""

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from radcompare import registry
from radcompare.config import DeepSource
from radcompare.deep import weights
from radcompare.deep.activations import DeepExtractor
from radcompare.deep.networks import Network
from radcompare.errors import CaseError, UnknownNameError, WeightsError
from radcompare.imaging.region import Region
from radcompare.imaging.window import picture_of

pytestmark = pytest.mark.usefixtures("one_thread")


def source(**changes: Any) -> DeepSource:
    return DeepSource(**{"network": "cnn-f", "weights": "random", "layer": "full7", **changes})


def test_the_registry_leads_here() -> None:
    assert registry.load("extractor", "deep") is DeepExtractor


def test_columns_are_named_after_network_layer_side_and_unit(narrow: Network, region: Region) -> None:
    values = DeepExtractor(source(relu="pre")).extract(region)
    assert list(values) == [f"deep_cnn-f_full7_pre_000{i}" for i in range(9)]
    assert all(type(value) is float for value in values.values())


@pytest.mark.parametrize(("pool", "columns"), [("mean", 6), ("max", 6), ("flatten", 6 * 13 * 13)])
def test_maps_are_pooled(narrow: Network, region: Region, pool: str, columns: int) -> None:
    values = DeepExtractor(source(layer="conv5", pool=pool)).extract(region)
    assert len(values) == columns
    assert list(values)[-1] == f"deep_cnn-f_conv5_post_{columns - 1:04d}"


def test_post_is_pre_rectified(narrow: Network, region: Region) -> None:
    pre = list(DeepExtractor(source(relu="pre")).extract(region).values())
    post = list(DeepExtractor(source(relu="post")).extract(region).values())
    assert min(pre) < 0 < max(pre)
    assert post == [max(value, 0.0) for value in pre]


def test_values_are_those_of_the_network_shown_the_window_through_the_mean_image(
    tmp_path: Path,
    narrow: Network,
    region: Region,
    narrow_state: dict[str, Tensor],
    mean_image: NDArray[np.float32],
    write_simplenn: Callable[..., None],
) -> None:
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, mean_image)
    settings = source(weights=str(path), layer="full8", channel="g", size=40)
    model = narrow.build().eval()
    model.load_state_dict(narrow_state)
    shown = torch.zeros(1, 3, 224, 224)
    shown[0, 1] = torch.from_numpy(255 * picture_of(region, settings, 224) - mean_image[:, :, 1])
    with torch.no_grad():
        expected = model(shown)[0].tolist()
    assert list(DeepExtractor(settings).extract(region).values()) == pytest.approx(expected, rel=1e-6)


def test_values_do_not_depend_on_the_cases_before(narrow: Network, region: Region) -> None:
    brighter = replace(region, image=region.image + 100)
    extractor = DeepExtractor(source())
    alone = DeepExtractor(source()).extract(region)
    extractor.extract(brighter)
    assert extractor.extract(region) == alone
    assert extractor.extract(brighter) != alone


def test_every_setting_moves_the_values_and_the_settings(narrow: Network, region: Region) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"seed": 2},
        {"layer": "full6"},
        {"relu": "pre"},
        {"channel": "r"},
        {"window": "warp"},
        {"size": 60},
        {"margin": 3},
        {"masked": True},
        {"intensity": "-900:300"},
        {"intensity": "percentile"},
    ]
    extractors = [DeepExtractor(source(**change)) for change in changes]
    values = {tuple(extractor.extract(region).items()) for extractor in extractors}
    settings = {json.dumps(extractor.settings(), sort_keys=True) for extractor in extractors}
    assert len(values) == len(settings) == len(changes)


def test_settings_of_random_weights(narrow: Network) -> None:
    extractor = DeepExtractor(source(seed=3, channel="r"))
    settings = extractor.settings()
    assert settings["weights"] == extractor.weights_stamp == "untrained (random, seed 3)"
    assert settings["torch"] == torch.__version__
    assert settings["network"] == "cnn-f"
    assert settings["channel"] == "r"
    assert settings["input_size"] == 224
    assert extractor.untrained


def test_size_is_no_setting_of_a_warp(narrow: Network) -> None:
    settings = [DeepExtractor(source(window="warp", size=size)).settings() for size in (20, 30)]
    assert settings[0] == settings[1]


def test_a_file_is_known_by_its_digest_and_never_by_its_path(
    tmp_path: Path, narrow: Network, region: Region, narrow_state: dict[str, Tensor]
) -> None:
    paths = [tmp_path / name for name in ("a.pth", "b.pth")]
    torch.save(narrow_state, paths[0])
    paths[1].write_bytes(paths[0].read_bytes())
    first, second = (DeepExtractor(source(weights=str(path))) for path in paths)
    assert first.settings() == second.settings()
    assert first.weights_stamp.startswith("sha256:")
    assert str(tmp_path) not in json.dumps(first.settings())
    assert not first.untrained
    assert first.extract(region) == second.extract(region)


def test_settings_of_published_weights_name_them(narrow: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "stamp", lambda *_: "sha256:12ab")
    extractor = DeepExtractor(source(network="vgg16", weights="imagenet", layer="fc7"))
    assert extractor.settings()["weights"] == "imagenet: VGG16_Weights.IMAGENET1K_V1, sha256:12ab"
    assert extractor.weights_stamp == "sha256:12ab"
    assert not extractor.untrained


def test_an_unknown_layer_is_found_before_any_weights_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "load", lambda *_: pytest.fail("loaded weights"))
    monkeypatch.setattr(weights, "stamp", lambda *_: pytest.fail("asked for weights"))
    with pytest.raises(UnknownNameError, match="did you mean 'full7'") as caught:
        DeepExtractor(source(weights="nowhere.mat", layer="fullt7"))
    assert "conv1, conv2" in caught.value.hint


def test_missing_weights_are_found_with_the_settings(narrow: Network) -> None:
    with pytest.raises(WeightsError, match="no weights file"):
        DeepExtractor(source(weights="nowhere.mat")).settings()


def test_a_classification_layer_that_does_not_fit_cannot_be_read(
    tmp_path: Path, narrow: Network, region: Region, narrow_state: dict[str, Tensor]
) -> None:
    path = tmp_path / "tuned.pth"
    torch.save(narrow_state | {"full8.weight": torch.ones(2, 9), "full8.bias": torch.ones(2)}, path)
    assert len(DeepExtractor(source(weights=str(path))).extract(region)) == 9
    with pytest.raises(WeightsError, match="no full8 to read"):
        DeepExtractor(source(weights=str(path), layer="full8")).extract(region)


def test_weights_that_change_after_they_were_stamped(
    tmp_path: Path, narrow: Network, region: Region, narrow_state: dict[str, Tensor]
) -> None:
    path = tmp_path / "weights.pth"
    torch.save(narrow_state, path)
    extractor = DeepExtractor(source(weights=str(path)))
    assert extractor.weights_stamp
    torch.save(narrow_state | {"conv1.bias": torch.ones(4)}, path)
    with pytest.raises(WeightsError, match="has changed while it was in use"):
        extractor.extract(region)


def test_answers_that_are_not_finite_name_the_case(
    tmp_path: Path, narrow: Network, region: Region, narrow_state: dict[str, Tensor]
) -> None:
    path = tmp_path / "huge.pth"
    torch.save({name: value * 1e30 for name, value in narrow_state.items()}, path)
    with pytest.raises(CaseError, match="lesion: cnn-f answers with values that are not finite"):
        DeepExtractor(source(weights=str(path), relu="pre")).extract(region)


def test_columns_are_computed_by_torch(narrow: Network) -> None:
    extractor = DeepExtractor(source())
    assert extractor.source_of("deep_cnn-f_full7_post_0008") == f"torch {torch.__version__}"
    for foreign in ("deep_cnn-f_full7_pre_0012", "deep_cnn-f_full7_post_12", "original_glcm_Contrast"):
        with pytest.raises(KeyError):
            extractor.source_of(foreign)


def test_a_pickled_extractor_is_small_and_stamped_and_gives_the_same_values(
    narrow: Network, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor = DeepExtractor(source())
    values = extractor.extract(region)
    packed = pickle.dumps(extractor)
    monkeypatch.setattr(weights, "stamp", lambda *_: pytest.fail("hashed again"))
    restored = pickle.loads(packed)
    assert len(packed) < 2000
    assert restored.weights_stamp == extractor.weights_stamp
    assert restored.extract(region) == values


@pytest.mark.slow
def test_another_process_gives_the_same_values(region: Region) -> None:
    code = (
        "import pickle, sys, torch; torch.set_num_threads(1);"
        "extractor, region = pickle.load(sys.stdin.buffer);"
        "pickle.dump(extractor.extract(region), sys.stdout.buffer)"
    )
    extractor = DeepExtractor(source(network="resnet18", layer="layer4.1", relu="pre"))
    packed = pickle.dumps((extractor, region))
    done = subprocess.run([sys.executable, "-c", code], input=packed, capture_output=True, check=True)
    assert pickle.loads(done.stdout) == extractor.extract(region)
