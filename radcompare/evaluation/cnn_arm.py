"""An arm that is a network: trained on the training cases of every fold, once for every seed.

Some of the training cases, patients together, only tell when to stop; the test cases are seen by nothing but the
trained network. With `layer`, its activations go to a selection and a classifier, which learn from the training
cases alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from radcompare.cache import Cache, Row
from radcompare.classifier_settings import ClassifierSettings
from radcompare.cnn.keeping import StateFile
from radcompare.cnn.training import Epoch, Pictures, Trainee, scores, train
from radcompare.cnn_settings import Cnn
from radcompare.compare.auc import auc
from radcompare.config import Arm, Selection
from radcompare.deep.trainable import Trainable, activations, beginning, trainable
from radcompare.deep.weights import RANDOM
from radcompare.errors import CaseError
from radcompare.evaluation.divisions import Division
from radcompare.evaluation.fold import Problem, Scored, Task, fold_seed, run_fold, within
from radcompare.evaluation.nested import Fit
from radcompare.evaluation.rows import ArmRows, arm_rows, lost_note, scored_rows
from radcompare.evaluation.study import Available, Study
from radcompare.learning.splits import Fold, held_out
from radcompare.parallel import Progress, each, in_this_process, silent
from radcompare.provenance import digest_bytes, digest_code, digest_settings
from radcompare.tables.case import Failure
from radcompare.tables.predictions import COLUMNS, PROBABILITY, STAMP, VARIANT

CURVES = (
    *("arm", "variant", "repeat", "fold", "epoch"),
    *("loss", "learning_rate", "validation_loss", "validation_auc", "best"),
)
"""Columns of `curves.csv`: every epoch of every training; `best` marks the one whose weights count."""
_NOT_VALUES = ("device", "seeds", "weights", "lock", "weights_dir")
"""Settings that what a network learns does not depend on, or that other parts of the key stand for."""


@dataclass(frozen=True)
class Training:
    """One network to be trained on one fold.

    Attributes:
        settings: how.
        values: pictures of all cases of the arm, (cases, channels, *sides).
        y: their classes.
        groups: of every case, where some belong together.
        fold: in the numbering of these cases.
        seed: of the network.
        cache: where what it learned is kept.
        selections, classifiers: for its activations, if it is those that are learned from.
        by_source: whether a selection takes the top of each source.
    """

    settings: Cnn
    values: NDArray[np.float32]
    y: NDArray[np.int64]
    groups: NDArray[Any] | None
    fold: Fold
    seed: int
    cache: Cache
    selections: tuple[Selection, ...] = ()
    classifiers: tuple[ClassifierSettings, ...] = ()
    by_source: bool = False


@dataclass(frozen=True)
class Trained:
    """What came of it.

    Attributes:
        answers: the test cases' logits, (test cases,), or activations of training and test cases, (both, columns).
        names: of the columns; none for logits.
        curve: of the training.
        best: the epoch whose weights count.
        scored: what classifiers said of the test cases, from activations.
    """

    answers: NDArray[np.float32]
    names: tuple[str, ...]
    curve: tuple[Epoch, ...]
    best: int
    scored: tuple[Scored, ...] = ()


def cnn_arm(
    study: Study,
    division: Division,
    name: str,
    arm: Arm,
    *,
    seed: int,
    cache: Cache,
    jobs: int = 1,
    progress: Progress = silent,
) -> ArmRows:
    """Train on every fold with every seed, and score the test cases.

    Args:
        study: the cases; `pictures` has those of this arm.
        division: the folds.
        name: of the arm.
        arm: has `cnn`.
        seed: of the experiment.
        cache: what was trained already is not trained again.
        jobs: number of processes; the result does not depend on it.
        progress: told after every fold.

    Raises:
        DataError: a fold leaves the arm one class.
        ConfigError: the network cannot be had, or does not fit into memory.
    """
    settings, usable, values = _material(study, name, arm)
    y = study.outcome.codes[usable.rows]
    groups = None if division.groups is None else division.groups[usable.rows]
    folds = within(division.folds, usable, y, name)
    tasks = [
        Training(
            settings.model_copy(update={"seeds": (model,)}),
            *(values, y, groups, fold),
            fold_seed(_seed(seed, model), fold),
            cache,
            arm.select or arm.select_each,
            arm.classifiers,
            bool(arm.select_each),
        )
        for model in settings.seeds
        for fold in folds
    ]
    watch = partial(_watch, progress, name, len(tasks)) if in_this_process(jobs) else None
    work = partial(run_training, watch=watch)
    found = list(each(work, tasks, jobs=jobs, what=f"{name}: networks", progress=progress))
    parts = []
    for at, model in enumerate(settings.seeds):
        variant = f"seed {model}" if len(settings.seeds) > 1 else ""
        of_seed = found[at * len(folds) : (at + 1) * len(folds)]
        parts.append(_rows(study, name, variant, usable, settings, list(zip(folds, of_seed, strict=True))))
    return _joined(parts, (*lost_note(name, usable.lost),))


def run_training(
    task: Training, watch: Callable[[Training, int, int], None] | None = None
) -> Trained | CaseError:
    """Train one network on one fold; the reason why not, where its loss is not finite.

    Raises:
        ConfigError: the network cannot be had, or does not fit into memory.
    """
    key = _key(task)
    row = task.cache.get_row(key)
    if row is None:
        try:
            row = _learned(task, key, watch)
        except CaseError as error:
            return error
        task.cache.put_row(key, row)
    trained = _from_row(row)
    return replace(trained, scored=_classified(task, trained)) if trained.names else trained


def _learned(task: Training, key: str, watch: Callable[[Training, int, int], None] | None) -> Row:
    settings, fold = task.settings, task.fold
    made = trainable(settings, task.seed)
    device = next(made.model.parameters()).device
    learn, stop = held_out(fold.train, task.y, task.groups, settings.validation, task.seed)
    trainee = Trainee(made.model, made.penalised, made.l2, made.frozen, settings.precision)
    keeper = StateFile(task.cache.path_of(key, ".state"))
    learned = train(
        trainee,
        _pictures(task, learn, device),
        _pictures(task, stop, device) if len(stop) else None,
        settings,
        seed=task.seed,
        merit=lambda y, given: auc(y, given),
        keeper=keeper,
        watch=None if watch is None else partial(watch, task),
    )
    row = _row(*_answers(task, made, trainee, device), learned.curve, learned.best)
    keeper.drop()
    return row


def _answers(
    task: Training, made: Trainable, trainee: Trainee, device: torch.device
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Logits of the test cases, or activations of training and test cases with their names."""
    if not task.settings.layer:
        test = torch.from_numpy(task.values[task.fold.test]).to(device)
        return scores(trainee, test, task.settings).astype(np.float32), ()
    rows = np.concatenate([task.fold.train, task.fold.test])
    names, values = activations(made, task.settings, task.values[rows])
    return values, tuple(names)


