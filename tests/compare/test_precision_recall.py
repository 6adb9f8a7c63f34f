"""Average precision against scikit-learn's, ties among them."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from radcompare.compare.precision_recall import average_precision
from radcompare.errors import TestRefused


@pytest.mark.parametrize("decimals", [0, 1, 9], ids=["many ties", "ties", "no ties"])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_scikit_learns(seed: int, decimals: int) -> None:
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, 70)
    score = (y + random.normal(size=70)).round(decimals)
    assert average_precision(y, score) == pytest.approx(average_precision_score(y, score), abs=1e-14)


def test_a_constant_score_has_the_share_of_positives() -> None:
    assert average_precision([1, 0, 0, 1, 0], [3.0] * 5) == 2 / 5
    assert average_precision([1, 1], [0.1, 0.2]) == 1.0


def test_without_a_positive_case_there_is_none() -> None:
    with pytest.raises(TestRefused, match="0 positive cases among 2"):
        average_precision([0, 0], [0.1, 0.2])
