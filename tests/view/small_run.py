"""What the viewer needs of a finished run, with names that are hard on pages."""

from pathlib import Path

import numpy as np
import pandas as pd

from radcompare.compare.comparison import compare
from radcompare.tables.files import write_frame
from radcompare.tables.predictions import Predictions, checked_predictions
from radcompare.tables.results import write_results

SCRIPT = "<script>window.acted = true</script>"
IMAGE = '"><img src=x onerror="window.acted = true">'
CASES = (SCRIPT, IMAGE, "</td></table>", "__proto__", "007", "two\nlines", *(f"c{i:02d}" for i in range(14)))
ARMS = ("radiomics", IMAGE, "both & more")
PAGE = """<!doctype html><html><head><title>t</title><style>body { color: black; }</style></head><body><h1>small</h1>
<ul class="answer"><li>no</li></ul><p class="warning">untrained</p>
<table id="sorted"><thead><tr><th>arm</th><th>AUC</th><th>p</th></tr></thead><tbody>
<tr><td>c</td><td>0.712 [0.551, 0.873]</td><td>0.021</td></tr>
<tr><td>a</td><td>–</td><td>&lt;0.001</td></tr>
<tr><td>b10</td><td>−0.100 [−0.200, 0.100]</td><td>0.001</td></tr>
<tr><td>b9</td><td>+0.050</td><td>1.000</td></tr>
</tbody></table></body></html>
"""


def prediction_frame(**columns: object) -> pd.DataFrame:
    """Three arms on the same cases; the scores of the first are rounded, so that cases share them."""
    random = np.random.default_rng(3)
    outcome = np.tile([0, 1], len(CASES) // 2)
    arms = []
    for number, arm in enumerate(ARMS):
        scores = 0.6 * outcome + random.normal(size=len(CASES))
        rows = {
            "ID": CASES,
            "arm": arm,
            "y_true": outcome,
            "score": scores.round(1) if number == 0 else scores,
        }
        arms.append(pd.DataFrame({**rows, "group": [f"p{i // 2}" for i in range(len(CASES))]}))
    return pd.concat(arms, ignore_index=True).assign(**columns)


def predictions_of(frame: pd.DataFrame) -> Predictions:
    return checked_predictions(frame, "p.csv")


def write_run(folder: Path, frame: pd.DataFrame) -> Path:
    """What the viewer needs of a finished run."""
    predictions = predictions_of(frame)
    for name in ("figures", "tables", "features"):
        (folder / name).mkdir(parents=True)
    write_frame(predictions.frame, folder / "predictions.csv")
    write_results(compare(predictions), folder / "results.json")
    (folder / "report.html").write_text(PAGE, encoding="utf-8")
    (folder / "figures" / "roc_a%2Fb.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "figures" / "evil.js").write_text("window.acted = true")
    (folder / "tables" / "arms.csv").write_text("arm\na\n")
    (folder / "run.json").write_text('{"secret": 1}')
    (folder / "features" / "r219.csv").write_text("secret")
    (folder.parent / "outside.txt").write_text("secret")
    return folder
