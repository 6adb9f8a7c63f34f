"""Importers: a batch file of pyradiomics, and a tree of the shape of the public set of adenocarcinomas."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from radcompare.errors import ConfigError, TableError, UnknownNameError
from radcompare.gathering.importers import IMPORTERS, importer
from radcompare.gathering.rows import Gathered
from radcompare.parallel import silent

Data = Any


def imported(name: str, source: Path, beside: Path) -> Gathered:
    return importer(name)(source, beside, jobs=1, progress=silent)


def test_every_importer_says_what_it_reads() -> None:
    assert all((importer(name).__doc__ or "").partition("\n")[0].endswith(".") for name in IMPORTERS)


def test_an_unknown_importer() -> None:
    with pytest.raises(UnknownNameError) as caught:
        importer("tcia-adenocarcinomas")
    assert caught.value.message == (
        "unknown importer 'tcia-adenocarcinomas'; did you mean 'tcia-adenocarcinoma'?"
    )


def batch(data: Data, text: str) -> Gathered:
    data.images("i/a.png", "m/a.png", "i/b.png", "m/b.png")
    (data.root / "batch.csv").write_text(text, encoding="utf-8")
    return imported("pyradiomics", data.root / "batch.csv", data.root)


def test_a_batch_file(data: Data) -> None:
    data.found = batch(data, "Image,Mask\ni/a.png,m/a.png\ni/b.png,m/b.png\n")
    assert data.rows == [("a", "i/a.png", "m/a.png"), ("b", "i/b.png", "m/b.png")]
    assert data.patients == ["a", "b"]


def test_its_other_columns_pass(data: Data) -> None:
    text = "Patient,IMAGE,mask,Reader,label,Image_T2,Modality\n1,i/a.png,m/a.png,R1,2,i/b.png,MR\n"
    row = batch(data, text).rows[0]
    assert (row.id, row.patient_id, row.label, row.modality) == ("a", "1", 2, "MR")
    assert row.more == {"Patient": 1, "Reader": "R1", "Image_T2": data.root / "i" / "b.png"}


def test_rows_of_a_batch_that_cannot_be_used(data: Data) -> None:
    text = "ID,Image,Mask,Label\nx,i/a.png,m/none.png,\ny,,m/a.png,\nz,i/b.png,m/b.png,0.5\nb,i/b.png,m/b.png,1\n"
    found = batch(data, text)
    assert [row.id for row in found.rows] == ["b"]
    told = [file.reason for file in found.unpaired]
    assert "does not exist; case x names it" in told
    assert any("Image is empty" in reason for reason in told)
    assert any("Label 0.5 is not an integer" in reason for reason in told)


def test_repeated_ids_are_numbered_and_told(data: Data) -> None:
    found = batch(data, "ID,Image,Mask\nx,i/a.png,m/a.png\nx,i/b.png,m/b.png\n")
    assert [row.id for row in found.rows] == ["x", "x_2"]
    assert "occurs 2 times" in found.remarks[0]


def test_no_batch_file(data: Data) -> None:
    with pytest.raises(ConfigError) as caught:
        imported("pyradiomics", data.root, data.root)
    assert caught.value.message.endswith("is no file")


TABLE = "RID,Volume,survival_label\nR_001,3.5,1\nR_002,4.5,0\n"


@pytest.fixture
def published(data: Data) -> Data:
    """Two patients; masks hold 0, 1 (lung) and higher values (tumour)."""
    for patient in ("R_001", "R_002"):
        for number in (1, 2):
            data.slice(f"DICOM/{patient}/CT/{number}.dcm", f"1.2.{int(patient[-1])}", patient=patient)
        data.image(f"NIfTI/{patient}_mask.nii.gz", labels=(1, 1, 2, 3, 0, 2))
    (data.root / "FeaturesWithLabels.csv").write_text(TABLE, encoding="utf-8")
    return data


def adenocarcinomas(data: Data, beside: Path) -> Gathered:
    found = imported("tcia-adenocarcinoma", data.root, beside)
    data.found = found
    return found


def test_the_public_set(published: Data, tmp_path: Path) -> None:
    found = adenocarcinomas(published, tmp_path)
    assert [(row.id, row.patient_id, row.more) for row in found.rows] == [
        ("R_001", "R_001", {"survival_label": 1}),
        ("R_002", "R_002", {"survival_label": 0}),
    ]
    assert [row.image for row in found.rows] == [
        published.root / "DICOM" / patient / "CT" for patient in ("R_001", "R_002")
    ]
    assert found.rows[0].mask == tmp_path / "masks" / "R_001.nii.gz"
    assert (found.unpaired, found.rows[0].series, found.rows[0].modality) == ((), "", "CT")
    assert found.remarks == (
        f"the tumour (values above 1) of 2 masks is written to {tmp_path}/masks, as 0 and 1",
    )


def test_the_tumour_lies_where_it_did(published: Data, tmp_path: Path) -> None:
    original = published.root / "NIfTI" / "R_001_mask.nii.gz"
    image = sitk.ReadImage(str(original))
    image.SetSpacing((0.7, 0.7, 2.5))
    image.SetOrigin((-3.0, 4.0, 5.0))
    image.SetDirection((1.0, 0, 0, 0, -1.0, 0, 0, 0, 1.0))
    sitk.WriteImage(image, str(original))
    written = sitk.ReadImage(str(adenocarcinomas(published, tmp_path).rows[0].mask))
    read = sitk.ReadImage(str(original))
    assert (sitk.GetArrayFromImage(written) == (sitk.GetArrayFromImage(read) > 1)).all()
    assert written.GetPixelIDTypeAsString() == "8-bit unsigned integer"
    for ours, theirs in (
        (written.GetSpacing(), read.GetSpacing()),
        (written.GetOrigin(), read.GetOrigin()),
        (written.GetDirection(), read.GetDirection()),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_again_into_the_folder_itself(published: Data) -> None:
    first = adenocarcinomas(published, published.root)
    content = first.rows[0].mask.read_bytes()
    assert adenocarcinomas(published, published.root) == first
    assert first.rows[0].mask.read_bytes() == content


def test_another_file_is_not_overwritten(published: Data, tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "R_001.nii.gz").write_bytes(b"precious")
    with pytest.raises(ConfigError) as caught:
        adenocarcinomas(published, tmp_path)
    assert "is there already and holds something else" in caught.value.message
    assert (tmp_path / "masks" / "R_001.nii.gz").read_bytes() == b"precious"


def test_what_the_public_set_lacks(published: Data, tmp_path: Path) -> None:
    rows = "R_003,1,0\nR_004,1,0\nR_005,1,0\nR_006,1,\n"
    (published.root / "FeaturesWithLabels.csv").write_text(TABLE + rows, encoding="utf-8")
    published.slice("DICOM/R_004/1.dcm", "1.2.4", patient="R_004")
    published.slice("DICOM/R_005/1.dcm", "1.2.5", patient="R_005")
    published.image("NIfTI/R_005.nii.gz", labels=(1,))
    published.image("NIfTI/R_009.nii.gz", labels=(2,))
    adenocarcinomas(published, tmp_path)
    assert published.ids == ["R_001", "R_002"]
    assert published.reasons == {
        "RID R_003": "no series is called so or lies in a folder called so",
        "RID R_004": "no mask is called so or lies in a folder called so",
        "RID R_005": "NIfTI/R_005.nii.gz holds no value above 1, which would be tumour",
        "RID R_006": "has no survival_label",
        "NIfTI/R_009.nii.gz": "belongs to no RID of FeaturesWithLabels.csv",
    }


def test_several_masks_of_a_patient(published: Data, tmp_path: Path) -> None:
    published.image("NIfTI/R_001_again.nii.gz", labels=(2,))
    adenocarcinomas(published, tmp_path)
    assert published.ids == ["R_002"]
    assert published.reasons["RID R_001"].startswith("2 masks are called so: ")


def test_a_patient_of_another_number_is_another(published: Data, tmp_path: Path) -> None:
    (published.root / "FeaturesWithLabels.csv").write_text(
        "RID,survival_label\nR_1,1\nR_00,0\n", encoding="utf-8"
    )
    adenocarcinomas(published, tmp_path)
    assert published.ids == ["R_1"]  # leading zeros are no difference
    assert "RID R_00" in published.reasons


def test_patients_found_by_their_headers(data: Data, tmp_path: Path) -> None:
    data.slice("series-1/1.dcm", "1.2.1", patient="R_001")
    data.image("R_001.nii", labels=(2,))
    (data.root / "featureswithlabels.CSV".replace("CSV", "csv")).write_text("rid,Survival_Label\nR_001,1\n")
    assert [row.id for row in adenocarcinomas(data, tmp_path).rows] == ["R_001"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "holds no file FeaturesWithLabels.csv, expected one"),
        ("RID,x\nR_001,1\n", "no column survival_label; it has RID, x, ..."),
        ("RID,survival_label\nR_001,1\nR_001,0\n", "a RID is empty or occurs twice"),
    ],
)
def test_a_table_that_is_none(data: Data, text: str | None, problem: str) -> None:
    if text is not None:
        (data.root / "FeaturesWithLabels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        adenocarcinomas(data, data.root)
    assert problem in caught.value.message


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        imported("tcia-adenocarcinoma", tmp_path / "none", tmp_path)
