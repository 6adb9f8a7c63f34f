"""Tables of other programs: what is recognised, what counts as a feature, how cases are called."""

import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.features import read_features
from radcompare.tables.foreign import outcomes, recognised
from radcompare.tables.roles import holds_features
from radcompare.tables.streamed_features import streamed_features
from radcompare.tables.table_check import check_table

PYSERA_RECORDS = {"img_dim_x_init_img": [64, 80, 64], "int_mask_vox_count_reseg_roi": [90, 101, 77]}
PYSERA_FEATURES = {
    "morph_volume_mesh": [1.5, 2.5, 3.5],
    "loc_peak_glob": [1.0, 3.0, 2.0],
    "ivh_v10": [0.5, 0.25, 0.75],
    "glcm_joint_avg_2_5D_comb": [7.0, 8.0, 9.0],
    "ngl_lde_3D": [0.1, 0.2, 0.3],
}


def fmcib(paths=("/scans/a.nii.gz", "b.nii.gz", r"C:\scans\c.nii.gz"), features=5):
    """What `fmcib.run.get_features` gives: its input, and `pred_...` beside it."""
    given = {
        "image_path": paths,
        **{f"coord{axis}": [1.5, -20.25, 3] for axis in "XYZ"},
        "malignant": [0, 1, 0],
    }
    return pd.DataFrame(given | {f"pred_{n}": [n + 0.5, n * 2, -n] for n in range(features)})


def pysera(patients=("a.nii.gz", "b.nii.gz", "c.nii.gz")):
    """The sheet Radiomics_Features of PySERA 2."""
    regions = [f"label_1_lesion_{n}" for n in (1, 1, 2)]
    return pd.DataFrame({"PatientID": patients, "ROI": regions} | PYSERA_RECORDS | PYSERA_FEATURES)


@pytest.fixture
def read(write):
    """Read a table at once and by rows, which comes to the same."""

    def both_ways(frame, **options):
        path = write(frame.to_csv(index=options.pop("index", False)))
        table = read_features(path, **options)
        if not options:
            with streamed_features(path, cells=1) as streamed:
                assert streamed.ids.equals(table.features.index)
                assert streamed.empty.notes == table.notes
                assert list(streamed.empty.features.columns) == list(table.features.columns)
        return table

    return both_ways


def test_fmcib(read):
    table = read(fmcib())
    assert table.ids == ["a", "b", "c"]
    assert list(table.features.columns) == [f"pred_{n}" for n in range(5)]
    assert list(table.passthrough.columns) == ["image_path", "coordX", "coordY", "coordZ", "malignant"]
    assert table.notes == (
        "no column ID: cases are called by the file names in image_path, up to the first point",
        "recognised as a table of FMCIB: 5 columns taken as features, pred_0 to pred_4",
        "columns not named like features pass through: malignant",
    )


def test_the_row_counter_that_pandas_writes_is_no_id_of_fmcib(read):
    table = read(fmcib(), index=True)
    assert table.ids == ["a", "b", "c"]
    assert "" not in table.passthrough.columns


def test_a_column_of_ids_goes_before_file_names(read):
    table = read(fmcib(("x.nii", "x.nii", "x.nii")).assign(ID=["p1", "p2", "p3"]))
    assert table.ids == ["p1", "p2", "p3"]
    assert table.notes[0].startswith("recognised as a table of FMCIB")


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (("1/ct.nrrd", "2/ct.nrrd", "3.nrrd"), "the ID 'ct' occurs 2 times (rows 2, 3)"),
        (("1/ct.nrrd", "", "3.nrrd"), "row 3: the ID is empty"),
    ],
)
def test_file_names_that_tell_no_cases_apart(write, paths, message):
    path = write(fmcib(paths).to_csv(index=False))
    with pytest.raises(TableError) as refused:
        read_features(path)
    assert message in refused.value.message
    assert refused.value.message.endswith("; there is no column ID, and it was made of image_path")
    assert refused.value.hint == "add a column ID with a name of its own for every row"
    with pytest.raises(TableError) as streamed, streamed_features(path):
        pass
    assert (streamed.value.message, streamed.value.hint) == (refused.value.message, refused.value.hint)
    assert "ID" in check_table(path).problems[0].problem


def test_a_pattern_never_means_where_an_image_lies(read):
    table = read(fmcib(), outcome="malignant", patterns=["*"])
    assert list(table.features.columns) == [f"pred_{n}" for n in range(5)]
    assert "left out: image_path, coordX, coordY, coordZ" in table.notes[-1]
    assert list(read(fmcib(), patterns=["coordZ"]).features.columns) == ["coordZ"]


def test_features_of_fmcib_beside_those_of_another_program(read):
    table = read(fmcib().assign(ID=list("abc"), original_glcm_Contrast=[1.0, 2.0, 3.0]))
    assert list(table.features.columns) == [*(f"pred_{n}" for n in range(5)), "original_glcm_Contrast"]


