"""What an experiment starts from: one table, two tables, a cohort, columns of other tables."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare.config import Experiment, parse
from radcompare.errors import ConfigError, DataError, OutcomeError, TableError
from radcompare.evaluation.material import (
    cases_of,
    existing_columns,
    starting_table,
    table_notes,
    validation_of,
    with_sources,
)

ROWS = {
    "ID": ["c1", "c2", "c3", "c4"],
    "patient_id": ["p1", "p1", "p2", "p2"],
    "dead": ["no", "yes", "no", "yes"],
    "x1": [1.0, 2.0, 3.0, 4.0],
    "x2": [4.0, 3.0, 2.0, 1.0],
    "prognosis": [0.1, 0.2, 0.3, 0.4],
}


def write(folder: Path, name: str = "here.csv", **columns: Any) -> str:
    pd.DataFrame(ROWS | columns).to_csv(folder / name, index=False)
    return str(folder / name)


def experiment(**settings: Any) -> Experiment:
    plain = {
        "outcome": "dead",
        "sources": {"x": {"columns": ["x*"]}},
        "arms": {"x": {"sources": "x"}, "p": {"score": "prognosis"}},
    }
    return parse(Experiment, plain | settings, origin="test")


def test_a_table_gives_cases_an_outcome_and_sources(tmp_path: Path) -> None:
    given = experiment(table=write(tmp_path))
    base, cohort = starting_table(given, tmp_path)
    study = with_sources(cases_of(given, base), existing_columns(given, base))
    assert cohort is None
    assert study.columns.index.tolist() == ["c1", "c2", "c3", "c4"]
    assert study.outcome.codes.tolist() == [0, 1, 0, 1]
    assert study.sources["x"].to_dict("list") == {"x1": ROWS["x1"], "x2": ROWS["x2"]}
    assert study.column("prognosis", "test").tolist() == ROWS["prognosis"]


def test_two_tables_are_two_cohorts(tmp_path: Path) -> None:
    given = experiment(table=write(tmp_path), test_table=write(tmp_path, "there.csv"))
    base, _ = starting_table(given, tmp_path)
    assert base.ids == [f"{place}:c{i}" for place in ("here", "there") for i in range(1, 5)]
    validation = validation_of(given)
    assert (validation.scheme, validation.train, validation.test) == ("cohort", "here", "there")
    assert cases_of(given, base).column("cohort", "test").tolist() == ["here"] * 4 + ["there"] * 4


def test_groups_stay_when_two_tables_decide_the_rest(tmp_path: Path) -> None:
    given = experiment(
        table=write(tmp_path),
        test_table=write(tmp_path, "there.csv"),
        validation={"scheme": "cohort", "groups": "patient_id"},
    )
    assert validation_of(given).groups == "patient_id"


def test_a_phantom_cohort_is_written_into_the_folder(tmp_path: Path) -> None:
    given = experiment(
        cohort="phantom",
        phantom={"cases": 4},
        outcome="malignant",
        sources={"x": {"columns": ["diameter_mm"]}},
        arms={"x": {"sources": "x"}},
    )
    base, cohort = starting_table(given, tmp_path)
    assert cohort is not None
    assert [case.case for case in cohort.cases] == base.ids
    assert (tmp_path / "cohort" / "cohort.csv").is_file()
    assert list(existing_columns(given, base)["x"].features.columns) == ["diameter_mm"]


def test_columns_of_another_table_may_lack_cases(tmp_path: Path) -> None:
    pd.DataFrame({"ID": ["c4", "c2"], "z": [40.0, 20.0]}).to_csv(tmp_path / "other.csv", index=False)
    given = experiment(
        table=write(tmp_path),
        sources={"z": {"columns": ["z"], "table": str(tmp_path / "other.csv")}},
        arms={"z": {"sources": "z"}},
    )
    base, _ = starting_table(given, tmp_path)
    assert existing_columns(given, base)["z"].features["z"].to_dict() == {"c4": 40.0, "c2": 20.0}


def test_what_is_predicted_and_what_groups_are_never_features(tmp_path: Path) -> None:
    given = experiment(
        table=write(tmp_path, centre=[1, 1, 2, 2]),
        sources={"all": {"columns": ["*"]}},
        arms={"all": {"sources": "all"}},
        validation={"scheme": "loo", "groups": "centre"},
    )
    base, _ = starting_table(given, tmp_path)
    assert list(existing_columns(given, base)["all"].features.columns) == ["x1", "x2", "prognosis"]
    direct = experiment(table=given.table, sources={"y": {"columns": ["dead"]}}, arms={"y": {"sources": "y"}})
    with pytest.raises(TableError, match="'dead' is what is predicted"):
        existing_columns(direct, base)


def test_the_outcome_is_no_score(tmp_path: Path) -> None:
    given = experiment(table=write(tmp_path, dead=[0, 1, 0, 1]), arms={"cheat": {"score": "dead"}})
    with pytest.raises(ConfigError, match="arm 'cheat': its score is the outcome 'dead' itself"):
        cases_of(given, starting_table(given, tmp_path)[0])


def test_a_score_that_does_not_exist_is_missed_at_once(tmp_path: Path) -> None:
    given = experiment(table=write(tmp_path), arms={"p": {"score": "prognosys"}})
    with pytest.raises(DataError, match=r"arm 'p': no column 'prognosys'; did you mean 'prognosis'\?"):
        cases_of(given, starting_table(given, tmp_path)[0])


def test_an_outcome_of_one_class_names_the_file(tmp_path: Path) -> None:
    given = experiment(table=write(tmp_path, dead=["no"] * 4))
    with pytest.raises(OutcomeError, match=r"here\.csv: the outcome 'dead' has one class only"):
        cases_of(given, starting_table(given, tmp_path)[0])


def test_the_positive_class_can_be_named(tmp_path: Path) -> None:
    given = experiment(table=write(tmp_path), positive="no")
    assert cases_of(given, starting_table(given, tmp_path)[0]).outcome.codes.tolist() == [1, 0, 1, 0]


def test_random_weights_in_a_table_are_found(tmp_path: Path) -> None:
    stamp = "untrained (random, seed 1)"
    table = write(
        tmp_path, **{"deep_cnn-f_full7_post_0000": [1.0, 2.0, 3.0, 5.0], "weights_cnn-f": [stamp] * 4}
    )
    given = experiment(
        table=table,
        sources={"d": {"columns": ["deep_*"]}, "p": {"columns": ["prognosis"]}},
        arms={"d": {"sources": "d"}, "p": {"sources": "p"}},
    )
    base, _ = starting_table(given, tmp_path)
    study = with_sources(cases_of(given, base), existing_columns(given, base))
    assert study.stamps == {"d": stamp}


def test_every_note_of_the_tables_is_told_once(tmp_path: Path) -> None:
    pd.DataFrame({"ID": ["c1"], "z": [float("inf")]}).to_csv(tmp_path / "other.csv", index=False)
    given = experiment(
        table=write(tmp_path, x2=[float("inf"), 1.0, 2.0, 3.0]),
        sources={"x": {"columns": ["x*"]}, "z": {"columns": ["z"], "table": str(tmp_path / "other.csv")}},
        arms={"x": {"sources": "x"}},
    )
    base, _ = starting_table(given, tmp_path)
    notes = table_notes(base, existing_columns(given, base))
    assert notes == (
        "infinite values are taken as missing in x2",
        "z: infinite values are taken as missing in z",
    )
