"""MatConvNet files, good and bad."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
import torch
from numpy.typing import NDArray
from torch import Tensor

from radcompare.deep.matconvnet import read_matconvnet
from radcompare.errors import WeightsError

MEAN = np.arange(12, dtype=np.float32).reshape(2, 2, 3)


def read_simplenn(path: Path, order: tuple[str, ...]) -> tuple[dict[str, Tensor], Tensor]:
    """Weights by our names, as far as they go, and the mean image."""
    found = read_matconvnet(path)
    state: dict[str, Tensor] = {}
    weighted = [each for each in found.layers if each.filters is not None]
    for at, each in enumerate(weighted):
        name = order[at] if at < len(order) else each.name
        assert each.filters is not None
        assert each.biases is not None
        state |= {f"{name}.weight": each.filters, f"{name}.bias": each.biases}
    return state, found.mean


def layer(name: str, filters: NDArray[Any], biases: NDArray[Any]) -> dict[str, Any]:
    cell = np.empty((1, 2), dtype=object)
    cell[0, 0], cell[0, 1] = filters, biases
    return {"name": name, "type": "conv", "weights": cell}


def cells(*layers: dict[str, Any]) -> NDArray[np.object_]:
    out = np.empty((1, len(layers)), dtype=object)
    out[0, :] = layers
    return out


def one_layer(filters: NDArray[Any], biases: NDArray[Any] | None = None) -> NDArray[np.object_]:
    biases = np.zeros((1, filters.shape[-1]), np.float32) if biases is None else biases
    return cells(layer("conv1", filters, biases), {"name": "relu1", "type": "relu"})


def meta(average: NDArray[Any] = MEAN) -> dict[str, Any]:
    return {"normalization": {"averageImage": average, "imageSize": np.array([[2, 2, 3]])}}


def test_filters_come_back_output_first(tmp_path: Path) -> None:
    filters = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    biases = np.arange(5, dtype=np.float32)[np.newaxis]
    scipy.io.savemat(tmp_path / "net.mat", {"layers": one_layer(filters, biases), "meta": meta()})
    state, _ = read_simplenn(tmp_path / "net.mat", ("first",))
    assert list(state) == ["first.weight", "first.bias"]
    assert state["first.weight"].shape == (5, 4, 2, 3)
    assert state["first.bias"].tolist() == [0, 1, 2, 3, 4]
    for output, channel, row, column in np.ndindex(5, 4, 2, 3):
        assert state["first.weight"][output, channel, row, column] == filters[row, column, channel, output]


def test_one_output_survives_matlabs_dropping_of_trailing_ones(tmp_path: Path) -> None:
    filters, biases = np.ones((2, 3, 4), np.float32), np.ones((1, 1), np.float32)
    scipy.io.savemat(tmp_path / "net.mat", {"layers": one_layer(filters, biases), "meta": meta()})
    state, _ = read_simplenn(tmp_path / "net.mat", ("first",))
    assert state["first.weight"].shape == (1, 4, 2, 3)
    assert state["first.bias"].shape == (1,)


@pytest.mark.parametrize("compressed", [True, False])
def test_all_layers_of_cnn_f(
    tmp_path: Path,
    compressed: bool,
    narrow_state: dict[str, Tensor],
    mean_image: NDArray[np.float32],
    write_simplenn: Callable[..., None],
) -> None:
    path = tmp_path / "net.mat"
    write_simplenn(path, narrow_state, mean_image)
    if compressed:
        contents = scipy.io.loadmat(path)
        scipy.io.savemat(path, {k: contents[k] for k in ("layers", "meta")}, do_compression=True)
    state, mean = read_simplenn(
        path, tuple(name.removesuffix(".bias") for name in narrow_state if "bias" in name)
    )
    assert set(state) == set(narrow_state)
    assert all(torch.equal(state[n].reshape(v.shape), v) for n, v in narrow_state.items())
    assert torch.equal(mean, torch.from_numpy(mean_image.transpose(2, 0, 1).copy()))


def test_layers_beyond_the_known_ones_keep_their_names(tmp_path: Path) -> None:
    ones = np.ones((1, 1, 2, 2), np.float32)
    layers = cells(layer("a", ones, np.ones((1, 2))), layer("b", ones, np.ones((1, 2))))
    scipy.io.savemat(tmp_path / "net.mat", {"layers": layers, "meta": meta()})
    state, _ = read_simplenn(tmp_path / "net.mat", ("first",))
    assert list(state) == ["first.weight", "first.bias", "b.weight", "b.bias"]


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 1), (1, 3)])
def test_a_mean_colour_instead_of_a_mean_image(tmp_path: Path, shape: tuple[int, ...]) -> None:
    colour = np.array([123.0, 117.0, 104.0], np.float32).reshape(shape)
    contents = {"layers": one_layer(np.ones((1, 1, 1, 2))), "meta": meta(colour)}
    scipy.io.savemat(tmp_path / "net.mat", contents)
    _, mean = read_simplenn(tmp_path / "net.mat", ("first",))
    assert mean.shape == (3, 1, 1)
    assert mean.ravel().tolist() == [123, 117, 104]


def test_files_older_than_meta(tmp_path: Path) -> None:
    contents = {"layers": one_layer(np.ones((1, 1, 1, 2))), **meta()}
    scipy.io.savemat(tmp_path / "net.mat", contents)
    _, mean = read_simplenn(tmp_path / "net.mat", ("first",))
    assert np.array_equal(mean.numpy(), MEAN.transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"x": 1}, "no cell array `layers` with `weights` in it .found x."),
        ({"layers": np.zeros(3), "meta": meta()}, "no cell array `layers`"),
        ({"layers": cells({"name": "a", "weights": 3}), "meta": meta()}, "no cell array `layers`"),
        ({"layers": one_layer(np.ones((1, 1, 1, 2)))}, "no meta.normalization.averageImage"),
        (
            {"layers": one_layer(np.ones((1, 1, 1, 2))), "meta": {"a": 1}},
            "no meta.normalization.averageImage",
        ),
        (
            {"layers": one_layer(np.ones((1, 1, 1, 2))), "meta": meta(np.ones((4, 4)))},
            r"averageImage is \(4, 4\)",
        ),
    ],
    ids=["foreign", "numbers", "no cells", "no meta", "other meta", "grey mean"],
)
def test_files_of_something_else(tmp_path: Path, contents: dict[str, Any], message: str) -> None:
    scipy.io.savemat(tmp_path / "net.mat", contents)
    with pytest.raises(WeightsError, match=message) as caught:
        read_simplenn(tmp_path / "net.mat", ("first",))
    assert "imagenet-vgg-f.mat" in caught.value.hint


@pytest.mark.parametrize("compressed", [True, False])
def test_truncated_files_are_one_clear_error_wherever_they_end(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "net.mat"
    contents = {"layers": one_layer(np.ones((3, 3, 2, 2))), "meta": meta()}
    scipy.io.savemat(path, contents, do_compression=compressed)
    whole = path.read_bytes()
    for end in range(0, len(whole) - 8, 23):
        path.write_bytes(whole[:end])
        with pytest.raises(WeightsError) as caught:
            read_simplenn(path, ("first",))
        assert str(path) in caught.value.message


def test_files_of_matlab_7_3(tmp_path: Path) -> None:
    path = tmp_path / "net.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(400))
    with pytest.raises(WeightsError, match=r"cannot be read as a MATLAB file: .*v7\.3"):
        read_simplenn(path, ("first",))
