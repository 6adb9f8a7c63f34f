"""A folder of small images and masks, and of DICOM series."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from radcompare.gathering.gather import Wanted, gather
from radcompare.gathering.rows import Gathered

SHAPE = (3, 4, 5)
PICTURE = (4, 5)


class Data:
    """A folder that is filled and gathered; paths are told relative to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found = Gathered((), ())

    def image(self, name: str, labels: Sequence[int] = (1,), shape: tuple[int, ...] | None = None) -> Path:
        """A file with one voxel of each label, 0 elsewhere."""
        path = self.root / name
        voxels = np.zeros(shape or (PICTURE if path.suffix in (".png", ".tif", ".bmp") else SHAPE), np.uint8)
        voxels.flat[: len(labels)] = labels
        path.parent.mkdir(parents=True, exist_ok=True)
        sitk.WriteImage(sitk.GetImageFromArray(voxels), str(path))
        return path

    def images(self, *names: str) -> "Data":
        for name in names:
            self.image(name)
        return self

    def slice(self, name: str, series: str, patient: str = "P1", modality: str = "CT") -> Path:
        """One DICOM image."""
        import pydicom
        from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        meta = pydicom.dataset.FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image = pydicom.dataset.Dataset()
        image.file_meta = meta
        image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        image.SeriesInstanceUID, image.StudyInstanceUID, image.FrameOfReferenceUID = series, "1.2.3", "1.2.9"
        image.PatientID, image.Modality, image.SeriesNumber = patient, modality, 1
        image.Rows = image.Columns = 2
        image.save_as(path, enforce_file_format=True)
        return path

    def gather(self, **wanted: Any) -> "Data":
        self.found = gather(self.root, Wanted(**wanted))
        return self

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """ID, image and mask."""
        return [(row.id, self.name(row.image), self.name(row.mask)) for row in self.found.rows]

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self.found.rows]

    @property
    def patients(self) -> list[str]:
        return [row.patient_id for row in self.found.rows]

    @property
    def reasons(self) -> dict[str, str]:
        """Why what is not paired."""
        start = f"{self.root}/"
        return {file.file.removeprefix(start): file.reason.replace(start, "") for file in self.found.unpaired}

    @property
    def remarks(self) -> str:
        return "\n".join(self.found.remarks).replace(f"{self.root}/", "")

    def more(self, row: int = 0) -> dict[str, str]:
        """Further sequences of a row."""
        return {column: self.name(path) for column, path in self.found.rows[row].more.items()}

    def name(self, path: Path) -> str:
        return str(path.relative_to(self.root))


@pytest.fixture
def data(tmp_path: Path) -> Data:
    root = tmp_path / "data"
    root.mkdir()
    return Data(root)
