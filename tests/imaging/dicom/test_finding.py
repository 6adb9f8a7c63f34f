"""What lies in a folder: series, structure sets and segmentations, each with what they were drawn on."""

from pathlib import Path

import pytest
from made_series import image_header, set_tags, uid, voxels, write, write_enhanced, write_series
from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage, SegmentationStorage

from radcompare.imaging.dicom.finding import series_in


def item(**tags: object) -> Dataset:
    made = Dataset()
    set_tags(made, tags)
    return made


def structures(path: Path, **tags: object) -> Path:
    header = image_header(voxels()[0], "RTSTRUCT", "drawn", 0)
    header.SOPClassUID = RTStructureSetStorage
    set_tags(header, {"Rows": None, "Columns": None, "PixelData": None, "FrameOfReferenceUID": None})
    series = item(SeriesInstanceUID=uid("one"))
    study = item(RTReferencedSeriesSequence=[series])
    header.ReferencedFrameOfReferenceSequence = [
        item(FrameOfReferenceUID=uid("frame"), RTReferencedStudySequence=[study, study])
    ]
    header.StructureSetROISequence = [
        item(ROINumber=number, ROIName=name, ReferencedFrameOfReferenceUID=uid("frame"))
        for number, name in ((1, "GTV"), (5, "Größe"))
    ]
    header.SpecificCharacterSet = "ISO_IR 100"
    header.ROIContourSequence = [item(ReferencedROINumber=1)]
    set_tags(header, tags)
    return write(path, header)


def segments(path: Path) -> Path:
    header = image_header(voxels()[0], "SEG", "segments", 0)
    header.SOPClassUID = SegmentationStorage
    header.ReferencedSeriesSequence = [item(SeriesInstanceUID=uid("one"))]
    header.SegmentSequence = [
        item(SegmentNumber=n, SegmentLabel=name) for n, name in ((1, "liver"), (2, "lesion"))
    ]
    return write(path, header)


def test_series(tmp_path: Path) -> None:
    write_series(tmp_path, voxels(), "MR", series="two", SeriesNumber=12)
    write_series(tmp_path, voxels(), "MR", series="one", SeriesNumber=None, SeriesDescription=None)
    write_series(tmp_path, voxels()[:2], "CT", series="three", FrameOfReferenceUID=None)
    write_enhanced(tmp_path / "x.dcm", voxels())
    (tmp_path / "notes.txt").write_text("words")
    found = series_in(tmp_path)
    both = sorted([(uid("three"), 2), (uid("enhanced"), 1)])  # of one modality and number: by UID
    assert [(one.uid, len(one.files)) for one in found.series] == [*both, (uid("one"), 6), (uid("two"), 6)]
    two = next(one for one in found.series if one.uid == uid("two"))
    assert (two.folder, two.modality, two.description, two.number) == (tmp_path, "MR", "series two", "12")
    assert (two.study, two.patient_id, two.frame_of_reference) == (
        uid("study"),
        "P1",
        uid("frame of reference"),
    )
    assert two.files == tuple(sorted(tmp_path.glob("two_*.dcm")))
    one = next(some for some in found.series if some.uid == uid("one"))
    assert (one.description, one.number) == ("", "")
    three = next(some for some in found.series if some.uid == uid("three"))
    assert three.frame_of_reference == ""
    assert (found.structures, found.segments, found.unreadable) == ((), (), ())


def test_structures(tmp_path: Path) -> None:
    path = structures(tmp_path / "rs.dcm")
    (found,) = series_in(tmp_path).structures
    assert (found.file, found.patient_id, found.study) == (path, "P1", uid("study"))
    assert found.series == (uid("one"),)
    assert found.frame_of_reference == uid("frame")
    assert found.names == ("GTV", "Größe")
    assert series_in(tmp_path).series == ()


def test_structures_that_refer_to_nothing(tmp_path: Path) -> None:
    structures(tmp_path / "rs.dcm", ReferencedFrameOfReferenceSequence=None)
    (found,) = series_in(tmp_path).structures
    assert (found.series, found.frame_of_reference) == ((), uid("frame"))
    structures(tmp_path / "rs.dcm", ReferencedFrameOfReferenceSequence=None, StructureSetROISequence=None)
    (found,) = series_in(tmp_path).structures
    assert (found.series, found.frame_of_reference, found.names) == ((), "", ())


def test_segments(tmp_path: Path) -> None:
    path = segments(tmp_path / "seg.dcm")
    (found,) = series_in(tmp_path).segments
    assert (found.file, found.patient_id, found.study) == (path, "P1", uid("study"))
    assert (found.series, found.frame_of_reference) == ((uid("one"),), uid("frame of reference"))
    assert found.segments == ((1, "liver"), (2, "lesion"))


def test_unreadable_files_do_not_cost_the_others(tmp_path: Path) -> None:
    files = write_series(tmp_path, voxels())
    files[0].write_bytes(files[0].read_bytes()[:300])
    (tmp_path / "words.dcm").write_text("these are words")
    found = series_in(tmp_path)
    assert [len(one.files) for one in found.series] == [5]
    assert {file.name for file, _ in found.unreadable} == {files[0].name, "words.dcm"}
    assert all(reason for _, reason in found.unreadable)


def test_of_real_files(shared_data: Path) -> None:
    patient = shared_data / "dicom-rtstruct" / "STS_001"
    (series,) = series_in(patient / "PET" / "image").series
    (drawn,) = series_in(patient / "PET" / "mask").structures
    assert (series.modality, len(series.files), series.patient_id) == ("PT", 59, "STS_001")
    assert (drawn.series, drawn.names) == ((series.uid,), ("GTV_Mass_PET",))
    assert drawn.frame_of_reference == series.frame_of_reference


def test_segments_of_real_files(shared_data: Path) -> None:
    found = series_in(shared_data / "dicom-seg")
    labels = {one.file.name: one.segments for one in found.segments}
    overlap = ((1, "first segment"), (2, "second segment"))
    assert labels["seg_image_ct_binary_overlap.dcm"] == overlap
    assert found.unreadable == ()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        series_in(tmp_path / "nothing")
