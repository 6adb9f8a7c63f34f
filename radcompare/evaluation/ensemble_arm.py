"""An arm that combines other arms of the same experiment; its weights, if any, are learned inside the folds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.cnn_settings import Ensemble
from radcompare.config import Arm, Inner
from radcompare.errors import DataError
from radcompare.evaluation.divisions import Division
from radcompare.evaluation.ensembles import Aligned, align, combined_rows, remarks
from radcompare.evaluation.fold import fold_seed
from radcompare.evaluation.rows import ArmRows
from radcompare.evaluation.study import Study
from radcompare.learning.combining import learned_weights
from radcompare.learning.splits import Fold, inner_folds
from radcompare.tables.predictions import STAMP

RunArm = Callable[[Division, str, Arm], ArmRows]


def ensemble_arm(
    alone: pd.DataFrame,
    study: Study,
    division: Division,
    name: str,
    ensemble: Ensemble,
    arms: Mapping[str, Arm],
    run: RunArm,
    *,
    seed: int,
) -> ArmRows:
    """The rows of an ensemble.

    Args:
        alone: predictions of all other arms.
        study: the cases.
        division: their folds.
        name: of the ensemble.
        ensemble: what is combined and how.
        arms: every arm by its written-out name.
        run: evaluates an arm over other folds, to learn weights on.
        seed: of those folds.

    Raises:
        DataError: members have no probabilities, share no case, or share no training case to learn weights on.
    """
    aligned = align(alone, ensemble.of)
    if ensemble.how != "weighted":
        rows = combined_rows(aligned, name, ensemble.how)
        return ArmRows(rows, notes=tuple(f"arm {name!r}: {note}" for note in remarks(aligned, rows)))
    frames, weights = [], []
    for fold in division.folds:
        part = _of_fold(aligned, fold)
        if len(part.rows):
            weights.append(_weights(study, division, fold, name, ensemble, arms, run, seed))
            frames.append(combined_rows(part, name, "weighted", weights[-1]))
    rows = pd.concat(frames, ignore_index=True)
    notes = [*remarks(aligned, rows), _weights_in_words(aligned, np.array(weights))]
    return ArmRows(rows, notes=tuple(f"arm {name!r}: {note}" for note in notes))


def _of_fold(aligned: Aligned, fold: Fold) -> Aligned:
    """The cases of one fold."""
    here = ((aligned.rows["repeat"] == fold.repeat) & (aligned.rows["fold"] == fold.number)).to_numpy()
    return replace(
        aligned,
        rows=aligned.rows[here].reset_index(drop=True),
        probabilities=aligned.probabilities[:, here],
        predicted=aligned.predicted[:, here],
    )


def _weights(
    study: Study,
    division: Division,
    fold: Fold,
    name: str,
    ensemble: Ensemble,
    arms: Mapping[str, Arm],
    run: RunArm,
    seed: int,
) -> NDArray[np.float64]:
    """Weights learned from what the members say of training cases that they were not trained on."""
    y = study.outcome.codes
    inner = inner_folds(
        Inner(folds=ensemble.inner), fold, y, seed=fold_seed(seed, fold), groups=division.groups
    )
    within = Division(
        tuple(Fold(0, part.number, fold.train[part.train], fold.train[part.test]) for part in inner),
        division.groups,
        None,
        (),
    )
    frames = [run(within, member, arms[member]).predictions for member in _members(ensemble.of, arms)]
    said = pd.concat(frames, ignore_index=True).assign(**{STAMP: ""})
    try:
        found = align(_as_in_file(said, arms), ensemble.of)
    except DataError as error:
        where = f"arm {name!r}: weights of repeat {fold.repeat}, fold {fold.number}"
        raise DataError(f"{where}: {error.message}", error.hint) from None
    truth = found.rows["y_true"].to_numpy(dtype=np.int64)
    return learned_weights(found.probabilities, truth)


def _members(of: Sequence[str], arms: Mapping[str, Arm]) -> list[str]:
    """The arms that take part; of a sweep the first variant, which is the arm's primary one."""
    first = {(arm.variant_of or name): name for name, arm in reversed(list(arms.items()))}
    return [first[member] for member in of]


def _as_in_file(predictions: pd.DataFrame, arms: Mapping[str, Arm]) -> pd.DataFrame:
    """Predictions under the names that the arms have in the file."""
    return predictions.assign(arm=[arms[name].variant_of or name for name in predictions["arm"]])


def _weights_in_words(aligned: Aligned, weights: NDArray[np.float64]) -> str:
    told = ", ".join(
        f"{member} {mean:.2f}" for member, mean in zip(aligned.members, weights.mean(axis=0), strict=True)
    )
    return f"mean weights over {len(weights)} folds: {told}"
