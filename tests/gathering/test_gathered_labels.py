"""Labels in masks: told, or a row for each."""

from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from radcompare.gathering.labels import labels_in

Data = Any


@pytest.fixture
def several(data: Data) -> Data:
    data.images("image/a.nii.gz", "image/b.nii.gz")
    data.image("mask/a.nii.gz", labels=(1, 3))
    data.image("mask/b.nii.gz", labels=(2,))
    return data


def test_several_labels_are_told(several: Data) -> None:
    several.gather()
    assert [(row.id, row.label) for row in several.found.rows] == [("a", None), ("b", None)]
    assert "masks with several labels: mask/a.nii.gz (1, 3); --each-label writes a row" in several.remarks


def test_a_row_for_each_label(several: Data) -> None:
    several.gather(each_label=True)
    assert [(row.id, row.label) for row in several.found.rows] == [("a_1", 1), ("a_3", 3), ("b", 2)]
    assert several.patients == ["a", "a", "b"]
    assert "--each-label" not in several.remarks


def test_closed_masks_tell_nothing(several: Data) -> None:
    several.gather(headers_only=True)
    assert "labels" not in several.remarks


def test_rows_for_labels_do_not_take_the_id_of_others(data: Data) -> None:
    data.images("image/a.png", "image/a_1.png", "mask/a_1.png")
    data.image("mask/a.png", labels=(1, 2))
    assert len(set(data.gather(each_label=True).ids)) == 3


def test_an_empty_mask_is_told(data: Data) -> None:
    data.images("image/a.png")
    data.image("mask/a.png", labels=())
    assert data.gather().ids == ["a"]
    assert "empty masks: mask/a.png" in data.remarks
    assert data.gather(each_label=True).ids == ["a"]


def test_several_jobs_find_the_same(several: Data) -> None:
    from radcompare.gathering.gather import Wanted, gather

    assert gather(several.root, Wanted(), jobs=2) == several.gather().found


def test_a_white_on_black_picture_is_one_region(data: Data) -> None:
    assert labels_in(data.image("a.png", labels=(255, 128, 7))).labels == ()
    assert labels_in(data.image("b.png", labels=(2, 1))).labels == (1, 2)


def test_what_is_no_map_of_labels(data: Data, tmp_path: Any) -> None:
    fractions = np.zeros((2, 3, 4), np.float32)
    fractions[0, 0, :2] = 0.25, 0.5
    sitk.WriteImage(sitk.GetImageFromArray(fractions), str(tmp_path / "f.nii"))
    assert labels_in(tmp_path / "f.nii").labels == ()
    sitk.WriteImage(sitk.GetImageFromArray(fractions * 8), str(tmp_path / "w.nii"))
    assert labels_in(tmp_path / "w.nii").labels == (2, 4)
    sitk.WriteImage(
        sitk.GetImageFromArray(np.arange(240, dtype=np.int16).reshape(2, 10, 12)), str(tmp_path / "i.nii")
    )
    assert labels_in(tmp_path / "i.nii").labels == ()
    signed = np.array([[[-5, 0, 2, 9]]], np.int16)
    sitk.WriteImage(sitk.GetImageFromArray(signed), str(tmp_path / "s.nrrd"))
    assert labels_in(tmp_path / "s.nrrd").labels == (2, 9)


def test_a_damaged_mask(tmp_path: Any) -> None:
    (tmp_path / "a.nrrd").write_bytes(b"NRRD0004\n")
    assert "cannot be read" in labels_in(tmp_path / "a.nrrd").problem
