"""From maps and tokens to columns, by hand."""

import pytest
import torch

from radcompare.deep.pooling import columns, pooled
from radcompare.deep.tracing import Layer, Spot

HERE = Spot("module", "x", 1)
MAPS = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]], [[-1.0, -5.0], [-2.0, -4.0]]]])


def layer(*shape: int, last: bool = False) -> Layer:
    return Layer("x", "Conv2d", shape, "", HERE, HERE, 0, last)


def test_maps() -> None:
    of = layer(2, 2, 2)
    assert pooled(MAPS, of, "mean").tolist() == [[3.0, -3.0]]
    assert pooled(MAPS, of, "max").tolist() == [[6.0, -1.0]]
    assert pooled(MAPS, of, "flatten").tolist() == [[1.0, 2.0, 3.0, 6.0, -1.0, -5.0, -2.0, -4.0]]
    assert [columns(of, pool) for pool in ("mean", "max", "flatten")] == [2, 2, 8]


def test_maps_stored_last() -> None:
    of = layer(2, 2, 2, last=True)
    assert pooled(MAPS.permute(0, 2, 3, 1), of, "mean").tolist() == [[3.0, -3.0]]
    assert columns(layer(7, 7, 96, last=True), "max") == 96


def test_volumes() -> None:
    volume = torch.arange(16.0).reshape(1, 2, 2, 2, 2)
    assert pooled(volume, layer(2, 2, 2, 2), "mean").tolist() == [[3.5, 11.5]]


def test_tokens_are_pooled_as_pixels_are() -> None:
    tokens = torch.tensor([[[1.0, 10.0], [3.0, 30.0], [5.0, 20.0]]])
    assert pooled(tokens, layer(3, 2), "mean").tolist() == [[3.0, 20.0]]
    assert pooled(tokens, layer(3, 2), "max").tolist() == [[5.0, 30.0]]
    assert columns(layer(3, 2), "mean") == 2


@pytest.mark.parametrize("pool", ["mean", "max", "flatten"])
def test_units_are_not_pooled(pool: str) -> None:
    units = torch.tensor([[1.0, -2.0, 3.0]])
    assert torch.equal(pooled(units, layer(3), pool), units)
    assert columns(layer(3), pool) == 3
