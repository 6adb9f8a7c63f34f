"""What a DICOM file says of itself."""

# mypy: untyped-calls-exclude="pydicom"
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from radcompare.errors import CaseError, RadcompareError

if TYPE_CHECKING:
    from pydicom import Dataset

Kind = Literal["image", "RTSTRUCT", "SEG", "other"]
MAGIC_AT, MAGIC = 128, b"DICM"
SUFFIXES = (".dcm", ".dicom", ".ima")
"""Of files that are DICOM also where they lack the 128 bytes and the letters at their start."""


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM, by its first bytes, or else by its suffix.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(MAGIC_AT + len(MAGIC))
    return start[MAGIC_AT:] == MAGIC or path.suffix.lower() in SUFFIXES


def dicom_files(folder: Path) -> list[Path]:
    """The DICOM files of a folder itself, by name; whatever else lies there is passed over."""
    return [path for path in sorted(folder.iterdir()) if path.is_file() and is_dicom(path)]


def read_header(case: str, path: Path) -> "Dataset":
    """A file without its pixels.

    Raises:
        CaseError: it is missing, damaged, or no DICOM.
    """
    import pydicom

    with refusing_damaged(case, path):
        return pydicom.dcmread(path, force=not _has_magic(path), stop_before_pixels=True)


def kind_of(header: "Dataset") -> Kind:
    """What a file can be used as."""
    modality = str(header.get("Modality", ""))
    if modality in ("RTSTRUCT", "SEG"):
        return "RTSTRUCT" if modality == "RTSTRUCT" else "SEG"
    return "image" if "Rows" in header and "Columns" in header else "other"


@contextmanager
def refusing_damaged(case: str, path: Path) -> Iterator[None]:
    """Whatever a library says of a damaged file, as the one error that names the file.

    Raises:
        CaseError: the block raised something that was no error of ours.
    """
    try:
        yield
    except (RadcompareError, MemoryError):
        raise
    except (
        Exception
    ) as error:  # libraries that take bytes apart raise anything, from AttributeError to struct.error
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CaseError(
            f"case {case}: {path} cannot be read as DICOM ({said})",
            "the file is damaged, incomplete or in an encoding that is not supported: export it again",
        ) from error


def _has_magic(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(MAGIC_AT + len(MAGIC))[MAGIC_AT:] == MAGIC
