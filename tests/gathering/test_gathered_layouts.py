"""Every layout of files, and what its rows are."""

from typing import Any

import pytest

Data = Any


def paired(data: Data, *names: str, **wanted: str) -> Data:
    """The files gathered, all of which find a place."""
    data.images(*names).gather(**wanted)
    assert data.reasons == {}
    return data


def test_two_folders_beside_each_other(data: Data) -> None:
    paired(data, "image/b10.nii.gz", "image/b9.nii.gz", "mask/b10.nii.gz", "mask/b9.nii.gz")
    assert data.rows == [
        ("b9", "image/b9.nii.gz", "mask/b9.nii.gz"),
        ("b10", "image/b10.nii.gz", "mask/b10.nii.gz"),
    ]
    assert data.patients == ["b9", "b10"]
    assert "patient_id of 2 cases is the name of the image" in data.remarks


def test_two_folders_in_every_case(data: Data) -> None:
    paired(data, "P1/images/ct.nii.gz", "P1/masks/lesion1.nii.gz", "P1/masks/lesion2.nii.gz")
    assert data.ids == ["P1_lesion1", "P1_lesion2"]
    assert data.patients == ["P1", "P1"]


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("X_image.nrrd", "X_label.nrrd"),
        ("X.nrrd", "X-label.nrrd"),
        ("X.nrrd", "X.seg.nrrd"),
        ("X_scan.mha", "X_roi.mha"),
        ("X.nii.gz", "X_segmentation.nii.gz"),
        ("X.nii", "mask_X.nii.gz"),
        ("x.NII.GZ".lower(), "X_Mask.nii.gz"),
        ("X.png", "X_mask.tif"),
        ("X.bmp", "X_seg.png"),
        ("image_X.png", "label_X.png"),
    ],
)
def test_one_folder(data: Data, image: str, mask: str) -> None:
    assert [row[1:] for row in paired(data, image, mask).rows] == [(image, mask)]
    assert data.ids[0].upper() == "X"


def test_numbers_behind_words(data: Data) -> None:
    assert paired(
        data, "img1.png", "mask1.png", "img01.png", "mask01.png", "volume-7.png", "segmentation-7.png"
    ).ids
    assert sorted(data.ids) == ["01", "1", "7"]


def test_masks_that_are_called_as_images_are(data: Data) -> None:
    paired(data, "images/image_1.png", "masks/image_1.png", "images/image_2.png", "masks/image_2.png")
    assert data.rows == [
        ("1", "images/image_1.png", "masks/image_1.png"),
        ("2", "images/image_2.png", "masks/image_2.png"),
    ]


def test_several_masks_of_an_image(data: Data) -> None:
    paired(
        data, "image/X.png", "mask/X.png", "mask/X_1.png", "mask/X_left.png", "image/X10.png", "mask/X10.png"
    )
    assert data.ids == ["X", "X10", "X_1", "X_left"]
    by_id = {row.id: row for row in data.found.rows}
    assert {by_id[name].patient_id for name in ("X", "X_1", "X_left")} == {"X"}
    assert {by_id[name].image.name for name in ("X", "X_1", "X_left")} == {"X.png"}
    assert by_id["X10"].patient_id == "X10"


def test_the_ultrasound_set_as_it_is_published(data: Data) -> None:
    paired(data, "benign/benign (1).png", "benign/benign (1)_mask.png", "benign/benign (1)_mask_1.png")
    assert data.ids == ["benign (1)", "benign (1)_1"]
    assert data.patients == ["benign (1)"] * 2


def test_a_folder_for_every_case(data: Data) -> None:
    paired(
        data, "P1/image.nii.gz", "P1/mask.nii.gz", "P2/image.nii.gz", "P2/mask_1.nii.gz", "P2/mask_2.nii.gz"
    )
    assert data.ids == ["P1", "P2_1", "P2_2"]
    assert data.patients == ["P1", "P2", "P2"]
    assert data.remarks == ""


def test_a_case_is_called_after_the_folder_if_nothing_else_has_a_name(data: Data) -> None:
    assert paired(data, "image.nii.gz", "mask.nii.gz").ids == ["data"]


