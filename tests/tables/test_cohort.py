from pathlib import Path

import pandas as pd
import pytest

from radcompare.errors import TableError
from radcompare.tables.case import Case
from radcompare.tables.cohort import checked_ids, read_cohort


def test_cases_and_what_is_known_of_them(write):
    path = write(
        "ID,Image,Mask,Label,OrganMask,died,patient_id\na,i/a.nii,m/a.nii,2,o/a.nii,1,7\nb,/abs/b.nii,m/b.nii,,,0,8\n"
    )
    cohort = read_cohort(path)
    folder = Path(path).parent
    assert cohort.cases == (
        Case("a", folder / "i/a.nii", folder / "m/a.nii", 2, folder / "o/a.nii"),
        Case("b", Path("/abs/b.nii"), folder / "m/b.nii", None, None),
    )
    assert cohort.columns.to_dict("index") == {
        "a": {"died": 1, "patient_id": 7},
        "b": {"died": 0, "patient_id": 8},
    }
    assert cohort.columns.index.name == "ID"
    assert len(cohort.digest) == 64


def test_a_real_cohort(shared_data):
    cohort = read_cohort(str(shared_data / "lidc-nodules" / "cohort.csv"))
    assert len(cohort.cases) == 383
    assert list(cohort.columns.columns) == ["patient_id", "diameter_mm", "malignancy", "malignant"]
    assert cohort.columns["malignant"].sum() == 165
    assert all(case.image.is_file() and case.mask.is_file() for case in cohort.cases)
    assert [case.case for case in cohort.cases] == cohort.columns.index.tolist()


def test_the_batch_file_of_pyradiomics(write):
    """As in its `examples/batch`: no ID, `Label` and reader columns; the files' names become the IDs."""
    text = "Patient,Image,Mask,Reader,Label\n1,data/brain1_image.nrrd,data/brain1_label.nrrd,R1,1\n"
    text += "2,data/brain2_image.nrrd,data/brain2_label.nrrd,R1,1\n"
    cohort = read_cohort(write(text))
    assert [case.case for case in cohort.cases] == ["brain1_image", "brain2_image"]
    assert [case.label for case in cohort.cases] == [1, 1]
    assert list(cohort.columns.columns) == ["Patient", "Reader"]


def test_rows_are_numbered_where_file_names_repeat(write):
    cohort = read_cohort(write("Image,Mask\np1/image.nii,p1/mask.nii\np2/image.nii,p2/mask.nii\n"))
    assert [case.case for case in cohort.cases] == ["1", "2"]


@pytest.mark.parametrize(
    ("image", "mask"),
    [("image_path", "mask_path"), ("IMAGE", "Segmentation"), ("Scan", "ROI"), (" img ", "seg_path")],
)
def test_synonyms(write, image, mask):
    cohort = read_cohort(write(f"case_id,{image},{mask}\na,i.nii,m.nii\n"))
    assert (cohort.cases[0].case, cohort.cases[0].image.name, cohort.cases[0].mask.name) == (
        "a",
        "i.nii",
        "m.nii",
    )


def test_names_that_look_like_numbers_stay_text(write):
    cohort = read_cohort(write("ID,Image,Mask\n007,001,002.50\n"))
    assert cohort.cases[0].case == "007"
    assert (cohort.cases[0].image.name, cohort.cases[0].mask.name) == ("001", "002.50")


def test_a_first_column_without_a_name_holds_the_ids(write):
    assert [case.case for case in read_cohort(write(",Image,Mask\nx,i,m\n")).cases] == ["x"]
    counted = read_cohort(write(",ID,Image,Mask\n0,x,i,m\n"))
    assert [case.case for case in counted.cases] == ["x"]
    assert list(counted.columns.columns) == []


def test_blanks_around_cells_do_not_count(write):
    cohort = read_cohort(write("ID , Image,Mask\n a , i.nii , m.nii\n"))
    assert (cohort.cases[0].case, cohort.cases[0].image.name, cohort.cases[0].mask.name) == (
        "a",
        "i.nii",
        "m.nii",
    )


