"""Real folders: what is found in them is what is known of them."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from radcompare.gathering.gather import Wanted, gather
from radcompare.gathering.rows import Gathered
from radcompare.gathering.table import to_frame
from radcompare.imaging.reading import read_region
from radcompare.tables.cohort import read_cohort
from radcompare.tables.files import write_frame


def known(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "cohort.csv", dtype="str").set_index("ID")


def names(found: Gathered) -> set[str]:
    return {Path(file.file).name for file in found.unpaired}


def as_published(found: Gathered, folder: Path) -> None:
    """Rows that the published cohort has, too, name the same files."""
    published = known(folder)
    frame = to_frame(found.rows, folder, folder).set_index("ID")
    assert set(published.index) <= set(frame.index)
    ours = frame.loc[published.index]
    assert (ours[["Image", "Mask"]] == published[["Image", "Mask"]]).all().all()


def test_breast_ultrasound(shared_data: Path) -> None:
    folder = shared_data / "busi"
    found = gather(folder, Wanted())
    assert (len(found.rows), found.unpaired) == (82, ())
    as_published(found, folder)
    second = {row.id: row for row in found.rows}["benign_004_1"]
    assert (second.image.name, second.mask.name) == ("benign_004.png", "benign_004_1.png")
    assert second.patient_id == "benign_004"


def test_lung_nodules(shared_data: Path) -> None:
    folder = shared_data / "lidc-nodules"
    found = gather(folder, Wanted(image="image/{patient}_R_*.nii.gz", headers_only=True))
    assert (len(found.rows), found.unpaired) == (383, ())
    as_published(found, folder)
    assert {row.id: row.patient_id for row in found.rows} == dict(known(folder)["patient_id"])


def test_the_samples_of_pyradiomics(shared_data: Path) -> None:
    found = gather(shared_data / "pyradiomics", Wanted())
    assert [row.id for row in found.rows] == ["brain1", "brain2", "breast1", "prostate_phantom_subvolume"]
    assert names(found) == {"lung1_label.nrrd", "lung2_label.nrrd"}
    assert any("(1, 7, 8, 9)" in remark for remark in found.remarks)


def test_awkward_masks(shared_data: Path) -> None:
    found = gather(shared_data / "awkward-masks", Wanted())
    assert [row.id for row in found.rows] == [
        *("prostate_dilated_10mm", "prostate_empty", "prostate_one", "prostate_single_slice", "prostate_two")
    ]
    assert {row.patient_id for row in found.rows} == {"prostate"}
    assert names(found) == {"CT_head_seg.nii.gz"}
    each = gather(shared_data / "awkward-masks", Wanted(each_label=True))
    assert [(row.id, row.label) for row in each.rows][-2:] == [("prostate_two_1", 1), ("prostate_two_2", 2)]


def test_rtstruct(shared_data: Path) -> None:
    found = gather(shared_data / "dicom-rtstruct", Wanted())
    assert [(row.id, row.structure, row.patient_id) for row in found.rows] == [
        (f"STS_00{patient}_{modality}", f"GTV_Mass_{name}", f"STS_00{patient}")
        for patient in (1, 2)
        for modality, name in (("CT", "CT"), ("PT", "PET"))
    ]
    assert all(row.image.name == "image" and row.mask.name == "RS.dcm" for row in found.rows)
    assert names(found) == {"CT_expected_mask.nii.gz", "PET_expected_mask.nii.gz"}


def test_seg(shared_data: Path) -> None:
    found = gather(shared_data / "dicom-seg", Wanted())
    assert [(row.id, row.label, row.mask.name) for row in found.rows] == [
        ("1CT1_CT", 1, "seg_image_ct_binary_single_frame.dcm")
    ]
    assert len(names(found)) == 5
    assert all("which is not here" in file.reason for file in found.unpaired)


@pytest.fixture
def mixed(shared_data: Path, tmp_path: Path) -> Path:
    """One folder with all of it, by links."""
    root = tmp_path / "data"
    root.mkdir()
    for part in ("dicom-rtstruct/STS_001", "dicom-rtstruct/STS_002", "dicom-seg", "awkward-masks"):
        (root / Path(part).name).symlink_to(shared_data / part)
    return root


def test_a_folder_of_everything_becomes_a_cohort(mixed: Path, tmp_path: Path) -> None:
    found = gather(mixed, Wanted(each_label=True))
    write_frame(to_frame(found.rows, mixed, tmp_path), tmp_path / "cohort.csv")
    cohort = read_cohort(str(tmp_path / "cohort.csv"))
    cases: dict[str, Any] = {case.case: case for case in cohort.cases}
    assert len(cases) == 4 + 1 + 6
    assert all(case.image.exists() and case.mask.is_file() for case in cases.values())
    assert cases["STS_002_PT"].structure == "GTV_Mass_PET"
    assert cases["STS_002_PT"].image == tmp_path / "data" / "STS_002" / "PET" / "image"
    assert (cases["1CT1_CT"].label, cases["1CT1_CT"].modality) == (1, "CT")
    assert cases["prostate_two_2"].label == 2
    assert read_region(cases["1CT1_CT"]).mask.any()
    assert read_region(cases["prostate_two_2"]).mask.any()
    assert cohort.columns.loc["STS_001_CT", "patient_id"] == "STS_001"
