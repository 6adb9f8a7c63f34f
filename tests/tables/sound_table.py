"""A table without a fault, into which faults are planted."""

import numpy as np
import pandas as pd

ROWS = 60
FEATURES = [f"original_firstorder_F{number}" for number in range(4)]
A, B, C, D = FEATURES


def sound():
    """60 lesions of 30 patients, with classes in turn and four features of noise."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "ID": [f"c{row}" for row in range(ROWS)],
            "patient_id": [f"p{row % 30}" for row in range(ROWS)],
            "died": [row % 2 for row in range(ROWS)],
            **{name: rng.standard_normal(ROWS).round(6) for name in FEATURES},
        },
        dtype="object",
    )


def text_of(frame):
    return frame.to_csv(index=False)


def planted(column, cells):
    """The sound table with other cells in a column, by row from 0."""
    frame = sound()
    frame.loc[list(cells), column] = list(cells.values())
    return text_of(frame)


def told(found, severity=None):
    return [problem.problem for problem in found.problems if severity in (None, problem.severity)]


def only(found, message, severity, hint, case=""):
    """The one problem that was planted; the message without the folder."""
    assert len(found.problems) == 1, told(found)
    problem = found.problems[0]
    assert problem.problem.rpartition("/")[2] == f"table.csv{message}"
    assert (problem.severity, problem.case) == (severity, case)
    assert hint in problem.hint


PLAIN = {"ID": "ID", "died": "died"} | {name: name[-2:].lower() for name in FEATURES}


def plain(**columns):
    return text_of(sound().rename(columns=PLAIN).assign(**columns))
