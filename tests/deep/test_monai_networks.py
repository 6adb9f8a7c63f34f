"""The volumetric networks of MONAI: a volume in, and what they make of it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from radcompare.deep import activations, weights
from radcompare.deep.activations import DeepExtractor
from radcompare.deep.networks import load_network
from radcompare.errors import (
    CaseError,
    ConfigError,
    ExitCode,
    MissingLibraryError,
    UnknownNameError,
    WeightsError,
)
from radcompare.imaging.region import Region
from radcompare.imaging.window import pictures_of
from radcompare.source_settings import DeepSource

monai = pytest.importorskip("monai", reason="MONAI is not installed: pip install 'radcompare[monai]'")

pytestmark = pytest.mark.usefixtures("one_thread", "nothing_kept")

SIDE = 32


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    activations._kept.clear()
    yield
    activations._kept.clear()


@pytest.fixture(scope="module")
def resnet10() -> nn.Module:
    """With values that tell its tensors apart."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        return load_network("monai/resnet10").build().eval()


def source(**changes: Any) -> DeepSource:
    given = {"network": "monai/resnet10", "weights": "random", "layer": "avgpool", "region": "volume"}
    return DeepSource(**{**given, "input_size": SIDE, "batch": 1, **changes})


def cube(region: Region, settings: DeepSource) -> Tensor:
    """The volume as the network is shown it: one channel in [0, 1]."""
    (picture,) = pictures_of(region, settings, SIDE)
    assert picture.pixels.shape == (SIDE, SIDE, SIDE)
    assert picture.pixels.min() >= 0
    assert picture.pixels.max() <= 1
    return torch.from_numpy(picture.pixels)[None, None]


def random_model(network: str) -> nn.Module:
    """A second network, with the values of the first."""
    state = weights.load(weights.Wanted("random"), load_network(network)).model.state_dict()
    model = load_network(network).build().eval()
    model.load_state_dict(state)
    return model


@pytest.mark.slow
@pytest.mark.parametrize(("name", "millions"), [("resnet10", 14.36), ("resnet18", 32.99)])
def test_residual_networks_have_the_parameters_that_medicalnet_published(name: str, millions: float) -> None:
    """Table of MedicalNet's README, which counts everything before its own head; ours has 2 classes."""
    network = load_network(f"monai/{name}")
    head = network.modules["fc"].parameters
    assert head == 2 * 512 + 2
    assert round((network.modules["output"].parameters - head) / 1e6, 2) == millions


def test_shortcuts_are_those_of_medicalnet() -> None:
    """A convolution without bias and its normalisation where the depth is 10; nothing to learn where it is 18."""
    names = load_network("monai/resnet10").build().state_dict()
    shortcuts = {name.partition("downsample.")[2] for name in names if "downsample" in name}
    statistics = {f"1.{name}" for name in ("weight", "bias", "running_mean", "running_var")}
    assert shortcuts - {"1.num_batches_tracked"} == {"0.weight"} | statistics
    assert sum(name.endswith("downsample.0.weight") for name in names) == 3
    assert not any("downsample" in name for name in load_network("monai/resnet18").build().state_dict())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet10", "densenet121"])
def test_a_network_sees_a_cube_of_one_channel(name: str) -> None:
    network = load_network(f"monai/{name}")
    assert network.input_shape == (1, 64, 64, 64)
    assert (network.mean, network.std, network.scale) == ((0.0,), (1.0,), 1.0)
    assert network.slug == f"monai-{name}"
    assert network.modules["output"].shape == (2,)
    assert next(network.build().parameters()).ndim == 5


