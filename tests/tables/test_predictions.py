import io
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.files import write_frame
from radcompare.tables.predictions import (
    COLUMNS,
    PROBABILITY,
    Configuration,
    checked_predictions,
    read_predictions,
)

pytestmark = pytest.mark.filterwarnings("error")

MINIMAL = "ID,arm,y_true,score\n"


def test_four_columns_will_do(write):
    read = read_predictions(write(MINIMAL + "001,cnn,1,0.5\n002,cnn,0,0.49\n"))
    assert list(read.frame.columns) == [*COLUMNS, PROBABILITY]
    assert read.frame.to_dict("list") == {
        "ID": ["001", "002"],
        "arm": ["cnn", "cnn"],
        "selector": ["", ""],
        "k": ["", ""],
        "classifier": ["", ""],
        "repeat": [0, 0],
        "fold": [0, 0],
        "y_true": [1, 0],
        "score": [0.5, 0.49],
        "predicted": [1.0, 0.0],
        "probability": [0.5, 0.49],
    }
    assert read.notes == ("no `predicted` for cnn: scores of 0.5 and more count as positive",)


def test_all_columns_survive_a_round_trip(tmp_path):
    frame = pd.DataFrame(
        {
            "ID": ["007", "b"] * 2,
            "arm": ["radiomics"] * 2 + ["None"] * 2,
            "selector": ["relieff"] * 2 + ["all"] * 2,
            "k": ["5"] * 2 + [""] * 2,
            "classifier": ["naive-bayes"] * 4,
            "repeat": [0] * 4,
            "fold": [0, 1, 0, 1],
            "y_true": [0, 1, 0, 1],
            "score": [-1e300, 0.1 + 0.2, 5e-324, 3.0],
            "predicted": [0, 1, 0, 1],
            "group": ["01", "1"] * 2,
            "untrained": ["", "", "untrained (random, seed 1)", "untrained (random, seed 1)"],
            "probability": [0.0, 1.0, 0.25, np.nan],
        }
    )
    checked = checked_predictions(frame, "memory")
    write_frame(checked.frame, tmp_path / "p.csv")
    read = read_predictions(str(tmp_path / "p.csv"))
    pd.testing.assert_frame_equal(read.frame.fillna({"untrained": ""}), frame, check_exact=True)
    assert checked.notes == read.notes == ()


def test_configurations_in_the_order_in_which_they_occur(write):
    text = "ID,arm,selector,k,classifier,y_true,score\n"
    text += "a,z,su,5.0,cart,1,1\na,z,su,10,cart,1,1\na,b,,,,1,1\nb,z,su,5.0,cart,0,0\n"
    found = list(read_predictions(write(text)).configurations())
    assert [configuration for configuration, _ in found] == [
        Configuration("z", "su", "5", "cart"),
        Configuration("z", "su", "10", "cart"),
        Configuration("b"),
    ]
    assert [rows["ID"].tolist() for _, rows in found] == [["a", "b"], ["a"], ["a"]]
    assert [str(configuration) for configuration, _ in found] == ["z + su:5 + cart", "z + su:10 + cart", "b"]


@pytest.mark.parametrize(
    ("truths", "expected"), [(["1", "0"], [1, 0]), (["1.0", "0.0"], [1, 0]), (["True", "False"], [1, 0])]
)
def test_ways_to_write_the_outcome(write, truths, expected):
    read = read_predictions(write(MINIMAL + f"a,x,{truths[0]},0.5\nb,x,{truths[1]},0.5\n"))
    assert read.frame["y_true"].tolist() == expected
    assert read.frame["y_true"].dtype == np.int64


def test_scores_beyond_0_and_1_have_no_cut(write):
    text = MINIMAL + "a,prob,1,1\nb,prob,0,0\na,margin,1,1.5\nb,margin,0,0.2\n"
    read = read_predictions(write(text))
    np.testing.assert_array_equal(read.frame["predicted"], [1, 0, np.nan, np.nan])
    assert read.notes == (
        "no `predicted` for prob: scores of 0.5 and more count as positive",
        "no accuracy for margin: scores outside 0 to 1 have no agreed cut",
    )


def test_the_cut_is_decided_for_every_configuration(write):
    text = "ID,arm,classifier,y_true,score\na,x,knn,1,0.6\na,x,svm-rbf,1,7\n"
    np.testing.assert_array_equal(read_predictions(write(text)).frame["predicted"], [1, np.nan])


def test_given_classes_stay_beside_filled_ones(write):
    text = "ID,arm,y_true,score,predicted\na,own,1,0.2,1\nb,own,0,0.9,0\na,other,1,0.2,\nb,other,0,0.9,\n"
    read = read_predictions(write(text))
    assert read.frame["predicted"].tolist() == [1, 0, 0, 1]
    assert read.notes == ("no `predicted` for other: scores of 0.5 and more count as positive",)


