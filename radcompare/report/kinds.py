"""What the arms of an experiment are made of: handcrafted, deep, merged, size alone."""

import re
from collections.abc import Mapping

from radcompare.config import Arm, ColumnsSource, Experiment
from radcompare.source_settings import RadiomicsSource

HANDCRAFTED, DEEP, MERGED, SIZE, COLUMNS = "handcrafted", "deep", "merged", "size", "columns"
MIXED, SCORE, ENSEMBLE = "mixed", "score", "ensemble"
"""Mixed: handcrafted or deep features beside other columns."""
_SIZE = re.compile(r"(^|[^a-z])(diam|vol|size|area|length|axis|recist|voxel)", re.IGNORECASE)
_DEEP_COLUMN, _HANDCRAFTED_COLUMN = re.compile(r"^deep_|^pred_"), re.compile(r"^r219_|original_|wavelet")


def kinds_of(experiment: Experiment) -> dict[str, str]:
    """The kind of every arm, by the name that results give it."""
    return {arm.variant_of or name: _kind(arm, experiment) for name, arm in experiment.arms.items()}


def is_external(experiment: Experiment) -> bool:
    """Whether one cohort is tested with what another taught."""
    return experiment.validation.scheme == "cohort" or experiment.test_table is not None


def is_size(column: str) -> bool:
    """Whether a column is named as a measure of size: `diameter_mm`, `volume`, `longest_axis`."""
    return _SIZE.search(column) is not None


def _kind(arm: Arm, experiment: Experiment) -> str:
    if arm.cnn is not None:
        return DEEP
    if arm.ensemble is not None:
        return ENSEMBLE
    if arm.score is not None:
        return SIZE if is_size(arm.score) else SCORE
    return _of_sources({name: _of_source(experiment, name) for name in arm.sources})


def _of_sources(kinds: Mapping[str, str]) -> str:
    found = set(kinds.values())
    if {HANDCRAFTED, DEEP} <= found:
        return MERGED
    if len(found) == 1:
        return found.pop()
    return COLUMNS if found <= {SIZE, COLUMNS} else MIXED


def _of_source(experiment: Experiment, name: str) -> str:
    source = experiment.sources[name]
    if isinstance(source, RadiomicsSource):
        return HANDCRAFTED
    if not isinstance(source, ColumnsSource):
        return DEEP
    for kind, named in ((SIZE, _SIZE), (DEEP, _DEEP_COLUMN), (HANDCRAFTED, _HANDCRAFTED_COLUMN)):
        if all(named.search(column) for column in source.columns):
            return kind
    return COLUMNS
