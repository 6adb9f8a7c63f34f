"""What came of a mask file: which voxels are inside, and what is to be said of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Fact = str | int | float
"""What is recorded of how a case was read."""


class Suspicion(NamedTuple):
    """Something to look at, and what to do if it is wrong."""

    problem: str
    hint: str


@dataclass(frozen=True)
class Inside:
    """A region on the grid of its image.

    Attributes:
        voxels: True inside, shape (z, y, x).
        facts: how it came about, for the record: `mask_format`, `label`, `structure`, `mask_resampled`.
        doubts: what looks wrong.
    """

    voxels: NDArray[np.bool_]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    doubts: tuple[Suspicion, ...] = ()
