"""MatConvNet files of another geometry are refused by layer, and their constants of normalisation are ours."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from radcompare.deep import chatfield, weights
from radcompare.deep.networks import Network, load_network
from radcompare.errors import WeightsError

Write = Callable[..., None]
PLANS = {"cnn-f": chatfield.FAST, "cnn-m": chatfield.MEDIUM, "cnn-s": chatfield.SLOW}
NORMALISATIONS = {"cnn-f": 2, "cnn-m": 2, "cnn-s": 1}
MEAN_COLOUR = np.array([[[123, 117, 104]]], dtype=np.float32)


def narrow_of(name: str) -> Network:
    """One of the three with few maps."""
    plan = replace(PLANS[name], maps=(4, 6, 5, 7, 6))
    return replace(load_network(name), build=lambda: chatfield.Chatfield(plan, full=9, classes=3))


def state_of(network: Network) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(2)
    return {
        name: 0.1 * torch.randn(value.shape, generator=generator)
        for name, value in network.outline().state_dict().items()
    }


def load(path: Path, network: Network) -> weights.LoadedNetwork:
    return weights.load(weights.Wanted(str(path)), network)


@pytest.mark.parametrize("theirs", PLANS)
@pytest.mark.parametrize("ours", PLANS)
def test_a_file_is_of_the_network_whose_geometry_it_has(
    tmp_path: Path, write_simplenn: Write, theirs: str, ours: str
) -> None:
    path, network = tmp_path / "net.mat", narrow_of(ours)
    state = state_of(narrow_of(theirs))
    write_simplenn(path, state, MEAN_COLOUR, theirs)
    if theirs != ours:
        with pytest.raises(WeightsError, match=f"is not {ours}: ") as caught:
            load(path, network)
        assert caught.value.hint == "name the network that the file is of"
        return
    loaded = load(path, network)
    read = loaded.model.state_dict()
    assert loaded.has_head
    assert loaded.report["loaded"] == len(state) == 16
    assert loaded.report["missing"] == loaded.report["unexpected"] == []
    assert loaded.report["interpolation"] == "bicubic"
    assert len(loaded.report["local_response_normalisation"]) == NORMALISATIONS[ours]
    assert all(torch.equal(read[name], value) for name, value in state.items())
    assert loaded.mean.ravel().tolist() == [123, 117, 104]


@pytest.mark.parametrize(
    ("layer", "change", "problem"),
    [
        ("conv1", {"stride": 2}, "conv1 has stride 2 x 2, ours 4 x 4"),
        ("conv1", {"stride": [4, 2]}, "conv1 has stride 4 x 2, ours 4 x 4"),
        ("conv3", {"stride": 2}, "conv3 has stride 2 x 2, ours 1 x 1"),
        ("conv2", {"pad": 1}, "conv2 is padded by 1, 1, 1, 1, ours by 2"),
        ("conv5", {"pad": [1, 1, 0, 1]}, "conv5 is padded by 1, 1, 0, 1, ours by 1"),
        ("conv1", {"pad": [0, 3]}, "conv1 is padded by 0, 0, 3, 3, ours by 0"),
        ("pool1", {"size": 2}, "pool1 pools 2 x 2 in steps of 2, ours 3 in steps of 2"),
        ("pool2", {"stride": 3}, "pool2 pools 3 x 3 in steps of 3, ours 3 in steps of 2"),
        ("pool5", {"method": "avg"}, "pool5 pools by avg, ours by max"),
        # 54 wide maps hold (54 - 3) // 2 + 1 = 26 windows of 3 in steps of 2; one column more holds 27
        ("pool1", {"pad": 0}, "pool1 makes maps 26 x 26 of 54, ours 27"),
        ("pool1", {"pad": [0, 0, 0, 1]}, "pool1 makes maps 26 x 27 of 54, ours 27"),
        # 27 wide maps hold 13 windows, and two columns more hold 14
        ("pool2", {"pad": 1}, "pool2 makes maps 14 x 14 of 27, ours 13"),
        ("norm2", {"type": "relu"}, "layer 5 (pool2) is pool, ours lrn"),
        ("pool5", {"type": "conv"}, "layer 10 (fc6) is conv, ours pool"),
    ],
)
def test_another_geometry_is_refused_by_the_name_of_the_layer(
    tmp_path: Path,
    narrow: Network,
    narrow_state: dict[str, Tensor],
    write_simplenn: Write,
    layer: str,
    change: dict[str, Any],
    problem: str,
) -> None:
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, MEAN_COLOUR, **{layer: change})
    with pytest.raises(WeightsError) as caught:
        load(path, narrow)
    assert caught.value.message == f"{path}: is not cnn-f: {problem}"
    assert caught.value.hint == "name the network that the file is of"


def test_windows_that_begin_beyond_the_first_pixel_are_refused(
    tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor], write_simplenn: Write
) -> None:
    """As many windows as ours, one pixel to the left."""
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, MEAN_COLOUR, pool5={"pad": [1, 0, 1, 0]})
    with pytest.raises(WeightsError, match="is not cnn-f: pool5 "):
        load(path, narrow)


@pytest.mark.parametrize(
    "same",
    [
        {"conv2": {"pad": [2, 2, 2, 2]}},
        {"conv2": {"pad": [2, 2]}},
        {"conv1": {"stride": [4, 4]}},
        {"pool2": {"stride": [2, 2], "pad": [0, 0, 0, 0]}},
        # 27 wide maps leave no column over, so that one at the right makes no window more
        {"pool2": {"pad": [0, 1, 0, 1]}},
    ],
    ids=["four pads", "two pads", "two strides", "pooling", "a column without a window"],
)
def test_the_same_geometry_may_be_written_in_other_ways(
    tmp_path: Path,
    narrow: Network,
    narrow_state: dict[str, Tensor],
    write_simplenn: Write,
    same: dict[str, dict[str, Any]],
) -> None:
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, MEAN_COLOUR, **same)
    assert torch.equal(load(path, narrow).model.state_dict()["full8.weight"], narrow_state["full8.weight"])


def test_three_differences_are_told_and_the_others_counted(
    tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor], write_simplenn: Write
) -> None:
    path = tmp_path / "net.mat"
    strided = {f"conv{i}": {"stride": 3} for i in (2, 3, 4, 5)}
    write_simplenn(path, narrow_state, MEAN_COLOUR, **strided, pool5={"method": "avg"})
    with pytest.raises(WeightsError) as caught:
        load(path, narrow)
    listed = "; ".join(f"conv{i} has stride 3 x 3, ours 1 x 1" for i in (2, 3, 4))
    assert caught.value.message == f"{path}: is not cnn-f: {listed} and 2 more"


def test_a_layer_too_few(
    tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor], write_simplenn: Write
) -> None:
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, MEAN_COLOUR, conv3={"type": "softmax"})
    with pytest.raises(WeightsError, match=r"is not cnn-f: layer 9 \(pool5\) is pool, ours conv"):
        load(path, narrow)


@pytest.mark.parametrize("size", [2, 4])
def test_an_even_number_of_channels_has_no_middle(
    tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor], write_simplenn: Write, size: int
) -> None:
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, MEAN_COLOUR, lrn=(float(size), 2.0, 1e-4, 0.75))
    with pytest.raises(WeightsError) as caught:
        load(path, narrow)
    even = "; ".join(
        f"{name} normalises over an even number of channels, {size}" for name in ("norm1", "norm2")
    )
    assert caught.value.message == f"{path}: is not cnn-f: {even}"


def matconvnets_normalisation(maps: NDArray[np.float64], param: tuple[float, ...]) -> NDArray[np.float64]:
    """vl_nnnormalize as MatConvNet's manual writes it: x / (kappa + alpha * sum of squares of N channels)^beta."""
    size, kappa, alpha, beta = param
    out = np.empty_like(maps)
    for channel in range(len(maps)):
        first, last = channel - int(size - 1) // 2, channel + int(size) // 2
        squares = sum(maps[other] ** 2 for other in range(max(first, 0), min(last, len(maps) - 1) + 1))
        out[channel] = maps[channel] / (kappa + alpha * squares) ** beta
    return out


