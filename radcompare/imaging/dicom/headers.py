"""What a DICOM file says of itself."""

# mypy: untyped-calls-exclude="pydicom"
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from radcompare.errors import CaseError, RadcompareError

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.tag import BaseTag

Kind = Literal["image", "RTSTRUCT", "SEG", "other"]
MAGIC_AT, MAGIC = 128, b"DICM"
SUFFIXES = (".dcm", ".dicom", ".ima")
"""Of files that are DICOM also where they lack the 128 bytes and the letters at their start."""
PIXELS = 0x7FE00008
"""Float Pixel Data, the first of the tags that hold pixels."""
CONTOURS = 0x30060039
"""ROI Contour Sequence, most of what an RTSTRUCT holds."""


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM, by its first bytes, or else by its suffix.

    Raises:
        OSError: it cannot be read.
    """
    return has_magic(path) or path.suffix.lower() in SUFFIXES


def has_magic(path: Path) -> bool:
    """Whether a file starts as DICOM files do.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return stream.read(MAGIC_AT + len(MAGIC))[MAGIC_AT:] == MAGIC


def dicom_files(folder: Path) -> list[Path]:
    """The DICOM files of a folder itself, by name; whatever else lies there is passed over."""
    return [path for path in sorted(folder.iterdir()) if path.is_file() and is_dicom(path)]


def read_header(case: str, path: Path, only: Iterable[str | int] | None = None) -> "Dataset":
    """A file without its pixels.

    Args:
        case: for messages.
        path: the file.
        only: keywords of what is wanted, for speed; everything if None.

    Raises:
        CaseError: it is missing, damaged, or no DICOM.
    """
    with refusing_damaged(case, path):
        return read_tags(path, only)


def read_tags(path: Path, only: Iterable[str | int] | None = None, stop_at: int = PIXELS) -> "Dataset":
    """A file up to a tag; for those who catch what a damaged one raises, which may be anything.

    Args:
        path: the file.
        only: keywords or tags of what is wanted, contours and what follows them excepted; everything if None.
        stop_at: the first tag that is not read any more.

    Raises:
        Exception: it is missing, damaged, or no DICOM.
    """
    pydicom = quiet_pydicom()
    wanted = None if only is None else _tags((*only, *_ALWAYS))

    def stop(tag: int, _representation: str | None, _length: int) -> bool:
        return tag >= stop_at or (wanted is not None and tag == CONTOURS)

    with path.open("rb") as stream:
        header: Dataset = pydicom.filereader.read_partial(
            stream, stop, force=not has_magic(path), specific_tags=wanted
        )
    _refuse_cut(header)
    return header


def kind_of(header: "Dataset") -> Kind:
    """What a file can be used as; a dose is no image."""
    modality = text(header, "Modality")
    if modality in ("RTSTRUCT", "SEG"):
        return "RTSTRUCT" if modality == "RTSTRUCT" else "SEG"
    return "image" if modality != "RTDOSE" and "Rows" in header and "Columns" in header else "other"


def text(header: "Dataset", keyword: str) -> str:
    """A value in words, several joined as DICOM does; empty where there is none, as it stands where it is wrong."""
    try:
        value = header.get(keyword)
    except Exception:  # noqa: BLE001 - e.g. letters where a number belongs
        value = getattr(header.get_item(keyword), "value", None)
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if value is None:
        return ""
    several = not isinstance(value, str) and hasattr(value, "__iter__") and not hasattr(value, "components")
    return ("\\".join(str(part) for part in value) if several else str(value)).strip(" \0")


def quiet_pydicom() -> ModuleType:
    """The library, not commenting on values that stray from the standard: what is used of them is checked here."""
    import pydicom

    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    warnings.filterwarnings("ignore", module="pydicom")
    return pydicom


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
        raise CaseError(
            f"case {case}: {path} cannot be read as DICOM ({reason(error)})",
            "the file is damaged, incomplete or in an encoding that is not supported: export it again",
        ) from error


def reason(error: Exception) -> str:
    """The first line of what a library says of a damaged file."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0] if str(error) else type(error).__name__


_ALWAYS = ("SOPClassUID", "Modality", "Rows", "Columns")
"""What tells whether a file is whole, and what it can be used as."""


@cache
def _tags(names: tuple[str | int, ...]) -> "list[BaseTag]":
    """Keywords and numbers as tags; looked up once, for there are many files."""
    from pydicom.tag import Tag

    return [Tag(name) for name in names]


def _refuse_cut(header: "Dataset") -> None:
    """Files that end early are read without complaint up to there.

    Raises:
        ValueError: nothing of a DICOM file is in it, or an image has no size.
    """
    begun = header.file_meta.get("MediaStorageSOPClassUID")
    kinds = [uid for uid in (begun, header.get("SOPClassUID")) if uid is not None]
    directory = any(uid.name.startswith("Media Storage Directory") for uid in kinds)
    if not directory and not any(keyword in header for keyword in _ALWAYS):
        raise ValueError("no DICOM data set in it")
    if "Rows" not in header and any("Image Storage" in uid.name for uid in kinds):
        raise ValueError("it ends before the size of its image")
