"""Channels and scaling, by arithmetic."""

import numpy as np
import pytest
import torch

from radcompare.deep.network_input import Channel, Scaling
from radcompare.deep.network_input import to_input as shown_to
from radcompare.deep.networks import IMAGENET_MEAN, IMAGENET_STD, Network, load_network

PICTURE = np.array([[0.0, 0.25], [0.5, 1.0]], dtype=np.float32)


def to_input(picture: np.ndarray, network: Network, mean: torch.Tensor, channel: Channel) -> torch.Tensor:
    std = torch.tensor(network.std).reshape(3, 1, 1)
    return shown_to(torch.from_numpy(picture)[None, None], Scaling(network.scale, mean, std), channel)


def mean_of(name: str) -> torch.Tensor:
    return torch.tensor(load_network(name).mean).reshape(3, 1, 1)


def test_torchvision_networks_see_a_picture_between_0_and_1_standardised() -> None:
    shown = to_input(PICTURE, load_network("vgg16"), mean_of("vgg16"), "all").numpy()
    expected = [(PICTURE - mean) / std for mean, std in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)]
    assert shown.shape == (1, 3, 2, 2)
    assert shown.dtype == np.float32
    np.testing.assert_allclose(shown[0], expected, rtol=1e-6, atol=1e-7)


def test_cnn_f_sees_0_to_255_less_the_mean_colour() -> None:
    shown = to_input(PICTURE, load_network("cnn-f"), mean_of("cnn-f"), "all").numpy()
    expected = [255 * PICTURE - mean for mean in (123.68, 116.779, 103.939)]
    np.testing.assert_allclose(shown[0], expected, rtol=1e-6)


@pytest.mark.parametrize(("channel", "index"), [("r", 0), ("g", 1), ("b", 2)])
@pytest.mark.parametrize("network", ["cnn-f", "resnet18"])
def test_one_channel_sees_the_picture_and_the_others_exactly_nothing(
    channel: str, index: int, network: str
) -> None:
    every = to_input(PICTURE, load_network(network), mean_of(network), "all")
    shown = to_input(PICTURE, load_network(network), mean_of(network), channel)
    assert torch.equal(shown[0, index], every[0, index])
    assert torch.count_nonzero(shown).item() == torch.count_nonzero(shown[0, index]).item() == 4


def test_a_mean_image_is_subtracted_pixel_by_pixel() -> None:
    mean = torch.arange(12.0).reshape(3, 2, 2)
    shown = to_input(PICTURE, load_network("cnn-f"), mean, "all")
    np.testing.assert_allclose(shown[0].numpy(), 255 * PICTURE - mean.numpy(), rtol=1e-6)
