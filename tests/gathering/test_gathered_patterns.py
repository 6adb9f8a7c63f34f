"""Patterns in place of the words in names."""

from typing import Any

import pytest

from radcompare.errors import ConfigError
from radcompare.gathering.patterns import Pattern

Data = Any


@pytest.mark.parametrize(
    ("pattern", "path", "case", "patient", "rest"),
    [
        ("*.png", "a.png", "a", "", ""),
        ("*/*.png", "P1/a.png", "P1_a", "", ""),
        ("**/*.png", "x/y/a.png", "a", "", ""),
        ("**/*.png", "a.png", "a", "", ""),
        ("{case}/ct.nii", "P1/ct.nii", "P1", "", ""),
        ("{case}/lesion_*.nii", "P1/lesion_2.nii", "P1", "", "2"),
        ("{case}/{case}_*.nii", "P1/P1_T1.nii", "P1", "", "T1"),
        ("{patient}_*.png", "P1_left.png", "P1_left", "P1", ""),
        ("{patient}/{case}.png", "P1/a.png", "a", "P1", ""),
        ("p?.png", "p1.png", "1", "", ""),
        ("*[12].png", "a1.png", "a", "", ""),
        ("*[!12].png", "a3.png", "a", "", ""),
        ("*[a-c].png", "1b.png", "1", "", ""),
        ("./a/*.png", "a/b.png", "b", "", ""),
    ],
)
def test_what_a_pattern_catches(pattern: str, path: str, case: str, patient: str, rest: str) -> None:
    found = Pattern("--image", pattern).match(path)
    assert found == {"case": case, "patient": patient, "rest": rest}


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.png", "x/a.png"),
        ("{case}.png", "x/a.png"),
        ("{case}/{case}.png", "a/b.png"),
        ("a.png", "axpng"),
        ("*[!12].png", "a1.png"),
        ("(a|b).png", "a.png"),
    ],
)
def test_what_it_does_not(pattern: str, path: str) -> None:
    assert Pattern("--image", pattern).match(path) is None


def test_cases_named_by_both(data: Data) -> None:
    data.images(
        "A/ct.nii.gz", "A/les_1.nii.gz", "A/les_2.nii.gz", "B/ct.nii.gz", "B/les_1.nii.gz", "B/other.nii.gz"
    )
    data.gather(image="{case}/ct.nii.gz", mask="{case}/les_*.nii.gz")
    assert data.ids == ["A_1", "A_2", "B_1"]
    assert data.rows[1][1:] == ("A/ct.nii.gz", "A/les_2.nii.gz")
    assert data.reasons == {}  # what fits neither is left aside


def test_whole_names_alone_count(data: Data) -> None:
    data.images("i/P1.png", "m/P1_2.png").gather(image="i/{case}.png", mask="m/{case}.png")
    assert data.rows == []
    assert data.reasons == {
        "i/P1.png": "an image without a mask: no mask is called 'P1'",
        "m/P1_2.png": "a mask without an image: no image is called 'P1_2'",
    }


def test_a_patient(data: Data) -> None:
    data.images("x/A_1.png", "x/A_2.png", "y/A_1.png", "y/A_2.png")
    data.gather(image="x/{patient}_*.png", mask="y/{patient}_*.png")
    assert (data.ids, data.patients, data.remarks) == (["A_1", "A_2"], ["A", "A"], "")


def test_a_patient_where_masks_are_told_by_their_names(data: Data) -> None:
    data.images("image/A_1.png", "mask/A_1.png").gather(image="image/{patient}_*.png")
    assert (data.ids, data.patients) == (["A_1"], ["A"])


def test_a_mask_that_no_word_tells(data: Data) -> None:
    data.images("A/ct.nii.gz", "A/odd.nii.gz").gather(mask="**/odd*")
    assert data.rows == [("A_odd", "A/ct.nii.gz", "A/odd.nii.gz")]


def test_sequences_by_a_pattern(data: Data) -> None:
    data.images("A_t1.png", "A_late.png", "A_roi.png").gather(image="{case}_*.png", mask="{case}_roi.png")
    assert data.more() == {"Image_late": "A_late.png", "Image_t1": "A_t1.png"}


def test_a_series_of_dicom(data: Data) -> None:
    data.slice("P1/scan/1.dcm", "1.2.5")
    data.images("P1/lesion.nii.gz").gather(image="{case}/scan", mask="{case}/lesion.nii.gz")
    assert data.rows == [("P1", "P1/scan", "P1/lesion.nii.gz")]


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"image": "nothing/*"}, "--image nothing/*: fits no file"),
        ({"mask": "*.gif"}, "--mask *.gif: fits no file"),
        ({"image": "{case}.png"}, "--image {case}.png: says where the case is named, and --mask does not"),
        (
            {"image": "*.png", "mask": "{case}.png"},
            "--mask {case}.png: says where the case is named, and --image does not",
        ),
    ],
)
def test_wrong_patterns(data: Data, wanted: dict[str, str], problem: str) -> None:
    data.images("a.png", "a_mask.png")
    with pytest.raises(ConfigError) as caught:
        data.gather(**wanted)
    assert caught.value.message == problem
    assert caught.value.hint
