import pytest

from radcompare.compare.hanley_mcneil import Summary
from radcompare.compare.summaries import Published, check_names, parse_published
from radcompare.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auc=0.712 n_pos=20 n_neg=20", Published("published 3", 40, None, Summary(0.712, 20, 20))),
        ("deep: right=31 n=40", Published("deep", 40, 31)),
        ("deep:accuracy=.775,n=40", Published("deep", 40, 31)),
        ("a: b: right=31; n=40", Published("a: b", 40, 31)),
        ("x: auc=1 n_pos=2 n_neg=3 accuracy=0.6", Published("x", 5, 3, Summary(1.0, 2, 3))),
    ],
)
def test_what_is_read(text, expected):
    assert parse_published(text, 3) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "neither an AUC nor an accuracy"),
        ("deep", "expected KEY=NUMBER, found 'deep'"),
        (": right=3 n=4", "no name before the colon"),
        ("acu=0.7 n_pos=2 n_neg=2", "unknown key 'acu'; did you mean 'auc'"),
        ("auc=0.7", "an AUC without n_pos and n_neg"),
        ("auc=0.7 n_pos=3", "an AUC without n_neg"),
        ("auc=0.7 n_pos=3 n_neg=0", "3 positive and 0 negative"),
        ("auc=71.2 n_pos=3 n_neg=3", "auc is '71.2', expected a number from 0 to 1"),
        ("auc=0.7 auc=0.8 n_pos=3 n_neg=3", "auc is given twice"),
        ("right=31.5 n=40", "right is '31.5', expected a whole number"),
        ("right=41 n=40", "41 right of 40 cases"),
        ("right=31", "an accuracy without the number of cases"),
        ("right=0 n=0", "an accuracy without the number of cases"),
        ("accuracy=0.76 n=40", "an accuracy of 0.76 is not 30 right of 40 cases"),
        ("accuracy=0.9 right=31 n=40", "an accuracy of 0.9 is not 31 right of 40 cases"),
        ("auc=0.7 n_pos=20 n_neg=20 n=41", "n is 41, n_pos and n_neg make 40"),
    ],
)
def test_what_cannot_be_read_is_told(text, problem):
    with pytest.raises(ConfigError) as error:
        parse_published(text, 1)
    assert problem in error.value.message
    assert error.value.hint


def test_a_name_is_given_once():
    summary = parse_published("deep: right=31 n=40", 1)
    check_names([summary], ["radiomics"])
    with pytest.raises(ConfigError, match="two arms are called 'deep'"):
        check_names([summary], ["deep"])
    with pytest.raises(ConfigError, match="two arms are called 'deep'"):
        check_names([summary, summary], [])
