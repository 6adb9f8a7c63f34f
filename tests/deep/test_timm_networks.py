"""The networks of timm: what is built, how it is scaled, and where its weights come from."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from radcompare.deep import activations, weights
from radcompare.deep.activations import DeepExtractor
from radcompare.deep.networks import load_network
from radcompare.deep.torchvision_shim import import_torchvision
from radcompare.errors import ConfigError, ExitCode, MissingLibraryError, UnknownNameError, WeightsError
from radcompare.imaging.region import Region
from radcompare.imaging.window import picture_of
from radcompare.source_settings import DeepSource

import_torchvision()  # timm imports it, and fails where it does
timm = pytest.importorskip("timm", reason="timm is not installed: pip install 'radcompare[timm]'")

pytestmark = pytest.mark.usefixtures("one_thread", "nothing_kept")

SMALL = "mobilenetv3_small_050"
UNPUBLISHED = "botnet50ts_256"


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    activations._kept.clear()
    yield
    activations._kept.clear()


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("resnet18", 11_689_512), ("resnet50", 25_557_032), ("vit_tiny_patch16_224", 5_717_416)],
)
def test_parameters_are_as_many_as_published(name: str, parameters: int) -> None:
    network = load_network(f"timm/{name}")
    assert network.modules["output"].parameters == parameters


def test_layers_can_be_read() -> None:
    network = load_network("timm/resnet18")
    shapes = {name: layer.shape for name, layer in network.layers.items()}
    assert shapes["act1"] == (64, 112, 112)
    assert shapes["layer1.0"] == (64, 56, 56)
    assert shapes["layer4"] == (512, 7, 7)
    assert shapes["global_pool"] == (512,)
    assert shapes["fc"] == shapes["output"] == (1000,)
    assert network.layers["layer4.1"].activation == "ReLU"
    assert not network.layers["fc"].rectified
    assert network.modules["layer4.1.conv2"].shape == (512, 7, 7)
    assert network.head_module == "fc"


@pytest.mark.slow
def test_values_are_those_of_timm_shown_the_window(region: Region) -> None:
    source = DeepSource(network="timm/resnet18", weights="random", layer=("layer4", "fc"))
    found = DeepExtractor(source).extract(region)
    state = weights.load(weights.Wanted("random"), load_network("timm/resnet18")).model.state_dict()
    model = timm.create_model("resnet18").eval()
    model.load_state_dict(state)
    grey = picture_of(region, source, 224).astype(np.float64)
    mean, std = (np.array(each)[:, None, None] for each in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    image = torch.from_numpy(((grey - mean) / std).astype(np.float32))[None]
    with torch.no_grad():
        maps, classes = model.forward_features(image)[0], model(image)[0]
    columns = list(found)
    assert columns[:512] == [f"deep_timm-resnet18_layer4_post_{i:04d}" for i in range(512)]
    assert columns[512:] == [f"deep_timm-resnet18_fc_post_{i:04d}" for i in range(1000)]
    expected = torch.cat([maps.mean(dim=(1, 2)), classes]).tolist()
    largest = max(map(abs, expected))
    assert list(found.values()) == pytest.approx(expected, rel=1e-5, abs=2e-6 * largest)
    assert len({round(value / largest, 4) for value in expected}) > 500


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("resnet81", "resnet18"), ("ResNet18", "resnet18"), ("vit_tiny_patch16_22", "vit_tiny")],
)
def test_an_unknown_network_names_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_network(f"timm/{name}")
    assert caught.value.message.startswith(f"unknown network of timm '{name}'; did you mean '{nearest}")
    assert caught.value.hint == "timm.list_models() lists them"


def test_an_unknown_tag_of_weights() -> None:
    with pytest.raises(ConfigError, match=r"timm/resnet18\.a1_in2k: .*a1_in2k") as caught:
        load_network("timm/resnet18.a1_in2k")
    assert "timm.list_pretrained()" in caught.value.hint


def test_an_unknown_layer_names_the_nearest() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown layer of timm/resnet18 'layer4\.2'; did you mean 'layer"
    ):
        DeepExtractor(DeepSource(network="timm/resnet18", weights="random", layer=("layer4.2",)))


@pytest.mark.parametrize(
    "name",
    [
        "resnet18",
        "resnet18.a1_in1k",
        "inception_v3",
        "vit_tiny_patch16_384",
        "mobilenetv3_large_100.miil_in21k_ft_in1k",
        "vit_base_patch16_clip_224.openai",
        "test_resnet",
        UNPUBLISHED,
    ],
)
def test_input_size_and_scaling_are_those_of_timms_own_configuration(name: str) -> None:
    if name.partition(".")[0] not in timm.list_models():
        pytest.skip(f"this timm has no {name}")
    network = load_network(f"timm/{name}")
    expected = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict())
    assert network.mean == tuple(expected["mean"])
    assert network.std == tuple(expected["std"])
    assert (3, network.input_size, network.input_size) == tuple(expected["input_size"])
    assert network.scale == 1


def test_the_configuration_of_one_network_in_numbers() -> None:
    network = load_network("timm/inception_v3")
    assert (network.mean, network.std, network.input_size) == ((0.5,) * 3, (0.5,) * 3, 299)


def test_a_tag_belongs_to_the_name() -> None:
    network = load_network("timm/resnet18.a1_in1k")
    assert network.slug == "timm-resnet18.a1-in1k"
    assert network.published_file == "resnet18.a1_in1k.safetensors"
    assert list(network.layers) == list(load_network("timm/resnet18").layers)


@pytest.mark.parametrize("name", ["resnet18", SMALL])
def test_a_file_of_timms_weights_is_loaded_whole(tmp_path: Path, name: str) -> None:
    state = timm.create_model(name).state_dict()
    path = tmp_path / "weights.safetensors"
    save_file(state, path)
    loaded = weights.load(weights.Wanted(str(path)), load_network(f"timm/{name}"))
    read = loaded.model.state_dict()
    assert loaded.has_head
    assert list(read) == list(state)
    assert all(torch.equal(read[key], value) for key, value in state.items())
    report = loaded.report
    assert (report["loaded"], report["missing"], report["unexpected"]) == (len(state), [], [])


def test_a_fine_tuned_file_keeps_the_rest(tmp_path: Path) -> None:
    state = timm.create_model(SMALL, num_classes=2).state_dict()
    torch.save({"model": state}, path := tmp_path / "tuned.pth")
    loaded = weights.load(weights.Wanted(str(path)), load_network(f"timm/{SMALL}"))
    assert not loaded.has_head
    assert loaded.report["missing"] == ["classifier.weight", "classifier.bias"]
    assert loaded.report["loaded"] == len(state) - 2
    assert torch.equal(loaded.model.conv_stem.weight, state["conv_stem.weight"])
    assert loaded.model(torch.zeros(1, 3, 224, 224)).shape == (1, 1024)


def published(*_: Any, **__: Any) -> str:
    raise ConnectionError("no route to the hub\nand a long explanation")


def test_published_weights_out_of_reach_say_where_to_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", published)
    network = load_network(f"timm/{SMALL}")
    with pytest.raises(WeightsError) as caught:
        weights.stamp(weights.Wanted("imagenet", folder=tmp_path), network)
    assert caught.value.message == f"cannot fetch the weights of timm/{SMALL}: no route to the hub"
    assert f"as {SMALL}.lamb_in1k.safetensors" in caught.value.hint
    assert "--weights-dir" in caught.value.hint
    state = timm.create_model(SMALL).state_dict()
    save_file(state, tmp_path / f"{SMALL}.lamb_in1k.safetensors")
    loaded = weights.load(weights.Wanted("imagenet", folder=tmp_path), network)
    assert torch.equal(loaded.model.conv_stem.weight, state["conv_stem.weight"])


def test_published_weights_are_what_the_hub_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = timm.create_model(SMALL).state_dict()
    save_file(state, tmp_path / "model.safetensors")
    asked: list[tuple[str, ...]] = []

    def given(*what: str) -> str:
        asked.append(what)
        return str(tmp_path / "model.safetensors")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", given)
    loaded = weights.load(weights.Wanted("imagenet"), load_network(f"timm/{SMALL}.lamb_in1k"))
    assert asked == [(f"timm/{SMALL}.lamb_in1k", "model.safetensors")]
    assert torch.equal(loaded.model.conv_stem.weight, state["conv_stem.weight"])


def test_a_network_without_published_weights() -> None:
    with pytest.raises(WeightsError, match=f"no ImageNet weights of timm/{UNPUBLISHED} are known") as caught:
        weights.load(weights.Wanted("imagenet"), load_network(f"timm/{UNPUBLISHED}"))
    assert caught.value.hint == f"timm publishes no weights for {UNPUBLISHED}: pass --weights FILE"


def test_torchvisions_names_of_weights_are_not_timms() -> None:
    with pytest.raises(WeightsError, match="IMAGENET1K_V1 is a name of torchvision's weights"):
        DeepExtractor(DeepSource(network="timm/resnet18", weights="IMAGENET1K_V1", layer=("fc",)))


def test_without_timm_the_way_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingLibraryError, match="timm is not installed") as caught:
        load_network("timm/resnet18")
    assert caught.value.hint == "pip install 'radcompare[timm]'"
    assert caught.value.exit_code == ExitCode.USAGE