@pytest.mark.parametrize("param", [(5.0, 2.0, 1e-4, 0.75), (3.0, 1.5, 2e-2, 0.6), (7.0, 1.0, 0.1, 0.5)])
def test_constants_of_normalisation_are_those_of_the_file(
    tmp_path: Path,
    narrow: Network,
    narrow_state: dict[str, Tensor],
    write_simplenn: Write,
    param: tuple[float, ...],
) -> None:
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, MEAN_COLOUR, lrn=param)
    loaded = load(path, narrow)
    maps = np.random.default_rng(4).normal(0, 9, (8, 5, 6))
    for module in (loaded.model.norm1, loaded.model.norm2):
        assert (module.size, module.k, module.beta) == (param[0], param[1], param[3])
        assert module.alpha == pytest.approx(param[0] * param[2], rel=1e-15)
        normalised = module(torch.from_numpy(maps)[None])[0].numpy()
        np.testing.assert_allclose(normalised, matconvnets_normalisation(maps, param), rtol=1e-12)
    assert loaded.report["local_response_normalisation"] == [list(param)] * 2


def test_a_file_of_weights_alone_has_no_geometry_to_differ(
    tmp_path: Path, narrow: Network, narrow_state: dict[str, Tensor], write_simplenn: Write
) -> None:
    path = tmp_path / "net.mat"
    others = ("norm1", "pool1", "norm2", "pool2", "pool5")
    write_simplenn(path, narrow_state, MEAN_COLOUR, **{name: {"type": "relu"} for name in others})
    loaded = load(path, narrow)
    read = loaded.model.state_dict()
    assert all(torch.equal(read[name], value) for name, value in narrow_state.items())
    assert (loaded.model.norm1.size, loaded.model.norm1.k, loaded.model.norm1.beta) == (5, 2, 0.75)
    assert loaded.report["local_response_normalisation"] == []