def test_names_that_begin_with_the_folder(data: Data) -> None:
    paired(data, "B_1/B_1_flair.nii.gz", "B_1/B_1_t1ce.nii.gz", "B_1/B_1_seg.nii.gz")
    assert (data.ids, data.patients) == (["B_1"], ["B_1"])
    assert data.more() == {"Image_flair": "B_1/B_1_flair.nii.gz", "Image_t1ce": "B_1/B_1_t1ce.nii.gz"}
    assert data.found.rows[0].modality == "FLAIR"


def test_sequences_are_columns(data: Data) -> None:
    paired(data, "P1/T2.nii.gz", "P1/T1.nii.gz", "P1/mask.nii.gz", "P2/T2.nii.gz", "P2/mask.nii.gz")
    assert data.rows == [("P1", "P1/T2.nii.gz", "P1/mask.nii.gz"), ("P2", "P2/T2.nii.gz", "P2/mask.nii.gz")]
    assert data.more(0) == {"Image_T1": "P1/T1.nii.gz", "Image_T2": "P1/T2.nii.gz"}
    assert data.more(1) == {"Image_T2": "P2/T2.nii.gz"}


def test_one_image_for_each_case_needs_no_column_of_sequences(data: Data) -> None:
    paired(data, "P1/CT.nii.gz", "P1/mask.nii.gz", "P2/T1.nii.gz", "P2/mask.nii.gz")
    assert [row.modality for row in data.found.rows] == ["CT", "T1"]
    assert [dict(row.more) for row in data.found.rows] == [{}, {}]


def test_an_image_without_a_sequence_beside_one_with(data: Data) -> None:
    paired(data, "P1/image.nii.gz", "P1/T1.nii.gz", "P1/mask.nii.gz", "P2/T1.nii.gz", "P2/mask.nii.gz")
    assert data.more(0) == {"Image_T1": "P1/T1.nii.gz", "Image_plain": "P1/image.nii.gz"}
    assert data.rows[0][1] == "P1/T1.nii.gz"


def test_every_sequence_with_its_mask(data: Data) -> None:
    names = [f"P1/{sequence}/{kind}.nii.gz" for sequence in ("CT", "PET") for kind in ("image", "mask")]
    paired(data, *names)
    assert data.rows == [("P1", "P1/CT/image.nii.gz", "P1/CT/mask.nii.gz")]
    assert data.more() == {
        "Image_CT": "P1/CT/image.nii.gz",
        "Image_PET": "P1/PET/image.nii.gz",
        "Mask_PET": "P1/PET/mask.nii.gz",
    }


def test_the_image_is_one_that_has_a_mask(data: Data) -> None:
    paired(data, "X_T1.nii.gz", "X_T2.nii.gz", "X_T2_mask.nii.gz")
    assert data.rows == [("X", "X_T2.nii.gz", "X_T2_mask.nii.gz")]


def test_folders_of_sequences(data: Data) -> None:
    paired(data, "T1/P1.nii.gz", "T2/P1.nii.gz", "mask/P1.nii.gz")
    assert data.more() == {"Image_T1": "T1/P1.nii.gz", "Image_T2": "T2/P1.nii.gz"}


def test_channels_as_nnunet_counts_them(data: Data) -> None:
    names = [f"imagesTr/P_{case}_000{channel}.nii.gz" for case in (1, 2) for channel in (0, 1)]
    paired(data, *names, "labelsTr/P_1.nii.gz", "labelsTr/P_2.nii.gz")
    assert data.rows[1] == ("P_2", "imagesTr/P_2_0000.nii.gz", "labelsTr/P_2.nii.gz")
    assert data.more(1) == {
        "Image_0000": "imagesTr/P_2_0000.nii.gz",
        "Image_0001": "imagesTr/P_2_0001.nii.gz",
    }


def test_one_channel(data: Data) -> None:
    paired(data, "imagesTr/P_1_0000.nii.gz", "labelsTr/P_1.nii.gz")
    assert (data.ids, dict(data.found.rows[0].more), data.found.rows[0].modality) == (["P_1"], {}, "")


