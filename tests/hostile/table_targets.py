"""Tables: cohorts, features, predictions, sidecars, results, in every format."""

import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from targets import Target

CASES = 12


def frame() -> pd.DataFrame:
    """Features of twelve cases, with text, gaps and a nominal column."""
    random = np.random.default_rng(0)
    features = {f"original_firstorder_F{number}": random.normal(size=CASES) for number in range(4)}
    features["original_firstorder_F3"][2] = np.nan
    return pd.DataFrame(
        {
            "ID": [f"c{number:02d}" for number in range(CASES)],
            "patient_id": [f"p{number // 2}" for number in range(CASES)],
            "malignant": np.arange(CASES) % 2,
            "note": ['says "a, b"', "two\nlines", "", "ü", *[""] * (CASES - 4)],
            **features,
            "original_shape_Kind": ["round", "long"] * (CASES // 2),
        }
    )


def csv_seeds() -> Sequence[bytes]:
    table = frame()
    european = table.drop(columns="note").to_csv(index=False, sep=";", decimal=",")
    return [table.to_csv(index=False).encode(), european.encode(), table.iloc[:, 4:].to_csv().encode()]


def gzip_seeds() -> Sequence[bytes]:
    return [gzip.compress(seed, mtime=0) for seed in csv_seeds()]


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def parquet_seeds() -> Sequence[bytes]:
    table = frame()
    forms = [
        table.to_parquet(index=False),
        table.set_index("ID").to_parquet(compression=None),
        table.astype({"original_shape_Kind": "category"}).to_parquet(compression="gzip", index=False),
    ]
    return [form for form in forms if form is not None]


ARFF = b"""% of strangers
@relation 'lung nodules'
@attribute ID string
@attribute 'gray level' numeric
@attribute shape {round,'long, thin',?}
@attribute malignant {0,1}
@data
c1,1.5,round,0
c2,?,'long, thin',1
'c3',-1e3,?,0
"""


def predictions_seeds() -> Sequence[bytes]:
    random = np.random.default_rng(1)
    ids = [f"c{number}" for number in range(CASES)]
    two = pd.DataFrame({"ID": ids, "arm": "a", "y_true": np.arange(CASES) % 2, "score": random.random(CASES)})
    grouped = two.assign(repeat=0, fold=np.arange(CASES) // 4, group=[name[:2] for name in ids])
    more = grouped.assign(arm="b", k="5", selector="relieff", score=random.random(CASES))
    names = np.array(["ADC", "SCC", "LCC"])
    many = pd.DataFrame({"ID": ids, "arm": "a", "y_true": names[np.arange(CASES) % 3]})
    for name in names:
        many[f"score_{name}"] = random.random(CASES)
    return [each.to_csv(index=False).encode() for each in (two, pd.concat([grouped, more]), many)]


COHORT = b"""ID,Image,Mask,Label,OrganMask,Modality,Series,Structure,malignant,Image_FLAIR
c1,a.nii.gz,b.nii.gz,1,,CT,,,0,x.nii
"c,2",a/b.nrrd,"m, 2.nrrd",2,o.nii,MR,1.2.840,GTV*,1,
007,dicom,rt.dcm,,,PT,,"name ""x"" y",1,y.nii
"""


def sidecar_seeds() -> Sequence[bytes]:
    names = [name for name in frame().columns if name.startswith("original_")]
    source = {"extractor": "pyradiomics", "columns": names, "settings": {"binWidth": 25}, "missing": []}
    meta = {
        "versions": {"radcompare": "1"},
        "inputs": "",
        "features": names,
        "levels": {"original_shape_Kind": ["round", "long", "odd"]},
        "sources": [source],
    }
    return [json.dumps(meta, indent=2).encode()]


def results_seeds() -> Sequence[bytes]:
    from radcompare.compare.comparison import compare
    from radcompare.tables.descriptive import Correlation, Flow, Loss
    from radcompare.tables.predictions import checked_predictions

    read = [checked_predictions(pd.read_csv(io.BytesIO(seed)), "p") for seed in predictions_seeds()[1:]]
    flow = Flow(12, 6, "y", (("0", 6), ("1", 6)), (Loss("x", 1, "why"),), (("a", 12),), 12)
    correlation = Correlation("a", ("f", "g"), ("s", "t"), ((1.0, None), (None, 1.0)), 12)
    found = [replace(compare(each), flow=flow, correlation=correlation) for each in read]
    return [json.dumps(each.to_json(), indent=2).encode() for each in found]


def read_csv(path: Path) -> object:
    from radcompare.tables.files import read_frame, to_csv

    return to_csv(read_frame(str(path))[0])


def read_features(path: Path) -> object:
    from radcompare.tables.features import matrix, read_features

    table = read_features(str(path), outcome=None)
    return matrix(table.features), table.frame(), table.stamp()


def merge_streamed(path: Path) -> object:
    """Rows are read when they are asked for; what comes of it has to be what the whole gives."""
    from radcompare.tables.streamed_merge import streamed_merge
    from radcompare.tables.streamed_output import csv_parts

    other = path.with_name("other.csv")
    ids = [*frame()["ID"], *map(str, range(CASES))]
    pd.DataFrame({"ID": ids, "deep_x_0": range(len(ids))}).to_csv(other, index=False)
    with streamed_merge([str(path), str(other)], cells=64) as merged:
        return list(csv_parts(merged.frames()))


def check_table(path: Path) -> object:
    from radcompare.tables.table_check import check_table

    return check_table(str(path), cells=64).problems


def check_cohort(path: Path) -> object:
    from radcompare.tables.cohort import survey_cohort

    return survey_cohort(str(path))


def read_cohort(path: Path) -> object:
    from radcompare.tables.cohort import read_cohort

    return read_cohort(str(path)).cases


def read_predictions(path: Path) -> object:
    from radcompare.tables.predictions import read_predictions

    return list(read_predictions(str(path)).configurations())


def read_sidecar(path: Path) -> object:
    """The file is the sidecar of a table that is put beside it."""
    table = path.with_name(path.name.replace(".meta.json", ".csv"))
    frame().to_csv(table, index=False)
    return read_features(table)


def read_results(path: Path) -> object:
    """The page as well, which shows what was read."""
    from radcompare.config import Experiment
    from radcompare.report.drawn import figures_of
    from radcompare.report.page import render
    from radcompare.report.run_folder import showable
    from radcompare.tables.results import read_results

    results = read_results(path)
    experiment = Experiment.model_validate(
        {
            "table": "t.csv",
            "outcome": "y",
            "sources": {"x": {"columns": ["*"]}},
            "arms": {"a": {"sources": ["x"]}},
        }
    )
    with showable(path):
        figures_of(results)
        return render(results, experiment, (), {})


def read_failures(path: Path) -> object:
    from radcompare.report.run_folder import read_failures

    return read_failures(path)


FAILURES = b"""ID,stage,problem,hint
c1,r219,"a ""b"", c",do it
"two
lines",r219,x,y
"""

TARGETS = (
    Target("csv", ".csv", csv_seeds, read_csv),
    Target("gzip", ".csv.gz", gzip_seeds, read_csv, packed, csv_seeds),
    Target("features", ".csv", csv_seeds, read_features),
    Target("parquet", ".parquet", parquet_seeds, read_features, head=4000),
    Target("arff", ".arff", lambda: [ARFF], read_features),
    Target("cohort", ".csv", lambda: [COHORT], read_cohort),
    Target("cohort-check", ".csv", lambda: [COHORT], check_cohort),
    Target("table-check", ".csv", lambda: [*csv_seeds(), ARFF], check_table),
    Target("table-check-parquet", ".parquet", parquet_seeds, check_table, head=4000),
    Target("merge", ".csv", csv_seeds, merge_streamed),
    Target("merge-gz", ".csv.gz", gzip_seeds, merge_streamed, packed, csv_seeds),
    Target("merge-parquet", ".parquet", parquet_seeds, merge_streamed, head=4000),
    Target("predictions", ".csv", predictions_seeds, read_predictions),
    Target("sidecar", ".meta.json", sidecar_seeds, read_sidecar),
    Target("results", ".json", results_seeds, read_results),
    Target("failures", ".csv", lambda: [FAILURES], read_failures),
)
