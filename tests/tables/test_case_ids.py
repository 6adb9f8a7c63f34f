import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.case_ids import case_naming

FMCIB = ["image_path", "coordX", "coordY", "coordZ", "pred_0"]


@pytest.mark.parametrize(
    ("columns", "told_from", "dropped"),
    [
        (["x", "ID"], ("ID",), ("ID",)),
        (["case", "ID"], ("ID",), ("ID",)),
        (["", "ID"], ("ID",), ("ID", "")),
        (["", "x"], ("",), ("",)),
        (["x", "y"], (), ()),
        (FMCIB, ("image_path",), ()),
        (["", *FMCIB], ("image_path",), ("",)),
        (["Case_ID", *FMCIB], ("Case_ID",), ("Case_ID",)),
        (["PatientID", "ROI", "stat_mean"], ("PatientID", "ROI"), ()),
        (["PatientID", "ngl_lde_3D"], ("PatientID",), ()),
    ],
)
def test_what_cases_are_called_by(columns, told_from, dropped):
    naming = case_naming(columns)
    assert (naming.told_from, naming.dropped) == (told_from, dropped)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.nii.gz", "a"),
        ("/x.y/z.1/a.nii", "a"),
        (r"C:\x.y\a b.nrrd", "a b"),
        ("dicom/a/", "a"),
        ("dicom.2/a", "a"),
        (" a.nii ", "a"),
        ("7", "7"),
        (7.0, "7"),
        (None, ""),
        (".nii", ""),
    ],
)
def test_file_names_up_to_the_first_point(path, name):
    assert case_naming(FMCIB).names(pd.DataFrame({"image_path": [path]})).tolist() == [name]


def test_rows_are_numbered_where_nothing_calls_them():
    ids, notes = case_naming(["x"]).ids(pd.DataFrame({"x": [5, 6]}), "t.csv")
    assert (ids.tolist(), ids.name, len(notes)) == (["1", "2"], "ID", 1)


def test_an_id_that_occurs_twice_is_refused():
    with pytest.raises(TableError, match=r"t\.csv: the ID 'a' occurs 2 times"):
        case_naming(["ID"]).ids(pd.DataFrame({"ID": ["a", "a"]}), "t.csv")
