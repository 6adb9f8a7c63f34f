import numpy as np
import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.roles import abridged, as_feature, feature_columns, is_text, matches


@pytest.fixture
def frame():
    rows = 30
    return pd.DataFrame(
        {
            "label": [0, 1] * 15,
            "age": range(rows),
            "sex": ["F", "M"] * 15,
            "comment": [f"seen on day {day}" for day in range(rows)],
            "patient_id": range(rows),
            "Image": ["a.nii"] * rows,
            "diagnostics_Mask-original_VoxelNum": range(rows),
            "weights_cnn-f": ["untrained"] * rows,
            "original_glcm_Contrast": np.linspace(0, 1, rows),
        }
    )


def _features(frame, outcome=None, patterns=(), listed=()):
    return feature_columns(frame, outcome, patterns, listed, "t.csv")


def test_patterns_come_first(frame):
    names, notes = _features(frame, patterns=["age", "orig*"], listed=["sex"])
    assert names == ["age", "original_glcm_Contrast"]
    assert notes == []


def test_the_outcome_is_never_a_feature(frame):
    assert "sex" not in _features(frame, "sex", patterns=["*e*"])[0]
    with pytest.raises(TableError, match=r"t\.csv: no feature column matches 'age'"):
        _features(frame, "age", patterns=["age"])
    assert "sex" not in _features(frame.drop(columns="original_glcm_Contrast"), "sex")[0]


def test_a_pattern_that_matches_nothing_is_refused(frame):
    with pytest.raises(TableError, match="no feature column matches 'original_glcm_Contast'") as refused:
        _features(frame, patterns=["age", "original_glcm_Contast"])
    assert "did you mean 'original_glcm_Contrast'?" in refused.value.message
    assert "the table has label, age, sex" in refused.value.hint


RECORDS = ["diagnostics_Mask-original_VoxelNum", "weights_cnn-f"]


def test_what_records_the_extraction_is_meant_by_no_pattern(frame):
    names, notes = _features(frame, "label", patterns=["*"])
    assert names == [c for c in frame.columns if c not in ("label", *RECORDS)]
    assert notes == [f"columns that record the extraction, left out: {', '.join(RECORDS)}"]
    with pytest.raises(TableError, match=r"no feature column matches 'diagnostics_\*'") as refused:
        _features(frame, patterns=["diagnostics_*"])
    assert "only by its full name" in refused.value.hint


def test_what_records_the_extraction_may_be_named_in_full(frame):
    assert _features(frame, patterns=RECORDS[:1]) == (RECORDS[:1], [])


def test_then_the_list_of_the_sidecar_in_the_order_of_the_table(frame):
    names, notes = _features(frame, listed=["sex", "age", "gone"])
    assert names == ["age", "sex"]
    assert notes == ["the sidecar lists features that the table lacks: gone"]


def test_then_the_names_that_features_have(frame):
    names, notes = _features(frame, "label")
    assert names == ["original_glcm_Contrast"]
    assert notes == ["columns not named like features pass through: age"]


@pytest.mark.parametrize(
    "name",
    [
        "original_firstorder_Mean",
        "original_shape2D_MeshSurface",
        "wavelet-LHH_glrlm_RunEntropy",
        "log-sigma-1-0-mm-3D_glszm_ZoneEntropy",
        "squareroot_gldm_DependenceEntropy",
        "square_ngtdm_Busyness",
        "lbp-3D-k_firstorder_Range",
        "ADC_original_glcm_Idm",
        "CT_wavelet-HLL_glcm_Idm",
        "r219_laws_L5E5S5",
        "deep_cnn-f_full7_post_0012",
    ],
)
def test_names_by_the_convention(name):
    frame = pd.DataFrame({"other": [1, 2, 3], name: [1.0, 2.0, 3.0]})
    assert _features(frame) == ([name], ["columns not named like features pass through: other"])


@pytest.mark.parametrize(
    "name",
    [
        "diagnostics_Image-original_Mean",
        "general_info_VoxelNum",
        "T2_general_info_VolumeNum",
        "weights_vgg16",
    ],
)
def test_bookkeeping_is_no_feature(name):
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], name: [1, 2, 3]})
    note = f"numbers that record the extraction, taken as no features: {name}"
    assert _features(frame) == (["x"], [note])


def test_last_numbers_and_text_of_few_levels(frame):
    names, notes = _features(frame.drop(columns="original_glcm_Contrast"), "label")
    assert names == ["age", "sex"]
    assert notes == [
        "text columns taken as no features: comment",
        "numbers that record the extraction, taken as no features: diagnostics_Mask-original_VoxelNum",
    ]


