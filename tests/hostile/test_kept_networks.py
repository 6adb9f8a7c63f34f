"""What a cache keeps of networks that are trained in folds: damaged answers and states are made anew."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radcompare.cache import Cache, clear
from radcompare.cnn.keeping import StateFile
from radcompare.cnn_settings import Cnn
from radcompare.config import Arm, Validation
from radcompare.evaluation.arms import Evaluation, evaluate
from radcompare.evaluation.study import Study
from radcompare.imaging.showing import Collection
from radcompare.tables.outcome import Outcome

CASES, SIDE = 12, 34


def run(cache: Cache) -> Evaluation:
    y = np.arange(CASES) % 2
    values = np.random.default_rng(1).uniform(0, 0.7, (CASES, 1, SIDE, SIDE)) + 0.3 * y[:, None, None, None]
    cases = tuple(f"c{number}" for number in range(CASES))
    columns = pd.DataFrame(index=pd.Index(cases, name="ID"))
    shown = {"cnn": Collection(cases, values.astype(np.float32))}
    study = Study(columns, Outcome(y.astype(np.int64), ("0", "1")), {}, {}, shown)
    cnn = Cnn(network="arch3", input_size=SIDE, epochs=2, stop="loss", augment={"per_epoch": 2})
    return evaluate(study, {"cnn": Arm(cnn=cnn)}, Validation(folds=2), cache=cache, jobs=1)


def damaged(content: bytes, how: str) -> bytes:
    place = len(content) - 3
    return {
        "flipped": content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :],
        "cut off": content[:-1],
        "empty": b"",
        "foreign": b"\x80\x04N.",
    }[how]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["flipped", "cut off", "empty", "foreign", "exchanged", "a folder"])
def test_damaged_answers_are_made_anew(tmp_path: Path, how: str) -> None:
    cache = Cache(tmp_path)
    first = run(cache)
    answers = sorted(tmp_path.rglob("*.row"))
    assert len(answers) == 2
    intact = [path.read_bytes() for path in answers]
    for path, other in zip(answers, reversed(intact), strict=True):
        if how == "a folder":
            path.unlink()
            path.mkdir()
        else:
            path.write_bytes(other if how == "exchanged" else damaged(path.read_bytes(), how))
    again = run(cache)
    pd.testing.assert_frame_equal(first.predictions.frame, again.predictions.frame, check_exact=True)
    assert [path.read_bytes() for path in answers] == intact


@pytest.mark.slow
def test_a_state_of_another_training_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    monkeypatch.setattr(StateFile, "drop", lambda _self: None)
    monkeypatch.setattr("radcompare.cnn.keeping.INTERVAL_S", 0.0)
    monkeypatch.setattr(StateFile.__init__, "__defaults__", (0.0,))
    first = run(cache)
    states = sorted(tmp_path.rglob("*.state"))
    assert len(states) == 2
    one, other = (path.read_bytes() for path in states)
    clear(cache)
    for path, content in zip(states, (other, one), strict=True):
        path.write_bytes(content)
    again = run(cache)
    pd.testing.assert_frame_equal(first.predictions.frame, again.predictions.frame, check_exact=True)