def _classified(task: Training, trained: Trained) -> tuple[Scored, ...]:
    """What classifiers say of the test cases, learned from the activations of the training cases."""
    rows = np.concatenate([task.fold.train, task.fold.test])
    X = trained.answers.astype(np.float64)
    nothing = np.zeros(X.shape[1], dtype=np.int64)
    groups = None if task.groups is None else task.groups[rows]
    train, test = np.split(np.arange(len(rows)), [len(task.fold.train)])
    local = replace(task.fold, train=train, test=test)
    problem = Problem(X, nothing, nothing, task.y[rows], groups)
    done = run_fold(Task(problem, local, task.selections, task.classifiers, task.by_source, task.seed))
    return tuple(replace(scored, fold=task.fold) for scored in done)


def _material(study: Study, name: str, arm: Arm) -> tuple[Cnn, Available, NDArray[np.float32]]:
    """The settings, the cases that have pictures, and those pictures in the order of the cases."""
    assert arm.cnn is not None
    collection = study.pictures[name]
    place = {case: at for at, case in enumerate(collection.cases)}
    cases = [str(case) for case in study.columns.index]
    rows = np.array([at for at, case in enumerate(cases) if case in place], dtype=np.int64)
    values = collection.values[[place[cases[at]] for at in rows]]
    lost = tuple(case for case in cases if case not in place)
    return arm.cnn, Available(rows, pd.DataFrame(), lost), values


def _pictures(task: Training, rows: NDArray[np.int64], device: torch.device) -> Pictures:
    values = torch.from_numpy(task.values[rows]).to(device)
    return Pictures(values, torch.from_numpy(task.y[rows]).to(device))


def _rows(
    study: Study,
    name: str,
    variant: str,
    usable: Available,
    settings: Cnn,
    found: Sequence[tuple[Fold, Trained | CaseError]],
) -> ArmRows:
    """What the networks of one seed said, and which folds have none."""
    trained = [(fold, network) for fold, network in found if isinstance(network, Trained)]
    failures = tuple(_failures(study, name, variant, usable, found))
    if not trained:
        raise CaseError(f"arm {name!r}: no fold could be trained: {failures[0].problem}", failures[0].hint)
    if settings.layer:
        names = pd.MultiIndex.from_product([[name], trained[0][1].names])
        named = replace(usable, columns=pd.DataFrame(columns=names))
        rows = arm_rows(
            study, name, replace(named, lost=()), [Fit(network.scored) for _, network in trained], ""
        )
    else:
        frames = [_scored(study, name, usable, settings, fold, network) for fold, network in trained]
        rows = ArmRows(pd.concat(frames, ignore_index=True))
    curves = pd.DataFrame(list(_curve_rows(name, variant, trained)), columns=list(CURVES))
    columns = {VARIANT: variant} if variant else {}
    predictions = rows.predictions.assign(**columns, **{STAMP: _stamp(settings)})
    return replace(rows, predictions=predictions, curves=curves, failures=failures)


