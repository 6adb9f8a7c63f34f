"""The test over all arms at once, where the design allows it."""

from collections.abc import Mapping

import pandas as pd

from radcompare.compare.arm import clusters
from radcompare.compare.bootstrap_632 import split
from radcompare.compare.cochran import FEWEST_ARMS, NAME, cochran_q
from radcompare.config import Statistics
from radcompare.errors import TestRefused
from radcompare.tables.results import Omnibus, Refusal


def over_all_arms(arms: Mapping[str, pd.DataFrame], statistics: Statistics) -> Omnibus | Refusal | None:
    """Cochran's Q on the cases that every arm scored.

    Args:
        arms: the rows of every arm's primary configuration.
        statistics: which tests were asked for.

    Returns:
        What it says, or why it would be wrong; None where it was not asked for and there are no three arms.
    """
    if statistics.tests and NAME not in statistics.tests:
        return None
    if len(arms) < FEWEST_ARMS and not statistics.tests:
        return None
    try:
        _refuse(arms)
        common = set.intersection(*(set(rows["ID"]) for rows in arms.values()))
        if not common:
            raise TestRefused("the arms share no case", "predictions of the same cases")
        told = [rows[rows["ID"].isin(common)].set_index("ID").sort_index() for rows in arms.values()]
        if any(rows["predicted"].isna().any() for rows in told):
            raise TestRefused("an arm has no predicted classes", "a column `predicted`")
        return cochran_q(told[0]["y_true"], [rows["predicted"] for rows in told])
    except TestRefused as refusal:
        return Refusal(NAME, refusal.message, refusal.hint)


def _refuse(arms: Mapping[str, pd.DataFrame]) -> None:
    """Where cases are scored several times, or are not independent."""
    if any(split(rows) is not None for rows in arms.values()):
        raise TestRefused("bootstrap samples share cases", "10 folds")
    runs = max(rows["repeat"].nunique() for rows in arms.values())
    if runs > 1:
        reason = f"{runs} runs score every case {runs} times; pooled they are not independent"
        raise TestRefused(reason, "nadeau-bengio between pairs")
    if any(clusters(rows) is not None for rows in arms.values()):
        reason = "cases of one group are not independent, as the test takes them"
        raise TestRefused(reason, "mcnemar-clustered between pairs")
