"""Random weights: the untrained network that a trained one has to beat."""

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor, nn

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
NORMALISATIONS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)
OTHERS = 0.02
"""Standard deviation of parameters that belong to neither, such as embedded positions."""


def initialise(model: nn.Module, seed: int) -> None:
    """Fill a network with random weights, in place.

    Weights of convolutions and fully connected layers are drawn from a normal distribution with mean 0 and
    variance 2 / (inputs per unit), which keeps the size of activations from layer to layer through ReLUs (He,
    Zhang, Ren, Sun, ICCV 2015); biases are 0; normalisation does nothing. What other parameters there are, as in
    transformers, is drawn with a standard deviation of 0.02. The numbers come from numpy's PCG64 in the order of
    the modules, so they depend on the seed alone: not on torch's version, its number of threads or its global
    random state, which is left alone.

    Args:
        model: a network in float32 on the CPU.
        seed: of the random numbers.
    """
    generator = np.random.default_rng(seed)
    for module in model.modules():
        if isinstance(module, (*CONVOLUTIONS, nn.Linear)):
            _draw(module.weight, generator, np.sqrt(2 / module.weight[0].numel()))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, NORMALISATIONS):
            module.reset_parameters()
        else:
            for parameter in module.parameters(recurse=False):
                _draw(parameter, generator, OTHERS)


def _draw(weight: Tensor, generator: Generator, deviation: float) -> None:
    values = np.empty(tuple(weight.shape), dtype=np.float32)
    generator.standard_normal(dtype=np.float32, out=values)
    values *= np.float32(deviation)
    with torch.no_grad():
        weight.copy_(torch.from_numpy(values))