HEADER = "ID,Image,Mask,Label\n"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "ID,Imge,Mask\na,i,m\n",
            "no column 'Image'; did you mean 'Imge'?; the columns are ID, Imge, Mask",
            "image_path",
        ),
        ("ID,Image\na,i\n", "no column 'Mask'; the columns are ID, Image", "segmentation"),
        ("ID,Image,scan,Mask\na,i,j,m\n", "'Image' and 'scan' both mean 'Image'", "keep one"),
        (
            "ID,Image,Mask,Label,mask_label\na,i,m,1,1\n",
            "'Label' and 'mask_label' both mean 'Label'",
            "keep one",
        ),
        ("ID,Image,Mask\n", "has a header (ID, Image, Mask, ...) and no row", "one row per case"),
        (HEADER + "a,i,m,1\n,i,m,1\n", "row 3: the ID is empty", "ID of its own"),
        (
            HEADER + "a,i,m,1\nb,i,m,1\n a,i,m,1\n",
            "the ID 'a' occurs 2 times (rows 2, 4)",
            "patient and lesion",
        ),
        (HEADER + "a,i,m,1\nb,,m,1\n", "row 3 (ID b): Image is empty", "remove the row"),
        (HEADER + "a,i, ,1\n", "row 2 (ID a): Mask is empty", "remove the row"),
        (HEADER + "a,i,m,1.5\n", "row 2 (ID a): Label 1.5 is not an integer", "the mask's value"),
        (HEADER + "a,i,m,tumour\n", "row 2 (ID a): Label 'tumour' is not an integer", "the mask's value"),
        (HEADER + "a,i,m,inf\n", "row 2 (ID a): Label inf is not an integer", "the mask's value"),
        (
            "ID,Image,Mask,label\na,i,m,0\n",
            "row 2 (ID a): Label 0 is background",
            "if the column is an outcome",
        ),
    ],
)
def test_what_is_wrong_is_named(write, text, message, hint):
    path = write(text, "cohort.csv")
    with pytest.raises(TableError) as refused:
        read_cohort(path)
    assert refused.value.message.startswith(path)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_all_wrong_rows_are_told_at_once(write):
    with pytest.raises(TableError) as refused:
        read_cohort(write(HEADER + "a,i,m,1.5\nb,i,m,1\nc,,m,1\nd,i,m,x\n", "cohort.csv"))
    told = refused.value.message.split("\n  ")
    assert [line.partition(", ")[2] for line in told] == [
        "row 2 (ID a): Label '1.5' is not an integer",
        "row 4 (ID c): Image is empty",
        "row 5 (ID d): Label 'x' is not an integer",
    ]
    assert refused.value.hint.count("the mask's value") == 1
    with pytest.raises(TableError, match="and 88 more rows\n"):
        read_cohort(write(HEADER + "".join(f"c{i},i,m,0\n" for i in range(100)), "cohort.csv"))


@pytest.mark.parametrize(
    ("ids", "clean"),
    [
        ([1.0, 2.0], ["1", "2"]),
        ([1, 2], ["1", "2"]),
        ([1.5, 2.0], ["1.5", "2.0"]),
        ([" a", "b "], ["a", "b"]),
    ],
)
def test_ids_become_text(ids, clean):
    assert checked_ids(pd.Series(ids), "t").tolist() == clean


def test_a_missing_id_among_numbers():
    with pytest.raises(TableError, match="t, row 3: the ID is empty"):
        checked_ids(pd.Series([1.0, None]), "t")


def test_the_ids_of_real_tables_are_unique(shared_data):
    frame = pd.read_csv(shared_data / "tables" / "deep-prognosis" / "Radboud.csv", dtype="str")
    assert checked_ids(frame["id"], "Radboud").nunique() == 104
