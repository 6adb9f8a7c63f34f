"""One network trained on a whole cohort, outside of an experiment, saved with where it comes from.

What is saved can be read by `extract deep --weights FILE`. Nothing here says how good it is on cases that it has not
seen: its held-out cases chose the epoch.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from radcompare.cache import Cache
from radcompare.cnn.keeping import StateFile
from radcompare.cnn.training import Learned, Pictures, Trainee, train
from radcompare.cnn_settings import Cnn
from radcompare.compare.auc import auc
from radcompare.deep.trainable import Trainable, description_of, saved_as, trainable
from radcompare.errors import ConfigError
from radcompare.imaging.showing import Collection
from radcompare.learning.splits import held_out
from radcompare.parallel import Progress, silent, single_threaded
from radcompare.pictures import read_pictures
from radcompare.provenance import (
    digest_code,
    digest_file,
    digest_settings,
    environment,
    write_json,
    written_atomically,
)
from radcompare.tables.case import Failure
from radcompare.tables.cohort import Cohort
from radcompare.tables.features import FeatureTable
from radcompare.tables.files import write_frame
from radcompare.tables.outcome import read_binary_outcome
from radcompare.tables.sidecar import meta_path

STAGE = "train"
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Saved:
    """What training came to.

    Attributes:
        path: the weights; `NAME.meta.json` and `NAME.curve.csv` are beside them.
        learned: the network and its learning curve.
        cases, held_out: how many it learned from, and how many told it when to stop.
        failures: cases of which nothing could be shown.
    """

    path: Path
    learned: Learned
    cases: int
    held_out: int
    failures: tuple[Failure, ...]


def train_one(
    cohort: Cohort,
    settings: Cnn,
    path: Path,
    *,
    outcome: str,
    positive: object = None,
    groups: str | None = None,
    cache: Cache,
    jobs: int = 1,
    progress: Progress = silent,
) -> Saved:
    """Train a network on all cases of a cohort but those held out, and save its weights.

    Args:
        cohort: the cases.
        settings: the network and how it is trained; the first of `seeds` counts.
        path: of the weights, `.safetensors`.
        outcome: the column to be predicted.
        positive: its value that is positive; told from the values if absent.
        groups: a column whose equal values are held out together.
        cache: where the state of a killed training is kept.
        jobs: number of processes that read pictures.
        progress: told after every case and epoch.

    Raises:
        ConfigError: the settings, the network or the path cannot be used.
        DataError: the outcome or the images cannot be used.
        CaseError: training came to a loss that is not finite.
    """
    if path.suffix != SUFFIX:
        raise ConfigError(f"{path}: weights are written as {SUFFIX}", f"name a file that ends in {SUFFIX}")
    if settings.layer:
        raise ConfigError(
            "layer: activations are read by extract deep from what is saved here", "leave it out"
        )
    known = FeatureTable(cohort.columns, pd.DataFrame(index=cohort.columns.index))
    read = read_binary_outcome(known.column(outcome), str(cohort.folder), positive)
    labels = None if groups is None else known.column(groups).astype("str").to_numpy(dtype=object)
    side = description_of(settings).input_size
    shown, failures = read_pictures(cohort, settings, side, stage=STAGE, jobs=jobs, progress=progress)
    rows = _rows(cohort, shown)
    work = partial(_trained, settings, shown, read.codes[rows], cache=cache, progress=progress)
    made, learned, used, kept = single_threaded(work, None if labels is None else labels[rows])
    _save(path, made, settings, learned)
    begun = {"begun_with": made.stamp, "outcome": outcome, "classes": list(read.classes), "groups": groups}
    counts = {"cases": used, "held_out": kept, "cases_lost": [failure.ID for failure in failures]}
    write_json(meta_path(path), _provenance(path, settings, learned, shown) | begun | counts)
    return Saved(path, learned, used, kept, failures)


def _rows(cohort: Cohort, shown: Collection) -> NDArray[np.int64]:
    return cohort.columns.index.get_indexer(pd.Index(shown.cases)).astype(np.int64)


def _trained(
    settings: Cnn,
    shown: Collection,
    y: NDArray[np.int64],
    groups: NDArray[Any] | None,
    *,
    cache: Cache,
    progress: Progress,
) -> tuple[Trainable, Learned, int, int]:
    seed = settings.seeds[0]
    made = trainable(settings, seed)
    device = next(made.model.parameters()).device
    learn, stop = held_out(np.arange(len(y)), y, groups, settings.validation, seed)
    values, classes = torch.from_numpy(shown.values).to(device), torch.from_numpy(y).to(device)
    chosen = settings.model_dump(mode="json", exclude={"device", "weights", "weights_dir"})
    key = digest_settings(
        [
            STAGE,
            chosen,
            made.stamp,
            made.description.code,
            shown.digest(),
            y.tolist(),
            learn.tolist(),
            digest_code(),
        ]
    )
    keeper = StateFile(cache.path_of(key, ".state"))
    learned = train(
        Trainee(made.model, made.penalised, made.l2, made.frozen, settings.precision),
        Pictures(values[learn], classes[learn]),
        Pictures(values[stop], classes[stop]) if len(stop) else None,
        settings,
        seed=seed,
        merit=lambda truth, given: auc(truth, given),
        keeper=keeper,
        watch=lambda done, epochs: progress(f"{settings.network}: epochs", done, epochs),
    )
    keeper.drop()
    return made, learned, len(learn), len(stop)


def _save(path: Path, made: Trainable, settings: Cnn, learned: Learned) -> None:
    with written_atomically(path) as temporary:
        save_file(made.state(), temporary, saved_as(made, settings))
    points = pd.DataFrame([vars(point) for point in learned.curve]).rename(columns={"number": "epoch"})
    write_frame(points, path.with_name(f"{path.stem}.curve.csv"))


def _provenance(path: Path, settings: Cnn, learned: Learned, shown: Collection) -> dict[str, Any]:
    chosen = settings.model_dump(
        mode="json", exclude={"weights", "weights_dir", "layer", "relu", "pool", "seeds"}
    )
    return {
        **environment(),
        "weights_sha256": digest_file(path),
        "settings": {**chosen, "seed": settings.seeds[0]},
        "best_epoch": learned.best,
        "epochs": len(learned.curve),
        "pictures_sha256": shown.digest(),
    }
