"""How often the folds of an arm kept the same features."""

from collections.abc import Iterator, Sequence

import numpy as np

from radcompare.config import EVERYTHING
from radcompare.evaluation.fold import Scored
from radcompare.evaluation.study import Available
from radcompare.selection.stability import frequencies, kuncheva, nogueira
from radcompare.tables.results import Stability


def fits_of(scored: Sequence[Scored]) -> Iterator[Scored]:
    """One entry per fold and selection, whatever the number of classifiers; none that tests its own training rows."""
    seen = set()
    for part in scored:
        key = part.nested, part.choice.selection, part.fold.repeat, part.fold.number
        if key not in seen and not part.fold.apparent:
            seen.add(key)
            yield part


def stability_of(arm: str, usable: Available, scored: Sequence[Scored]) -> Iterator[Stability]:
    """The stability of every selection of an arm, those that inner loops picked first."""
    names = [str(column) for column in usable.columns.columns.get_level_values(1)]
    by_selection: dict[tuple[str, str], list[np.ndarray]] = {}
    for part in fits_of(scored):
        choice = part.choice
        if part.nested or not (choice.selection.method == EVERYTHING or choice.projected):
            kept = np.isin(np.arange(len(names)), () if choice.projected else choice.columns)
            by_selection.setdefault(part.configuration[:2], []).append(kept)
    for (selector, k), fits in by_selection.items():
        yield _stability(arm, selector, k, names, np.array(fits))


def _stability(arm: str, selector: str, k: str, names: Sequence[str], kept: np.ndarray) -> Stability:
    share = frequencies(kept)
    often = [column for column in np.argsort(-share, kind="stable") if share[column] > 0]
    return Stability(
        arm,
        selector,
        k,
        fits=len(kept),
        features=len(names),
        kuncheva=kuncheva(kept),
        nogueira=nogueira(kept),
        frequency=tuple((names[column], float(share[column])) for column in often),
    )
