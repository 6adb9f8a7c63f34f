"""Random weights: the same from the same seed, alive, and without touching anyone else's random numbers."""

import numpy as np
import torch
from torch import nn

from radcompare.deep import weights
from radcompare.deep.initialisation import initialise
from radcompare.deep.networks import Network, load_network


def test_values_are_he_normal_from_numpys_generator_in_order_of_the_modules(narrow: Network) -> None:
    model = weights.load(weights.Wanted("random", 7), narrow).model
    generator = np.random.default_rng(7)
    first = generator.standard_normal((4, 3, 11, 11), dtype=np.float32)
    second = generator.standard_normal((6, 4, 5, 5), dtype=np.float32)
    np.testing.assert_allclose(model.conv1.weight.numpy(), first * np.sqrt(2 / (3 * 11 * 11)), rtol=1e-6)
    np.testing.assert_allclose(model.conv2.weight.numpy(), second * np.sqrt(2 / (4 * 5 * 5)), rtol=1e-6)
    assert all(not model.get_submodule(name).bias.any() for name in narrow.layers)


def test_a_seed_gives_the_same_bytes_and_another_seed_others(narrow: Network) -> None:
    once, again, other = (
        weights.load(weights.Wanted("random", seed), narrow).model.state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(once[name], again[name]) for name in once)
    assert all(not torch.equal(once[f"{n}.weight"], other[f"{n}.weight"]) for n in narrow.layers)


def test_global_random_states_are_untouched(narrow: Network) -> None:
    in_torch, in_numpy = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    weights.load(weights.Wanted("random", 1), narrow)
    assert torch.equal(torch.random.get_rng_state(), in_torch)
    assert np.array_equal(np.random.get_state()[1], in_numpy)


def test_batch_normalisation_does_nothing() -> None:
    norm = nn.BatchNorm2d(3, device="meta").to_empty(device="cpu").eval()
    initialise(norm, 1)
    maps = torch.randn(2, 3, 4, 4)
    torch.testing.assert_close(norm(maps), maps, rtol=1e-5, atol=0)


def test_activations_keep_their_size_through_the_layers() -> None:
    network = load_network("resnet18")
    loaded = weights.load(weights.Wanted("random", 1), network)
    scores = loaded.model(torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0)))
    assert 0.1 < scores.std() < 1000
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
