"""Selection by mutual information with the classes, with and without regard to the columns taken before.

Brown, Pocock, Zhao & Luján, "Conditional likelihood maximisation: a unifying framework for information theoretic
feature selection", JMLR 13 (2012), where the criteria are table 1; each class names its first source. Columns are
put into bins (see `radcompare.selection.binned`). The first column taken is that of the most information on the
classes; of equal criteria (to 1e-9 bits) the lowest index. A column in one bin, which tells nothing, is never
taken, though a criterion that turned negative for the others would prefer it.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from radcompare.errors import ConfigError
from radcompare.selection.binned import Binned, binned, entropy
from radcompare.selection.scored import DECIMALS, Scorer, Search
from radcompare.selection.training_rows import Floats, Integers, Training


@dataclass(eq=False)
class Mim(Scorer):
    """MIM: mutual information with the classes alone, I(X;Y) in bits; Weka's information gain.

    Args:
        bins: intervals of equal width; cuts by Fayyad-Irani (MDL) if absent, and 0 for a column without any.
    """

    bins: int | None = None

    def _scores(self, rows: Training) -> Floats:
        table = binned(rows, self.bins)
        scores = np.zeros(len(rows.levels))
        scores[table.column] = np.maximum(table.information(rows.classes), 0)
        return scores


@dataclass(frozen=True)
class Pairs:
    """What every column X tells together with one that was taken, Z; in bits, shape (q,) each.

    Attributes:
        redundancy: I(X;Z).
        conditional: I(X;Z|Y).
        information: I(X,Z;Y).
        entropy: H(X,Z,Y).
        gain: I(X;Y|Z).
    """

    redundancy: Floats
    conditional: Floats
    information: Floats
    entropy: Floats
    gain: Floats


class Taken(NamedTuple):
    """What a criterion is made of.

    Attributes:
        relevance: I(X;Y), shape (q,).
        terms: of every column with the taken ones, together, shape (q,).
        number: how many are taken.
    """

    relevance: Floats
    terms: Floats
    number: int


class Information:
    """Information terms of all columns; those that do not depend on the taken one are counted once.

    Args:
        table: the columns.
        classes: Y, shape (n,), codes from 0.
    """

    def __init__(self, table: Binned, classes: Integers) -> None:
        self.table, self.classes = table, classes
        self._x, self._xy, self._y = table.entropy(), table.entropy(classes), entropy(classes)
        self.relevance = self._x + self._y - self._xy

    def pairs(self, taken: int) -> Pairs:
        """Terms of every column with the one at a position in the table."""
        z = self.table.codes[taken]
        zy = z * (int(self.classes.max()) + 1) + self.classes
        xz, xzy = self.table.entropy(z), self.table.entropy(zy)
        return Pairs(
            redundancy=self._x + self._x[taken] - xz,
            conditional=self._xy + self._xy[taken] - xzy - self._y,
            information=xz + self._y - xzy,
            entropy=xzy,
            gain=xz + self._xy[taken] - xzy - self._x[taken],
        )


@dataclass(eq=False)
class InformationSearch(Search):
    """Takes the column with the best criterion, one after another.

    Args:
        bins: intervals of equal width (the paper takes 5); cuts by Fayyad-Irani (MDL) if absent.
    """

    bins: int | None = None
    _together: ClassVar[np.ufunc] = np.add
    """How the terms of the taken columns become one."""

    def _found(self, rows: Training) -> Integers:
        table = binned(rows, self.bins)
        known = Information(table, rows.classes)
        criterion, terms, taken = known.relevance, None, list[int]()
        while len(taken) < min(self.top, len(table.column)):
            if taken:
                new = self._term(known.pairs(taken[-1]))
                terms = new if terms is None else self._together(terms, new)
                criterion = self._criterion(Taken(known.relevance, terms, len(taken)))
            taken.append(_best(criterion, taken))
        return table.column[taken]

    @abstractmethod
    def _term(self, pairs: Pairs) -> Floats:
        """What one taken column adds to the criterion of the others."""

    def _criterion(self, taken: Taken) -> Floats:
        """The criterion of every column, shape (q,)."""
        return taken.terms


def _best(criterion: Floats, taken: list[int]) -> int:
    rounded = np.round(criterion, DECIMALS)
    rounded[taken] = -np.inf
    return int(rounded.argmax())


@dataclass(eq=False)
class Mifs(InformationSearch):
    """MIFS (Battiti 1994): I(X;Y) - beta x sum of I(X;Z) over the taken Z.

    Args:
        beta: price of redundancy; Battiti found 0.5 to 1 fit for many tasks.

    Raises:
        ConfigError: `beta` is negative.
    """

    beta: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.beta >= 0:
            raise ConfigError(f"mifs: beta must be at least 0, found {self.beta}")

    def _term(self, pairs: Pairs) -> Floats:
        return pairs.redundancy

    def _criterion(self, taken: Taken) -> Floats:
        return taken.relevance - self.beta * taken.terms


@dataclass(eq=False)
class Mrmr(InformationSearch):
    """mRMR (Peng, Long & Ding 2005), difference form (MID): I(X;Y) - mean of I(X;Z) over the taken Z."""

    def _term(self, pairs: Pairs) -> Floats:
        return pairs.redundancy

    def _criterion(self, taken: Taken) -> Floats:
        return taken.relevance - taken.terms / taken.number


@dataclass(eq=False)
class Cife(InformationSearch):
    """CIFE (Lin & Tang 2006): I(X;Y) - sum of I(X;Z) - I(X;Z|Y) over the taken Z."""

    def _term(self, pairs: Pairs) -> Floats:
        return pairs.redundancy - pairs.conditional

    def _criterion(self, taken: Taken) -> Floats:
        return taken.relevance - taken.terms


@dataclass(eq=False)
class Icap(InformationSearch):
    """ICAP (Jakulin 2005): I(X;Y) - sum of max(0, I(X;Z) - I(X;Z|Y)) over the taken Z."""

    def _term(self, pairs: Pairs) -> Floats:
        return np.maximum(pairs.redundancy - pairs.conditional, 0)

    def _criterion(self, taken: Taken) -> Floats:
        return taken.relevance - taken.terms


@dataclass(eq=False)
class Jmi(InformationSearch):
    """JMI (Yang & Moody 1999): sum of I(X,Z;Y) over the taken Z."""

    def _term(self, pairs: Pairs) -> Floats:
        return pairs.information


@dataclass(eq=False)
class Disr(InformationSearch):
    """DISR (Meyer & Bontempi 2006): sum of I(X,Z;Y)/H(X,Z,Y) over the taken Z."""

    def _term(self, pairs: Pairs) -> Floats:
        return pairs.information / pairs.entropy


@dataclass(eq=False)
class Cmim(InformationSearch):
    """CMIM (Fleuret 2004): least I(X;Y|Z) over the taken Z."""

    _together: ClassVar[np.ufunc] = np.minimum

    def _term(self, pairs: Pairs) -> Floats:
        return pairs.gain
