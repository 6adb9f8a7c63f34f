"""Two finished runs beside one another: what was set otherwise, and which arms did better, tested on common cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from radcompare.compare.family import Tested, adjusted
from radcompare.compare.pair import pair_up, tests_of
from radcompare.config import Experiment, load_experiment
from radcompare.errors import DataError
from radcompare.report.text import METRICS, Grid, p_value, with_interval
from radcompare.report.text import adjusted as adjusted_name
from radcompare.tables.predictions import Predictions, read_predictions
from radcompare.tables.results import ArmResult, PairResult, Refusal, Results, read_results
from radcompare.verification.causes import differing
from radcompare.verification.verify import read_run

NOTHING = "–"


@dataclass(frozen=True)
class Beside:
    """What two runs have in common and what not.

    Attributes:
        names: what the runs are called.
        changes: key of a setting, version or input, and its two values.
        arms: results of the arms of both runs, None where one lacks the arm.
        pairs: tests of the second run against the first, arm by arm, on the cases that both scored.
        refused: tests that would be wrong.
        adjust: how p was adjusted over the arms.
    """

    names: tuple[str, str]
    changes: tuple[tuple[str, str, str], ...]
    arms: dict[str, tuple[ArmResult | None, ArmResult | None]]
    pairs: tuple[PairResult, ...]
    refused: tuple[Refusal, ...]
    adjust: str

    def to_json(self) -> dict[str, Any]:
        """The form of `radcompare report A B --json`."""
        return {
            "a": self.names[0],
            "b": self.names[1],
            "changes": [dict(zip(("what", "a", "b"), change, strict=True)) for change in self.changes],
            "arms": [
                {"arm": arm, "auc_a": _auc(one), "auc_b": _auc(two)} for arm, (one, two) in self.arms.items()
            ],
            "pairs": [vars(pair) for pair in self.pairs],
            "refused": [vars(refusal) for refusal in self.refused],
        }


def beside(a: Path, b: Path) -> Beside:
    """Compare two finished runs.

    Differences are the second run minus the first: whether a change of settings, data or program made an arm better.
    They are tested where both runs scored the same cases once.

    Args:
        a, b: folders of finished runs.

    Raises:
        TableError: a folder holds no finished run.
        DataError: the runs predict different outcomes, or have no arm in common.
    """
    stored = [read_run(folder) for folder in (a, b)]
    experiments = [load_experiment(folder / "config.yaml") for folder in (a, b)]
    _refuse_other_questions((a, b), experiments)
    results = [read_results(folder / "results.json") for folder in (a, b)]
    arms = dict(_arms(*results))
    if not any(one and two for one, two in arms.values()):
        listed = [", ".join(arm.arm for arm in found.arms) for found in results]
        raise DataError(f"no arm is in both runs: {a}: {listed[0]}; {b}: {listed[1]}", "name arms alike")
    tested, refused = _tests(a, b, arms, experiments[0])
    adjust = experiments[0].statistics.adjust
    return Beside(
        _names(a, b), tuple(_changes(*stored)), arms, tuple(adjusted(tested, adjust)), refused, adjust
    )


def grids_of(found: Beside) -> list[Grid]:
    """The comparison as tables for people."""
    a, b = found.names
    changes = Grid("What is not the same", ("what", a, b), found.changes, 0)
    rows = [
        (arm, *(_area(result) for result in both), *_difference(found, arm))
        for arm, both in found.arms.items()
    ]
    header = ("arm", f"AUC in {a}", f"AUC in {b}", f"{b} − {a}", adjusted_name(found.adjust), "test", "n")
    arms = Grid("Arms", header, tuple(rows), 0)
    return [changes, arms] if found.changes else [arms]


def _names(a: Path, b: Path) -> tuple[str, str]:
    """The names of the folders, or all of their paths where these are equal."""
    one, two = a.resolve().name, b.resolve().name
    return (one, two) if one != two else (str(a), str(b))


def _refuse_other_questions(folders: tuple[Path, Path], experiments: list[Experiment]) -> None:
    first, second = (experiment.outcome for experiment in experiments)
    if first != second:
        problem = f"{folders[0]} predicts {first!r}, {folders[1]} predicts {second!r}"
        raise DataError(problem, "compare runs of the same outcome")


def _arms(a: Results, b: Results) -> Iterator[tuple[str, tuple[ArmResult | None, ArmResult | None]]]:
    one, two = ({arm.arm: arm for arm in found.arms} for found in (a, b))
    for arm in dict.fromkeys([*one, *two]):
        yield arm, (one.get(arm), two.get(arm))


def _changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Settings, versions and inputs that differ."""
    for block, prefix in (("config", ""), ("versions", "version of "), ("inputs", "SHA-256 of ")):
        for key, one, two in differing(a.get(block, {}), b.get(block, {})):
            yield f"{prefix}{key}", one, two
    if a.get("platform") != b.get("platform"):
        yield "platform", str(a.get("platform")), str(b.get("platform"))


def _tests(
    a: Path, b: Path, arms: Mapping[str, tuple[ArmResult | None, ArmResult | None]], experiment: Experiment
) -> tuple[list[Tested], tuple[Refusal, ...]]:
    read = [read_predictions(str(folder / "predictions.csv")) for folder in (a, b)]
    rows = [_primary(predictions) for predictions in read]
    tested: list[Tested] = []
    refused: list[Refusal] = []
    for arm, both in arms.items():
        if None in both or arm not in rows[0] or arm not in rows[1]:
            continue
        pair = pair_up(arm, rows[1][arm], arm, rows[0][arm], read[0].classes)
        for found in tests_of(pair, experiment.confidence, experiment.statistics):
            if isinstance(found, Refusal):
                refused.append(found)
            else:
                tested.append((arm, arm, pair.cases, found))
    return tested, tuple(refused)


def _primary(predictions: Predictions) -> dict[str, pd.DataFrame]:
    """The rows of every arm's first configuration."""
    found: dict[str, pd.DataFrame] = {}
    for configuration, rows in predictions.configurations():
        found.setdefault(configuration.arm, rows)
    return found


def _difference(found: Beside, arm: str) -> tuple[str, str, str, str]:
    """The test of the AUC where there is one, else the first; dashes where none was valid."""
    tests = sorted((pair for pair in found.pairs if pair.a == arm), key=lambda pair: pair.metric != "auc")
    if not tests:
        return (NOTHING,) * 4
    first = tests[0]
    effect = (
        f"{METRICS.get(first.metric, first.metric)} {with_interval(first.difference, first.ci, signed=True)}"
    )
    return effect, p_value(first.p_adjusted), first.test, str(first.n)


def _auc(result: ArmResult | None) -> float | None:
    return None if result is None else result.auc


def _area(result: ArmResult | None) -> str:
    return NOTHING if result is None else with_interval(result.auc, result.auc_ci)
