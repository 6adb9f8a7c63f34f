"""Learning curves: means by arithmetic, through the results file and into the figure."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from radcompare.report.figures.drawing import as_svg
from radcompare.report.figures.learning import learning_figure
from radcompare.tables.curves import mean_curves
from radcompare.tables.results import Results, read_results, write_results

COLUMNS = ["arm", "variant", "repeat", "fold", "epoch", "loss", "validation_loss", "validation_auc", "best"]
ROWS = [
    ("a", "seed 1", 0, 0, 1, 0.8, 0.9, 0.5, 0),
    ("a", "seed 1", 0, 0, 2, 0.6, 0.7, 0.7, 1),
    ("a", "seed 1", 0, 1, 1, 0.4, 0.5, None, 1),
    ("b", "", 0, 0, 1, 1.0, None, None, 1),
]
CURVES = pd.DataFrame(ROWS, columns=COLUMNS)


def test_a_point_is_the_mean_over_the_folds_that_were_still_training() -> None:
    a, b = mean_curves(CURVES)
    assert (a.arm, a.variant, a.networks, a.best, a.epochs) == ("a", "seed 1", 2, 1.5, (1, 2))
    assert [round(loss, 12) for loss in a.loss] == [0.6, 0.6]
    assert [round(loss or 0, 12) for loss in a.validation_loss] == [0.7, 0.7]
    assert a.validation_auc == (0.5, 0.7)
    assert (b.validation_loss, b.validation_auc) == ((None,), (None,))


def test_without_networks_there_are_none() -> None:
    assert mean_curves(CURVES.iloc[:0]) == ()


def test_they_come_back_from_the_results_file(tmp_path: Path) -> None:
    results = replace(Results("d", 0.95, (), ()), curves=mean_curves(CURVES))
    write_results(results, tmp_path / "results.json")
    assert read_results(tmp_path / "results.json").curves == results.curves


def test_the_figure_names_every_curve() -> None:
    figure = as_svg(learning_figure(mean_curves(CURVES)))
    assert "a seed 1: 2 networks, best epoch 1.5" in figure
    assert "b: 1 network, best epoch 1.0" in figure
    assert "validation AUC" in figure
    assert "validation AUC" not in as_svg(learning_figure(mean_curves(CURVES)[1:]))
    assert figure == as_svg(learning_figure(mean_curves(CURVES)))
