"""Predictions of more than two classes."""

import pytest

from radcompare.errors import TableError
from radcompare.tables.predictions import read_predictions

HEADER = "ID,arm,y_true,score_ADC,score_SCC,score_LCC\n"


def test_the_class_with_the_highest_score_is_predicted(write):
    read = read_predictions(write(HEADER + "001,a,ADC,3,2,1\n002,a,SCC,0.1,0.2,0.7\n003,a,LCC,1,1,0\n"))
    assert read.classes == ("ADC", "SCC", "LCC")
    assert read.frame["predicted"].tolist() == ["ADC", "LCC", "ADC"]
    assert read.frame["ID"].tolist() == ["001", "002", "003"]
    assert read.notes == ("no `predicted` for a: the class with the highest score counts as predicted",)


def test_predicted_classes_stay_as_they_are_arm_by_arm(write):
    text = HEADER.strip() + ",predicted\n1,a,ADC,3,2,1,SCC\n1,b,ADC,3,2,1,\n"
    read = read_predictions(write(text))
    assert read.frame["predicted"].tolist() == ["SCC", "ADC"]
    assert read.notes[0].startswith("no `predicted` for b:")


def test_classes_that_are_numbers(write):
    read = read_predictions(write("ID,arm,y_true,score_1,score_2,score_3\na,x,1,1,0,0\nb,x,3,0,0,1\n"))
    assert read.frame["y_true"].tolist() == read.frame["predicted"].tolist() == ["1", "3"]


def test_a_score_comes_first(write):
    read = read_predictions(write("ID,arm,y_true,score,score_a,score_b,score_c\na,x,1,0.7,1,2,3\n"))
    assert read.classes == ()
    assert read.frame["predicted"].tolist() == [1]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "ID,arm,y_true,score_0,score_1\na,x,1,0.2,0.8\n",
            "expected a column `score`, or scores of three classes and more, found score_0, score_1",
            "two classes have one column `score`",
        ),
        (
            HEADER + "1,a,ADC,1,2,3\n2,a,SCLC,1,2,3\n",
            "row 3: y_true is 'SCLC', expected ADC, SCC, LCC",
            "name the",
        ),
        (HEADER + "1,a,,1,2,3\n", "row 2: y_true is empty, expected ADC, SCC, LCC", "score_ADC"),
        (
            HEADER + "1,a,ADC,1,,3\n",
            "row 2: the score_SCC of case '1' of arm 'a' is empty",
            "give it a score",
        ),
        (
            HEADER + "1,a,ADC,1,inf,3\n",
            "score_SCC of case '1' of arm 'a' is 'inf', expected a finite",
            "remove",
        ),
        (
            HEADER.strip() + ",predicted\n1,a,ADC,3,2,1,ADC\n2,a,ADC,3,2,1,\n",
            "row 3: predicted is empty, expected ADC, SCC, LCC",
            "name the class",
        ),
        (
            HEADER + "1,a,ADC,1,2,3\n1,b,SCC,1,2,3\n",
            "case '1' has y_true ADC in one row and SCC in",
            "check the IDs",
        ),
        (
            HEADER + "1,a,ADC,1,2,3\n1,a,ADC,1,2,3\n",
            "case '1' occurs twice in one run of arm 'a'",
            "`repeat`",
        ),
        (
            HEADER.strip() + ",bootstrap\n1,a,ADC,3,2,1,left out\n",
            ".632+ is for two classes, and here are 3",
            "use folds",
        ),
    ],
)
def test_what_is_wrong_is_named(write, text, message, hint):
    with pytest.raises(TableError) as refused:
        read_predictions(write(text))
    assert message in refused.value.message
    assert hint in refused.value.hint
