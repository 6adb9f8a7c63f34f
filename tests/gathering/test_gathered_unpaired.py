"""Every reason for which a file is in no row."""

from pathlib import Path
from typing import Any

import pytest

Data = Any


def test_a_mask_without_an_image(data: Data) -> None:
    data.images("image/a.png", "mask/a.png", "mask/b.png").gather()
    assert data.reasons == {"mask/b.png": "a mask without an image: no image is called 'b'"}
    assert data.ids == ["a"]


def test_an_image_without_a_mask(data: Data) -> None:
    data.images("image/a.png", "mask/a.png", "image/b.png", "P1/image.png").gather()
    assert data.reasons == {
        "image/b.png": "an image without a mask: no mask is called 'b'",
        "P1/image.png": "an image without a mask: no mask lies beside it",
    }


def test_names_that_say_nothing(data: Data) -> None:
    data.images("a.png", "b.png").gather()
    assert set(data.reasons.values()) == {"nothing in its name says whether it is an image or a mask"}


def test_masks_alone(data: Data) -> None:
    data.images("a_mask.png", "P1/mask.png").gather()
    assert data.reasons == {
        "a_mask.png": "a mask without an image: no image is called 'a'",
        "P1/mask.png": "a mask without an image: no image lies beside it",
    }


def test_a_mask_for_any_of_several_images(data: Data) -> None:
    data.images("a.png", "b.png", "mask.png").gather()
    assert data.rows == []
    assert data.reasons == {
        "mask.png": "a mask that could be of 2 images: a.png, b.png",
        "a.png": "one of 2 images that mask.png could be of",
        "b.png": "one of 2 images that mask.png could be of",
    }


def test_an_image_beside_others_with_masks_takes_no_mask_without_a_name(data: Data) -> None:
    data.images("a.png", "a_mask.png", "b.png", "mask.png").gather()
    assert data.ids == ["a"]
    assert set(data.reasons) == {"b.png", "mask.png"}


def test_two_images_of_one_name(data: Data) -> None:
    data.images("a.nrrd", "a.mha", "a_mask.nrrd").gather()
    assert data.reasons == {
        "a_mask.nrrd": "a mask that matches 2 images: a.mha, a.nrrd",
        "a.mha": "one of 2 images of the same name: a.mha, a.nrrd",
        "a.nrrd": "one of 2 images of the same name: a.mha, a.nrrd",
    }


def test_two_masks_of_one_name(data: Data) -> None:
    data.images("a.png", "a_mask.png", "a_seg.png", "a_seg_1.png").gather()
    assert data.ids == ["a_1"]
    assert set(data.reasons) == {"a_mask.png", "a_seg.png"}
    assert data.reasons["a_seg.png"] == "one of 2 masks of the same name: a_mask.png, a_seg.png"


def test_an_image_whose_masks_all_leave_a_choice(data: Data) -> None:
    data.images("a.png", "a_mask.png", "a_seg.png").gather()
    assert data.reasons["a.png"] == "an image whose masks leave a choice"


def test_an_organ_mask_alone(data: Data) -> None:
    data.images("P1/CT.png", "P1/organ_mask.png").gather()
    assert data.reasons == {
        "P1/CT.png": "an image with an organ mask alone",
        "P1/organ_mask.png": "an organ mask without another mask",
    }


def test_a_mask_of_another_sequence(data: Data) -> None:
    data.images("X_T1.png", "X_T2_mask.png").gather()
    assert data.reasons["X_T2_mask.png"] == "a mask without an image: there is none of T2"


def test_a_mask_of_another_site_is_no_second_mask(data: Data) -> None:
    data.images(
        "siteA/1.png", "siteA/1_mask.png", "siteB/1_mask.png", "siteB/2.png", "siteB/2_mask.png"
    ).gather()
    assert data.ids == ["1", "2"]
    assert data.reasons == {"siteB/1_mask.png": "a mask without an image: no image is called '1'"}


def test_another_case_of_the_same_beginning_is_no_partner(data: Data) -> None:
    data.images("image/P1.png", "mask/P10.png").gather()
    assert data.rows == []


def test_another_size_is_told_where_names_are_the_same(data: Data) -> None:
    data.image("image/a.png", shape=(6, 7))
    data.images("mask/a.png").gather()
    assert data.ids == ["a"]
    assert "a: image and mask differ in size, 7 x 6 x 1 voxels against 5 x 4 x 1" in data.remarks