def test_training_and_test_images_keep_apart(data: Data) -> None:
    names = [f"{kind}{part}/a.png" for kind in ("images", "labels") for part in ("Tr", "Ts")]
    assert paired(data, *names).ids == ["Tr_a", "Ts_a"]
    assert data.rows[1][1:] == ("imagesTs/a.png", "labelsTs/a.png")


def test_unknown_names_that_other_cases_have_too_are_sequences(data: Data) -> None:
    names = [f"P{case}/{name}.nii.gz" for case in (1, 2) for name in ("portal", "late", "mask")]
    paired(data, *names)
    assert data.more(1) == {"Image_late": "P2/late.nii.gz", "Image_portal": "P2/portal.nii.gz"}
    assert data.found.rows[0].modality == ""


def test_the_only_image_beside_a_mask(data: Data) -> None:
    assert paired(data, "P1/anything.nii.gz", "P1/mask.nii.gz").rows == [
        ("P1", "P1/anything.nii.gz", "P1/mask.nii.gz")
    ]


def test_an_organ_mask_is_a_column(data: Data) -> None:
    paired(data, "P1/CT.nii.gz", "P1/mask.nii.gz", "P1/organ_mask.nii.gz", "P2/CT.nii.gz", "P2/mask.nii.gz")
    assert [row.organ and row.organ.name for row in data.found.rows] == ["organ_mask.nii.gz", None]


def test_readers_in_folders_of_their_own(data: Data) -> None:
    paired(data, "scans/P1.nii.gz", "smith_annotations/P1.nii.gz", "jones_annotations/P1.nii.gz")
    assert data.ids == ["P1_jones", "P1_smith"]
    assert data.patients == ["P1", "P1"]


def test_a_study_whose_name_holds_a_word_for_masks(data: Data) -> None:
    assert paired(data, "Brain_Segmentation/P1/CT.nii.gz", "Brain_Segmentation/P1/mask.nii.gz").ids == ["P1"]


def test_a_folder_called_after_masks_that_holds_images_as_well(data: Data) -> None:
    paired(
        data,
        "odd-masks/P1/img.nii.gz",
        "odd-masks/P1/seg_1.nii.gz",
        "other/P2/img.nii.gz",
        "other/P2/seg.nii.gz",
    )
    assert data.ids == ["P1_1", "P2"]


def test_visits_are_of_the_patient_above(data: Data) -> None:
    names = [
        f"{place}/{kind}.nii.gz" for place in ("P1/day1", "P1/day2", "P2/day1") for kind in ("image", "mask")
    ]
    paired(data, *names)
    assert data.ids == ["P1_day1", "P1_day2", "P2_day1"]
    assert data.patients == ["P1", "P1", "P2"]
    assert "taken for patients: p1, p2" in data.remarks


def test_no_patient_is_called_train(data: Data) -> None:
    names = [f"{place}/7/{kind}.nii.gz" for place in ("train", "test") for kind in ("image", "mask")]
    paired(data, *names)
    assert data.ids == data.patients == ["test_7", "train_7"]


def test_ids_that_meet_by_chance_are_numbered(data: Data) -> None:
    paired(data, "a/X.png", "a/X_mask.png", "a/X_mask_2.png", "b/X_2.png", "b/X_2_mask.png")
    assert len(set(data.ids)) == 3


AWKWARD = [
    "a b",
    "a, b",
    'say "x"',
    "it's",
    "日本",
    "é",
    "=cmd",
    "@sum",
    "a\nb",
    "a;b",
    "100%",
    "a\tb",
    "{case}",
]


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_names(data: Data, name: str) -> None:
    paired(data, f"image/{name}.png", f"mask/{name}.png")
    assert data.rows[0][1:] == (f"image/{name}.png", f"mask/{name}.png")
    assert data.ids[0].isprintable()
    assert data.ids[0][0] not in "=@"
    assert data.ids[0].replace(" ", "").strip("_") == "".join(name.split())


def test_letters_composed_otherwise(data: Data) -> None:
    assert paired(data, "image/e\u0301.png", "mask/\u00e9.png").ids == ["\u00e9"]


def test_the_same_files_give_the_same_rows(data: Data) -> None:
    first = data.images("image/b.png", "image/a.png", "mask/a.png", "mask/b.png").gather().found
    assert data.gather().found == first