def test_an_empty_column_of_groups_is_none(write):
    read = read_predictions(write("ID,arm,y_true,score,group\na,x,1,1,\nb,x,0,0,\n"))
    assert "group" not in read.frame.columns


def test_other_columns_pass_through(write):
    read = read_predictions(write("site,ID,arm,y_true,score\nU,a,x,1,1\n"))
    assert list(read.frame.columns) == [*COLUMNS, "site", PROBABILITY]


def test_synonyms_of_the_id(write):
    assert read_predictions(write("case,arm,y_true,score\n01,x,1,1\n")).frame["ID"].tolist() == ["01"]
    both = read_predictions(write("case,ID,arm,y_true,score\n01,a,x,1,1\n")).frame
    assert both["ID"].tolist() == ["a"]
    rows_counted = read_predictions(write(",ID,arm,y_true,score\n1,a,x,1,1\n")).frame
    assert list(rows_counted.columns) == [*COLUMNS, PROBABILITY]


def test_repeats_are_no_duplicates(write):
    read = read_predictions(write("ID,arm,repeat,y_true,score\na,x,0,1,1\na,x,1,1,1\n"))
    assert read.frame["repeat"].tolist() == [0, 1]


def test_standard_input_is_named(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"ID,arm,score\na,x,1\n")))
    with pytest.raises(TableError, match=r"^standard input: no column 'y_true'"):
        read_predictions("-")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "ID,arm,y_true,scores\na,x,1,1\n",
            "no column 'score'; did you mean 'scores'?; found ID, arm",
            "predictions need",
        ),
        ("ID,arm,y_true\na,x,1\n", "no column 'score'", "predictions need ID, arm, y_true, score"),
        (",arm,y_true,score\n1,x,1,1\n", "no column 'ID'", "predictions need"),
        (MINIMAL, "has a header (ID, arm, y_true, score, ...) and no row", "one row per case"),
        (MINIMAL + "a,x,1,1\n,x,1,1\n", "row 3: ID is empty", "every row needs its ID"),
        (MINIMAL + "a,,1,1\n", "row 2: arm is empty", "every row needs its arm"),
        (
            MINIMAL + "a,x,1,1\nb,x,2,1\n",
            "row 3: y_true is '2', expected 0 or 1",
            "code y_true as 0 (negative)",
        ),
        (MINIMAL + "a,x,yes,1\n", "row 2: y_true is 'yes', expected 0 or 1", "code y_true"),
        (MINIMAL + "a,x,,1\n", "row 2: y_true is empty, expected 0 or 1", "code y_true"),
        (
            MINIMAL + "a,x,1,1\nb,x,0,\n",
            "row 3: the score of case 'b' of arm 'x' is empty",
            "remove the case",
        ),
        (
            MINIMAL + "a,x,1,inf\n",
            "row 2: the score of case 'a' of arm 'x' is 'inf', expected a finite",
            "remove the case",
        ),
        (MINIMAL + "a,x,1,high\n", "row 2: the score of case 'a' of arm 'x' is 'high'", "remove the case"),
        (
            MINIMAL + "a,x,1,1\nb,x,1,1\n a,x,1,2\n",
            "row 4: case 'a' occurs twice in one run of arm 'x'",
            "`repeat`",
        ),
        (
            MINIMAL + "a,x,1,1\na,y,0,1\n",
            "case 'a' has y_true 0 in one row and 1 in another",
            "check the IDs",
        ),
        (
            "ID,arm,y_true,score,predicted\na,x,1,1,1\nb,x,1,1,\n",
            "row 3: predicted is empty, expected 0 or 1",
            "code predicted as 0",
        ),
        (
            "ID,arm,y_true,score,predicted\na,y,1,1,\na,x,1,1,1\nb,x,1,1,yes\n",
            "row 4: predicted is 'yes', expected 0 or 1",
            "code predicted as 0",
        ),
        (
            "ID,arm,y_true,score,group\na,x,1,1,p1\nb,x,1,1,\n",
            "row 3: group is empty",
            "every row needs its group",
        ),
    ],
)
def test_what_is_wrong_is_named(write, text, message, hint):
    path = write(text, "predictions.csv")
    with pytest.raises(TableError) as refused:
        read_predictions(path)
    assert refused.value.message.startswith(path)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_a_probability_is_one(write):
    rows = "ID,arm,y_true,score,probability\na,x,1,3,0.9\nb,x,0,-2,{}\n"
    assert read_predictions(write(rows.format(""))).frame["probability"].tolist()[0] == 0.9
    with pytest.raises(TableError, match=r"row 3: probability is '1\.5', expected 0 to 1, or nothing"):
        read_predictions(write(rows.format("1.5")))


def test_scores_that_are_no_probabilities_have_none(write):
    read = read_predictions(write(MINIMAL + "001,cnn,1,1.5\n002,cnn,0,0.49\n"))
    assert read.frame["probability"].isna().all()