def test_layers_of_a_residual_network() -> None:
    network = load_network("monai/resnet10")
    blocks = ["layer1.0", "layer1", "layer2.0", "layer2", "layer3.0", "layer3", "layer4.0", "layer4"]
    assert list(network.layers) == ["conv1", "bn1", "act", "maxpool", *blocks, "avgpool", "fc", "output"]
    assert network.layers["bn1"].activation == network.layers["layer4"].activation == "ReLU"
    assert [network.layers[f"layer{i}"].shape[0] for i in (1, 2, 3, 4)] == [64, 128, 256, 512]
    assert len(network.layers["layer4"].shape) == 4
    assert network.layers["avgpool"].shape == (512, 1, 1, 1)
    assert network.head_module == "fc"


def test_layers_of_a_dense_network() -> None:
    network = load_network("monai/densenet121")
    assert network.layers["features.denseblock4"].shape[0] == 1024
    assert network.layers["class_layers.flatten"].shape == (1024,)
    assert network.head_module == "class_layers.out"


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "densenet169"])
@pytest.mark.slow
def test_others_are_built(name: str) -> None:
    network = load_network(f"monai/{name}")
    assert network.modules["output"].shape == (2,)
    assert network.layer("conv1" if name.startswith("res") else "features.conv0").shape[0] == 64


@pytest.mark.slow
def test_a_residual_network_answers_to_the_cube(region: Region) -> None:
    settings = source(layer=("conv1", "layer4", "avgpool", "output"), relu="post")
    found = DeepExtractor(settings).extract(region)
    model: Any = random_model("monai/resnet10")
    with torch.no_grad():
        seen = cube(region, settings)
        first = model.conv1(seen)
        maps = model.maxpool(model.act(model.bn1(first.clone())))
        last = model.layer4(model.layer3(model.layer2(model.layer1(maps))))
        means = [each.mean(dim=(2, 3, 4))[0] for each in (first, last, last)]
        expected = torch.cat([*means, model(seen)[0]])
    names = [
        (layer, units) for layer, units in (("conv1", 64), ("layer4", 512), ("avgpool", 512), ("output", 2))
    ]
    assert list(found) == [
        f"deep_monai-resnet10_{layer}_post_{i:04d}" for layer, n in names for i in range(n)
    ]
    assert list(found.values()) == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-5)
    assert len(set(found.values())) > 500


@pytest.mark.slow
def test_a_dense_network_answers_to_the_cube(region: Region) -> None:
    settings = source(network="monai/densenet121", layer=("features.norm5", "output"), pool="max")
    found = DeepExtractor(settings).extract(region)
    model: Any = random_model("monai/densenet121")
    with torch.no_grad():
        seen = cube(region, settings)
        maps = torch.relu(model.features(seen))
        expected = torch.cat([maps.amax(dim=(2, 3, 4))[0], model(seen)[0]])
    assert list(found.values()) == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-5)
    assert len(found) == 1024 + 2
    assert expected.max() > 0


@pytest.mark.slow
def test_before_and_after_the_activation(region: Region) -> None:
    found = list(
        DeepExtractor(source(layer=("layer4",), relu="both", pool="flatten")).extract(region).values()
    )
    before, after = np.split(np.array(found), 2)
    assert before.min() < 0 < before.max()
    assert np.array_equal(after, np.maximum(before, 0))


@pytest.mark.slow
def test_the_cube_counts_and_not_one_slice_of_it(region: Region) -> None:
    other = Region(region.case, region.image.copy(), region.mask, region.spacing)
    other.image[3] += 300.0
    settings = source()
    assert DeepExtractor(settings).extract(other) != DeepExtractor(settings).extract(region)


