"""RTSTRUCT and SEG with the series that they refer to."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from radcompare.gathering.dicom_rows import FromDicom, rows_of_dicom
from radcompare.imaging.dicom.finding import FoundFolder, FoundSegments, FoundSeries, FoundStructures

Data = Any


def series(folder: Path, uid: str = "1.1", **changed: Any) -> FoundSeries:
    plain = FoundSeries(folder, (folder / "1.dcm",), uid, "CT", "", "1", "1.0", "P1", "1.9")
    return replace(plain, **changed)


def structures(
    file: Path, *names: str, refers: tuple[str, ...] = ("1.1",), **changed: Any
) -> FoundStructures:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"{file} {names}".encode())
    return replace(FoundStructures(file, "P1", "1.0", refers, "1.9", names), **changed)


def segments(file: Path, *labels: str, refers: tuple[str, ...] = ("1.1",)) -> FoundSegments:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"{file} {labels}".encode())
    return FoundSegments(file, "P1", "1.0", refers, "1.9", tuple(enumerate(labels, start=1)))


def folder(*parts: FoundSeries | FoundStructures | FoundSegments) -> FoundFolder:
    first = parts[0]
    return FoundFolder(
        first.folder if isinstance(first, FoundSeries) else first.file.parent,
        tuple(part for part in parts if isinstance(part, FoundSeries)),
        tuple(part for part in parts if isinstance(part, FoundStructures)),
        tuple(part for part in parts if isinstance(part, FoundSegments)),
        (),
    )


def rows(found: FromDicom) -> list[tuple[str, str, int | None]]:
    return [(row.id, row.structure, row.label) for row in found.rows]


def reasons(found: FromDicom) -> dict[str, str]:
    return {Path(file.file).name: file.reason for file in found.unpaired}


def gathered(*folders: FoundFolder, only: Sequence[str] = ()) -> FromDicom:
    return rows_of_dicom(folders, only)


def test_a_structure_and_its_series(tmp_path: Path) -> None:
    found = gathered(folder(series(tmp_path / "ct")), folder(structures(tmp_path / "rs" / "RS.dcm", "GTV")))
    row = found.rows[0]
    assert (row.id, row.image, row.mask) == ("P1_CT", tmp_path / "ct", tmp_path / "rs" / "RS.dcm")
    assert (row.structure, row.label, row.series, row.patient_id, row.modality) == (
        "GTV",
        None,
        "",
        "P1",
        "CT",
    )
    assert (found.unpaired, found.remarks, found.alone) == ([], [], [])


def test_several_structures_are_rows(tmp_path: Path) -> None:
    found = gathered(folder(series(tmp_path), structures(tmp_path / "RS.dcm", "GTV 1", "Lung (l)")))
    assert rows(found) == [("P1_CT_GTV_1", "GTV 1", None), ("P1_CT_Lung_l", "Lung (l)", None)]
    assert found.remarks == [
        "several structures or segments are in 1 file, a row for each ('GTV 1', 'Lung (l)'); "
        "--structure PATTERN chooses"
    ]


def test_structures_are_chosen_by_name_in_any_case(tmp_path: Path) -> None:
    drawn = structures(tmp_path / "RS.dcm", "GTV 1", "Lung", "Cord")
    assert rows(gathered(folder(series(tmp_path), drawn), only=["gtv*"])) == [("P1_CT", "GTV 1", None)]
    assert len(gathered(folder(series(tmp_path), drawn), only=["gtv*", "CORD"]).rows) == 2
    found = gathered(folder(series(tmp_path), drawn), only=["ptv"])
    assert reasons(found) == {
        "RS.dcm": "an RTSTRUCT that holds none that is called 'ptv'; it holds 'GTV 1', 'Lung', 'Cord'"
    }


def test_segments_are_labels(tmp_path: Path) -> None:
    found = gathered(folder(series(tmp_path), segments(tmp_path / "seg.dcm", "Tumour", "Organ")))
    assert rows(found) == [("P1_CT_Tumour", "", 1), ("P1_CT_Organ", "", 2)]
    chosen = gathered(
        folder(series(tmp_path), segments(tmp_path / "seg.dcm", "Tumour", "Organ")), only=["organ"]
    )
    assert rows(chosen) == [("P1_CT", "", 2)]


def test_a_segment_without_a_name(tmp_path: Path) -> None:
    found = gathered(folder(series(tmp_path), segments(tmp_path / "seg.dcm", "", "")))
    assert rows(found) == [("P1_CT_segment1", "", 1), ("P1_CT_segment2", "", 2)]


def test_structures_that_a_row_cannot_name(tmp_path: Path) -> None:
    found = gathered(folder(series(tmp_path), structures(tmp_path / "RS.dcm", "GTV", "GTV", "", "Cord")))
    assert rows(found) == [("P1_CT", "Cord", None)]
    assert [file.reason for file in found.unpaired] == [
        "holds 2 structures that are called 'GTV': a row cannot say which one is meant",
        "holds a structure without a name: a row cannot say which one is meant",
    ]


def test_no_structures(tmp_path: Path) -> None:
    found = gathered(folder(series(tmp_path), structures(tmp_path / "RS.dcm")))
    assert reasons(found) == {"RS.dcm": "an RTSTRUCT that holds no structures"}


def test_a_folder_with_several_series(tmp_path: Path) -> None:
    parts = (series(tmp_path), series(tmp_path, "1.2", modality="PT"), structures(tmp_path / "RS.dcm", "GTV"))
    found = gathered(folder(*parts))
    assert found.rows[0].series == "1.1"
    assert [image.uid for image in found.alone] == ["1.2"]


def test_a_series_that_is_not_here(tmp_path: Path) -> None:
    found = gathered(
        folder(series(tmp_path, frame_of_reference="1.8"), segments(tmp_path / "s.dcm", "a", refers=("1.7",)))
    )
    assert reasons(found) == {
        "s.dcm": "a SEG without an image: it refers to the series 1.7, which is not here, "
        "and none has its frame of reference"
    }


@pytest.mark.parametrize(
    ("refers", "said"), [(("1.7",), "refers to a series that is not here"), ((), "does not say")]
)
def test_the_only_series_of_the_frame_of_reference(
    tmp_path: Path, refers: tuple[str, ...], said: str
) -> None:
    found = gathered(folder(series(tmp_path), structures(tmp_path / "RS.dcm", "GTV", refers=refers)))
    assert rows(found) == [("P1_CT", "GTV", None)]
    assert said in found.remarks[0]


def test_several_series_of_the_frame_of_reference(tmp_path: Path) -> None:
    drawn = structures(tmp_path / "RS.dcm", "GTV", refers=())
    found = gathered(folder(series(tmp_path), series(tmp_path, "1.2"), drawn))
    assert reasons(found) == {
        "RS.dcm": "an RTSTRUCT without an image: it refers to no series, and 2 series share its frame of reference"
    }


def test_two_series_referred_to(tmp_path: Path) -> None:
    drawn = structures(tmp_path / "RS.dcm", "GTV", refers=("1.1", "1.2"))
    found = gathered(folder(series(tmp_path), series(tmp_path, "1.2"), drawn))
    assert reasons(found)["RS.dcm"].startswith("an RTSTRUCT that refers to 2 series: ")


def test_a_series_in_two_folders(tmp_path: Path) -> None:
    whole = series(tmp_path / "b", files=(tmp_path / "1", tmp_path / "2"))
    found = gathered(
        folder(series(tmp_path / "a")), folder(whole), folder(structures(tmp_path / "RS.dcm", "GTV"))
    )
    assert found.rows[0].image == tmp_path / "b"
    assert reasons(found) == {
        "a": f"the same series as in {tmp_path / 'b'}, which is taken: 1 file here and 2 files there"
    }


def test_copies_of_a_file(tmp_path: Path) -> None:
    first = structures(tmp_path / "a" / "RS.dcm", "GTV")
    second = replace(first, file=tmp_path / "b" / "copy.dcm")
    second.file.parent.mkdir()
    second.file.write_bytes(first.file.read_bytes())
    found = gathered(folder(series(tmp_path)), folder(first), folder(second))
    assert len(found.rows) == 1
    assert reasons(found) == {"copy.dcm": f"a copy of {first.file}"}


def test_names_of_their_own(tmp_path: Path) -> None:
    one, two = structures(tmp_path / "RS1.dcm", "GTV"), structures(tmp_path / "RS2.dcm", "PTV")
    assert [row.id for row in gathered(folder(series(tmp_path), one, two)).rows] == ["P1_CT_GTV", "P1_CT_PTV"]
    again = structures(tmp_path / "RS3.dcm", "GTV")
    assert len({row.id for row in gathered(folder(series(tmp_path), one, two, again)).rows}) == 3
    other = series(tmp_path / "late", "1.2", number="7")
    late = structures(tmp_path / "RS4.dcm", "GTV", refers=("1.2",))
    found = gathered(folder(series(tmp_path), one), folder(other, late))
    assert [row.id for row in found.rows] == ["P1_CT_GTV_1", "P1_CT_GTV_7"]


def test_a_header_without_a_patient(tmp_path: Path) -> None:
    image = series(tmp_path / "scan 5", patient_id="")
    found = gathered(folder(image), folder(structures(tmp_path / "RS.dcm", "GTV", patient_id="")))
    assert (found.rows[0].id, found.rows[0].patient_id) == ("scan_5_CT", "scan 5")


def test_an_awkward_patient(tmp_path: Path) -> None:
    image = series(tmp_path, patient_id="=cmd/1^2")
    found = gathered(folder(image, structures(tmp_path / "RS.dcm", "GTV")))
    assert (found.rows[0].id, found.rows[0].patient_id) == ("cmd_1_2_CT", "_=cmd/1^2")


def test_a_series_and_a_mask_in_a_file(data: Data) -> None:
    data.slice("P1/ct/1.dcm", "1.2.5", patient="A")
    data.slice("P2/1.dcm", "1.2.6", patient="B")
    data.images("P1/mask.nii.gz", "P2/mask.nii.gz").gather()
    assert data.rows == [("P1", "P1/ct", "P1/mask.nii.gz"), ("P2", "P2", "P2/mask.nii.gz")]
    assert data.patients == ["A", "B"]
    assert [row.modality for row in data.found.rows] == ["CT", "CT"]


def test_folders_of_dicom_beside_a_folder_of_masks(data: Data) -> None:
    data.slice("images/P1/1.dcm", "1.2.5", patient="A")
    data.images("masks/P1.nii.gz").gather()
    assert data.rows == [("P1", "images/P1", "masks/P1.nii.gz")]


def test_series_without_a_mask(data: Data) -> None:
    data.slice("a/1.dcm", "1.2.5")
    data.slice("b/1.dcm", "1.2.6")
    data.slice("b/2.dcm", "1.2.7", modality="PT")
    data.gather()
    assert (
        data.reasons["a"]
        == "a series (CT) without a mask: no RTSTRUCT or SEG refers to it, and no file is called as it is"
    )
    told = [file.reason for file in data.found.unpaired if file.file.endswith("/b")]
    assert told == [
        "a series (CT 1) without a mask: no RTSTRUCT or SEG refers to it",
        "a series (PT 1) without a mask: no RTSTRUCT or SEG refers to it",
    ]
