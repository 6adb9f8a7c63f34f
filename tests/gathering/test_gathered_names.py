"""What names say."""

import pytest

from radcompare.gathering.names import of_file, of_folder, stem


@pytest.mark.parametrize(
    ("name", "role", "key", "sequence"),
    [
        ("brain1_image", "image", "brain1", ""),
        ("brain1_label", "mask", "brain1", ""),
        ("prostate-label", "mask", "prostate", ""),
        ("X.seg", "mask", "X", ""),
        ("X_ROI", "mask", "X", ""),
        ("mask_2", "mask", "2", ""),
        ("mask2", "mask", "2", ""),
        ("img001", "image", "001", ""),
        ("benign (1)_mask_1", "mask", "benign (1)_1", ""),
        ("X_T1_mask", "mask", "X", "T1"),
        ("X_mask_T1", "mask", "X", "T1"),
        ("CHUM-001__PT", "", "CHUM-001", "PT"),
        ("CT_001", "", "CT_001", ""),
        ("T1", "", "", "T1"),
        ("C1_gtvt", "mask", "C1_gtvt", ""),
        ("image_mask", "mask", "", ""),
        ("subvolume", "", "subvolume", ""),
        ("masked", "", "masked", ""),
        ("seg_one_label", "mask", "one", ""),
        ("", "", "", ""),
        ("__", "", "", ""),
    ],
)
def test_a_files_name(name: str, role: str, key: str, sequence: str) -> None:
    said = of_file(name)
    assert (said.role, said.key.text, said.sequence) == (role, key, sequence)


def test_an_organ_mask() -> None:
    assert of_file("X_organ").organ
    assert (of_file("organ_mask").role, of_file("organ_mask").key.text) == ("mask", "")


@pytest.mark.parametrize(
    ("name", "role", "key", "sequence"),
    [
        ("masks", "mask", "", ""),
        ("Image", "image", "", ""),
        ("imagesTr", "image", "Tr", ""),
        ("labelsTs", "mask", "Ts", ""),
        ("CT_images", "image", "", "CT"),
        ("train_masks", "mask", "train", ""),
        ("mask_train", "mask", "train", ""),
        ("mask_png", "mask", "", ""),
        ("T1", "", "", "T1"),
        ("label_0", "", "label_0", ""),
        ("Segmentation_dataset", "", "Segmentation_dataset", ""),
        ("P1", "", "P1", ""),
    ],
)
def test_a_folders_name(name: str, role: str, key: str, sequence: str) -> None:
    said = of_folder(name)
    assert (said.role, said.key.text, said.sequence) == (role, key, sequence)


def test_suffixes() -> None:
    assert [stem(name) for name in ("a.nii.gz", "a.seg.nrrd", "A.NII", "a.b.png", "a")] == [
        *("a", "a.seg", "A", "a.b", "a")
    ]


def test_letters_with_accents_are_the_same_however_they_are_composed() -> None:
    assert of_file("e\u0301").key.folded == of_file("\u00e9").key.folded
