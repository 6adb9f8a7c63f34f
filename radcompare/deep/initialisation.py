"""Random weights: the untrained network that a trained one has to beat."""

import numpy as np
from numpy.random import Generator
from torch import Tensor, nn


def initialise(model: nn.Module, seed: int) -> None:
    """Fill a network with random weights, in place.

    Weights of convolutions and fully connected layers are drawn from a normal distribution with mean 0 and
    variance 2 / (inputs per unit), which keeps the size of activations from layer to layer through ReLUs (He,
    Zhang, Ren, Sun, ICCV 2015); biases are 0; batch normalisation does nothing. The numbers come from numpy's
    PCG64 in the order of the modules, so they depend on the seed alone: not on torch's version, its number of
    threads or its global random state, which is left alone.

    Args:
        model: a network in float32 on the CPU.
        seed: of the random numbers.
    """
    generator = np.random.default_rng(seed)
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            _draw(module.weight, generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()


def _draw(weight: Tensor, generator: Generator) -> None:
    values = weight.detach().numpy()
    generator.standard_normal(dtype=np.float32, out=values)
    values *= np.float32(np.sqrt(2 / weight[0].numel()))