@pytest.mark.parametrize(
    "name", ["patient_id", "Patient", "cohort", "READER", "fold", "Mask_Path", "case", "id"]
)
def test_columns_of_a_known_role(name):
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], name: [1, 1, 2]})
    assert _features(frame) == (["x"], [])


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (["a", "b", "a"], True),
        (["a", "b", None], True),
        (["a", "b", "c"], False),  # another one in every row: a name, no level
        (["a", "a", "a"], False),
        ([f"{n}" + "x" for n in range(20)] * 2, True),
        ([f"{n}" + "x" for n in range(21)] * 2, False),
    ],
)
def test_when_text_has_levels(text, counts):
    frame = pd.DataFrame({"x": np.arange(len(text), dtype=float), "t": text})
    assert ("t" in _features(frame)[0]) is counts


def test_declared_levels_count_whatever_they_hold():
    frame = pd.DataFrame({"t": pd.Categorical(["a", "b", "c"])})
    assert _features(frame) == (["t"], [])


@pytest.mark.parametrize("columns", [{"comment": ["p", "q", "r"]}, {"patient_id": [1, 2, 3]}, {}])
def test_a_table_without_features(columns):
    with pytest.raises(TableError, match=r"t\.csv: no feature column among") as refused:
        _features(pd.DataFrame(columns, index=range(3)))
    assert "--features" in refused.value.hint


def test_published_tables_have_as_many_features_as_published(shared_data):
    published = pd.read_csv(shared_data / "tables" / "radmlbench" / "published_auc.csv").set_index("dataset")
    for name in ("Fusco2022", "HNSCC", "LNDb", "Li2020", "Wang2024", "Head-Neck-PET-CT"):
        frame = pd.read_csv(shared_data / "tables" / "radmlbench" / f"{name}.csv.gz").drop(columns="ID")
        assert len(_features(frame, "Target")[0]) == published.loc[name, "p"]


def test_what_a_convention_leaves_out_of_a_published_table_is_told(shared_data):
    frame = pd.read_csv(shared_data / "tables" / "radmlbench" / "Ahn2021.csv.gz").drop(columns="ID")
    names, notes = _features(frame, "Target")
    assert len(names) == 106
    assert notes == [
        "recognised as a table of radMLBench: 106 columns taken as features, original_firstorder_10Percentile to "
        "original_shape_Volume; Target is an outcome, never a feature",
        "columns not named like features pass through: vol_edema, vol_mass",
    ]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pd.Series([1, 2]), False),
        (pd.Series([True, False]), False),
        (pd.Series(pd.Categorical(["a", "b"])), False),
        (pd.Series(["a", "b"]), True),
        (pd.Series([True, None], dtype=object), True),
    ],
)
def test_what_is_text(column, text):
    assert is_text(column) is text


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.Series([1, 2]), [1.0, 2.0]),
        (pd.Series([True, False]), [1.0, 0.0]),
        (pd.Series([1, None], dtype="Int64"), [1.0, np.nan]),
        (pd.Series([True, None], dtype="boolean"), [1.0, np.nan]),
        (pd.Series([np.inf, -np.inf, 0.1]), [np.nan, np.nan, 0.1]),
    ],
)
def test_numbers_as_features(column, expected):
    feature = as_feature(column.rename("f"))
    assert feature.dtype == np.float64
    assert feature.name == "f"
    np.testing.assert_array_equal(feature, expected)


def test_text_as_a_feature():
    feature = as_feature(pd.Series(["b", None, "a", "b"], index=list("wxyz"), name="t"))
    assert list(feature.cat.categories) == ["a", "b"]
    assert feature.cat.codes.tolist() == [1, -1, 0, 1]
    assert feature.index.tolist() == list("wxyz")


def test_declared_levels_as_a_feature_are_text():
    feature = as_feature(pd.Series(pd.Categorical([2, 1], categories=[3, 2, 1])))
    assert list(feature.cat.categories) == ["3", "2", "1"]
    assert feature.tolist() == ["2", "1"]


def test_free_text_is_no_feature():
    with pytest.raises(TableError, match=r"the column 'note' holds free text \(21 distinct values\)"):
        as_feature(pd.Series([f"note {number}" for number in range(21)], name="note"))


@pytest.mark.parametrize(
    ("pattern", "matched"), [("a[1]", True), ("a*", True), ("a[[]1]", True), ("A*", False), ("b", False)]
)
def test_names_and_patterns(pattern, matched):
    assert matches("a[1]", pattern) is matched


def test_long_lists_are_cut():
    assert abridged("abc") == "a, b, c"
    assert abridged("abcd", limit=2) == "a, b, ... (4 in all)"