def _stamp(settings: Cnn) -> str:
    """What to call a network of which some layers never learned anything."""
    frozen = settings.freeze is not None and settings.weights == RANDOM
    return f"untrained up to {settings.freeze} (random, frozen)" if frozen else ""


def _scored(
    study: Study, name: str, usable: Available, settings: Cnn, fold: Fold, trained: Trained
) -> pd.DataFrame:
    logits = trained.answers.astype(np.float64)
    chances = 1 / (1 + np.exp(-logits))
    positive = (logits > 0).astype(np.int64)
    rows = scored_rows(study, name, usable.rows[fold.test], fold, logits, positive, chances)
    return rows.assign(selector="", k="", classifier=settings.network)[[*COLUMNS, PROBABILITY]]


def _failures(
    study: Study,
    name: str,
    variant: str,
    usable: Available,
    found: Sequence[tuple[Fold, Trained | CaseError]],
) -> Iterator[Failure]:
    """A line for every test case of a fold that could not be trained."""
    for fold, reason in found:
        if isinstance(reason, Trained):
            continue
        where = f"repeat {fold.repeat}, fold {fold.number}" + (f", {variant}" if variant else "")
        for case in study.columns.index[usable.rows[fold.test]]:
            yield Failure(str(case), name, f"{where}: {reason.message}", reason.hint)


def _curve_rows(
    name: str, variant: str, trained: Sequence[tuple[Fold, Trained]]
) -> Iterator[tuple[Any, ...]]:
    for fold, network in trained:
        for point in network.curve:
            yield (
                *(name, variant, fold.repeat, fold.number, point.number, point.loss, point.learning_rate),
                *(point.validation_loss, point.validation_auc, int(point.number == network.best)),
            )


def _joined(parts: Sequence[ArmRows], notes: tuple[str, ...]) -> ArmRows:
    """The rows of all seeds; the first seed's notes stand for all."""
    return replace(
        parts[0],
        predictions=pd.concat([part.predictions for part in parts], ignore_index=True),
        curves=pd.concat([part.curves for part in parts], ignore_index=True),
        failures=tuple(failure for part in parts for failure in part.failures),
        notes=(*notes, *parts[0].notes),
    )


def _watch(progress: Progress, name: str, tasks: int, task: Training, done: int, epochs: int) -> None:
    fold = f" of repeat {task.fold.repeat}, fold {task.fold.number}" if tasks > 1 else ""
    progress(f"{name}: epochs{fold}", done, epochs)


def _seed(seed: int, model: int) -> int:
    return int(np.random.SeedSequence([seed, model]).generate_state(1)[0])


def _key(task: Training) -> str:
    """Everything that a network learns from; of the test cases that is nothing but their pictures."""
    settings, fold = task.settings, task.fold
    chosen = settings.model_dump(mode="json", exclude=set(_NOT_VALUES))
    groups = [] if task.groups is None else [str(each) for each in task.groups[fold.train]]
    pictures = [digest_bytes(task.values[rows].tobytes()) for rows in (fold.train, fold.test)]
    classes = task.y[fold.train].tolist()
    begun = beginning(settings, task.seed)
    where = "cpu" if settings.device == "cpu" or not torch.cuda.is_available() else "gpu"
    same = [
        len(np.unique(fold.train)),
        fold.train.tolist() if len(np.unique(fold.train)) < len(fold.train) else [],
    ]
    return digest_settings(
        [
            "cnn",
            chosen,
            begun,
            task.seed,
            classes,
            groups,
            pictures,
            same,
            where,
            torch.__version__,
            digest_code(),
        ]
    )


def _row(answers: NDArray[np.float32], names: tuple[str, ...], curve: Sequence[Epoch], best: int) -> Row:
    facts: dict[str, Any] = {
        "shape": list(answers.shape),
        "names": list(names),
        "curve": [list(vars(point).values()) for point in curve],
        "best": best,
    }
    return Row(answers.ravel(), facts)


def _from_row(row: Row) -> Trained:
    facts: Mapping[str, Any] = row.facts
    curve = tuple(Epoch(*point) for point in facts["curve"])
    return Trained(row.values.reshape(facts["shape"]), tuple(facts["names"]), curve, int(facts["best"]))