@pytest.mark.slow
def test_a_file_of_medicalnets_kind_is_loaded_without_a_head(
    tmp_path: Path, region: Region, resnet10: nn.Module
) -> None:
    state = resnet10.state_dict()
    backbone = {f"module.{name}": value for name, value in state.items() if not name.startswith("fc.")}
    torch.save({"state_dict": backbone, "epoch": 3}, path := tmp_path / "resnet_10.pth")
    extractor = DeepExtractor(source(weights=str(path), layer=("layer4",)))
    report = extractor.remarks()
    assert report == {
        "loaded": len(state) - 2,
        "missing": ["fc.weight", "fc.bias"],
        "unexpected": [],
        "wrapped_in": "state_dict",
        "prefix": "module.",
    }
    with torch.no_grad():
        resnet10.fc, head = nn.Identity(), resnet10.fc
        expected = resnet10(cube(region, extractor.source))[0].tolist()
        resnet10.fc = head
    assert list(extractor.extract(region).values()) == pytest.approx(expected, rel=1e-4, abs=1e-6)
    with pytest.raises(
        WeightsError, match="its classification layer does not fit, so there is no output to read"
    ):
        DeepExtractor(source(weights=str(path), layer=("output",))).extract(region)


@pytest.mark.slow
def test_a_head_for_segmentation_is_left_over(tmp_path: Path, resnet10: nn.Module) -> None:
    state = {f"module.{name}": value for name, value in resnet10.state_dict().items() if "fc." not in name}
    torch.save(
        {"state_dict": state | {"module.conv_seg.0.weight": torch.ones(512, 32, 2, 2, 2)}}, tmp_path / "a.pth"
    )
    loaded = weights.load(weights.Wanted(str(tmp_path / "a.pth")), load_network("monai/resnet10"))
    assert loaded.report["unexpected"] == ["conv_seg.0.weight"]
    assert loaded.report["loaded"] == len(state)
    assert torch.equal(loaded.model.conv1.weight, resnet10.conv1.weight)


@pytest.mark.slow
def test_weights_of_another_depth_are_refused(tmp_path: Path, resnet10: nn.Module) -> None:
    torch.save(resnet10.state_dict(), path := tmp_path / "resnet_10.pth")
    with pytest.raises(WeightsError, match=r"does not fit monai/resnet18: missing: layer1\.1\.conv1\.weight"):
        weights.load(weights.Wanted(str(path)), load_network("monai/resnet18"))


def test_volumes_have_no_published_weights() -> None:
    with pytest.raises(WeightsError, match="no ImageNet weights of monai/resnet10 are known") as caught:
        weights.load(weights.Wanted("imagenet"), load_network("monai/resnet10"))
    assert "pass --weights FILE" in caught.value.hint


@pytest.mark.parametrize("looked_at", ["slice", "slices", "orthogonal"])
def test_a_network_for_volumes_is_shown_no_slices(looked_at: str) -> None:
    with pytest.raises(ConfigError, match="monai/resnet10 looks at volumes, not slices") as caught:
        DeepExtractor(source(region=looked_at))
    assert caught.value.hint == "give region volume"
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_network_for_pictures_is_shown_no_volume() -> None:
    with pytest.raises(ConfigError, match="region volume: resnet18 looks at pictures, not volumes") as caught:
        DeepExtractor(source(network="resnet18", layer=("fc",)))
    assert "monai/resnet18" in caught.value.hint


def test_one_slice_is_no_volume(region: Region) -> None:
    flat = Region("flat", region.image[1:2], region.mask[1:2], region.spacing)
    with pytest.raises(CaseError, match="flat: is one slice, so there is no volume view of it"):
        DeepExtractor(source()).extract(flat)


@pytest.mark.parametrize(("name", "near"), [("resnet17", "resnet1"), ("DenseNet121", "densenet121")])
def test_an_unknown_network_lists_those_there_are(name: str, near: str) -> None:
    with pytest.raises(
        UnknownNameError, match=f"unknown network of MONAI '{name}'; did you mean '{near}"
    ) as caught:
        load_network(f"monai/{name}")
    assert caught.value.hint.startswith("known: resnet10, resnet18, ")
    assert caught.value.hint.endswith(", densenet264")


def test_without_monai_the_way_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("monai", "monai.networks"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingLibraryError, match="MONAI is not installed") as caught:
        load_network("monai/resnet10")
    assert caught.value.hint == "pip install 'radcompare[monai]'"
