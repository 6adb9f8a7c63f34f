"""Learning curves of networks: every epoch in `curves.csv`, their means in the results."""

import pandas as pd

from radcompare.tables.results import Curve


def mean_curves(curves: pd.DataFrame) -> tuple[Curve, ...]:
    """One curve per arm and variant, the mean over its folds at every epoch.

    Args:
        curves: columns `arm, variant, repeat, fold, epoch, loss, validation_loss, validation_auc, best`.
    """
    if not len(curves):
        return ()
    return tuple(
        _mean(str(arm), str(variant), rows)
        for (arm, variant), rows in curves.groupby(["arm", "variant"], sort=False)
    )


def _mean(arm: str, variant: str, rows: pd.DataFrame) -> Curve:
    columns = ["loss", "validation_loss", "validation_auc"]
    means = rows.astype(dict.fromkeys(columns, "float64")).groupby("epoch")[columns].mean()
    loss, validation_loss, validation_auc = (
        tuple(None if pd.isna(value) else float(value) for value in means[column]) for column in columns
    )
    networks = rows[["repeat", "fold"]].drop_duplicates()
    best = float(rows.loc[rows["best"] == 1, "epoch"].mean())
    epochs = tuple(int(epoch) for epoch in means.index)
    return Curve(arm, variant, len(networks), best, epochs, loss, validation_loss, validation_auc)  # type: ignore[arg-type]