def test_scores_without_coordinates_are_not_of_fmcib():
    assert recognised(["ID", "image_path", "pred_0", "pred_1"]) == ()
    assert recognised(["image_path", "coordX", "coordY", "coordZ"]) == ()


@pytest.mark.parametrize("whole", [True, False])
def test_pysera(read, whole):
    frame = pysera() if whole else pysera().drop(columns="ROI")
    table = read(frame)
    assert table.ids == ["a", "b", "c"]
    assert list(table.features.columns) == list(PYSERA_FEATURES)
    assert table.notes[1:] == (
        "recognised as a table of PySERA: 5 columns taken as features, morph_volume_mesh to ngl_lde_3D",
    )


def test_several_lesions_of_a_patient_of_pysera(read):
    table = read(pysera(("a.nii.gz", "b.nii.gz", "b.nii.gz")))
    assert table.ids == ["a", "b_label_1_lesion_1", "b_label_1_lesion_2"]
    assert "PatientID and ROI" in table.notes[0]
    assert table.passthrough["PatientID"].tolist() == ["a.nii.gz", "b.nii.gz", "b.nii.gz"]


def test_the_names_of_the_first_pysera(read):
    names = ["cm_joint_max_3D_avg", "rlm_sre_2D_1", "szm_sze_25D", "ngt_contrast_3D", "stat_mean", "mi_hu1"]
    frame = pd.DataFrame({"PatientID": ["a.nii", "b.nii"], "File": ["a", "b"], "ROI": ["r", "r"]})
    frame = frame.assign(Bin_Size_Used=25, **{name: [1.0, 2.0] for name in names})
    assert list(read(frame).features.columns) == names


def test_deep_features_of_pysera(read):
    frame = pd.DataFrame(
        {"PatientID": ["a.nii", "b.nii"], "ROI": ["r", "s"], "resnet50_feature_0": [1.0, 2.0]}
    )
    assert list(read(frame).features.columns) == ["resnet50_feature_0"]


def test_a_patient_and_a_region_alone_are_of_no_program():
    assert recognised(["PatientID", "ROI", "volume"]) == ()


def test_the_outcome_of_radmlbench_is_never_a_feature(read):
    frame = pd.DataFrame({"MEAN_CC": [1.0, 2.0], "ID": ["a", "b"], "Target": [0, 1], "died": [1, 0]})
    table = read(frame, outcome="died")
    assert list(table.features.columns) == ["MEAN_CC"]
    assert table.notes == (
        "recognised as a table of radMLBench: 1 columns taken as features, MEAN_CC to MEAN_CC; "
        "Target is an outcome, never a feature",
    )
    assert list(read(frame, outcome="died", patterns=["*"]).features.columns) == ["MEAN_CC"]
    with pytest.raises(TableError, match="'Target' is an outcome"):
        read(frame, outcome="died", patterns=["*", "Target"])
    with pytest.raises(TableError, match="'Target' is what is predicted"):
        table.pick(["Target"])


def test_the_outcome_of_radmlbench_is_the_hint_where_another_is_named(write):
    path = write("MEAN_CC,ID,Target\n1,a,0\n2,b,1\n")
    with pytest.raises(TableError) as refused:
        read_features(path, outcome="malignant")
    assert refused.value.hint == "radMLBench calls it Target; the table has MEAN_CC, Target"
    assert check_table(path, "malignant").problems[0].hint == refused.value.hint


@pytest.mark.slow
def test_published_tables_of_radmlbench(shared_data):
    for path in sorted((shared_data / "tables" / "radmlbench").glob("*.csv.gz")):
        table = read_features(str(path), outcome="Target")
        assert any("recognised as a table of radMLBench" in note for note in table.notes)
        assert outcomes(recognised(table.passthrough.columns)) == ("Target",)
        again = read_features(str(path))
        assert list(again.features.columns) == list(table.features.columns)


@pytest.mark.parametrize(
    ("columns", "features"),
    [
        (["image_path", "coordX", "coordY", "coordZ", "pred_0"], True),
        (["PatientID", "ROI", "stat_mean"], True),
        (["Image", "Mask", "diagnostics_Versions_PyRadiomics", "original_glcm_Contrast"], True),
        (["ID", "Image", "Mask", "Target"], False),
        (["image_path", "mask_path", "age"], False),
    ],
)
def test_whether_a_table_that_names_files_is_a_cohort(columns, features):
    assert holds_features(columns) is features


def test_pyradiomics_batches(read, shared_data):
    path = shared_data / "tables" / "deep-prognosis" / "HarvardRT.csv"
    frame = pd.read_csv(path)
    table = read_features(str(path), outcome="surv2yr", patterns=["*"])
    records = [name for name in frame.columns if "general_info_" in name]
    assert records
    assert not set(records) & set(table.features.columns)
    assert table.notes[-1].startswith("columns that record the extraction, left out: ")
