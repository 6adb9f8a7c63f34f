"""Text among the numbers of a column: a spreadsheet's #DIV/0!, a unit, a second decimal point."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radcompare.tables.cohort import MAX_TOLD


@dataclass
class MixedCells:
    """What the cells of a column of text look like.

    Attributes:
        decimal: the sign before the decimals of a number.
        numbers, texts: how many cells are a number, and are none.
        fractions: a number has decimals that are not 0: it was measured, and is no level.
        examples: row and text of the first cells that are no number.
    """

    decimal: str = "."
    numbers: int = 0
    texts: int = 0
    fractions: bool = False
    examples: list[tuple[int, str]] = field(default_factory=list)

    def add(self, cells: pd.Series, rows: NDArray[np.int64]) -> None:
        """Take note of some cells and the rows they are in."""
        filled = cells.notna().to_numpy()
        text = cells[filled].astype("str")
        values = pd.to_numeric(text.str.replace(self.decimal, ".", regex=False), errors="coerce").to_numpy(
            float
        )
        none = np.isnan(values)
        self.numbers += int(np.count_nonzero(~none))
        self.texts += int(np.count_nonzero(none))
        self.fractions |= bool((values[np.isfinite(values)] % 1 != 0).any())
        wanted = MAX_TOLD - len(self.examples)
        self.examples += list(zip(rows[filled][none][:wanted].tolist(), text[none][:wanted], strict=True))

    def told(self) -> str:
        """Which cells hold text, the first of them."""
        cells = [f"row {row} {value!r}" for row, value in self.examples]
        more = f", ... ({self.texts} in all)" if self.texts > len(cells) else ""
        return ", ".join(cells) + more
