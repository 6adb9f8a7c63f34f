"""Decision curves against their definition in loops."""

import numpy as np
import pytest

from radcompare.compare.net_benefit import decision_curve, net_benefit
from radcompare.errors import ConfigError

THRESHOLDS = (0.05, 0.3, 0.5, 0.9)


@pytest.mark.parametrize("seed", range(3))
def test_the_definition_written_out(seed: int) -> None:
    random = np.random.default_rng(seed)
    y, p = random.integers(0, 2, 60), random.random(60).round(1)
    curve = decision_curve(y, p, THRESHOLDS)
    for i, t in enumerate(THRESHOLDS):
        hits = sum(1 for truth, chance in zip(y, p, strict=True) if chance >= t and truth)
        false = sum(1 for truth, chance in zip(y, p, strict=True) if chance >= t and not truth)
        assert curve.model[i] == pytest.approx(hits / 60 - false / 60 * t / (1 - t), abs=1e-14)
        share = y.mean()
        assert curve.treat_all[i] == pytest.approx(share - (1 - share) * t / (1 - t), abs=1e-14)
    assert curve.treat_none.tolist() == [0.0] * 4
    assert net_benefit(y, p, THRESHOLDS).tolist() == curve.model.tolist()


def test_calling_every_case_is_treating_all() -> None:
    curve = decision_curve([0, 1, 1], [1.0, 1.0, 1.0], THRESHOLDS)
    assert curve.model.tolist() == curve.treat_all.tolist()


@pytest.mark.parametrize("thresholds", [[0.0], [1.0], [], [0.5, 2.0], ["x"]])
def test_thresholds_that_are_none(thresholds: list[object]) -> None:
    with pytest.raises(ConfigError, match="threshold"):
        decision_curve([0, 1], [0.2, 0.8], thresholds)