def test_another_size_is_refused_where_names_agree_in_part(data: Data) -> None:
    data.image("P1/image.nii.gz", shape=(2, 2, 2))
    data.images("P1/mask_2.nii.gz").gather()
    assert data.rows == []
    assert data.reasons == {
        "P1/mask_2.nii.gz": "a mask of another size than P1/image.nii.gz, whose name agrees in part: "
        "2 x 2 x 2 voxels against 5 x 4 x 3",
        "P1/image.nii.gz": "an image whose mask cannot be used",
    }


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.nii.gz", b"", "it is empty"),
        ("a.nii", b"nothing of the kind" * 40, "it does not begin as NIfTI does"),
        ("a.nii.gz", b"\x1f\x8b damaged", "its compressed data are damaged"),
        ("a.nrrd", b"nothing", "it does not begin as NRRD does"),
        ("a.nrrd", b"NRRD0004\ntype: short\n\n", "its header lacks the size that NRRD has"),
        ("a.mha", b"nothing", "its header lacks the size that MetaImage has"),
        ("a.png", b"nothing", "it is no picture of the formats that are known"),
    ],
)
def test_an_image_that_cannot_be_read(data: Data, name: str, content: bytes, reason: str) -> None:
    data.images(f"mask/{name}")
    (data.root / "image").mkdir()
    (data.root / "image" / name).write_bytes(content)
    data.gather()
    assert data.rows == []
    assert data.reasons == {
        f"image/{name}": f"cannot be read: {reason}",
        f"mask/{name}": "a mask whose image cannot be read",
    }


def test_a_mask_that_cannot_be_read(data: Data) -> None:
    data.images("image/a.png", "image/b.nii", "mask/b.nii")
    (data.root / "mask" / "a.png").write_bytes(b"nothing")
    whole = (data.root / "mask" / "b.nii").read_bytes()
    (data.root / "mask" / "b.nii").write_bytes(whole[:-3])
    data.gather()
    assert data.rows == []
    assert data.reasons["image/a.png"] == "an image whose mask cannot be used"
    assert data.reasons["image/b.nii"] == "an image whose mask cannot be read"
    assert data.reasons["mask/b.nii"].startswith("a mask that cannot be read: is truncated: ")


def test_headers_alone_find_no_cut_masks(data: Data) -> None:
    data.images("image/b.nii", "mask/b.nii")
    path = data.root / "mask" / "b.nii"
    path.write_bytes(path.read_bytes()[:-3])
    assert data.gather(headers_only=True).ids == ["b"]


def test_a_folder_without_permission(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    data.images("image/a.png", "mask/a.png", "locked/b.png")
    listing = os.listdir

    def refuse(folder: Path) -> list[str]:
        if Path(folder).name == "locked":
            raise PermissionError(13, "Permission denied", str(folder))
        return listing(folder)

    monkeypatch.setattr(os, "listdir", refuse)
    data.gather()
    assert data.ids == ["a"]
    assert data.reasons == {"locked": "the folder cannot be listed: Permission denied"}


def test_links(data: Data, tmp_path: Path) -> None:
    elsewhere = type(data)(tmp_path / "elsewhere")
    elsewhere.images("a.png", "a_mask.png")
    (data.root / "linked").symlink_to(elsewhere.root)
    (data.root / "linked again").symlink_to(elsewhere.root)
    (data.root / "loop").symlink_to(data.root)
    (data.root / "up").symlink_to(tmp_path)
    (data.root / "gone.png").symlink_to(tmp_path / "gone.png")
    (elsewhere.root / "round").symlink_to(elsewhere.root)
    data.gather()
    assert data.rows == [("a", "linked/a.png", "linked/a_mask.png")]
    assert data.reasons == {"gone.png": "is a link that leads nowhere"}


def test_hidden_files_are_passed_over(data: Data) -> None:
    data.images("image/a.png", "mask/a.png", "image/._a.png", ".cache/b.png", "__MACOSX/mask/c.png").gather()
    assert (data.ids, data.reasons) == (["a"], {})


def test_a_name_that_no_table_can_hold(data: Data) -> None:
    data.images("image/a.png", "mask/a.png")
    (data.root / "image" / "b\udcff.png").write_bytes(b"x")
    (data.root / "image" / "c\rd.png").write_bytes(b"x")
    data.gather()
    assert data.reasons == {
        "image/b\\udcff.png": "its name is not UTF-8, and no table can hold it: rename it",
        "image/c\\rd.png": "its name holds a carriage return: rename it",
    }


def test_a_damaged_dicom_file(data: Data) -> None:
    data.images("image/a.png", "mask/a.png")
    (data.root / "scan.dcm").write_bytes(b"nothing of the kind")
    data.gather()
    assert list(data.reasons) == ["scan.dcm"]
    assert data.reasons["scan.dcm"].startswith("cannot be read as DICOM: ")


def test_an_empty_folder(data: Data) -> None:
    assert (data.gather().rows, data.reasons) == ([], {})
